//! Starting and stopping the whole system.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification,
};
use aws_smithy_http_client::Builder as HttpClientBuilder;
use axum::{Router, middleware};
use campus_aws::{Clients, Endpoints, PASSWORD_PEPPER, PROVIDER_KEYS, QUEUES, TABLES};
use campus_domain::{Clock, PhoneNumber};
use campus_endpoint::{Dispatcher, Function, Recorder, Runtime, Settings, Source, WorkerEntry};
use campus_secrets::Secrets;
use campus_store::Store;
use dynoxide::Database;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, watch};
use tokio::task::JoinSet;

use crate::aws::{self, State};
use crate::clock::{MovableClock, Now};
use crate::faults::Faults;
use crate::providers::{self, Providers};
use crate::recorder::CallRecorder;
use crate::sources::{self, Invoke};
use crate::{demo, http, ledger, pages, registries, ttl};

/// What the physical names of tables, queues and secrets begin with.
const PREFIX: &str = "campus-local-";
/// Raised when what is stored changes so that an older file cannot be read.
const DATA_VERSION: &str = "2";
const DATA_VERSION_MARK: &str = "data.version";
const DATABASE_FILE: &str = "dynamodb.sqlite";
const STATE_FILE: &str = "messaging.sqlite";
const LOCK_FILE: &str = "lock";
const RECEIVES_MAX: u32 = 5;
/// Connections get this long to finish what they are at.
const STOP_WITHIN: Duration = Duration::from_secs(2);
/// As long as a call to AWS may take.
const REST_WITHIN: Duration = Duration::from_secs(3);
/// What holds the port gets this long, and this much, to say who it is.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Data {
    /// In memory, gone with the process.
    Memory,
    /// In files in this folder.
    Folder(PathBuf),
}

impl std::fmt::Display for Data {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => formatter.write_str("in memory"),
            Self::Folder(folder) => write!(formatter, "in {}/", folder.display()),
        }
    }
}

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the data is.
    pub data: Data,
    /// The port to listen on, on loopback; 0 for any that is free.
    pub port: u16,
    /// The URL that tokens and links name, for data that move from one address to another; the system's own without it.
    pub url: Option<String>,
    /// Whether to write the demo data.
    pub demo: bool,
    /// Whether queues, streams and the schedule call the workers. Without, a test calls them itself, one
    /// at a time, so that it knows what happens when.
    pub feeds: bool,
    /// The stage's settings.
    pub settings: Settings,
}

/// Why the system did not start, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something else listens there.
    #[error("port {port} is taken by {holder}. Stop it, or choose another: cargo run -- --port {next}", next = .port.checked_add(1).unwrap_or(8081))]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it, as far as it tells.
        holder: String,
    },
    /// Another process has the data.
    #[error("the data in {} is in use by another Campus. Stop it, or start with --memory", .0.display())]
    DataInUse(PathBuf),
    /// The data is of another version.
    #[error("the data in {} is from another version of Campus ({found}; this one needs {DATA_VERSION}). \
             To throw it away and begin anew: cargo run -- --reset", .folder.display())]
    OtherVersion {
        /// Where.
        folder: PathBuf,
        /// Its version.
        found: String,
    },
    /// The data cannot be read.
    #[error("the data in {} cannot be read ({cause}). To throw it away and begin anew: cargo run -- --reset", .folder.display())]
    Unreadable {
        /// Where.
        folder: PathBuf,
        /// Why.
        cause: String,
    },
    /// Something else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// The running system.
pub struct LocalSystem {
    /// The API's address.
    pub address: SocketAddr,
    /// The settings, with what the system's own address makes of them.
    pub settings: Arc<Settings>,
    /// The stand-ins' own state: queues, what was sent, secrets.
    pub state: State,
    /// The clock that everything follows.
    pub clock: MovableClock,
    /// What each function called.
    pub recorder: Arc<CallRecorder>,
    /// What is to go wrong with the functions' calls and messages.
    pub faults: Faults,
    /// Clients that are nobody's function, for looking at the tables.
    pub clients: Clients,
    /// The embedded DynamoDB.
    pub database: Database,
    workers: Workers,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    _lock: Option<std::fs::File>,
}

/// Which workers are at it. Clones share it.
///
/// A clock that is moved while a message is being sent would end the sender's claim, as if it had died, and the message
/// would be sent once more.
#[derive(Clone, Default)]
pub(crate) struct AtWork(Arc<RwLock<()>>);

impl AtWork {
    async fn begin(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.0).read_owned().await
    }

    /// Waits until no worker is at it, and keeps all from beginning. Not for ever: one may hang, as was asked for.
    pub(crate) async fn rest(&self) -> Option<OwnedRwLockWriteGuard<()>> {
        tokio::time::timeout(REST_WITHIN, Arc::clone(&self.0).write_owned()).await.ok()
    }
}

/// The workers, each in a runtime of its own. Clones share them.
#[derive(Clone)]
pub(crate) struct Workers(Arc<[(WorkerEntry, Arc<Runtime>)]>);

impl Workers {
    pub(crate) fn entries(&self) -> impl Iterator<Item = &WorkerEntry> {
        self.0.iter().map(|(entry, _)| entry)
    }

    /// Calls a worker with an event, as Lambda would.
    pub(crate) async fn call(&self, name: &str, event: Value) -> anyhow::Result<Value> {
        let (entry, runtime) =
            self.0.iter().find(|(entry, _)| entry.name == name).with_context(|| format!("no worker {name}"))?;
        let (entry, runtime) = (entry.clone(), Arc::clone(runtime));
        // As a task, since only there are calls in flight together whatever the machine's other threads do:
        // outside, the answer to the first may be in before the second is asked.
        Ok(tokio::spawn(async move { entry.call(runtime, event).await }).await??)
    }
}

struct LocalClock(Now);

impl Clock for LocalClock {
    fn now(&self) -> jiff::Timestamp {
        (self.0)()
    }
}

/// What is open before anything runs.
struct Opened {
    clock: MovableClock,
    state: State,
    database: Database,
    lock: Option<std::fs::File>,
}

impl LocalSystem {
    /// Starts everything. It answers once this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let listener = listen(options.port).await?;
        let address = listener.local_addr().context("the listener has no address")?;
        let Opened { clock, state, database, lock } = open(&options.data)?;
        // Reading the phone metadata takes 100 ms of a core; the first request need not wait for it.
        tokio::task::spawn_blocking(PhoneNumber::warm_up);

        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let endpoints = serve_stand_ins(&state, &database, &stopped, &mut tasks).await?;
        let clients = Clients::unguarded(&endpoints, PREFIX.to_owned());
        create_tables(&clients).await?;
        create_queues(&state)?;
        let interrupted = ledger::settle_interrupted(&clients, &state).await?;
        if interrupted > 0 {
            tracing::info!(interrupted, "settled the deliveries that were interrupted");
        }
        let local_clock: Arc<dyn Clock> = Arc::new(LocalClock(clock.now()));
        if options.demo {
            let secrets = Secrets::new(&clients, Arc::clone(&local_clock));
            let pepper = secrets.read(PASSWORD_PEPPER).await.context("the pepper")?;
            demo::seed(&Store::new(&clients), &pepper, local_clock.now().into()).await?;
        }

        let recorder = Arc::new(CallRecorder::new(clock.now()));
        // What links in mails and answers lead to must be what listens here.
        let url = options.url.unwrap_or_else(|| format!("http://{address}"));
        let web_url = format!("{url}/_local/web");
        let stand_ins = Providers::new(&format!("http://{address}{}", providers::PATH), clock.now());
        state.replace_secret(&format!("{PREFIX}{}", PROVIDER_KEYS.name), providers::KEYS).context("the keys")?;
        let providers_url = options.settings.providers_url.or_else(|| Some(stand_ins.url().to_owned()));
        let settings = Arc::new(Settings { issuer: url, web_url, providers_url, ..options.settings });
        let faults = Faults::default();
        let struck = Endpoints { http: faults.over(endpoints.http.clone()), ..endpoints.clone() };
        let guarded = Clients::guarded(&struck, PREFIX.to_owned());
        // Each function has a runtime of its own, as on AWS.
        let runtime = || {
            let recorder: Arc<dyn Recorder> = Arc::clone(&recorder) as _;
            Arc::new(Runtime::new(guarded.clone(), Arc::clone(&settings), Arc::clone(&local_clock), recorder))
        };
        let (wrote, written) = watch::channel(());
        let mut functions = Vec::new();
        let mut workers = Vec::new();
        for registry in registries() {
            functions.extend(registry.endpoints.into_iter().map(|entry| Function::new(entry, runtime())));
            workers.extend(registry.workers.into_iter().map(|entry| (entry, runtime())));
        }
        let feeds = Feeds {
            state: state.clone(),
            database: database.clone(),
            clock: clock.clone(),
            faults: faults.clone(),
            written,
            stopped: stopped.clone(),
        };
        let workers = Workers(workers.into());
        let at_work = AtWork::default();
        for (entry, runtime) in workers.0.iter().filter(|_| options.feeds) {
            let invoke = invoke(entry.clone(), Arc::clone(runtime), &at_work);
            // As many batches of a queue at once as on AWS. A stream and the schedule go one by one.
            let at_once = if matches!(entry.source, Source::Queue(..)) { entry.concurrency } else { 1 };
            for _ in 0..at_once {
                tasks.spawn(feeds.feed(entry, Arc::clone(&invoke)));
            }
        }
        if options.feeds {
            tasks.spawn(ttl::sweep(clients.clone(), clock.clone(), stopped.clone()));
        }

        let controls = pages::Controls {
            state: state.clone(),
            clock: clock.clone(),
            recorder: Arc::clone(&recorder),
            faults: faults.clone(),
            clients: clients.clone(),
            workers: workers.clone(),
            at_work,
            endpoints: endpoints.clone(),
            prefix: PREFIX,
            kept: options.data.to_string(),
            demo: options.demo,
        };
        let app = pages::router(controls).merge(providers::router(stand_ins)).merge(http::router(
            Dispatcher::new(functions),
            settings.allowed_origins.clone(),
            wrote,
        ));
        tasks.spawn(serve(listener, app, stopped));
        Ok(Self {
            address,
            settings,
            state,
            clock,
            recorder,
            faults,
            clients,
            database,
            workers,
            stop,
            tasks,
            _lock: lock,
        })
    }

    /// The API's URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The demo's users and their password.
    #[must_use]
    pub fn demo_users() -> (Vec<&'static str>, &'static str) {
        (demo::usernames(), demo::PASSWORD)
    }

    /// Calls a worker with an event, or a command with a payload, as Lambda would.
    ///
    /// # Errors
    ///
    /// When there is no such worker, or its run failed as a whole.
    pub async fn call_worker(&self, name: &str, event: Value) -> anyhow::Result<Value> {
        self.workers.call(name, event).await
    }

    /// Every endpoint, worker and command, by name, with what it is granted.
    #[must_use]
    pub fn grants() -> Vec<(&'static str, Vec<campus_aws::Grant>)> {
        let endpoints = registries().into_iter().flat_map(|registry| registry.endpoints);
        let workers = registries().into_iter().flat_map(|registry| registry.workers);
        endpoints
            .map(|entry| (entry.name, entry.grants.to_vec()))
            .chain(workers.map(|entry| (entry.name, entry.grants.to_vec())))
            .collect()
    }

    /// Stops everything; returns when it has, or after two seconds.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        // A connection that is kept open would hold it for ever.
        drop(tokio::time::timeout(STOP_WITHIN, finished).await);
        self.tasks.abort_all();
    }
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Err(StartError::PortTaken { port, holder: holder_of(port).await })
        }
        Err(error) => {
            Err(StartError::Other(anyhow::Error::new(error).context(format!("port {port} cannot be listened on"))))
        }
    }
}

/// Who listens on a port, in words.
async fn holder_of(port: u16) -> String {
    let asked = tokio::time::timeout(ANSWER_WITHIN, who_are_you(port)).await;
    match asked.ok().flatten().filter(|told| told["program"] == "campus") {
        Some(told) => format!(
            "another Campus: process {}, its data {}, http://127.0.0.1:{port}/_local",
            told["process"],
            told["data"].as_str().unwrap_or("unknown")
        ),
        None => "another program".to_owned(),
    }
}

/// What a Campus says of itself. A whole HTTP client is not worth it.
async fn who_are_you(port: u16) -> Option<Value> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    let question = format!("GET /_local/start.json HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    connection.write_all(question.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    connection.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await.ok()?;
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    serde_json::from_slice(&answer[body..]).ok()
}

fn open(data: &Data) -> Result<Opened, StartError> {
    let Data::Folder(folder) = data else {
        let (clock, state) = MovableClock::open(None).context("memory")?;
        let database = sources::open_database(None)?;
        return Ok(Opened { clock, state, database, lock: None });
    };
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let lock = std::fs::File::create(folder.join(LOCK_FILE)).context("the lock file cannot be made")?;
    lock.try_lock().map_err(|_| StartError::DataInUse(folder.clone()))?;

    let unreadable = |cause: String| StartError::Unreadable { folder: folder.clone(), cause };
    let is_new = !folder.join(STATE_FILE).exists() && !folder.join(DATABASE_FILE).exists();
    let (clock, state) =
        MovableClock::open(Some(&folder.join(STATE_FILE))).map_err(|error| unreadable(told(&error)))?;
    let found = state.mark(DATA_VERSION_MARK).map_err(|error| unreadable(told(&error)))?;
    match found {
        Some(found) if found == DATA_VERSION => {}
        None if is_new => {
            state.set_mark(DATA_VERSION_MARK, DATA_VERSION).map_err(|error| unreadable(told(&error)))?;
        }
        found => {
            let found = found.unwrap_or_else(|| "unknown".to_owned());
            return Err(StartError::OtherVersion { folder: folder.clone(), found });
        }
    }
    let database =
        sources::open_database(Some(&folder.join(DATABASE_FILE))).map_err(|error| unreadable(format!("{error:#}")))?;
    Ok(Opened { clock, state, database, lock: Some(lock) })
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Throws away the data in a folder, and only what Campus put there.
///
/// # Errors
///
/// [`StartError`] when another process has it, or a file cannot be removed.
pub fn reset(folder: &Path) -> Result<(), StartError> {
    if !folder.exists() {
        return Ok(());
    }
    let lock = std::fs::File::create(folder.join(LOCK_FILE)).context("the lock file cannot be made")?;
    lock.try_lock().map_err(|_| StartError::DataInUse(folder.to_owned()))?;
    for file in [DATABASE_FILE, STATE_FILE] {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let path = folder.join(format!("{file}{suffix}"));
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
            }
        }
    }
    Ok(())
}

async fn serve_stand_ins(
    state: &State,
    database: &Database,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<Endpoints> {
    let dynamodb = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let messaging = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let endpoints = Endpoints {
        dynamodb: format!("http://{}", dynamodb.local_addr()?),
        messaging: format!("http://{}", messaging.local_addr()?),
        http: HttpClientBuilder::new().build_http(),
    };
    let (served, until) = (database.clone(), stop_signal(stopped.clone()));
    tasks.spawn(async move {
        if let Err(error) = dynoxide::server::serve_with_shutdown(dynamodb, served, until).await {
            tracing::error!(cause = error, "the embedded database stopped");
        }
    });
    let guarded = aws::router(state.clone()).layer(middleware::from_fn(pages::guard::only_from_here));
    tasks.spawn(serve(messaging, guarded, stopped.clone()));
    Ok(endpoints)
}

async fn serve(listener: TcpListener, app: Router, stopped: watch::Receiver<bool>) {
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop_signal(stopped)).await;
    if let Err(error) = served {
        tracing::error!(cause = %error, "a server stopped");
    }
}

async fn stop_signal(mut stopped: watch::Receiver<bool>) {
    // An error means that the system itself is gone, which is a stop as well.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

async fn create_tables(clients: &Clients) -> anyhow::Result<()> {
    let store = Store::new(clients);
    let existing = clients.dynamodb.list_tables().send().await?.table_names.unwrap_or_default();
    for table in TABLES {
        let name = store.physical(table);
        if existing.contains(&name) {
            continue;
        }
        let mut request = clients.dynamodb.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
        for (attribute, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            request = request
                .attribute_definitions(
                    AttributeDefinition::builder()
                        .attribute_name(attribute)
                        .attribute_type(ScalarAttributeType::S)
                        .build()?,
                )
                .key_schema(KeySchemaElement::builder().attribute_name(attribute).key_type(kind).build()?);
        }
        if table.streamed {
            let stream = StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?;
            request = request.stream_specification(stream);
        }
        request.send().await?;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires_at").build()?;
        clients.dynamodb.update_time_to_live().table_name(&name).time_to_live_specification(ttl).send().await?;
    }
    Ok(())
}

fn create_queues(state: &State) -> anyhow::Result<()> {
    for queue in QUEUES {
        let name = format!("{PREFIX}{}", queue.name);
        let dead = format!("{name}-dead");
        state.create_queue(&dead, queue.hidden_seconds, None, None)?;
        state.create_queue(&name, queue.hidden_seconds, Some(RECEIVES_MAX), Some(&dead))?;
    }
    Ok(())
}

fn invoke(entry: WorkerEntry, runtime: Arc<Runtime>, at_work: &AtWork) -> Invoke {
    let at_work = at_work.clone();
    Arc::new(move |event: Value| {
        let (entry, runtime, at_work) = (entry.clone(), Arc::clone(&runtime), at_work.clone());
        async move {
            let _turn = at_work.begin().await;
            Ok(entry.call(runtime, event).await?)
        }
        .boxed()
    })
}

/// What calls the workers: Lambda's event source mappings, and EventBridge.
struct Feeds {
    state: State,
    database: Database,
    clock: MovableClock,
    faults: Faults,
    written: watch::Receiver<()>,
    stopped: watch::Receiver<bool>,
}

impl Feeds {
    fn feed(&self, entry: &WorkerEntry, invoke: Invoke) -> BoxFuture<'static, ()> {
        let (state, stopped) = (self.state.clone(), self.stopped.clone());
        match entry.source {
            Source::Queue(queue, batch) => {
                let faults = self.faults.clone();
                let queue = sources::Queue {
                    state,
                    name: format!("{PREFIX}{}", queue.name),
                    batch: batch.into(),
                    comes_again: Arc::new(move || faults.takes_redelivery(queue.name)),
                };
                sources::queue(queue, invoke, stopped).boxed()
            }
            Source::Stream(table, prefix, _) => {
                let stream = sources::Stream {
                    db: self.database.clone(),
                    table: format!("{PREFIX}{}", table.name),
                    consumer: entry.name.to_owned(),
                    state,
                    filter: Arc::new(move |record| is_new_item_of(record, prefix)),
                    wake: self.written.clone(),
                };
                sources::stream(stream, invoke, stopped).boxed()
            }
            Source::Schedule(minutes) => {
                let every = Duration::from_secs(60 * u64::from(minutes));
                sources::schedule(every, self.clock.now(), self.clock.moved(), invoke, stopped).boxed()
            }
            // An operator calls it, if anyone: see `pages::commands`.
            Source::Command => std::future::ready(()).boxed(),
        }
    }
}

/// The filter of the event source mapping in `template.yaml`.
fn is_new_item_of(record: &Value, prefix: &str) -> bool {
    let partition = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default();
    record["eventName"] == "INSERT" && partition.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rest_waits_for_who_is_at_work_and_keeps_the_others_from_it_but_not_for_ever() {
        let at_work = AtWork::default();
        let turn = at_work.begin().await;
        assert!(at_work.rest().await.is_none(), "one of them hangs");
        drop(turn);
        let rest = at_work.rest().await.expect("nobody is at work");
        assert!(tokio::time::timeout(REST_WITHIN, at_work.begin()).await.is_err());
        drop(rest);
        drop(at_work.begin().await);
    }
}
