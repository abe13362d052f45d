//! Reads CloudFormation's YAML, its short tags in their long form: `!Ref X` as `{"Ref": "X"}`.

use anyhow::{Context, bail};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Reads a template.
///
/// # Errors
///
/// When it is not YAML, or has what JSON cannot say.
pub(crate) fn read(text: &str) -> anyhow::Result<Value> {
    let documents = Yaml::load_from_str(text)?;
    let [document] = documents.as_slice() else { bail!("a template is one document") };
    value(document)
}

fn value(yaml: &Yaml<'_>) -> anyhow::Result<Value> {
    Ok(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(value).collect::<anyhow::Result<_>>()?,
        Yaml::Mapping(members) => {
            let members = members.iter().map(|(name, member)| {
                let name = name.as_str().context("a member's name is text")?;
                Ok((name.to_owned(), value(member)?))
            });
            Value::Object(members.collect::<anyhow::Result<Map<_, _>>>()?)
        }
        Yaml::Tagged(tag, inner) => {
            let inner = value(inner)?;
            match tag.suffix.as_str() {
                "Ref" | "Condition" => json!({ tag.suffix.as_str(): inner }),
                "GetAtt" => {
                    let (resource, attribute) =
                        inner.as_str().and_then(|text| text.split_once('.')).context("!GetAtt takes A.B")?;
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                function => json!({ format!("Fn::{function}"): inner }),
            }
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => bail!("a template has no aliases"),
    })
}
