//! The runner: everything that is the same for all endpoints, once.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use campus_aws::{CODE_SECRET, CallScope, scoped};
use campus_domain::{Id, Locale, kind};
use campus_session::{AuthError, Demands, Session};
use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, USER_AGENT, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument;

use crate::access::{Access, Caller, SessionUse};
use crate::body::{self, Body};
use crate::contract::{Endpoint, Request};
use crate::credentials::{ClientCookies, Credentials};
use crate::cx::{Cx, Invocation, Runtime};
use crate::draft::Draft;
use crate::idempotency::{Begun, Claim, IDEMPOTENCY_REPLAYED, IdempotencyKey};
use crate::limit::Limit;
use crate::list::CursorKey;
use crate::measure::Measures;
use crate::parameters::{is_paged, read_path, read_query};
use crate::problem::{IntoProblem, PAYLOAD_TOO_LARGE, Problem, RATE_LIMITED, UNSUPPORTED_MEDIA_TYPE, problem};
use crate::registry::EndpointEntry;
use crate::request::{HttpRequest, HttpResponse};
use crate::settings::Settings;
use crate::tag::{IfMatch, Tag};

/// Names the request in every response.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the runner does differently from endpoint to endpoint. All else is compiled once for all of them.
#[derive(Clone, Copy)]
pub(crate) struct Steps {
    session: SessionUse,
    demands: Demands,
    limits: &'static [Limit],
    is_paged: bool,
    body_max: usize,
    pub(crate) warm_up: fn(),
    prepare: Prepare,
}

/// See [`prepare`].
type Prepare = fn(&Settings, Option<Session>, Result<(), Problem>, &HttpRequest) -> Result<Handler, Problem>;

/// An endpoint's handler with a valid request of an admitted caller.
type Handler = Box<dyn for<'a> FnOnce(&'a Cx) -> BoxFuture<'a, Result<Draft, Problem>> + Send>;

impl Steps {
    /// Those of an endpoint.
    pub(crate) fn of<E: Endpoint>() -> Self {
        Self {
            session: E::Access::SESSION,
            demands: Demands { fresh: E::FRESH_SESSION, may_be_suspended: E::SUSPENDED_TOO },
            limits: E::LIMITS,
            is_paged: is_paged::<E::Query>(),
            body_max: E::BODY_MAX,
            warm_up: E::warm_up,
            prepare: prepare::<E>,
        }
    }
}

/// Admits the caller and reads the request, in the order in which a client is told what is wrong.
fn prepare<E: Endpoint>(
    settings: &Settings,
    session: Option<Session>,
    limited: Result<(), Problem>,
    request: &HttpRequest,
) -> Result<Handler, Problem> {
    let identity = E::Access::admit(session)?;
    limited?;
    let path = read_path::<E::Path>(&request.path_parameters)?;
    let query = read_query::<E::Query>(request.query.as_deref())?;
    let input = input_of::<E>(settings, request)?;
    let if_match = IfMatch::of(&request.headers);
    Ok(Box::new(move |cx| {
        Box::pin(async move {
            let output = E::handle(cx, Caller { identity }, Request { path, query, input, if_match }).await;
            Draft::of(&output.map_err(|error| error.problem())?).map_err(Problem::internal)
        })
    }))
}

/// Runs an endpoint on a request.
pub(crate) async fn run(entry: &EndpointEntry<()>, runtime: &Arc<Runtime>, request: HttpRequest) -> HttpResponse {
    let began = Instant::now();
    let cold = runtime.starts_cold();
    let request_id = runtime.new_id();
    let locale = locale_of(&request);
    let scope = CallScope::new(entry.name, Arc::clone(&entry.grants));
    let span = tracing::error_span!("request", request.id = %request_id, http.route = %entry.route);

    // The SDK's futures are large.
    let measures = Measures::default();
    let work = Box::pin(answer(entry, runtime, &request, request_id, locale, measures.clone()));
    let work = AssertUnwindSafe(work).catch_unwind();
    let outcome = scoped(Arc::clone(&scope), work)
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));

    let _entered = span.enter();
    let mut response = match outcome {
        Ok(response) => conditional(&request, response),
        Err(problem) => refuse(problem, locale, request_id),
    };
    finish(&mut response, request_id);
    let (calls, used) = scope.record();
    runtime.record(Invocation {
        function: entry.name,
        request_id,
        route: Some(entry.route),
        status: response.status().as_u16(),
        duration: began.elapsed(),
        cold,
        calls,
        used,
        measures: measures.take(),
    });
    response
}

async fn answer(
    entry: &EndpointEntry<()>,
    runtime: &Arc<Runtime>,
    request: &HttpRequest,
    request_id: Id<kind::Request>,
    locale: Locale,
    measures: Measures,
) -> Result<HttpResponse, Problem> {
    let steps = &entry.steps;
    if request.body.len() > steps.body_max {
        return Err(PAYLOAD_TOO_LARGE);
    }
    let wanted = IdempotencyKey::of(request)?;
    let mut cx = Cx {
        runtime: Arc::clone(runtime),
        request_id,
        now: runtime.now(),
        locale,
        client_address: request.client_address,
        user_agent: request.header(USER_AGENT).map(str::to_owned),
        cookies: ClientCookies::of(request, &runtime.settings.allowed_origins),
        store: runtime.store().clone(),
        cursor_key: None,
        claim: None,
        measures,
    };
    // Who asks is settled first: a stranger learns nothing of what a body should look like.
    let (session, limited, cursor_key) =
        tokio::join!(session_of(&cx, steps, request), limited(&cx, steps.limits), cursor_key_of(&cx, steps.is_paged));
    let session = session?;
    let claim = wanted.map(|key| {
        let holds_secret = entry.grants.contains(&CODE_SECRET.read());
        Claim::new(&cx, key, request, session.as_ref(), entry.tuning.timeout_seconds, holds_secret)
    });
    let handler = (steps.prepare)(cx.settings(), session, limited, request)?;
    cx.cursor_key = cursor_key?;

    if let Some(claim) = claim {
        cx.store = cx.store.behind(claim.gate());
        cx.claim = Some(claim);
    }
    let handled = handler(&cx);
    match &cx.claim {
        None => handled.await?.fill(&cx).await,
        // The SDK's futures are large.
        Some(claim) => Box::pin(once(&cx, claim, request, handled)).await,
    }
}

/// Carries a request out unless it was before: then its handler is dropped, which has written nothing yet.
async fn once(
    cx: &Cx,
    claim: &Claim,
    request: &HttpRequest,
    handled: BoxFuture<'_, Result<Draft, Problem>>,
) -> Result<HttpResponse, Problem> {
    let begun = pin!(claim.begin(cx, request));
    let outcome = match select(begun, handled).await {
        Either::Left((begun, handled)) => match begun? {
            Begun::Ours => handled.await,
            Begun::Before(answer) => return replayed(cx, &answer).await,
        },
        Either::Right((outcome, begun)) => match begun.await? {
            Begun::Ours => outcome,
            Begun::Before(answer) => return replayed(cx, &answer).await,
        },
    };
    claim.end(cx, &outcome).await;
    outcome?.fill(cx).await
}

async fn replayed(cx: &Cx, answer: &Draft) -> Result<HttpResponse, Problem> {
    let mut response = answer.fill(cx).await?;
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// The session that the request proves, by header or else by cookie.
async fn session_of(cx: &Cx, steps: &Steps, request: &HttpRequest) -> Result<Option<Session>, Problem> {
    if steps.session == SessionUse::Ignored {
        return Ok(None);
    }
    let Some(credentials) = Credentials::of(request, &cx.cookies).map_err(|error| error.problem())? else {
        return Ok(None);
    };
    let session = cx.runtime.authenticator.authenticate(cx.store(), credentials.token(), steps.demands).await;
    let session = match (session, &credentials) {
        // A browser sends what it has: where a session is not needed, a stale cookie is as good as none.
        (Err(AuthError::Invalid | AuthError::Expired | AuthError::Revoked), Credentials::Cookie(_))
            if steps.session == SessionUse::Optional =>
        {
            return Ok(None);
        }
        (session, _) => session.map_err(|error| error.problem())?,
    };
    let is_read = request.method.is_safe();
    if matches!(credentials, Credentials::Cookie(_)) && !is_read && !cx.cookies.prove_intent(&session) {
        return Err(csrf_required());
    }
    Ok(Some(session))
}

/// A write with cookies that lacks what shows that the client's own page made it.
#[must_use]
pub fn csrf_required() -> Problem {
    problem(403, "csrf_required")
}

async fn cursor_key_of(cx: &Cx, is_paged: bool) -> Result<Option<CursorKey>, Problem> {
    if !is_paged {
        return Ok(None);
    }
    cx.runtime.cursor_key().await.map_err(|error| error.problem())
}

async fn limited(cx: &Cx, limits: &[Limit]) -> Result<(), Problem> {
    for limit in limits {
        let wait = limit.spend(cx.store(), &cx.address_subject(), cx.now()).await.map_err(|error| error.problem())?;
        if let Some(seconds) = wait {
            return Err(RATE_LIMITED.retry_after(seconds));
        }
    }
    Ok(())
}

fn input_of<E: Endpoint>(settings: &Settings, request: &HttpRequest) -> Result<E::Input, Problem> {
    if !E::Input::EXPECTED {
        return body::read(b"{}", settings);
    }
    let media_type = request.header(CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let is = |named: &str| media_type.eq_ignore_ascii_case(named);
    if E::Input::ALSO_AS_FORM {
        // RFC 8058 prefers the form of many parts, which says no more than the others.
        if request.body.is_empty() || is("multipart/form-data") {
            return body::read(b"{}", settings);
        }
        if is(FORM) {
            return body::read_form(&request.body, settings);
        }
    }
    if !media_types::<E>().iter().any(|taken| is(taken)) {
        return Err(UNSUPPORTED_MEDIA_TYPE);
    }
    body::read(&request.body, settings)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The media types that an endpoint takes a body in.
pub(crate) fn media_types<E: Endpoint>() -> &'static [&'static str] {
    if E::ROUTE.method == "PATCH" {
        &["application/json", "application/merge-patch+json"]
    } else if E::Input::ALSO_AS_FORM {
        &["application/json", FORM]
    } else {
        &["application/json"]
    }
}

pub(crate) fn locale_of(request: &HttpRequest) -> Locale {
    Locale::from_accept_language(request.header(ACCEPT_LANGUAGE).unwrap_or_default())
}

/// Puts a problem in words and, where it is ours, in the log: once, here.
pub(crate) fn refuse(problem: Problem, locale: Locale, request_id: Id<kind::Request>) -> HttpResponse {
    if problem.status >= 500 {
        tracing::error!(code = problem.code, cause = problem.cause().unwrap_or_default(), "failed");
    }
    problem.into_response(locale, request_id)
}

/// Gives what was read a tag, and answers 304 to a client that has it already.
///
/// What has no tag of its own gets its body's, so that it changes exactly with what the client sees.
fn conditional(request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    if request.method != http::Method::GET || response.status() != StatusCode::OK {
        return response;
    }
    let own = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let tag = own.unwrap_or_else(|| Tag::of_bytes(response.body()).as_str().to_owned());
    let known =
        request.headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
            value.trim() == "*" || value.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
        });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = bytes::Bytes::new();
        response.headers_mut().remove(CONTENT_TYPE);
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The headers of every response.
pub(crate) fn finish(response: &mut HttpResponse, request_id: Id<kind::Request>) {
    let headers = response.headers_mut();
    if let Ok(request_id) = HeaderValue::try_from(request_id.to_string()) {
        headers.insert(REQUEST_ID, request_id);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in [
        (STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl IntoProblem for AuthError {
    fn problem(&self) -> Problem {
        let refused = |code: &'static str, description: &str| {
            let challenge =
                format!(r#"Bearer realm="campus", error="invalid_token", error_description="{description}""#);
            problem(401, code).with_header(WWW_AUTHENTICATE, challenge)
        };
        match self {
            Self::Invalid => refused("token_invalid", "invalid"),
            Self::Expired => refused("token_expired", "expired"),
            Self::Revoked => refused("token_revoked", "revoked"),
            Self::Suspended => problem(403, "session_suspended"),
            Self::Store(error) => error.problem(),
        }
    }
}
