//! Mail whose headers say how to stop it: RFC 8058, which large mailbox providers demand of whoever sends to many.

use aws_sdk_ses::error::BuildError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};
use campus_domain::{DeliveryId, EmailAddress, Timestamp};
use campus_endpoint::Cx;
use campus_text::Email;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;

use super::{Parcel, ProviderError};
use crate::unsubscriptions::unsubscription_url;

/// Hands the mail of an alert to SES, and returns SES's id of it.
pub(crate) async fn send_alert(
    cx: &Cx,
    to: &EmailAddress,
    content: &Email,
    unsubscription_token: &str,
    parcel: &Parcel,
) -> Result<String, ProviderError> {
    let raw = raw_alert_mail(&RawMail {
        delivery_id: parcel.id,
        sender: &cx.settings().email_sender,
        to,
        content,
        unsubscription_url: &unsubscription_url(&cx.settings().issuer, unsubscription_token),
        written_at: cx.now(),
    });
    let unsendable = |error: BuildError| ProviderError::unsendable(&error);
    let raw = RawMessage::builder().data(Blob::new(raw)).build().map_err(unsendable)?;
    let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build().map_err(unsendable);
    let mut request = cx.clients().ses().send_raw_email();
    if let Some(owner) = parcel.owner {
        request = request.tags(tag("owner", &owner.to_string())?);
    }
    let answer = request
        .configuration_set_name(cx.clients().mail_configuration())
        .source(&cx.settings().email_sender)
        .destinations(to.as_str())
        .raw_message(raw)
        .tags(tag("kind", parcel.topic)?)
        .tags(tag("delivery", &parcel.id.to_string())?)
        .send()
        .await
        .map_err(|error| ProviderError::of(&error))?;
    Ok(answer.message_id)
}

/// The name beside the address that mail comes from.
const SENDER_NAME: &str = "Campus";

/// One mail, to be written whole.
pub struct RawMail<'a> {
    /// Names the delivery, and with it the mail.
    pub delivery_id: DeliveryId,
    /// The address that it comes from.
    pub sender: &'a str,
    /// Who it goes to.
    pub to: &'a EmailAddress,
    /// What it says.
    pub content: &'a Email,
    /// Where the reader's program posts to, to get no more of its kind.
    pub unsubscription_url: &'a str,
    /// When it was written.
    pub written_at: Timestamp,
}

/// The mail of an alert as MIME, for `ses:SendRawEmail`.
///
/// What someone typed is in its two bodies alone, which are encoded; the headers are written by a library that folds
/// and encodes them, so that no line of ours is ended by what is in it.
#[must_use]
pub fn raw_alert_mail(mail: &RawMail<'_>) -> Vec<u8> {
    let domain = mail.sender.rsplit_once('@').map_or(mail.sender, |(_, domain)| domain);
    let message = MessageBuilder::new()
        .from((SENDER_NAME, mail.sender))
        .to(mail.to.as_str())
        .subject(mail.content.subject.as_str())
        .date(mail.written_at.epoch_seconds())
        .message_id(format!("{}@{domain}", mail.delivery_id))
        .header("List-Unsubscribe", URL::new(mail.unsubscription_url))
        .header("List-Unsubscribe-Post", HeaderType::Raw(Raw::new("List-Unsubscribe=One-Click")))
        // No program answers it with a note that its owner is away.
        .header("Auto-Submitted", HeaderType::Raw(Raw::new("auto-generated")))
        .text_body(mail.content.text.as_str())
        .html_body(mail.content.html.as_str());
    let mut written = Vec::new();
    message.serialize(&mut written);
    written
}

#[cfg(test)]
mod tests {
    use campus_domain::Locale;
    use campus_text::{Content, News, Screening, email};

    use super::*;

    const URL: &str = "https://api.campus.example/v1/unsubscriptions/AZlQ_w-0AZlQ_w-0AZlQ_w-0AZlQ_w-0AZlQ_w-0AZlQ_w-0AZlQ_w-0AZlQ_w-0AZ";

    fn raw(content: &Email) -> String {
        let to = EmailAddress::parse("minji@campus.example").expect("it is an address");
        let written = raw_alert_mail(&RawMail {
            delivery_id: DeliveryId::from_parts(1, [1; 10]),
            sender: "no-reply@campus.example",
            to: &to,
            content,
            unsubscription_url: URL,
            written_at: Timestamp::from_epoch_seconds(1_795_165_200),
        });
        String::from_utf8(written).expect("it is ASCII")
    }

    fn alert(locale: Locale, film: &str) -> Email {
        let starts_at = jiff::civil::date(2026, 11, 20).at(19, 0, 0, 0);
        let screening =
            Screening {
                news: News::Tomorrow, film, library: "중앙도서관", place: Some("시청각실"), starts_at
            };
        email(locale, &Content::Screening(screening))
    }

    /// The names of the header's fields, and the header unfolded.
    fn header(raw: &str) -> (Vec<String>, String) {
        let (header, _) = raw.split_once("\r\n\r\n").expect("a header and a body");
        let unfolded = header.replace("\r\n ", " ").replace("\r\n\t", " ");
        let names = unfolded.split("\r\n").map(|line| line.split(':').next().unwrap_or_default().to_owned());
        (names.collect(), unfolded)
    }

    #[test]
    fn a_mail_says_in_its_header_how_to_stop_it_and_has_two_bodies() {
        let raw = raw(&alert(Locale::Ko, "리틀 포레스트"));
        let (names, header) = header(&raw);
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
                "Auto-Submitted",
                "MIME-Version",
                "Content-Type"
            ]
        );
        for line in [
            "From: \"Campus\" <no-reply@campus.example>",
            "To: <minji@campus.example>",
            "Date: Fri, 20 Nov 2026 09:00:00 +0000",
            "Message-ID: <00000000-0001-7101-8101-010101010101@campus.example>",
            &format!("List-Unsubscribe: <{URL}>"),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(header.split("\r\n").any(|found| found == line), "{line}\n{header}");
        }
        assert!(header.contains("Subject: =?utf-8?"), "{header}");
        assert!(header.contains("Content-Type: multipart/alternative;"), "{header}");
        assert_eq!(raw.matches("Content-Type: text/").count(), 2, "{raw}");
        // RFC 5322, 2.1.1.
        assert!(raw.is_ascii() && raw.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    }

    #[test]
    fn no_title_can_write_a_header_or_a_part() {
        let (honest, _) = header(&raw(&alert(Locale::En, "Parasite")));
        for title in [
            "x\r\nBcc: thief@example.com\r\n\r\n<script>",
            "x\nContent-Type: text/html\n\nhi",
            "x\r\n.\r\nQUIT",
            "=?utf-8?B?DQpCY2M6IHg=?=",
            "--_boundary\r\nContent-Type: text/html",
            "\u{2028}Bcc: x\u{85}\u{0}",
        ] {
            for locale in Locale::ALL {
                let raw = raw(&alert(locale, title));
                let (names, header) = header(&raw);
                assert_eq!(names, honest, "{title:?}\n{header}");
                assert!(!header.contains("thief"), "{header}");
                assert_eq!(raw.matches("\r\nContent-Type: ").count(), 3, "{title:?}\n{raw}");
            }
        }
    }

    #[test]
    fn no_subject_can_write_a_header_either() {
        let honest = alert(Locale::En, "Parasite");
        let (names, _) = header(&raw(&honest));
        for subject in ["a\r\nBcc: thief@example.com", "a\nBcc: x", "가\r\n\r\nbody", "\r\n", ""] {
            let raw = raw(&Email { subject: subject.to_owned(), ..honest.clone() });
            let (found, header) = header(&raw);
            assert_eq!(found, names, "{subject:?}\n{header}");
        }
    }
}
