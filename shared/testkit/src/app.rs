//! The system under test: one of the test's own in memory, or a deployed stage that all tests share.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use campus_aws::Clients;
use campus_domain::{Clock, Id, SystemClock, Timestamp};
use campus_endpoint::Settings;
use campus_local::{Data, LocalSystem, Options};

use crate::client::{Client, Pretence};
use crate::names::new_address;
use crate::target::{Deployment, Outbox, Sent, is_deployed};

/// Longer than anything takes that happens by itself, on a busy machine: a message that two workers had at once stays
/// hidden for a minute before it comes again.
const PATIENCE: Duration = Duration::from_secs(90);

/// The system under test.
///
/// It is deployed if the environment says so (see the `target` module), and else a local one. Whatever
/// a test does through the API and this type is the same for both.
pub struct TestApp {
    /// Clients that are nobody's function, for looking at the tables.
    pub clients: Clients,
    /// What the system was started or deployed with.
    pub settings: Settings,
    target: Target,
}

enum Target {
    Local { client: Client, system: Box<LocalSystem>, addresses: AtomicU8 },
    Deployed { client: Client, ahead: Arc<AtomicU64>, outbox: Option<Outbox>, far: bool, others: Mutex<Vec<IpAddr>> },
}

impl TestApp {
    /// A system without demo data.
    pub async fn start() -> Self {
        Self::start_with(Settings::local()).await
    }

    /// A system with these settings. A deployed one keeps its own: a test goes by [`Self::settings`].
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start_with(settings: Settings) -> Self {
        match Deployment::named() {
            Some(deployment) => Self::deployed(deployment).await,
            None => Self::local(Options { settings, ..options() }).await,
        }
    }

    /// A local system, whatever the environment says.
    pub async fn start_local() -> Self {
        Self::local(options()).await
    }

    /// A local system with these settings, whatever the environment says.
    pub async fn start_local_with(settings: Settings) -> Self {
        Self::local(Options { settings, ..options() }).await
    }

    /// A local system with demo data.
    pub async fn start_demo() -> Self {
        Self::local(Options { demo: true, ..options() }).await
    }

    /// A local system whose workers run only when a test calls them: see [`Self::work`].
    pub async fn start_by_hand() -> Self {
        Self::local(Options { feeds: false, ..options() }).await
    }

    /// The same, with its data in files: for tests that copy what they have prepared.
    pub async fn start_by_hand_in(folder: &Path) -> Self {
        Self::start_by_hand_with(folder, Settings::local()).await
    }

    /// The same, with these settings.
    pub async fn start_by_hand_with(folder: &Path, settings: Settings) -> Self {
        // The copies must take each other's tokens, and write the same links.
        let url = Some("http://localhost".to_owned());
        let data = Data::Folder(folder.to_owned());
        Self::local(Options { feeds: false, data, url, settings, ..options() }).await
    }

    /// Stops a local system, so that its files are complete.
    ///
    /// # Panics
    ///
    /// When the system under test is deployed.
    pub async fn stop(self) {
        match self.target {
            Target::Local { system, .. } => system.stop().await,
            Target::Deployed { .. } => panic!("nobody stops a stage"),
        }
    }

    async fn local(options: Options) -> Self {
        let system = LocalSystem::start(options).await.expect("the system starts");
        let settings = (*system.settings).clone();
        let clients = system.clients.clone();
        let client = Client::new(system.url(), None);
        let (system, addresses) = (Box::new(system), AtomicU8::new(2));
        Self { clients, settings, target: Target::Local { client, system, addresses } }
    }

    async fn deployed(deployment: Deployment) -> Self {
        let Deployment { url, prefix, outbox, settings } = deployment;
        // Each test calls from an address of its own, so that limits per address are its own, too. Whoever
        // sees this machine from afar sees one address only, and has to be told another.
        let far = !is_on_this_machine(&url);
        let ahead = Arc::<AtomicU64>::default();
        let pretence = Pretence { ahead: Arc::clone(&ahead), address: None, far };
        let client = Client::new(url, Some(pretence)).from_address(new_address(far));
        let clients = Clients::of_operator(prefix).await;
        Self { clients, settings, target: Target::Deployed { client, ahead, outbox, far, others: Mutex::default() } }
    }

    /// The local system itself, for tests that look behind HTTP.
    ///
    /// # Panics
    ///
    /// When the system under test is deployed.
    #[must_use]
    pub fn system(&self) -> &LocalSystem {
        match &self.target {
            Target::Local { system, .. } => system,
            Target::Deployed { .. } => panic!("this test needs a local system"),
        }
    }

    /// Nobody in particular.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        match &self.target {
            Target::Local { client, .. } | Target::Deployed { client, .. } => client.clone(),
        }
    }

    /// An address that nobody else calls from, for [`Client::from_address`].
    #[must_use]
    pub fn another_address(&self) -> IpAddr {
        match &self.target {
            Target::Local { addresses, .. } => {
                Ipv4Addr::new(127, 0, 0, addresses.fetch_add(1, Ordering::Relaxed)).into()
            }
            Target::Deployed { far, .. } => new_address(*far),
        }
    }

    /// The address of this number that the test calls from besides its own: the same for the same number.
    ///
    /// # Panics
    ///
    /// When another test has panicked with the addresses in its hands.
    #[must_use]
    pub fn address(&self, number: u8) -> IpAddr {
        match &self.target {
            Target::Local { .. } => Ipv4Addr::new(127, 0, 1, number).into(),
            Target::Deployed { far, others, .. } => {
                let mut others = others.lock().expect("nobody panics with it");
                while others.len() <= usize::from(number) {
                    others.push(new_address(*far));
                }
                others[usize::from(number)]
            }
        }
    }

    /// Whether the system is a local one, whose calls on AWS and queues can be looked at.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.target, Target::Local { .. })
    }

    /// Moves the clock forward: the system's own, or that of this test's requests to a deployed stage,
    /// whose workers stay in the present.
    ///
    /// # Panics
    ///
    /// When it cannot be moved.
    pub fn advance(&self, seconds: u64) {
        match &self.target {
            Target::Local { system, .. } => {
                system.clock.advance(seconds).expect("the clock moves");
            }
            Target::Deployed { ahead, .. } => {
                ahead.fetch_add(seconds, Ordering::Relaxed);
            }
        }
    }

    /// What the clock says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.instant().into()
    }

    fn instant(&self) -> jiff::Timestamp {
        match &self.target {
            Target::Local { system, .. } => (system.clock.now())(),
            Target::Deployed { ahead, .. } => {
                let ahead = Duration::from_secs(ahead.load(Ordering::Relaxed));
                SystemClock.now().saturating_add(ahead).expect("it is an instant")
            }
        }
    }

    /// A new id of this moment.
    #[must_use]
    pub fn new_id<K>(&self) -> Id<K> {
        Id::at(self.instant())
    }

    /// What was sent to someone, newest first.
    ///
    /// # Panics
    ///
    /// When that cannot be read.
    pub async fn outbox(&self, to: &str) -> Vec<Sent> {
        match &self.target {
            Target::Local { system, .. } => {
                let sent = system.state.sent(Some(to), 1000).expect("the outbox can be read");
                sent.into_iter().map(Sent::from).collect()
            }
            Target::Deployed { outbox, .. } => {
                let outbox =
                    outbox.as_ref().expect("what a stage on AWS has sent can be read by nobody but its addressee");
                outbox.sent(to).await
            }
        }
    }

    /// Whether what was sent can be read.
    pub(crate) fn has_outbox(&self) -> bool {
        !matches!(self.target, Target::Deployed { outbox: None, .. })
    }

    /// Waits until so many messages were sent to someone, and returns them, newest first.
    pub async fn messages(&self, to: &str, count: usize) -> Vec<Sent> {
        eventually(&format!("{count} messages to {to}"), async || {
            let sent = self.outbox(to).await;
            (sent.len() >= count).then_some(sent)
        })
        .await
    }
}

fn options() -> Options {
    Options { data: Data::Memory, port: 0, url: None, demo: false, feeds: true, settings: Settings::local() }
}

fn is_on_this_machine(url: &str) -> bool {
    let url = reqwest::Url::parse(url).expect("CAMPUS_TARGET_URL is a URL");
    url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127."))
}

/// Asks again until there is an answer.
///
/// # Panics
///
/// When there is none within 90 s.
pub async fn eventually<T>(what: &str, probe: impl AsyncFn() -> Option<T>) -> T {
    let pause = if is_deployed() { 200 } else { 5 };
    let began = Instant::now();
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
