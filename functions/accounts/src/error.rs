//! How accounts can refuse, and how each refusal is told: the domain's one table to HTTP.

use campus_domain::Invalid;
use campus_endpoint::{
    CursorInvalid, FieldError, IntoProblem, PreconditionFailed, Problem, WorkError, csrf_required, problem,
    token_missing,
};
use campus_secrets::SecretError;
use campus_session::SigningError;
use campus_store::{Attributes, MayRace, StoreError};
use http::header::WWW_AUTHENTICATE;

use crate::users::Suspension;

/// Until a maker of captchas that is down may be up again. A client asks for a new challenge then.
const CAPTCHA_RETRY_SECONDS: i64 = 30;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No captcha token, or one that is foreign, expired or used up: in each case a captcha must be solved.
    #[error("a captcha must be solved")]
    CaptchaRequired,
    /// The answer does not solve the challenge.
    #[error("the captcha was not solved")]
    CaptchaFailed,
    /// The maker of captchas has no answer, or had none when the challenge began: nothing is sent without.
    #[error("the maker of captchas has no answer")]
    CaptchaUnavailable,
    /// There is no such challenge.
    #[error("no such captcha challenge")]
    CaptchaNotFound,
    /// The challenge has expired or was solved before.
    #[error("the captcha challenge is over")]
    CaptchaExpired,
    /// One code was sent less than a minute ago.
    #[error("a code was sent just now")]
    ResendTooSoon {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// Ten codes were sent to the target today.
    #[error("the target's codes of the day are used up")]
    DailyLimit {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// The client address has used up its codes of the hour.
    #[error("the address's codes of the hour are used up")]
    AddressLimit {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// Too few of the codes to numbers like this one were told back.
    #[error("the number's prefix is blocked")]
    PrefixBlocked {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// The text messages of the hour or of the day are used up.
    #[error("the budget of text messages is used up")]
    SmsBudgetExhausted {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// The code is another one.
    #[error("the code does not match")]
    CodeMismatch,
    /// There is no such code (any more): it expired, was replaced, or was used.
    #[error("the code is over")]
    CodeExpired,
    /// The target's guesses are used up.
    #[error("the target's guesses are used up")]
    GuessesExhausted {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// The proof is not one of ours.
    #[error("the proof is not valid")]
    ProofInvalid,
    /// The proof is of another target than the one given.
    #[error("the proof is of another target")]
    ProofMismatch,
    /// The proof is too old.
    #[error("the proof has expired")]
    ProofExpired,
    /// The proof was used before.
    #[error("the proof was used")]
    ProofSpent,
    /// Someone has the phone number.
    #[error("the phone number is taken")]
    PhoneTaken,
    /// Someone has the mail address.
    #[error("the mail address is taken")]
    EmailTaken,
    /// Someone has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Someone has the nickname.
    #[error("the nickname is taken")]
    NicknameTaken,
    /// There is no such school.
    #[error("no such school")]
    SchoolNotFound,
    /// There is a school of the name.
    #[error("the name of the school is taken")]
    SchoolNameTaken,
    /// The session's account is gone.
    #[error("no such account")]
    AccountNotFound,
    /// Nobody has the login, or not with this password: which of them is nobody's business.
    #[error("the login or the password is wrong")]
    CredentialsWrong,
    /// The client's address failed too often at this account.
    #[error("too many failures from this address")]
    SignInDelayed {
        /// Seconds until the next attempt.
        retry_after: i64,
    },
    /// So many passwords were wrong that none is compared any more.
    #[error("only a code signs in")]
    SignInCodeRequired,
    /// There is no refresh token in body or cookie.
    #[error("no refresh token")]
    RefreshTokenMissing,
    /// The refresh token is not one of ours.
    #[error("the refresh token is invalid")]
    RefreshTokenInvalid,
    /// The refresh token, or its session, is too old.
    #[error("the refresh token has expired")]
    RefreshTokenExpired,
    /// The session has ended.
    #[error("the session has ended")]
    RefreshTokenRevoked,
    /// The account is suspended.
    #[error("the account is suspended")]
    SessionSuspended,
    /// The account was made with a mail address whose link was not followed yet.
    #[error("the account is not activated")]
    ActivationRequired,
    /// The account is suspended; told to who knows its password, with the reason.
    #[error("the account is suspended")]
    AccountSuspended(Option<Suspension>),
    /// The link is not one of ours.
    #[error("the link is not valid")]
    LinkInvalid,
    /// There is no such link (any more).
    #[error("the link has expired")]
    LinkExpired,
    /// The link was used before.
    #[error("the link was used")]
    LinkSpent,
    /// A code of this purpose is for someone who is signed in.
    #[error("a session is needed")]
    SessionRequired,
    /// The current password is another one.
    #[error("the current password is another one")]
    PasswordWrong,
    /// The current password was asked for too often.
    #[error("too many passwords were compared")]
    PasswordChecksExhausted {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// The account has no password.
    #[error("the account has no password")]
    PasswordNotSet,
    /// The phone number is the account's own already.
    #[error("the phone number is unchanged")]
    PhoneUnchanged,
    /// The mail address is the account's own already.
    #[error("the mail address is unchanged")]
    EmailUnchanged,
    /// Someone else has proven to belong to the school by this address.
    #[error("the school address is taken")]
    SchoolEmailTaken,
    /// Nobody does that to their own account.
    #[error("the account is the caller's own")]
    OwnAccount,
    /// The caller was an admin when the request began, and is none any more.
    #[error("the caller is no admin any more")]
    NoAdminAnyMore,
    /// The account is not in use.
    #[error("the account is not in use")]
    AccountNotActive,
    /// Admins are neither deleted nor purged.
    #[error("the account is an admin's")]
    AccountIsAdmin,
    /// A write with cookies lacks its token.
    #[error("a write with cookies lacks its token")]
    CsrfRequired,
    /// The caller has no such session.
    #[error("no such session")]
    SessionNotFound,
    /// The caller has no such export, or the link to one is not one that Campus made.
    #[error("no such export")]
    ExportNotFound,
    /// The link's time is over, or its export is gone.
    #[error("the link to the export is over")]
    ExportExpired,
    /// The caller's exports of the day are used up.
    #[error("the exports of the day are used up")]
    ExportLimit {
        /// Seconds until the next.
        retry_after: i64,
    },
    /// Nobody can sign in by that provider here.
    #[error("the provider is not offered")]
    ProviderNotOffered,
    /// The provider is down, slow, or makes no sense.
    #[error("the provider has no answer")]
    ProviderUnavailable {
        /// Seconds until it may be asked again.
        retry_after: i64,
    },
    /// The provider's token is not its own, not for this stage, or over.
    #[error("the provider's token is not valid")]
    ProviderTokenInvalid,
    /// The state is not one of ours, of another provider, or of someone else's visit.
    #[error("the state does not match")]
    StateInvalid,
    /// The visit took too long, or something came of it before.
    #[error("the visit to the provider is over")]
    StateExpired,
    /// The provider does not take the code, or what it gives for it is of another visit.
    #[error("the provider does not take the code")]
    AuthorizationCodeInvalid,
    /// The ticket is not one of ours, or of another provider.
    #[error("the ticket is not valid")]
    TicketInvalid,
    /// The ticket is too old, or was used.
    #[error("the ticket is over")]
    TicketExpired,
    /// The identity is another account's; or the account has another one of that provider.
    #[error("the identity is taken")]
    IdentityTaken,
    /// Without it nobody could sign in to the account any more.
    #[error("it is the last way in")]
    LastWayIn,
    /// What is to be changed is not as the client has seen it.
    #[error(transparent)]
    PreconditionFailed(#[from] PreconditionFailed),
    /// The cursor was not made for this list.
    #[error(transparent)]
    CursorInvalid(#[from] CursorInvalid),
    /// Fields, by JSON pointer, are wrong in ways that only stored state or the settings tell.
    #[error("fields are wrong")]
    Fields(Vec<(&'static str, Invalid)>),
    /// Another request was faster; the handler tries again.
    #[error("another request changed the same things")]
    Raced,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Tokens cannot be issued.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Something else went wrong.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl IntoProblem for Error {
    fn problem(&self) -> Problem {
        match self {
            Self::CaptchaRequired => problem(403, "captcha_required"),
            Self::CaptchaFailed => problem(400, "captcha_failed"),
            Self::CaptchaUnavailable => {
                problem(503, "captcha_unavailable").retry_after(CAPTCHA_RETRY_SECONDS).caused_by(self)
            }
            Self::CaptchaNotFound => problem(404, "captcha_not_found"),
            Self::CaptchaExpired => problem(410, "captcha_expired"),
            Self::ResendTooSoon { retry_after } => problem(429, "resend_too_soon").retry_after(*retry_after),
            Self::DailyLimit { retry_after } => problem(429, "daily_limit_reached").retry_after(*retry_after),
            Self::AddressLimit { retry_after } => problem(429, "address_limit_reached").retry_after(*retry_after),
            Self::PrefixBlocked { retry_after } => problem(429, "prefix_blocked").retry_after(*retry_after),
            Self::SmsBudgetExhausted { retry_after } => problem(429, "sms_budget_exhausted").retry_after(*retry_after),
            Self::CodeMismatch => problem(400, "code_mismatch"),
            Self::CodeExpired => problem(410, "code_expired"),
            Self::GuessesExhausted { retry_after } => problem(429, "guesses_exhausted").retry_after(*retry_after),
            Self::ProofInvalid => problem(400, "proof_invalid"),
            Self::ProofMismatch => problem(400, "proof_mismatch"),
            Self::ProofExpired => problem(410, "proof_expired"),
            Self::ProofSpent => problem(410, "proof_spent"),
            Self::PhoneTaken => problem(409, "phone_taken"),
            Self::EmailTaken => problem(409, "email_taken"),
            Self::UsernameTaken => problem(409, "username_taken"),
            Self::NicknameTaken => problem(409, "nickname_taken"),
            Self::SchoolNotFound => problem(404, "school_not_found"),
            Self::SchoolNameTaken => problem(409, "school_name_taken"),
            Self::AccountNotFound => problem(404, "account_not_found"),
            Self::CredentialsWrong => unauthorized("credentials_wrong", ""),
            Self::SignInDelayed { retry_after } => problem(429, "sign_in_delayed").retry_after(*retry_after),
            Self::SignInCodeRequired => problem(403, "sign_in_code_required"),
            Self::RefreshTokenMissing => unauthorized("refresh_token_missing", ""),
            Self::RefreshTokenInvalid => unauthorized("refresh_token_invalid", ", error=\"invalid_token\""),
            Self::RefreshTokenExpired => unauthorized("refresh_token_expired", ", error=\"invalid_token\""),
            Self::RefreshTokenRevoked => unauthorized("refresh_token_revoked", ", error=\"invalid_token\""),
            Self::SessionSuspended => problem(403, "session_suspended"),
            Self::ActivationRequired => problem(403, "activation_required"),
            Self::AccountSuspended(suspension) => match suspension {
                Some(suspension) => {
                    problem(403, "account_suspended").with_member("suspension", serde_json::json!(suspension))
                }
                None => problem(403, "account_suspended"),
            },
            Self::LinkInvalid => problem(400, "link_invalid"),
            Self::LinkExpired => problem(410, "link_expired"),
            Self::LinkSpent => problem(410, "link_spent"),
            Self::SessionRequired => token_missing(),
            Self::PasswordWrong => problem(400, "password_wrong"),
            Self::PasswordChecksExhausted { retry_after } => {
                problem(429, "password_checks_exhausted").retry_after(*retry_after)
            }
            Self::PasswordNotSet => problem(409, "password_not_set"),
            Self::PhoneUnchanged => problem(409, "phone_unchanged"),
            Self::EmailUnchanged => problem(409, "email_unchanged"),
            Self::SchoolEmailTaken => problem(409, "school_email_taken"),
            Self::OwnAccount => problem(409, "own_account"),
            Self::NoAdminAnyMore => problem(403, "forbidden"),
            Self::AccountNotActive => problem(409, "account_not_active"),
            Self::AccountIsAdmin => problem(409, "account_is_admin"),
            Self::CsrfRequired => csrf_required(),
            Self::SessionNotFound => problem(404, "session_not_found"),
            Self::ExportNotFound => problem(404, "export_not_found"),
            Self::ExportExpired => problem(410, "export_expired"),
            Self::ExportLimit { retry_after } => problem(429, "export_limit_reached").retry_after(*retry_after),
            Self::ProviderNotOffered => problem(404, "provider_not_offered"),
            Self::ProviderUnavailable { retry_after } => problem(503, "provider_unavailable").retry_after(*retry_after),
            Self::ProviderTokenInvalid => unauthorized("provider_token_invalid", ""),
            Self::StateInvalid => problem(400, "state_invalid"),
            Self::StateExpired => problem(410, "state_expired"),
            Self::AuthorizationCodeInvalid => problem(400, "authorization_code_invalid"),
            Self::TicketInvalid => problem(400, "ticket_invalid"),
            Self::TicketExpired => problem(410, "ticket_expired"),
            Self::IdentityTaken => problem(409, "identity_taken"),
            Self::LastWayIn => problem(409, "last_way_in"),
            Self::PreconditionFailed(failed) => failed.problem(),
            Self::CursorInvalid(invalid) => invalid.problem(),
            Self::Fields(wrong) => {
                let errors = wrong
                    .iter()
                    .map(|(pointer, invalid)| FieldError { pointer: (*pointer).to_owned(), invalid: *invalid });
                Problem::invalid(errors.collect())
            }
            // Eight races lost in a row: as good as down.
            Self::Raced => StoreError::Contended.problem(),
            Self::Store(error) => error.problem(),
            Self::Secret(error) => error.problem(),
            Self::Signing(error) => error.problem(),
            Self::Internal(error) => Problem::internal(error),
        }
    }
}

/// Why a write that depends on what was read was not made.
pub(crate) enum Outrun {
    /// The client is told.
    Told(Error),
    /// Another request changed what was read, to this.
    Raced(Option<Attributes>),
}

impl<E: Into<Error>> From<E> for Outrun {
    fn from(error: E) -> Self {
        Self::Told(error.into())
    }
}

/// A 401 with the challenge that RFC 9110 wants beside it.
fn unauthorized(code: &'static str, error: &str) -> Problem {
    problem(401, code).with_header(WWW_AUTHENTICATE, format!("Bearer realm=\"campus\"{error}"))
}

/// For workers and commands, whose errors are for logs and operators.
impl From<Error> for WorkError {
    fn from(error: Error) -> Self {
        Self::new(error)
    }
}

impl MayRace for Error {
    fn is_raced(&self) -> bool {
        matches!(self, Self::Raced)
    }
}
