//! The API description, OpenAPI 3.1, from what each endpoint declares of itself.

mod example;
mod schemas;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use campus_domain::Locale;
use campus_endpoint::{
    AnswerDescription, BodyDescription, Described, Description, EndpointEntry, Problem, Registry, Route, SessionUse,
};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
    Server,
};

use self::schemas::Schemas;

/// The security scheme of access tokens.
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";
const CSRF: &str = "csrf";
/// The schema of every problem.
const PROBLEM: &str = "Problem";
/// The header of every response.
const REQUEST_ID: &str = "x-request-id";

/// The header of answers to repeated requests.
const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

/// Response headers, each described once: its name, what it says, the type of its value.
const HEADERS: [(&str, &str, Type); 7] = [
    ("content-disposition", "`attachment`, with the name under which to save it.", Type::String),
    (REQUEST_ID, "Names the request, also in Campus's logs.", Type::String),
    ("etag", "The tag of what is shown, for `If-None-Match` and `If-Match`.", Type::String),
    (IDEMPOTENCY_REPLAYED, "`true` where the answer is that of an earlier request under the same key.", Type::String),
    ("location", "The path of what was made.", Type::String),
    ("retry-after", "Seconds after which to try again.", Type::Integer),
    ("www-authenticate", "What is wrong with the access token, RFC 6750.", Type::String),
];

/// Request headers that many operations take: name and what it is for.
const ACCEPT_LANGUAGE: (&str, &str) =
    ("accept-language", "The language of sentences: `ko`, the default, `en` or `zh`. Codes are the same in all.");
const IDEMPOTENCY_KEY: (&str, &str) = (
    "idempotency-key",
    "Names the request, in 1 to 64 characters that the client makes up, so that it takes effect once however often it \
     is sent: for 24 hours the same key, caller and body get the first answer again.",
);
const IF_NONE_MATCH: (&str, &str) =
    ("if-none-match", "Tags of what the client has already; if it is one of these, the answer is 304.");
const IF_MATCH: (&str, &str) = (
    "if-match",
    "The `etag` of what the client has seen; if it has changed since, nothing is done and the answer is 412.",
);

/// What operations have in common, written once.
#[derive(Default)]
struct Shared {
    schemas: Schemas,
    /// Responses with a single code, by it.
    refusals: BTreeMap<String, RefOr<Response>>,
}

/// The description of all domains.
///
/// # Errors
///
/// When it would not be true or not be complete: two types of one name, a path variable that nothing reads,
/// a body or answer without an example, a code without a text.
pub fn document(registries: &[Registry]) -> anyhow::Result<OpenApi> {
    let mut shared = Shared::default();
    shared.schemas.add(Problem::described(), PROBLEM)?;
    let mut paths = Paths::new();
    let mut tags = Vec::new();
    for registry in registries.iter().filter(|registry| !registry.endpoints.is_empty()) {
        tags.push(TagBuilder::new().name(registry.domain).build());
        for entry in &registry.endpoints {
            let operation = operation(registry.domain, entry, &mut shared);
            let operation = operation.with_context(|| format!("`{}` cannot be described", entry.name))?;
            paths.add_path_operation(entry.route.path(), vec![method(entry.route)?], operation);
        }
    }
    let info = InfoBuilder::new()
        .title("Campus")
        .description(Some("The backend of a student community."))
        .version(env!("CARGO_PKG_VERSION"));
    Ok(OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components(shared)))
        .tags(Some(tags))
        .build())
}

/// The description as it is committed.
///
/// # Errors
///
/// Those of [`document`].
pub fn render(registries: &[Registry]) -> anyhow::Result<String> {
    Ok(format!("{}\n", document(registries)?.to_pretty_json()?))
}

fn method(route: Route) -> anyhow::Result<HttpMethod> {
    Ok(match route.method {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        other => bail!("{other} is no method of an operation"),
    })
}

/// What operations refer to.
fn components(shared: Shared) -> Components {
    let mut components = Components::new();
    components.schemas = shared.schemas.into_map();
    components.responses = shared.refusals;
    for (name, description, value) in HEADERS {
        let header =
            HeaderBuilder::new().description(Some(description)).schema(Some(ObjectBuilder::new().schema_type(value)));
        components.headers.insert(name.to_owned(), RefOr::T(header.build()));
    }
    for (name, description) in [ACCEPT_LANGUAGE, IDEMPOTENCY_KEY, IF_NONE_MATCH, IF_MATCH] {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        let schema = if name == IDEMPOTENCY_KEY.0 { schema.min_length(Some(1)).max_length(Some(64)) } else { schema };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .description(Some(description))
            .required(Required::False)
            .schema(Some(schema));
        components.parameters.insert(name.to_owned(), RefOr::T(parameter.build()));
    }
    let bearer: Http = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The access token of a session."))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(
        "access_token",
        "The cookie of a session that was begun with `\"transport\": \"cookie\"`.",
    );
    components.add_security_scheme(COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let csrf = ApiKeyValue::with_description(
        "x-csrf-token",
        "With the cookie, for whatever changes something: the session's `csrf_token`.",
    );
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    components
}

fn operation(domain: &str, entry: &EndpointEntry, shared: &mut Shared) -> anyhow::Result<Operation> {
    let Shared { schemas, refusals } = shared;
    let Description { session, path, query, body, answers, problems } = (entry.describe)();
    let mut operation = OperationBuilder::new()
        .tag(domain)
        .operation_id(Some(entry.name))
        .summary(Some(entry.summary))
        .description(Some(format!("Access: {}.", entry.access.name)))
        .securities(securities(session, entry.route.method));

    let variables = parameters(path, ParameterIn::Path, schemas)?;
    let read: BTreeSet<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
    let named: BTreeSet<&str> = entry.route.variable_names().collect();
    ensure!(read == named, "its path has the variables {named:?}, and its `Path` reads {read:?}");
    for parameter in variables.into_iter().chain(parameters(query, ParameterIn::Query, schemas)?) {
        operation = operation.parameter(parameter);
    }
    operation = operation.parameter_ref(Ref::new(format!("#/components/parameters/{}", ACCEPT_LANGUAGE.0)));
    if answers.iter().any(|answer| answer.status == 304) {
        operation = operation.parameter_ref(Ref::new(format!("#/components/parameters/{}", IF_NONE_MATCH.0)));
    }

    let is_repeatable = entry.route.method == "POST";
    if is_repeatable {
        operation = operation.parameter_ref(Ref::new(format!("#/components/parameters/{}", IDEMPOTENCY_KEY.0)));
    }
    let takes_condition = problems.contains_key(&412);
    ensure!(takes_condition || entry.route.method != "PATCH", "a `PATCH` honours `If-Match`: see `Request::if_match`");
    if takes_condition {
        operation = operation.parameter_ref(Ref::new(format!("#/components/parameters/{}", IF_MATCH.0)));
    }

    if let Some(body) = body {
        operation = operation.request_body(Some(request_body(entry.name, body, schemas)?));
    }
    for answer in answers {
        operation = operation.response(answer.status.to_string(), success(entry.name, answer, is_repeatable, schemas)?);
    }
    for (status, codes) in problems {
        let mut refusal = RefOr::T(refusal(status, &codes)?);
        if let (Some(code), 1) = (codes.first(), codes.len()) {
            let known = refusals.entry((*code).to_owned()).or_insert_with(|| refusal.clone());
            ensure!(*known == refusal, "`{code}` is of another status elsewhere");
            refusal = Ref::from_response_name(*code).into();
        }
        operation = operation.response(status.to_string(), refusal);
    }
    Ok(operation.build())
}

/// The ways to show a session; an empty one stands for none.
fn securities(session: SessionUse, method: &str) -> Option<Vec<SecurityRequirement>> {
    let none = SecurityRequirement::default;
    let bearer = none().add::<_, _, String>(BEARER, []);
    let cookie = none().add::<_, _, String>(COOKIE, []);
    let cookie = if method == "GET" { cookie } else { cookie.add::<_, _, String>(CSRF, []) };
    match session {
        SessionUse::Ignored => None,
        SessionUse::Optional => Some(vec![none(), bearer, cookie]),
        SessionUse::Required => Some(vec![bearer, cookie]),
    }
}

/// A struct's fields as parameters.
fn parameters(described: Described, place: ParameterIn, schemas: &mut Schemas) -> anyhow::Result<Vec<Parameter>> {
    schemas.add_referred(described.referred)?;
    let RefOr::T(Schema::Object(object)) = described.schema else { bail!("its parameters are no struct") };
    let parameters = object.properties.into_iter().map(|(name, schema)| {
        let required = place == ParameterIn::Path || object.required.contains(&name);
        let schema = without_null(schema);
        let description = match &schema {
            RefOr::Ref(named) => Some(named.description.clone()).filter(|description| !description.is_empty()),
            RefOr::T(Schema::Object(object)) => object.description.clone(),
            RefOr::T(_) => None,
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(place.clone())
            .required(if required { Required::True } else { Required::False })
            .description(description)
            .schema(Some(schema))
            .build()
    });
    Ok(parameters.collect())
}

/// A parameter is there or not, and never null.
fn without_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(one) = types.iter().find(|one| **one != Type::Null)
            {
                object.schema_type = SchemaType::Type(one.clone());
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::OneOf(either)) => {
            let mut others: Vec<_> = either.items.iter().filter(|item| !is_null(item)).cloned().collect();
            if others.len() == 1 { others.remove(0) } else { RefOr::T(Schema::OneOf(either)) }
        }
        other => other,
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn request_body(operation: &str, body: BodyDescription, schemas: &mut Schemas) -> anyhow::Result<RequestBody> {
    let schema = schemas.add(body.content, &format!("{}Input", pascal_case(operation)))?;
    let example = example::of(&schema, schemas)?;
    let mut request = RequestBodyBuilder::new()
        .description(Some(format!("At most {} bytes.", body.bytes_max)))
        .required(Some(if body.required { Required::True } else { Required::False }));
    for media_type in body.media_types {
        let content = ContentBuilder::new().schema(Some(schema.clone())).example(Some(example.clone()));
        request = request.content(*media_type, content.build());
    }
    Ok(request.build())
}

fn success(
    operation: &str,
    answer: AnswerDescription,
    is_repeatable: bool,
    schemas: &mut Schemas,
) -> anyhow::Result<Response> {
    let status = http::StatusCode::from_u16(answer.status)?;
    let mut response = response(status.canonical_reason().unwrap_or_default());
    if is_repeatable {
        response = response.header_ref(IDEMPOTENCY_REPLAYED, header_ref(IDEMPOTENCY_REPLAYED));
    }
    for header in answer.headers {
        let described = HEADERS.iter().any(|(name, ..)| header == *name);
        ensure!(described, "the header {header} is not described");
        response = response.header_ref(header.as_str(), header_ref(header.as_str()));
    }
    if let Some(content) = answer.content {
        let schema = schemas.add(content, &format!("{}Output", pascal_case(operation)))?;
        let example = example::of(&schema, schemas)?;
        let content = ContentBuilder::new().schema(Some(schema)).example(Some(example));
        response = response.content("application/json", content.build());
    }
    Ok(response.build())
}

/// A problem with one of these codes.
fn refusal(status: u16, codes: &BTreeSet<&'static str>) -> anyhow::Result<Response> {
    let told: anyhow::Result<Vec<String>> = codes
        .iter()
        .map(|code| {
            let text = campus_text::find_problem(Locale::En, code, &[]);
            Ok(format!("- `{code}`: {}", text.with_context(|| format!("`{code}` has no text"))?.title))
        })
        .collect();
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes.iter().copied()));
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name(PROBLEM))
        .item(ObjectBuilder::new().schema_type(SchemaType::AnyValue).property("code", code));
    let mut response = response(&told?.join("\n"))
        .content("application/problem+json", ContentBuilder::new().schema(Some(Schema::from(schema))).build());
    match status {
        401 => response = response.header_ref("www-authenticate", header_ref("www-authenticate")),
        429 | 503 => response = response.header_ref("retry-after", header_ref("retry-after")),
        _ => {}
    }
    Ok(response.build())
}

fn response(description: &str) -> ResponseBuilder {
    ResponseBuilder::new().description(description).header_ref(REQUEST_ID, header_ref(REQUEST_ID))
}

fn header_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// `create_user` as `CreateUser`.
fn pascal_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}
