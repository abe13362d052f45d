//! Schools.

pub mod create_school;
pub mod delete_school;
pub mod get_school;
pub mod list_schools;
pub mod store;
pub mod update_school;

use campus_domain::{EmailAddress, Invalid, MailDomain, SchoolId, Timestamp};
use campus_endpoint::{Refusals, Resource, Tag};
use campus_messages::SchoolName;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Domains of one school at most.
pub const EMAIL_DOMAINS_MAX: usize = 20;

/// A school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// What it is called; no other school is called the same, in any case and width.
    pub name: SchoolName,
    /// Domains of mail addresses that only its members have, each once.
    pub email_domains: Vec<MailDomain>,
    /// Whether it is deleted, so that only staff see it.
    pub deleted: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change.
    pub version: u32,
}

impl School {
    /// Whether a mail address is one that its members have.
    pub(crate) fn has_address(&self, address: &EmailAddress) -> bool {
        self.email_domains.iter().any(|domain| domain.as_str() == address.domain())
    }

    /// Whether it is not deleted: one that is, is nobody's school.
    pub(crate) fn is_there(&self) -> bool {
        !self.deleted
    }
}

/// Which school.
#[derive(eserde::Deserialize, ToSchema)]
pub struct SchoolPath {
    id: SchoolId,
}

/// A school. An allow-list: what is not here is not told.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c0de-0000-7000-8000-000000000000",
    "name": "한빛대학교",
    "display_name": "한빛대학교",
    "email_domains": ["hanbit.example"],
    "deleted": false,
    "created_at": "2026-11-20T09:00:00Z",
    "updated_at": "2026-11-20T09:00:00Z",
    "etag": "\"hKPqU3Zx0Uy1nQmFfBvG9w\"",
}))]
pub struct SchoolView {
    id: SchoolId,
    name: SchoolName,
    /// What to call it: its name.
    display_name: SchoolName,
    /// Domains of mail addresses that prove to belong to it.
    #[schema(max_items = 20)]
    email_domains: Vec<MailDomain>,
    /// Whether only staff see it.
    deleted: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for SchoolView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl From<School> for SchoolView {
    fn from(school: School) -> Self {
        let mut view = Self {
            id: school.id,
            display_name: school.name.clone(),
            name: school.name,
            email_domains: school.email_domains,
            deleted: school.deleted,
            created_at: school.created_at,
            updated_at: school.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}

/// Refuses more domains than a school may have, as they were sent.
fn check_count(sent: &Map<String, Value>, refusals: &mut Refusals) {
    let domains = sent.get("email_domains").and_then(Value::as_array);
    if domains.is_some_and(|domains| domains.len() > EMAIL_DOMAINS_MAX) {
        let max = u32::try_from(EMAIL_DOMAINS_MAX).unwrap_or(u32::MAX);
        refusals.add("/email_domains", Invalid::TooMany { max });
    }
}

/// The domains in the order in which they were sent, each once.
fn each_once(domains: &[MailDomain]) -> Vec<MailDomain> {
    let mut kept = Vec::new();
    for domain in domains {
        if !kept.contains(domain) {
            kept.push(domain.clone());
        }
    }
    kept
}
