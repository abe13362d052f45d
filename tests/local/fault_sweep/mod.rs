//! Every AWS call of every endpoint and worker goes wrong, in each way that it can; the client asks again, the queue
//! delivers again, and in the end everything is as if nothing had happened.
//!
//! A function is in the sweep by being registered: [`scenarios`] must know what to ask of it. What came of each fault
//! is committed as `infra/faults.txt`.

mod accounts;
mod end_state;
mod exceptions;
mod people;
mod scenario;
mod scenarios;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use campus_aws::{Call, EMAIL_QUEUE, Resource, SMS_QUEUE};
use campus_local::LocalSystem;
use campus_local::faults::{Attempts, CONFLICTING, Fault, Kind};
use campus_local::providers::captcha;
use campus_testkit::TestApp;
use futures::{StreamExt, stream};
use tempfile::TempDir;

use self::end_state::EndState;
use self::scenario::{Act, Outcome, Scenario};
use self::scenarios::scenarios;

const HEADER: &str = "\
# What comes of each fault of each AWS call, once the client has asked again (under the same idempotency key) and the
# queues have delivered again: the `same` answer, tables, queues and messages as undisturbed, or what differs and has
# to. One line per function, call (numbered where there are several alike) and fault. Written by the test
# `whatever_call_fails_however_the_end_is_as_if_nothing_had`.
";

/// Most runs wait, for an answer that does not come. A scenario's runs begin soon after it was prepared, since codes
/// go on expiring.
const SCENARIOS_SIDE_BY_SIDE: usize = 4;
const RUNS_SIDE_BY_SIDE: usize = 8;

/// What happens to a call.
const FAULTS: [(&str, Kind, Attempts); 6] = [
    ("fails", Kind::Fail, Attempts::All),
    ("is throttled", Kind::Throttle, Attempts::All),
    ("conflicts", Kind::Conflict, Attempts::First),
    ("hangs", Kind::Hang, Attempts::First),
    ("loses an answer", Kind::LoseAnswer, Attempts::First),
    ("loses its answers", Kind::LoseAnswer, Attempts::All),
];

/// A call of a scenario's function: the operation, and how many like it come before.
type Site = (String, u32);

/// The operation as faults name it.
fn operation(call: &Call) -> String {
    let service = match call.resources.first() {
        Some(Resource::Queue(_)) => "SQS",
        Some(Resource::Secret(_)) => "SecretsManager",
        Some(Resource::Sms) => "SNS",
        Some(Resource::Email) => "SES",
        Some(Resource::Table(_)) | None => "DynamoDB",
    };
    format!("{service}.{}", call.operation)
}

/// A scenario with all that has to be there for it, in files.
struct Prepared {
    scenario: Scenario,
    act: Act,
    data: TempDir,
}

impl Prepared {
    async fn new(scenario: Scenario) -> Self {
        let data = tempfile::tempdir().expect("a folder can be made");
        let app = TestApp::start_by_hand_with(data.path(), captcha::settings(scenario.captcha)).await;
        let act = (scenario.prepare)(&app).await;
        app.stop().await;
        Self { scenario, act, data }
    }

    /// A system of one's own with these data, and nothing cached.
    async fn start(&self) -> (TestApp, TempDir) {
        let copy = tempfile::tempdir().expect("a folder can be made");
        for file in self.data.path().read_dir().expect("the folder can be read") {
            let file = file.expect("the folder can be read");
            std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("a file can be copied");
        }
        let settings = captcha::settings(self.scenario.captcha);
        (TestApp::start_by_hand_with(copy.path(), settings).await, copy)
    }
}

/// What a scenario comes to with this fault, or without any; and the calls that its function made.
async fn run(prepared: &Prepared, fault: Option<Fault>) -> (Outcome, EndState, Vec<Site>) {
    let Prepared { scenario, act, .. } = prepared;
    let (app, _data) = prepared.start().await;
    let before = app.system().recorder.invocations().len();
    let strikes = fault.is_some();
    if let Some(fault) = fault {
        app.system().faults.inject(fault);
    }
    let outcome = act.carry_out(&app).await;
    assert!(!strikes || app.system().faults.awaiting_calls().is_empty(), "the fault of {} strikes", scenario.name);
    let mut alike: BTreeMap<String, u32> = BTreeMap::new();
    let invocations = app.system().recorder.invocations();
    let calls = invocations[before..].iter().filter(|invocation| invocation.function == scenario.function);
    let sites = calls.flat_map(|invocation| &invocation.calls).map(|call| {
        let count = alike.entry(operation(call)).or_default();
        *count += 1;
        (operation(call), *count - 1)
    });
    let mut sites: Vec<Site> = sites.collect();
    // Calls in flight together have no order among themselves.
    sites.sort();
    (outcome, EndState::settled(&app).await, sites)
}

/// The same, on whichever core is free.
async fn spawned(prepared: &Arc<Prepared>, fault: Option<Fault>) -> (Outcome, EndState, Vec<Site>) {
    let prepared = Arc::clone(prepared);
    tokio::spawn(async move { run(&prepared, fault).await }).await.expect("the run says what is wrong")
}

/// What a fault at a call came to.
struct End {
    site: Site,
    fault: &'static str,
    /// Against the undisturbed run.
    differences: Vec<String>,
}

/// Lets every fault happen to every call of a scenario.
async fn sweep(scenario: Scenario) -> Vec<End> {
    let prepared = Arc::new(Prepared::new(scenario).await);
    let (undisturbed, undisturbed_end, sites) = spawned(&prepared, None).await;
    assert!(!sites.is_empty() && undisturbed.is_expected(), "{} is undisturbed: {undisturbed}", scenario.name);

    let runs = sites.into_iter().flat_map(|site| FAULTS.map(|fault| (site.clone(), fault)));
    let possible = runs
        .filter(|((operation, _), (_, kind, _))| *kind != Kind::Conflict || CONFLICTING.contains(&operation.as_str()));
    // Whoever waits for an answer keeps nobody else from beginning.
    let mut ends: Vec<(usize, End)> = stream::iter(possible.enumerate())
        .map(async |(place, (site, (name, kind, attempts)))| {
            let (operation, skip) = site.clone();
            let function = Some(scenario.function.to_owned());
            let fault = Fault { kind, operation: Some(operation), function, skip, times: 1, attempts };
            let (outcome, end, _) = spawned(&prepared, Some(fault)).await;
            let mut differences = end.differences(&undisturbed_end);
            if outcome != undisturbed {
                differences.insert(0, format!("answer: {outcome} instead of {undisturbed}"));
            }
            (place, End { site, fault: name, differences })
        })
        .buffer_unordered(RUNS_SIDE_BY_SIDE)
        .collect()
        .await;
    ends.sort_by_key(|(place, _)| *place);
    ends.into_iter().map(|(_, end)| end).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_call_fails_however_the_end_is_as_if_nothing_had() {
    let scenarios = scenarios();
    for (function, grants) in LocalSystem::grants() {
        let known = scenarios.iter().any(|scenario| scenario.function == function);
        assert!(known || grants.is_empty(), "what is to be asked of {function}? Say so in `scenarios.rs`");
    }

    let mut swept: Vec<_> = stream::iter(scenarios.into_iter().enumerate())
        .map(async |(place, scenario)| (place, scenario, sweep(scenario).await))
        .buffer_unordered(SCENARIOS_SIDE_BY_SIDE)
        .collect()
        .await;
    swept.sort_by_key(|(place, ..)| *place);

    let mut report = HEADER.to_owned();
    let mut wrong = Vec::new();
    for (_, scenario, ends) in swept {
        writeln!(report, "\n{}", scenario.name).expect("memory");
        for End { site: (operation, ordinal), fault, differences } in ends {
            let call = if ordinal == 0 { operation.clone() } else { format!("{operation} ({})", ordinal + 1) };
            let mut told = Vec::new();
            for difference in differences {
                match scenario.reason_for(&operation, fault, &difference) {
                    Some(reason) if told.contains(&reason) => {}
                    Some(reason) => told.push(reason),
                    None => wrong.push(format!("{} {call} {fault}: {difference}", scenario.name)),
                }
            }
            let told = if told.is_empty() { "same".to_owned() } else { told.join("; ") };
            writeln!(report, "  {call:<34} {fault:<18} {told}").expect("memory");
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/faults.txt");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(wrong.is_empty(), "{} faults have other ends:\n{}", wrong.len(), wrong.join("\n"));
    if report != committed {
        std::fs::write(&file, &report).expect("the report can be written");
        panic!("what comes of faults has changed: infra/faults.txt is rewritten; look at the difference and commit it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_come_twice_and_in_any_order_are_dealt_with_once() {
    let targets = [("sms", "+821000000311"), ("email", "ana@campus.example"), ("sms", "+821000000312")];
    let mut ends = Vec::new();
    for disturbed in [false, true] {
        let app = TestApp::start_by_hand().await;
        for (channel, target) in targets {
            assert_eq!(app.ask_for_code(channel, target).await.summary(), "202");
        }
        let records = app.records_of_outbox().await;
        assert_eq!(records.len(), targets.len());
        for (queue, worker) in
            [(None, "relay_outbox"), (Some(SMS_QUEUE), "send_sms"), (Some(EMAIL_QUEUE), "send_email")]
        {
            let records = queue.map_or_else(|| records.clone(), |queue| app.records_of_queue(queue));
            assert!(!records.is_empty(), "there is something for {worker}");
            // The last one first and once more at the end, then all in their order.
            let batches = if disturbed {
                let backwards: Vec<_> = records.iter().rev().chain(records.last()).cloned().collect();
                vec![backwards, records]
            } else {
                vec![records]
            };
            for batch in batches {
                let event = serde_json::json!({ "Records": batch });
                app.system().call_worker(worker, event).await.expect("the worker answers");
            }
        }
        ends.push(EndState::settled(&app).await);
    }
    assert_eq!(ends[1].differences(&ends[0]), Vec::<String>::new());
}
