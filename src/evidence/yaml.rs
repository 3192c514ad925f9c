//! Questions to YAML.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::snippet::snippet;
use super::{Entry, Found, MOST_ENTRIES, Open};
use crate::model::ProofKind;
use crate::policy::{Located, Origin, SourceFile, parse_foreign};

/// The largest file that is read, in bytes.
const MOST_BYTES: usize = 256 * 1024;
/// The key whose mappings are merged into the one that it stands in.
const MERGE: &str = "<<";

/// A YAML file.
#[derive(Debug, Clone)]
pub struct Document {
    root: Node,
}

/// A value and where it stands.
pub(super) type Node = Located<Tree>;

/// A value in YAML.
#[derive(Debug, Clone, Default)]
pub(super) enum Tree {
    /// Nothing.
    #[default]
    Null,
    /// Anything that is neither a list nor a mapping.
    Scalar(Value),
    /// Elements, in order.
    List(Vec<Node>),
    /// Pairs, in order.
    Map(Vec<(Located<String>, Node)>),
}

impl Document {
    /// Reads a file. One without anything in it is null.
    ///
    /// # Errors
    /// Why it cannot be read: it is too large, or no YAML or such that takes too much (nesting,
    /// aliases), with the line.
    pub fn read(text: &str) -> Result<Self, Open> {
        if text.len() > MOST_BYTES {
            let (why, what) = (ProofKind::TooLarge, MOST_BYTES.to_string());
            return Err(Open { why, what, line: None });
        }
        let says_something = |line: &str| !line.is_empty() && !line.starts_with('#');
        let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        if !lines.any(|line| says_something(line) && line != "---") {
            return Ok(Self { root: Located::default() });
        }
        let file = SourceFile::new("file.yml", Origin::BuiltIn, text);
        match parse_foreign(&file) {
            Ok(root) => Ok(Self { root }),
            Err(error) => Err(Open {
                why: ProofKind::DoesNotParse,
                what: snippet(error.message()),
                line: error.line().filter(|line| *line > 0).and_then(|line| line.try_into().ok()),
            }),
        }
    }

    /// The value at a path of keys, `a.b.c`, and the line of its key (of an element of a list, its
    /// own). Numbers name elements of lists, from 0. An empty path is the whole file. Texts and
    /// numbers stay apart: an unquoted `18.10` is the number 18.1.
    pub fn at(&self, path: &str) -> Option<(Value, Option<u32>)> {
        let (node, line) = self.find(path)?;
        Some((value(node), line))
    }

    /// What stands at a path: of a mapping its keys, of a list its elements, else the value
    /// itself. The value of an entry is the scalar behind the key, as [`scalar`] writes it. Nothing
    /// if there is no such path. An element that is no scalar is open.
    pub fn ask(&self, path: &str) -> Found {
        let mut found = Found::default();
        let Some((node, line)) = self.find(path) else { return found };
        let mut entries = Vec::new();
        match &node.value {
            Tree::Null => {}
            Tree::Scalar(value) => {
                entries.extend(scalar(value).map(|key| (key, None, line)));
            }
            Tree::List(list) => {
                for element in list {
                    let at = line_of(element);
                    match key_of(element) {
                        Some(key) => entries.push((key, None, at)),
                        None => found.open.push(Open {
                            why: ProofKind::NotLiteral,
                            what: snippet(&value(element).to_string()),
                            line: at,
                        }),
                    }
                }
            }
            Tree::Map(map) => {
                for (key, element) in map {
                    entries.push((key.value.clone(), key_of(element), line_of(key)));
                }
            }
        }
        let is_cut = entries.len() > MOST_ENTRIES;
        let entries = entries.into_iter().take(MOST_ENTRIES);
        let entry =
            |(key, value, line): (_, _, Option<u32>)| Entry { key, value, line: line.unwrap_or(1) };
        found.entries = entries.map(entry).collect();
        if is_cut {
            let (why, what) = (ProofKind::TooMany, MOST_ENTRIES.to_string());
            found.open.insert(0, Open { why, what, line: None });
        }
        found
    }

    fn find(&self, path: &str) -> Option<(&Node, Option<u32>)> {
        let mut found = (&self.root, line_of(&self.root));
        for key in path.split('.').filter(|_| !path.is_empty()) {
            found = match &found.0.value {
                Tree::Map(map) => in_map(map, key)?,
                Tree::List(list) => {
                    let element = list.get(key.parse::<usize>().ok()?)?;
                    (element, line_of(element))
                }
                Tree::Null | Tree::Scalar(_) => return None,
            };
        }
        Some(found)
    }
}

/// What stands in the mapping itself counts more than what is merged into it. A merged mapping
/// that merges others itself is as far as this goes.
fn in_map<'m>(map: &'m [(Located<String>, Node)], key: &str) -> Option<(&'m Node, Option<u32>)> {
    let own = |map: &'m [(Located<String>, Node)], key: &str| {
        let entry = map.iter().find(|(had, _)| had.value == key)?;
        Some((&entry.1, line_of(&entry.0)))
    };
    own(map, key).or_else(|| {
        let (merged, _) = own(map, MERGE)?;
        let sources = match &merged.value {
            Tree::List(list) => list.as_slice(),
            _ => std::slice::from_ref(merged),
        };
        sources.iter().find_map(|source| match &source.value {
            Tree::Map(map) => own(map, key),
            _ => None,
        })
    })
}

fn line_of<T>(at: &Located<T>) -> Option<u32> {
    u32::try_from(at.line()).ok().filter(|line| *line > 0)
}

fn key_of(node: &Node) -> Option<String> {
    match &node.value {
        Tree::Scalar(value) => scalar(value),
        Tree::Null | Tree::List(_) | Tree::Map(_) => None,
    }
}

/// A scalar as a text; `None` for null, lists and mappings.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Nesting is bounded where the file is read.
fn value(node: &Node) -> Value {
    match &node.value {
        Tree::Null => Value::Null,
        Tree::Scalar(value) => value.clone(),
        Tree::List(list) => Value::Array(list.iter().map(value).collect()),
        Tree::Map(map) => {
            let mut object = Map::new();
            for (key, node) in map {
                object.insert(key.value.clone(), value(node));
            }
            Value::Object(object)
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree, E> {
        // JSON has no infinity; nobody compares with one.
        let number = Number::from_f64(number).map(Value::Number);
        Ok(Tree::Scalar(number.unwrap_or_else(|| "not finite".into())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(text.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const METRIC: &str = "\
---
key_path: counts.projects_foo_bar_active
milestone: 18.10
quoted: '18.10'
options:
  type: foo_bar
tiers:
- free
- premium
- [ultimate]
";

    #[test]
    fn texts_and_numbers_stay_apart() {
        let file = Document::read(METRIC).expect("valid");
        assert_eq!(file.at("milestone"), Some((json!(18.1), Some(3))));
        assert_eq!(file.at("quoted"), Some((json!("18.10"), Some(4))));
        assert_eq!(file.at("options.type"), Some((json!("foo_bar"), Some(6))));
        assert_eq!(file.at("tiers.1"), Some((json!("premium"), Some(9))));
        assert_eq!(file.at("tiers"), Some((json!(["free", "premium", ["ultimate"]]), Some(7))));
        for path in ["", "options", "tiers.2.0"] {
            assert!(file.at(path).is_some(), "{path}");
        }
        for path in ["nothing", "options.type.more", "tiers.9", "tiers.x", "options.", "."] {
            assert_eq!(file.at(path), None, "{path}");
        }
    }

    #[test]
    fn keys_elements_and_scalars_are_entries() {
        let file = Document::read(METRIC).expect("valid");
        let keys = |found: &Found| -> Vec<(String, Option<String>, u32)> {
            let entries = found.entries.iter();
            entries.map(|one| (one.key.clone(), one.value.clone(), one.line)).collect()
        };
        let tiers = file.ask("tiers");
        assert_eq!(keys(&tiers), [("free".into(), None, 8), ("premium".into(), None, 9)]);
        assert_eq!(tiers.open[0].why, ProofKind::NotLiteral);
        assert_eq!((tiers.open[0].what.as_str(), tiers.open[0].line), ("[\"ultimate\"]", Some(10)));
        assert_eq!(keys(&file.ask("options")), [("type".into(), Some("foo_bar".into()), 6)]);
        assert_eq!(keys(&file.ask("quoted")), [("18.10".into(), None, 4)]);
        assert_eq!(file.ask("").entries.len(), 5);
        assert_eq!(file.ask("nothing"), Found::default());
    }

    #[test]
    fn aliases_merges_and_plain_words() {
        let text = "base: &base {a: 1, b: yes}\nuse:\n  <<: *base\n  b: ~\nlist: [*base]\n";
        let file = Document::read(text).expect("valid");
        assert_eq!(file.at("use.a").map(|found| found.0), Some(json!(1)));
        assert_eq!(file.at("use.b"), Some((json!(null), Some(4))));
        assert_eq!(file.at("base.b").map(|found| found.0), Some(json!("yes")));
        assert_eq!(file.at("list.0.a").map(|found| found.0), Some(json!(1)));
    }

    #[test]
    fn a_file_that_says_nothing_is_null() {
        for text in ["", "\u{feff}# a\n---\n\n"] {
            let file = Document::read(text).expect("valid");
            assert_eq!(file.at("").map(|found| found.0), Some(json!(null)));
            assert_eq!(file.at("a"), None);
        }
    }

    #[rstest::rstest]
    #[case::mistake("a: 1\nb: [\n", ProofKind::DoesNotParse)]
    #[case::twice("a: 1\na: 2\n", ProofKind::DoesNotParse)]
    #[case::documents("a: 1\n---\nb: 1\n", ProofKind::DoesNotParse)]
    #[case::deep(&"[".repeat(100_000), ProofKind::DoesNotParse)]
    #[case::deep_mappings(&"a: {".repeat(20_000), ProofKind::DoesNotParse)]
    #[case::large(&"#\n".repeat(MOST_BYTES), ProofKind::TooLarge)]
    fn what_cannot_be_read_says_why(#[case] text: &str, #[case] why: ProofKind) {
        let open = Document::read(text).expect_err("refused");
        assert_eq!(open.why, why);
        assert_eq!(open.line.is_some(), why == ProofKind::DoesNotParse, "{open:?}");
    }

    #[test]
    fn aliases_of_aliases_have_a_bound() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert_eq!(Document::read(&text).expect_err("refused").why, ProofKind::DoesNotParse);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-c0-9:?&*!|>'\"{}\\[\\], #~<.-]|\n|\t|: |- |\\PC){0,40}") {
            if let Ok(file) = Document::read(&text) {
                for path in ["", "a", "a.b", "0.a"] {
                    file.ask(path);
                    file.at(path);
                }
            }
        }
    }
}
