//! `revoke_signing_keys`: takes all keys out of the ring, and has a new one sign at once. For when a key, or the seed
//! that keys are derived from, is in the wrong hands; the README has what to do then.
//!
//! Whoever verifies or signs reads the ring anew after 25 s, so within a minute no token of the old keys is taken
//! anywhere. For that long some instances still sign with an old key. A client whose token is refused comes again
//! through a refresh, in which no key has a part. Run twice, it does the same once more: another key, and another
//! refresh.

use campus_aws::{ACCOUNTS, Grant, KEYS, SIGNING_SEED};
use campus_endpoint::{Command, Cx, NoBody, Report, WorkError};
use campus_session::public_key;
use campus_store::while_raced;

use super::store;
use crate::Error;
use crate::audit::{Action, Entry};

/// The command.
pub struct RevokeSigningKeys;

impl Command for RevokeSigningKeys {
    const NAME: &'static str = "revoke_signing_keys";
    const SUMMARY: &'static str = "revoke all signing keys and sign with a new one at once";
    const GRANTS: &'static [Grant] = &[KEYS.get().put(), ACCOUNTS.put(), SIGNING_SEED.read()];
    type Message = NoBody;

    async fn handle(cx: &Cx, _: NoBody) -> Result<Report, WorkError> {
        Ok(while_raced(|| revoke(cx)).await?)
    }
}

async fn revoke(cx: &Cx) -> Result<Report, Error> {
    // Not from the cache: the seed may just have been replaced.
    let (seed, seen) = tokio::join!(cx.secrets().read_anew(SIGNING_SEED), store::find_ring(cx));
    let (seed, seen) = (seed?, seen?);
    let next = seen.revoked(public_key(&seed, seen.next_epoch())?, cx.now());
    let (published, removed) = (next.epochs_beyond(&seen), seen.epochs_beyond(&next));
    let report = format!(
        "Keys revoked: {}. Key {} signs now. Access tokens of the old keys are refused within a minute.",
        removed.len(),
        next.latest_epoch
    );
    let entry = Entry::by_operator(cx, Action::RevokeSigningKeys { published, removed }, None);
    store::replace_seen(cx, &seen, next, &entry).await?;
    Ok(Report::Done(report))
}
