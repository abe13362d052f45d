//! `Idempotency-Key`: a request that is repeated takes effect once, and gets its first answer again.
//!
//! Table `requests`, `pk = IDEMPOTENCY#<hash of caller, route and key>`, kept for 24 hours. A record is first
//! `running`, on a lease; then `done`, with the answer.
//!
//! - It begins by one conditional update, while the handler already reads. The handler's writes wait for it
//!   ([`Gate`]), so a repetition writes nothing and costs no round trip more.
//! - It is done in the transaction of the handler ([`Cx::commit`]), which demands that the record is still this
//!   request's: there is no effect without its answer, nor an answer without its effect, whatever crashes.
//! - A refusal is stored after the handler, unless it says to come again (401, 403, 429, 5xx): that frees the key.
//! - Who dies leaves the lease. A repetition takes over once it has passed, and then the first, should it only have
//!   been slow, cannot write any more.
//!
//! The fingerprint tells another body under the same key. Bodies hold passwords, so it is a MAC: under the code
//! secret where the function has it, and else under the key itself, which is stored nowhere.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::{CODE_SECRET, REQUESTS, Table};
use campus_domain::{Invalid, RequestId, Timestamp};
use campus_secrets::mac;
use campus_session::Session;
use campus_store::{Condition, Gate, Item, Key, StoreError, Transaction, Update, Written, absent, attr, decode};
use http::HeaderName;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::cookies::REFRESH_COOKIE;
use crate::cx::Cx;
use crate::draft::Draft;
use crate::problem::{FieldError, IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, IntoProblem, Problem};
use crate::request::HttpRequest;

/// Names a request of a client's, so that it can be repeated.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of an earlier request.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const KEY_CHARACTERS_MAX: u32 = 64;
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// A lease outlives the function by this much: clocks differ.
const LEASE_MARGIN_SECONDS: i64 = 5;

/// What is stored of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    name: String,
    /// The request that carries it out.
    claim: String,
    fingerprint: String,
    /// Until when nobody else may, unless it is done.
    #[serde(with = "campus_domain::time::epoch")]
    leased_until: Timestamp,
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
    /// The answer, once it is done: a [`Draft`] as JSON.
    answer: Option<String>,
}

impl Item for Record {
    const TABLE: Table = REQUESTS;
    const KIND: &'static str = "idempotency";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// The key that a client sent along.
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a request, where it takes one.
    ///
    /// # Errors
    ///
    /// 422 when it is not one key of 1 to 64 visible ASCII characters.
    pub(crate) fn of(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        if request.method != http::Method::POST {
            return Ok(None);
        }
        let mut sent = request.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(key) = sent.next() else { return Ok(None) };
        let wrong =
            |invalid| Problem::invalid(vec![FieldError { pointer: format!("header:{IDEMPOTENCY_KEY}"), invalid }]);
        let key = key.to_str().ok().filter(|_| sent.next().is_none());
        match key.map(str::trim) {
            Some("") => Err(wrong(Invalid::TooShort { min: 1 })),
            Some(key) if key.len() > KEY_CHARACTERS_MAX as usize => {
                Err(wrong(Invalid::TooLong { max: KEY_CHARACTERS_MAX }))
            }
            Some(key) => Ok(Some(Self(key.to_owned()))),
            None => Err(wrong(Invalid::CharacterNotAllowed)),
        }
    }
}

/// A request's claim to be the one that is carried out.
pub(crate) struct Claim {
    name: String,
    /// Under which the fingerprint is made where the function has no secret.
    key: SecretString,
    holds_secret: bool,
    lease_seconds: i64,
    gate: Gate,
    done: AtomicBool,
}

/// What became of a claim.
pub(crate) enum Begun {
    /// The request is to be carried out.
    Ours,
    /// It was, with this answer.
    Before(Draft),
}

impl Claim {
    /// A claim of whoever has the session, or else of whoever calls from the address with the same cookie; on a
    /// function that may take so long, and that may read the code secret or not.
    pub(crate) fn new(
        cx: &Cx,
        key: IdempotencyKey,
        request: &HttpRequest,
        session: Option<&Session>,
        timeout_seconds: u16,
        holds_secret: bool,
    ) -> Self {
        let caller = match session {
            Some(session) => format!("user {}", session.user_id),
            // Behind one address there are many browsers, and only their cookies tell their refreshes apart.
            None => format!("{} {}", cx.address_subject(), cx.cookies.get(REFRESH_COOKIE).unwrap_or_default()),
        };
        let mut hash = Sha256::new();
        for part in [&caller, &request.path, &key.0] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self {
            name: format!("IDEMPOTENCY#{}", BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())),
            key: SecretString::from(key.0),
            holds_secret,
            lease_seconds: i64::from(timeout_seconds) + LEASE_MARGIN_SECONDS,
            gate: Gate::default(),
            done: AtomicBool::new(false),
        }
    }

    /// What the request's writes wait for.
    pub(crate) fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// Names the request and its repetitions, and no others.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn key(&self) -> Key {
        Key::alone(self.name.as_str())
    }

    async fn fingerprint(&self, cx: &Cx, request: &HttpRequest) -> Result<String, Problem> {
        let parts =
            [b"idempotent request".as_slice(), request.query.as_deref().unwrap_or_default().as_bytes(), &request.body];
        let tag = if self.holds_secret {
            mac(&cx.secrets().read(CODE_SECRET).await.map_err(|error| error.problem())?, &parts)
        } else {
            mac(&self.key, &parts)
        };
        Ok(BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Begins the record, or finds out what became of the request before.
    ///
    /// # Errors
    ///
    /// 409 while the first request is running, 422 for another one under the same key, 503.
    pub(crate) async fn begin(&self, cx: &Cx, request: &HttpRequest) -> Result<Begun, Problem> {
        let now = cx.now();
        let fingerprint = self.fingerprint(cx, request).await?;
        let claim = cx.request_id().to_string();
        let update = Update::new()
            .set("name", self.name())
            .set("kind", Record::KIND)
            .set("claim", claim.as_str())
            .set("fingerprint", fingerprint.as_str())
            .set("leased_until", now.plus_seconds(self.lease_seconds))
            .set("expires_at", now.plus_seconds(KEPT_SECONDS))
            .remove("answer");
        let free = attr("answer").is_missing().and(attr("leased_until").at_most(now));
        // Sent twice, the second finds the first's record, which is as good.
        let sent_before = attr("claim").eq(claim).and(attr("answer").is_missing());
        let condition = absent().or(attr("expires_at").at_most(now)).or(free).or(sent_before);
        // Not behind the gate, which this opens.
        let written = cx.runtime.store().update(REQUESTS, &self.key(), update, condition).await;
        let stored = match written.map_err(|error| error.problem())? {
            Written::Done(_) => {
                self.gate.open();
                return Ok(Begun::Ours);
            }
            Written::Refused(stored) => stored,
        };
        let stored = stored.map(decode::<Record>).transpose().map_err(|error| error.problem())?;
        match stored {
            Some(stored) if stored.fingerprint != fingerprint => Err(IDEMPOTENCY_KEY_REUSED),
            Some(Record { answer: Some(answer), .. }) => {
                let answer: Draft = serde_json::from_str(&answer).map_err(Problem::internal)?;
                Ok(Begun::Before(answer.for_request(cx.request_id())))
            }
            Some(stored) => Err(IDEMPOTENCY_IN_PROGRESS.retry_after(now.seconds_until(stored.leased_until).min(1))),
            // TTL took it in this very moment.
            None => Err(IDEMPOTENCY_IN_PROGRESS.retry_after(1)),
        }
    }

    fn is_ours(cx: &Cx) -> Condition {
        attr("claim").eq(cx.request_id().to_string()).and(attr("answer").is_missing())
    }

    fn answered(answer: &Draft) -> Result<Update, StoreError> {
        let answer = serde_json::to_string(answer).map_err(|error| StoreError::Invalid(error.to_string()))?;
        Ok(Update::new().set("answer", answer))
    }

    /// Stores the answer of a request that wrote nothing, or has refused for good. A repetition would be answered
    /// the same, so that it does no harm if this fails.
    async fn keep(&self, cx: &Cx, answer: &Draft) -> Result<(), StoreError> {
        cx.runtime.store().update(REQUESTS, &self.key(), Self::answered(answer)?, Self::is_ours(cx)).await.map(|_| ())
    }

    /// Lets the next repetition carry the request out. If this fails the lease does it, later.
    async fn release(&self, cx: &Cx) -> Result<(), StoreError> {
        let update = Update::new().set("leased_until", cx.now());
        cx.runtime.store().update(REQUESTS, &self.key(), update, Self::is_ours(cx)).await.map(|_| ())
    }

    /// Looks after the record once the handler is through.
    pub(crate) async fn end(&self, cx: &Cx, outcome: &Result<Draft, Problem>) {
        if self.done.load(Ordering::Relaxed) {
            return;
        }
        let ended = match outcome {
            Ok(answer) => self.keep(cx, answer).await,
            Err(problem) if is_final(problem) => match Draft::of_problem(problem, cx.locale(), cx.request_id()) {
                Ok(refusal) => self.keep(cx, &refusal).await,
                Err(error) => Err(StoreError::Invalid(error.to_string())),
            },
            Err(_) => self.release(cx).await,
        };
        if let Err(error) = ended {
            tracing::warn!(cause = %error, "an idempotency record is left to its lease");
        }
    }
}

/// Whether the same request would be refused again, whenever it comes.
fn is_final(problem: &Problem) -> bool {
    // Of those that say to come again, or with more, the answer is not the last word.
    problem.status < 500 && !matches!(problem.status, 401 | 403 | 429) && problem.code != IDEMPOTENCY_IN_PROGRESS.code
}

impl Cx {
    /// Carries a handler's transaction out, and with it keeps the answer that it earns for repetitions of the
    /// request. Whatever a `POST` changes, it changes by this.
    ///
    /// # Errors
    ///
    /// Those of [`Transaction::send`], and [`StoreError::Overtaken`].
    pub async fn commit<E: From<StoreError>>(
        &self,
        mut transaction: Transaction<'_, E>,
        answer: &impl Answer,
    ) -> Result<(), E> {
        let Some(claim) = &self.claim else { return transaction.send().await };
        let draft = Draft::of(answer).map_err(|error| StoreError::Invalid(error.to_string()))?;
        transaction
            .update_first(REQUESTS, &claim.key(), Claim::answered(&draft)?, Claim::is_ours(self))
            .or(|| StoreError::Overtaken.into());
        transaction.send().await?;
        claim.done.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the client may repeat this request, so that its answer is kept.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.claim.is_some()
    }

    /// Names this request in what it counts: the same for its repetitions under an idempotency key, so that they
    /// count once, and for what the SDK sends twice.
    #[must_use]
    pub fn mark(&self) -> String {
        self.claim.as_ref().map_or_else(|| RequestId::to_string(&self.request_id), |claim| claim.name().to_owned())
    }
}
