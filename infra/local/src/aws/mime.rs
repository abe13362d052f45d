//! Raw mail, decoded far enough to be shown: the header, the first plain text and the first HTML, in UTF-8.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Multiparts inside each other; real mail has two or three.
const DEPTH_MAX: usize = 8;

/// A mail as it is shown.
pub(super) struct Mail {
    /// Names in lower case; of a repeated field the last.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
}

/// Reads a mail. Nothing is an error: what cannot be understood is left as it is, or left out.
pub(super) fn parse(raw: &str) -> Mail {
    let (headers, body) = split(raw);
    let mut mail = Mail { headers: BTreeMap::new(), text: None, html: None };
    read_part(&headers, body, 0, &mut mail);
    mail.headers = headers.into_iter().map(|(name, value)| (name, decode_words(&value))).collect();
    mail
}

fn read_part(headers: &BTreeMap<String, String>, body: &str, depth: usize, mail: &mut Mail) {
    let content_type = headers.get("content-type").map_or("text/plain", String::as_str);
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    if kind.starts_with("multipart/") {
        let Some(boundary) = parameter(content_type, "boundary").filter(|_| depth < DEPTH_MAX) else {
            return;
        };
        for part in parts(body, &boundary) {
            let (headers, body) = split(&part);
            read_part(&headers, body, depth + 1, mail);
        }
        return;
    }

    let place = match kind.as_str() {
        "text/plain" => &mut mail.text,
        "text/html" => &mut mail.html,
        _ => return,
    };
    let encoding = headers.get("content-transfer-encoding").map_or("", String::as_str);
    place.get_or_insert_with(|| match encoding.trim().to_lowercase().as_str() {
        "base64" => decode_base64(body),
        "quoted-printable" => decode_quoted(&body.replace("=\r\n", "").replace("=\n", "")),
        _ => body.to_owned(),
    });
}

/// Header fields, unfolded, and the body.
fn split(raw: &str) -> (BTreeMap<String, String>, &str) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut rest = raw;
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            break;
        }
        match (fields.last_mut(), line.split_once(':')) {
            (Some((_, value)), _) if line.starts_with([' ', '\t']) => value.push_str(line),
            (_, Some((name, value))) => fields.push((name.trim().to_lowercase(), value.trim().to_owned())),
            _ => {}
        }
    }
    (fields.into_iter().collect(), rest)
}

/// The parts between the boundary lines; what is before the first and after the last is not for display.
fn parts(body: &str, boundary: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut inside = false;
    for line in body.split_inclusive('\n') {
        match line.trim_end().strip_prefix("--").and_then(|line| line.strip_prefix(boundary)) {
            Some("") => {
                parts.push(String::new());
                inside = true;
            }
            Some("--") => break,
            _ if inside => parts.last_mut().into_iter().for_each(|part| part.push_str(line)),
            _ => {}
        }
    }
    // The line break before a boundary belongs to the boundary.
    parts.iter().map(|part| part.strip_suffix('\n').unwrap_or(part).trim_end_matches('\r').to_owned()).collect()
}

fn parameter(content_type: &str, name: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (found, value) = parameter.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Decodes RFC 2047 words such as `=?UTF-8?B?7JWI64WV?=`.
fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some((before, word, after)) = next_word(rest) {
        // White space between two words only separates them.
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&word);
        (rest, after_word) = (after, true);
    }
    decoded + rest
}

/// What is before the next encoded word, the word decoded, and what comes after.
fn next_word(text: &str) -> Option<(&str, String, &str)> {
    let (before, word) = text.split_once("=?")?;
    let (_charset, word) = word.split_once('?')?;
    let (encoding, word) = word.split_once('?')?;
    let (content, after) = word.split_once("?=")?;
    let word = match encoding {
        "B" | "b" => decode_base64(content),
        "Q" | "q" => decode_quoted(&content.replace('_', " ")),
        _ => return None,
    };
    Some((before, word, after))
}

fn decode_base64(text: &str) -> String {
    let packed: String = text.split_whitespace().collect();
    STANDARD.decode(packed).map_or_else(|_| text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Decodes `=C3=A9`; an `=` that starts nothing stays.
fn decode_quoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'=');
        let code =
            code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_with_two_encoded_parts_is_shown_as_text_and_html() {
        let mail = parse(
            "From: Campus <no-reply@campus.example>\r\nSubject: =?UTF-8?B?7JWI?=\r\n =?utf-8?Q?=EB=85=95_you?=\r\n\
             List-Unsubscribe: <https://campus.example/u>\r\n\
             Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\npreamble\r\n\
             --b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             Y2Fmw6kg\r\nMQ==\r\n\
             --b1\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             <p title=3D\"a\">caf=C3=\r\n=A9</p>\r\n--b1--\r\nepilogue",
        );
        assert_eq!(mail.headers["subject"], "안녕 you");
        assert_eq!(mail.headers["list-unsubscribe"], "<https://campus.example/u>");
        assert_eq!(mail.text.as_deref(), Some("café 1"));
        assert_eq!(mail.html.as_deref(), Some("<p title=\"a\">café</p>"));
    }

    #[test]
    fn a_plain_mail_is_its_body() {
        let mail = parse("Subject: Hi\n\nLine one\nLine two\n");
        assert_eq!(mail.text.as_deref(), Some("Line one\nLine two\n"));
        assert_eq!(mail.html, None);
    }

    #[test]
    fn a_broken_mail_does_not_break_the_reader() {
        for raw in ["", "\n", "Subject: =?UTF-8?B?", "=\r\n\r\n=é=", "Content-Type: multipart/mixed\n\nx"] {
            parse(raw);
        }
        let quoted = parse("Content-Transfer-Encoding: quoted-printable\n\na=é=4");
        assert_eq!(quoted.text.as_deref(), Some("a=é=4"));
    }
}
