//! Accounts of people.

pub(crate) mod contacts;
pub mod create_user;
pub mod delete_current_user;
pub mod delete_phone;
pub mod get_current_user;
pub(crate) mod newcomer;
pub mod replace_email;
pub mod replace_password;
pub mod replace_phone;
pub mod replace_school;
pub mod store;
pub mod update_current_user;

use campus_domain::{
    AdmissionYear, EmailAddress, Line, Locale, Nickname, PersonName, PhoneNumber, SchoolId, TimeZoneName, Timestamp,
    UserId, Username,
};
use campus_endpoint::{Resource, Tag};
use campus_messages::{RESTORABLE_DAYS, Recipient, Target};
use campus_session::{Role, Roles};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{OneOfBuilder, Type};
use utoipa::openapi::{ObjectBuilder, Ref, Schema};

use crate::Error;
use crate::identities::Identity;
use crate::oauth::Provider;
use crate::schools::School;

/// Something that reaches a person, and whether they have proven that it does. What is not proven is
/// never written to, and claims no uniqueness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact<T> {
    /// The number or address.
    pub value: T,
    /// Whether it is proven.
    pub verified: bool,
}

/// How an account stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccountState)]
pub enum AccountState {
    /// It was made with a mail address whose link was not followed yet.
    Pending,
    /// It is in use.
    #[default]
    Active,
    /// An admin has suspended it, perhaps until a time that is over by now.
    Suspended,
    /// Its owner has deleted it and can take it back.
    Deleted,
    /// It is being taken apart.
    Purging,
}

impl AccountState {
    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Purging => "purging",
        }
    }
}

/// Why and how long nobody may use an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, eserde::Deserialize, ToSchema)]
pub struct Suspension {
    /// What its owner is told who signs in.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Advertising on three boards")]
    pub reason: Line<200>,
    /// Until when; for good without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Timestamp, required = false)]
    pub until: Option<Timestamp>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    #[serde(deserialize_with = "campus_domain::name::stored::username")]
    pub username: Username,
    /// The name that others see.
    #[serde(deserialize_with = "campus_domain::name::stored::nickname")]
    pub nickname: Nickname,
    /// The person's own name.
    pub name: Option<PersonName>,
    /// Their phone.
    pub phone: Option<Contact<PhoneNumber>>,
    /// Their mailbox.
    pub email: Option<Contact<EmailAddress>>,
    /// argon2id, as a PHC string; none for those who sign in by other ways only.
    pub password_hash: Option<String>,
    /// When another password was set last; none while it is the first, or was set before this was kept.
    #[serde(default)]
    pub password_set_at: Option<Timestamp>,
    /// When they were admitted to their school.
    pub admission_year: Option<AdmissionYear>,
    /// Their school.
    pub school_id: Option<SchoolId>,
    /// Whether they have proven to belong to it.
    pub school_verified: bool,
    /// What they may do.
    pub roles: Roles,
    /// The language that they are written to in.
    pub locale: Locale,
    /// Where their days begin.
    pub time_zone: TimeZoneName,
    /// When they accepted the terms.
    pub terms_accepted_at: Timestamp,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How it stands.
    #[serde(default)]
    pub state: AccountState,
    /// Why it is suspended, if it is.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// When it will be purged: long after its deletion, or soon after its link has expired.
    #[serde(default)]
    pub purge_at: Option<Timestamp>,
    /// The address by which belonging to the school was proven.
    #[serde(default)]
    pub school_email: Option<EmailAddress>,
    /// By whose accounts elsewhere its owner signs in; one of each provider at most.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Raised with every change; none yet for an account of before there were versions.
    #[serde(default)]
    pub version: u32,
}

impl Account {
    /// The account as it is once its owner has signed in: taken back if it was deleted, and free of a suspension that
    /// is over.
    ///
    /// # Errors
    ///
    /// Why they cannot sign in.
    pub(crate) fn signed_in_at(&self, now: Timestamp) -> Result<Self, Error> {
        let in_use = || Self {
            state: AccountState::Active,
            suspension: None,
            purge_at: None,
            updated_at: now,
            version: self.version + 1,
            ..self.clone()
        };
        match self.state {
            AccountState::Active => Ok(self.clone()),
            AccountState::Pending => Err(Error::ActivationRequired),
            AccountState::Suspended => match &self.suspension {
                Some(Suspension { until: Some(until), .. }) if *until <= now => Ok(in_use()),
                suspension => Err(Error::AccountSuspended(suspension.clone())),
            },
            AccountState::Deleted if self.purge_at.is_some_and(|purge_at| purge_at > now) => Ok(in_use()),
            // As good as gone.
            AccountState::Deleted | AccountState::Purging => Err(Error::CredentialsWrong),
        }
    }

    /// The account as its owner leaves it behind, to be purged when it cannot be taken back any more.
    ///
    /// # Errors
    ///
    /// [`Error::AccountIsAdmin`]: whoever looks after accounts gives that up first, so that someone always does.
    pub(crate) fn deleted_at(&self, now: Timestamp) -> Result<Self, Error> {
        self.deleted_until(now.plus_seconds(i64::from(RESTORABLE_DAYS) * 24 * 60 * 60), now)
    }

    /// The same, to be purged at another time.
    ///
    /// # Errors
    ///
    /// As before.
    pub(crate) fn deleted_until(&self, purge_at: Timestamp, now: Timestamp) -> Result<Self, Error> {
        if self.roles.contains(&Role::Admin) {
            return Err(Error::AccountIsAdmin);
        }
        Ok(Self {
            state: AccountState::Deleted,
            purge_at: Some(purge_at),
            updated_at: now,
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// Whether nobody can take it back any more.
    #[must_use]
    pub fn is_going(&self) -> bool {
        self.state == AccountState::Purging
    }

    /// Whether it is purged at the next run, or is being purged.
    #[must_use]
    pub fn is_due_at(&self, now: Timestamp) -> bool {
        let is_over = self.purge_at.is_some_and(|purge_at| purge_at <= now);
        self.is_going() || (self.state == AccountState::Deleted && is_over)
    }

    /// Whether its owner may use it, without signing in anew.
    #[must_use]
    pub fn is_in_use_at(&self, now: Timestamp) -> bool {
        self.state != AccountState::Deleted && self.signed_in_at(now).is_ok()
    }

    /// Words of the person's own that are no good in their password.
    #[must_use]
    pub fn own_words(&self) -> Vec<String> {
        let phone = self.phone.as_ref().map(|phone| phone.value.national_digits());
        let email = self.email.as_ref().map(|email| email.value.local_part().to_owned());
        [Some(self.username.as_str().to_owned()), phone, email].into_iter().flatten().collect()
    }

    /// The proven address or number, for what concerns the account: what is not proven may be a stranger's.
    #[must_use]
    pub fn reached_by(&self) -> Option<Recipient> {
        self.proven_email().cloned().map(Recipient::Email).or_else(|| self.proven_phone().cloned().map(Recipient::Sms))
    }

    /// The mail address, if it is proven.
    #[must_use]
    pub fn proven_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|email| email.verified).map(|email| &email.value)
    }

    /// The phone number, if it is proven.
    #[must_use]
    pub fn proven_phone(&self) -> Option<&PhoneNumber> {
        self.phone.as_ref().filter(|phone| phone.verified).map(|phone| &phone.value)
    }

    /// The account elsewhere that its owner signs in by, if it is one of this provider.
    #[must_use]
    pub fn identity_at(&self, provider: Provider) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.provider == provider)
    }

    /// Whether its owner has a way to sign in: a password, an account elsewhere, or a number or address that codes go
    /// to.
    #[must_use]
    pub fn has_way_in(&self) -> bool {
        self.password_hash.is_some() || !self.identities.is_empty() || self.reached_by().is_some()
    }

    /// The number and the address that are proven.
    #[must_use]
    pub fn proven(&self) -> Vec<Target> {
        let phone = self.proven_phone().cloned().map(Recipient::Sms);
        phone.into_iter().chain(self.proven_email().cloned().map(Recipient::Email)).map(Target::from).collect()
    }

    /// Whether a target is the account's own, and proven.
    #[must_use]
    pub fn has_proven(&self, target: &Target) -> bool {
        match target.recipient() {
            Recipient::Sms(phone) => self.proven_phone() == Some(phone),
            Recipient::Email(email) => self.proven_email() == Some(email),
        }
    }
}

/// A contact as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct ContactView {
    /// With most of it hidden.
    #[schema(example = "+82******5678")]
    masked: String,
    /// Whether it is proven.
    verified: bool,
}

impl From<Contact<EmailAddress>> for ContactView {
    fn from(email: Contact<EmailAddress>) -> Self {
        Self { masked: email.value.masked(), verified: email.verified }
    }
}

impl From<Contact<PhoneNumber>> for ContactView {
    fn from(phone: Contact<PhoneNumber>) -> Self {
        Self { masked: phone.value.masked(), verified: phone.verified }
    }
}

/// A mailbox, or none: as the type describes itself, but for its example, which is a phone's.
pub(crate) fn mail_contact() -> Schema {
    let example = serde_json::json!({ "masked": "m***@campus.example", "verified": false });
    let contact = OneOfBuilder::new().item(Ref::from_schema_name("ContactView"));
    contact.item(ObjectBuilder::new().schema_type(Type::Null)).examples([example]).into()
}

/// A school as its member sees it.
#[derive(Serialize, ToSchema)]
pub struct UserSchoolView {
    id: SchoolId,
    #[schema(example = "한국대학교")]
    name: String,
    /// Whether the person has proven to belong to it.
    verified: bool,
}

/// An account as its owner sees it. An allow-list: what is not here is not told.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    id: UserId,
    username: Username,
    nickname: Nickname,
    /// What to call the person: their nickname.
    display_name: Nickname,
    #[schema(required)]
    name: Option<PersonName>,
    #[schema(required, schema_with = mail_contact)]
    email: Option<ContactView>,
    #[schema(required)]
    phone: Option<ContactView>,
    has_password: bool,
    #[schema(required)]
    school: Option<UserSchoolView>,
    #[schema(required)]
    admission_year: Option<AdmissionYear>,
    roles: Vec<Role>,
    locale: Locale,
    time_zone: TimeZoneName,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for UserView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl UserView {
    /// The account with its school, which is read apart since its name may change.
    #[must_use]
    pub(crate) fn new(account: Account, school: Option<School>) -> Self {
        let verified = account.school_verified;
        let mut view = Self {
            id: account.id,
            username: account.username,
            display_name: account.nickname.clone(),
            nickname: account.nickname,
            name: account.name,
            email: account.email.map(ContactView::from),
            phone: account.phone.map(ContactView::from),
            has_password: account.password_hash.is_some(),
            school: school.map(|school| UserSchoolView {
                id: school.id,
                name: school.name.as_str().to_owned(),
                verified,
            }),
            admission_year: account.admission_year,
            roles: account.roles,
            locale: account.locale,
            time_zone: account.time_zone,
            created_at: account.created_at,
            updated_at: account.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}

/// What everyone may see of a person, in a table of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Whose.
    pub user_id: UserId,
    /// The name that others see.
    #[serde(deserialize_with = "campus_domain::name::stored::nickname")]
    pub nickname: Nickname,
    /// Their school.
    pub school_id: Option<SchoolId>,
    /// When the account was made.
    pub created_at: Timestamp,
}
