//! Retrying conflicts between transactions, and changes that others were faster with.
//!
//! The SDK retries what is transient; nothing here retries above it, but for a conflict with another
//! transaction, which the SDK hands through and which is the server's to settle.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Failure, StoreError};

/// Conflicts are retried for this long. Below the function's 10 s, above what 50 writers of one item need.
const CONFLICT_BUDGET: Duration = Duration::from_secs(5);
const FIRST_PAUSE_MS: u64 = 10;
const LONGEST_PAUSE_MS: u64 = 400;

/// Makes the call until it does not meet a conflict, with full jitter between.
pub(crate) async fn settle<T, F: Future<Output = Result<T, Failure>>>(
    mut call: impl FnMut() -> F,
) -> Result<T, Failure> {
    let give_up_at = Instant::now() + CONFLICT_BUDGET;
    let mut pause_ms = FIRST_PAUSE_MS;
    loop {
        match call().await {
            Err(failure) if failure.is_conflict() => {
                let pause = Duration::from_millis(fastrand::u64(0..=pause_ms));
                if Instant::now() + pause >= give_up_at {
                    return Err(Failure::Error(StoreError::Contended));
                }
                tokio::time::sleep(pause).await;
                pause_ms = (pause_ms * 2).min(LONGEST_PAUSE_MS);
            }
            other => return other,
        }
    }
}

/// Attempts at a change that others keep racing. Each loser sees the winner's state, so under a limit most are refused
/// at the second.
const ATTEMPTS_MIN: u32 = 8;
/// More are made within this time: where everyone may win, as in changing one thing, they take turns.
const RACE_BUDGET: Duration = Duration::from_secs(5);
/// An attempt is lost when another one ends within it. So the more there are, the further apart they should be; in a
/// few rounds so far that fifty, of some 20 ms each, seldom meet.
const LONGEST_PAUSE_OF_RACES_MS: u64 = 1600;

/// An error that may mean that what was read is no longer so, and nothing else.
pub trait MayRace {
    /// Whether it means that.
    fn is_raced(&self) -> bool;
}

/// Reads and writes anew while another request was faster.
///
/// # Errors
///
/// The attempt's own; the one that [is a race](MayRace::is_raced) when eight were lost in a row, and for 5 s.
pub async fn while_raced<T, E: MayRace, F: Future<Output = Result<T, E>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<T, E> {
    let give_up_at = Instant::now() + RACE_BUDGET;
    let (mut lost, mut pause_ms) = (0, FIRST_PAUSE_MS);
    loop {
        match attempt().await {
            Err(error) if error.is_raced() => {
                lost += 1;
                if lost >= ATTEMPTS_MIN && Instant::now() >= give_up_at {
                    return Err(error);
                }
            }
            settled => return settled,
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=pause_ms))).await;
        pause_ms = (pause_ms * 2).min(LONGEST_PAUSE_OF_RACES_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn conflicts_are_retried_until_the_call_goes_through() {
        let mut left = 3;
        let outcome = settle(|| {
            left -= 1;
            let conflict = left > 0;
            async move { if conflict { Err(Failure::Conflict) } else { Ok(()) } }
        })
        .await;

        assert!(outcome.is_ok());
        assert_eq!(left, 0);
    }

    #[derive(Debug)]
    struct Raced;

    impl MayRace for Raced {
        fn is_raced(&self) -> bool {
            true
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_race_is_run_again_until_it_is_won_or_went_on_for_too_long() {
        let began = Instant::now();
        let mut left = 12;
        let won = while_raced(|| {
            left -= 1;
            let outcome = if left > 0 { Err(Raced) } else { Ok(()) };
            async move { outcome }
        });
        assert!(won.await.is_ok());
        assert!(while_raced(|| async { Err::<(), _>(Raced) }).await.is_err());
        assert!(began.elapsed() < 3 * RACE_BUDGET);
    }

    #[tokio::test(start_paused = true)]
    async fn endless_conflicts_end_as_contended_within_the_budget() {
        let began = Instant::now();
        let outcome = settle(|| async { Err::<(), _>(Failure::Conflict) }).await;

        assert!(matches!(outcome, Err(Failure::Error(StoreError::Contended))));
        assert!(began.elapsed() <= CONFLICT_BUDGET);
    }
}
