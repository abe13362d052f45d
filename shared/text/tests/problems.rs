//! Problems: each code has its text, and a stranger one is answered honestly.

use campus_domain::Locale;
use campus_text::{ProblemText, Value, find_problem, has_problem, problem};
use jiff::civil::date;

/// The codes of the contract and of the accounts. A domain tests its own codes with `has_problem`.
const CODES: [&str; 85] = [
    "account_is_admin",
    "account_not_active",
    "account_not_found",
    "account_suspended",
    "activation_required",
    "address_limit_reached",
    "authorization_code_invalid",
    "captcha_expired",
    "captcha_failed",
    "captcha_not_found",
    "captcha_required",
    "captcha_unavailable",
    "code_expired",
    "code_mismatch",
    "conflict",
    "credentials_wrong",
    "csrf_required",
    "cursor_invalid",
    "daily_limit_reached",
    "deadline_exceeded",
    "email_taken",
    "email_unchanged",
    "export_expired",
    "export_limit_reached",
    "export_not_found",
    "forbidden",
    "gateway_timeout",
    "guesses_exhausted",
    "idempotency_in_progress",
    "idempotency_key_reused",
    "identity_taken",
    "internal",
    "last_way_in",
    "link_expired",
    "link_invalid",
    "link_spent",
    "malformed_json",
    "method_not_allowed",
    "nickname_taken",
    "not_found",
    "own_account",
    "password_checks_exhausted",
    "password_not_set",
    "password_wrong",
    "payload_too_large",
    "phone_taken",
    "phone_unchanged",
    "precondition_failed",
    "prefix_blocked",
    "proof_expired",
    "proof_invalid",
    "proof_mismatch",
    "proof_required",
    "proof_spent",
    "provider_not_offered",
    "provider_token_invalid",
    "provider_unavailable",
    "rate_limited",
    "refresh_token_expired",
    "refresh_token_invalid",
    "refresh_token_missing",
    "refresh_token_revoked",
    "resend_too_soon",
    "school_email_taken",
    "school_name_taken",
    "school_not_found",
    "school_not_verified",
    "service_unavailable",
    "session_not_found",
    "session_suspended",
    "sign_in_code_required",
    "sign_in_delayed",
    "sms_budget_exhausted",
    "state_expired",
    "state_invalid",
    "ticket_expired",
    "ticket_invalid",
    "token_expired",
    "token_invalid",
    "token_missing",
    "token_revoked",
    "unknown_query_parameter",
    "unsupported_media_type",
    "username_taken",
    "validation_failed",
];

#[test]
fn every_code_has_a_text() {
    for code in CODES {
        assert!(has_problem(code), "{code}");
        for locale in Locale::ALL {
            let text = problem(locale, code, &[]);
            assert_ne!(text, problem(locale, "no_such_code", &[]), "{code}");
            assert!(!text.title.ends_with(['.', '。']), "{code}: {}", text.title);
            assert!(text.detail.ends_with(['.', '。']), "{code}: {}", text.detail);
        }
    }
}

#[test]
fn unknown_code_gets_a_sentence_that_admits_it() {
    assert!(!has_problem("no_such_code"));
    assert_eq!(find_problem(Locale::En, "no_such_code", &[]), None);
    assert_eq!(
        problem(Locale::En, "no_such_code", &[]).detail,
        "We have no further explanation for this code. If you need help, tell us the request id."
    );
    // Neither does a code that is no message id at all, or reaches into another one.
    for code in ["", " ", "not_found.detail", "{ $wait }", "코드"] {
        assert!(!has_problem(code), "{code:?}");
        assert_eq!(problem(Locale::Ko, code, &[]), problem(Locale::Ko, "no_such_code", &[]));
    }
}

#[test]
fn wait_is_told_in_the_unit_that_suits_it() {
    let told = |locale, seconds| problem(locale, "resend_too_soon", &[("wait", Value::Seconds(seconds))]).detail;

    for (seconds, phrase) in [
        (0, "in 1 second."),
        (1, "in 1 second."),
        (60, "in 60 seconds."),
        (61, "in 2 minutes."),
        (300, "in 5 minutes."),
        (7_200, "in 120 minutes."),
        (7_201, "in 3 hours."),
        (86_399, "in 24 hours."),
    ] {
        let detail = told(Locale::En, seconds);
        assert!(detail.ends_with(phrase), "{seconds}: {detail}");
    }
    assert!(told(Locale::Ko, 90).contains("2분 후에"));
    assert!(told(Locale::Zh, 90).contains("请在2分钟后"), "{}", told(Locale::Zh, 90));
}

#[test]
fn unknown_wait_and_unused_arguments_do_no_harm() {
    assert_eq!(
        problem(Locale::En, "rate_limited", &[("max", Value::Number(3))]),
        ProblemText {
            title: "Too many requests".to_owned(),
            detail: "There were too many requests. Please try again in a little while.".to_owned(),
        }
    );
    let detail = problem(Locale::Ko, "rate_limited", &[]).detail;
    assert!(detail.contains("잠시 후에"), "{detail}");
}

#[test]
fn times_are_written_as_each_language_writes_them() {
    let time = Value::Time(date(2026, 11, 2).at(9, 5, 59, 0));
    let told = |locale| problem(locale, "rate_limited", &[("wait", time)]).detail;

    assert!(told(Locale::Ko).contains("2026년 11월 2일 09:05"));
    assert!(told(Locale::En).contains("2 November 2026, 09:05"));
    assert!(told(Locale::Zh).contains("2026年11月2日 09:05"));
}

/// Sentences go into answers whose length and encoding are nobody's surprise, and into logs.
#[test]
fn sentences_have_no_invisible_marks() {
    for code in CODES {
        for locale in Locale::ALL {
            let text = problem(locale, code, &[("wait", Value::Seconds(5))]);
            for sentence in [text.title, text.detail] {
                assert!(!sentence.contains(['\u{2068}', '\u{2069}', '\n']), "{code}: {sentence:?}");
            }
        }
    }
}

/// The texts are parsed once: a look-up afterwards must not be what an endpoint spends its time on.
#[test]
fn lookups_after_the_first_are_cheap() {
    let _first = problem(Locale::Ko, "internal", &[]);
    let start = std::time::Instant::now();
    for _ in 0..1_000 {
        std::hint::black_box(problem(Locale::Zh, "rate_limited", &[("wait", Value::Seconds(5))]));
    }
    // Two orders of magnitude above what it takes unoptimised, so that a busy machine passes.
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
