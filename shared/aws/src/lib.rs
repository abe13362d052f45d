//! What Campus may do on AWS, and what it did: resources, grants, the guard that holds every call to
//! them, and the SDK clients.

mod call;
mod cause;
mod clients;
mod enqueue;
mod grant;
mod guard;
mod resource;

pub use call::{Call, CallScope, Usage, current_function, scoped};
pub use cause::cause_of;
pub use clients::{ATTEMPT_TIMEOUT, Clients, Endpoints};
pub use enqueue::DELAY_SECONDS_MAX;
pub use grant::{Action, Actions, Grant};
pub use guard::Refused;
pub use resource::{
    ACCOUNTS, ACCOUNTS_EVENTS_QUEUE, ALERTS, ALERTS_QUEUE, CODE_SECRET, CONTACTS, EMAIL, EMAIL_QUEUE, EXPORTS,
    FEEDBACK_QUEUE, KEYS, NOTIFICATIONS, NOTIFICATIONS_EVENTS_QUEUE, OUTBOX, PASSWORD_PEPPER, PLANS_QUEUE, PROFILES,
    PROVIDER_KEYS, QUEUES, Queue, REQUESTS, Resource, SCREENINGS, SCREENINGS_EVENTS_QUEUE, SECRETS, SESSIONS,
    SHARDS_QUEUE, SIGNING_SEED, SMS, SMS_QUEUE, Secret, TABLES, Table,
};
