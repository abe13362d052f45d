//! Conditions and updates that read as what they say; rendered with placeholders for every name and value.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use campus_domain::Timestamp;
use serde::Serialize;

use crate::error::StoreError;

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(AttributeValue);

impl Value {
    /// Anything that an item can hold, as it is stored there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreadable`] for what cannot be stored.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, StoreError> {
        Ok(Self(serde_dynamo::to_attribute_value(value)?))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(AttributeValue::S(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(AttributeValue::S(text))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self(AttributeValue::Bool(truth))
    }
}

macro_rules! number_values {
    ($($number:ty),+) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self(AttributeValue::N(number.to_string()))
            }
        })+
    };
}
number_values!(i64, u64, u32);

/// Epoch seconds, as TTL attributes have them.
impl From<Timestamp> for Value {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.epoch_seconds().into()
    }
}

/// A condition on an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// There is no such item.
    Absent,
    /// There is such an item.
    Exists,
    /// The item, if there is one, lacks the attribute.
    Missing(&'static str),
    /// The attribute, a text, has this in it.
    Contains(&'static str, Value),
    /// A comparison: attribute, operator, value.
    Compare(&'static str, &'static str, Value),
    /// All of these.
    All(Vec<Condition>),
    /// Any of these.
    Any(Vec<Condition>),
}

/// There is no such item.
#[must_use]
pub fn absent() -> Condition {
    Condition::Absent
}

/// There is such an item.
#[must_use]
pub fn exists() -> Condition {
    Condition::Exists
}

/// An attribute, or the path to one within others, `outer.inner`, to be compared.
#[must_use]
pub fn attr(name: &'static str) -> Attribute {
    Attribute(name)
}

/// An attribute of an item.
#[derive(Debug, Clone, Copy)]
pub struct Attribute(&'static str);

impl Attribute {
    /// Not there.
    #[must_use]
    pub fn is_missing(self) -> Condition {
        Condition::Missing(self.0)
    }

    /// A text with this in it.
    #[must_use]
    pub fn contains(self, part: &str) -> Condition {
        Condition::Contains(self.0, part.into())
    }

    /// Equal to the value.
    #[must_use]
    pub fn eq(self, value: impl Into<Value>) -> Condition {
        Condition::Compare(self.0, "=", value.into())
    }

    /// Not equal to the value, or not there.
    #[must_use]
    pub fn differs(self, value: impl Into<Value>) -> Condition {
        self.is_missing().or(Condition::Compare(self.0, "<>", value.into()))
    }

    /// Less than the value.
    #[must_use]
    pub fn lt(self, value: impl Into<Value>) -> Condition {
        Condition::Compare(self.0, "<", value.into())
    }

    /// The value or less.
    #[must_use]
    pub fn at_most(self, value: impl Into<Value>) -> Condition {
        Condition::Compare(self.0, "<=", value.into())
    }

    /// Greater than the value.
    #[must_use]
    pub fn gt(self, value: impl Into<Value>) -> Condition {
        Condition::Compare(self.0, ">", value.into())
    }
}

impl Condition {
    /// This and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::All(vec![self, other])
    }

    /// This or that.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Any(vec![self, other])
    }

    pub(crate) fn render(&self, names: &mut Placeholders) -> String {
        let joined = |parts: &[Self], names: &mut Placeholders, word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.render(names)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Self::Absent => format!("attribute_not_exists({})", names.name("pk")),
            Self::Exists => format!("attribute_exists({})", names.name("pk")),
            Self::Missing(attribute) => format!("attribute_not_exists({})", names.name(attribute)),
            Self::Contains(attribute, part) => {
                format!("contains({}, {})", names.name(attribute), names.value(part.clone()))
            }
            Self::Compare(attribute, operator, value) => {
                format!("{} {operator} {}", names.name(attribute), names.value(value.clone()))
            }
            Self::All(parts) => joined(parts, names, " AND "),
            Self::Any(parts) => joined(parts, names, " OR "),
        }
    }
}

/// Changes to an item's attributes.
#[derive(Debug, Clone, Default)]
pub struct Update {
    set: Vec<(&'static str, Value)>,
    set_if_absent: Vec<(&'static str, Value)>,
    add: Vec<(&'static str, Value)>,
    remove: Vec<&'static str>,
}

impl Update {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the attribute the value.
    #[must_use]
    pub fn set(mut self, attribute: &'static str, value: impl Into<Value>) -> Self {
        self.set.push((attribute, value.into()));
        self
    }

    /// Gives the attribute the value unless it has one.
    #[must_use]
    pub fn set_if_absent(mut self, attribute: &'static str, value: impl Into<Value>) -> Self {
        self.set_if_absent.push((attribute, value.into()));
        self
    }

    /// Adds to a number, which is 0 if it was not there.
    #[must_use]
    pub fn add(mut self, attribute: &'static str, number: i64) -> Self {
        self.add.push((attribute, number.into()));
        self
    }

    /// Gives the attribute the value, or takes it away for want of one.
    #[must_use]
    pub fn set_or_remove(self, attribute: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(attribute, value),
            None => self.remove(attribute),
        }
    }

    /// Gives the attribute the value, or leaves it as it is for want of one.
    #[must_use]
    pub fn set_or_keep(self, attribute: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(attribute, value),
            None => self,
        }
    }

    /// Takes the attribute away.
    #[must_use]
    pub fn remove(mut self, attribute: &'static str) -> Self {
        self.remove.push(attribute);
        self
    }

    pub(crate) fn render(&self, names: &mut Placeholders) -> String {
        let mut set: Vec<String> = Vec::new();
        for (attribute, value) in &self.set {
            set.push(format!("{} = {}", names.name(attribute), names.value(value.clone())));
        }
        for (attribute, value) in &self.set_if_absent {
            let name = names.name(attribute);
            set.push(format!("{name} = if_not_exists({name}, {})", names.value(value.clone())));
        }
        let add: Vec<String> = self
            .add
            .iter()
            .map(|(attribute, value)| format!("{} {}", names.name(attribute), names.value(value.clone())))
            .collect();
        let remove: Vec<String> = self.remove.iter().map(|attribute| names.name(attribute)).collect();
        [("SET", set), ("ADD", add), ("REMOVE", remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(clause, parts)| format!("{clause} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The names behind the placeholders of a call; absent when there are none.
pub(crate) type Names = Option<HashMap<String, String>>;
/// The values behind them.
pub(crate) type Values = Option<HashMap<String, AttributeValue>>;

/// The placeholders of one call. Every name is one, so that none can be a reserved word.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    /// The attribute, or the path to one within others, with dots.
    fn name(&mut self, attribute: &str) -> String {
        let placeholders = attribute.split('.').map(|name| {
            let placeholder = format!("#{name}");
            self.names.insert(placeholder.clone(), name.to_owned());
            placeholder
        });
        placeholders.collect::<Vec<_>>().join(".")
    }

    fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0);
        placeholder
    }

    /// A comparison of a key attribute, for queries.
    pub(crate) fn equal(&mut self, attribute: &str, value: &str) -> String {
        format!("{} = {}", self.name(attribute), self.value(value.into()))
    }

    /// A prefix of a key attribute, for queries.
    pub(crate) fn begins_with(&mut self, attribute: &str, prefix: &str) -> String {
        format!("begins_with({}, {})", self.name(attribute), self.value(prefix.into()))
    }

    /// A range of a key attribute, both ends included, for queries.
    pub(crate) fn between(&mut self, attribute: &str, first: &str, last: &str) -> String {
        format!("{} BETWEEN {} AND {}", self.name(attribute), self.value(first.into()), self.value(last.into()))
    }

    /// The names and values, each absent when there are none, since DynamoDB refuses empty maps.
    pub(crate) fn into_parts(self) -> (Names, Values) {
        ((!self.names.is_empty()).then_some(self.names), (!self.values.is_empty()).then_some(self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_renders_with_placeholders_and_brackets() {
        let mut names = Placeholders::default();
        let condition = absent().or(attr("state").eq("sent").and(attr("guesses").lt(5_u32)));

        let rendered = condition.render(&mut names);

        assert_eq!(rendered, "(attribute_not_exists(#pk) OR (#state = :v0 AND #guesses < :v1))");
        let (names, values) = names.into_parts();
        assert_eq!(names.map(|names| names.len()), Some(3));
        assert_eq!(values.and_then(|mut values| values.remove(":v1")), Some(AttributeValue::N("5".into())));
    }

    #[test]
    fn what_an_item_lacks_renders_as_that_attribute() {
        let mut names = Placeholders::default();
        let rendered = exists().and(attr("version").is_missing()).render(&mut names);
        assert_eq!(rendered, "(attribute_exists(#pk) AND attribute_not_exists(#version))");
    }

    #[test]
    fn an_attribute_within_another_is_named_by_its_path() {
        let mut names = Placeholders::default();
        let rendered = attr("screening.library_id").eq("a").render(&mut names);
        assert_eq!(rendered, "#screening.#library_id = :v0");
        assert_eq!(names.into_parts().0.map(|names| names.len()), Some(2));
    }

    #[test]
    fn an_update_renders_only_the_clauses_it_has() {
        let mut names = Placeholders::default();
        let update = Update::new().set("state", "spent").set_if_absent("first", 1_i64).add("count", 2).remove("code");

        let rendered = update.render(&mut names);

        assert_eq!(rendered, "SET #state = :v0, #first = if_not_exists(#first, :v1) ADD #count :v2 REMOVE #code");
    }
}
