//! `rotate_keys`: publishes the next signing key a day before it signs, and takes out the old one when its last token
//! is over.
//!
//! Once a day is often enough. A tick that is late or missing lets a key sign for longer, and an old one stay for
//! longer; the next key is always published for a day. On most days there is nothing to do, which costs one read.

use campus_aws::{ACCOUNTS, Grant, KEYS, SIGNING_SEED};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_session::public_key;
use campus_store::while_raced;

use super::store;
use crate::Error;
use crate::audit::{Action, Entry};

/// The worker.
pub struct RotateKeys;

const MINUTES_OF_A_DAY: u16 = 24 * 60;

impl Worker for RotateKeys {
    const NAME: &'static str = "rotate_keys";
    const SOURCE: Source = Source::Schedule(MINUTES_OF_A_DAY);
    const GRANTS: &'static [Grant] = &[KEYS.get().put(), ACCOUNTS.put(), SIGNING_SEED.read()];
    type Message = ();

    async fn handle(cx: &Cx, ticks: Vec<()>) -> Vec<Result<(), WorkError>> {
        let rotated = while_raced(|| rotate(cx)).await;
        ticks.iter().map(|()| rotated.as_ref().copied().map_err(|error| WorkError::new(error.to_string()))).collect()
    }
}

async fn rotate(cx: &Cx) -> Result<(), Error> {
    let seen = store::find_ring(cx).await?;
    let mut next = seen.without_old(cx.now());
    if let Some(signs_from) = seen.next_signs_from(cx.now()) {
        // Not from the cache: the key of a seed that was replaced since would be of no use tomorrow.
        let seed = cx.secrets().read_anew(SIGNING_SEED).await?;
        next = next.with_next(public_key(&seed, next.next_epoch())?, signs_from);
    }
    let (published, removed) = (next.epochs_beyond(&seen), seen.epochs_beyond(&next));
    if published.is_empty() && removed.is_empty() {
        return Ok(());
    }
    let entry = Entry::by_schedule(cx, Action::RotateKeys { published, removed });
    store::replace_seen(cx, &seen, next, &entry).await
}
