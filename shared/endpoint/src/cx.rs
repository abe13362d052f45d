//! What a handler has at hand: the store, the secrets, the time, and who asks from where.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use campus_aws::{Call, Clients, Usage};
use campus_domain::{Clock, Id, Locale, Timestamp, kind};
use campus_secrets::Secrets;
use campus_session::{Authenticator, CursorSecret, Signer};
use campus_store::{Store, StoreError};

use crate::credentials::ClientCookies;
use crate::idempotency::Claim;
use crate::list::CursorKey;
use crate::measure::{Measure, Measures};
use crate::route::Route;
use crate::settings::Settings;

/// One instance of one function: its clients and whatever it keeps from one invocation to the next.
///
/// On AWS a process is one instance of one function. Locally each function has a runtime of its own
/// too, so that what is cached is cached as there.
pub struct Runtime {
    clients: Clients,
    store: Store,
    secrets: Secrets,
    signer: Signer,
    pub(crate) authenticator: Authenticator,
    pub(crate) settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    recorder: Arc<dyn Recorder>,
    cursor_key: Mutex<Option<CursorKey>>,
    warm: AtomicBool,
}

/// Takes note of invocations: in a log, in metrics, or for people and tests to look at.
pub trait Recorder: Send + Sync + 'static {
    /// Takes note of one.
    fn record(&self, invocation: Invocation);
}

/// One invocation of a function, looked back at.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The endpoint's or worker's name.
    pub function: &'static str,
    /// Names it in the log.
    pub request_id: Id<kind::Request>,
    /// Method and path template; nothing for workers.
    pub route: Option<Route>,
    /// HTTP status; 200 or 500 for workers.
    pub status: u16,
    /// How long it took, the work of Lambda's runtime excluded.
    pub duration: Duration,
    /// Whether it was the instance's first.
    pub cold: bool,
    /// What it called.
    pub calls: Vec<Call>,
    /// The grants that it used.
    pub used: BTreeSet<Usage>,
    /// What its handler measured.
    pub measures: BTreeMap<Measure, u32>,
}

impl Invocation {
    /// The number of round trips to AWS that it waited for, one after the other.
    #[must_use]
    pub fn round_trips(&self) -> u32 {
        self.calls.iter().map(|call| call.depth).max().unwrap_or_default()
    }
}

impl Runtime {
    /// A new instance.
    #[must_use]
    pub fn new(clients: Clients, settings: Arc<Settings>, clock: Arc<dyn Clock>, recorder: Arc<dyn Recorder>) -> Self {
        Self {
            store: Store::new(&clients),
            secrets: Secrets::new(&clients, Arc::clone(&clock)),
            signer: Signer::new(settings.issuer.clone(), Arc::clone(&clock)),
            authenticator: Authenticator::new(settings.issuer.clone(), Arc::clone(&clock)),
            clients,
            settings,
            clock,
            recorder,
            cursor_key: Mutex::default(),
            warm: AtomicBool::new(false),
        }
    }

    /// Whether this is the first time that it is asked.
    pub(crate) fn starts_cold(&self) -> bool {
        !self.warm.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    pub(crate) fn new_id<K>(&self) -> Id<K> {
        Id::at(self.clock.now())
    }

    /// The stage's tables, whatever a request's own writes have to wait for.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The key of cursors, once there is one. It never changes, so an instance reads it once.
    pub(crate) async fn cursor_key(&self) -> Result<Option<CursorKey>, StoreError> {
        let cached = self.cursor_key.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if cached.is_some() {
            return Ok(cached);
        }
        let stored = self.store.find::<CursorSecret>(&CursorSecret::location()).await?;
        let key = stored.map(|stored| CursorKey::new(stored.secret.into()));
        self.cursor_key.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&key);
        Ok(key)
    }

    pub(crate) fn record(&self, invocation: Invocation) {
        self.recorder.record(invocation);
    }
}

/// The context of one request or one batch of messages.
pub struct Cx {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) request_id: Id<kind::Request>,
    pub(crate) now: Timestamp,
    pub(crate) locale: Locale,
    pub(crate) client_address: IpAddr,
    pub(crate) user_agent: Option<String>,
    pub(crate) cookies: ClientCookies,
    pub(crate) store: Store,
    /// What cursors are sealed with, where the endpoint has a list.
    pub(crate) cursor_key: Option<CursorKey>,
    /// What the request is to be known by when it is repeated.
    pub(crate) claim: Option<Claim>,
    pub(crate) measures: Measures,
}

impl Cx {
    /// The stage's tables.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The stage's secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.runtime.secrets
    }

    /// What issues tokens.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.runtime.signer
    }

    /// The SDK clients, for the workers that send.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.runtime.clients
    }

    /// The stage's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.runtime.settings
    }

    /// When the request came. The same throughout it, so that what is compared agrees with what is written.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id of this moment.
    #[must_use]
    pub fn new_id<K>(&self) -> Id<K> {
        self.runtime.new_id()
    }

    /// Names this request in answers and logs, and marks what it wrote.
    #[must_use]
    pub fn request_id(&self) -> Id<kind::Request> {
        self.request_id
    }

    /// Has a figure told of this invocation.
    pub fn measure(&self, measure: Measure, value: u32) {
        self.measures.set(measure, value);
    }

    /// The language that the client asked for.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// What the client calls itself.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The client's cookies, for the endpoints that take a token from one.
    #[must_use]
    pub fn cookies(&self) -> &ClientCookies {
        &self.cookies
    }

    /// Whom a limit per address counts: an IPv4 address, or the /64 that an IPv6 customer is given.
    #[must_use]
    pub fn address_subject(&self) -> String {
        match self.client_address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}
