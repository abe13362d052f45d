# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, and no emoji;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = This mail was sent by Campus automatically. Replies are not read.

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
