//! `/_local`: what a developer looks at and moves. None of it exists in a deployed build.
//!
//! Each page is a document: as JSON it is for programs, and a template makes of it what people read. A page shows what
//! people typed, so everything is escaped, and nothing but this program's own scripts runs. Only programs on this
//! machine and the pages themselves get in: see [`guard`].

mod calls;
mod clock;
mod commands;
mod docs;
mod faults;
pub(crate) mod guard;
mod outbox;
mod queues;
mod schedule;
mod start;
mod tables;
mod web;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use campus_aws::{Clients, Endpoints};
use campus_domain::{Id, Locale};
use campus_endpoint::Problem;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde_json::Value;

use crate::aws;
use crate::clock::MovableClock;
use crate::faults::Faults;
use crate::recorder::CallRecorder;
use crate::system::{AtWork, Workers};

/// What the pages show and move.
#[derive(Clone)]
pub(crate) struct Controls {
    pub(crate) state: aws::State,
    pub(crate) clock: MovableClock,
    pub(crate) recorder: Arc<CallRecorder>,
    pub(crate) faults: Faults,
    pub(crate) clients: Clients,
    /// Where the stand-ins for AWS are.
    pub(crate) endpoints: Endpoints,
    pub(crate) workers: Workers,
    pub(crate) at_work: AtWork,
    /// What the physical names of tables, queues and secrets begin with.
    pub(crate) prefix: &'static str,
    /// Where the data is, in words.
    pub(crate) kept: String,
    /// Whether there are the demo's school and people.
    pub(crate) demo: bool,
}

/// Scripts and pictures from this program alone, styles likewise, and no way to be framed or to send a form elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The pages, in the order of their links: where each is, and its name.
const PAGES: [(&str, &str); 8] = [
    ("/_local", "Start"),
    ("/_local/docs", "API"),
    ("/_local/outbox", "Outbox"),
    ("/_local/queues", "Queues"),
    ("/_local/schedule", "Schedule"),
    ("/_local/tables", "Tables"),
    ("/_local/calls", "Calls"),
    ("/_local/faults", "Faults"),
];

/// The titles of those that stand in for the front end, to which mails, providers and the start page lead.
const FRONT_END: [(&str, &str); 4] = [
    ("/_local/web/sign-up", "Sign up"),
    ("/_local/web/oauth", "Sign in"),
    ("/_local/web/activate", "Activate"),
    ("/_local/web/reset-password", "Reset the password"),
];

/// The routes.
pub(crate) fn router(controls: Controls) -> Router {
    Router::new()
        .route("/_local", get(start::page))
        .route("/_local/", get(start::page))
        .route("/_local/{page}/", get(without_slash))
        .route("/_local/start.json", get(start::json))
        .route("/_local/aws.json", get(start::stand_ins))
        .route("/_local/docs", get(docs::page))
        .route("/_local/docs/{file}", get(docs::asset))
        .route("/_local/outbox", get(outbox::page))
        .route("/_local/outbox.json", get(outbox::json))
        .route("/_local/outbox/html", get(outbox::html))
        .route("/_local/queues", get(queues::page))
        .route("/_local/queues.json", get(queues::json))
        .route("/_local/deliveries.json", get(queues::deliveries))
        .route("/_local/queues/{name}/redrive", post(queues::redrive))
        .route("/_local/schedule", get(schedule::page))
        .route("/_local/schedule.json", get(schedule::json))
        .route("/_local/schedule/{name}/run", post(schedule::run))
        .route("/_local/clock", get(clock::read).post(clock::advance))
        .route("/_local/commands", get(commands::list))
        .route("/_local/commands/{name}", post(commands::run))
        .route("/_local/tables", get(tables::page))
        .route("/_local/tables.json", get(tables::json))
        .route("/_local/calls", get(calls::page))
        .route("/_local/calls.json", get(calls::json))
        .route("/_local/faults", get(faults::list).post(faults::inject).delete(faults::clear))
        .route("/_local/web/sign-up", get(web::sign_up))
        .route("/_local/web/oauth/{provider}", get(web::oauth))
        .route("/_local/web/activate", get(web::activate))
        .route("/_local/web/reset-password", get(web::reset_password))
        .route("/_local/assets/{file}", get(asset))
        .layer(axum::middleware::from_fn(guard::only_from_here))
        .with_state(controls)
}

/// A JSON document, or why there is none.
type Answer = Result<Json<Value>, Refusal>;

/// Why a page cannot be shown, or does not do what it was asked for: problem details as the API's.
struct Refusal {
    problem: Problem,
    locale: Locale,
    now: jiff::Timestamp,
}

impl Controls {
    fn refuse(&self, headers: &HeaderMap, problem: Problem) -> Refusal {
        let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Refusal { problem, locale: Locale::from_accept_language(languages), now: (self.clock.now())() }
    }

    /// Something of the local system itself failed.
    fn broken(&self, headers: &HeaderMap, cause: impl std::fmt::Display) -> Refusal {
        tracing::error!(%cause, "a local page failed");
        self.refuse(headers, Problem::internal(cause))
    }

    /// A page: the named template around the document.
    fn page(&self, path: &str, template: &str, document: Value) -> Response {
        let title = PAGES.iter().chain(&FRONT_END).find(|page| page.0 == path).map_or("Campus", |page| page.1);
        let rendered = TEMPLATES.get_template(template).and_then(|template| {
            template.render(context! {
                title, path, pages => PAGES.map(|(path, name)| context! { path, name }),
                ahead_seconds => self.clock.offset_seconds(),
                page => Serde(document),
            })
        });
        match rendered {
            Ok(html) => respond("text/html; charset=utf-8", POLICY, html),
            Err(error) => {
                tracing::error!(cause = format!("{error:#}"), "a local page cannot be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown; see the log.").into_response()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.problem.into_response(self.locale, Id::at(self.now)).map(axum::body::Body::from)
    }
}

/// Something of this program, never kept by the browser: the next build may have another.
fn respond(content_type: &'static str, policy: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`, under which a form's origin is null.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body.into()).into_response()
}

/// A page's address as people may type it.
async fn without_slash(axum::extract::Path(page): axum::extract::Path<String>) -> Response {
    let known = PAGES.iter().find(|(path, _)| path.strip_prefix("/_local/") == Some(&page));
    known.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |(path, _)| Redirect::permanent(path).into_response())
}

async fn asset(axum::extract::Path(file): axum::extract::Path<String>) -> Response {
    let (content_type, content) = match file.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("assets/style.css")),
        "pages.js" => ("text/javascript; charset=utf-8", include_str!("assets/pages.js")),
        "docs.js" => ("text/javascript; charset=utf-8", include_str!("assets/docs.js")),
        "web.css" => ("text/css; charset=utf-8", include_str!("assets/web.css")),
        "api.js" => ("text/javascript; charset=utf-8", include_str!("assets/api.js")),
        "captcha.js" => ("text/javascript; charset=utf-8", include_str!("assets/captcha.js")),
        "fields.js" => ("text/javascript; charset=utf-8", include_str!("assets/fields.js")),
        "oauth.js" => ("text/javascript; charset=utf-8", include_str!("assets/oauth.js")),
        "session.js" => ("text/javascript; charset=utf-8", include_str!("assets/session.js")),
        "sign-up.js" => ("text/javascript; charset=utf-8", include_str!("assets/sign-up.js")),
        "social.js" => ("text/javascript; charset=utf-8", include_str!("assets/social.js")),
        "icon.svg" => ("image/svg+xml", include_str!("assets/icon.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    respond(content_type, POLICY, content)
}

/// Compiled once. A template that does not parse fails every test of the pages.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
    for (name, source) in [
        ("layout.html.j2", include_str!("templates/layout.html.j2")),
        ("start.html.j2", include_str!("templates/start.html.j2")),
        ("docs.html.j2", include_str!("templates/docs.html.j2")),
        ("outbox.html.j2", include_str!("templates/outbox.html.j2")),
        ("queues.html.j2", include_str!("templates/queues.html.j2")),
        ("schedule.html.j2", include_str!("templates/schedule.html.j2")),
        ("tables.html.j2", include_str!("templates/tables.html.j2")),
        ("calls.html.j2", include_str!("templates/calls.html.j2")),
        ("faults.html.j2", include_str!("templates/faults.html.j2")),
        ("web.html.j2", include_str!("templates/web.html.j2")),
        ("parts.html.j2", include_str!("templates/parts.html.j2")),
        ("sign_up.html.j2", include_str!("templates/sign_up.html.j2")),
        ("oauth.html.j2", include_str!("templates/oauth.html.j2")),
    ] {
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(cause = format!("{error:#}"), "a template cannot be read");
        }
    }
    templates
});

/// A query string for a link.
fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
