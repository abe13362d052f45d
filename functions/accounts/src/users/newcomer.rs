//! Someone who signs up, in whichever way: what they tell of themselves, what is checked of it, and the account that it
//! makes.

use campus_domain::{
    AdmissionYear, EmailAddress, Invalid, Locale, Nickname, Password, PasswordPolicy, PersonName, PhoneNumber,
    SchoolId, TimeZoneName, UserId, Username,
};
use campus_endpoint::{Cx, Refusals, Settings};
use campus_messages::{Purpose, Recipient, Target};
use campus_session::Role;
use serde_json::{Map, Value};

use super::store::SigningUp;
use super::{Account, AccountState, Contact, store};
use crate::Error;
use crate::verification_codes::create_verification_code::taken;
use crate::verification_codes::{Code, CodeState};

/// What someone tells of themselves.
pub(crate) struct Newcomer {
    pub(crate) username: Option<Username>,
    pub(crate) nickname: Option<Nickname>,
    pub(crate) name: Option<PersonName>,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) admission_year: Option<AdmissionYear>,
    pub(crate) school_id: Option<SchoolId>,
    pub(crate) locale: Option<Locale>,
    pub(crate) time_zone: Option<TimeZoneName>,
}

/// The rules across the fields of a sign-up, and those that the settings decide.
pub(crate) fn check_sent(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    if let Some(phone) = text("phone").and_then(|phone| PhoneNumber::parse(phone).ok())
        && let Err(invalid) = settings.phones.check(&phone)
    {
        refusals.add("/phone", invalid);
    }
    if let Some(Ok(password)) = text("password").map(Password::parse) {
        let own_words = own_words(text("username"), text("phone"), text("email"));
        let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
        let policy = PasswordPolicy { minimum: settings.password_minimum };
        if let Err(invalid) = policy.check(&password, &own_words) {
            refusals.add("/password", invalid);
        }
    }
    if let (Some(password), Some(confirmation)) = (text("password"), text("password_confirmation"))
        && !Password::is_same(password, confirmation)
    {
        refusals.add("", Invalid::PasswordMismatch);
    }
    if sent.get("terms_accepted") == Some(&Value::Bool(false)) {
        refusals.add("/terms_accepted", Invalid::TermsNotAccepted);
    }
}

/// Words of a person's own that are no good in their password.
fn own_words(username: Option<&str>, phone: Option<&str>, email: Option<&str>) -> Vec<String> {
    let phone = phone.and_then(|phone| PhoneNumber::parse(phone).ok());
    let email = email.and_then(|email| EmailAddress::parse(email).ok());
    let words = [
        username.map(str::to_owned),
        phone.map(|phone| phone.national_digits()),
        email.map(|email| email.local_part().to_owned()),
    ];
    words.into_iter().flatten().collect()
}

impl Newcomer {
    /// A name that was made up is nobody's wish: where it is taken, make up another.
    pub(crate) fn unless_made_up(&self, inserted: Result<(), Error>) -> Result<(), Error> {
        match inserted {
            Err(Error::UsernameTaken) if self.username.is_none() => Err(Error::Raced),
            Err(Error::NicknameTaken) if self.nickname.is_none() => Err(Error::Raced),
            inserted => inserted,
        }
    }

    /// The rules that the time, the proof and what is stored decide: all wrong fields at once, then what is taken. The
    /// transaction decides about the latter; this only spares a hash.
    pub(crate) fn check_against_stored(
        &self,
        cx: &Cx,
        password: Option<&Password>,
        proven: Option<&Target>,
        found: &SigningUp,
    ) -> Result<(), Error> {
        let year = self.admission_year.map_or(Ok(()), |year| year.check_by(cx.now().year()));
        let is_unknown = self.school_id.is_some() && found.school.is_none();
        let school_known = if is_unknown { Err(Invalid::SchoolUnknown) } else { Ok(()) };
        // The rest of the policy was judged with the body; only the proven word is new.
        let word = proven.map(|proven| match proven.recipient() {
            Recipient::Sms(phone) => phone.national_digits(),
            Recipient::Email(email) => email.local_part().to_owned(),
        });
        let password = match (password, word) {
            (Some(password), Some(word)) => password.check_own_words(&[&word]),
            _ => Ok(()),
        };
        let checks = [("/admission_year", year), ("/school_id", school_known), ("/password", password)];
        let wrong: Vec<_> =
            checks.into_iter().filter_map(|(pointer, check)| check.err().map(|invalid| (pointer, invalid))).collect();
        if !wrong.is_empty() {
            return Err(Error::Fields(wrong));
        }
        if found.username_taken {
            return Err(Error::UsernameTaken);
        }
        if found.nickname_taken { Err(Error::NicknameTaken) } else { Ok(()) }
    }

    /// The target that the proof proves, if the proof is good for this sign-up.
    pub(crate) async fn proven_by(&self, cx: &Cx, code: Option<Code>) -> Result<Target, Error> {
        let code = code.ok_or(Error::ProofExpired)?;
        if code.purpose != Purpose::SignUp {
            return Err(Error::ProofMismatch);
        }
        let given_differs = match code.target.recipient() {
            Recipient::Sms(phone) => self.phone.as_ref().is_some_and(|given| given != phone),
            Recipient::Email(email) => self.email.as_ref().is_some_and(|given| given != email),
        };
        if given_differs {
            return Err(Error::ProofMismatch);
        }
        match code.state {
            CodeState::Sent => Err(Error::ProofInvalid),
            CodeState::Spent if store::is_taken(cx, &code.target).await? => Err(taken(&code.target)),
            CodeState::Spent => Err(Error::ProofSpent),
            CodeState::Confirmed if code.proof_expires_at <= cx.now() => Err(Error::ProofExpired),
            CodeState::Confirmed => Ok(code.target),
        }
    }

    /// The new account, in use, with neither a password nor an identity yet.
    pub(crate) fn account(&self, cx: &Cx, proven: Option<&Target>) -> Account {
        let id: UserId = cx.new_id();
        let locale = self.locale.unwrap_or(cx.locale());
        let unproven_phone = self.phone.clone().map(|value| Contact { value, verified: false });
        let unproven_email = self.email.clone().map(|value| Contact { value, verified: false });
        let (phone, email) = match proven.map(|proven| proven.recipient().clone()) {
            Some(Recipient::Sms(value)) => (Some(Contact { value, verified: true }), unproven_email),
            Some(Recipient::Email(value)) => (unproven_phone, Some(Contact { value, verified: true })),
            None => (unproven_phone, unproven_email),
        };
        Account {
            id,
            username: self.username.clone().unwrap_or_else(made_up_username),
            nickname: self.nickname.clone().unwrap_or_else(|| made_up_nickname(locale)),
            name: self.name.clone(),
            phone,
            email,
            password_hash: None,
            password_set_at: None,
            admission_year: self.admission_year,
            school_id: self.school_id,
            school_verified: false,
            roles: vec![Role::Member],
            locale,
            time_zone: self.time_zone.clone().unwrap_or_default(),
            terms_accepted_at: cx.now(),
            created_at: cx.now(),
            updated_at: cx.now(),
            state: AccountState::Active,
            suspension: None,
            purge_at: None,
            school_email: None,
            identities: Vec::new(),
            version: 1,
        }
    }
}

/// Letters and digits that are not taken for one another.
const CLEAR: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

fn made_up(length: usize) -> String {
    std::iter::repeat_with(|| char::from(CLEAR[fastrand::usize(..CLEAR.len())])).take(length).collect()
}

/// B3.3: a name that tells nothing of its owner.
fn made_up_username() -> Username {
    loop {
        if let Ok(username) = Username::parse(&format!("u_{}", made_up(10))) {
            return username;
        }
    }
}

fn made_up_nickname(locale: Locale) -> Nickname {
    let newcomer = match locale {
        Locale::Ko => "새내기",
        Locale::En => "Newcomer",
        Locale::Zh => "新同学",
    };
    loop {
        if let Ok(nickname) = Nickname::parse(&format!("{newcomer} {}", made_up(6))) {
            return nickname;
        }
    }
}
