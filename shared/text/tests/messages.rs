//! Messages: they fit their channel, say what they must, and cannot be abused.

use campus_domain::Locale;
use campus_text::{Content, email, sms};

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

#[test]
fn b2_29_the_message_of_a_reused_token_fits_its_channels_and_names_what_to_do() {
    for locale in Locale::ALL {
        let text = sms(locale, &Content::TokenReused);
        assert!(text.encode_utf16().count() <= 70, "{text}");
        assert!(text.starts_with("[Campus] "), "{text}");
        assert!(locale != Locale::Ko || is_euc_kr(&text), "{text}");
        let mail = email(locale, &Content::TokenReused);
        assert!(mail.subject.starts_with("[Campus] ") && numbers(&mail.subject).is_empty(), "{}", mail.subject);
        let body = visible(&mail.html);
        for paragraph in mail.text.replace("-- \n", "").trim_end().split("\n\n") {
            assert!(body.lines().any(|line| line == paragraph), "{paragraph}\n{body}");
        }
        // Links and codes are what such a mail would be forged for.
        assert!(numbers(&mail.text).is_empty() && !mail.text.contains("://"), "{}", mail.text);
    }
}
