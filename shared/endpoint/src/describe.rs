//! What the API description says of an endpoint. All of it is read from the types and constants that the
//! runner itself goes by, when someone asks for it.

use std::collections::{BTreeMap, BTreeSet};

use campus_session::AuthError;
use http::HeaderName;
use http::header::ETAG;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::access::{Access, SessionUse};
use crate::answer::Answer;
use crate::body::{Body, known_fields};
use crate::contract::Endpoint;
use crate::parameters::is_paged;
use crate::problem::{
    CURSOR_INVALID, IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, INTERNAL, IntoProblem, MALFORMED_JSON, NOT_FOUND,
    PAYLOAD_TOO_LARGE, Problem, RATE_LIMITED, SERVICE_UNAVAILABLE, UNKNOWN_QUERY_PARAMETER, UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_FAILED,
};
use crate::runner;

/// What the API description says of an endpoint.
pub struct Description {
    /// Whether it needs a session.
    pub session: SessionUse,
    /// The path's variables, as the properties of an object.
    pub path: Described,
    /// The query's parameters, as the properties of an object.
    pub query: Described,
    /// The body, if it takes one.
    pub body: Option<BodyDescription>,
    /// How it can succeed.
    pub answers: Vec<AnswerDescription>,
    /// How it can fail: the codes of each status.
    pub problems: BTreeMap<u16, BTreeSet<&'static str>>,
}

/// A request's body.
pub struct BodyDescription {
    /// The media types that it is taken in.
    pub media_types: &'static [&'static str],
    /// Whether there has to be one.
    pub required: bool,
    /// Bytes that it has at most.
    pub bytes_max: usize,
    /// Its type.
    pub content: Described,
}

/// An answer to a request that succeeded.
pub struct AnswerDescription {
    /// Its status.
    pub status: u16,
    /// Headers that it has besides those of every answer.
    pub headers: Vec<HeaderName>,
    /// The type of its body, if it has one.
    pub content: Option<Described>,
}

/// A type's schema.
pub struct Described {
    /// The type's name, unless it says too little: every endpoint has an `Input`, and the name of a generic
    /// type leaves out of what.
    pub name: Option<String>,
    /// Its schema.
    pub schema: RefOr<Schema>,
    /// The named schemas that it refers to.
    pub referred: Vec<(String, RefOr<Schema>)>,
}

impl Described {
    /// The schema of a type.
    #[must_use]
    pub fn of<T: ToSchema>() -> Self {
        let mut referred = Vec::new();
        T::schemas(&mut referred);
        let is_generic = std::any::type_name::<T>().contains('<');
        let name = Some(T::name().into_owned()).filter(|name| name != "Input" && !is_generic);
        Self { name, schema: T::schema(), referred }
    }
}

/// Describes an endpoint.
pub(crate) fn describe<E: Endpoint>() -> Description {
    let body = E::Input::EXPECTED.then(|| BodyDescription {
        media_types: runner::media_types::<E>(),
        required: !E::Input::ALSO_AS_FORM,
        bytes_max: E::BODY_MAX,
        content: Described::of::<E::Input>(),
    });
    Description {
        session: E::Access::SESSION,
        path: Described::of::<E::Path>(),
        query: Described::of::<E::Query>(),
        body,
        answers: answers::<E>(),
        problems: problems::<E>(),
    }
}

/// What is read has a tag, and may be known already: see `runner::conditional`.
fn answers<E: Endpoint>() -> Vec<AnswerDescription> {
    let mut answers = E::Output::described();
    if E::ROUTE.method != "GET" {
        return answers;
    }
    for read in answers.iter_mut().filter(|answer| answer.status == 200 && !answer.headers.contains(&ETAG)) {
        read.headers.push(ETAG);
    }
    answers.push(AnswerDescription { status: 304, headers: vec![ETAG], content: None });
    answers
}

/// What the runner can refuse with on the endpoint's behalf, in its order, and what the endpoint adds.
fn problems<E: Endpoint>() -> BTreeMap<u16, BTreeSet<&'static str>> {
    let has_variables = E::ROUTE.variable_names().next().is_some();
    let has_parameters = known_fields::<E::Query>().is_none_or(|known| !known.is_empty());
    let uses_session = E::Access::SESSION != SessionUse::Ignored;
    let is_post = E::ROUTE.method == "POST";
    let uses_services = is_post || uses_session || !E::LIMITS.is_empty() || !E::GRANTS.is_empty();

    let mut problems: Vec<Problem> = vec![PAYLOAD_TOO_LARGE, UNKNOWN_QUERY_PARAMETER, INTERNAL];
    let mut add = |holds: bool, those: &[Problem]| {
        if holds {
            problems.extend_from_slice(those);
        }
    };
    add(has_variables, &[NOT_FOUND]);
    let unauthenticated = [AuthError::Invalid, AuthError::Expired, AuthError::Revoked];
    add(uses_session, &unauthenticated.map(|error| error.problem()));
    add(uses_session && !E::SUSPENDED_TOO, &[AuthError::Suspended.problem()]);
    add(uses_session && E::ROUTE.method != "GET", &[runner::csrf_required()]);
    add(!E::LIMITS.is_empty(), &[RATE_LIMITED]);
    add(is_paged::<E::Query>(), &[CURSOR_INVALID]);
    add(E::Input::EXPECTED, &[UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON]);
    add(is_post, &[IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED]);
    add(is_post || has_variables || has_parameters || E::Input::EXPECTED, &[VALIDATION_FAILED]);
    add(uses_services, &[SERVICE_UNAVAILABLE]);
    problems.extend(E::Access::refusals());
    problems.extend(E::REFUSALS.iter().map(IntoProblem::problem));

    let mut codes: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for problem in problems {
        codes.entry(problem.status).or_default().insert(problem.code);
    }
    codes
}
