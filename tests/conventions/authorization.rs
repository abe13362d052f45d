//! Who is let in where: every endpoint as every persona, compared with the committed `tests/authorization.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use campus_domain::{SchoolId, Timestamp, UserId, kind};
use campus_endpoint::{EndpointEntry, SessionUse};
use campus_messages::Export;
use campus_session::{Role, Session, SessionSchool, SessionState};
use campus_store::{Store, absent};
use campus_testkit::{Client, Member, Reply, Sessions, TestApp};
use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use crate::notifications::notify;

const MATRIX: &str = include_str!("../authorization.txt");
const NOBODYS_ID: &str = "0199c0de-0000-7000-8000-000000000000";

/// Someone who asks, by the name of their column.
type Persona = &'static str;

/// The columns of the matrix.
const PERSONAS: [Persona; 9] =
    ["anonymous", "member", "another", "verified", "staff", "admin", "suspended", "ended", "expired"];

/// Longer ago than an access token lives.
const EXPIRED_SECONDS: i64 = 1000;

/// One account for each persona, so that none is in another's way.
struct Cast<'a> {
    app: &'a TestApp,
    sessions: Sessions<'a>,
    people: BTreeMap<Persona, Member>,
}

impl<'a> Cast<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let names = PERSONAS.into_iter().filter(|persona| *persona != "anonymous");
        let people = join_all(names.map(async |name| (name, app.member().await))).await;
        Self { app, sessions: app.sessions().await, people: people.into_iter().collect() }
    }

    /// A client in a session of its own, since an endpoint may end it.
    async fn client(&self, persona: Persona) -> Client {
        let Some(person) = self.people.get(persona) else { return self.app.anonymous() };
        let at = if persona == "expired" { self.app.now().plus_seconds(-EXPIRED_SECONDS) } else { self.app.now() };
        self.sessions.begin(person, at, |session| cast(persona, session, at)).await
    }

    /// The path to ask for, and whether it leads to a thing of the member's.
    ///
    /// An endpoint about things that people have gets such a thing here, made by the member for each call, so that
    /// the matrix shows that it is not another's.
    async fn path(&self, entry: &EndpointEntry) -> (String, bool) {
        let template = entry.route.path();
        match template.as_str() {
            "/v1/sessions/{id}" => (template.replace("{id}", &session_id(&self.client("member").await)), true),
            "/v1/notifications/{id}" => {
                let owner = self.people["member"].user["id"].as_str().expect("an account has an id");
                // The end of an id is random.
                let random = *self.app.new_id::<kind::Screening>().as_bytes().last_chunk().expect("it has 16 bytes");
                let id = notify(self.app, owner, u64::from_be_bytes(random)).await;
                (template.replace("{id}", &id), true)
            }
            "/v1/users/me/exports/{id}" => {
                let owner = UserId::parse(self.people["member"].user["id"].as_str().expect("an account has an id"));
                let owner = owner.expect("it is an id");
                let export = Export::new(self.app.new_id(), owner, self.app.now());
                Store::new(&self.app.clients).put(&export, absent()).await.expect("an export can be written");
                (template.replace("{id}", &export.id.to_string()), true)
            }
            _ => (
                entry
                    .route
                    .variable_names()
                    .fold(template, |path, name| path.replace(&format!("{{{name}}}"), NOBODYS_ID)),
                false,
            ),
        }
    }

    /// How an endpoint answers a persona's well-formed request.
    async fn outcome(&self, entry: &EndpointEntry, example: Option<&Example>, persona: Persona) -> String {
        let (client, (path, is_the_members)) = (self.client(persona).await, self.path(entry).await);
        let method = Method::from_bytes(entry.route.method.as_bytes()).expect("it is a method");
        let request = client.request(method, &path);
        let request = match example {
            Some((media_type, body)) => request.header("content-type", media_type).body(body.clone()),
            None => request,
        };
        let open = (entry.describe)().session == SessionUse::Ignored;
        told(&client.send(request).await, open, is_the_members)
    }
}

/// What makes a persona of a member's session.
fn cast(persona: Persona, session: &mut Session, now: Timestamp) {
    match persona {
        "verified" => session.school = Some(SessionSchool { id: SchoolId::from_parts(1, [1; 10]), verified: true }),
        "staff" => session.roles = vec![Role::Member, Role::Staff],
        "admin" => session.roles = vec![Role::Member, Role::Staff, Role::Admin],
        "suspended" => session.state = SessionState::Suspended,
        "ended" => session.state = SessionState::Ended,
        // Only its token is too old.
        "expired" => session.expires_at = now.plus_seconds(10 * EXPIRED_SECONDS),
        _ => {}
    }
}

/// `in`, or the code of a refusal that is about who asks. That a thing is not there is one, too, where it is there
/// for its owner. An endpoint that looks for no session refuses for what is sent, not for who sends it, and so does one
/// that asks for a captcha.
fn told(reply: &Reply, open: bool, is_the_members: bool) -> String {
    match reply.status {
        401 | 403 if !open && reply.text("/code") != "captcha_required" => reply.text("/code"),
        404 if is_the_members => reply.text("/code"),
        _ => "in".to_owned(),
    }
}

fn session_id(client: &Client) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let claims = client.token().and_then(|token| token.split('.').nth(1)).expect("a token has three parts");
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("it is base64url"))
        .expect("claims are JSON");
    claims["sid"].as_str().expect("a session has an id").to_owned()
}

/// The media type and text of a documented body.
type Example = (String, String);

/// The documented bodies by operation.
fn examples() -> BTreeMap<String, Example> {
    let text = campus_generate::openapi::render(&campus_local::registries()).expect("everything can be described");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let paths = document["paths"].as_object().expect("there are paths").values();
    let operations = paths.flat_map(|path| path.as_object().into_iter().flat_map(|methods| methods.values()));
    let examples = operations.filter_map(|operation| {
        let (media_type, content) = operation["requestBody"]["content"].as_object()?.iter().next()?;
        let name = operation["operationId"].as_str()?;
        Some((name.to_owned(), (media_type.clone(), content["example"].to_string())))
    });
    examples.collect()
}

fn endpoints() -> Vec<EndpointEntry> {
    let mut endpoints: Vec<_> =
        campus_local::registries().into_iter().flat_map(|registry| registry.endpoints).collect();
    endpoints.sort_by_key(|entry| (entry.route.path(), entry.route.method));
    endpoints
}

/// The lines of one part of the committed file, in words, without its heading.
fn lines_of(part: &str) -> Vec<Vec<&'static str>> {
    let begins = format!("[{part}]");
    let lines = MATRIX.lines().skip_while(|line| *line != begins).skip(1).take_while(|line| !line.starts_with('['));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().collect()).collect()
}

/// The rows of the matrix by route.
fn rows() -> BTreeMap<String, Vec<&'static str>> {
    let mut lines = lines_of("matrix").into_iter();
    let heading = lines.next().expect("the matrix has a heading");
    assert_eq!(heading[2..], PERSONAS, "the heading names the personas");
    let mut rows = BTreeMap::new();
    for line in lines {
        let route = line[..2].join(" ");
        assert_eq!(line.len(), 2 + PERSONAS.len(), "`{route}` has a cell for each persona");
        assert!(rows.insert(route.clone(), line[2..].to_vec()).is_none(), "`{route}` has one row");
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_37_everyone_is_let_in_where_the_matrix_says_so_and_nowhere_else() {
    let app = TestApp::start().await;
    let cast = Cast::of(&app).await;
    let (mut rows, examples) = (rows(), examples());
    let mut faults = String::new();
    for entry in endpoints() {
        let route = entry.route.to_string();
        let example = examples.get(entry.name);
        let actual = join_all(PERSONAS.map(|persona| cast.outcome(&entry, example, persona))).await;
        let mut fault = |what: &str| writeln!(faults, "{what}").expect("memory");
        match rows.remove(&route) {
            None => fault(&format!(
                "`{route}` has no row in tests/authorization.txt. Decide from the contract who may call it, and write \
                 the row; today it answers\n{route} {}",
                actual.join(" ")
            )),
            Some(row) => {
                for ((persona, expected), actual) in PERSONAS.into_iter().zip(row).zip(&actual) {
                    if expected != actual {
                        fault(&format!("`{route}` as {persona}: the matrix says `{expected}`, the answer `{actual}`"));
                    }
                }
            }
        }
    }
    for route in rows.keys() {
        writeln!(faults, "`{route}` has a row in tests/authorization.txt and is no endpoint: take the row away")
            .expect("memory");
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn b2_36_whatever_is_not_listed_as_public_needs_a_session() {
    let mut listed: Vec<String> = lines_of("public").into_iter().map(|line| line.join(" ")).collect();
    let mut open: Vec<String> = endpoints()
        .iter()
        .filter(|entry| (entry.describe)().session != SessionUse::Required)
        .map(|entry| entry.route.to_string())
        .collect();
    listed.sort();
    open.sort();
    assert_eq!(
        open, listed,
        "left: what lets strangers in; right: what tests/authorization.txt lists as [public]. An endpoint is public \
         only where the contract says so under \"Signing in\"; give any other an access with a session"
    );
}
