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

## Links

# By mail only. $wait is how long the link is good.

message-activation-link =
    .subject = [Campus] Confirm your email address to begin
    .lead = Welcome to Campus. Follow this link to confirm your email address and to sign in for the first time.
    .rest =
        The link can be used once, within { $wait }. After that, your names are free again for others, and you can sign up anew.

        If you did not sign up, you can ignore this mail.

message-password-reset-link =
    .subject = [Campus] Set a new password
    .lead = Follow this link to set a new password.
    .rest =
        The link can be used once, within { $wait }.

        If you did not ask for it, you can ignore this mail. Your password stays as it is.

## Security of the account

# $days is for how long a deleted account can be taken back.

message-token-reused =
    .sms = [Campus] A sign-in was ended: its key was used twice. Sign in again.
    .subject = [Campus] We ended a sign-in to protect your account
    .lead = One of your devices was signed out, because its secret key was used a second time. Someone may have copied it.
    .rest =
        Sign in again on that device. If you do not know what happened, change your password and end the sign-ins that you do not recognise.

        Your other devices stay signed in.

message-new-device =
    .sms = [Campus] A new device signed in. Not you? Change your password.
    .subject = [Campus] A new device signed in to your account
    .lead = Someone signed in to your account on a device that we have not seen before.
    .rest = If that was you, there is nothing to do. If not, change your password now: that signs out every other device.

message-password-changed =
    .sms = [Campus] Your password was changed. Not you? Set a new one now.
    .subject = [Campus] Your password was changed
    .lead = The password of your account was changed. All other devices were signed out.
    .rest = If that was not you, set a new password now with the link on the sign-in page.

message-password-reset =
    .sms = [Campus] A new password was set. Not you? Set another one now.
    .subject = [Campus] Your password was set anew
    .lead = A new password was set for your account. All devices were signed out.
    .rest = If that was not you, set a new password now with the link on the sign-in page, and check your email account, too.

# The old address is told by mail, of the first one a phone by text; with numbers it is the other way round.
message-email-changed =
    .sms = [Campus] An email address was added. Not you? Change your password.
    .subject = [Campus] Your email address was changed
    .lead = The email address of your account was changed. We do not write to this one any more.
    .rest = If that was not you, sign in and change your password now, or contact us.

message-phone-changed =
    .sms = [Campus] Your phone number was changed. Not you? Change your password.
    .subject = [Campus] A phone number was added to your account
    .lead = A phone number was added to your account. You can sign in by it now.
    .rest = If that was not you, sign in, remove it and change your password now, or contact us.

message-phone-removed =
    .sms = [Campus] Your phone number was removed. Not you? Contact us.
    .subject = [Campus] Your phone number was removed
    .lead = The phone number was removed from your account. We do not text it any more.
    .rest = If that was not you, sign in and change your password now, or contact us.

message-identity-linked =
    .sms = [Campus] Another account can sign you in now. Not you? Unlink it.
    .subject = [Campus] Another way to sign in was added
    .lead = An account of yours elsewhere was linked to your account. You can sign in by it now.
    .rest = If that was not you, sign in, unlink it and change your password now, or contact us.

message-identity-unlinked =
    .sms = [Campus] A way to sign in was removed. Not you? Contact us.
    .subject = [Campus] A way to sign in was removed
    .lead = An account elsewhere was unlinked from your account. Nobody can sign in by it any more.
    .rest = If that was not you, sign in and look at your account now, or contact us.

message-deleted =
    .sms = [Campus] Your account was deleted. To keep it, sign in within { $days } days.
    .subject = [Campus] Your account was deleted
    .lead =
        Your account was deleted. Others do not see it any more, and you get no more messages from it.

        In { $days } days everything in it will be gone for good.
    .rest = If you change your mind, or if that was not you, sign in before then, and everything is as it was.

message-restored =
    .sms = [Campus] You signed in: your account is back. Not you? Contact us.
    .subject = [Campus] Your account is back
    .lead = You signed in, so your account will not be deleted. Everything is as it was.
    .rest = If that was not you, change your password now.

message-export-requested =
    .sms = [Campus] Someone asked for your data. Not you? Change your password.
    .subject = [Campus] A copy of your data was asked for
    .lead = Someone who is signed in to your account asked for a copy of all its data.
    .rest = If that was not you, change your password now: that signs out every other device.

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
    .subject = [Campus] A film that you want to see is coming up
    .lead =
        A film that you want to see is coming up.

        '{ $film }'

        { $when }, { $place }
    .rest = How long before a screening you are reminded is up to your notification settings.
    .title = A film that you want to see is coming up
    .text = '{ $film }' is coming up: { $when }, { $place }

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
