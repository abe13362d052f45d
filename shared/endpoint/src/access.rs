//! Who may call an endpoint. The endpoint's `Access` type decides which caller its handler receives.

use campus_domain::{SchoolId, UserId};
use campus_session::{Role, Session};

use crate::problem::{Problem, problem};

/// Who may call.
pub trait Access: Send + Sync + Sized + 'static {
    /// Its name, in `endpoints.txt` and the authorization matrix.
    const NAME: &'static str;
    /// Whether a session is read at all.
    const SESSION: SessionUse;
    /// What the handler learns of the caller.
    type Identity: Send + Sync;

    /// What [`Self::admit`] refuses with.
    #[must_use]
    fn refusals() -> Vec<Problem> {
        Vec::new()
    }

    /// The caller's identity, if this access allows it in.
    ///
    /// # Errors
    ///
    /// The problem to answer with.
    fn admit(session: Option<Session>) -> Result<Self::Identity, Problem>;
}

/// What an access does with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionUse {
    /// None is looked for; a token is ignored.
    Ignored,
    /// One is used if it is there.
    Optional,
    /// Without one the answer is 401.
    Required,
}

/// A caller that was let in under the access `A`.
pub struct Caller<A: Access> {
    /// What is known of it.
    pub identity: A::Identity,
}

/// Anyone.
pub struct Public;
/// Anyone; a session is used where there is one.
pub struct OptionalSession;
/// Anyone with a session.
pub struct Member;
/// A member who has proven to belong to a school.
pub struct VerifiedMember;
/// Staff, and admins.
pub struct Staff;
/// Admins.
pub struct Admin;

/// Accesses whose caller has a session.
pub trait SignedIn: Access<Identity: AsRef<Session>> {}

impl SignedIn for Member {}
impl SignedIn for VerifiedMember {}
impl SignedIn for Staff {}
impl SignedIn for Admin {}

impl<A: SignedIn> Caller<A> {
    /// The caller's account.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.session().user_id
    }

    /// The caller's session.
    #[must_use]
    pub fn session(&self) -> &Session {
        self.identity.as_ref()
    }

    /// Whether they are staff, who also see what is deleted.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        is_staff(self.session())
    }
}

impl Caller<OptionalSession> {
    /// Whether they have a session and are staff, who also see what is deleted.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.identity.as_ref().is_some_and(is_staff)
    }
}

fn is_staff(session: &Session) -> bool {
    STAFF.iter().any(|role| session.has_role(*role))
}

/// Admins are staff, too.
const STAFF: [Role; 2] = [Role::Staff, Role::Admin];

/// A session as an identity.
pub struct Known(Session);

impl AsRef<Session> for Known {
    fn as_ref(&self) -> &Session {
        &self.0
    }
}

/// A session and the school that its owner has proven to belong to.
pub struct KnownAtSchool {
    session: Session,
    /// The school.
    pub school_id: SchoolId,
}

impl AsRef<Session> for KnownAtSchool {
    fn as_ref(&self) -> &Session {
        &self.session
    }
}

impl Access for Public {
    const NAME: &'static str = "public";
    const SESSION: SessionUse = SessionUse::Ignored;
    type Identity = ();

    fn admit(_: Option<Session>) -> Result<(), Problem> {
        Ok(())
    }
}

impl Access for OptionalSession {
    const NAME: &'static str = "optional session";
    const SESSION: SessionUse = SessionUse::Optional;
    type Identity = Option<Session>;

    fn admit(session: Option<Session>) -> Result<Self::Identity, Problem> {
        Ok(session)
    }
}

impl Access for Member {
    const NAME: &'static str = "member";
    const SESSION: SessionUse = SessionUse::Required;
    type Identity = Known;

    fn refusals() -> Vec<Problem> {
        vec![token_missing()]
    }

    fn admit(session: Option<Session>) -> Result<Known, Problem> {
        session.map(Known).ok_or_else(token_missing)
    }
}

impl Access for VerifiedMember {
    const NAME: &'static str = "verified member";
    const SESSION: SessionUse = SessionUse::Required;
    type Identity = KnownAtSchool;

    fn refusals() -> Vec<Problem> {
        vec![token_missing(), SCHOOL_NOT_VERIFIED]
    }

    fn admit(session: Option<Session>) -> Result<KnownAtSchool, Problem> {
        let session = session.ok_or_else(token_missing)?;
        match session.school {
            Some(school) if school.verified => Ok(KnownAtSchool { school_id: school.id, session }),
            _ => Err(SCHOOL_NOT_VERIFIED),
        }
    }
}

impl Access for Staff {
    const NAME: &'static str = "staff";
    const SESSION: SessionUse = SessionUse::Required;
    type Identity = Known;

    fn refusals() -> Vec<Problem> {
        vec![token_missing(), FORBIDDEN]
    }

    fn admit(session: Option<Session>) -> Result<Known, Problem> {
        with_any_role(session, &STAFF)
    }
}

impl Access for Admin {
    const NAME: &'static str = "admin";
    const SESSION: SessionUse = SessionUse::Required;
    type Identity = Known;

    fn refusals() -> Vec<Problem> {
        vec![token_missing(), FORBIDDEN]
    }

    fn admit(session: Option<Session>) -> Result<Known, Problem> {
        with_any_role(session, &[Role::Admin])
    }
}

const SCHOOL_NOT_VERIFIED: Problem = problem(403, "school_not_verified");
const FORBIDDEN: Problem = problem(403, "forbidden");

fn with_any_role(session: Option<Session>, roles: &[Role]) -> Result<Known, Problem> {
    let session = session.ok_or_else(token_missing)?;
    if roles.iter().any(|role| session.has_role(*role)) { Ok(Known(session)) } else { Err(FORBIDDEN) }
}

/// Someone must be signed in. RFC 6750: a request without a token is told the scheme and no error.
#[must_use]
pub fn token_missing() -> Problem {
    problem(401, "token_missing").with_header(http::header::WWW_AUTHENTICATE, r#"Bearer realm="campus""#)
}

#[cfg(test)]
mod tests {
    use campus_domain::{SessionId, Timestamp};
    use campus_session::{SessionSchool, SessionState};

    use super::*;

    fn session(roles: &[Role], school_verified: Option<bool>) -> Option<Session> {
        Some(Session {
            id: SessionId::from_parts(1, [1; 10]),
            user_id: UserId::from_parts(2, [2; 10]),
            roles: roles.to_vec(),
            school: school_verified.map(|verified| SessionSchool { id: SchoolId::from_parts(3, [3; 10]), verified }),
            state: SessionState::Active,
            refresh_count: 0,
            refresh_hash: String::new(),
            suspended_until: None,
            rotated_at: None,
            csrf_hash: String::new(),
            remember: false,
            agent: None,
            created_at: Timestamp::from_epoch_seconds(0),
            last_used_at: None,
            expires_at: Timestamp::from_epoch_seconds(1),
        })
    }

    /// How each persona fares: nobody, a member, one of a school, one proven to be, staff, an admin.
    fn outcomes<A: Access>() -> [&'static str; 6] {
        let personas = [
            None,
            session(&[Role::Member], None),
            session(&[Role::Member], Some(false)),
            session(&[Role::Member], Some(true)),
            session(&[Role::Member, Role::Staff], None),
            session(&[Role::Member, Role::Staff, Role::Admin], None),
        ];
        personas.map(|persona| match A::admit(persona) {
            Ok(_) => "in",
            Err(problem) => {
                assert!(A::refusals().iter().any(|refusal| refusal.code == problem.code), "{problem:?}");
                match (problem.status, problem.code) {
                    (401, "token_missing") => "401",
                    (403, "forbidden") => "forbidden",
                    (403, "school_not_verified") => "not verified",
                    _ => "another problem",
                }
            }
        })
    }

    #[test]
    fn public_and_optional_sessions_let_everyone_in() {
        assert_eq!(outcomes::<Public>(), ["in"; 6]);
        assert_eq!(outcomes::<OptionalSession>(), ["in"; 6]);
    }

    #[test]
    fn b2_36_a_member_needs_a_session() {
        assert_eq!(outcomes::<Member>(), ["401", "in", "in", "in", "in", "in"]);
    }

    #[test]
    fn b2_37_a_verified_member_needs_a_proven_school_whatever_the_role() {
        let refused = "not verified";
        assert_eq!(outcomes::<VerifiedMember>(), ["401", refused, refused, "in", refused, refused]);
    }

    #[test]
    fn b2_37_staff_endpoints_are_for_staff_and_admins() {
        assert_eq!(outcomes::<Staff>(), ["401", "forbidden", "forbidden", "forbidden", "in", "in"]);
    }

    #[test]
    fn b2_37_admin_endpoints_are_for_admins() {
        assert_eq!(outcomes::<Admin>(), ["401", "forbidden", "forbidden", "forbidden", "forbidden", "in"]);
    }

    #[test]
    fn an_optional_session_is_handed_on() {
        let identity = OptionalSession::admit(session(&[Role::Member], None)).ok().flatten();
        assert_eq!(identity, session(&[Role::Member], None));
    }

    #[test]
    fn a_caller_is_the_owner_of_the_session() {
        let identity = VerifiedMember::admit(session(&[Role::Member], Some(true)));
        let Ok(identity) = identity else { panic!("it is not let in") };
        assert_eq!(identity.school_id, SchoolId::from_parts(3, [3; 10]));
        let caller = Caller::<VerifiedMember> { identity };
        assert_eq!(caller.user_id(), UserId::from_parts(2, [2; 10]));
    }
}
