//! The rules of rotation, over years of days whose ticks are late, doubled and missing.

use std::collections::BTreeMap;

use super::*;
use crate::authenticate::CACHED_FOR_SECONDS;
use crate::claims::ACCESS_TOKEN_SECONDS;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// How often the years are looked at where nothing happens.
const STEP_SECONDS: i64 = HOUR / 2;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_epoch_seconds(seconds)
}

/// The key of an epoch, of a seed that is named.
fn key(seed: &str, epoch: u32) -> PublicKey {
    PublicKey { kid: format!("{seed}-{epoch}"), x: String::new() }
}

fn next_key(ring: &Ring) -> PublicKey {
    key("seed", ring.next_epoch())
}

/// A ring that someone has signed with for the first time.
fn begun(now: Timestamp) -> Ring {
    let empty = Ring::default();
    empty.taken_over(next_key(&empty), now).in_place_of(&empty)
}

/// What the worker does at a tick, if there is anything to do.
fn ticked(ring: &Ring, now: Timestamp) -> Option<Ring> {
    let mut next = ring.without_old(now);
    if let Some(signs_from) = ring.next_signs_from(now) {
        next = next.with_next(next_key(&next), signs_from);
    }
    (next.keys != ring.keys).then(|| next.in_place_of(ring))
}

/// The stored ring, and what instances and clients have of it.
struct World {
    ring: Ring,
    /// As instances have it cached that read it last: the ring of [`CACHED_FOR_SECONDS`] ago.
    cached: Vec<(Timestamp, Ring)>,
    published: BTreeMap<String, Timestamp>,
    signed_last: BTreeMap<String, Timestamp>,
}

impl World {
    fn new(now: Timestamp) -> Self {
        let ring = begun(now);
        let mut world = Self { ring, cached: Vec::new(), published: BTreeMap::new(), signed_last: BTreeMap::new() };
        world.note(now);
        world
    }

    /// Stores a ring as the table does: only in the place of the one that the writer saw.
    fn store(&mut self, seen: &Ring, next: Ring, now: Timestamp) {
        if self.ring.version == seen.version {
            assert!(next.latest_epoch >= self.ring.latest_epoch && next.version > seen.version);
            self.ring = next;
            self.note(now);
        }
    }

    fn note(&mut self, now: Timestamp) {
        for kid in self.ring.keys.keys() {
            self.published.entry(kid.clone()).or_insert(now);
        }
        self.cached.push((now, self.ring.clone()));
    }

    /// The rings that an instance may go by at this time.
    fn in_use(&self, now: Timestamp) -> impl Iterator<Item = &Ring> {
        let stale_since = now.plus_seconds(-CACHED_FOR_SECONDS);
        let oldest = self.cached.iter().rposition(|(since, _)| *since <= stale_since).unwrap_or_default();
        self.cached[oldest..].iter().map(|(_, ring)| ring)
    }

    /// Some instance signs, another verifies, and whatever was signed and is not over is taken by all of them.
    fn look(&mut self, now: Timestamp) {
        let signers: Vec<(String, u32)> = self
            .in_use(now)
            .map(|ring| ring.signing_at(now).map(|(kid, key)| (kid.to_owned(), key.epoch)).expect("one signs"))
            .collect();
        for (kid, epoch) in signers {
            let published_for = self.published[&kid].seconds_until(now);
            assert!(
                epoch == 1 || published_for >= PUBLISHED_BEFORE_SECONDS,
                "{kid} was published {published_for} s ago"
            );
            self.signed_last.insert(kid, now);
        }
        self.signed_last.retain(|_, last| last.seconds_until(now) < ACCESS_TOKEN_SECONDS);
        for ring in self.in_use(now) {
            for kid in self.signed_last.keys() {
                assert!(ring.keys.contains_key(kid), "at {now} a token of {kid} is good and refused");
            }
        }
        assert!(self.ring.keys.len() <= 3, "{:?}", self.ring);
    }
}

/// Five years with a tick a day, or an hour: each late by up to that, some doubled, one in four missing.
#[test]
fn over_years_there_is_always_a_key_that_signs_and_no_good_token_is_refused() {
    for seed in 0..8 {
        let mut random = fastrand::Rng::with_seed(seed);
        let start = at(1_700_000_000);
        let mut world = World::new(start);
        let mut ticks = Vec::new();
        let every = if seed % 2 == 0 { DAY } else { HOUR };
        for number in 1..5 * 365 * DAY / every {
            let tick = number * every + random.i64(0..every);
            // None, one or two.
            let doubled = [tick, tick + random.i64(0..60)];
            ticks.extend(doubled.into_iter().take([0, 1, 1, 2][random.usize(0..4)]));
        }
        ticks.sort_unstable();
        let mut ticks = ticks.into_iter().peekable();
        let mut elapsed = 0;
        while elapsed < 5 * 365 * DAY {
            let tick = ticks.next_if(|tick| *tick <= elapsed);
            let now = start.plus_seconds(tick.unwrap_or(elapsed));
            // Two that run at once have seen the same ring.
            let seen = world.ring.clone();
            for _ in 0..tick.map_or(0, |_| random.usize(1..=2)) {
                if let Some(next) = ticked(&seen, now) {
                    world.store(&seen, next, now);
                }
            }
            world.look(now);
            // Next, whatever comes first of a tick, a key's first moments, and the end of the step.
            let begins = world.ring.keys.values().map(|key| start.seconds_until(key.signs_from));
            let moments = begins.flat_map(|begins| [begins - 1, begins, begins + CACHED_FOR_SECONDS]);
            let coming = moments.filter(|moment| *moment > elapsed).chain(ticks.peek().copied());
            if tick.is_none() {
                elapsed = coming.chain([elapsed + STEP_SECONDS]).min().unwrap_or(elapsed);
            }
        }
        // One in four missing, a key lasts a little longer than ninety days, and a little.
        assert!((17..=21).contains(&world.ring.latest_epoch), "{}", world.ring.latest_epoch);
    }
}

#[test]
fn a_key_is_published_a_day_before_it_signs_and_goes_an_hour_after_its_successor_began() {
    let ring = begun(at(0));
    assert_eq!(ticked(&ring, at(89 * DAY - 1)), None);
    let published = ticked(&ring, at(89 * DAY)).expect("the next is published");
    assert_eq!((published.version, published.latest_epoch, published.keys.len()), (2, 2, 2));
    assert_eq!(published.keys["seed-2"].signs_from, at(90 * DAY));
    assert_eq!(published.signing_at(at(90 * DAY - 1)).map(|(kid, _)| kid), Some("seed-1"));
    assert_eq!(published.signing_at(at(90 * DAY)).map(|(kid, _)| kid), Some("seed-2"));
    for settled in [89 * DAY + 1, 90 * DAY, 90 * DAY + HOUR - 1] {
        assert_eq!(ticked(&published, at(settled)), None, "{settled}");
    }
    let settled = ticked(&published, at(90 * DAY + HOUR)).expect("the old one goes");
    assert_eq!(settled.keys.keys().collect::<Vec<_>>(), ["seed-2"]);
    assert_eq!(settled.next_epoch(), 3);
}

#[test]
fn after_a_year_without_a_tick_the_next_key_is_still_published_a_day_before() {
    let ring = begun(at(0));
    let published = ticked(&ring, at(365 * DAY)).expect("the next is published");
    assert_eq!(published.keys["seed-2"].signs_from, at(366 * DAY));
}

#[test]
fn an_empty_ring_is_left_to_whoever_signs_first() {
    assert_eq!(ticked(&Ring::default(), at(0)), None);
}

#[test]
fn revoked_keys_are_gone_and_their_epochs_are_never_used_again() {
    let ring = ticked(&begun(at(0)), at(89 * DAY)).expect("there are two");
    let now = at(89 * DAY + 7);
    let revoked = ring.revoked(next_key(&ring), now).in_place_of(&ring);
    assert_eq!(revoked.keys.keys().collect::<Vec<_>>(), ["seed-3"]);
    assert_eq!((revoked.version, revoked.latest_epoch, revoked.next_epoch()), (3, 3, 4));
    assert_eq!(revoked.signing_at(now).map(|(kid, _)| kid), Some("seed-3"));
    // By a clock that is behind, too, and the next key is published when this one has signed for 89 days.
    assert_eq!(revoked.signing_at(at(0)).map(|(kid, _)| kid), Some("seed-3"));
    assert_eq!(revoked.next_signs_from(now.plus_seconds(88 * DAY)), None);
    assert!(revoked.next_signs_from(now.plus_seconds(89 * DAY)).is_some());
    assert_eq!(ring.epochs_beyond(&revoked), [1, 2]);
}

#[test]
fn the_key_of_another_seed_takes_over_from_those_to_come_and_what_has_signed_goes_on_verifying() {
    let ring = ticked(&begun(at(0)), at(89 * DAY)).expect("there are two");
    let taken_over = ring.taken_over(key("other", ring.next_epoch()), at(89 * DAY + 7));
    assert_eq!(taken_over.keys.keys().collect::<Vec<_>>(), ["other-3", "seed-1"]);
    for later in [89 * DAY + 7, 91 * DAY] {
        assert_eq!(taken_over.signing_at(at(later)).map(|(kid, _)| kid), Some("other-3"));
    }
}

#[test]
fn a_ring_of_before_the_highest_epoch_was_kept_is_told_by_its_keys() {
    let stored = r#"{ "version": 4, "keys": { "k": { "epoch": 7, "x": "", "signs_from": 0 } } }"#;
    let ring: Ring = serde_json::from_str(stored).expect("it can be read");
    assert_eq!(ring.next_epoch(), 8);
    assert_eq!(ring.revoked(key("seed", 8), at(1)).next_epoch(), 9);
}
