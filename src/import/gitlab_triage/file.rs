//! A policy file of gitlab-triage as a tree, with the place of everything in it. Nothing is
//! refused here that the gem would take: merge keys, aliases, symbols and unknown keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::policy::{Located, PolicyError, SourceFile, parse_foreign};

/// The key whose mappings are merged into the one that it stands in.
const MERGE: &str = "<<";

/// A value and where it is written.
pub(super) type Node = Located<Value>;
/// A mapping in the order of the file.
pub(super) type Map = Vec<(Located<String>, Node)>;

/// What YAML can say.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Reads a file.
pub(super) fn read(file: &SourceFile) -> Result<Node, PolicyError> {
    let mut root: Node = parse_foreign(file)?;
    settle(&mut root, &file.text);
    Ok(root)
}

/// Merges what `<<` names, and takes labels such as `10.0` as they are written.
fn settle(node: &mut Node, text: &str) {
    let span = node.span;
    match &mut node.value {
        Value::Number(number) if number.fract() == 0.0 => {
            let token = text.get(span.offset..span.offset + span.len).map(str::trim);
            let as_written = token.filter(|token| {
                token.contains('.') && token.parse::<f64>().is_ok_and(|read| read == *number)
            });
            if let Some(token) = as_written {
                node.value = Value::Text(token.to_owned());
            }
        }
        Value::List(list) => list.iter_mut().for_each(|one| settle(one, text)),
        Value::Map(map) => {
            map.iter_mut().for_each(|(_, value)| settle(value, text));
            merge(map);
        }
        _ => {}
    }
}

/// What stands in the mapping itself counts more than what is merged into it.
fn merge(map: &mut Map) {
    while let Some(at) = map.iter().position(|(key, _)| key.value == MERGE) {
        let sources = match map.remove(at).1.value {
            Value::List(list) => list,
            other => vec![Located { value: other, span: Default::default() }],
        };
        let mut at = at;
        for source in sources {
            let Value::Map(entries) = source.value else { continue };
            for (key, value) in entries {
                if !map.iter().any(|(known, _)| known.value == key.value) {
                    map.insert(at, (key, value));
                    at += 1;
                }
            }
        }
    }
}

impl Value {
    /// A scalar as text: `5`, `true`, `bug`.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// A whole number, in quotes or not.
    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(number) if number.fract() == 0.0 && (0.0..1e15).contains(number) => {
                // Small, whole and not negative: nothing is lost.
                Some(*number as u64)
            }
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A mapping.
    pub(super) fn map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// A value of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|(known, _)| known.value == key).map(|(_, value)| value)
    }

    /// Whether the gem takes it for absent.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Bool(_) | Self::Number(_) => false,
        }
    }
}

/// The scalars of a list, or the one that stands without a list; the place of the first value that
/// is none of that.
pub(super) fn texts(node: &Node) -> Result<Vec<Located<String>>, &Node> {
    let one = |node: &Node| node.value.text().map(|value| Located { value, span: node.span });
    match &node.value {
        Value::List(list) => list.iter().map(|item| one(item).ok_or(item)).collect(),
        Value::Null => Ok(Vec::new()),
        _ => one(node).map(|text| vec![text]).ok_or(node),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E: Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
                Value::deserialize(inner)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Number(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(Value::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
                let mut map = Map::new();
                while let Some((mut key, value)) = access.next_entry::<Located<String>, Node>()? {
                    // Ruby's symbols, `:labels:`, are as good as texts.
                    if let Some(symbol) = key.value.strip_prefix(':') {
                        key.value = symbol.to_owned();
                    }
                    map.push((key, value));
                }
                Ok(Value::Map(map))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
