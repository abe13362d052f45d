//! `POST /unsubscriptions/{token}`: no more mails of this kind, by one click in a mail program (RFC 8058).

use campus_aws::{Grant, KEYS, NOTIFICATIONS};
use campus_endpoint::{Body, Caller, Cx, Endpoint, NoContent, NoQuery, Public, Request, Route, post};
use campus_messages::Preferences;
use campus_session::CursorSecret;
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Unsubscription, opened};
use crate::Error;
use crate::preferences;

/// The endpoint.
pub struct CreateUnsubscription;

/// Which mails.
#[derive(eserde::Deserialize, ToSchema)]
pub struct UnsubscriptionPath {
    /// The end of the address in the mail's `List-Unsubscribe`.
    #[schema(example = "AZ1KZ-0AcACAAQEBAQEBAQEBh2uTQZr8m0a1v3kq9b2WcYdE5fXgTtJ0nRo4HsLpVQI")]
    token: String,
}

/// What mail programs send. It says nothing that the address does not, so it may be left out.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "List-Unsubscribe": "One-Click" }))]
pub struct Input {
    #[serde(rename = "List-Unsubscribe", default)]
    #[expect(dead_code, reason = "it is only held to its one value")]
    click: Click,
}

/// The one value that there is.
#[derive(Default, eserde::Deserialize, ToSchema)]
pub enum Click {
    /// RFC 8058, 3.1.
    #[default]
    #[serde(rename = "One-Click")]
    OneClick,
}

impl Body for Input {
    const ALSO_AS_FORM: bool = true;
}

impl Endpoint for CreateUnsubscription {
    const NAME: &'static str = "create_unsubscription";
    const SUMMARY: &'static str = "Get no more mails of this kind";
    const ROUTE: Route = post("/unsubscriptions/{token}");
    const GRANTS: &'static [Grant] = &[KEYS.batch_get(), NOTIFICATIONS.batch_get().put()];
    const REFUSALS: &'static [Error] = &[Error::UnsubscriptionNotFound];
    type Access = Public;
    type Path = UnsubscriptionPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<NoContent, Error> {
        let token = request.path.token;
        let named = Unsubscription::peek(&token).ok_or(Error::UnsubscriptionNotFound)?;
        while_raced(|| async {
            let mut batch = cx.store().batch();
            let secret = batch.find::<CursorSecret>(&CursorSecret::location());
            let seen = batch.find::<Preferences>(&Preferences::key_of(named.user_id));
            let mut found = batch.send().await?;
            let secret = found.take(secret)?.ok_or(Error::UnsubscriptionNotFound)?;
            let Unsubscription { user_id, kind } = opened(&secret, &token).ok_or(Error::UnsubscriptionNotFound)?;
            let seen = found.take(seen)?.unwrap_or_else(|| Preferences::default_of(user_id));
            if !seen.kinds.of(kind).email {
                return Ok(NoContent);
            }
            let mut wished = Preferences { version: seen.version + 1, ..seen.clone() };
            wished.kinds.of_mut(kind).email = false;
            let mut transaction = cx.store().transaction();
            preferences::store::replace_seen_in(&mut transaction, &seen, &wished);
            cx.commit(transaction, &NoContent).await?;
            Ok(NoContent)
        })
        .await
    }
}
