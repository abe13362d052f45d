//! The fields of a JSON merge patch, RFC 7396: what is not sent is left as it is.

use campus_domain::Invalid;
use eserde::EDeserialize;
use serde::{Deserialize, Deserializer};

/// A field of a merge patch, `#[serde(default)]`.
///
/// `Patch<Option<T>>` takes null, which clears the field; `Patch<T>` refuses it as `null_not_allowed`. The
/// description cannot see through this type, so the field says `#[schema(value_type = Option<T>)]` or `= T`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It was not sent.
    #[default]
    Kept,
    /// It was sent; `None` is null.
    Set(T),
}

impl<T> Patch<T> {
    /// What was sent.
    pub fn sent(&self) -> Option<&T> {
        match self {
            Self::Kept => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Gives the field what was sent, and says whether that is something else than it had.
    pub fn apply(&self, field: &mut T) -> bool
    where
        T: Clone + PartialEq,
    {
        match self.sent() {
            Some(value) if value != field => {
                field.clone_from(value);
                true
            }
            _ => false,
        }
    }
}

impl Patch<bool> {
    /// Holds a change of `deleted` to what it is for: restoring. A deletion has rules of its own.
    ///
    /// # Errors
    ///
    /// [`Invalid::UnknownValue`] for `true` where it is not deleted.
    pub fn only_restores(&self, deleted: bool) -> Result<(), Invalid> {
        if self.sent() == Some(&true) && !deleted { Err(Invalid::UnknownValue) } else { Ok(()) }
    }
}

/// Only called for what is sent.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

impl<'de, T: EDeserialize<'de>> EDeserialize<'de> for Patch<T> {
    fn deserialize_for_errors<D: Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        T::deserialize_for_errors(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use campus_domain::{AdmissionYear, Nickname, PersonName};
    use utoipa::ToSchema;

    use super::*;
    use crate::body::{Body, read};
    use crate::settings::Settings;

    #[derive(Debug, PartialEq, eserde::Deserialize, ToSchema)]
    struct Input {
        #[serde(default)]
        #[schema(value_type = Nickname)]
        nickname: Patch<Nickname>,
        #[serde(default)]
        #[schema(value_type = Option<PersonName>)]
        name: Patch<Option<PersonName>>,
        #[serde(default)]
        #[schema(value_type = Option<AdmissionYear>)]
        admission_year: Patch<Option<AdmissionYear>>,
    }

    impl Body for Input {}

    fn given(body: &str) -> Result<Input, Vec<(String, &'static str)>> {
        read::<Input>(body.as_bytes(), &Settings::local()).map_err(|problem| {
            problem.field_errors().iter().map(|error| (error.pointer.clone(), error.invalid.code())).collect()
        })
    }

    #[test]
    fn what_is_not_sent_is_kept_null_clears_and_a_value_sets() {
        let input = given(r#"{"name": null, "nickname": "민지", "id": 7}"#);
        let nickname = Nickname::parse("민지").expect("it is a nickname");
        let expected = Input { nickname: Patch::Set(nickname), name: Patch::Set(None), admission_year: Patch::Kept };
        assert_eq!(input, Ok(expected));
    }

    #[test]
    fn b1_23_null_and_wrong_values_are_told_for_every_field_at_once() {
        let told = given(r#"{"nickname": null, "name": "", "admission_year": "2026"}"#);
        let wrong = [("/nickname", "null_not_allowed"), ("/name", "too_short"), ("/admission_year", "wrong_type")];
        assert_eq!(told, Err(wrong.map(|(pointer, code)| (pointer.to_owned(), code)).to_vec()));
    }

    #[test]
    fn only_what_is_deleted_may_stay_so() {
        assert_eq!(Patch::Set(true).only_restores(false), Err(Invalid::UnknownValue));
        for (wished, deleted) in [(Patch::Kept, false), (Patch::Set(false), true), (Patch::Set(true), true)] {
            assert_eq!(wished.only_restores(deleted), Ok(()));
        }
    }

    #[test]
    fn only_another_value_is_a_change() {
        let mut year = Some(2025);
        assert!(!Patch::Kept.apply(&mut year));
        assert!(!Patch::Set(Some(2025)).apply(&mut year));
        assert!(Patch::Set(None).apply(&mut year));
        assert_eq!(year, None);
    }
}
