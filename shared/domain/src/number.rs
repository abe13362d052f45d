//! Whole numbers between bounds.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::invalid::Invalid;

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Number<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Number<MIN, MAX> {
    /// A number, if it is within the bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid::OutOfRange`].
    pub fn new(number: i64) -> Result<Self, Invalid> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err(Invalid::OutOfRange { min: MIN, max: MAX }) }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Number<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de, const MIN: i64, const MAX: i64> eserde::EDeserialize<'de> for Number<MIN, MAX> {
    fn deserialize_for_errors<D: Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
    }
}

impl<const MIN: i64, const MAX: i64> utoipa::PartialSchema for Number<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("A whole number."))
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .into()
    }
}

impl<const MIN: i64, const MAX: i64> utoipa::ToSchema for Number<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Number{MIN}To{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_within_its_bounds() {
        assert_eq!(Number::<1, 3>::new(1).map(Number::get), Ok(1));
        assert_eq!(Number::<1, 3>::new(3).map(Number::get), Ok(3));
        for beyond in [0, 4, i64::MIN, i64::MAX] {
            assert_eq!(Number::<1, 3>::new(beyond), Err(Invalid::OutOfRange { min: 1, max: 3 }));
        }
    }
}
