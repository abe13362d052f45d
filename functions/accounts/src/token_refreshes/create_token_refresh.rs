//! `POST /token-refreshes`: a refresh token for new tokens.

use campus_aws::{ACCOUNTS, Grant, KEYS, OUTBOX, SESSIONS, SIGNING_SEED};
use campus_endpoint::{
    Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Public, REFRESH_COOKIE, Request, Route, TokenView,
    WithCookies, post,
};
use campus_session::{Issue, NamedRefresh, Session, Standing, Transport};
use campus_store::decode;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::Error;
use crate::error::Outrun;

/// The endpoint.
pub struct CreateTokenRefresh;

/// Each round follows a change by someone else to the same session; two or three settle it.
const ROUNDS_MAX: u32 = 8;

/// The token, unless it comes as a cookie.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    /// Left out where the cookie has it; given, it goes before the cookie.
    refresh_token: Option<String>,
    /// How the new tokens come. Those for a cookie come as cookies.
    #[eserde(compat)]
    #[serde(default)]
    transport: Transport,
}

impl Body for Input {}

/// The session with its new tokens.
#[derive(Serialize, ToSchema)]
pub struct RefreshedView {
    session: TokenView,
}

type Answer = WithCookies<Created<RefreshedView>>;

impl Endpoint for CreateTokenRefresh {
    const NAME: &'static str = "create_token_refresh";
    const SUMMARY: &'static str = "Exchange a refresh token";
    const ROUTE: Route = post("/token-refreshes");
    const GRANTS: &'static [Grant] =
        &[SESSIONS.get().update(), ACCOUNTS.get().put(), OUTBOX.put(), KEYS.get().put(), SIGNING_SEED.read()];
    const REFUSALS: &'static [Error] = &[
        Error::RefreshTokenMissing,
        Error::RefreshTokenInvalid,
        Error::RefreshTokenExpired,
        Error::RefreshTokenRevoked,
        Error::SessionSuspended,
        Error::CsrfRequired,
    ];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Answer;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { refresh_token, transport } = request.input;
        let (token, transport, by_cookie) = match (refresh_token, cx.cookies().get(REFRESH_COOKIE)) {
            (Some(token), _) => (token, transport, false),
            // In the body they would be within reach of the page's scripts.
            (None, Some(token)) => (token.to_owned(), Transport::Cookie, true),
            (None, None) => return Err(Error::RefreshTokenMissing),
        };
        let named = NamedRefresh::peek(&token).ok_or(Error::RefreshTokenInvalid)?;
        let (signing, session) =
            tokio::join!(cx.signer().prepare(cx.store(), cx.secrets()), store::find_session(cx, &named));
        let signing = signing?;
        let named = signing.open_refresh_token(&token).ok_or(Error::RefreshTokenInvalid)?;
        let session = session?;
        // Before anything is done: a foreign page may make a browser send its cookie, but not this.
        if let Some(session) = session.as_ref().filter(|_| by_cookie)
            && !cx.cookies().prove_intent(session)
        {
            return Err(Error::CsrfRequired);
        }
        refreshed(cx, &named, session, transport, |session| signing.rotate(session, cx.now())).await
    }
}

/// The session as it is given to its owner now.
fn given(cx: &Cx, session: &Session, transport: Transport) -> Answer {
    let issue = Issue::new(session, cx.now());
    let body = RefreshedView { session: TokenView::new(&issue, transport) };
    let location = format!("/v1/sessions/{}", session.id);
    WithCookies::issuing(Created { location, body }, &issue, transport)
}

/// The session after the refresh, whoever carried it out.
async fn refreshed(
    cx: &Cx,
    named: &NamedRefresh,
    mut stored: Option<Session>,
    transport: Transport,
    rotate: impl Fn(&Session) -> Session,
) -> Result<Answer, Error> {
    for _ in 0..ROUNDS_MAX {
        match (named.standing(stored.as_ref(), cx.now()), stored) {
            (Standing::Current, Some(session)) => {
                let next = rotate(&session);
                let answer = given(cx, &next, transport);
                match store::rotate(cx, &session, &next, &answer).await {
                    Ok(()) => return Ok(answer),
                    Err(Outrun::Told(error)) => return Err(error),
                    Err(Outrun::Raced(instead)) => {
                        stored = instead.map(decode::<Session>).transpose()?;
                    }
                }
            }
            (Standing::JustRotated, Some(session)) => return Ok(given(cx, &session, transport)),
            (Standing::UsedTwice, Some(session)) => match store::end_reused(cx, &session).await {
                Ok(()) => return Err(Error::RefreshTokenRevoked),
                Err(Error::Raced) => stored = store::find_session(cx, named).await?,
                Err(error) => return Err(error),
            },
            (Standing::Expired, _) => return Err(Error::RefreshTokenExpired),
            (Standing::Suspended, _) => return Err(Error::SessionSuspended),
            (Standing::Unknown, _) => return Err(Error::RefreshTokenInvalid),
            // What does not exist is neither current nor used.
            (Standing::Revoked, _) | (_, None) => return Err(Error::RefreshTokenRevoked),
        }
    }
    Err(Error::Raced)
}
