//! Every sentence that a person reads, in Korean, English and Simplified Chinese.
//!
//! The sentences are in `locales/<language>/*.ftl`, one file per use: `problems.ftl` for refused
//! requests, `fields.ftl` for single fields of them, `messages.ftl` for SMS, mail and the inbox, `values.ftl`
//! for how times are written. The tests hold the three languages to the same messages with the
//! same arguments, so code may rely on a text that it has seen in one of them.
//!
//! A text is chosen here and nowhere else, and never decides anything: `code` is what a client
//! may rely on, a sentence may be improved at any time.

mod bundle;
mod field;
mod message;
mod problem;
mod screening;
mod value;

pub use field::{field, find_field, invalid};
pub use message::{Content, Email, email, sms};
pub use problem::{ProblemText, find_problem, has_problem, problem};
pub use screening::{News, Note, Screening, note};
pub use value::Value;
