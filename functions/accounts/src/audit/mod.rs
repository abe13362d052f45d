//! The audit: who did what to whom with more than a member's rights. Only ever added to.

pub mod store;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{AuditId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_secrets::mac;
use campus_session::Roles;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Entries are kept for a year.
const KEPT_FOR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it: `operator`, `schedule`, or a person's id.
    pub actor: String,
    /// A hash of the address that a person called from, by which calls from one can be told to be so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_hash: Option<String>,
    /// What was done: two attributes, `action` and `details`.
    #[serde(flatten)]
    pub action: Action,
    /// To whose account, if to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<UserId>,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

/// What was done, with what there is to say of it. Nothing personal beyond the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", content = "details", rename_all = "snake_case")]
pub enum Action {
    /// An account was made an admin's.
    AppointAdmin {
        /// Its roles before.
        roles_before: Roles,
        /// Its roles after.
        roles_after: Roles,
    },
    /// Someone was looked up, whether anyone was found or not.
    SearchUser {
        /// By what: a field's name, never its value.
        by: String,
    },
    /// An account's roles were changed, or it was suspended, or not any more.
    UpdateUser {
        /// Its roles before.
        roles_before: Roles,
        /// Its roles after.
        roles_after: Roles,
        /// Whether it was suspended before.
        suspended_before: bool,
        /// Whether it is suspended after.
        suspended_after: bool,
    },
    /// An account was given to be purged.
    PurgeUser,
    /// Signing keys were published, or taken out when their time was over.
    RotateKeys {
        /// The epochs of the published.
        published: Vec<u32>,
        /// The epochs of those taken out.
        removed: Vec<u32>,
    },
    /// All signing keys were replaced at once.
    RevokeSigningKeys {
        /// The epoch of the one that signs since.
        published: Vec<u32>,
        /// The epochs of the revoked.
        removed: Vec<u32>,
    },
}

impl Entry {
    /// What an operator did, by a command.
    #[must_use]
    pub fn by_operator(cx: &Cx, action: Action, target: Option<UserId>) -> Self {
        Self::new(cx, "operator".to_owned(), action, target)
    }

    /// What the schedule did.
    #[must_use]
    pub fn by_schedule(cx: &Cx, action: Action) -> Self {
        Self::new(cx, "schedule".to_owned(), action, None)
    }

    /// What a person did. The address is hashed with a secret, since there are so few that anyone could try them all.
    #[must_use]
    pub fn by_user(cx: &Cx, user_id: UserId, secret: &SecretString, action: Action, target: Option<UserId>) -> Self {
        let client_hash = Some(client_hash(secret, &cx.address_subject()));
        Self { client_hash, ..Self::new(cx, user_id.to_string(), action, target) }
    }

    fn new(cx: &Cx, actor: String, action: Action, target: Option<UserId>) -> Self {
        let expires_at = cx.now().plus_seconds(KEPT_FOR_SECONDS);
        Self { id: cx.new_id(), at: cx.now(), actor, client_hash: None, action, target, expires_at }
    }
}

fn client_hash(secret: &SecretString, address: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(mac(secret, &[b"audit address", address.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use campus_session::Role;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_stored_with_action_and_details_side_by_side() {
        let user = UserId::from_parts(1, [1; 10]);
        let entry = Entry {
            id: AuditId::from_parts(2, [2; 10]),
            at: Timestamp::from_epoch_seconds(0),
            actor: "operator".to_owned(),
            client_hash: None,
            action: Action::AppointAdmin { roles_before: vec![Role::Member], roles_after: vec![Role::Admin] },
            target: Some(user),
            expires_at: Timestamp::from_epoch_seconds(7),
        };
        let stored = json!(entry);
        assert_eq!(
            stored,
            json!({
                "id": entry.id, "at": "1970-01-01T00:00:00Z", "actor": "operator", "action": "appoint_admin",
                "details": { "roles_before": ["member"], "roles_after": ["admin"] }, "target": user, "expires_at": 7,
            })
        );
        assert_eq!(serde_json::from_value::<Entry>(stored).expect("it can be read"), entry);
    }

    #[test]
    fn an_address_is_hashed_with_the_secret() {
        let [one, other] = ["a".repeat(32), "b".repeat(32)].map(SecretString::from);
        let hash = client_hash(&one, "192.0.2.1");
        assert_eq!(hash, client_hash(&one, "192.0.2.1"));
        assert!(hash != client_hash(&one, "192.0.2.2") && hash != client_hash(&other, "192.0.2.1"));
        assert!(!hash.contains("192"));
    }
}
