# What is wrong with one field. Message ids are `field-` and the code with dashes; the variables are
# the bounds of that variant of `campus_domain::Invalid`.

# Stands in for a code that has no text here.
field-unknown = Please check this field.

field-required = Please fill this in.
field-null-not-allowed = This cannot be left empty.
field-wrong-type = This is not the kind of value that belongs here.
field-repeated = This was sent more than once. Send it once.
field-unknown-value = This is not one of the possible values.
field-too-short = Please use at least { $min ->
    [one] 1 character
   *[other] { $min } characters
}.
field-too-long = Please use at most { $max ->
    [one] 1 character
   *[other] { $max } characters
}.
field-too-many = There can be at most { $max } of these.
field-out-of-range = Please enter a number from { $min } to { $max }.
field-character-not-allowed = This contains a character that is not allowed here. Please remove it.
field-reserved = This name is reserved. Please choose another one.
field-phone-invalid = Please enter a valid phone number.
field-phone-country-not-allowed = We cannot send messages to phone numbers of this country. Please use another number.
field-phone-not-for-tests = This stage only sends messages to the numbers that are listed for it. Please use one of them.
field-phone-not-mobile = Please enter the number of a mobile phone.
field-email-invalid = Please enter a valid email address.
field-login-invalid = Please enter a username, phone number or email address.
field-domain-format = Please enter a domain such as campus.example, without @.
field-code-format = Please enter the six digits of the code.
field-password-too-common = This password is easy to guess. Please choose a longer or less common one.
field-password-contains-name = Please choose a password without your username, phone number or email address.
field-password-mismatch = The two passwords differ. Please enter the same one twice.
field-terms-not-accepted = Please accept the terms to continue.
field-time-zone-unknown = We do not know this time zone. Please choose one such as Asia/Seoul.
field-time-format = Please enter a time of day such as 09:30.
field-instant-format = Please enter a time such as 2026-11-20T09:00:00Z.
field-moment-format = Please enter a time such as 2026-11-20T09:00:00Z or a date such as 2026-11-20.
field-ends-before-start = The end must come after the beginning.
field-nothing-between = The beginning and the end are the same. Please enter two different times.
field-locale-unknown = Please choose Korean (ko), English (en) or Simplified Chinese (zh).
field-id-format = This is not a valid id. Please check it.
field-url-format = Please enter a whole web address such as https://library.example.
field-school-unknown = We do not know this school. Please choose one from the list.
field-library-unknown = We do not know this library. Please choose one from the list.
field-film-unknown = We do not know this film. Please choose one from the list.
field-proof-required = Please verify your phone number or email address with a code.
field-channel-not-for-purpose = A code for this purpose cannot be sent this way.
field-target-not-own = Enter the verified phone number or email address of your account.
field-one-needed = Give exactly one of these.
field-past = This time is already over.
