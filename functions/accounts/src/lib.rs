//! Accounts: captcha, verification codes, sign-up, one's own account and all data of it, schools, the service's own
//! endpoints, and what operators have of it: the keys that sign, the first admin, the audit.

pub mod activations;
pub mod admins;
pub mod audit;
pub mod availability_checks;
pub mod captcha_challenges;
mod error;
pub mod exports;
pub mod identities;
pub mod links;
pub mod oauth;
mod outbound;
pub mod password_resets;
pub mod passwords;
pub mod purges;
pub mod schools;
pub mod security_events;
pub mod service;
pub mod sessions;
pub mod signing_keys;
pub mod token_refreshes;
pub mod users;
pub mod verification_codes;

use campus_endpoint::{Describes, Registry};
pub use error::Error;

/// The domain's endpoints, workers and commands.
#[must_use]
pub fn registry<D: Describes>() -> Registry<D> {
    Registry::new("accounts")
        .add::<captcha_challenges::create_captcha_challenge::CreateCaptchaChallenge>()
        .add::<captcha_challenges::solve_captcha_challenge::SolveCaptchaChallenge>()
        .add::<verification_codes::create_verification_code::CreateVerificationCode>()
        .add::<verification_codes::confirm_verification_code::ConfirmVerificationCode>()
        .add::<availability_checks::check_availability::CheckAvailability>()
        .add::<users::create_user::CreateUser>()
        .add::<activations::create_activation::CreateActivation>()
        .add::<password_resets::create_password_reset::CreatePasswordReset>()
        .add::<password_resets::complete_password_reset::CompletePasswordReset>()
        .add::<users::get_current_user::GetCurrentUser>()
        .add::<users::update_current_user::UpdateCurrentUser>()
        .add::<users::delete_current_user::DeleteCurrentUser>()
        .add::<users::replace_password::ReplacePassword>()
        .add::<users::replace_email::ReplaceEmail>()
        .add::<users::replace_phone::ReplacePhone>()
        .add::<users::delete_phone::DeletePhone>()
        .add::<users::replace_school::ReplaceSchool>()
        .add::<security_events::list_security_events::ListSecurityEvents>()
        .add::<sessions::create_session::CreateSession>()
        .add::<sessions::list_sessions::ListSessions>()
        .add::<sessions::delete_current_session::DeleteCurrentSession>()
        .add::<sessions::delete_session::DeleteSession>()
        .add::<sessions::delete_other_sessions::DeleteOtherSessions>()
        .add::<token_refreshes::create_token_refresh::CreateTokenRefresh>()
        .add::<oauth::create_oauth_authorization::CreateOauthAuthorization>()
        .add::<oauth::create_oauth_session::CreateOauthSession>()
        .add::<oauth::create_oauth_registration::CreateOauthRegistration>()
        .add::<identities::list_identities::ListIdentities>()
        .add::<identities::create_identity::CreateIdentity>()
        .add::<identities::delete_identity::DeleteIdentity>()
        .add::<schools::list_schools::ListSchools>()
        .add::<schools::create_school::CreateSchool>()
        .add::<schools::get_school::GetSchool>()
        .add::<schools::update_school::UpdateSchool>()
        .add::<schools::delete_school::DeleteSchool>()
        .add::<admins::search_users::SearchUsers>()
        .add::<admins::update_user::UpdateUser>()
        .add::<admins::delete_user::DeleteUser>()
        .add::<exports::create_export::CreateExport>()
        .add::<exports::list_exports::ListExports>()
        .add::<exports::get_export::GetExport>()
        .add::<exports::download_export::DownloadExport>()
        .worker::<exports::hear_in_accounts::HearInAccounts>()
        .add::<service::get_key_set::GetKeySet>()
        .add::<service::get_health::GetHealth>()
        .add::<service::get_api_description::GetApiDescription>()
        .worker::<purges::purge_accounts::PurgeAccounts>()
        .worker::<signing_keys::rotate_keys::RotateKeys>()
        .command::<signing_keys::revoke_signing_keys::RevokeSigningKeys>()
        .command::<admins::appoint_admin::AppointAdmin>()
}
