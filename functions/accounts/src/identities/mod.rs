//! Accounts elsewhere by which a person signs in.

pub mod create_identity;
pub mod delete_identity;
pub mod list_identities;
pub(crate) mod store;

use campus_domain::Timestamp;
use campus_store::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::oauth::{Known, Provider};

/// An account elsewhere, as a part of the account here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = IdentityRecord)]
pub struct Identity {
    /// Where.
    pub provider: Provider,
    /// The provider's own and lasting name of the person.
    #[schema(example = "110169484474386276334")]
    pub subject: String,
    /// When it was linked.
    pub linked_at: Timestamp,
}

impl Identity {
    /// The identity that a provider tells of, linked now.
    #[must_use]
    pub(crate) fn new(known: &Known, now: Timestamp) -> Self {
        Self { provider: known.provider, subject: known.subject.clone(), linked_at: now }
    }

    /// The guard of an identity: issuer and subject, whose account here it is.
    #[must_use]
    pub fn guard_of(provider: Provider, subject: &str) -> Key {
        Key::alone(format!("UNIQUE#identity#{}#{subject}", provider.issuer()))
    }

    /// Its guard.
    #[must_use]
    pub fn guard(&self) -> Key {
        Self::guard_of(self.provider, &self.subject)
    }
}

/// An identity as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct IdentityView {
    provider: Provider,
    linked_at: Timestamp,
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        Self { provider: identity.provider, linked_at: identity.linked_at }
    }
}
