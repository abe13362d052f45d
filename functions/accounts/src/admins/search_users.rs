//! `POST /admin/user-searches`: whose is this name, number or address?
//!
//! Only what is claimed is found: a number or address that its owner has not proven may be anyone's. Looking someone up
//! is audited, too.
//!
//! Four round trips: who asks, of whom nothing may be remembered; whose the claim is; the account; and the entry in the
//! audit, without which nothing is told.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant};
use campus_domain::{EmailAddress, Invalid, Nickname, PhoneNumber, Username};
use campus_endpoint::{
    Admin, Body, Caller, Cx, Endpoint, Fine, ListKey, Listed, NoPath, NoQuery, Refusals, Request, Route, Settings, post,
};
use campus_messages::Recipient;
use campus_store::Key;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{AdminUserView, store};
use crate::Error;
use crate::audit::{Action, Entry};
use crate::users::store::{guard_of, nickname_guard, username_guard};

/// The endpoint.
pub struct SearchUsers;

/// One of these.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = UserSearch, example = json!({ "username": "minji_26" }))]
pub struct Input {
    username: Option<Username>,
    nickname: Option<Nickname>,
    phone: Option<PhoneNumber>,
    email: Option<EmailAddress>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        let given = ["username", "nickname", "phone", "email"].into_iter();
        if given.filter(|name| sent.get(*name).is_some_and(|value| !value.is_null())).count() != 1 {
            refusals.add("", Invalid::OneNeeded);
        }
    }
}

impl Input {
    /// Where the claim of it would be, and what it is.
    fn claim(self) -> Option<(Key, &'static str)> {
        match self {
            Self { username: Some(username), .. } => Some((username_guard(&username), "username")),
            Self { nickname: Some(nickname), .. } => Some((nickname_guard(&nickname), "nickname")),
            Self { phone: Some(phone), .. } => Some((guard_of(&Recipient::Sms(phone).into()), "phone")),
            Self { email: Some(email), .. } => Some((guard_of(&Recipient::Email(email).into()), "email")),
            _ => None,
        }
    }
}

impl Endpoint for SearchUsers {
    const NAME: &'static str = "search_users";
    const SUMMARY: &'static str = "Look someone up";
    const ROUTE: Route = post("/admin/user-searches");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get().put(), CODE_SECRET.read()];
    const FRESH_SESSION: bool = true;
    type Access = Admin;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Fine<Listed<AdminUserView>>;
    type Error = Error;

    fn warm_up() {
        PhoneNumber::warm_up();
    }

    async fn handle(cx: &Cx, caller: Caller<Admin>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Some((claim, by)) = request.input.claim() else {
            return Err(Error::Fields(vec![("", Invalid::OneNeeded)]));
        };
        let (secret, found) = tokio::join!(cx.secrets().read(CODE_SECRET), store::find_by_claim(cx, &claim));
        let (secret, found) = (secret?, found?);
        let target = found.as_ref().map(|account| account.id);
        let entry = Entry::by_user(cx, caller.user_id(), &secret, Action::SearchUser { by: by.to_owned() }, target);
        let items = found.into_iter().map(|account| AdminUserView::new(account, cx.now())).collect();
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let answer = Fine::new(cx.page(&list, items, None::<&()>)?);
        store::insert_audit(cx, &entry, &answer).await?;
        Ok(answer)
    }
}
