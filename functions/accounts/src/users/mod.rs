//! Accounts of people.

pub mod create_user;
pub mod get_current_user;
pub mod store;
pub mod update_current_user;

use campus_domain::{
    AdmissionYear, EmailAddress, Locale, Nickname, PersonName, PhoneNumber, SchoolId, TimeZoneName, Timestamp, UserId,
    Username,
};
use campus_endpoint::{Resource, Tag};
use campus_session::{Role, Roles};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{OneOfBuilder, Type};
use utoipa::openapi::{ObjectBuilder, Ref, Schema};

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
    /// Raised with every change; none yet for an account of before there were versions.
    #[serde(default)]
    pub version: u32,
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

/// A mailbox, or none: as the type describes itself, but for its example, which is a phone's.
fn mail_contact() -> Schema {
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
            email: account.email.map(|email| ContactView { masked: email.value.masked(), verified: email.verified }),
            phone: account.phone.map(|phone| ContactView { masked: phone.value.masked(), verified: phone.verified }),
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
