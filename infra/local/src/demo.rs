//! Demo data: a school and its people. The only writer that bypasses the rules for names and passwords.

use anyhow::Context;
use campus_accounts::passwords;
use campus_accounts::schools::School;
use campus_accounts::users::store::{Guard, card_of, guard_of, nickname_guard, username_guard};
use campus_accounts::users::{Account, Contact, Profile};
use campus_domain::{
    AdmissionYear, EmailAddress, Locale, Nickname, Password, PhoneNumber, SchoolId, TimeZoneName, Timestamp, UserId,
    Username,
};
use campus_messages::{Recipient, Target};
use campus_session::Role;
use campus_store::{Item, Store, absent};
use secrecy::SecretString;
use serde_json::{Value, json};

/// Everyone's password.
pub(crate) const PASSWORD: &str = "campus-demo-2026";

struct Person {
    username: &'static str,
    nickname: &'static str,
    phone: &'static str,
    roles: &'static [Role],
}

const PEOPLE: [Person; 4] = [
    Person {
        username: "admin",
        nickname: "관리자",
        phone: "010-0000-0001",
        roles: &[Role::Member, Role::Staff, Role::Admin],
    },
    Person { username: "staff", nickname: "운영진", phone: "010-0000-0002", roles: &[Role::Member, Role::Staff] },
    Person { username: "minji", nickname: "민지", phone: "010-0000-0003", roles: &[Role::Member] },
    Person { username: "junho", nickname: "준호", phone: "010-0000-0004", roles: &[Role::Member] },
];

/// The names of the people, for the banner.
pub(crate) fn usernames() -> Vec<&'static str> {
    PEOPLE.iter().map(|person| person.username).collect()
}

/// The people, for the start page.
pub(crate) fn people() -> Value {
    let described = |person: &Person| {
        json!({
            "username": person.username,
            "nickname": person.nickname,
            "phone": person.phone,
            "email": email_of(person),
            "roles": person.roles,
        })
    };
    PEOPLE.iter().map(described).collect()
}

fn email_of(person: &Person) -> String {
    format!("{}@hanbit.example", person.username)
}

/// Writes the demo data where it is missing. Ids are fixed, so that a seeder killed halfway goes on.
pub(crate) async fn seed(store: &Store, pepper: &SecretString, now: Timestamp) -> anyhow::Result<()> {
    let school = School {
        id: SchoolId::from_parts(1, [0; 10]),
        name: "한빛대학교".to_owned(),
        email_domains: vec!["hanbit.example".to_owned()],
    };
    insert(store, &school).await?;
    let password = Password::parse(PASSWORD).context("the demo's password")?;
    for (number, person) in (1..).zip(PEOPLE) {
        let account = account(number, &person, school.id, passwords::hash(password.clone(), pepper).await?, now)
            .with_context(|| format!("the demo's {}", person.username))?;
        for guard in guards(&account) {
            insert(store, &guard).await?;
        }
        let profile = Profile {
            user_id: account.id,
            nickname: account.nickname.clone(),
            school_id: account.school_id,
            created_at: now,
        };
        insert(store, &profile).await?;
        insert(store, &card_of(&account)).await?;
        insert(store, &account).await?;
    }
    Ok(())
}

fn account(number: u64, person: &Person, school: SchoolId, hash: String, now: Timestamp) -> anyhow::Result<Account> {
    Ok(Account {
        id: UserId::from_parts(number, [0; 10]),
        username: Username::parse_even_reserved(person.username)?,
        nickname: Nickname::parse_even_reserved(person.nickname)?,
        name: None,
        phone: Some(Contact { value: PhoneNumber::parse(person.phone)?, verified: true }),
        email: Some(Contact { value: EmailAddress::parse(&email_of(person))?, verified: true }),
        password_hash: Some(hash),
        admission_year: Some(AdmissionYear::new(2026)?),
        school_id: Some(school),
        school_verified: true,
        roles: person.roles.to_vec(),
        locale: Locale::Ko,
        time_zone: TimeZoneName::default(),
        terms_accepted_at: now,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn guards(account: &Account) -> Vec<Guard> {
    let phone = account.phone.iter().map(|phone| Recipient::Sms(phone.value.clone()));
    let email = account.email.iter().map(|email| Recipient::Email(email.value.clone()));
    let contacts = phone.chain(email).map(|recipient| guard_of(&Target::from(recipient)));
    let names = [username_guard(&account.username), nickname_guard(&account.nickname)];
    contacts.chain(names).map(|key| Guard::new(key, account.id)).collect()
}

/// Writes an item unless it is there.
async fn insert<T: Item>(store: &Store, item: &T) -> anyhow::Result<()> {
    store.put(item, absent()).await?;
    Ok(())
}
