//! What the generator knows of the functions: the registries, in the terms of a template.

use anyhow::{Context, bail};
use campus_aws::{Grant, QUEUES, Resource, SECRETS, TABLES};
use campus_endpoint::{Registry, Settings, Source, Tuning, WorkerEntry};
use serde::Serialize;

/// One stack: the functions of a domain.
#[derive(Serialize)]
pub(crate) struct Stack {
    /// The domain: the crate, the handlers and the template are named after it.
    pub(crate) domain: &'static str,
    /// What the root template hands down: the same to every stack.
    pub(crate) parameters: Vec<Parameter>,
    /// Environment variables of its functions.
    pub(crate) settings: Vec<Setting>,
    /// Its functions.
    pub(crate) functions: Vec<Function>,
}

/// A parameter of every stack.
#[derive(Serialize)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: String,
    /// `String` or `Number`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// An environment variable.
#[derive(Serialize)]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) variable: String,
    /// YAML.
    pub(crate) value: String,
}

/// One Lambda function.
#[derive(Serialize)]
pub(crate) struct Function {
    /// What its logical ids begin with.
    pub(crate) id: String,
    /// Its name without the stack's.
    pub(crate) name: &'static str,
    /// One line about it.
    pub(crate) description: String,
    /// What the binary finds it by.
    pub(crate) handler: String,
    /// Who may call it; nothing for workers and commands.
    pub(crate) access: &'static str,
    /// See [`Tuning`].
    pub(crate) memory_mb: u16,
    /// See [`Tuning`].
    pub(crate) timeout_seconds: u16,
    /// What it may touch.
    pub(crate) grants: Vec<Statement>,
    /// What calls it.
    pub(crate) source: Event,
}

/// A statement of a role: actions on one resource.
#[derive(Serialize)]
pub(crate) struct Statement {
    /// The parameter that holds the resource's ARN; `sms` and `email` for what has none.
    pub(crate) resource: String,
    /// For a reader: `table accounts`.
    pub(crate) called: String,
    /// IAM actions, separated by commas.
    pub(crate) actions: String,
}

/// What calls a function.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Event {
    /// API Gateway.
    Route {
        /// `POST /v1/captcha-challenges/{id}/solutions`.
        key: String,
        /// What the gateway names when it asks to invoke the function: `POST/v1/captcha-challenges/*/solutions`.
        pattern: String,
    },
    /// A queue.
    Queue {
        /// The parameter that holds its ARN.
        arn: String,
        /// Its logical name.
        queue: &'static str,
        /// Messages per call.
        batch: u16,
        /// Calls at once.
        concurrency: u16,
    },
    /// A table's stream.
    Stream {
        /// The parameter that holds its ARN.
        arn: String,
        /// The parameter that holds the table's ARN.
        table_arn: String,
        /// The table's logical name.
        table: &'static str,
        /// What partition keys begin with.
        prefix: &'static str,
        /// Records per call.
        batch: u16,
    },
    /// The clock.
    Schedule {
        /// EventBridge's expression.
        rate: String,
        /// Seconds between two calls.
        period_seconds: u32,
        /// How many calls in a row must fail before there is an alarm. An alarm looks back a day at most.
        failures: u32,
    },
    /// Nothing but an operator.
    Command,
}

/// A worker of the schedule may fail this often in a row unnoticed, if that is soon enough.
const FAILURES_TO_ALARM: u32 = 3;
/// How far back an alarm of CloudWatch looks.
const ALARM_SECONDS_MAX: u32 = 24 * 60 * 60;

/// The route that takes what no other does.
pub(crate) const DEFAULT_ROUTE: &str = "$default";
/// The function behind it, a stack of its own: its binary holds the routes of all domains.
pub(crate) const FALLBACK: &str = "fallback";

/// The stacks, in the order in which they are deployed.
///
/// # Errors
///
/// When API Gateway or CloudFormation would refuse the result, or could only guess what is meant.
pub(crate) fn stacks(registries: &[Registry]) -> anyhow::Result<Vec<Stack>> {
    let mut stacks = Vec::new();
    for registry in registries {
        let endpoints = registry.endpoints.iter().map(|entry| {
            let path = entry.route.path();
            let pattern = format!("{}{}", entry.route.method, pattern(&path)?);
            let source = Event::Route { key: entry.route.to_string(), pattern };
            Ok(Function {
                description: entry.summary.to_owned(),
                access: entry.access.name,
                ..function(registry.domain, entry.name, entry.tuning, &entry.grants, source)
            })
        });
        let workers = registry.workers.iter().map(|entry| {
            let function = function(registry.domain, entry.name, entry.tuning, entry.grants, event(entry));
            Ok(match entry.source {
                // `infra/lint` knows by the first word that nothing has to call it.
                Source::Command => Function { description: format!("Command: {}", entry.summary), ..function },
                Source::Queue(..) | Source::Stream(..) | Source::Schedule(_) => function,
            })
        });
        let functions = endpoints.chain(workers).collect::<anyhow::Result<_>>()?;
        stacks.push(Stack { domain: registry.domain, parameters: parameters(), settings: settings(), functions });
    }
    let default = Event::Route { key: DEFAULT_ROUTE.to_owned(), pattern: DEFAULT_ROUTE.to_owned() };
    let fallback = Function {
        description: "Answer what no route takes: 404, 405, or 308".to_owned(),
        access: "public",
        ..function(FALLBACK, FALLBACK, Tuning::STANDARD, &[], default)
    };
    stacks.push(Stack { domain: FALLBACK, parameters: parameters(), settings: Vec::new(), functions: vec![fallback] });
    Ok(stacks)
}

pub(crate) fn function(domain: &str, name: &'static str, tuning: Tuning, grants: &[Grant], source: Event) -> Function {
    Function {
        id: pascal(name),
        name,
        description: format!("Called by: {source}"),
        handler: format!("{domain}.{name}"),
        access: "",
        memory_mb: tuning.memory_mb,
        timeout_seconds: tuning.timeout_seconds,
        grants: statements(grants),
        source,
    }
}

/// One statement per resource, in the order in which the grants name them.
fn statements(grants: &[Grant]) -> Vec<Statement> {
    let mut merged: Vec<Grant> = Vec::new();
    for grant in grants {
        match merged.iter_mut().find(|known| known.resource == grant.resource) {
            Some(known) => known.actions = grant.actions.iter().fold(known.actions, |all, action| all.with(action)),
            None => merged.push(*grant),
        }
    }
    merged
        .into_iter()
        .map(|grant| Statement {
            resource: parameter_of(grant.resource),
            called: grant.resource.to_string(),
            actions: grant.actions.iter().map(|action| action.iam()).collect::<Vec<_>>().join(", "),
        })
        .collect()
}

fn parameter_of(resource: Resource) -> String {
    match resource {
        Resource::Table(table) => table_arn(table.name),
        Resource::Queue(queue) => queue_arn(queue.name),
        Resource::Secret(secret) => format!("{}Arn", pascal(secret.name)),
        Resource::Sms => "sms".to_owned(),
        Resource::Email => "email".to_owned(),
    }
}

fn event(entry: &WorkerEntry) -> Event {
    match entry.source {
        Source::Queue(queue, batch) => {
            Event::Queue { arn: queue_arn(queue.name), queue: queue.name, batch, concurrency: entry.concurrency }
        }
        Source::Stream(table, prefix, batch) => Event::Stream {
            arn: stream_arn(table.name),
            table_arn: table_arn(table.name),
            table: table.name,
            prefix,
            batch,
        },
        Source::Schedule(minutes) => Event::Schedule {
            rate: if minutes == 1 { "rate(1 minute)".to_owned() } else { format!("rate({minutes} minutes)") },
            period_seconds: u32::from(minutes) * 60,
            failures: (ALARM_SECONDS_MAX / (u32::from(minutes) * 60)).clamp(1, FAILURES_TO_ALARM),
        },
        Source::Command => Event::Command,
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Route { key, .. } => formatter.write_str(key),
            Self::Queue { queue, .. } => write!(formatter, "queue {queue}"),
            Self::Stream { table, prefix, .. } => write!(formatter, "stream of {table}, {prefix}"),
            Self::Schedule { rate, .. } => formatter.write_str(rate),
            Self::Command => formatter.write_str("command"),
        }
    }
}

pub(crate) fn parameters() -> Vec<Parameter> {
    let text = |name: String| Parameter { name, kind: "String" };
    let mut parameters: Vec<Parameter> = ["StackName", "Api", "AlarmTopic", "Architecture", "Dashboards", "Traces"]
        .map(str::to_owned)
        .map(text)
        .into_iter()
        .chain([Parameter { name: "LogRetentionDays".to_owned(), kind: "Number" }])
        .chain(Settings::VARIABLES.iter().map(|name| text(pascal(name))))
        .collect();
    for table in TABLES {
        parameters.push(text(table_arn(table.name)));
        if table.streamed {
            parameters.push(text(stream_arn(table.name)));
        }
    }
    parameters.extend(QUEUES.map(|queue| text(queue_arn(queue.name))));
    parameters.push(text("StreamDeadQueueArn".to_owned()));
    parameters.extend(SECRETS.map(|secret| text(parameter_of(Resource::Secret(secret)))));
    parameters
}

pub(crate) fn settings() -> Vec<Setting> {
    let setting = |variable: &str, value: &str| Setting { variable: variable.to_owned(), value: value.to_owned() };
    let mut settings = vec![
        setting("CAMPUS_PREFIX", "!Sub ${StackName}-"),
        setting("CAMPUS_QUEUE_URLS", "!Sub https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/"),
    ];
    settings.extend(
        Settings::VARIABLES.iter().map(|name| setting(&format!("CAMPUS_{name}"), &format!("!Ref {}", pascal(name)))),
    );
    settings
}

fn table_arn(name: &str) -> String {
    format!("{}TableArn", pascal(name))
}

fn stream_arn(name: &str) -> String {
    format!("{}TableStreamArn", pascal(name))
}

fn queue_arn(name: &str) -> String {
    format!("{}QueueArn", pascal(name))
}

/// `signing-seed` or `CREATE_USER` as `SigningSeed`, `CreateUser`.
#[must_use]
pub(crate) fn pascal(name: &str) -> String {
    name.split(['-', '_'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + &letters.as_str().to_ascii_lowercase()
            })
        })
        .collect()
}

/// The path with each variable as `*`.
pub(crate) fn pattern(path: &str) -> anyhow::Result<String> {
    let segments = path.split('/').map(|segment| {
        let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
        match name {
            Some(name) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
                Ok("*")
            }
            None if !segment.contains(['{', '}']) => Ok(segment),
            _ => bail!("{segment} is no variable: it must fill its segment and have a name of a-z and _"),
        }
    });
    let pattern = segments.collect::<anyhow::Result<Vec<_>>>().with_context(|| format!("the path {path}"))?;
    Ok(pattern.join("/"))
}
