//! YAML to typed values, with the place of every mistake.
//!
//! The only module that knows the YAML library. Everything is strict: unknown and repeated
//! keys are refused (types say `deny_unknown_fields`), only `true` and `false` are booleans,
//! merge keys are refused, and nesting, nodes and aliases have budgets, because an overlay
//! directory may be written by others than the operator.

use std::fmt;
use std::hash::{Hash, Hasher};

use schemars::JsonSchema;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_saphyr::{Error, Location, MessageFormatter, Options, UserMessageFormatter};

use super::error::{PolicyError, Span};
use super::nearest::did_you_mean;
use super::source::{MAX_FILE_BYTES, SourceFile, too_large};

/// Reads a file as one YAML document of type `T`.
///
/// # Errors
/// The first mistake, with file, line, column, the token, what was expected and, for a name
/// that is not valid, the nearest valid one.
pub fn parse<T: DeserializeOwned>(file: &SourceFile) -> Result<T, PolicyError> {
    parse_with(file, options())
}

/// Reads a file that was written for another program: merge keys stand in the mapping as `<<`, for
/// the reader to merge, and there may be many aliases.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_foreign<T: DeserializeOwned>(file: &SourceFile) -> Result<T, PolicyError> {
    parse_with(file, foreign())
}

/// As [`parse_foreign`], and a key may be written twice: a reader that keeps all pairs sees both.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_lenient<T: DeserializeOwned>(file: &SourceFile) -> Result<T, PolicyError> {
    let mut options = foreign();
    options.duplicate_keys = serde_saphyr::options::DuplicateKeyPolicy::LastWins;
    parse_with(file, options)
}

fn foreign() -> Options {
    let mut options = options();
    options.merge_keys = serde_saphyr::options::MergeKeyPolicy::AsOrdinary;
    if let Some(budget) = &mut options.budget {
        budget.max_aliases = 2_000;
        budget.max_anchors = 2_000;
    }
    options.alias_limits.max_total_replayed_events = 100_000;
    options
}

fn parse_with<T: DeserializeOwned>(file: &SourceFile, options: Options) -> Result<T, PolicyError> {
    if file.text.len() as u64 > MAX_FILE_BYTES {
        return Err(PolicyError::whole_file(file.display_name(), too_large()));
    }
    if is_blank(&file.text) {
        return Err(PolicyError::whole_file(file.display_name(), "the file is empty").with_help(
            Some("delete the file to use the built-in one, or write its contents".to_owned()),
        ));
    }
    read_with(file, &file.text, options).map_err(|wrong| wrong.error)
}

/// A mistake, and what kind of mistake it is to whoever looks for the next one.
pub(super) struct Wrong {
    pub(super) error: PolicyError,
    /// The name of a field that is missing: then the place is only near.
    pub(super) missing: bool,
}

/// Reads `text`, which is the file's or has blanks in its place.
pub(super) fn read<T: DeserializeOwned>(file: &SourceFile, text: &str) -> Result<T, Wrong> {
    read_with(file, text, options())
}

fn read_with<T: DeserializeOwned>(
    file: &SourceFile,
    text: &str,
    options: Options,
) -> Result<T, Wrong> {
    serde_saphyr::from_str_with_options(text, options).map_err(|error| Wrong {
        missing: matches!(error.without_snippet(), Error::SerdeMissingField { .. }),
        error: convert(file, &error),
    })
}

/// What keeps a text from being YAML at all, whatever it should say.
pub(super) fn syntax(file: &SourceFile, text: &str) -> Option<PolicyError> {
    read::<serde::de::IgnoredAny>(file, text).err().map(|wrong| wrong.error)
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 32,
            max_nodes: 100_000,
            max_events: 400_000,
            max_aliases: 200,
            max_anchors: 200,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

fn convert(file: &SourceFile, error: &Error) -> PolicyError {
    let span = error.location().map(|at| span(&file.text, at)).unwrap_or_default();
    if let Some((span, message)) = told_place(&message(error)) {
        return PolicyError::new(file, span, message);
    }
    let at = |message: String| PolicyError::new(file, span, message);
    match error.without_snippet() {
        Error::AliasError { error, .. } => convert(file, error),
        Error::SerdeUnknownField { field, expected, .. } => at(format!("unknown field `{field}`"))
            .with_label("not a field here")
            .with_help(did_you_mean(field, expected.iter().copied())),
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            at(format!("unknown value `{variant}`"))
                .with_label("not valid here")
                .with_help(did_you_mean(variant, expected.iter().copied()))
        }
        Error::SerdeMissingField { field, .. } => {
            at(format!("the field `{field}` is missing")).with_label("in this entry")
        }
        Error::DuplicateMappingKey { key, .. } => at(match key {
            Some(key) => format!("the key `{key}` is written twice"),
            None => "a key is written twice".to_owned(),
        })
        .with_label("second time here"),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            at(format!("expected {expected}, found {unexpected}"))
        }
        Error::InvalidScalar { ty, .. } => at(match token(&file.text, span) {
            Some(token) => format!("expected {}, found `{token}`", in_words(ty)),
            None => format!("expected {}", in_words(ty)),
        }),
        Error::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            at("only one key is allowed here, and this is the second".to_owned()).with_help(Some(
                "in a condition, put several under `all:` or `any:`, each behind a dash".to_owned(),
            ))
        }
        Error::Unexpected { expected, .. } => at(format!("expected {}", in_words(expected))),
        Error::InvalidBooleanStrict { .. } => at("expected `true` or `false`".to_owned())
            .with_help(Some("`yes`, `no`, `on` and `off` are not taken for booleans".to_owned())),
        Error::MergeKeyNotAllowed { .. } => at("merge keys (`<<`) are not allowed".to_owned())
            .with_help(Some("write the fields out, so that a reader sees them".to_owned())),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            at(format!("the file asks for too much: {}", message(error)))
                .with_help(Some("policies need few aliases and little nesting".to_owned()))
        }
        other => {
            let text = message(other);
            let help = on_tab(&file.text, span)
                .then(|| "indent with spaces: YAML does not allow tabs".to_owned());
            at(text).with_help(help)
        }
    }
}

/// The library's own words.
fn message(error: &Error) -> String {
    UserMessageFormatter.format_message(error.without_snippet()).into_owned()
}

fn token(text: &str, span: Span) -> Option<&str> {
    text.get(span.offset..span.offset + span.len).filter(|token| !token.is_empty())
}

/// The library names Rust's types; the authors of policies know none of them.
fn in_words(ty: &str) -> &str {
    match ty {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "bool" => "`true` or `false`",
        "sequence start" => "a list: `[...]`, or lines that start with a dash",
        "mapping start" => "a mapping: lines of `key: value`",
        "string scalar" => "a text",
        other => other,
    }
}

fn on_tab(text: &str, span: Span) -> bool {
    let line = span.line.checked_sub(1).and_then(|index| text.lines().nth(index));
    line.is_some_and(|line| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t'))
}

fn span(text: &str, at: Location) -> Span {
    let (line, column) = (at.line() as usize, at.column() as usize);
    let (Some(offset), Some(len)) = (at.span().byte_offset(), at.span().byte_len()) else {
        return by_line_and_column(text, line, column);
    };
    let (offset, len) = (offset as usize, len as usize);
    if line == 0 || !text.is_char_boundary(offset.min(text.len())) {
        return by_line_and_column(text, line, column);
    }
    let offset = offset.min(text.len());
    let mut end = offset.saturating_add(len).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span { line, column, offset, len: end - offset }
}

/// Some scanner errors carry no byte offset: find it, and take the word there as the token.
fn by_line_and_column(text: &str, line: usize, column: usize) -> Span {
    if line == 0 {
        return Span::default();
    }
    let line_start =
        text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>().min(text.len());
    let rest = text[line_start..].lines().next().unwrap_or("");
    let skip = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>();
    let len = rest[skip..].chars().take_while(|c| !c.is_whitespace()).map(char::len_utf8).sum();
    Span { line, column: column.max(1), offset: line_start + skip, len }
}

/// A value that remembers where it was written, so that a mistake found after parsing (a group
/// that does not exist) points at the very token. Equality, order and hash are the value's.
#[derive(Clone, Debug, Default)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written; unknown (line 0) for values that come from elsewhere than YAML.
    pub span: Span,
}

impl<T> Located<T> {
    /// 1-based line.
    pub fn line(&self) -> usize {
        self.span.line
    }

    /// A mistake about this value.
    pub fn error(&self, file: &SourceFile, message: impl Into<String>) -> PolicyError {
        PolicyError::new(file, self.span, message)
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

impl<T: PartialOrd> PartialOrd for Located<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Located<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Located<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        // The place of use: for an alias the reader must look at the alias first.
        let at = spanned.referenced;
        let known = at.line() > 0;
        let bytes = at.span().byte_offset().zip(at.span().byte_len()).unwrap_or_default();
        let span = Span {
            line: at.line() as usize,
            column: at.column() as usize,
            offset: if known { bytes.0 as usize } else { 0 },
            len: if known { bytes.1 as usize } else { 0 },
        };
        Ok(Self { value: spanned.value, span })
    }
}

/// A mapping that keeps the order of the file and the place of every key.
#[derive(Clone, Debug)]
pub struct LocatedMap<V>(pub Vec<(Located<String>, V)>);

impl<V> Default for LocatedMap<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

impl<V: JsonSchema> JsonSchema for LocatedMap<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Map_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<std::collections::BTreeMap<String, V>>()
    }
}

/// One value, or a list of them: `bug` is as good as `[bug]`. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> std::ops::Deref for OneOrMany<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// The library forgets where a value stood that a visitor refuses, and would point at what is
/// around it. The place therefore travels in the message, between characters no YAML text can have.
const PLACE: char = '\u{1}';

fn with_place(span: Span, message: impl fmt::Display) -> String {
    let Span { line, column, offset, len } = span;
    format!("{PLACE}{line} {column} {offset} {len}{PLACE}{message}")
}

fn told_place(message: &str) -> Option<(Span, String)> {
    let (_, rest) = message.split_once(PLACE)?;
    let (place, rest) = rest.split_once(PLACE)?;
    let mut numbers = place.split(' ').map(str::parse);
    let mut next = || numbers.next()?.ok();
    let span = Span { line: next()?, column: next()?, offset: next()?, len: next()? };
    Some((span, rest.to_owned()))
}

/// What stands where one value or a list of them is expected.
enum Found<T> {
    Text(String),
    List(Vec<T>),
    Other(&'static str),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Found<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Values<T> {
            type Value = Found<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Found::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Found::Other("`true` or `false`"))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Found::Other("a number"))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Found::Other("a number"))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Found::Other("a number"))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Found::Other("nothing"))
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Found::Other("nothing"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
                Ok(Found::Other("a mapping"))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Found::List(values))
            }
        }

        deserializer.deserialize_any(Values(std::marker::PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Located::<Found<T>>::deserialize(deserializer)?;
        let wrong =
            |message: &dyn fmt::Display| serde::de::Error::custom(with_place(found.span, message));
        match found.value {
            Found::Text(text) => {
                let text = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&text);
                T::deserialize(text).map(|value| Self(vec![value])).map_err(|error| wrong(&error))
            }
            Found::List(values) if values.is_empty() => Err(wrong(&"the list is empty")),
            Found::List(values) => Ok(Self(values)),
            Found::Other(what) => Err(wrong(&format!(
                "expected a text or a list of texts, found {what}; numbers stand in quotes"
            ))),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("One_or_many_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<T>();
        schemars::json_schema!({
            "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }]
        })
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for LocatedMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(std::marker::PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = LocatedMap<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(LocatedMap(entries))
            }
        }

        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}
