//! The endpoint as the real SDK clients see it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::clock::Now;

/// A file for one test, removed with it.
pub(crate) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(crate) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("campus-local-{}.sqlite", Uuid::new_v4())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", self.0.display()));
        }
    }
}

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_790_000_000)))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Now {
        let seconds = self.0.clone();
        Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }
}

/// The endpoint on a port of its own.
struct Local {
    state: State,
    clock: TestClock,
    address: SocketAddr,
}

/// A client of one of the SDK crates, each of which has its own type for the same configuration.
macro_rules! client {
    ($sdk:ident, $local:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .credentials_provider($sdk::config::Credentials::new("local", "local", None, None, "local"))
            .region($sdk::config::Region::new(REGION))
            .endpoint_url(format!("http://{}", $local.address))
            .build();
        $sdk::Client::from_conf(config)
    }};
}

impl Local {
    async fn start() -> Self {
        let clock = TestClock::new();
        Self::with(State::in_memory(clock.now()).unwrap(), clock).await
    }

    async fn with(state: State, clock: TestClock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { state, clock, address }
    }

    /// With a queue `sms`, 30 seconds of invisibility, given up after two receives.
    async fn with_queues() -> (Self, aws_sdk_sqs::Client) {
        let local = Self::start().await;
        create_queues(&local.state);
        let sqs = client!(aws_sdk_sqs, local);
        (local, sqs)
    }

    fn depth(&self, name: &str) -> (u64, u64, u64) {
        let depths = self.state.queue_depths().unwrap();
        let depth = depths.into_iter().find(|depth| depth.name == name).unwrap();
        (depth.visible, depth.in_flight, depth.delayed)
    }
}

fn create_queues(state: &State) {
    state.create_queue("sms-dead", 30, None, None).unwrap();
    state.create_queue("sms", 30, Some(2), Some("sms-dead")).unwrap();
}

static SMS: LazyLock<String> = LazyLock::new(|| queue_url("sms"));
static SMS_DEAD: LazyLock<String> = LazyLock::new(|| queue_url("sms-dead"));

async fn send(sqs: &aws_sdk_sqs::Client, body: &str) {
    sqs.send_message().queue_url(&*SMS).message_body(body).send().await.unwrap();
}

async fn receive(sqs: &aws_sdk_sqs::Client, url: &str) -> Vec<aws_sdk_sqs::types::Message> {
    let receive = sqs.receive_message().queue_url(url).max_number_of_messages(10);
    let receive = receive.message_system_attribute_names("ApproximateReceiveCount".into());
    receive.send().await.unwrap().messages.unwrap_or_default()
}

fn receive_count(message: &aws_sdk_sqs::types::Message) -> &str {
    &message.attributes.as_ref().unwrap()[&"ApproximateReceiveCount".into()]
}

#[tokio::test]
async fn a_message_is_received_with_its_body_and_count_and_is_gone_once_deleted() {
    let (local, sqs) = Local::with_queues().await;
    let url = sqs.get_queue_url().queue_name("sms").send().await.unwrap().queue_url.unwrap();
    assert_eq!(url, *SMS);
    send(&sqs, "{\"text\":\"안녕\"}").await;

    let messages = receive(&sqs, &url).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body(), Some("{\"text\":\"안녕\"}"));
    assert_eq!(receive_count(&messages[0]), "1");
    assert_eq!(local.depth("sms"), (0, 1, 0));

    let receipt = messages[0].receipt_handle().unwrap();
    sqs.delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
    assert_eq!(local.depth("sms"), (0, 0, 0));
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_back_and_ends_in_the_dead_letter_queue_until_redriven() {
    let (local, sqs) = Local::with_queues().await;
    send(&sqs, "stubborn").await;

    assert_eq!(receive(&sqs, &SMS).await.len(), 1);
    local.clock.advance(29);
    assert_eq!(receive(&sqs, &SMS).await.len(), 0, "it is invisible for 30 seconds");
    local.clock.advance(1);
    assert_eq!(receive_count(&receive(&sqs, &SMS).await[0]), "2");
    local.clock.advance(30);
    assert_eq!(receive(&sqs, &SMS).await.len(), 0, "two receives were allowed");
    assert_eq!(local.depth("sms-dead"), (1, 0, 0));

    let move_back = sqs.start_message_move_task().source_arn(queue_arn("sms-dead"));
    move_back.send().await.unwrap();
    assert_eq!(receive(&sqs, &SMS_DEAD).await.len(), 0);
    let messages = receive(&sqs, &SMS).await;
    assert_eq!(messages[0].body(), Some("stubborn"));
    assert_eq!(receive_count(&messages[0]), "1", "a redriven message starts anew");
}

#[tokio::test]
async fn redrive_counts_what_it_moves_and_leaves_what_has_no_source() {
    let (local, sqs) = Local::with_queues().await;
    let direct = NewMessage { body: "direct".to_owned(), ..Default::default() };
    local.state.send("sms-dead", &[direct]).unwrap();
    send(&sqs, "a").await;
    send(&sqs, "b").await;
    for _ in 0..3 {
        receive(&sqs, &SMS).await;
        local.clock.advance(30);
    }
    assert_eq!(local.depth("sms-dead"), (3, 0, 0));
    assert_eq!(local.state.redrive("sms-dead").unwrap(), 2);
    assert_eq!(local.depth("sms-dead"), (1, 0, 0));
    assert_eq!(local.depth("sms"), (2, 0, 0));
}

#[tokio::test]
async fn a_delayed_message_waits_and_visibility_can_be_changed() {
    let (local, sqs) = Local::with_queues().await;
    sqs.send_message().queue_url(&*SMS).message_body("later").delay_seconds(60).send().await.unwrap();
    assert_eq!(local.depth("sms"), (0, 0, 1));
    local.clock.advance(60);
    let message = receive(&sqs, &SMS).await.remove(0);

    let change = sqs.change_message_visibility().queue_url(&*SMS);
    let change = change.receipt_handle(message.receipt_handle().unwrap());
    change.clone().visibility_timeout(300).send().await.unwrap();
    local.clock.advance(299);
    assert_eq!(local.depth("sms"), (0, 1, 0));
    change.clone().visibility_timeout(0).send().await.unwrap();
    assert_eq!(local.depth("sms"), (1, 0, 0));
    let error = change.visibility_timeout(1).send().await.unwrap_err();
    assert!(error.into_service_error().is_message_not_inflight());
}

#[tokio::test]
async fn a_waiting_receiver_is_woken_by_a_message_and_by_a_moved_clock() {
    let (local, sqs) = Local::with_queues().await;
    let wait = sqs.receive_message().queue_url(&*SMS).wait_time_seconds(20);

    let waiting = tokio::spawn(wait.clone().send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sent = Instant::now();
    send(&sqs, "at last").await;
    assert_eq!(waiting.await.unwrap().unwrap().messages().len(), 1);
    assert!(sent.elapsed() < Duration::from_secs(10));

    let waiting = tokio::spawn(wait.send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let moved = Instant::now();
    local.clock.advance(30);
    local.state.wake();
    assert_eq!(waiting.await.unwrap().unwrap().messages().len(), 1);
    assert!(moved.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_batch_reports_each_entry_by_itself() {
    let (local, sqs) = Local::with_queues().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let batch = sqs.send_message_batch().queue_url(&*SMS);
    let answer = batch.clone().entries(entry("good", "x")).entries(entry("bad", "\u{1}")).send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "good");
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("bad", "InvalidMessageContents"));
    assert_eq!(local.depth("sms"), (1, 0, 0));

    let too_many = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    let error = batch.clone().set_entries(Some(too_many)).send().await.unwrap_err();
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.TooManyEntriesInBatchRequest"));
    let error = batch.entries(entry("a", "x")).entries(entry("a", "y")).send().await.unwrap_err();
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.BatchEntryIdsNotDistinct"));
}

#[tokio::test]
async fn what_sqs_would_refuse_is_refused() {
    let (_local, sqs) = Local::with_queues().await;
    let missing = sqs.send_message().queue_url(queue_url("nowhere")).message_body("x").send().await.unwrap_err();
    assert!(missing.into_service_error().is_queue_does_not_exist());

    let too_long = sqs.send_message().queue_url(&*SMS).message_body("x".repeat(256 * 1024 + 1)).send().await;
    assert_eq!(too_long.unwrap_err().code(), Some("InvalidParameterValue"));
    let nonsense = sqs.delete_message().queue_url(&*SMS).receipt_handle("nonsense").send().await;
    assert_eq!(nonsense.unwrap_err().code(), Some("ReceiptHandleIsInvalid"));

    let attributes = sqs.get_queue_attributes().queue_url(&*SMS).attribute_names(QueueAttributeName::All);
    let attributes = attributes.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "30");
    assert!(attributes[&QueueAttributeName::RedrivePolicy].contains(":sms-dead"));
}

#[tokio::test]
async fn a_text_message_is_in_the_outbox_with_its_kind() {
    let local = Local::start().await;
    let sns = client!(aws_sdk_sns, local);
    let attribute = |value: &str| {
        aws_sdk_sns::types::MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
    };
    let publish = sns.publish().phone_number("+821012345678").message("인증번호 <123456> & more");
    let labelled = publish
        .clone()
        .message_attributes("campus.kind", attribute("signin_code"))
        .message_attributes("campus.delivery", attribute("d-1"))
        .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional"));
    let id = labelled.send().await.unwrap().message_id.unwrap();
    local.clock.advance(5);
    publish.send().await.unwrap();

    let sent = local.state.sent(Some("+821012345678"), 100).unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!((sent[0].kind.as_str(), &sent[0].delivery_id), ("", &None), "the newest is first");
    assert_eq!(sent[0].sent_at.duration_since(sent[1].sent_at), SignedDuration::from_secs(5));
    assert_eq!((sent[1].channel.as_str(), sent[1].kind.as_str()), ("sms", "signin_code"));
    assert_eq!(sent[1].text, "인증번호 <123456> & more");
    assert_eq!((&sent[1].id, sent[1].delivery_id.as_deref()), (&id, Some("d-1")));
    assert_eq!(local.state.sent(Some("+821000000000"), 100).unwrap(), []);

    for (phone, message) in [("01012345678", "x"), ("+0821012345", "x"), ("+821012345678", "")] {
        let error = sns.publish().phone_number(phone).message(message).send().await.unwrap_err();
        assert!(error.into_service_error().is_invalid_parameter_exception(), "{phone} {message}");
    }
    let long = sns.publish().phone_number("+821012345678").message("가".repeat(1601)).send().await;
    assert_eq!(long.unwrap_err().code(), Some("InvalidParameter"));
}

#[tokio::test]
async fn a_mail_is_in_the_outbox_with_its_kind() {
    use aws_sdk_ses::types::{Body, Content, Destination, Message, MessageTag, RawMessage};

    let local = Local::start().await;
    let ses = client!(aws_sdk_ses, local);
    let content = |data: &str| Content::builder().data(data).charset("UTF-8").build().unwrap();
    let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build().unwrap();
    let body = Body::builder().text(content("Hello + 100%")).html(content("<p>Hello</p>")).build();
    let mail = ses
        .send_email()
        .source("Campus <no-reply@campus.example>")
        .destination(Destination::builder().to_addresses("ana@campus.example").build())
        .message(Message::builder().subject(content("Welcome")).body(body).build());
    let labelled = mail.clone().tags(tag("kind", "welcome")).tags(tag("delivery", "d-2"));
    let id = labelled.send().await.unwrap().message_id;

    let sent = local.state.sent(Some("ana@campus.example"), 100).unwrap().remove(0);
    assert_eq!((sent.channel.as_str(), sent.kind.as_str(), sent.id), ("email", "welcome", id));
    assert_eq!((sent.subject.as_deref(), sent.text.as_str()), (Some("Welcome"), "Hello + 100%"));
    assert_eq!((sent.html.as_deref(), sent.delivery_id.as_deref()), (Some("<p>Hello</p>"), Some("d-2")));

    let dotted = mail.tags(tag("kind", "campus.welcome")).send().await.unwrap_err();
    assert_eq!(dotted.code(), Some("InvalidParameterValue"));
    assert!(dotted.message().unwrap().contains("Tags"));

    let raw = b"From: no-reply@campus.example\r\nTo: Bo <bo@campus.example>\r\nSubject: Digest\r\n\
        List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nThree new posts";
    let raw = RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new(raw)).build().unwrap();
    ses.send_raw_email().raw_message(raw).tags(tag("kind", "digest")).send().await.unwrap();
    let sent = local.state.sent(Some("bo@campus.example"), 100).unwrap().remove(0);
    assert_eq!((sent.kind.as_str(), sent.text.as_str()), ("digest", "Three new posts"));
    assert_eq!(sent.headers["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
}

#[tokio::test]
async fn an_injected_failure_reaches_the_sdk_with_its_code_and_sends_nothing() {
    let local = Local::start().await;
    create_queues(&local.state);
    let (sns, ses, sqs) = (client!(aws_sdk_sns, local), client!(aws_sdk_ses, local), client!(aws_sdk_sqs, local));
    let publish = || sns.publish().phone_number("+821012345678").message("x").send();

    local.state.fail_next(Service::Sns, 1, 400, "OptedOut", "The number <opted> out");
    let error = publish().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("OptedOut"), Some("The number <opted> out")));
    assert_eq!(local.state.sent(None, 100).unwrap(), []);
    publish().await.unwrap();

    // The SDK makes three attempts by itself.
    local.state.fail_next(Service::Sns, 3, 500, "InternalError", "down");
    assert_eq!(publish().await.unwrap_err().code(), Some("InternalError"));
    local.state.fail_next(Service::Sns, 2, 500, "InternalError", "down");
    publish().await.unwrap();
    assert_eq!(local.state.sent(None, 100).unwrap().len(), 2);

    local.state.fail_next(Service::Ses, 1, 400, "MessageRejected", "suppressed");
    let raw = aws_sdk_ses::types::RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new("x")).build();
    let error = ses.send_raw_email().raw_message(raw.unwrap()).send().await.unwrap_err();
    assert!(error.into_service_error().is_message_rejected());

    local.state.fail_next(Service::Sqs, 1, 403, "KMS.DisabledException", "no key");
    let error = sqs.send_message().queue_url(&*SMS).message_body("x").send().await.unwrap_err();
    assert!(error.into_service_error().is_kms_disabled());
    assert_eq!(local.depth("sms"), (0, 0, 0));
}

#[tokio::test]
async fn a_secret_is_generated_once_and_kept() {
    let file = TemporaryFile::new();
    let clock = TestClock::new();
    let local = Local::with(State::open(file.path(), clock.now()).unwrap(), clock.clone()).await;
    let secrets = client!(aws_sdk_secretsmanager, local);
    let read = || async { secrets.get_secret_value().secret_id("campus/signing").send().await.unwrap().secret_string };
    let secret = read().await.unwrap();
    assert_eq!(secret.len(), 64);
    assert_eq!(read().await.unwrap(), secret);
    assert_ne!(local.state.secret("campus/codes").unwrap(), secret);
    drop(local);

    let reopened = State::open(file.path(), clock.now()).unwrap();
    assert_eq!(reopened.secret("campus/signing").unwrap(), secret);
}

#[tokio::test]
async fn after_a_crash_nothing_is_lost_and_what_was_in_flight_is_visible_at_once() {
    let file = TemporaryFile::new();
    let clock = TestClock::new();
    let state = State::open(file.path(), clock.now()).unwrap();
    create_queues(&state);
    let message =
        |body: &str, delay_seconds| NewMessage { body: body.to_owned(), delay_seconds, attributes: Value::Null };
    let messages = [message("in flight", 0), message("delayed", 900)];
    state.send("sms", &messages).unwrap();
    assert_eq!(state.receive("sms", 10, None).unwrap().len(), 1);
    state.send("sms", &[message("ready", 0)]).unwrap();
    state.set_mark("stream.accounts", "17").unwrap();

    // A second connection sees what a killed process would leave: the first has not been closed.
    let reopened = State::open(file.path(), clock.now()).unwrap();
    let received = reopened.receive("sms", 10, None).unwrap();
    let received: Vec<_> = received.iter().map(|message| (message.body.as_str(), message.receive_count)).collect();
    assert_eq!(received, [("in flight", 2), ("ready", 1)]);
    assert_eq!(reopened.queue_depths().unwrap()[0].delayed, 1);
    assert_eq!(reopened.mark("stream.accounts").unwrap().as_deref(), Some("17"));
}

#[tokio::test]
async fn what_is_not_available_locally_says_so() {
    let local = Local::start().await;
    let sqs = client!(aws_sdk_sqs, local);
    let error = sqs.purge_queue().queue_url(&*SMS).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidAction"));
    let ses = client!(aws_sdk_ses, local);
    let error = ses.get_send_quota().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidAction"));

    let raw = aws_sdk_ses::types::RawMessage::builder().data(aws_sdk_ses::primitives::Blob::new("x")).build();
    let error = ses.send_raw_email().raw_message(raw.unwrap()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"), "a mail needs a sender");
}
