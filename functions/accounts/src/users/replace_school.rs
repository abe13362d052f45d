//! `PUT /users/me/school`: choose my school, and prove to belong to it by the proof of a `join_school` code.
//!
//! Sessions hold the school, for those who let in its members only, so each is told in the same transaction.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, PROFILES, SESSIONS};
use campus_domain::{Invalid, SchoolId};
use campus_endpoint::{Body, Caller, Cx, Endpoint, Member, NoPath, NoQuery, Request, Route, Whole, put};
use campus_messages::{Purpose, Recipient};
use campus_session::Session;
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Account, UserView, store};
use crate::Error;
use crate::verification_codes::{self, proven};

/// The endpoint.
pub struct ReplaceSchool;

/// The school.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = SchoolChoice)]
pub struct Input {
    school_id: SchoolId,
    /// Of a confirmed `join_school` code, sent to an address at one of the school's domains. Without it the school is
    /// one's own, but not verified.
    #[schema(value_type = Option<String>, example = "the proof that the confirmation answered")]
    proof: Option<String>,
}

impl Body for Input {}

impl Endpoint for ReplaceSchool {
    const NAME: &'static str = "replace_school";
    const SUMMARY: &'static str = "Choose or prove my school";
    const ROUTE: Route = put("/users/me/school");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update().delete(),
        SESSIONS.batch_get().query().update().check(),
        PROFILES.update(),
        CODE_SECRET.read(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::AccountNotFound,
        Error::SchoolEmailTaken,
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
        while_raced(|| Box::pin(choose(cx, caller.session(), &request.input))).await
    }
}

async fn choose(cx: &Cx, session: &Session, input: &Input) -> Result<Whole<UserView>, Error> {
    let named = input.proof.as_deref().map(verification_codes::named_by).transpose()?;
    let (verified, school, person) = tokio::join!(
        verification_codes::verify(cx, input.proof.as_deref()),
        store::find_school(cx, input.school_id),
        store::get_person(cx, session, named),
    );
    verified?;
    let (school, person) = (school?, person?);
    let school = school.ok_or_else(|| Error::Fields(vec![("/school_id", Invalid::SchoolUnknown)]))?;
    let mut account = Account {
        school_id: Some(school.id),
        updated_at: cx.now(),
        version: person.account.version + 1,
        ..person.account.clone()
    };
    if named.is_some() {
        let code = proven(person.code.clone(), Purpose::JoinSchool, Some(session.user_id), cx.now())?;
        let Recipient::Email(address) = code.target.recipient() else { return Err(Error::ProofMismatch) };
        if !school.has_address(address) {
            return Err(Error::ProofMismatch);
        }
        account.school_email = Some(address.clone());
        account.school_verified = true;
    } else if person.account.school_id == Some(school.id) {
        // What was proven stays so, and nothing changes.
        return Ok(Whole(UserView::new(person.account, Some(school))));
    } else {
        account.school_email = None;
        account.school_verified = false;
    }
    store::replace_school(cx, &person, &account, named).await?;
    Ok(Whole(UserView::new(account, Some(school))))
}
