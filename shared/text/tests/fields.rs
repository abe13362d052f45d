//! Fields: each reason of the domain has its sentence in each language.

use std::collections::BTreeSet;

use campus_domain::{Invalid, Locale};
use campus_text::{Value, field, find_field, invalid};
use strum::VariantNames;

/// The reason with a code. Every bound that any reason has is given; the others pass it over.
fn reason(code: &str) -> Invalid {
    Invalid::parse(&format!(r#"{{"code": "{code}", "min": 3, "max": 17}}"#))
        .unwrap_or_else(|| panic!("give {code} its bounds here"))
}

/// Who adds a reason writes `field-<code>` into the three `fields.ftl`.
#[test]
fn every_reason_has_a_sentence_of_its_own() {
    for locale in Locale::ALL {
        let mut sentences = BTreeSet::from([field(locale, "no_such_code", &[])]);
        for code in Invalid::VARIANTS {
            let sentence = invalid(locale, &reason(code));
            assert!(sentence.ends_with(['.', '。']), "{code}: {sentence}");
            assert!(!sentence.contains(['\u{2068}', '\u{2069}', '\n']), "{code}: {sentence:?}");
            assert!(sentences.insert(sentence.clone()), "{locale:?} {code}: {sentence}");
        }
    }
}

/// A bound that the sentence leaves out makes people guess.
#[test]
fn sentences_name_every_bound() {
    for locale in Locale::ALL {
        for code in Invalid::VARIANTS {
            let reason = reason(code);
            let sentence = invalid(locale, &reason);
            for (name, bound) in reason.bounds() {
                assert!(sentence.contains(&bound.to_string()), "{locale:?} {code} {name}: {sentence}");
            }
        }
    }
}

#[test]
fn sentences_read_as_intended() {
    let told = |reason| Locale::ALL.map(|locale| invalid(locale, &reason));
    assert_eq!(
        told(Invalid::OutOfRange { min: 1950, max: 2027 }),
        [
            "1950에서 2027 사이의 수를 입력하세요.",
            "Please enter a number from 1950 to 2027.",
            "请输入1950到2027之间的数字。",
        ]
    );
    assert_eq!(invalid(Locale::En, &Invalid::TooShort { min: 1 }), "Please use at least 1 character.");
    assert_eq!(invalid(Locale::En, &Invalid::TooLong { max: 10_000 }), "Please use at most 10000 characters.");
}

#[test]
fn unknown_code_or_missing_bound_asks_to_check_the_field() {
    for (code, args) in [("no_such_code", &[][..]), ("too_long", &[]), ("too_long", &[("min", Value::Number(1))])] {
        assert_eq!(find_field(Locale::En, code, args), None);
        assert_eq!(field(Locale::En, code, args), "Please check this field.");
    }
}
