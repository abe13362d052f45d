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
use crate::users::Account;
use crate::users::store::{guard_of, nickname_guard, username_guard};

/// The endpoint.
pub struct SearchUsers;

/// One of these.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = UserSearch, example = json!({ "username": "minji_26" }))]
pub struct Input {
    // The handler reads names: one that was given stays its owner's, though it be reserved by now.
    #[schema(value_type = Option<Username>)]
    username: Option<String>,
    #[schema(value_type = Option<Nickname>)]
    nickname: Option<String>,
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

/// What is looked for.
struct Wanted {
    /// Where the claim of it would be.
    claim: Key,
    /// What it is.
    by: &'static str,
    /// The username, if it is one: its claim is also that of those which look like it.
    username: Option<Username>,
}

impl Input {
    fn wanted(self) -> Result<Wanted, Error> {
        let (claim, by, username) = match self {
            Self { username: Some(username), .. } => {
                let username =
                    Username::parse_even_reserved(&username).map_err(|invalid| wrong("/username", invalid))?;
                (username_guard(&username), "username", Some(username))
            }
            Self { nickname: Some(nickname), .. } => {
                let nickname =
                    Nickname::parse_even_reserved(&nickname).map_err(|invalid| wrong("/nickname", invalid))?;
                (nickname_guard(&nickname), "nickname", None)
            }
            Self { phone: Some(phone), .. } => (guard_of(&Recipient::Sms(phone).into()), "phone", None),
            Self { email: Some(email), .. } => (guard_of(&Recipient::Email(email).into()), "email", None),
            _ => return Err(wrong("", Invalid::OneNeeded)),
        };
        Ok(Wanted { claim, by, username })
    }
}

fn wrong(pointer: &'static str, invalid: Invalid) -> Error {
    Error::Fields(vec![(pointer, invalid)])
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
        let Wanted { claim, by, username } = request.input.wanted()?;
        let (secret, found) = tokio::join!(cx.secrets().read(CODE_SECRET), store::find_by_claim(cx, &claim));
        let is_meant = |account: &Account| username.is_none_or(|username| account.username == username);
        let (secret, found) = (secret?, found?.filter(is_meant));
        let target = found.as_ref().map(|account| account.id);
        let entry = Entry::by_user(cx, caller.user_id(), &secret, Action::SearchUser { by: by.to_owned() }, target);
        let items = found.into_iter().map(|account| AdminUserView::new(account, cx.now())).collect();
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let answer = Fine::new(cx.page(&list, items, None::<&()>)?);
        store::insert_audit(cx, &entry, &answer).await?;
        Ok(answer)
    }
}
