//! The tests of the whole system: one binary, in the shape of `functions/`.
//!
//! `accounts`, `screenings` and `conventions` are the acceptance suite. They speak HTTP, read what was sent and look
//! into tables with an operator's eyes, and bring the same results against a local system and a deployed stage;
//! `CAMPUS_TARGET_URL` and its kin (`shared/testkit/src/target.rs`) name the latter. The few that cannot run there are
//! in `not_deployed.txt`, each with its reason, to be given as `--skip`. A deployed stage is shared by all tests, and
//! perhaps by several runs: whatever a test there stores or counts goes by a name of its own (`TestApp::new_phone` and
//! so on).
//!
//! `notifications` and `local` look behind HTTP, at tables, queues, logs and calls of a local system, and make its
//! providers fail. Theirs is always local.

mod accounts;
mod conventions;
mod local;
mod notifications;
mod screenings;

/// A name that is no test's would skip nothing, and nobody would notice.
#[test]
fn the_tests_that_cannot_run_deployed_are_few_and_exist() {
    let listed: Vec<&str> = include_str!("not_deployed.txt").lines().collect();
    assert!(listed.len() <= 5, "find a way to run it deployed instead");
    for line in listed {
        let (test, reason) = line.split_once(" # ").expect("each line is a test and a reason");
        let (module, name) = test.rsplit_once("::").expect("a test is named with its module");
        let file = format!("{}/../../tests/{}.rs", env!("CARGO_MANIFEST_DIR"), module.replace("::", "/"));
        let source = std::fs::read_to_string(&file).expect("the module is there");
        assert!(source.contains(&format!("async fn {name}()")) && !reason.is_empty(), "{line}");
    }
}
