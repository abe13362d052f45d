//! A whole system in memory, for one test.

use std::time::{Duration, Instant};

use campus_endpoint::Settings;
use campus_local::aws::Sent;
use campus_local::{Data, LocalSystem, Options};

use crate::client::Client;

/// Longer than anything takes that happens by itself, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The system under test.
pub struct TestApp {
    /// The system itself, for tests that look behind HTTP.
    pub system: LocalSystem,
}

impl TestApp {
    /// A system without demo data.
    pub async fn start() -> Self {
        Self::start_with(Settings::local(), false).await
    }

    /// A system whose workers run only when a test calls them: see [`Self::work`].
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start_by_hand() -> Self {
        let settings = Settings::local();
        let options = Options { data: Data::Memory, port: 0, demo: false, feeds: false, settings };
        Self { system: LocalSystem::start(options).await.expect("the system starts") }
    }

    /// A system with these settings, with or without demo data.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start_with(settings: Settings, demo: bool) -> Self {
        let options = Options { data: Data::Memory, port: 0, demo, feeds: true, settings };
        Self { system: LocalSystem::start(options).await.expect("the system starts") }
    }

    /// Nobody in particular.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::anonymous(self.system.url())
    }

    /// Moves the clock forward.
    ///
    /// # Panics
    ///
    /// When it cannot be moved.
    pub fn advance(&self, seconds: u64) {
        self.system.clock.advance(seconds).expect("the clock moves");
    }

    /// What was sent to someone, newest first.
    ///
    /// # Panics
    ///
    /// When the outbox cannot be read.
    #[must_use]
    pub fn outbox(&self, to: &str) -> Vec<Sent> {
        self.system.state.sent(Some(to), 1000).expect("the outbox can be read")
    }

    /// Waits until so many messages were sent to someone, and returns them, newest first.
    pub async fn messages(&self, to: &str, count: usize) -> Vec<Sent> {
        eventually(&format!("{count} messages to {to}"), async || {
            let sent = self.outbox(to);
            (sent.len() >= count).then_some(sent)
        })
        .await
    }
}

/// Asks again until there is an answer.
///
/// # Panics
///
/// When there is none within 20 s.
pub async fn eventually<T>(what: &str, probe: impl AsyncFn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
