//! What is told to people: the payload that outbox, queue and sender share, and the state of the
//! verification codes of a target, which accounts write and senders release.

mod message;
mod outbox;
mod target;

pub use message::{Channel, Message, Purpose, Recipient, Topic, UnknownVersion};
pub use outbox::{OUTBOX_SHARDS, OutboxItem};
pub use target::{
    CODE_SECONDS, GuessRefused, GUESSES_MAX, GUESS_WINDOW_SECONDS, RESEND_SECONDS, SENDS_PER_DAY_MAX, SEND_WINDOW_SECONDS, SendRefused, Target,
    TargetState,
};
