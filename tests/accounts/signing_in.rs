//! What the tests of sessions and refreshes share: people with a password, and the requests that they make.

use campus_testkit::{Client, Reply, SignUp, TestApp, code_in};
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

/// The password of everyone whom the kit signs up.
pub(crate) const PASSWORD: &str = "drie kleine eendjes";

/// Someone with a password and every way to sign in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) phone: String,
}

/// A username that nobody else has: of a number that nobody else has.
pub(crate) fn username_of(phone: &str) -> String {
    format!("m_{}", &phone[phone.len() - 8..])
}

/// Someone new, known by a number.
pub(crate) async fn person(app: &TestApp) -> Person {
    let phone = app.new_phone();
    let username = username_of(&phone);
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).with("username", username.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    Person { id: reply.text("/user/id"), username, phone }
}

/// The client at another address; each number is one.
pub(crate) fn at_address(app: &TestApp, number: u8) -> Client {
    app.anonymous().from_address(app.address(number))
}

pub(crate) async fn sign_in(client: &Client, login: &str, password: &str) -> Reply {
    client.post("/v1/sessions", &json!({ "login": login, "password": password })).await
}

/// The same with a captcha of its own.
pub(crate) async fn sign_in_solving(app: &TestApp, client: &Client, login: &str, password: &str) -> Reply {
    let captcha_token = app.captcha_token().await;
    let form = json!({ "login": login, "password": password, "captcha_token": captcha_token });
    client.post("/v1/sessions", &form).await
}

pub(crate) async fn refresh(client: &Client, token: &str) -> Reply {
    client.post("/v1/token-refreshes", &json!({ "refresh_token": token })).await
}

/// A client with the access token of a reply.
pub(crate) fn signed_in(app: &TestApp, reply: &Reply) -> Client {
    app.anonymous().with_token(reply.text("/session/access_token"))
}

/// A member's session with all that is known of it: `remember` decides how long.
pub(crate) async fn session_of(app: &TestApp, person: &Person, remember: bool) -> Reply {
    let form = json!({ "login": person.username, "password": PASSWORD, "remember": remember });
    let reply = app.anonymous().post("/v1/sessions", &form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply
}

pub(crate) async fn ask_for_sign_in_code(app: &TestApp, channel: &str, target: &str) -> Reply {
    let captcha_token = app.captcha_token().await;
    let form = json!({ "channel": channel, "target": target, "purpose": "sign_in", "captcha_token": captcha_token });
    app.anonymous().post("/v1/verification-codes", &form).await
}

/// The proof of a `sign_in` code, sent and told back.
pub(crate) async fn sign_in_proof(app: &TestApp, channel: &str, target: &str) -> String {
    let before = app.outbox(target).await.len();
    let asked = ask_for_sign_in_code(app, channel, target).await;
    assert_eq!(asked.summary(), "202");
    let sent = app.messages(target, before + 1).await;
    app.confirm(&asked.text("/id"), &code_in(&sent[0].text)).await.text("/proof")
}

/// The `Set-Cookie` lines of a reply.
pub(crate) fn cookie_lines(reply: &Reply) -> Vec<String> {
    let lines = reply.headers.get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().expect("it is text").to_owned()).collect()
}

/// The value of a cookie that a reply sets.
pub(crate) fn cookie(reply: &Reply, name: &str) -> String {
    let lines = cookie_lines(reply);
    let line = lines.iter().find_map(|line| line.strip_prefix(&format!("{name}=")));
    line.and_then(|line| line.split(';').next()).unwrap_or_else(|| panic!("no cookie {name} in {lines:?}")).to_owned()
}

/// A request as a browser makes it: with cookies, and the header that goes with them if there is one.
pub(crate) async fn browse(
    client: &Client,
    method: Method,
    path: &str,
    cookies: &[(&str, &str)],
    csrf: Option<&str>,
    body: Option<&Value>,
) -> Reply {
    let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request = client.request(method, path).header(COOKIE, cookies.join("; "));
    if let Some(csrf) = csrf {
        request = request.header("x-csrf-token", csrf);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    client.send(request).await
}

/// What a client can tell one reply from another by, ids and times aside.
pub(crate) fn told(reply: &Reply) -> (u16, Value, Vec<(String, String)>) {
    let mut body = reply.body.clone();
    if let Some(members) = body.as_object_mut() {
        for member in ["request_id", "id", "expires_at"] {
            members.remove(member);
        }
    }
    let own = ["x-request-id", "apigw-requestid", "date", "location"];
    let mut headers: Vec<(String, String)> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().expect("it is text").to_owned()))
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .collect();
    headers.sort();
    (reply.status, body, headers)
}

/// Waits until what was owed so far has been sent. A deployed stage tells of its queues to nobody; there, a
/// later message has come.
pub(crate) async fn all_sent(app: &TestApp) {
    if app.is_local() {
        crate::notifications::all_dealt_with(app).await;
    } else {
        app.receive_code("sms", &app.new_phone()).await;
    }
}

/// What the latest invocation of a function called on AWS, in no order: calls in flight together have none.
/// A deployed one keeps it to itself; then nothing.
pub(crate) fn latest_calls(app: &TestApp, function: &str) -> Vec<String> {
    if !app.is_local() {
        return Vec::new();
    }
    let invocations = app.system().recorder.invocations();
    let latest = invocations.iter().rfind(|invocation| invocation.function == function).expect("it was called");
    let mut calls: Vec<String> =
        latest.calls.iter().map(|call| format!("{} {:?} {}", call.operation, call.resources, call.succeeded)).collect();
    calls.sort();
    calls
}
