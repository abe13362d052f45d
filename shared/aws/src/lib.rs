//! What Campus may do on AWS, and what it did: resources, grants, the guard that holds every call to
//! them, and the SDK clients.

mod call;
mod cause;
mod clients;
mod grant;
mod guard;
mod resource;

pub use call::{Call, CallScope, Usage, current_function, scoped};
pub use cause::cause_of;
pub use clients::{ATTEMPT_TIMEOUT, Clients, Endpoints};
pub use grant::{Action, Actions, Grant};
pub use guard::Refused;
pub use resource::{
    ACCOUNTS, CODE_SECRET, EMAIL, EMAIL_QUEUE, KEYS, NOTIFICATIONS, PASSWORD_PEPPER, PROFILES, QUEUES, Queue, REQUESTS,
    Resource, SECRETS, SESSIONS, SIGNING_SEED, SMS, SMS_QUEUE, Secret, TABLES, Table,
};
