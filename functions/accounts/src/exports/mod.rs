//! Exports of one's own data: every domain writes its part, and a signed link gives the whole as one document.

pub mod create_export;
pub mod download_export;
pub mod get_export;
pub mod hear_in_accounts;
pub mod list_exports;
mod own;
pub mod store;

use campus_domain::{ExportId, Timestamp};
use campus_messages::Export;
use campus_secrets::{Label, issue_expiring_token, open_expiring_token};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

/// A link is good for this long at most: who asks again gets another.
const LINK_SECONDS: i64 = 24 * 60 * 60;
/// What the last segment of a link ends in, so that what is saved has a name that programs know.
const SUFFIX: &str = ".json";

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// It is being put together.
    Pending,
    /// It can be downloaded.
    Ready,
}

impl ExportStatus {
    fn of(export: &Export) -> Self {
        if export.is_ready() { Self::Ready } else { Self::Pending }
    }
}

/// An export as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct ExportView {
    id: ExportId,
    status: ExportStatus,
    created_at: Timestamp,
    /// When it is deleted.
    expires_at: Timestamp,
}

impl From<&Export> for ExportView {
    fn from(export: &Export) -> Self {
        let Export { id, created_at, expires_at, .. } = *export;
        Self { id, status: ExportStatus::of(export), created_at, expires_at }
    }
}

/// Until when a link that is given now is good: never longer than the export.
fn link_expiry(export: &Export, now: Timestamp) -> Timestamp {
    now.plus_seconds(LINK_SECONDS).min(export.expires_at)
}

/// The link to an export. Whoever has it can read the document, so it is made anew for each answer and kept nowhere.
fn link(issuer: &str, secret: &SecretString, id: ExportId, until: Timestamp) -> String {
    format!("{issuer}/v1/exports/{}{SUFFIX}", issue_expiring_token(secret, Label::Export, id, until))
}

/// What the last segment of a link names, and until when it is good, if Campus made it.
fn opened(secret: &SecretString, file: &str) -> Option<(ExportId, Timestamp)> {
    open_expiring_token(secret, Label::Export, file.strip_suffix(SUFFIX)?)
}

#[cfg(test)]
mod tests {
    use campus_domain::UserId;

    use super::*;

    #[test]
    fn a_link_is_good_for_a_day_and_never_longer_than_its_export() {
        let at = Timestamp::from_epoch_seconds;
        let export = Export::new(ExportId::from_parts(1, [1; 10]), UserId::from_parts(1, [2; 10]), at(0));
        assert_eq!(link_expiry(&export, at(0)), at(LINK_SECONDS));
        assert_eq!(link_expiry(&export, export.expires_at.plus_seconds(-10)), export.expires_at);
    }

    #[test]
    fn a_link_opens_as_it_is_and_not_otherwise() {
        let secret = SecretString::from("one".to_owned());
        let (id, until) = (ExportId::from_parts(1, [1; 10]), Timestamp::from_epoch_seconds(100));
        let link = link("https://api.campus.example", &secret, id, until);
        let file = link.strip_prefix("https://api.campus.example/v1/exports/").expect("it is below the issuer");
        assert_eq!(opened(&secret, file), Some((id, until)));
        for other in ["", ".json", file.trim_end_matches(SUFFIX), &format!("{file}.json"), &file.to_uppercase()] {
            assert_eq!(opened(&secret, other), None, "{other}");
        }
    }
}
