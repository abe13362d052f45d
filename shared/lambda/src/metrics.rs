//! The line that a function writes of each invocation, which is its metrics, too: CloudWatch reads the embedded
//! metric format out of the log.
//!
//! Metrics have the stack and the domain as dimensions and no more, since each combination is billed as a metric.
//! What happens rarely is only said where it happens, for the same reason. How many requests there were is the
//! number of samples of `Duration`.

use std::io::Write;

use campus_endpoint::{Invocation, Recorder};
use metrics::{Counter, Histogram, Unit, counter, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

/// Writes the lines of a process.
pub(crate) struct Metrics {
    collector: &'static Collector,
    duration: Histogram,
    aws_calls: Histogram,
    cold_starts: Counter,
    client_errors: Counter,
    server_errors: Counter,
}

impl Metrics {
    /// The metrics of this process, which runs a function of a domain in a stack.
    ///
    /// # Errors
    ///
    /// When the process has some already.
    pub(crate) fn start(stack: String, domain: &'static str) -> anyhow::Result<Self> {
        let collector = Builder::new()
            .cloudwatch_namespace("Campus")
            .with_dimension("Stack", stack)
            .with_dimension("Domain", domain)
            .init()
            .map_err(|error| anyhow::anyhow!("the metrics cannot be started: {error}"))?;
        describe_histogram!("Duration", Unit::Milliseconds, "From the request to its answer, Lambda's part excluded");
        collector.set_property("message", "answered");
        Ok(Self {
            collector,
            duration: histogram!("Duration"),
            aws_calls: histogram!("AwsCalls"),
            cold_starts: counter!("ColdStarts"),
            client_errors: counter!("ClientErrors"),
            server_errors: counter!("ServerErrors"),
        })
    }

    /// The line of an invocation.
    fn line(&self, invocation: &Invocation) -> std::io::Result<Vec<u8>> {
        let Invocation { function, request_id, route, status, duration, cold, calls, measures, .. } = invocation;
        self.duration.record(duration.as_secs_f64() * 1000.0);
        self.aws_calls.record(calls.len() as f64);
        self.cold_starts.increment(u64::from(*cold));
        self.client_errors.increment(u64::from((400..500).contains(status)));
        self.server_errors.increment(u64::from(*status >= 500));
        for (measure, value) in measures {
            histogram!(measure.name()).record(f64::from(*value));
        }
        self.collector
            .set_property("function", *function)
            .set_property("request.id", request_id.to_string())
            .set_property("http.route", route.map(|route| route.to_string()))
            .set_property("http.status", *status)
            .set_property("aws.depth", invocation.round_trips())
            .set_property("cold", *cold);
        let mut line = Vec::with_capacity(1024);
        self.collector.flush(&mut line)?;
        Ok(line)
    }
}

impl Recorder for Metrics {
    fn record(&self, invocation: Invocation) {
        // In one piece, or other lines could come between.
        let written = self.line(&invocation).and_then(|line| std::io::stdout().write_all(&line));
        if let Err(error) = written {
            tracing::error!(cause = %error, "an invocation was not logged");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use campus_domain::Id;
    use campus_endpoint::{Measure, get};
    use serde_json::{Value, json};

    use super::*;

    // One test, since a process has one set of metrics.
    #[test]
    fn a_line_says_what_was_answered_and_holds_the_metrics_of_the_domain() {
        let metrics = Metrics::start("campus-dev".to_owned(), "accounts").expect("there are none yet");
        let line_with = |status, cold, measures: std::collections::BTreeMap<Measure, u32>| -> Value {
            let line = metrics.line(&Invocation {
                function: "get_current_user",
                request_id: Id::from_parts(1, [0; 10]),
                route: Some(get("/users/me")),
                status,
                duration: Duration::from_micros(1500),
                cold,
                calls: Vec::new(),
                used: std::collections::BTreeSet::new(),
                measures,
            });
            let line = String::from_utf8(line.expect("it is written")).expect("it is text");
            assert_eq!(line.find('\n'), Some(line.len() - 1), "it is a line");
            let mut line: Value = serde_json::from_str(&line).expect("it is JSON");
            assert!(line["_aws"]["Timestamp"].take().is_u64());
            line
        };
        let line = |status, cold| line_with(status, cold, [].into());
        assert_eq!(
            line(200, false),
            json!({
                "_aws": {
                    "CloudWatchMetrics": [{
                        "Namespace": "Campus",
                        "Dimensions": [["Stack", "Domain"]],
                        "Metrics": [{ "Name": "AwsCalls" }, { "Name": "Duration", "Unit": "Milliseconds" }],
                    }],
                    "Timestamp": null,
                },
                "Stack": "campus-dev",
                "Domain": "accounts",
                "message": "answered",
                "function": "get_current_user",
                "request.id": "00000000-0001-7000-8000-000000000000",
                "http.route": "GET /v1/users/me",
                "http.status": 200,
                "aws.depth": 0,
                "cold": false,
                "Duration": [1.5],
                "AwsCalls": [0.0],
            })
        );

        let counted = |status, cold| {
            let line = line(status, cold);
            ["ColdStarts", "ClientErrors", "ServerErrors"].map(|name| line[name].as_u64().unwrap_or_default())
        };
        assert_eq!(counted(200, true), [1, 0, 0]);
        assert_eq!(counted(404, false), [0, 1, 0]);
        assert_eq!(counted(503, false), [0, 0, 1]);

        let measured = line_with(202, false, [(Measure::SmsSends, 1), (Measure::SmsDayUsed, 50)].into());
        assert_eq!((&measured["SmsSends"], &measured["SmsDayUsed"]), (&json!([1.0]), &json!([50.0])));
        assert_eq!(line(200, false)["SmsSends"], Value::Null, "what is rare is told where it happens");
    }
}
