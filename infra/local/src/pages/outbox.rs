//! `/_local/outbox`: what was sent to whom, as they would read it.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Controls, Refusal, query, respond};
use crate::aws::{self, Sent};

/// Shown on the page.
const MESSAGES_MAX: u32 = 100;
const PEOPLE_MAX: u32 = 200;
/// The policy of a mail's own page. It may look as it likes, with pictures that it brings itself, and do nothing. The
/// frame that shows it is sandboxed as well; this also holds for whoever opens the address itself.
const MAIL_POLICY: &str =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Deserialize)]
pub(super) struct Chosen {
    to: Option<String>,
    limit: Option<u32>,
}

impl Chosen {
    fn to(&self) -> Option<String> {
        let to = self.to.as_deref().filter(|to| !to.is_empty())?;
        // A plus sign that was not encoded arrives as a space.
        Some(if to.starts_with(' ') { format!("+{}", to.trim_start()) } else { to.to_owned() })
    }
}

pub(super) async fn json(State(controls): State<Controls>, headers: HeaderMap, Query(chosen): Query<Chosen>) -> Answer {
    let sent = controls.state.sent(chosen.to().as_deref(), chosen.limit.unwrap_or(u32::MAX));
    let sent = sent.map_err(|error| controls.broken(&headers, error))?;
    let items: Vec<Value> = sent.iter().map(with_unsubscription).collect();
    Ok(Json(json!({ "items": items })))
}

pub(super) async fn page(
    State(controls): State<Controls>,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let document = document(&controls, chosen.to()).map_err(|error| controls.broken(&headers, error))?;
    Ok(controls.page("/_local/outbox", "outbox.html.j2", document))
}

fn document(controls: &Controls, to: Option<String>) -> Result<Value, aws::Error> {
    let people = controls.state.addressees(PEOPLE_MAX)?;
    let people: Vec<Value> = people
        .into_iter()
        .map(|person| {
            json!({
                "to": person.to,
                "link": format!("/_local/outbox?{}", query(&[("to", &person.to)])),
                "count": person.count,
                "latest": person.latest.subject.as_deref().unwrap_or(&person.latest.text),
                "latest_at": person.latest.sent_at,
            })
        })
        .collect();
    let messages = controls.state.sent(to.as_deref(), MESSAGES_MAX)?;
    let messages: Vec<Value> = messages.iter().map(message).collect();
    Ok(json!({ "to": to, "people": people, "messages": messages, "messages_max": MESSAGES_MAX }))
}

/// A message, and where its reader posts to for getting no more of its kind; null for one that does not say so.
fn with_unsubscription(sent: &Sent) -> Value {
    let mut document = json!(sent);
    let url = sent.headers.get("list-unsubscribe").map(|value| value.trim().trim_matches(['<', '>']));
    document["list_unsubscribe"] = url.into();
    document
}

/// The part of a URL that is the same on this machine, whatever the issuer is called.
fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.find('/').and_then(|slash| rest.get(slash..))
}

fn message(sent: &Sent) -> Value {
    let mut document = with_unsubscription(sent);
    document["unsubscribe_path"] = document["list_unsubscribe"].as_str().and_then(path_of).into();
    document["html_link"] = match sent.html {
        Some(_) => format!("/_local/outbox/html?{}", query(&[("to", &sent.to), ("id", &sent.id)])).into(),
        None => Value::Null,
    };
    document["code"] = code_in(&sent.text).into();
    document
}

/// What someone would copy: the only number of four to eight digits that stands by itself in the text.
fn code_in(text: &str) -> Option<&str> {
    let mut codes = text
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '-' | '.' | '/' | ':'))
        .map(|word| word.trim_matches(['.', ':', '-']))
        .filter(|word| (4..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()));
    codes.next().filter(|_| codes.next().is_none())
}

#[derive(Deserialize)]
pub(super) struct OneMail {
    to: String,
    id: String,
}

/// A mail's HTML as it was sent, for the frame.
pub(super) async fn html(
    State(controls): State<Controls>,
    headers: HeaderMap,
    Query(OneMail { to, id }): Query<OneMail>,
) -> Result<Response, Refusal> {
    let sent = controls.state.sent(Some(&to), u32::MAX).map_err(|error| controls.broken(&headers, error))?;
    let html = sent.into_iter().find(|sent| sent.id == id).and_then(|sent| sent.html);
    Ok(match html {
        Some(html) => respond("text/html; charset=utf-8", MAIL_POLICY, html),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

#[cfg(test)]
mod tests {
    use super::{code_in, path_of};

    #[test]
    fn the_path_of_a_url_is_what_follows_its_host() {
        assert_eq!(path_of("http://localhost/v1/unsubscriptions/x"), Some("/v1/unsubscriptions/x"));
        assert_eq!(path_of("https://api.campus.example"), None);
        assert_eq!(path_of("mailto:x"), None);
    }

    #[test]
    fn a_code_to_copy_is_the_only_number_that_could_be_one() {
        assert_eq!(code_in("[Campus] 인증번호 123456을 입력하세요"), None, "it does not stand by itself");
        assert_eq!(code_in("[Campus] 인증번호: 123456"), Some("123456"));
        assert_eq!(code_in("Your code is 123456. It is good for 5 minutes."), Some("123456"));
        assert_eq!(code_in("Call +821012345678 until 12:30 on 2026-11-20"), None);
        assert_eq!(code_in("1111 or 2222"), None);
    }
}
