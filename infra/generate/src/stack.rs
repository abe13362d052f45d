//! A domain's stack as YAML.

use campus_endpoint::Measure;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use crate::model::{Event, FALLBACK, Function, Stack, pascal};

/// The domain that has codes sent by text message.
const TEXTING: &str = "accounts";

/// A graph of a dashboard.
#[derive(Serialize)]
struct Graph {
    title: &'static str,
    stat: &'static str,
    metrics: Vec<Vec<String>>,
}

/// Renders the stack.
///
/// # Errors
///
/// When the template refers to what is not there.
pub(crate) fn render(stack: &Stack) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.add_template("stack", include_str!("stack.yaml.j2"))?;
    // The fallback is no domain.
    let mut graphs = if stack.domain == FALLBACK { Vec::new() } else { graphs(&stack.functions) };
    if stack.domain == TEXTING {
        graphs.extend(graphs_of_texts());
    }
    let context = context! {
        dashboard => format!("{}Dashboard", pascal(stack.domain)),
        graphs => Value::from(Serde(graphs)),
        ..Value::from(Serde(stack))
    };
    Ok(environment.get_template("stack")?.render(context)?)
}

fn graphs(functions: &[Function]) -> Vec<Graph> {
    let of_functions = |metric: &str| -> Vec<Vec<String>> {
        functions.iter().map(|function| metric_of("AWS/Lambda", metric, "FunctionName", function.name)).collect()
    };
    let mut graphs = vec![
        Graph { title: "Calls", stat: "Sum", metrics: of_functions("Invocations") },
        Graph { title: "Errors", stat: "Sum", metrics: of_functions("Errors") },
        Graph { title: "Throttles", stat: "Sum", metrics: of_functions("Throttles") },
        Graph { title: "Duration in ms, p99", stat: "p99", metrics: of_functions("Duration") },
    ];
    let mut of_queues = |title, metric: &str, suffix: &str| {
        let queues = functions.iter().filter_map(|function| match &function.source {
            Event::Queue { queue, .. } => Some(metric_of("AWS/SQS", metric, "QueueName", &format!("{queue}{suffix}"))),
            _ => None,
        });
        graphs.push(Graph { title, stat: "Maximum", metrics: queues.collect() });
    };
    of_queues("Seconds that the oldest message waits", "ApproximateAgeOfOldestMessage", "");
    of_queues("Dead letters", "ApproximateNumberOfMessagesVisible", "-dead");
    let streams = functions.iter().filter(|function| matches!(function.source, Event::Stream { .. }));
    let lag = streams.map(|function| metric_of("AWS/Lambda", "IteratorAge", "FunctionName", function.name)).collect();
    graphs.push(Graph { title: "Stream lag in ms", stat: "Maximum", metrics: lag });
    graphs.retain(|graph| !graph.metrics.is_empty());
    graphs
}

/// How codes by text message fare, by what the functions say in their logs: sends far above completions are pumping.
fn graphs_of_texts() -> [Graph; 2] {
    let told = |measure: Measure| {
        ["Campus", measure.name(), "Stack", "${StackName}", "Domain", TEXTING].map(str::to_owned).to_vec()
    };
    let codes = [Measure::SmsSends, Measure::SmsCompletions, Measure::SmsRefusals].map(told).to_vec();
    [
        Graph { title: "Codes by text message: sent, told back, refused", stat: "Sum", metrics: codes },
        Graph {
            title: "Budget of text messages used in the hour and the day, in percent",
            stat: "Maximum",
            metrics: [Measure::SmsHourUsed, Measure::SmsDayUsed].map(told).to_vec(),
        },
    ]
}

fn metric_of(namespace: &str, metric: &str, dimension: &str, name: &str) -> Vec<String> {
    vec![namespace.to_owned(), metric.to_owned(), dimension.to_owned(), format!("${{StackName}}-{name}")]
}
