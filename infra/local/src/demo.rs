//! Demo data: a school and its people, and what its library shows. The only writer that bypasses the rules for names
//! and passwords.

use anyhow::Context;
use campus_accounts::passwords;
use campus_accounts::schools::{self, School};
use campus_accounts::users::store::{Guard, card_of, guard_of, nickname_guard, username_guard};
use campus_accounts::users::{Account, AccountState, Contact, Profile};
use campus_domain::{
    AdmissionYear, DeliveryId, EmailAddress, FilmId, LibraryId, Line, Locale, MailDomain, Moment, Nickname, Number,
    Password, PhoneNumber, Prose, SchoolId, ScreeningId, TimeZoneName, Timestamp, UserId, Username, WebAddress, WishId,
};
use campus_messages::{Kinds, Preferences, Recipient, Target, Ways};
use campus_screenings::films::{self, Film};
use campus_screenings::home::{self, Banner, HomePage, Link};
use campus_screenings::libraries::{self, Library};
use campus_screenings::screenings::{self, Screening};
use campus_screenings::wishes::{self, Wish};
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
        name: Line::parse("한빛대학교")?,
        email_domains: vec![MailDomain::parse("hanbit.example")?],
        deleted: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    schools::store::insert_missing(store, &school).await.context("the demo's school")?;
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
    programme(store, now).await.context("the demo's programme")
}

struct DemoFilm {
    title: &'static str,
    original_title: Option<&'static str>,
    year: i64,
    rating: &'static str,
    minutes: i64,
    synopsis: &'static str,
}

const FILMS: [DemoFilm; 3] = [
    DemoFilm {
        title: "달빛 아래 자전거",
        original_title: None,
        year: 2019,
        rating: "전체관람가",
        minutes: 97,
        synopsis: "섬마을 우체부가 마지막 편지를 배달하는 하룻밤.",
    },
    DemoFilm {
        title: "두 번째 봄",
        original_title: Some("第二个春天"),
        year: 2021,
        rating: "12세이상관람가",
        minutes: 118,
        synopsis: "칭다오에서 다시 만난 두 친구의 한 계절.",
    },
    DemoFilm {
        title: "The Night Shift Library",
        original_title: None,
        year: 2023,
        rating: "15세이상관람가",
        minutes: 104,
        synopsis: "문 닫은 도서관에서 밤을 새우는 사서들.",
    },
];

/// When the films are shown: in how many days, at what hour in Seoul, which film, where.
const SCREENINGS: [(i64, i64, usize, &str); 6] = [
    (1, 19, 0, "지하 1층 시청각실"),
    (3, 14, 1, "지하 1층 시청각실"),
    (5, 19, 2, "옥상 정원"),
    (8, 19, 1, "지하 1층 시청각실"),
    (10, 14, 0, "어린이 열람실"),
    (13, 19, 2, "지하 1층 시청각실"),
];

/// A library with films, their screenings in the two weeks from the first start on, and the home page.
async fn programme(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let library = Library {
        id: LibraryId::from_parts(1, [0; 10]),
        name: Line::parse("한빛도서관")?,
        address: Some(Line::parse("서울특별시 서대문구 한빛로 1")?),
        programme_url: Some(WebAddress::parse("https://library.hanbit.example/films")?),
        deleted: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    libraries::store::insert_missing(store, &library).await?;
    for (number, film) in (1..).zip(FILMS) {
        let film = Film {
            id: FilmId::from_parts(number, [0; 10]),
            title: Line::parse(film.title)?,
            original_title: film.original_title.map(Line::parse).transpose()?,
            year: Some(Number::new(film.year)?),
            rating: Some(Line::parse(film.rating)?),
            running_minutes: Some(Number::new(film.minutes)?),
            synopsis: Some(Prose::parse(film.synopsis)?),
            deleted: false,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        films::store::insert_missing(store, &film).await?;
    }
    // Before anyone wished for the films, or it were news to whoever did.
    let announced = now.plus_seconds(-60 * 60);
    for (number, (days, hour, film, place)) in (1..).zip(SCREENINGS) {
        let screening = Screening {
            id: ScreeningId::from_parts(number, [0; 10]),
            library_id: library.id,
            film_id: FilmId::from_parts(u64::try_from(film)? + 1, [0; 10]),
            starts_at: today_in_seoul(now).plus_seconds((days * 24 + hour) * 60 * 60),
            place: Some(Line::parse(place)?),
            note: None,
            source_id: None,
            cancelled: false,
            revision: 1,
            revised_at: announced,
            created_at: announced,
            updated_at: announced,
            version: 1,
        };
        screenings::store::insert_missing(store, &screening).await?;
    }
    let page = HomePage {
        banners: vec![Banner {
            title: Line::parse("한빛도서관의 이번 주 영화")?,
            image_url: None,
            url: Some(WebAddress::parse("https://library.hanbit.example/films")?),
        }],
        navigation: vec![
            Link { title: Line::parse("도서관")?, url: WebAddress::parse("https://library.hanbit.example")? },
            Link { title: Line::parse("한빛대학교")?, url: WebAddress::parse("https://hanbit.example")? },
        ],
        updated_at: Some(now),
        version: 1,
    };
    home::store::insert_missing(store, &page).await?;
    wishes(store, now).await
}

/// The first of those whom nobody pays, and what she wants: to see two of the films, and to be told by text message.
async fn wishes(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let user_id = UserId::from_parts(3, [0; 10]);
    let by_sms = Ways { sms: true, ..Ways::default() };
    let preferences = Preferences {
        kinds: Kinds { screening_announced: by_sms, screening_reminder: by_sms, screening_changed: by_sms },
        // One that is stored.
        version: 1,
        ..Preferences::default_of(user_id)
    };
    insert(store, &preferences).await?;
    for film in 1..=2 {
        let wish = Wish {
            id: WishId::from_parts(film, [0; 10]),
            user_id,
            film_id: FilmId::from_parts(film, [0; 10]),
            created_at: now,
        };
        // An id of now, or the sweeper would take it for one that the relay forgot.
        wishes::store::insert_missing(store, &wish, DeliveryId::at(now.into())).await?;
    }
    Ok(())
}

/// The first instant of the day.
fn today_in_seoul(now: Timestamp) -> Timestamp {
    let zone = TimeZoneName::default();
    Moment::Day(zone.at(now).date()).first(&zone)
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
        password_set_at: None,
        admission_year: Some(AdmissionYear::new(2026)?),
        school_id: Some(school),
        school_verified: true,
        roles: person.roles.to_vec(),
        locale: Locale::Ko,
        time_zone: TimeZoneName::default(),
        terms_accepted_at: now,
        created_at: now,
        updated_at: now,
        state: AccountState::Active,
        suspension: None,
        purge_at: None,
        school_email: None,
        identities: Vec::new(),
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
