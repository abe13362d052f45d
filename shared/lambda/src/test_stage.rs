//! What a stage for tests, and no other, lets a request say of itself: that it comes later than it does, and
//! from elsewhere.
//!
//! Tests of expiry and waits cannot sit them out, and tests of limits need addresses that nobody else uses.
//! Whoever may say such things gets past every limit: [`Stage::Test`] is unsafe by design, as its captcha is.
//! Only the stage's own name switches this on; any other stage does not read the headers.

use std::net::IpAddr;
use std::sync::Arc;

use campus_domain::{Clock, SystemClock};
use campus_endpoint::Stage;
use http::{HeaderMap, HeaderName};
use jiff::{SignedDuration, Timestamp};

/// By how many seconds the request moves its own clock forward.
const CLOCK: HeaderName = HeaderName::from_static("x-campus-test-clock");
/// The address that the request is to count as coming from.
const ADDRESS: HeaderName = HeaderName::from_static("x-campus-test-address");

tokio::task_local! {
    /// How far the running request is ahead of real time.
    static AHEAD: SignedDuration;
}

/// Real time, moved forward by the running request. Whatever asks the clock follows: caches, tokens, limits, ids.
struct RequestClock;

impl Clock for RequestClock {
    fn now(&self) -> Timestamp {
        let ahead = AHEAD.try_with(|ahead| *ahead).unwrap_or_default();
        SystemClock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

/// The clock of a stage.
pub(crate) fn clock_of(stage: Stage) -> Arc<dyn Clock> {
    if stage == Stage::Test { Arc::new(RequestClock) } else { Arc::new(SystemClock) }
}

/// How far ahead of real time a request asks to be carried out.
pub(crate) fn ahead_of(stage: Stage, headers: &HeaderMap) -> SignedDuration {
    let seconds = said(stage, headers, CLOCK).and_then(|seconds| seconds.parse::<u32>().ok());
    SignedDuration::from_secs(seconds.unwrap_or_default().into())
}

/// Carries out a call so far ahead of real time.
pub(crate) async fn ahead_by<C: Future>(ahead: SignedDuration, call: C) -> C::Output {
    AHEAD.scope(ahead, call).await
}

/// The address that a request asks to count as coming from.
pub(crate) fn address_of(stage: Stage, headers: &HeaderMap) -> Option<IpAddr> {
    said(stage, headers, ADDRESS)?.parse().ok()
}

fn said(stage: Stage, headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    (stage == Stage::Test).then(|| headers.get(name)?.to_str().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const OTHERS: [Stage; 3] = [Stage::Local, Stage::Dev, Stage::Prod];

    fn headers(clock: &str, address: &str) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("it is a header");
        HeaderMap::from_iter([(CLOCK, value(clock)), (ADDRESS, value(address))])
    }

    /// By how many seconds a stage's clock is moved for a request that says so.
    async fn moved(stage: Stage, clock: &str) -> i64 {
        let stage_clock = clock_of(stage);
        let now = ahead_by(ahead_of(stage, &headers(clock, "")), async {
            tokio::task::yield_now().await;
            stage_clock.now()
        })
        .await;
        // Half a minute for a busy machine.
        (now.duration_since(SystemClock.now()).as_secs() + 30) / 60 * 60
    }

    #[tokio::test]
    async fn a_test_stage_moves_the_clock_of_the_request_that_asks_and_of_no_other() {
        let (day, none) = tokio::join!(moved(Stage::Test, "86400"), moved(Stage::Test, "0"));
        assert_eq!((day, none), (86_400, 0));
        assert!(clock_of(Stage::Test).now().duration_since(SystemClock.now()).as_secs() < 30);
    }

    #[tokio::test]
    async fn what_is_no_number_of_seconds_moves_nothing() {
        for nonsense in ["", "-60", "1.5", "tomorrow", "99999999999999999999"] {
            assert_eq!(moved(Stage::Test, nonsense).await, 0, "{nonsense}");
        }
        assert_eq!(moved(Stage::Test, &u32::MAX.to_string()).await / 86_400, i64::from(u32::MAX) / 86_400);
    }

    #[tokio::test]
    async fn no_other_stage_reads_the_headers() {
        for stage in OTHERS {
            assert_eq!(moved(stage, "86400").await, 0, "{stage:?}");
            assert_eq!(address_of(stage, &headers("", "192.0.2.1")), None, "{stage:?}");
        }
    }

    #[tokio::test]
    async fn the_clock_of_another_stage_is_not_moved_by_a_scope_either() {
        for stage in OTHERS {
            let clock = clock_of(stage);
            let now = ahead_by(SignedDuration::from_hours(24), async { clock.now() }).await;
            assert!(now.duration_since(SystemClock.now()).as_secs() < 30, "{stage:?}");
        }
    }

    #[test]
    fn a_test_stage_takes_the_address_that_a_request_says() {
        assert_eq!(address_of(Stage::Test, &headers("", "192.0.2.1")), Some([192, 0, 2, 1].into()));
        assert_eq!(address_of(Stage::Test, &headers("", "elsewhere")), None);
        assert_eq!(address_of(Stage::Test, &HeaderMap::new()), None);
    }
}
