//! Lists, a page at a time: what is asked for, what is answered, and the cursors that lead from one to the next.
//!
//! A cursor says where the next page begins, with a tag over that, the list and the caller. So it is good for the
//! list and the person that it was made for, and whoever alters it or makes one up is refused. What it says is
//! encoded and not hidden: a place is made of nothing that the items themselves do not show.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{Invalid, UserId};
use campus_secrets::{mac, verify_mac};
use campus_store::StoreError;
use eserde::EDeserialize;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};

use crate::cx::Cx;
use crate::problem::{CURSOR_INVALID, FieldError, IntoProblem, Problem};

const TAG_BYTES: usize = 32;

/// How many items a page has at most: 1 to 100, 20 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u16);

impl PageLimit {
    const LEAST: u16 = 1;
    const MOST: u16 = 100;

    /// Reads a limit as queries have it.
    ///
    /// # Errors
    ///
    /// [`Invalid::WrongType`] for what is no number, [`Invalid::OutOfRange`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let range = Invalid::OutOfRange { min: Self::LEAST.into(), max: Self::MOST.into() };
        match text.parse() {
            Ok(limit @ Self::LEAST..=Self::MOST) if is_number => Ok(Self(limit)),
            _ => Err(if is_number { range } else { Invalid::WrongType }),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(20)
    }
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> EDeserialize<'de> for PageLimit {
    fn deserialize_for_errors<D: Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
    }
}

impl utoipa::PartialSchema for PageLimit {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("How many items a page has at most."))
            .minimum(Some(Self::LEAST))
            .maximum(Some(Self::MOST))
            .default(Some(Self::default().get().into()))
            .into()
    }
}

impl ToSchema for PageLimit {}

/// The query of a list without filters. One with filters has these two fields among its own: serde cannot refuse
/// unknown fields of a struct that is made of others.
#[derive(Debug, eserde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many items a page has at most.
    #[serde(default)]
    pub limit: PageLimit,
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// For the page after this one; null at the end.
    pub next_cursor: Option<String>,
}

// The derive names the items' type and leaves out what it is.
impl<T: ToSchema> utoipa::PartialSchema for Listed<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("For the page after this one; null at the end."))
            .examples([serde_json::Value::Null]);
        ObjectBuilder::new()
            .property("items", ArrayBuilder::new().items(Ref::from_schema_name(T::name())))
            .property("next_cursor", cursor)
            .required("items")
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Listed<T> {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// Which list a cursor is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey {
    name: &'static str,
    caller: Option<UserId>,
    filter: Vec<u8>,
}

impl ListKey {
    /// An endpoint's list, as this caller sees it, filtered like that. The number of items on a page is no filter:
    /// it may change on the way.
    ///
    /// # Errors
    ///
    /// When the filter cannot be written as JSON.
    pub fn new(name: &'static str, caller: Option<UserId>, filter: &impl Serialize) -> anyhow::Result<Self> {
        Ok(Self { name, caller, filter: serde_json::to_vec(filter)? })
    }
}

/// The cursor is not one that Campus made for this list and caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not valid here")]
pub struct CursorInvalid;

impl IntoProblem for CursorInvalid {
    fn problem(&self) -> Problem {
        let invalid = Invalid::UnknownValue;
        CURSOR_INVALID.with_errors(vec![FieldError { pointer: "query:cursor".to_owned(), invalid }])
    }
}

/// What makes cursors and knows them again.
#[derive(Clone)]
pub struct CursorKey(SecretString);

impl CursorKey {
    /// The key of this secret, which nothing else is made with.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// A cursor to a place in a list.
    ///
    /// # Errors
    ///
    /// When the place cannot be written as JSON.
    pub fn seal(&self, list: &ListKey, place: &impl Serialize) -> anyhow::Result<String> {
        let place = serde_json::to_vec(place)?;
        let tag = signed(list, &place, |parts| mac(&self.0, parts));
        Ok(BASE64_URL_SAFE_NO_PAD.encode([tag.as_slice(), &place].concat()))
    }

    /// The place that a cursor leads to. Compared in constant time.
    ///
    /// # Errors
    ///
    /// [`CursorInvalid`] for whatever [`Self::seal`] has not made for this list.
    pub fn open<P: DeserializeOwned>(&self, list: &ListKey, cursor: &str) -> Result<P, CursorInvalid> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorInvalid)?;
        let (tag, place) = bytes.split_first_chunk::<TAG_BYTES>().ok_or(CursorInvalid)?;
        if !signed(list, place, |parts| verify_mac(&self.0, parts, tag)) {
            return Err(CursorInvalid);
        }
        // A place that an older version made may be of another form.
        serde_json::from_slice(place).map_err(|_| CursorInvalid)
    }
}

/// Does something with all that the tag of a cursor is over.
fn signed<T>(list: &ListKey, place: &[u8], act: impl FnOnce(&[&[u8]]) -> T) -> T {
    let caller = list.caller.as_ref().map_or(&[][..], |caller| caller.as_bytes().as_slice());
    act(&[b"cursor", list.name.as_bytes(), caller, &list.filter, place])
}

impl Cx {
    /// The place that the client's cursor leads to, if it sent one.
    ///
    /// # Errors
    ///
    /// [`CursorInvalid`] for a cursor that was not made for this list.
    pub fn open_cursor<P: DeserializeOwned>(
        &self,
        list: &ListKey,
        cursor: Option<&str>,
    ) -> Result<Option<P>, CursorInvalid> {
        let open = |cursor| self.cursor_key.as_ref().ok_or(CursorInvalid)?.open(list, cursor);
        cursor.map(open).transpose()
    }

    /// One page of a list, with a cursor to the place where the next begins, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] before anyone has ever signed in: the key of cursors is made then.
    pub fn page<T>(
        &self,
        list: &ListKey,
        items: Vec<T>,
        next: Option<&impl Serialize>,
    ) -> Result<Listed<T>, StoreError> {
        let seal = |place| match &self.cursor_key {
            Some(key) => key.seal(list, place).map_err(|error| StoreError::Invalid(error.to_string())),
            None => Err(StoreError::Unavailable("nobody has signed in yet, so there is no key of cursors".to_owned())),
        };
        Ok(Listed { items, next_cursor: next.map(seal).transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parameters::read_query;

    fn key(secret: &str) -> CursorKey {
        CursorKey::new(SecretString::from(secret.to_owned()))
    }

    fn list(name: &'static str, caller: Option<u64>, filter: &str) -> ListKey {
        let caller = caller.map(|number| UserId::from_parts(number, [1; 10]));
        ListKey::new(name, caller, &filter).expect("it is JSON")
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_caller_filter_and_key_only() {
        let own = list("posts", Some(1), "tag=a");
        let cursor = key("one").seal(&own, &("place", 7)).expect("it is JSON");
        assert_eq!(key("one").open(&own, &cursor), Ok(("place".to_owned(), 7)));

        for other in [
            list("comments", Some(1), "tag=a"),
            list("posts", Some(2), "tag=a"),
            list("posts", None, "tag=a"),
            list("posts", Some(1), "tag=b"),
            list("posts", Some(1), ""),
        ] {
            assert_eq!(key("one").open::<(String, u8)>(&other, &cursor), Err(CursorInvalid), "{other:?}");
        }
        assert_eq!(key("two").open::<(String, u8)>(&own, &cursor), Err(CursorInvalid));
        assert_eq!(key("one").open::<u64>(&own, &cursor), Err(CursorInvalid), "a place of another form");
    }

    #[test]
    fn an_altered_cursor_is_refused_wherever_it_is_altered() {
        let own = list("posts", Some(1), "");
        let cursor = key("one").seal(&own, &"place").expect("it is JSON");
        let opened = |cursor: &str| key("one").open::<String>(&own, cursor);
        for at in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII stays UTF-8");
            assert_eq!(opened(&altered), Err(CursorInvalid), "{at}");
            assert_eq!(opened(&cursor[..at]), Err(CursorInvalid), "{at}");
        }
        for longer in [format!("{cursor}A"), format!("{cursor}="), format!(" {cursor}")] {
            assert_eq!(opened(&longer), Err(CursorInvalid), "{longer}");
        }
    }

    #[test]
    fn a_cursor_that_is_not_valid_is_400_and_named() {
        let problem = CursorInvalid.problem();
        assert_eq!((problem.status, problem.code), (400, "cursor_invalid"));
        assert_eq!(problem.field_errors()[0].pointer, "query:cursor");
    }

    #[test]
    fn a_page_has_20_items_unless_1_to_100_are_asked_for() {
        let limit = |query: &str| read_query::<Page>(Some(query)).map(|page| page.limit.get());
        for (query, expected) in [("", 20), ("limit=1", 1), ("limit=100", 100), ("cursor=x&limit=07", 7)] {
            assert_eq!(limit(query).ok(), Some(expected), "{query}");
        }
        for (query, code) in [
            ("limit=0", "out_of_range"),
            ("limit=101", "out_of_range"),
            ("limit=99999999999999999999", "out_of_range"),
            ("limit=-1", "wrong_type"),
            ("limit=%2B1", "wrong_type"),
            ("limit=1.5", "wrong_type"),
            ("limit=", "wrong_type"),
            ("limit=many", "wrong_type"),
        ] {
            let refused = limit(query).expect_err(query);
            let told: Vec<_> =
                refused.field_errors().iter().map(|error| (error.pointer.as_str(), error.invalid.code())).collect();
            assert_eq!((refused.status, told), (422, vec![("query:limit", code)]), "{query}");
        }
        assert_eq!(limit("limit=1&q=x").expect_err("it is unknown").code, "unknown_query_parameter");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_place_comes_back(place in any::<(String, u64, Option<i32>)>(), filter in ".{0,20}") {
            let own = list("posts", Some(1), &filter);
            let cursor = key("one").seal(&own, &place).expect("it is JSON");
            prop_assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            prop_assert_eq!(key("one").open(&own, &cursor), Ok(place));
        }

        #[test]
        fn no_text_opens_or_panics(text in ".{0,200}", tail in "[A-Za-z0-9_-]{0,200}") {
            let own = list("posts", None, "");
            prop_assert!(key("one").open::<serde_json::Value>(&own, &text).is_err());
            prop_assert!(key("one").open::<serde_json::Value>(&own, &tail).is_err());
        }

        /// What is taken from one part of the name and given to the next is another list.
        #[test]
        fn lists_do_not_run_into_each_other(a in "[a-z]{1,8}", b in "[a-z]{1,8}") {
            let (one, other) = (list("posts", None, &format!("{a}{b}")), list("posts", None, &a));
            let cursor = key("one").seal(&one, &0).expect("it is JSON");
            prop_assert_eq!(key("one").open::<u8>(&other, &cursor), Err(CursorInvalid));
        }
    }
}
