//! `PUT /users/me/phone`: another phone number, by the proof of a `change_phone` code.
//!
//! The caller stays signed in; every other session ends, and the old phone number is told; of the first one, the owner
//! is told where else they are reached.

use campus_aws::{ACCOUNTS, CODE_SECRET, CONTACTS, Grant, OUTBOX, SESSIONS};
use campus_endpoint::{Body, Caller, Cx, Endpoint, Member, NoPath, NoQuery, Request, Route, Whole, put};
use campus_messages::Purpose;
use utoipa::ToSchema;

use super::{UserView, contacts};
use crate::Error;

/// The endpoint.
pub struct ReplacePhone;

/// The new phone number, proven.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    /// Of a confirmed `change_phone` code.
    #[schema(example = "the proof that the confirmation answered")]
    proof: String,
}

impl Body for Input {}

impl Endpoint for ReplacePhone {
    const NAME: &'static str = "replace_phone";
    const SUMMARY: &'static str = "Change my phone number";
    const ROUTE: Route = put("/users/me/phone");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().update().delete(),
        SESSIONS.batch_get().query().update().check(),
        CONTACTS.put(),
        OUTBOX.put(),
        CODE_SECRET.read(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::AccountNotFound,
        Error::PhoneTaken,
        Error::PhoneUnchanged,
        Error::ProofInvalid,
        Error::ProofMismatch,
        Error::ProofExpired,
        Error::ProofSpent,
    ];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<UserView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Whole<UserView>, Error> {
        contacts::replace(cx, caller.session(), &request.input.proof, Purpose::ChangePhone).await
    }
}
