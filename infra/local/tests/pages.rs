//! The pages under `/_local`: who gets in, what is shown of what people typed, and that buttons do what they say.

use aws_sdk_ses::types::{Body, Content, Destination, Message, MessageTag};
use campus_endpoint::Settings;
use campus_local::aws::NewMessage;
use campus_local::{Data, LocalSystem, Options, StartError};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

const PAGES: [&str; 8] = [
    "/_local",
    "/_local/docs",
    "/_local/outbox",
    "/_local/queues",
    "/_local/schedule",
    "/_local/tables",
    "/_local/calls",
    "/_local/faults",
];

/// Those that stand in for the front end.
const FRONT_END: [&str; 6] = [
    "/_local/web/sign-up",
    "/_local/web/oauth/google",
    "/_local/web/oauth/kakao",
    "/_local/web/oauth/facebook",
    "/_local/web/activate",
    "/_local/web/reset-password",
];

struct Local {
    system: LocalSystem,
    http: Client,
}

impl Local {
    async fn start() -> Self {
        let system = LocalSystem::start(options(0)).await.expect("it starts");
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { system, http }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.system.url())).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("it answers")
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[("accept", "text/html")], "").await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("it is text")
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.send(method, path, &[], &body.to_string()).await;
        (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
    }

    async fn challenge(&self) -> u16 {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, "/v1/captcha-challenges", &headers, "{}").await.status().as_u16()
    }

    /// Has a mail sent as the sender does.
    async fn mail(&self, subject: &str, text: &str, html: &str) {
        let content = |data: &str| Content::builder().data(data).build().expect("content");
        let body = Body::builder().text(content(text)).html(content(html)).build();
        let tag = MessageTag::builder().name("kind").value("probe").build().expect("a tag");
        let ses = self.system.clients.ses();
        let mail = ses.send_email().source("no-reply@campus.example").tags(tag);
        let mail = mail.destination(Destination::builder().to_addresses("ana@campus.example").build());
        mail.message(Message::builder().subject(content(subject)).body(body).build())
            .send()
            .await
            .expect("it is taken");
    }
}

fn options(port: u16) -> Options {
    Options { data: Data::Memory, port, url: None, demo: true, feeds: false, settings: Settings::local() }
}

fn wrong_fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().expect("wrong fields are named");
    errors.iter().map(|error| error["pointer"].as_str().expect("by a pointer")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_shown_under_a_policy_that_lets_nothing_in_from_elsewhere() {
    let local = Local::start().await;
    for path in PAGES {
        let answer = local.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/html"), "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        let page = answer.text().await.expect("it is text");
        assert!(page.contains("</html>") && page.contains(r#"aria-current="page""#), "{path}");
        assert_nothing_inline(path, &page);
    }
    for file in ["assets/style.css", "assets/pages.js", "assets/docs.js", "assets/icon.svg", "docs/swagger-ui.css"] {
        assert_eq!(local.get(&format!("/_local/{file}")).await.status(), 200, "{file}");
    }
    let script = local.page("/_local/docs/swagger-ui-bundle.js").await;
    assert!(script.contains("SwaggerUIBundle"), "Swagger UI comes from the program itself");
}

/// The policy would keep it from running, so that the page would be broken.
fn assert_nothing_inline(path: &str, page: &str) {
    for inline in ["onclick=", "style=", "<style", "javascript:", "http://", "https://"] {
        assert!(!page.contains(inline), "{path} has {inline}");
    }
}

/// What a page, or a script of it, loads.
fn loaded(source: &str) -> Vec<String> {
    let quoted = source.split('"').skip(1).step_by(2);
    let named = quoted.filter_map(|name| name.strip_prefix("/_local/assets/").or_else(|| name.strip_prefix("./")));
    named.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_end_in_small_keeps_to_the_policy_and_has_all_that_it_loads() {
    let local = Local::start().await;
    assert!(local.page("/_local").await.contains(r#"href="/_local/web/sign-up""#), "one gets there");
    for path in FRONT_END {
        let page = local.page(path).await;
        assert!(page.contains("</html>") && !page.contains("<h1>Campus</h1>"), "{path} has a title of its own");
        assert_nothing_inline(path, &page);
        let mut files = loaded(&page);
        while let Some(file) = files.pop() {
            let content = local.page(&format!("/_local/assets/{file}")).await;
            if file.ends_with(".js") {
                files.extend(loaded(&content));
            }
        }
    }
    assert_eq!(local.get("/_local/web/oauth/nobody").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_brings_is_for_the_pages_script_alone() {
    let local = Local::start().await;
    let page = local.page("/_local/web/oauth/google?code=brought&state=%22%3E%3Cscript%3E&error=x").await;
    assert!(!page.contains("brought") && !page.contains("\"><script>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_is_the_start_page_to_a_browser_and_what_it_is_on_aws_to_anything_else() {
    let local = Local::start().await;
    let browser = local.send(Method::GET, "/", &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")], "").await;
    assert_eq!((browser.status().as_u16(), &browser.headers()["location"]), (303, &"/_local".parse().expect("a path")));
    for accept in ["*/*", "application/json"] {
        let program = local.send(Method::GET, "/", &[("accept", accept)], "").await;
        assert_eq!(program.status(), 404);
        assert_eq!(program.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_moves_nothing_and_reads_nothing() {
    let local = Local::start().await;
    let evil = ("origin", "https://evil.example");
    for (method, path, body) in [
        (Method::POST, "/_local/clock", r#"{"advance_seconds": 60}"#),
        (Method::POST, "/_local/faults", r#"{"kind": "fail", "operation": "DynamoDB.TransactWriteItems"}"#),
        (Method::DELETE, "/_local/faults", ""),
        (Method::POST, "/_local/queues/sms/redrive", ""),
        (Method::POST, "/_local/schedule/sweep_outbox/run", ""),
        (Method::POST, "/_local/commands/revoke_signing_keys", ""),
    ] {
        for header in [evil, ("origin", "null"), ("sec-fetch-site", "cross-site")] {
            let answer = local.send(method.clone(), path, &[header], body).await;
            assert_eq!(answer.status(), 403, "{path} with {header:?}");
        }
    }
    assert_eq!(local.system.clock.offset_seconds(), 0);
    assert_eq!(local.system.faults.awaiting_calls(), []);
    // A name of the attacker's that resolves to this machine.
    for path in PAGES.into_iter().chain(["/_local/outbox.json", "/_local/tables.json"]) {
        let answer = local.send(Method::GET, path, &[("host", "evil.example")], "").await;
        assert_eq!(answer.status(), 403, "{path}");
    }
    // Whatever is answered to a foreign page, its browser does not let it read it.
    let answer = local.send(Method::GET, "/_local/outbox.json", &[("origin", "http://localhost:3000")], "").await;
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_typed_is_shown_and_not_run() {
    let local = Local::start().await;
    let hostile = r#"<script>alert(1)</script>"'><img src=x onerror=alert(2)>"#;
    local.mail(hostile, hostile, hostile).await;
    let text = local.system.clients.sns().publish().phone_number("+821012345678").message(hostile);
    text.send().await.expect("it is taken");
    for path in ["/_local/outbox", "/_local/outbox?to=ana%40campus.example", "/_local/outbox?to=%22%3E%3Cscript%3E"] {
        let page = local.page(path).await;
        assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{path}");
    }
    assert!(local.page("/_local/outbox").await.contains("&lt;script&gt;alert(1)"));
    for path in ["/_local/tables?prefix=%22%3E%3Cscript%3E", "/_local/calls?function=%22%3E%3Cscript%3E"] {
        assert!(!local.page(path).await.contains("\"><script>"), "{path}");
    }

    let sent = local.system.state.sent(Some("ana@campus.example"), 1).expect("the outbox").remove(0);
    let mail = local.get(&format!("/_local/outbox/html?to=ana%40campus.example&id={}", sent.id)).await;
    let policy = mail.headers()["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("sandbox; default-src 'none';"), "{policy}");
    assert_eq!(mail.text().await.expect("it is text"), hostile);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_lists_who_was_sent_something_and_what() {
    let local = Local::start().await;
    local.mail("Hello", "Your code: 987123", "<p>Hi</p>").await;
    for text in ["first", "second"] {
        local.system.clients.sns().publish().phone_number("+821012345678").message(text).send().await.expect("taken");
    }
    let page = local.page("/_local/outbox?to=%2B821012345678").await;
    assert!(page.find("second").expect("shown") < page.rfind("first").expect("shown"), "newest first");
    assert!(page.contains("ana@campus.example"), "others can be chosen");
    assert!(!page.contains("987123"), "their messages are not shown");
    assert!(local.page("/_local/outbox?to=ana%40campus.example").await.contains(r#"data-copy="987123""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_shown_and_moved_back() {
    let local = Local::start().await;
    let (state, queue) = (&local.system.state, "campus-local-sms");
    state.send(queue, &[NewMessage { body: "never taken".to_owned(), ..NewMessage::default() }]).expect("it is sent");
    for _ in 0..6 {
        state.receive(queue, 1, Some(0)).expect("it is received");
    }
    let page = local.page("/_local/queues").await;
    assert!(page.contains("never taken") && page.contains("received 5 times"));

    let answer = local.json(Method::POST, "/_local/queues/sms/redrive", &json!({})).await;
    assert_eq!(answer, (200, json!({ "moved": 1 })));
    assert!(!local.page("/_local/queues").await.contains("never taken"));
    assert_eq!(state.receive(queue, 1, None).expect("it is received")[0].receive_count, 1);
    assert_eq!(local.json(Method::POST, "/_local/queues/none/redrive", &json!({})).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_moves_and_the_schedule_runs_when_asked() {
    let local = Local::start().await;
    let (status, moved) = local.json(Method::POST, "/_local/clock", &json!({ "advance_seconds": 90 })).await;
    assert_eq!((status, &moved["ahead_seconds"]), (200, &json!(90)));
    assert!(local.page("/_local/schedule").await.contains("<strong>90 s</strong> ahead"));
    for wrong in [json!({ "advance_seconds": -1 }), json!({ "advance_seconds": u64::MAX }), json!({})] {
        let (status, problem) = local.json(Method::POST, "/_local/clock", &wrong).await;
        assert_eq!((status, wrong_fields(&problem)), (422, vec!["/advance_seconds"]), "{wrong}");
    }

    assert!(local.page("/_local/schedule").await.contains("not yet"));
    for worker in ["purge_accounts", "rotate_keys", "sweep_outbox", "tick_alerts"] {
        let ran = local.json(Method::POST, &format!("/_local/schedule/{worker}/run"), &json!({})).await;
        assert_eq!(ran, (200, json!({ "ran": worker })));
    }
    assert!(!local.page("/_local/schedule").await.contains("not yet"));
    assert_eq!(local.json(Method::POST, "/_local/schedule/send_sms/run", &json!({})).await.0, 404, "no queue's worker");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_commands_are_listed_and_say_what_they_did() {
    let local = Local::start().await;
    let (_, listed) = local.json(Method::GET, "/_local/commands", &json!({})).await;
    let names: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|item| &item["name"]).collect();
    assert_eq!(names, ["revoke_signing_keys", "appoint_admin"]);
    assert!(local.page("/_local").await.contains("appoint_admin"));

    let appoint = "/_local/commands/appoint_admin";
    let (status, report) = local.json(Method::POST, appoint, &json!({ "username": "minji" })).await;
    assert_eq!((status, &report["outcome"]), (200, &json!("done")), "{report}");
    assert!(!report.to_string().contains("minji"), "nobody is named: {report}");
    let (status, report) = local.json(Method::POST, appoint, &json!({ "username": "nobody" })).await;
    assert_eq!((status, report), (409, json!({ "outcome": "refused", "message": "No account has this username." })));
    for (payload, told) in [
        (json!({}), "/username: Please fill this in."),
        (json!({ "username": 7 }), "/username: This is not the kind of value that belongs here."),
        (json!([]), "the whole: This is not the kind of value that belongs here."),
    ] {
        let expected = json!({ "outcome": "unreadable", "message": format!("The payload cannot be read. {told}") });
        assert_eq!(local.json(Method::POST, appoint, &payload).await, (422, expected));
    }
    // None is as good as an empty one.
    assert_eq!(local.send(Method::POST, appoint, &[], "").await.status(), 422);
    assert_eq!(local.send(Method::POST, "/_local/commands/revoke_signing_keys", &[], "").await.status(), 200);

    let problem = local.send(Method::POST, appoint, &[], "{").await;
    assert_eq!(problem.status(), 400);
    for unknown in ["nothing", "sweep_outbox", "create_user"] {
        let path = format!("/_local/commands/{unknown}");
        assert_eq!(local.send(Method::POST, &path, &[], "{}").await.status(), 404, "{unknown} is no command");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_browsed_page_by_page() {
    let local = Local::start().await;
    for _ in 0..30 {
        assert_eq!(local.challenge().await, 201);
    }
    let (mut keys, mut next) = (Vec::new(), Some("/_local/tables?table=accounts&prefix=CAPTCHA".to_owned()));
    while let Some(path) = next {
        let (status, page) = local.json(Method::GET, &path.replace("/tables?", "/tables.json?"), &json!({})).await;
        assert_eq!(status, 200);
        let items = page["items"].as_array().expect("items");
        assert!((1..=25).contains(&items.len()));
        keys.extend(items.iter().map(|item| item["pk"].as_str().expect("a key").to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 30);
    assert!(keys.iter().all(|key| key.starts_with("CAPTCHA")));
    assert!(
        local
            .page("/_local/tables?table=accounts&prefix=USER")
            .await
            .contains("&quot;username&quot;: &quot;minji&quot;")
    );
    assert_eq!(local.get("/_local/tables?table=none").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_shown_by_round_trip() {
    let local = Local::start().await;
    assert_eq!(local.challenge().await, 201);
    let page = local.page("/_local/calls?function=create_captcha_challenge").await;
    assert!(page.contains("<strong>TransactWriteItems</strong> table accounts"));
    assert!(local.page("/_local/calls?function=create_user").await.contains("create_user has not run yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_asked_for_listed_suffered_and_forgotten() {
    let local = Local::start().await;
    let fault =
        json!({ "kind": "fail", "operation": "DynamoDB.TransactWriteItems", "function": "create_captcha_challenge" });
    let (status, awaiting) = local.json(Method::POST, "/_local/faults", &fault).await;
    assert_eq!((status, &awaiting["calls"][0]["kind"]), (201, &json!("fail")));
    assert_eq!(local.json(Method::GET, "/_local/faults", &json!({})).await, (200, awaiting));
    assert!(local.page("/_local/faults").await.contains("of create_captcha_challenge, 1 time"));
    assert_eq!((local.challenge().await, local.challenge().await), (503, 201));

    let nothing = json!({ "calls": [], "messages": [] });
    assert_eq!(local.json(Method::GET, "/_local/faults", &json!({})).await, (200, nothing.clone()));
    let twice = json!({ "kind": "deliver_twice", "queue": "sms", "times": 2 });
    assert_eq!(
        local.json(Method::POST, "/_local/faults", &twice).await.1["messages"],
        json!([{ "queue": "sms", "times": 2 }])
    );
    assert_eq!(local.json(Method::DELETE, "/_local/faults", &json!({})).await, (200, nothing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_could_strike_nothing_is_refused_with_every_wrong_field() {
    let local = Local::start().await;
    for (asked, wrong) in [
        (json!({}), vec!["/kind"]),
        (json!({ "kind": "explode", "function": "create_user", "times": 0 }), vec!["/kind", "/times"]),
        (json!({ "kind": "fail" }), vec!["/operation"]),
        (json!({ "kind": "fail", "function": "create_user", "time": 2 }), vec!["/time"]),
        (json!({ "kind": "deliver_twice" }), vec!["/queue"]),
        (json!({ "kind": "conflict", "operation": "DynamoDB.GetItem" }), vec!["/operation"]),
        (
            json!({ "kind": "hang", "operation": "S3.PutObject", "function": "nobody", "queue": "q", "skip": 1001, "attempts": "some" }),
            vec!["/attempts", "/function", "/operation", "/queue", "/skip"],
        ),
    ] {
        let (status, problem) = local.json(Method::POST, "/_local/faults", &asked).await;
        let mut named = wrong_fields(&problem);
        named.sort_unstable();
        assert_eq!((status, named), (422, wrong), "{asked}");
    }
    let malformed = local.send(Method::POST, "/_local/faults", &[], "{").await;
    assert_eq!(malformed.status(), 400);
    assert_eq!(local.system.faults.awaiting_calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_the_port_is_named() {
    let local = Local::start().await;
    let port = local.system.address.port();
    let refused = LocalSystem::start(options(port)).await.err().expect("the port is taken");
    assert!(matches!(refused, StartError::PortTaken { .. }));
    let told = refused.to_string();
    let process = std::process::id();
    assert!(
        told.contains(&format!("port {port} is taken by another Campus: process {process}, its data in memory")),
        "{told}"
    );

    let other = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = other.local_addr().expect("an address").port();
    let told = LocalSystem::start(options(port)).await.err().expect("the port is taken").to_string();
    assert!(told.starts_with(&format!("port {port} is taken by another program.")), "{told}");
}
