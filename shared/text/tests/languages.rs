//! The three languages say the same things, as far as a program can tell.
//!
//! A failure names a message: write it in the language that lacks it, with the same variables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

const LANGUAGES: [&str; 3] = ["ko", "en", "zh"];

/// Each message and attribute of a file, with the variables and messages that it refers to.
type Outline = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_language_has_the_same_files() {
    let [ko, en, zh] = LANGUAGES.map(|language| {
        files(language).iter().filter_map(|path| path.file_name().map(ToOwned::to_owned)).collect::<BTreeSet<_>>()
    });
    assert_eq!(ko, en);
    assert_eq!(ko, zh);
    assert!(ko.len() >= 4, "{ko:?}");
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    for korean in files("ko") {
        let expected = outline(&korean);
        assert!(!expected.is_empty(), "{korean:?}");
        for language in ["en", "zh"] {
            let other = locales().join(language).join(korean.file_name().expect("a file"));
            assert_eq!(expected, outline(&other), "{other:?} against {korean:?}");
        }
    }
}

/// The files of a language become one bundle, in which the first of two wins silently.
#[test]
fn no_message_is_written_twice() {
    for language in LANGUAGES {
        let mut seen = BTreeSet::new();
        for file in files(language) {
            for id in outline(&file).into_keys() {
                assert!(seen.insert(id.clone()), "{language}: {id} is there twice");
            }
        }
    }
}

/// Or `has_problem` and callers could not tell which arguments there are.
#[test]
fn problems_take_no_argument_but_the_wait() {
    for (id, references) in outline(&locales().join("ko/problems.ftl")) {
        let unknown: Vec<_> = references.iter().filter(|name| *name != "$wait").collect();
        assert!(unknown.is_empty(), "{id}: {unknown:?}");
    }
}

/// An unnoticed `TODO` or a sentence left in English is the likeliest mistake in a translation.
#[test]
fn korean_and_chinese_are_written_in_their_scripts() {
    let hangul = |character| matches!(character, '가'..='힣');
    let han = |character| matches!(character, '\u{4e00}'..='\u{9fff}');

    for (language, script) in [("ko", &hangul as &dyn Fn(char) -> bool), ("zh", &han)] {
        for file in files(language) {
            for (id, text) in texts(&file) {
                assert!(text.chars().any(script), "{language}: {id}: {text}");
            }
        }
    }
    for file in files("en") {
        for (id, text) in texts(&file) {
            assert!(text.is_ascii(), "{id}: {text}");
        }
    }
}

fn locales() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("locales")
}

fn files(language: &str) -> Vec<PathBuf> {
    std::fs::read_dir(locales().join(language))
        .expect("a folder of texts")
        .map(|entry| entry.expect("a readable folder").path())
        .collect()
}

fn outline(file: &Path) -> Outline {
    let mut outline = Outline::new();
    each_pattern(file, |id, pattern| {
        let mut references = BTreeSet::new();
        visit(pattern, &mut |found| match found {
            Found::Variable(name) => {
                references.insert(format!("${name}"));
            }
            Found::Message(id) => {
                references.insert(id.to_owned());
            }
            Found::Text(_) => {}
        });
        let earlier = outline.insert(id.clone(), references);
        assert!(earlier.is_none(), "{file:?}: {id} is there twice");
    });
    outline
}

fn texts(file: &Path) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    each_pattern(file, |id, pattern| {
        let mut text = String::new();
        visit(pattern, &mut |found| {
            if let Found::Text(part) = found {
                text.push_str(part);
            }
        });
        texts.push((id, text));
    });
    texts
}

fn each_pattern(file: &Path, mut look: impl FnMut(String, &Pattern<String>)) {
    let source = std::fs::read_to_string(file).expect("a text file");
    let resource = parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{file:?}: {errors:?}"));
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                if let Some(value) = &message.value {
                    look(message.id.name.clone(), value);
                }
                for attribute in &message.attributes {
                    let id = format!("{}.{}", message.id.name, attribute.id.name);
                    look(id, &attribute.value);
                }
            }
            Entry::Term(term) => panic!("{file:?}: -{} is unseen by this test", term.id.name),
            Entry::Junk { content } => panic!("{file:?}: {content}"),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
        }
    }
}

enum Found<'a> {
    Text(&'a str),
    Variable(&'a str),
    Message(&'a str),
}

fn visit(pattern: &Pattern<String>, found: &mut impl FnMut(Found<'_>)) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => found(Found::Text(value)),
            PatternElement::Placeable { expression } => visit_expression(expression, found),
        }
    }
}

fn visit_expression(expression: &Expression<String>, found: &mut impl FnMut(Found<'_>)) {
    match expression {
        Expression::Inline(inline) => visit_inline(inline, found),
        Expression::Select { selector, variants } => {
            visit_inline(selector, found);
            for variant in variants {
                visit(&variant.value, found);
            }
        }
    }
}

fn visit_inline(inline: &InlineExpression<String>, found: &mut impl FnMut(Found<'_>)) {
    match inline {
        InlineExpression::VariableReference { id } => found(Found::Variable(&id.name)),
        InlineExpression::MessageReference { id, .. } => found(Found::Message(&id.name)),
        InlineExpression::Placeable { expression } => visit_expression(expression, found),
        other => panic!("unseen by this test: {other:?}"),
    }
}
