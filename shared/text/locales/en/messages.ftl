# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, and no emoji;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = This mail was sent by Campus automatically. Replies are not read.
# Of what the settings ask for; says how to stop it.
mail-footer-alert = This mail was sent by Campus automatically, because your settings ask for it. To stop such mails, use the unsubscribe button of your mail program or turn them off in the notification settings of Campus. Replies are not read.

## Verification codes

# What a code is for; $purpose is the word of the API. The first is for an SMS.
purpose-short = { $purpose ->
    [sign_up] sign up
    [sign_in] sign in
    [change_phone] change phone
    [change_email] change email
    [change_password] change password
    [reset_password] reset password
    [join_school] join your school
    [delete_account] delete account
   *[other] continue
}
purpose = { $purpose ->
    [sign_up] sign up
    [sign_in] sign in
    [change_phone] change your phone number
    [change_email] change your email address
    [change_password] change your password
    [reset_password] reset your password
    [join_school] join your school
    [delete_account] delete your account
   *[other] continue
}

message-verification-code =
    .sms = [Campus] Code { $code } to { purpose-short }. Valid { $minutes } min. Don't share.
    .subject = [Campus] Your code to { purpose }
    .lead = Enter this code to { purpose }.
    .rest =
        The code is valid for { $minutes ->
            [one] 1 minute
           *[other] { $minutes } minutes
        }.

        Do not share it with anyone. Nobody from Campus will ever ask you for it.

        If you did not ask for this code, you can ignore this mail.

## Security of the account

message-token-reused =
    .sms = [Campus] A sign-in was ended: its key was used twice. Sign in again.
    .subject = [Campus] We ended a sign-in to protect your account
    .lead = One of your devices was signed out, because its secret key was used a second time. Someone may have copied it.
    .rest =
        Sign in again on that device. If you do not know what happened, change your password and end the sign-ins that you do not recognise.

        Your other devices stay signed in.

## Screenings

# $film is a title, $place a library and perhaps a room, $when a day and a time. A text message has the library alone,
# and both are shortened to fit. A screening's messages also have the attributes
#   .title    of the entry in the inbox, without any value that someone typed;
#   .text     what the entry says.

message-screening-announced =
    .sms = [Campus] New: '{ $film }', { $when }, { $place }
    .subject = [Campus] A film that you want to see will be shown
    .lead =
        A film that you want to see will be shown.

        '{ $film }'

        { $when }, { $place }
    .rest = Plans can change. If they do, we tell you as your settings say.
    .title = A film that you want to see will be shown
    .text = '{ $film }' will be shown: { $when }, { $place }

message-screening-tomorrow =
    .sms = [Campus] Tomorrow: '{ $film }', { $when }, { $place }
    .subject = [Campus] A film that you want to see is shown tomorrow
    .lead =
        A film that you want to see is shown tomorrow.

        '{ $film }'

        { $when }, { $place }
    .rest = If you cannot come, take the film off your wish list, and we do not remind you again.
    .title = A film that you want to see is shown tomorrow
    .text = '{ $film }' is shown tomorrow: { $when }, { $place }

message-screening-soon =
    .sms = [Campus] Soon: '{ $film }', { $when }, { $place }
    .subject = [Campus] A film that you want to see begins soon
    .lead =
        A film that you want to see begins soon.

        '{ $film }'

        { $when }, { $place }
    .rest = How long before a screening you are reminded is up to your notification settings.
    .title = A film that you want to see begins soon
    .text = '{ $film }' begins soon: { $when }, { $place }

message-screening-moved =
    .sms = [Campus] Moved: '{ $film }', { $when }, { $place }
    .subject = [Campus] The screening of a film that you want to see has changed
    .lead =
        The screening of a film that you want to see has another time or place.

        '{ $film }'

        It is now shown: { $when }, { $place }
    .rest = What we told you before does not hold any more.
    .title = The screening of a film that you want to see has changed
    .text = '{ $film }' has another time or place: { $when }, { $place }

message-screening-cancelled =
    .sms = [Campus] Cancelled: '{ $film }', { $when }, { $place }
    .subject = [Campus] The screening of a film that you want to see was cancelled
    .lead =
        The screening of a film that you want to see was cancelled.

        '{ $film }'

        It was planned for: { $when }, { $place }
    .rest = If the film is shown another time, we tell you as your settings say.
    .title = The screening of a film that you want to see was cancelled
    .text = '{ $film }' was cancelled: { $when }, { $place }
