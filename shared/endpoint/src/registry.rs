//! The registry: a domain's endpoints and workers, an explicit list, and what is known of each.

use std::sync::Arc;

use campus_aws::{Grant, KEYS, REQUESTS, SESSIONS};
use futures::future::BoxFuture;

use crate::access::{Access, SessionUse};
use crate::contract::{Endpoint, Tuning};
use crate::cx::Runtime;
use crate::describe::{Description, describe};
use crate::request::{HttpRequest, HttpResponse};
use crate::route::Route;
use crate::runner;
use crate::worker::{Worker, WorkerEntry};

/// A domain's endpoints and workers.
pub struct Registry {
    /// The domain, such as `accounts`.
    pub domain: &'static str,
    /// Its endpoints.
    pub endpoints: Vec<EndpointEntry>,
    /// Its workers.
    pub workers: Vec<WorkerEntry>,
}

/// What an access is called and whether it needs a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessKind {
    /// Its name.
    pub name: &'static str,
    /// Whether an anonymous caller is refused.
    pub needs_session: bool,
}

/// Runs an endpoint in an instance, within its grants.
pub(crate) type Run = fn(Arc<Runtime>, Arc<[Grant]>, HttpRequest) -> BoxFuture<'static, HttpResponse>;

/// One endpoint, its types erased.
#[derive(Clone)]
pub struct EndpointEntry {
    /// See [`Endpoint::NAME`].
    pub name: &'static str,
    /// See [`Endpoint::SUMMARY`].
    pub summary: &'static str,
    /// See [`Endpoint::ROUTE`].
    pub route: Route,
    /// Who may call it.
    pub access: AccessKind,
    /// Everything that it may touch, the runner's part included.
    pub grants: Arc<[Grant]>,
    /// See [`Endpoint::TUNING`].
    pub tuning: Tuning,
    /// Describes it for the API description. A function, so that none of it costs a Lambda its start.
    pub describe: fn() -> Description,
    pub(crate) run: Run,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new(domain: &'static str) -> Self {
        Self { domain, endpoints: Vec::new(), workers: Vec::new() }
    }

    /// Adds an endpoint.
    #[must_use]
    pub fn add<E: Endpoint>(mut self) -> Self {
        let mut grants = E::GRANTS.to_vec();
        if E::Access::SESSION != SessionUse::Ignored {
            grants.extend([KEYS.batch_get(), SESSIONS.batch_get()]);
        }
        // For the records of idempotency keys.
        if !E::LIMITS.is_empty() || E::ROUTE.method == "POST" {
            grants.push(REQUESTS.update());
        }
        self.endpoints.push(EndpointEntry {
            name: E::NAME,
            summary: E::SUMMARY,
            route: E::ROUTE,
            access: AccessKind { name: E::Access::NAME, needs_session: E::Access::SESSION == SessionUse::Required },
            grants: grants.into(),
            tuning: E::TUNING,
            describe: describe::<E>,
            run: |runtime, grants, request| Box::pin(runner::run::<E>(runtime, grants, request)),
        });
        self
    }

    /// Adds a worker.
    #[must_use]
    pub fn worker<W: Worker>(mut self) -> Self {
        self.workers.push(WorkerEntry::of::<W>());
        self
    }
}
