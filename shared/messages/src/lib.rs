//! What is told to people: messages and alerts, the payloads that outbox, queues and senders share; how a person is
//! reached and wants to be; the state of the verification codes of a target, which accounts write and senders release;
//! what other domains may know of a school; and what is told to every domain that keeps something of people, with the
//! exports that they write.

mod account_event;
mod alert;
mod contact;
mod due;
mod export;
mod message;
mod outbox;
mod plan;
mod preferences;
mod school;
mod security;
mod target;

pub use account_event::{AccountEvent, AccountNews, HEARERS, Hearer, NotQueued, PURGED_AGAIN_SECONDS, Purge};
pub use alert::{Alert, Needed, Needs, ScreeningEvent, ScreeningFacts, ScreeningRef};
pub use contact::ContactCard;
pub use due::{DUE_SHARDS, DueAlert};
pub use export::{Export, read_parts, write_part};
pub use message::{Ask, Channel, LinkPurpose, Message, Purpose, Recipient, Topic, UnknownVersion};
pub use outbox::{OUTBOX_SHARDS, OutboxItem, Owed};
pub use plan::{Plan, PlanJob};
pub use preferences::{AlertKind, Kinds, LeadMinutes, Preferences, Ways};
pub use school::{SchoolCard, SchoolName};
pub use security::{RESTORABLE_DAYS, SecurityEventKind};
pub use target::{
    CODE_SECONDS, GUESS_WINDOW_SECONDS, GUESSES_MAX, GuessRefused, RESEND_SECONDS, SEND_WINDOW_SECONDS,
    SENDS_PER_DAY_MAX, SendRefused, Target, TargetState,
};
