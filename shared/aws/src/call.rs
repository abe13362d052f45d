//! What one invocation called: the record that `infra/calls.txt`, the local calls page and the log line come from.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::grant::{Action, Grant};
use crate::resource::Resource;

/// One AWS call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Operation, such as `TransactWriteItems`.
    pub operation: String,
    /// Logical names of what it touched, each once, in order.
    pub resources: Vec<Resource>,
    /// Position in the longest chain of calls that waited for one another, from 1. Calls in flight
    /// together share a depth; the deepest call's depth is the number of round trips that a user feels.
    pub depth: u32,
    /// Capacity units that DynamoDB reported; 0 for other services and failed calls.
    pub units: f64,
    /// Whether the call succeeded.
    pub succeeded: bool,
}

/// A grant that was made use of.
pub type Usage = (Resource, Action);

/// The scope of one invocation: its grants, and the calls it made so far.
#[derive(Debug)]
pub struct CallScope {
    name: &'static str,
    grants: Arc<[Grant]>,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    calls: Vec<Call>,
    used: BTreeSet<Usage>,
    deepest_finished: u32,
}

impl CallScope {
    /// A scope for an invocation of the named function with these grants.
    #[must_use]
    pub fn new(name: &'static str, grants: impl Into<Arc<[Grant]>>) -> Arc<Self> {
        Arc::new(Self { name, grants: grants.into(), log: Mutex::default() })
    }

    /// The calls so far, in the order in which they began, and the grants that they used.
    #[must_use]
    pub fn record(&self) -> (Vec<Call>, BTreeSet<Usage>) {
        let log = self.log();
        (log.calls.clone(), log.used.clone())
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn allows(&self, (resource, action): Usage) -> bool {
        self.grants.iter().any(|grant| grant.resource == resource && grant.actions.contains(action))
    }

    /// How deep a call is that is asked for now: one below the deepest that is finished.
    pub(crate) fn next_depth(&self) -> u32 {
        self.log().deepest_finished + 1
    }

    /// Notes that a call begins and returns its number.
    pub(crate) fn begin(&self, operation: String, needs: &[Usage], depth: u32) -> usize {
        let mut log = self.log();
        let mut resources: Vec<Resource> = needs.iter().map(|(resource, _)| *resource).collect();
        resources.sort_unstable();
        resources.dedup();
        log.used.extend(needs);
        log.calls.push(Call { operation, resources, depth, units: 0.0, succeeded: false });
        log.calls.len() - 1
    }

    pub(crate) fn finish(&self, number: usize, units: f64, succeeded: bool) {
        let mut log = self.log();
        let Some(call) = log.calls.get_mut(number) else { return };
        call.units = units;
        call.succeeded = succeeded;
        let depth = call.depth;
        log.deepest_finished = log.deepest_finished.max(depth);
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        // A panic elsewhere leaves a record that is still true, if short.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

tokio::task_local! {
    static CURRENT: Arc<CallScope>;
}

/// Runs the future within the scope. Work that it spawns is outside: a handler spawns nothing, since
/// Lambda freezes the process once the answer is out.
pub async fn scoped<F: Future>(scope: Arc<CallScope>, future: F) -> F::Output {
    CURRENT.scope(scope, future).await
}

pub(crate) fn current() -> Option<Arc<CallScope>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// The name of the function whose invocation this runs in; none outside any.
#[must_use]
pub fn current_function() -> Option<&'static str> {
    current().map(|scope| scope.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::ACCOUNTS;

    #[test]
    fn calls_in_flight_together_share_a_depth_and_a_later_one_is_deeper() {
        let scope = CallScope::new("probe", [ACCOUNTS.get()]);
        let first = scope.begin("GetItem".into(), &[(Resource::Table(ACCOUNTS), Action::Get)], scope.next_depth());
        let second = scope.begin("GetItem".into(), &[], scope.next_depth());
        scope.finish(first, 1.0, true);
        scope.finish(second, 1.0, true);
        scope.begin("PutItem".into(), &[], scope.next_depth());

        let (calls, _) = scope.record();
        let depths: Vec<u32> = calls.iter().map(|call| call.depth).collect();
        assert_eq!(depths, [1, 1, 2]);
    }
}
