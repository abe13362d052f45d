//! What every value that is written as text has in common.

use utoipa::openapi::schema::{ObjectBuilder, Type};

/// Gives a type with `parse(&str) -> Result<Self, Invalid>` and `as_str()` its serde, so that a field
/// of it refuses with the type's own [`crate::Invalid`].
macro_rules! text_value {
    (read $type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl<'de> eserde::EDeserialize<'de> for $type {
            fn deserialize_for_errors<D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
                <Self as serde::Deserialize>::deserialize(deserializer)
                    .map(|_| ())
                    .map_err(eserde::reporter::ErrorReporter::report)
            }
        }
    };
    ($type:ty) => {
        $crate::text::text_value!(read $type);

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// Keeps a personal value out of logs: its `Debug` is the name of its type.
macro_rules! personal {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    };
}

/// Gives a type its schema for the API description. Where there are bounds, they are the constants that the
/// type itself compares with.
macro_rules! described {
    ($type:ident, $schema:expr) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $type {}
    };
}

/// The schema of a text: what clients should know of it, and an example.
pub(crate) fn text_schema(description: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description)).examples([example])
}

pub(crate) use {described, personal, text_value};
