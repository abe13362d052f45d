//! Failures as clients see them: `application/problem+json`, RFC 9457, in their language.

use bytes::Bytes;
use campus_domain::{Id, Invalid, Locale, RequestId, kind};
use campus_secrets::SecretError;
use campus_session::SigningError;
use campus_store::StoreError;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::Type;

use crate::describe::Described;
use crate::request::HttpResponse;
use crate::tag::PreconditionFailed;

/// A failure, before it is put in words.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// The stable name that clients act on.
    pub code: &'static str,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, String)>,
    member: Option<(&'static str, Value)>,
    wait_seconds: Option<i64>,
    /// What the log is told and the client is not.
    cause: Option<String>,
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the body, or `query:name`, or `path:name`; empty for a rule across fields.
    pub pointer: String,
    /// What is wrong with it.
    pub invalid: Invalid,
}

/// A failure that has a form for clients.
pub trait IntoProblem {
    /// That form.
    fn problem(&self) -> Problem;
}

/// A problem with a status and a code. Its words are in `shared/text/locales`.
#[must_use]
pub const fn problem(status: u16, code: &'static str) -> Problem {
    Problem { status, code, errors: Vec::new(), headers: Vec::new(), member: None, wait_seconds: None, cause: None }
}

/// What the runner and the dispatcher refuse with; the API description says so of every endpoint it concerns.
pub(crate) const MALFORMED_JSON: Problem = problem(400, "malformed_json");
pub(crate) const CURSOR_INVALID: Problem = problem(400, "cursor_invalid");
pub(crate) const UNKNOWN_QUERY_PARAMETER: Problem = problem(400, "unknown_query_parameter");
pub(crate) const NOT_FOUND: Problem = problem(404, "not_found");
pub(crate) const IDEMPOTENCY_IN_PROGRESS: Problem = problem(409, "idempotency_in_progress");
pub(crate) const PRECONDITION_FAILED: Problem = problem(412, "precondition_failed");
pub(crate) const PAYLOAD_TOO_LARGE: Problem = problem(413, "payload_too_large");
pub(crate) const UNSUPPORTED_MEDIA_TYPE: Problem = problem(415, "unsupported_media_type");
pub(crate) const VALIDATION_FAILED: Problem = problem(422, "validation_failed");
pub(crate) const IDEMPOTENCY_KEY_REUSED: Problem = problem(422, "idempotency_key_reused");
pub(crate) const RATE_LIMITED: Problem = problem(429, "rate_limited");
pub(crate) const INTERNAL: Problem = problem(500, "internal");
pub(crate) const SERVICE_UNAVAILABLE: Problem = problem(503, "service_unavailable");

/// A problem as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct Document<'a> {
    /// The code as a URN.
    #[schema(example = "urn:campus:problem:validation_failed")]
    r#type: String,
    /// What happened, in the language of the request.
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened and what to do next, in the language of the request.
    detail: String,
    /// What happened, for programs: it stays as it is.
    #[schema(example = "validation_failed")]
    code: &'a str,
    /// The request's `x-request-id`.
    request_id: RequestId,
    /// Every wrong field, with `validation_failed` and `unknown_query_parameter`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldDocument<'a>>,
    /// Members of single problems, which RFC 9457 allows.
    #[serde(flatten)]
    #[schema(ignore)]
    member: std::collections::BTreeMap<&'static str, Value>,
}

/// One wrong field.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldError)]
struct FieldDocument<'a> {
    /// A JSON pointer into the body, `query:` and a name, or `path:` and a name; empty for a rule across fields.
    #[schema(example = "/phone")]
    pointer: &'a str,
    /// What is wrong with it, for programs.
    #[schema(schema_with = field_codes)]
    code: &'static str,
    /// What is wrong with it, in the language of the request.
    message: String,
}

fn field_codes() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(<Invalid as strum::VariantNames>::VARIANTS.to_vec()))
}

impl Problem {
    /// What every problem looks like, for the API description.
    #[must_use]
    pub fn described() -> Described {
        Described::of::<Document<'static>>()
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says after how many seconds to try again; at least 1.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        let seconds = seconds.max(1);
        self.wait_seconds = Some(seconds);
        self.with_header(RETRY_AFTER, seconds.to_string())
    }

    /// Adds a member, such as what is down. It holds nothing that anyone but the client may know.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.member = Some((name, value.into()));
        self
    }

    /// Says what the log should know.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// A 422 that names every wrong field.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..VALIDATION_FAILED }
    }

    /// A 422 for one field that only stored state could prove wrong.
    #[must_use]
    pub fn field(pointer: &str, invalid: Invalid) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.to_owned(), invalid }])
    }

    /// The same problem with these fields named.
    #[must_use]
    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Something went wrong that no client can help.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        INTERNAL.caused_by(cause)
    }

    /// The wrong fields that it names.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What the log should know of it.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Puts it in words.
    #[must_use]
    pub fn into_response(self, locale: Locale, request_id: Id<kind::Request>) -> HttpResponse {
        let wait = self.wait_seconds.map(|seconds| ("wait", campus_text::Value::Seconds(seconds.unsigned_abs())));
        let text = campus_text::problem(locale, self.code, wait.as_slice());
        let errors = self.errors.iter().map(|error| FieldDocument {
            pointer: &error.pointer,
            code: error.invalid.code(),
            message: campus_text::invalid(locale, &error.invalid),
        });
        let document = Document {
            r#type: format!("urn:campus:problem:{}", self.code),
            title: text.title,
            status: self.status,
            detail: text.detail,
            code: self.code,
            request_id,
            errors: errors.collect(),
            member: self.member.into_iter().collect(),
        };
        let mut response = HttpResponse::new(Bytes::from(serde_json::to_vec(&document).unwrap_or_default()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// A dependency is down: the client may try again soon.
fn unavailable(cause: impl std::fmt::Display) -> Problem {
    SERVICE_UNAVAILABLE.retry_after(1).caused_by(cause)
}

impl IntoProblem for StoreError {
    fn problem(&self) -> Problem {
        match self {
            Self::Unavailable(_) | Self::Contended => unavailable(self),
            Self::Overtaken => IDEMPOTENCY_IN_PROGRESS.retry_after(1),
            Self::Refused(_) | Self::Unreadable(_) | Self::Invalid(_) => Problem::internal(self),
        }
    }
}

impl IntoProblem for SecretError {
    fn problem(&self) -> Problem {
        unavailable(self)
    }
}

impl IntoProblem for SigningError {
    fn problem(&self) -> Problem {
        match self {
            Self::Store(error) => error.problem(),
            Self::Secret(error) => error.problem(),
            Self::Key(_) => Problem::internal(self),
        }
    }
}

impl IntoProblem for PreconditionFailed {
    fn problem(&self) -> Problem {
        PRECONDITION_FAILED
    }
}

/// For endpoints that cannot fail in a way of their own.
impl IntoProblem for std::convert::Infallible {
    fn problem(&self) -> Problem {
        match *self {}
    }
}
