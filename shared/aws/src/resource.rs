//! The things on AWS that code may be granted: tables, queues, secrets, and the two senders.

/// A DynamoDB table, by its logical name. The physical one has the stage's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table {
    /// Logical name, also the name of the table's resource in `template.yaml` in another case.
    pub name: &'static str,
    /// Whether changes of the table are streamed, because it holds an outbox.
    pub streamed: bool,
}

/// Accounts, their uniqueness guards, captcha challenges, verification codes and schools.
pub const ACCOUNTS: Table = Table { name: "accounts", streamed: false };
/// Sessions: state and roles, the only account data that every signed-in endpoint may read.
pub const SESSIONS: Table = Table { name: "sessions", streamed: false };
/// The public key ring. Written by signing functions alone, or a writer of sessions could plant a key.
pub const KEYS: Table = Table { name: "keys", streamed: false };
/// What everyone may see of a person, and of a school. Written by accounts only.
pub const PROFILES: Table = Table { name: "profiles", streamed: false };
/// Rate-limit windows and idempotency records. Everything in it expires.
pub const REQUESTS: Table = Table { name: "requests", streamed: false };
/// How a person is reached, in which language and time zone. Written by accounts only, for whoever writes to people.
pub const CONTACTS: Table = Table { name: "contacts", streamed: false };
/// What is owed to people and to other domains, written with the change that owes it. Its stream feeds the relay.
pub const OUTBOX: Table = Table { name: "outbox", streamed: true };
/// What people are to be told at a set time, written with the thing that it is about.
pub const ALERTS: Table = Table { name: "alerts", streamed: false };
/// The ledger of deliveries, inboxes, preferences and suppressed addresses.
pub const NOTIFICATIONS: Table = Table { name: "notifications", streamed: false };
/// Libraries, films, screenings, wishes and the home page.
pub const SCREENINGS: Table = Table { name: "screenings", streamed: false };

/// Exports of people's own data, until they expire: what was asked for, and the parts that domains have written.
pub const EXPORTS: Table = Table { name: "exports", streamed: false };

/// Every table, in the order of the template.
pub const TABLES: [Table; 11] =
    [ACCOUNTS, SESSIONS, KEYS, PROFILES, REQUESTS, CONTACTS, OUTBOX, ALERTS, NOTIFICATIONS, SCREENINGS, EXPORTS];

/// An SQS queue, by its logical name. Its dead-letter queue is `{name}-dead`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Queue {
    /// Logical name; the physical one has the stage's prefix.
    pub name: &'static str,
    /// How long a message is hidden from others while a worker has it, in seconds: six times the worker's time-out.
    pub hidden_seconds: u32,
}

/// Text messages to send.
pub const SMS_QUEUE: Queue = Queue { name: "sms", hidden_seconds: 60 };
/// Mail to send.
pub const EMAIL_QUEUE: Queue = Queue { name: "email", hidden_seconds: 60 };
/// Changes that concern many alerts: each job plans those of a page of people.
pub const PLANS_QUEUE: Queue = Queue { name: "plans", hidden_seconds: 60 };
/// Shards of the alerts that are due, to be emptied.
pub const SHARDS_QUEUE: Queue = Queue { name: "shards", hidden_seconds: 30 };
/// Alerts to tell people now.
pub const ALERTS_QUEUE: Queue = Queue { name: "alerts", hidden_seconds: 30 };
/// What SES says became of mail: bounces and complaints.
pub const FEEDBACK_QUEUE: Queue = Queue { name: "feedback", hidden_seconds: 60 };
/// What happened to accounts, for the domain of accounts itself.
pub const ACCOUNTS_EVENTS_QUEUE: Queue = Queue { name: "accounts-events", hidden_seconds: 60 };
/// The same for notifications.
pub const NOTIFICATIONS_EVENTS_QUEUE: Queue = Queue { name: "notifications-events", hidden_seconds: 60 };
/// The same for screenings.
pub const SCREENINGS_EVENTS_QUEUE: Queue = Queue { name: "screenings-events", hidden_seconds: 60 };

/// Every queue, in the order of the template.
pub const QUEUES: [Queue; 9] = [
    SMS_QUEUE,
    EMAIL_QUEUE,
    PLANS_QUEUE,
    SHARDS_QUEUE,
    ALERTS_QUEUE,
    FEEDBACK_QUEUE,
    ACCOUNTS_EVENTS_QUEUE,
    NOTIFICATIONS_EVENTS_QUEUE,
    SCREENINGS_EVENTS_QUEUE,
];

/// A secret that is generated at deploy and kept in Secrets Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Secret {
    /// Logical name; the physical one has the stage's prefix.
    pub name: &'static str,
}

/// What the private keys of access tokens, and the refresh tokens, are derived from.
pub const SIGNING_SEED: Secret = Secret { name: "signing-seed" };
/// What verification codes, proofs and captcha tokens are derived from.
pub const CODE_SECRET: Secret = Secret { name: "code-secret" };
/// What password hashes are peppered with.
pub const PASSWORD_PEPPER: Secret = Secret { name: "password-pepper" };

/// The keys that makers of captchas and providers of accounts gave this stage, as JSON. What is generated at deploy
/// holds their place until an operator puts them there.
pub const PROVIDER_KEYS: Secret = Secret { name: "provider-keys" };

/// Every secret, in the order of the template.
pub const SECRETS: [Secret; 4] = [SIGNING_SEED, CODE_SECRET, PASSWORD_PEPPER, PROVIDER_KEYS];

/// Anything that a [`crate::Grant`] can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// A table.
    Table(Table),
    /// A queue.
    Queue(Queue),
    /// A secret.
    Secret(Secret),
    /// Text messages to any phone. SNS has no narrower resource for it.
    Sms,
    /// Mail from the stage's sender address.
    Email,
}

/// Text messages, as something to be granted.
pub const SMS: Resource = Resource::Sms;
/// Mail, as something to be granted.
pub const EMAIL: Resource = Resource::Email;

impl std::fmt::Display for Resource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(table) => write!(formatter, "table {}", table.name),
            Self::Queue(queue) => write!(formatter, "queue {}", queue.name),
            Self::Secret(secret) => write!(formatter, "secret {}", secret.name),
            Self::Sms => formatter.write_str("sms"),
            Self::Email => formatter.write_str("email"),
        }
    }
}
