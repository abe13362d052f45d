//! The part of accounts in an export: the account and its sessions, without hashes.

use campus_domain::{
    AdmissionYear, EmailAddress, Line, Locale, Nickname, PersonName, PhoneNumber, SchoolId, SessionId, TimeZoneName,
    Timestamp, UserId, Username,
};
use campus_session::{Role, Session};
use serde::Serialize;
use utoipa::ToSchema;

use crate::identities::Identity;
use crate::schools::School;
use crate::users::{Account, AccountState, Contact};

/// A school that a person has said to belong to.
#[derive(Serialize, ToSchema)]
struct SchoolRecord {
    id: SchoolId,
    #[schema(required, example = "한국대학교")]
    name: Option<String>,
    verified: bool,
    /// By which address that was proven.
    #[schema(required)]
    email: Option<EmailAddress>,
}

/// A mailbox.
#[derive(Serialize, ToSchema)]
struct EmailRecord {
    address: EmailAddress,
    verified: bool,
}

/// A phone.
#[derive(Serialize, ToSchema)]
struct PhoneRecord {
    #[schema(example = "+821012345678")]
    number: PhoneNumber,
    verified: bool,
}

/// An account, with nothing hidden but what proves whose it is.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountRecord {
    id: UserId,
    username: Username,
    nickname: Nickname,
    #[schema(required)]
    name: Option<PersonName>,
    #[schema(required)]
    email: Option<EmailRecord>,
    #[schema(required)]
    phone: Option<PhoneRecord>,
    has_password: bool,
    #[schema(required)]
    school: Option<SchoolRecord>,
    #[schema(required)]
    admission_year: Option<AdmissionYear>,
    roles: Vec<Role>,
    state: AccountState,
    /// Why it is suspended, if it is.
    #[schema(required, value_type = Option<String>, example = json!(null))]
    suspension_reason: Option<Line<200>>,
    /// By whose accounts elsewhere the person signs in.
    identities: Vec<Identity>,
    locale: Locale,
    time_zone: TimeZoneName,
    terms_accepted_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl AccountRecord {
    /// The account with its school, which may be gone.
    pub(super) fn new(account: Account, school: Option<School>) -> Self {
        let verified = account.school_verified;
        let (name, school_email) = (school.map(|school| school.name.as_str().to_owned()), account.school_email);
        Self {
            id: account.id,
            username: account.username,
            nickname: account.nickname,
            name: account.name,
            email: account.email.map(|Contact { value, verified }| EmailRecord { address: value, verified }),
            phone: account.phone.map(|Contact { value, verified }| PhoneRecord { number: value, verified }),
            has_password: account.password_hash.is_some(),
            school: account.school_id.map(|id| SchoolRecord { id, name, verified, email: school_email }),
            admission_year: account.admission_year,
            roles: account.roles,
            state: account.state,
            suspension_reason: account.suspension.map(|suspension| suspension.reason),
            identities: account.identities,
            locale: account.locale,
            time_zone: account.time_zone,
            terms_accepted_at: account.terms_accepted_at,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

/// A session, live or not.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionRecord {
    id: SessionId,
    #[schema(required, example = "Campus/1.0 (Android 16)")]
    agent: Option<String>,
    /// Whether the person asked to be remembered.
    remember: bool,
    /// Whether it is good still.
    live: bool,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

impl SessionRecord {
    pub(super) fn new(session: Session, now: Timestamp) -> Self {
        Self {
            id: session.id,
            live: session.is_live(now),
            agent: session.agent,
            remember: session.remember,
            created_at: session.created_at,
            last_used_at: session.last_used_at.unwrap_or(session.created_at),
            expires_at: session.expires_at,
        }
    }
}
