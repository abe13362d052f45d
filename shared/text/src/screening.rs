//! What people are told of a screening: in a text message that fits, in a mail, and in the inbox.

use std::collections::HashMap;

use campus_domain::Locale;
use encoding_rs::EUC_KR;
use fluent_templates::fluent_bundle::FluentValue;
use jiff::civil::DateTime;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::bundle::{self, Args};
use crate::value;

/// UTF-16 units of a text message. A longer one is sent, and paid, as several, or as something that costs more.
pub(crate) const SMS_UNITS_MAX: usize = 70;
/// What is left of a film's title at least; beyond it the library's name is shortened.
const TITLE_UNITS_MIN: usize = 12;
/// Stands for what was cut off. Korean carriers deliver it.
const CUT: &str = "…";

/// What happened, or will, to a screening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It was announced.
    Announced,
    /// It is tomorrow.
    Tomorrow,
    /// It is soon.
    Soon,
    /// It was moved to another time or place.
    Moved,
    /// It was cancelled.
    Cancelled,
}

impl News {
    /// All of it.
    pub const ALL: [Self; 5] = [Self::Announced, Self::Tomorrow, Self::Soon, Self::Moved, Self::Cancelled];

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Announced => "message-screening-announced",
            Self::Tomorrow => "message-screening-tomorrow",
            Self::Soon => "message-screening-soon",
            Self::Moved => "message-screening-moved",
            Self::Cancelled => "message-screening-cancelled",
        }
    }
}

/// A screening as a person is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screening<'a> {
    /// What happened.
    pub news: News,
    /// The film's title.
    pub film: &'a str,
    /// The library's name.
    pub library: &'a str,
    /// Where in the library.
    pub place: Option<&'a str>,
    /// When, by the reader's clocks.
    pub starts_at: DateTime,
}

/// An entry of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about, free of anything that someone typed.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// The entry of the inbox that tells of a screening.
#[must_use]
pub fn note(locale: Locale, screening: &Screening<'_>) -> Note {
    let args = screening.args(locale);
    let text = |attribute: &str| {
        bundle::find(locale, &format!("{}.{attribute}", screening.news.id()), &args).unwrap_or_default()
    };
    Note { title: text("title"), text: text("text") }
}

impl Screening<'_> {
    /// The values for all texts but the one that must fit.
    pub(crate) fn args(&self, locale: Locale) -> Args<'static> {
        let library = in_one_line(self.library);
        let place = self.place.map(in_one_line).map_or_else(|| library.clone(), |place| format!("{library} ({place})"));
        self.with(locale, in_one_line(self.film), place)
    }

    /// The message as one SMS: the title gives way first, then the library's name.
    pub(crate) fn sms(&self, locale: Locale, as_euc_kr: bool) -> String {
        let rendered = |film: &str, library: &str| {
            let args = self.with(locale, film.to_owned(), library.to_owned());
            bundle::find(locale, &format!("{}.sms", self.news.id()), &args).unwrap_or_default()
        };
        let (film, library) = (sendable(as_euc_kr, self.film), sendable(as_euc_kr, self.library));
        let room = SMS_UNITS_MAX.saturating_sub(units(&rendered("", "")));
        let film = shortened(&film, room.saturating_sub(units(&library)).max(TITLE_UNITS_MIN));
        let library = shortened(&library, room.saturating_sub(units(&film)));
        rendered(&film, &library)
    }

    fn with(&self, locale: Locale, film: String, place: String) -> Args<'static> {
        HashMap::from([
            ("film", FluentValue::from(film)),
            ("place", FluentValue::from(place)),
            ("when", value::short_time(locale, self.starts_at)),
        ])
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// One line, whatever was typed: a blank line begins a paragraph, which is ours to begin.
fn in_one_line(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text in one line, and as EUC-KR in what a Korean carrier delivers: accents are taken off; other letters become
/// question marks, so that it shows where some were; what is no letter is left out.
fn sendable(as_euc_kr: bool, text: &str) -> String {
    let line = in_one_line(text);
    if !as_euc_kr {
        return line;
    }
    let composed: String = line.nfc().collect();
    let mut sendable = String::with_capacity(composed.len());
    for character in composed.chars() {
        if is_delivered(character) {
            sendable.push(character);
            continue;
        }
        let before = sendable.len();
        sendable.extend(std::iter::once(character).nfkd().filter(|part| is_delivered(*part)));
        if sendable.len() == before && character.is_alphanumeric() {
            sendable.push('?');
        }
    }
    in_one_line(&sendable)
}

/// Whether a character is in ASCII or KS X 1001. The encoder knows an extension of that, whose characters have a byte
/// below 0xA1 in the pair.
fn is_delivered(character: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = EUC_KR.encode(character.encode_utf8(&mut buffer));
    !unmappable && (character.is_ascii() || bytes.iter().all(|byte| *byte >= 0xA1))
}

/// The text in so many units, cut between characters as readers see them.
fn shortened(text: &str, units_max: usize) -> String {
    if units(text) <= units_max {
        return text.to_owned();
    }
    let room = units_max.saturating_sub(units(CUT));
    let mut used = 0;
    let kept: String = text
        .graphemes(true)
        .take_while(|character| {
            used += units(character);
            used <= room
        })
        .collect();
    format!("{}{CUT}", kept.trim_end())
}
