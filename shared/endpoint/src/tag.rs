//! Tags of resources: what a client says that it has seen, RFC 9110, 8.8.3.
//!
//! A tag is the hash of what the client is shown, so it changes exactly with that. What is stored may change
//! unseen, and what is shown may be put together from several stored things.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::IF_MATCH;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// The tag of a resource, quoted as in the header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tag(String);

impl Tag {
    /// The tag of a view whose own tag is not filled in yet.
    #[must_use]
    pub fn of(view: &impl Serialize) -> Self {
        // A view that cannot be written as JSON fails as the body of the answer, and its tag reaches nobody.
        Self::of_bytes(&serde_json::to_vec(view).unwrap_or_default())
    }

    /// The tag of a body. 16 bytes are more than anyone finds a twin for by chance.
    pub(crate) fn of_bytes(body: &[u8]) -> Self {
        Self(format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..16])))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl utoipa::PartialSchema for Tag {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Changes with what is shown; for `If-Match`."))
            .examples(["\"hKPqU3Zx0Uy1nQmFfBvG9w\""])
            .into()
    }
}

impl ToSchema for Tag {
    fn name() -> std::borrow::Cow<'static, str> {
        "ETag".into()
    }
}

/// What a client can edit: its view has a tag.
pub trait Resource {
    /// The tag.
    fn etag(&self) -> &Tag;
}

/// The resource is not as the client has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the resource has changed since")]
pub struct PreconditionFailed;

/// The condition that a client may attach to a change: that it has seen what it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(IF_MATCH).iter().peekable();
        // What is no text matches nothing, but is a condition all the same.
        Self(given.peek().is_some().then(|| {
            let texts = given.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
            texts.map(|tag| tag.trim().to_owned()).collect()
        }))
    }

    /// Whether there is a condition, so that what was read must still hold when the change is written.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Holds the resource as it is to the condition. Compared strongly, as RFC 9110, 13.1.1 demands: a weak tag
    /// matches nothing.
    ///
    /// # Errors
    ///
    /// [`PreconditionFailed`].
    pub fn check(&self, resource: &impl Resource) -> Result<(), PreconditionFailed> {
        let holds = |tags: &Vec<String>| tags.iter().any(|tag| tag == "*" || tag == resource.etag().as_str());
        if self.0.as_ref().is_none_or(holds) { Ok(()) } else { Err(PreconditionFailed) }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    struct Shown(Tag);

    impl Resource for Shown {
        fn etag(&self) -> &Tag {
            &self.0
        }
    }

    fn holds(headers: &[&str]) -> bool {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(IF_MATCH, HeaderValue::from_bytes(header.as_bytes()).expect("it is a header"));
        }
        let condition = IfMatch::of(&map);
        assert_eq!(condition.is_given(), !headers.is_empty());
        condition.check(&Shown(Tag("\"a\"".to_owned()))).is_ok()
    }

    #[test]
    fn no_condition_the_same_tag_and_the_asterisk_hold() {
        let headers: [&[&str]; 5] = [&[], &["\"a\""], &["*"], &["\"b\", \"a\""], &["\"b\"", "\"a\""]];
        for headers in headers {
            assert!(holds(headers), "{headers:?}");
        }
    }

    #[test]
    fn another_a_weak_and_an_unreadable_tag_do_not_hold() {
        for header in ["\"b\"", "W/\"a\"", "a", "", "\"a", "한"] {
            assert!(!holds(&[header]), "{header:?}");
        }
    }

    #[test]
    fn the_tag_changes_with_what_is_shown() {
        let tag = |shown: &str| Tag::of(&shown);
        assert_eq!(tag("a"), tag("a"));
        assert_ne!(tag("a"), tag("b"));
        assert!(tag("a").as_str().starts_with('"') && tag("a").as_str().ends_with('"'));
    }
}
