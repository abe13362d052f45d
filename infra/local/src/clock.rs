//! The local system's clock: real time plus an offset that can only grow, so that a test of an expiry, a cooldown or an
//! alert does not have to wait for it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::aws::{self, State};

/// Where everything local takes the time from.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How far the clock may be ahead of real time, in seconds: ten years. Beyond that nothing is left to test, and a
/// mistyped number would make the data useless, since the clock never goes back.
pub const OFFSET_SECONDS_MAX: u64 = 10 * 365 * 24 * 60 * 60;

/// The mark in which the offset survives a restart.
const MARK: &str = "clock.offset_seconds";

/// Why the clock did not move.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// The clock would be more than [`OFFSET_SECONDS_MAX`] ahead.
    #[error("the clock can be at most {OFFSET_SECONDS_MAX} seconds ahead of real time")]
    TooFar,
    /// The new offset could not be kept, so it does not count either.
    #[error(transparent)]
    Storage(#[from] aws::Error),
}

/// Real time plus a kept offset. Clones are the same clock.
#[derive(Clone)]
pub struct MovableClock {
    // Apart from the state: the state reads the time while it holds its own lock, and a `Now` that owned the state
    // would keep its file open for ever.
    offset_seconds: Arc<AtomicU64>,
    advancing: Arc<Mutex<()>>,
    moved: Arc<watch::Sender<()>>,
    state: State,
}

impl MovableClock {
    /// Opens the state (in memory without a path) and the clock that it keeps. They come together because each needs
    /// the other: the state takes the time from the clock, and the clock its offset from the state.
    pub fn open(path: Option<&Path>) -> Result<(Self, State), aws::Error> {
        let offset_seconds = Arc::new(AtomicU64::new(0));
        let now = now_with(&offset_seconds);
        let state = match path {
            Some(path) => State::open(path, now)?,
            None => State::in_memory(now)?,
        };

        let kept = state.mark(MARK)?.and_then(|text| text.parse().ok());
        // Bounded again, so that an edited file cannot push the time out of range.
        let kept = kept.unwrap_or(0).min(OFFSET_SECONDS_MAX);
        offset_seconds.store(kept, Ordering::SeqCst);

        let clock = Self {
            offset_seconds,
            advancing: Arc::default(),
            moved: Arc::new(watch::Sender::new(())),
            state: state.clone(),
        };
        Ok((clock, state))
    }

    /// This clock's time, to be given to everything else.
    pub fn now(&self) -> Now {
        now_with(&self.offset_seconds)
    }

    /// Seconds ahead of real time.
    pub fn offset_seconds(&self) -> u64 {
        self.offset_seconds.load(Ordering::SeqCst)
    }

    /// Moves the clock forward, keeps the offset, and wakes whoever waits for a time that has now come. Returns the new
    /// time.
    pub fn advance(&self, seconds: u64) -> Result<Timestamp, AdvanceError> {
        {
            // Two at once would each add to the same offset.
            let _alone = self.advancing.lock().unwrap_or_else(PoisonError::into_inner);
            let ahead = self
                .offset_seconds()
                .checked_add(seconds)
                .filter(|ahead| *ahead <= OFFSET_SECONDS_MAX)
                .ok_or(AdvanceError::TooFar)?;
            self.state.set_mark(MARK, &ahead.to_string())?;
            self.offset_seconds.store(ahead, Ordering::SeqCst);
        }
        self.state.wake();
        self.moved.send_replace(());
        Ok((self.now())())
    }

    /// Changes each time the clock is moved.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the local system's present comes from")]
fn now_with(offset_seconds: &Arc<AtomicU64>) -> Now {
    let offset_seconds = offset_seconds.clone();
    Arc::new(move || {
        let ahead = offset_seconds.load(Ordering::SeqCst);
        let ahead = SignedDuration::from_secs(i64::try_from(ahead).unwrap_or(0));
        Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_forward_and_keeps_its_offset_over_a_restart() {
        let file = crate::aws::tests::TemporaryFile::new();
        let (clock, state) = MovableClock::open(Some(file.path())).unwrap();
        let before = (clock.now())();
        let after = clock.advance(3600).unwrap();
        assert!(after.duration_since(before) >= SignedDuration::from_hours(1));
        clock.advance(60).unwrap();
        drop((clock, state));

        let (clock, _state) = MovableClock::open(Some(file.path())).unwrap();
        assert_eq!(clock.offset_seconds(), 3660);
        assert!((clock.now())().duration_since(before) >= SignedDuration::from_secs(3660));
    }

    #[test]
    fn the_clock_refuses_more_than_ten_years_in_total() {
        let (clock, _state) = MovableClock::open(None).unwrap();
        clock.advance(OFFSET_SECONDS_MAX - 1).unwrap();
        assert!(matches!(clock.advance(2), Err(AdvanceError::TooFar)));
        assert!(matches!(clock.advance(u64::MAX), Err(AdvanceError::TooFar)));
        assert_eq!(clock.offset_seconds(), OFFSET_SECONDS_MAX - 1);
    }
}
