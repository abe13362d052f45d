//! `POST /availability-checks`: is it still free? For a form that asks while it is filled in.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant};
use campus_domain::{Invalid, Nickname, PhoneNumber, Username};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Fine, Limit, NoPath, NoQuery, Public, Refusals, Request, Route, Settings, post,
};
use campus_messages::{Channel, Target};
use campus_store::Key;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::Error;
use crate::captcha_challenges;
use crate::users::store::{Guard, guard_of, nickname_guard, username_guard};

/// The endpoint.
pub struct CheckAvailability;

/// A campus behind one address signs up at the start of term: ten names a person, for 60 people a minute.
const CHECKS_PER_ADDRESS: Limit = Limit { name: "availability_checks", max: 600, window_seconds: 60 };

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AvailabilityKind)]
pub enum Kind {
    /// A username.
    Username,
    /// A nickname.
    Nickname,
    /// A phone number.
    Phone,
    /// A mail address.
    Email,
}

/// The value to check.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    #[eserde(compat)]
    kind: Kind,
    #[schema(example = "minji_26")]
    value: String,
    /// Needed for `phone` and `email`: whether someone is registered is nobody's business.
    captcha_token: Option<String>,
}

impl Body for Input {
    /// What a value is depends on the kind.
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        let kind = sent.get("kind").and_then(|kind| Kind::deserialize(kind).ok());
        let value = sent.get("value").and_then(Value::as_str);
        if let (Some(kind), Some(value)) = (kind, value)
            && let Err(invalid) = guard_key(kind, value, settings)
        {
            refusals.add("/value", invalid);
        }
    }
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct AvailabilityView {
    available: bool,
}

impl Endpoint for CheckAvailability {
    const NAME: &'static str = "check_availability";
    const SUMMARY: &'static str = "Check whether a name, number or address is free";
    const ROUTE: Route = post("/availability-checks");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get().update(), CODE_SECRET.read()];
    const LIMITS: &'static [Limit] = &[CHECKS_PER_ADDRESS];
    const REFUSALS: &'static [Error] = &[Error::CaptchaRequired, Error::CaptchaUnavailable];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Fine<AvailabilityView>;
    type Error = Error;

    fn warm_up() {
        PhoneNumber::warm_up();
    }

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Fine<AvailabilityView>, Error> {
        let Input { kind, value, captcha_token } = request.input;
        let key = guard_key(kind, &value, cx.settings()).map_err(|invalid| Error::Fields(vec![("/value", invalid)]))?;
        let guard = cx.store().find::<Guard>(&key);
        let guard = match kind {
            Kind::Username | Kind::Nickname => guard.await?,
            Kind::Phone | Kind::Email => {
                let captcha = captcha_challenges::store::named_by(captcha_token.as_deref())?;
                captcha_challenges::store::verify(cx, captcha_token.as_deref()).await?;
                let (spent, guard) = tokio::join!(captcha_challenges::store::spend_check(cx, captcha), guard);
                spent?;
                guard?
            }
        };
        Ok(Fine::new(AvailabilityView { available: guard.is_none() }))
    }
}

/// Where the claim of a value would be.
fn guard_key(kind: Kind, value: &str, settings: &Settings) -> Result<Key, Invalid> {
    let target = |channel| Target::parse(channel, value, &settings.phones).map(|target| guard_of(&target));
    match kind {
        Kind::Username => Username::parse(value).map(|name| username_guard(&name)),
        Kind::Nickname => Nickname::parse(value).map(|name| nickname_guard(&name)),
        Kind::Phone => target(Channel::Sms),
        Kind::Email => target(Channel::Email),
    }
}
