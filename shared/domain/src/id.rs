//! Ids: UUIDv7 (RFC 9562), a type for each kind of thing.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::SchemaFormat;
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use uuid::{Builder, Uuid, Version};

use crate::invalid::Invalid;
use crate::text::text_schema;
use crate::time::Timestamp;

/// The kinds of things that have ids.
pub mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
            $($(#[$doc])* #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)] pub enum $name {})+
        };
    }
    kinds! {
        /// An account.
        User,
        /// A session.
        Session,
        /// A school.
        School,
        /// A verification code.
        Code,
        /// A captcha challenge.
        Captcha,
        /// A message to one recipient.
        Delivery,
        /// A request.
        Request,
        /// A library that shows films.
        Library,
        /// A film.
        Film,
        /// A showing of a film.
        Screening,
        /// A wish for a film.
        Wish,
        /// A link that is mailed.
        Link,
        /// Something that happened to an account.
        SecurityEvent,
        /// An entry of an inbox, and whatever else tells one person of one thing.
        Notification,
        /// An entry of the audit.
        Audit,
        /// An export of one's own data.
        Export,
        /// A visit to a provider of accounts.
        Authorization,
        /// A sign-up that a provider of accounts has begun.
        Ticket,
    }
}

/// The id of an account.
pub type UserId = Id<kind::User>;
/// The id of a session.
pub type SessionId = Id<kind::Session>;
/// The id of a school.
pub type SchoolId = Id<kind::School>;
/// The id of a verification code.
pub type CodeId = Id<kind::Code>;
/// The id of a captcha challenge.
pub type CaptchaId = Id<kind::Captcha>;
/// The id of a delivery.
pub type DeliveryId = Id<kind::Delivery>;
/// The id of a link that is mailed.
pub type LinkId = Id<kind::Link>;
/// The id of something that happened to an account.
pub type SecurityEventId = Id<kind::SecurityEvent>;
/// The id of a request.
pub type RequestId = Id<kind::Request>;

/// The id of a library.
pub type LibraryId = Id<kind::Library>;
/// The id of a film.
pub type FilmId = Id<kind::Film>;
/// The id of a screening.
pub type ScreeningId = Id<kind::Screening>;
/// The id of a wish.
pub type WishId = Id<kind::Wish>;
/// The id of an entry of an inbox.
pub type NotificationId = Id<kind::Notification>;
/// The id of an entry of the audit.
pub type AuditId = Id<kind::Audit>;
/// The id of an export of one's own data.
pub type ExportId = Id<kind::Export>;
/// The id of a visit to a provider of accounts.
pub type AuthorizationId = Id<kind::Authorization>;
/// The id of a sign-up that a provider of accounts has begun.
pub type TicketId = Id<kind::Ticket>;

/// The id of a thing of the kind `K`: ordered by the millisecond in which it was made, random beyond.
/// It is a name and not a capability: whoever knows it may do nothing by that.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// A new id of this moment.
    #[must_use]
    pub fn at(now: jiff::Timestamp) -> Self {
        let random: [u8; 10] = {
            let [a, b, c, d, e, f, g, h, i, j, ..] = Uuid::new_v4().into_bytes();
            // A v4's version and variant take bits of bytes 6 and 8; another draw fills them.
            let [_, _, _, _, _, _, k, _, l, ..] = Uuid::new_v4().into_bytes();
            [a, b, c, d, e, f, g.rotate_left(4) ^ k, h, i.rotate_left(4) ^ l, j]
        };
        Self::from_parts(u64::try_from(now.as_millisecond()).unwrap_or_default(), random)
    }

    /// The id of a millisecond (since the epoch) and random bytes.
    #[must_use]
    pub fn from_parts(millisecond: u64, random: [u8; 10]) -> Self {
        Self { uuid: Builder::from_unix_timestamp_millis(millisecond, &random).into_uuid(), kind: PhantomData }
    }

    /// The id, if the UUID is of version 7.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Option<Self> {
        (uuid.get_version() == Some(Version::SortRand)).then_some(Self { uuid, kind: PhantomData })
    }

    /// Reads an id in its canonical form, 36 characters with hyphens.
    ///
    /// # Errors
    ///
    /// [`Invalid::IdFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // The crate takes other forms, too; one thing has one name.
        let canonical = text.len() == 36;
        let uuid = Uuid::try_parse(text).ok().filter(|_| canonical).ok_or(Invalid::IdFormat)?;
        Self::from_uuid(uuid).ok_or(Invalid::IdFormat)
    }

    /// Its 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }

    /// When it was made.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        let seconds = self.uuid.get_timestamp().map_or(0, |timestamp| timestamp.to_unix().0);
        Timestamp::from_epoch_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

impl<K> From<Id<K>> for Uuid {
    fn from(id: Id<K>) -> Self {
        id.uuid
    }
}

// Derives would ask the same of `K`, which is only a name.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> std::fmt::Debug for Id<K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uuid.fmt(formatter)
    }
}
impl<K> std::fmt::Display for Id<K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uuid.as_hyphenated().fmt(formatter)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
impl<'de, K> eserde::EDeserialize<'de> for Id<K> {
    fn deserialize_for_errors<D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
    }
}
impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        text_schema("An id, a UUID of version 7.", "0199c0de-0000-7000-8000-000000000000")
            .format(Some(format))
            .pattern(Some("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"))
            .into()
    }
}
impl<K> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_id_is_read_back_and_knows_its_time(millisecond in 0_u64..1 << 47, random in any::<[u8; 10]>()) {
            let id = UserId::from_parts(millisecond, random);
            prop_assert_eq!(UserId::parse(&id.to_string()), Ok(id));
            prop_assert_eq!(id.made_at().epoch_seconds().unsigned_abs(), millisecond / 1000);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = UserId::parse(&text);
        }
    }

    #[test]
    fn only_the_canonical_form_of_version_7_is_an_id() {
        assert!(UserId::parse("0199c0de-0000-7000-8000-000000000000").is_ok());
        for other in [
            "0199c0de-0000-4000-8000-000000000000",
            "0199c0de00007000800000000000000",
            "{0199c0de-0000-7000-8000-000000000000}",
            "urn:uuid:0199c0de-0000-7000-8000-000000000000",
            "00000000-0000-0000-0000-000000000000",
            "1",
            "",
        ] {
            assert_eq!(UserId::parse(other), Err(Invalid::IdFormat), "{other}");
        }
    }

    #[test]
    fn ids_of_one_moment_differ() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let ids: std::collections::HashSet<UserId> = (0..1000).map(|_| UserId::at(now)).collect();
        assert_eq!(ids.len(), 1000);
    }
}
