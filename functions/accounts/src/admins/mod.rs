//! Who looks after everyone's accounts: how the first of them comes to it, and what they can do.

pub mod appoint_admin;
pub mod delete_user;
pub mod search_users;
mod store;
pub mod update_user;

use campus_domain::{Nickname, PersonName, SchoolId, Timestamp, UserId, Username};
use campus_endpoint::{Resource, Tag};
use campus_session::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::users::{Account, AccountState, ContactView, Suspension};

/// Whose account.
#[derive(eserde::Deserialize, ToSchema)]
pub struct UserPath {
    id: UserId,
}

/// An account as an admin sees it: numbers and addresses are masked to them, too.
#[derive(Serialize, ToSchema)]
pub struct AdminUserView {
    id: UserId,
    username: Username,
    nickname: Nickname,
    /// What to call the person: their nickname.
    display_name: Nickname,
    #[schema(required)]
    name: Option<PersonName>,
    #[schema(required, schema_with = crate::users::mail_contact)]
    email: Option<ContactView>,
    #[schema(required)]
    phone: Option<ContactView>,
    has_password: bool,
    #[schema(required)]
    school_id: Option<SchoolId>,
    roles: Vec<Role>,
    state: AccountState,
    /// Null for one that is not suspended, or whose suspension is over.
    #[schema(required)]
    suspended: Option<Suspension>,
    /// When it will be purged, if it is deleted.
    #[schema(required)]
    purge_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for AdminUserView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl AdminUserView {
    fn new(account: Account, now: Timestamp) -> Self {
        let is_over = account.state == AccountState::Suspended && account.is_in_use_at(now);
        let mut view = Self {
            id: account.id,
            username: account.username,
            display_name: account.nickname.clone(),
            nickname: account.nickname,
            name: account.name,
            email: account.email.map(ContactView::from),
            phone: account.phone.map(ContactView::from),
            has_password: account.password_hash.is_some(),
            school_id: account.school_id,
            roles: account.roles,
            state: if is_over { AccountState::Active } else { account.state },
            suspended: account.suspension.filter(|_| !is_over),
            purge_at: account.purge_at,
            created_at: account.created_at,
            updated_at: account.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}
