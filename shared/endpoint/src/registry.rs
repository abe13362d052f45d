//! The registry: a domain's endpoints, workers and commands, an explicit list, and what is known of each.

use std::sync::Arc;

use campus_aws::{Grant, KEYS, REQUESTS, SESSIONS};

use crate::access::{Access, SessionUse};
use crate::command::Command;
use crate::contract::{Endpoint, Tuning};
use crate::describe::{Description, describe};
use crate::parameters::is_paged;
use crate::route::Route;
use crate::runner::Steps;
use crate::worker::{Worker, WorkerEntry};

/// A domain's endpoints, workers and commands.
///
/// `D` is what is known for their description: [`Describer`], or nothing, for a program that only serves them.
pub struct Registry<D = Describer> {
    /// The domain, such as `accounts`.
    pub domain: &'static str,
    /// Its endpoints.
    pub endpoints: Vec<EndpointEntry<D>>,
    /// Its workers and commands.
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

/// Describes an endpoint for the API description.
pub type Describer = fn() -> Description;

/// What a registry's entries know for their description.
pub trait Describes {
    /// That of an endpoint.
    fn endpoint<E: Endpoint>() -> Self;
}

impl Describes for Describer {
    fn endpoint<E: Endpoint>() -> Self {
        describe::<E>
    }
}

/// Nothing, so that a Lambda function's binary holds no schemas.
impl Describes for () {
    fn endpoint<E: Endpoint>() -> Self {}
}

/// One endpoint, its types erased.
#[derive(Clone)]
pub struct EndpointEntry<D = Describer> {
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
    /// See [`Registry`].
    pub describe: D,
    pub(crate) steps: Steps,
}

impl<D> EndpointEntry<D> {
    /// The same without what is known for its description.
    pub(crate) fn undescribed(self) -> EndpointEntry<()> {
        let Self { name, summary, route, access, grants, tuning, describe: _, steps } = self;
        EndpointEntry { name, summary, route, access, grants, tuning, describe: (), steps }
    }
}

impl<D: Describes> Registry<D> {
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
        if is_paged::<E::Query>() {
            grants.push(KEYS.get());
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
            describe: D::endpoint::<E>(),
            steps: Steps::of::<E>(),
        });
        self
    }

    /// Adds a command, beside the workers.
    #[must_use]
    pub fn command<C: Command>(mut self) -> Self {
        self.workers.push(WorkerEntry::of_command::<C>());
        self
    }

    /// Adds a worker.
    #[must_use]
    pub fn worker<W: Worker>(mut self) -> Self {
        self.workers.push(WorkerEntry::of::<W>());
        self
    }
}
