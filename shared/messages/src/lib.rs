//! What is told to people: the payload that outbox, queue and sender share, and the state of the
//! verification codes of a target, which accounts write and senders release.

mod message;
mod outbox;
mod target;

pub use message::{Channel, Message, Purpose, Recipient, Topic, UnknownVersion};
pub use outbox::{OUTBOX_SHARDS, OutboxItem};
pub use target::{
    CODE_SECONDS, GUESS_WINDOW_SECONDS, GUESSES_MAX, GuessRefused, RESEND_SECONDS, SEND_WINDOW_SECONDS,
    SENDS_PER_DAY_MAX, SendRefused, Target, TargetState,
};
