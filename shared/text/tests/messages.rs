//! Messages: they fit their channel, say what they must, and cannot be abused.

use campus_domain::{Locale, PhoneNumber};
use campus_text::{Content, News, Screening, email, note};
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

const PURPOSES: [&str; 8] = [
    "sign_up",
    "sign_in",
    "change_phone",
    "change_email",
    "change_password",
    "reset_password",
    "join_school",
    "delete_account",
];
const CODE: &str = "042195";

fn sms_to(number: &str, locale: Locale, content: &Content<'_>) -> String {
    campus_text::sms(locale, &PhoneNumber::parse(number).expect("it is a number"), content)
}

/// The message to a number of a country where the language is at home.
fn sms(locale: Locale, content: &Content<'_>) -> String {
    let number = match locale {
        Locale::Ko => "+821000000301",
        Locale::En => "+12015550123",
        Locale::Zh => "+8613800138000",
    };
    sms_to(number, locale, content)
}

fn code_for(purpose: &str, minutes: u32) -> Content<'_> {
    Content::VerificationCode { code: CODE, purpose, minutes }
}

/// Every message with a code, in every language, for a short and a long validity.
fn each_code(mut look: impl FnMut(Locale, &str, u32)) {
    for locale in Locale::ALL {
        // The last one is unknown to the texts: a purpose may be added before its words.
        for purpose in PURPOSES.into_iter().chain(["a_new_purpose"]) {
            // No code lives for longer than a day.
            for minutes in [1, 5, 10, 1_440] {
                look(locale, purpose, minutes);
            }
        }
    }
}

#[test]
fn sms_fits_one_message() {
    each_code(|locale, purpose, minutes| {
        let text = sms(locale, &code_for(purpose, minutes));
        let units = text.encode_utf16().count();
        assert!(units <= 70, "{units}: {text}");
        assert!(text.starts_with("[Campus] "), "{text}");
        assert!(!text.contains(char::is_control), "{text:?}");
    });
}

#[test]
fn b0_12_an_sms_to_a_korean_number_has_only_characters_that_carriers_there_deliver_but_for_chinese() {
    let to_korea = |locale, content: &Content<'_>| {
        let text = sms_to("+821000000301", locale, content);
        assert!((locale == Locale::Zh || is_euc_kr(&text)) && text.encode_utf16().count() <= 70, "{text}");
        text.replace('é', "e")
    };
    each_code(|locale, purpose, minutes| assert!(to_korea(locale, &code_for(purpose, minutes)).contains(CODE)));
    each_screening("🎬 Amélie 即将", "图书馆", |locale, screening| {
        assert!(to_korea(locale, &Content::Screening(screening)).contains("Amelie"));
    });
}

#[test]
fn korean_sms_has_only_characters_that_carriers_deliver() {
    each_code(|locale, purpose, minutes| {
        if locale == Locale::Ko {
            let text = sms(locale, &code_for(purpose, minutes));
            assert!(is_euc_kr(&text), "{text}");
        }
    });
    assert!(!is_euc_kr("✨"));
    // In the common extension of EUC-KR, but not in the standard.
    assert!(!is_euc_kr("똠"));
    assert!(!is_euc_kr("\u{2068}"));
}

#[test]
fn sms_has_the_code_once_and_the_minutes_given() {
    each_code(|locale, purpose, minutes| {
        let text = sms(locale, &code_for(purpose, minutes));
        // In this order everywhere: programs that fill a code in take the first number.
        assert_eq!(numbers(&text), [CODE.to_owned(), minutes.to_string()], "{text}");
    });
}

#[test]
fn every_purpose_is_named_in_words_of_its_own() {
    for locale in Locale::ALL {
        let words = |purpose| {
            let content = code_for(purpose, 5);
            let mail = email(locale, &content);
            [sms(locale, &content), mail.subject, mail.text]
        };
        for purpose in PURPOSES {
            for other in PURPOSES.into_iter().chain(["a_new_purpose"]) {
                if other != purpose {
                    let pairs = words(purpose).into_iter().zip(words(other));
                    for (text, other_text) in pairs {
                        assert_ne!(text, other_text, "{purpose} and {other}");
                    }
                }
            }
        }
    }
}

#[test]
fn sms_reads_as_intended() {
    let texts = Locale::ALL.map(|locale| sms(locale, &code_for("sign_up", 5)));
    assert_eq!(
        texts,
        [
            "[Campus] 회원가입 인증번호 042195. 5분 안에 입력하세요. 남에게 알려 주지 마세요.",
            "[Campus] Code 042195 to sign up. Valid 5 min. Don't share.",
            "[Campus] 验证码042195，用于注册，5分钟内有效。请勿告诉他人。",
        ]
    );
}

#[test]
fn mail_reads_as_intended() {
    let mail = email(Locale::En, &code_for("change_phone", 1));
    assert_eq!(mail.subject, "[Campus] Your code to change your phone number");
    assert_eq!(
        mail.text,
        "Enter this code to change your phone number.\n\n\
         042195\n\n\
         The code is valid for 1 minute.\n\n\
         Do not share it with anyone. Nobody from Campus will ever ask you for it.\n\n\
         If you did not ask for this code, you can ignore this mail.\n\n\
         -- \nThis mail was sent by Campus automatically. Replies are not read.\n"
    );
}

#[test]
fn mail_has_the_code_and_the_minutes_in_both_parts_but_not_in_the_subject() {
    each_code(|locale, purpose, minutes| {
        let mail = email(locale, &code_for(purpose, minutes));
        // A locked screen shows the subject to whoever looks at it.
        assert!(numbers(&mail.subject).is_empty(), "{}", mail.subject);
        assert!(!mail.subject.contains(char::is_control), "{:?}", mail.subject);
        assert_eq!(numbers(&mail.text), [CODE.to_owned(), minutes.to_string()]);

        let body = visible(&mail.html);
        assert_eq!(numbers(&body), [CODE.to_owned(), minutes.to_string()]);
        assert_eq!(body.matches(CODE).count(), 1);
    });
}

#[test]
fn both_parts_of_a_mail_say_the_same() {
    each_code(|locale, purpose, minutes| {
        let mail = email(locale, &code_for(purpose, minutes));
        let body = visible(&mail.html);
        for paragraph in mail.text.replace("-- \n", "").trim_end().split("\n\n") {
            assert!(body.lines().any(|line| line == paragraph), "{paragraph}\n{body}");
        }
    });
}

#[test]
fn mail_layout_is_accessible_and_loads_nothing() {
    for (locale, language) in Locale::ALL.into_iter().zip(["ko", "en", "zh-Hans"]) {
        let html = email(locale, &code_for("sign_in", 5)).html;
        assert!(html.starts_with("<!doctype html>\n"));
        assert!(html.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")));
        assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
        assert!(html.contains(&format!("user-select:all\">{CODE}</p>")));
        for remote in ["http", "src=", "url(", "<link", "<img", "<script", "<table", "@import"] {
            assert!(!html.contains(remote), "{remote}");
        }
        // A fixed colour of text or background is unreadable in half of the themes.
        for fixed in [";color:", "\"color:", "background"] {
            assert!(!html.contains(fixed), "{fixed}");
        }
        // A mail above 102 KB is cut by the commonest reader.
        assert!(html.len() < 8_000);
    }
}

#[test]
fn hostile_values_cannot_inject_markup() {
    let hostile = "</p><img src=x onerror=\"alert(1)\"><script>'&{{ 7 * 7 }}{% if %}{ $code }\n\n<b>";
    for locale in Locale::ALL {
        let content = Content::VerificationCode { code: hostile, purpose: hostile, minutes: 5 };
        let honest = email(locale, &code_for("a_new_purpose", 5));
        let mail = email(locale, &content);

        assert_eq!(tags(&mail.html), tags(&honest.html));
        assert!(mail.html.contains("&lt;script&gt;"));
        // It stands there as it was given: nothing in it was run.
        assert!(mail.html.contains("{{ 7 * 7 }}{% if %}{ $code }"));
        assert_eq!(mail.subject, honest.subject);
        assert_eq!(mail.text, honest.text.replace(CODE, hostile));
    }
}

/// Whether the text is in KS X 1001 and ASCII. The encoder knows an extension of it, whose
/// characters have a byte below 0xA1 in the pair.
fn is_euc_kr(text: &str) -> bool {
    text.chars().all(|character| {
        let character = character.to_string();
        let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(&character);
        !unmappable && (character.is_ascii() || bytes.iter().all(|byte| *byte >= 0xA1))
    })
}

/// The runs of digits.
fn numbers(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// What a reader sees of the body, with a tag being the end of a line.
fn visible(html: &str) -> String {
    let body = html.split_once("<body").expect("a body").1;
    let mut text = String::new();
    for part in body.split('<').skip(1) {
        text.push_str(part.split_once('>').expect("a whole tag").1);
        text.push('\n');
    }
    text.replace("&#x27;", "'").replace("&#x2f;", "/")
}

fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|part| part.split_once('>').expect("a whole tag").0).collect()
}

/// What happens to an account that its owner is told of.
const EVENTS: [&str; 12] = [
    "new_device",
    "token_reused",
    "password_changed",
    "password_reset",
    "email_changed",
    "phone_changed",
    "phone_removed",
    "identity_linked",
    "identity_unlinked",
    "deleted",
    "restored",
    "export_requested",
];

#[test]
fn b2_29_what_happened_to_an_account_fits_its_channels_and_says_what_to_do() {
    for (locale, event) in Locale::ALL.into_iter().flat_map(|locale| EVENTS.map(|event| (locale, event))) {
        let content = Content::Security { event, restorable_days: 30 };
        assert_fits(locale, &sms(locale, &content));
        let mail = email(locale, &content);
        assert!(mail.subject.starts_with("[Campus] ") && numbers(&mail.subject).is_empty(), "{}", mail.subject);
        let body = visible(&mail.html);
        for paragraph in mail.text.replace("-- \n", "").trim_end().split("\n\n") {
            assert!(!paragraph.is_empty() && body.lines().any(|line| line == paragraph), "{paragraph}\n{body}");
        }
        // Links and codes are what such a mail would be forged for.
        let days: &[String] = if event == "deleted" { &["30".to_owned()] } else { &[] };
        assert!(numbers(&mail.text) == days && !mail.text.contains("://"), "{}", mail.text);
    }
}

#[test]
fn b3_14_a_mailed_link_stands_alone_in_both_parts_with_the_time_for_which_it_is_good() {
    const URL: &str = "https://campus.example/activate?token=AZlQ_w-0AZlQ";
    for (locale, hours, hour) in
        [(Locale::Ko, "72시간", "60분"), (Locale::En, "72 hours", "60 minutes"), (Locale::Zh, "72小时", "60分钟")]
    {
        for (purpose, seconds, length) in
            [("activation_link", 3 * 24 * 60 * 60, hours), ("password_reset_link", 60 * 60, hour)]
        {
            let mail = email(locale, &Content::Link { purpose, url: URL, seconds });
            assert!(mail.subject.starts_with("[Campus] ") && !mail.subject.contains("://"), "{}", mail.subject);
            assert!(mail.text.contains(length), "{}", mail.text);
            assert_eq!(mail.text.split("\n\n").filter(|paragraph| *paragraph == URL).count(), 1, "{}", mail.text);
            let html = mail.html.replace("&#x2f;", "/");
            assert_eq!(html.matches(&format!("href=\"{URL}\"")).count(), 1, "{html}");
            assert!(visible(&mail.html).lines().any(|line| line == URL), "{}", mail.html);
        }
    }
    let hostile = "https://campus.example/?token=\"><script>";
    let mail = email(Locale::En, &Content::Link { purpose: "activation_link", url: hostile, seconds: 60 });
    assert!(!mail.html.contains("<script>"), "{}", mail.html);
}

/// The longest day and time that there is, in each language.
fn evening() -> DateTime {
    date(2026, 11, 20).at(19, 0, 0, 0)
}

fn screening<'a>(news: News, film: &'a str, library: &'a str) -> Screening<'a> {
    Screening { news, film, library, place: None, starts_at: evening() }
}

fn each_screening(film: &str, library: &str, mut look: impl FnMut(Locale, Screening<'_>)) {
    for locale in Locale::ALL {
        for news in News::ALL {
            look(locale, screening(news, film, library));
        }
    }
}

fn assert_fits(locale: Locale, text: &str) {
    let units = text.encode_utf16().count();
    assert!(units <= 70, "{units}: {text}");
    assert!(text.starts_with("[Campus] "), "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(locale != Locale::Ko || is_euc_kr(text), "{text}");
}

#[test]
fn b0_12_the_sms_of_a_screening_reads_as_intended() {
    let texts = |news| {
        Locale::ALL.map(|locale| sms(locale, &Content::Screening(screening(news, "리틀 포레스트", "중앙도서관"))))
    };
    assert_eq!(
        texts(News::Announced),
        [
            "[Campus] '리틀 포레스트' 상영: 11월 20일(금) 19:00, 중앙도서관",
            "[Campus] New: '리틀 포레스트', Fri 20 Nov 19:00, 중앙도서관",
            "[Campus] 将放映《리틀 포레스트》：11月20日(周五)19:00，중앙도서관",
        ]
    );
    assert_eq!(
        texts(News::Tomorrow),
        [
            "[Campus] 내일 '리틀 포레스트' 상영: 11월 20일(금) 19:00, 중앙도서관",
            "[Campus] Tomorrow: '리틀 포레스트', Fri 20 Nov 19:00, 중앙도서관",
            "[Campus] 明天放映《리틀 포레스트》：11月20日(周五)19:00，중앙도서관",
        ]
    );
    assert_eq!(texts(News::Soon)[0], "[Campus] 곧 '리틀 포레스트' 상영: 11월 20일(금) 19:00, 중앙도서관");
    assert_eq!(texts(News::Moved)[0], "[Campus] '리틀 포레스트' 상영 변경: 11월 20일(금) 19:00, 중앙도서관");
    assert_eq!(texts(News::Cancelled)[0], "[Campus] '리틀 포레스트' 상영 취소: 11월 20일(금) 19:00, 중앙도서관");
}

#[test]
fn b0_12_a_long_title_gives_way_to_time_and_library_and_then_the_library_to_the_title() {
    let title = "아주 긴 제목".repeat(30);
    each_screening(&title, "중앙도서관", |locale, screening| {
        let text = sms(locale, &Content::Screening(screening));
        assert_fits(locale, &text);
        assert!(text.contains("아주 긴 제목") && text.contains('…') && text.contains("19:00"), "{text}");
        assert!(text.contains("중앙도서관"), "{text}");
    });
    let library = "도서관".repeat(30);
    each_screening("리틀 포레스트", &library, |locale, screening| {
        let text = sms(locale, &Content::Screening(screening));
        assert_fits(locale, &text);
        assert!(text.contains("리틀 포레스트") && text.contains("도서관") && text.contains('…'), "{text}");
    });
    // What fits is left as it is, to the last character.
    each_screening("가", "나", |locale, screening| {
        let text = sms(locale, &Content::Screening(screening));
        let room = 70 - text.encode_utf16().count();
        let film = "가".repeat(room + 1);
        let full = sms(locale, &Content::Screening(Screening { film: &film, ..screening }));
        assert_eq!(full.encode_utf16().count(), 70, "{full}");
        assert!(full.contains(&film) && !full.contains('…'), "{full}");
    });
}

#[test]
fn b0_12_a_korean_sms_says_in_its_own_characters_what_it_can_of_any_title() {
    let film = |film: &str| {
        let text = sms(Locale::Ko, &Content::Screening(screening(News::Announced, film, "중앙도서관")));
        text.split('\'').nth(1).map(str::to_owned)
    };
    for (title, sent) in [
        ("기생충", "기생충"),
        ("Amélie", "Amelie"),
        ("Ame\u{301}lie", "Amelie"),
        ("똠양꿍", "?양꿍"),
        ("🎬 라라랜드 ✨", "라라랜드"),
        ("가족 👩‍👩‍👧‍👦", "가족"),
        ("千と千尋の神隠し", "千と千尋の神?し"),
        ("\u{1112}\u{1161}\u{11ab}글", "한글"),
        ("줄\n바꿈\u{2028}\u{200b}", "줄 바꿈"),
    ] {
        assert_eq!(film(title).as_deref(), Some(sent), "{title}");
    }
}

#[test]
fn b0_12_an_sms_is_not_cut_within_what_a_reader_takes_for_one_character() {
    let family = "👩‍👩‍👧‍👦";
    let title = family.repeat(20);
    let text = sms(Locale::En, &Content::Screening(screening(News::Soon, &title, "Central Library")));
    assert_fits(Locale::En, &text);
    let film = text.split('\'').nth(1).expect("it is quoted").trim_end_matches('…');
    assert_eq!(film.replace(family, ""), "", "{text}");

    let accents = "e\u{301}\u{302}".repeat(70);
    let text = sms(Locale::Zh, &Content::Screening(screening(News::Soon, &accents, "중앙도서관")));
    assert_fits(Locale::Zh, &text);
    assert!(text.contains("e\u{301}\u{302}…"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn b0_12_no_title_and_no_library_makes_two_messages_of_one(film in ".{0,200}", library in ".{0,100}") {
        each_screening(&film, &library, |locale, screening| {
            let text = sms(locale, &Content::Screening(screening));
            assert_fits(locale, &text);
            assert!(text.contains("19:00"), "{text}");
        });
    }
}

#[test]
fn the_mail_of_a_screening_says_what_where_and_when_and_how_to_stop_it() {
    for (locale, when, stop) in [
        (Locale::Ko, "11월 20일(금) 19:00", "수신 거부"),
        (Locale::En, "Fri 20 Nov 19:00", "unsubscribe"),
        (Locale::Zh, "11月20日(周五)19:00", "退订"),
    ] {
        for news in News::ALL {
            let film = "<b>&amp; {{ 7 * 7 }} { $when }\n\n리틀\r\nBcc: x";
            let told = Screening { place: Some("시청각실"), ..screening(news, film, "중앙도서관") };
            let mail = email(locale, &Content::Screening(told));
            assert!(mail.subject.starts_with("[Campus] ") && numbers(&mail.subject).is_empty(), "{}", mail.subject);
            assert!(!mail.subject.contains("리틀") && !mail.subject.contains(char::is_control), "{}", mail.subject);
            for said in ["<b>&amp; {{ 7 * 7 }} { $when } 리틀 Bcc: x", "중앙도서관 (시청각실)", when, stop] {
                assert!(mail.text.contains(said), "{said}: {}", mail.text);
            }
            assert!(!mail.html.contains("<b>") && mail.html.contains("&lt;b&gt;&amp;amp;"), "{}", mail.html);
            assert!(!mail.html.contains("http"), "{}", mail.html);
            let paragraphs = mail.text.replace("-- \n", "").trim_end().split("\n\n").count();
            assert_eq!(paragraphs, mail.html.matches("<p ").count(), "{}", mail.text);
        }
    }
}

#[test]
fn a_note_of_the_inbox_has_a_title_of_ours_and_a_text_with_what_where_and_when() {
    for locale in Locale::ALL {
        let mut seen = Vec::new();
        for news in News::ALL {
            let told =
                Screening { place: Some("시청각실"), ..screening(news, "리틀 포레스트", "중앙도서관") };
            let note = note(locale, &told);
            for said in ["리틀 포레스트", "중앙도서관 (시청각실)", "19:00"] {
                assert!(note.text.contains(said) && !note.title.contains(said), "{note:?}");
            }
            assert!(!note.title.is_empty() && !seen.contains(&note), "{note:?}");
            seen.push(note);
        }
    }
    let english = note(Locale::En, &screening(News::Soon, "Little Forest", "Central Library"));
    assert_eq!(english.text, "'Little Forest' is coming up: Fri 20 Nov 19:00, Central Library");
}
