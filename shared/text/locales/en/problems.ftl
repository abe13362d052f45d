# Why a request was refused: the value is the title, `.detail` says what to do next.
# Message ids are `problem-` and the code with dashes. The only argument is $wait, a length of time.

# Stands in for a code that has no text here.
problem-unknown = The request was not completed
    .detail = We have no further explanation for this code. If you need help, tell us the request id.

## The request itself

problem-malformed-json = Unreadable JSON
    .detail = The body of the request could not be read as JSON. Check how it is written and send it again.
problem-unknown-query-parameter = Unknown query parameter
    .detail = The address contains a query parameter that this request does not take. Remove it and try again.
problem-validation-failed = Some fields need a correction
    .detail = Correct the fields listed under errors, then send the request again.
problem-not-found = Not found
    .detail = There is nothing at this address, or it is not visible to you. Check the address and try again.
problem-method-not-allowed = Method not allowed
    .detail = This address does not take that method. Use one that the Allow header names.
problem-payload-too-large = Too large
    .detail = The request is larger than this address accepts. Send less at a time.
problem-unsupported-media-type = Content type not supported
    .detail = Send the content type that this address takes, usually application/json.
problem-cursor-invalid = Place in the list not valid
    .detail = This place in the list cannot be opened. Load the list again from its start.
problem-idempotency-key-reused = Idempotency key already used
    .detail = This Idempotency-Key belongs to another request. Send this one with a new key.
problem-idempotency-in-progress = Still in progress
    .detail = The first request with this Idempotency-Key is still running. Wait a moment, then send it again.
problem-precondition-failed = Changed in the meantime
    .detail = This was changed after you loaded it. Load it again, then repeat your change.
problem-conflict = Conflict
    .detail = This does not fit with what is stored now. Load it again, then try once more.

## On our side

problem-internal = Something went wrong
    .detail = This is our mistake, not yours. Please try again in a moment. If it keeps happening, tell us the request id.
problem-service-unavailable = Temporarily unavailable
    .detail = A part of the service is not available right now. Please try again in a moment.
problem-deadline-exceeded = It took too long
    .detail = The request took too long and was stopped. Please try again in a moment.
problem-gateway-timeout = No answer in time
    .detail = A service that we rely on did not answer in time. Please try again in a moment.
problem-rate-limited = Too many requests
    .detail = There were too many requests. Please try again in { $wait }.

## Sign-in and permission

problem-token-missing = Please sign in
    .detail = You need to be signed in for this. Sign in and try again.
problem-token-invalid = Sign-in not recognised
    .detail = We could not recognise your sign-in. Please sign in again.
problem-token-expired = Sign-in expired
    .detail = Your sign-in has expired. Refresh it, or sign in again.
problem-token-revoked = Signed out
    .detail = This sign-in has been ended. Please sign in again.
problem-session-suspended = Account suspended
    .detail = This account is suspended, so it cannot be used now. If you think this is a mistake, please contact us.
problem-forbidden = Not allowed
    .detail = Your account is not allowed to do this. If you think it should be, please contact us.
problem-school-not-verified = School not verified
    .detail = Please verify your school first, then try again.
problem-credentials-wrong = Wrong login or password
    .detail = The login or the password is wrong. Check both and try again, or sign in with a code.
problem-sign-in-delayed = Too many wrong passwords
    .detail = A wrong password was entered too many times. Please try again in { $wait }, or sign in with a code.
problem-sign-in-code-required = Sign in with a code
    .detail = A wrong password was entered so often that only a code can be used to sign in now. Ask for one by SMS or mail.
problem-refresh-token-missing = Please sign in
    .detail = There is no refresh token in the request. Sign in and try again.
problem-refresh-token-invalid = Sign-in not recognised
    .detail = We could not recognise this refresh token. Please sign in again.
problem-refresh-token-expired = Sign-in expired
    .detail = Your sign-in was not used for too long, or has reached its age limit. Please sign in again.
problem-refresh-token-revoked = Signed out
    .detail = This sign-in has been ended. Please sign in again.
problem-session-not-found = No such sign-in
    .detail = None of your sign-ins has this id. Load the list of your devices again.
problem-csrf-required = Security token missing
    .detail = The x-csrf-token header must match the csrf_token cookie. Reload the page and try again.
problem-account-not-found = No such account
    .detail = We found no account for this. Check what you entered, or sign up.

## Captcha

problem-captcha-required = Captcha needed
    .detail = Please complete the captcha first, then try again.
problem-captcha-failed = Captcha not passed
    .detail = The captcha was not accepted. Please try it once more, or start a new one.
problem-captcha-unavailable = Captcha not available
    .detail = The captcha service does not answer, and nothing is sent or looked up without it. Please wait { $wait }, then start a new captcha.
problem-captcha-expired = Captcha expired
    .detail = The captcha has expired or was already used. Please complete a new one.
problem-captcha-not-found = No such captcha
    .detail = We do not know this captcha. Please start a new one.

## Verification codes

problem-code-mismatch = Wrong code
    .detail = This is not the code that we sent. Check the latest message and enter its six digits.
problem-code-expired = Code no longer valid
    .detail = This code has expired, was already used, or was replaced by a newer one. Please ask for a new code.
problem-guesses-exhausted = Too many wrong codes
    .detail = A wrong code was entered too many times. Please ask for a new code in { $wait }.
problem-resend-too-soon = A code was just sent
    .detail = We sent a code a moment ago. You can ask for another one in { $wait }.
problem-daily-limit-reached = Daily limit reached
    .detail = We have sent as many codes as we may in a day. You can ask for another one in { $wait }.
problem-address-limit-reached = Too many codes for this network
    .detail = Too many codes were sent at the request of your network. Please try again in { $wait }, or use another network.
problem-prefix-blocked = Too many unanswered codes
    .detail = Too few of the codes that went to numbers like yours were entered, so no text messages go there for now. Please try again in { $wait }, or use a mail address instead.
problem-sms-budget-exhausted = No text messages left
    .detail = We have sent as many codes by text message as we may. Please try again in { $wait }, or use a mail address instead.

## Proofs of a number or address

problem-proof-required = Verification needed
    .detail = Please verify your phone number or email address with a code first.
problem-proof-invalid = Verification not recognised
    .detail = We could not recognise this verification. Please verify again with a new code.
problem-proof-expired = Verification expired
    .detail = Too much time has passed since you entered the code. Please verify again with a new one.
problem-proof-spent = Verification already used
    .detail = A verification can be used once, and this one was. Please verify again with a new code.
problem-proof-mismatch = Verified for something else
    .detail = What you entered is not what was verified. Enter the verified phone number or email address, or verify this one.

## Already in use

problem-phone-taken = Phone number already in use
    .detail = Another account uses this phone number. Sign in with it, or enter another one.
problem-email-taken = Email address already in use
    .detail = Another account uses this email address. Sign in with it, or enter another one.
problem-username-taken = Username already in use
    .detail = Someone else has this username. Please choose another one.
problem-nickname-taken = Nickname already in use
    .detail = Someone else has this nickname. Please choose another one.
problem-school-name-taken = School already there
    .detail = There is a school of this name already. Change that one, or choose another name.

## Schools

problem-school-not-found = No such school
    .detail = We found no school with this id. Load the list of schools again.

## Accounts

problem-activation-required = Activation needed
    .detail = We sent you a mail with a link when you signed up. Follow it first. To have it sent again, ask for a new password.
problem-account-suspended = Account suspended
    .detail = This account is suspended. If you think this is a mistake, please contact us.
problem-link-invalid = Link not recognised
    .detail = We could not recognise this link. Check that you copied it whole, or ask for a new one.
problem-link-expired = Link expired
    .detail = This link is no longer valid. Please ask for a new one.
problem-link-spent = Link already used
    .detail = This link was already used. Sign in, or ask for a new one.
problem-password-wrong = Wrong current password
    .detail = This is not your current password. Check it and try again, or use a code.
problem-password-checks-exhausted = Too many wrong passwords
    .detail = Your current password was asked for too many times. Please try again in { $wait }, or use a code.
problem-password-not-set = No password
    .detail = This account has no password. Use a code by text or email instead; add a phone number or email address first if it has none.
problem-phone-unchanged = Your number already
    .detail = This is already the phone number of your account. Enter another one.
problem-email-unchanged = Your address already
    .detail = This is already the email address of your account. Enter another one.
problem-school-email-taken = School address already used
    .detail = Another account has proven its school by this address. Use your own, or contact us.
problem-own-account = Your own account
    .detail = Another admin has to change your account.
problem-account-not-active = Account not in use
    .detail = This account is not activated, or it was deleted. It cannot be changed like this.
problem-account-is-admin = Account of an admin
    .detail = The account of an admin cannot be deleted. Take the role away first.

## Signing in by accounts elsewhere

problem-provider-not-offered = Not offered
    .detail = You cannot sign in by that provider here. Please choose another way.
problem-provider-unavailable = Provider not reachable
    .detail = The provider does not answer at the moment. Please try again in { $wait }, or choose another way to sign in.
problem-provider-token-invalid = Not recognised by the provider
    .detail = The provider does not confirm this sign-in for Campus. Please begin again.
problem-state-invalid = Sign-in not recognised
    .detail = This sign-in was not begun here, or by someone else. Please begin again.
problem-state-expired = Sign-in over
    .detail = This sign-in took too long or was already completed. Please begin again.
problem-authorization-code-invalid = Not confirmed by the provider
    .detail = The provider does not accept this sign-in any more. Please begin again.
problem-ticket-invalid = Sign-up not recognised
    .detail = We could not recognise this sign-up. Please sign in by your provider again.
problem-ticket-expired = Sign-up over
    .detail = Too much time has passed, or this sign-up was already completed. Please sign in by your provider again.
problem-identity-taken = Already linked
    .detail = This account elsewhere belongs to another account here, or yours is linked to another one there. Sign in with the one that is linked, with a code, or with your password.
problem-last-way-in = Your only way in
    .detail = Without this you could not sign in any more. First set a password, verify a number or an address, or link another account.

## Screenings

problem-library-not-found = No such library
    .detail = We found no library with this id. Load the list of libraries again.
problem-film-not-found = No such film
    .detail = We found no film with this id. Load the list of films again.
problem-screening-not-found = No such screening
    .detail = We found no screening with this id. It may have been cancelled. Load the list of screenings again.
problem-library-in-use = Screenings are still to come here
    .detail = This library has screenings that are still to come. Cancel or move them first, then delete the library.
problem-film-in-use = Screenings are still to come
    .detail = This film has screenings that are still to come. Cancel them first, then delete the film.
problem-screening-cancelled = The screening was cancelled
    .detail = A cancelled screening cannot be changed any more. Announce a new one instead.

## Notifications

problem-phone-not-verified = No verified phone number
    .detail = Verify your phone number first, then turn text messages on.
problem-notification-not-found = No such notification
    .detail = This notification does not exist or was deleted. Load your notifications again.
problem-unsubscription-not-found = This unsubscribe link is not valid
    .detail = Use the unsubscribe button of the mail again, or turn such mails off in the notification settings of Campus.
problem-export-not-found = Export not found
    .detail = Please check the address, or ask for another export of your data.
problem-export-expired = This link is no longer valid
    .detail = The link has expired, or its export was deleted. Get a new link in your settings, or ask for another export.
problem-export-limit-reached = Daily limit reached
    .detail = You have asked for as many exports as you may in a day. You can ask for another one in { $wait }.
