//! What mailbox providers say of mail: that it did not arrive, or that its reader did not want it. SES tells it by a
//! topic, whose messages come in a queue.

pub(crate) mod store;
pub mod take_mail_feedback;

use campus_domain::{EmailAddress, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An address that is not to be written to, or not of everything. The address itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Which address: SHA-256 of it, in hexadecimal.
    pub address_hash: String,
    /// When mail to it came back for good.
    #[serde(default)]
    pub bounced_at: Option<Timestamp>,
    /// When its reader called a mail unwanted.
    #[serde(default)]
    pub complained_at: Option<Timestamp>,
}

impl Suppression {
    /// Whether no mail at all is to be sent: none would arrive, and each costs reputation.
    #[must_use]
    pub fn stops_all(&self) -> bool {
        self.bounced_at.is_some()
    }

    /// Whether no alert is to be sent. Who calls an alert unwanted may still ask for a code.
    #[must_use]
    pub fn stops_alerts(&self) -> bool {
        self.bounced_at.is_some() || self.complained_at.is_some()
    }
}

/// What is said of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Bounced,
    Complained,
}

impl Verdict {
    /// As the ledger shows it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }
}

/// The name of an address under which it is suppressed. Providers give it back in whatever way they write it.
fn hash_of(address: &str) -> String {
    let address = address.rsplit_once('<').map_or(address, |(_, inner)| inner.trim_end_matches('>')).trim();
    let known = EmailAddress::parse(address);
    let address = known.as_ref().map_or_else(|_| address.to_lowercase(), |known| known.as_str().to_owned());
    Sha256::digest(address).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_name_however_it_is_written() {
        let name = hash_of("minji@campus.example");
        assert_eq!(name.len(), 64);
        for written in ["Minji@Campus.Example", " minji@campus.example ", "김민지 <minji@campus.example>"] {
            assert_eq!(hash_of(written), name, "{written}");
        }
        assert_ne!(hash_of("minji+x@campus.example"), name);
        assert_eq!(hash_of("a@한국.kr"), hash_of("a@xn--3e0b707e.kr"));
    }

    #[test]
    fn a_bounce_stops_everything_and_a_complaint_alerts() {
        let at = Some(Timestamp::from_epoch_seconds(1));
        let suppression =
            |bounced_at, complained_at| Suppression { address_hash: String::new(), bounced_at, complained_at };
        assert!(suppression(at, None).stops_all() && suppression(at, None).stops_alerts());
        assert!(!suppression(None, at).stops_all() && suppression(None, at).stops_alerts());
        assert!(!suppression(None, None).stops_all() && !suppression(None, None).stops_alerts());
    }
}
