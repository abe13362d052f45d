//! What a change of mail address has in common with one of phone number.

use campus_endpoint::{Cx, Whole};
use campus_messages::{Purpose, Recipient, Target};
use campus_session::Session;
use campus_store::while_raced;

use super::{Account, Contact, UserView, store};
use crate::Error;
use crate::verification_codes::{self, proven};

/// Puts what a proof of this purpose proves in the place of what the account had. What the proof is of, and whose, is
/// told by its code alone, so that a proof for A never sets B.
pub(super) async fn replace(
    cx: &Cx,
    session: &Session,
    proof: &str,
    purpose: Purpose,
) -> Result<Whole<UserView>, Error> {
    let named = verification_codes::named_by(proof)?;
    while_raced(|| async {
        let (verified, person) =
            tokio::join!(verification_codes::verify(cx, Some(proof)), store::get_person(cx, session, Some(named)));
        verified?;
        let person = person?;
        let code = proven(person.code.clone(), purpose, Some(session.user_id), cx.now())?;
        if person.account.has_proven(&code.target) {
            return Err(unchanged(&code.target));
        }
        let mut account =
            Account { updated_at: cx.now(), version: person.account.version + 1, ..person.account.clone() };
        match code.target.recipient().clone() {
            Recipient::Sms(value) => account.phone = Some(Contact { value, verified: true }),
            Recipient::Email(value) => account.email = Some(Contact { value, verified: true }),
        }
        store::replace_contact(cx, &person, &account, session.id, &code).await?;
        Ok(Whole(person.view_of(account)))
    })
    .await
}

/// The account has the target already.
pub(crate) fn unchanged(target: &Target) -> Error {
    match target.recipient() {
        Recipient::Sms(_) => Error::PhoneUnchanged,
        Recipient::Email(_) => Error::EmailUnchanged,
    }
}
