//! A question to parsed code, checked when the policies are loaded.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use tree_sitter::{CaptureQuantifier, QueryError, QueryErrorKind};

use super::Language;
use super::syntax::{Token, tokens};

/// The longest query, in bytes.
const LONGEST: usize = 16 * 1024;
/// The library reads nested parentheses by recursion.
const DEEPEST: usize = 64;
/// Evaluated by the library; any other would be passed over in silence.
const PREDICATES: [&str; 6] = ["eq?", "not-eq?", "match?", "not-match?", "any-of?", "not-any-of?"];

/// So many compiled queries are kept.
const MOST_COMPILED: usize = 500;

/// Queries that were compiled, since that takes milliseconds each, and policies are loaded again
/// and again with the same ones.
static COMPILED: LazyLock<Mutex<HashMap<(Language, String), Query>>> =
    LazyLock::new(Mutex::default);

/// A compiled query. Cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct Query(Arc<Inner>);

struct Inner {
    language: Language,
    text: String,
    query: tree_sitter::Query,
    /// By the index of the capture.
    roles: Vec<Role>,
    has_inside: bool,
}

/// What a captured node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Key,
    Value,
    Open,
    Inside,
    Outside,
    /// For predicates only.
    Helper,
}

impl Role {
    fn of(name: &str) -> Option<Self> {
        match name {
            "key" => Some(Self::Key),
            "value" => Some(Self::Value),
            "open" => Some(Self::Open),
            "inside" => Some(Self::Inside),
            "outside" => Some(Self::Outside),
            name if name.starts_with('_') => Some(Self::Helper),
            _ => None,
        }
    }
}

/// Why a query cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the query: {message}")]
pub struct QueryMistake {
    /// What is wrong and what was expected.
    pub message: String,
    /// Where in the query's text, in bytes from 0.
    pub offset: usize,
    /// The line in the query's text, from 1.
    pub line: usize,
    /// The column in the query's text, in characters from 1.
    pub column: usize,
}

impl QueryMistake {
    fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            message: message.into(),
            offset: before.len(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl Query {
    /// Compiles a query.
    ///
    /// # Errors
    /// The first mistake: bad syntax, a kind of node or a field that the language does not have, a
    /// capture or a predicate that is not known here, a pattern that brings nothing.
    pub fn new(language: Language, text: &str) -> Result<Self, QueryMistake> {
        let key = (language, text.to_owned());
        let known = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known().get(&key) {
            return Ok(compiled.clone());
        }
        let compiled = Self::compile(language, text)?;
        let mut known = known();
        if known.len() >= MOST_COMPILED {
            known.clear();
        }
        known.insert(key, compiled.clone());
        Ok(compiled)
    }

    fn compile(language: Language, text: &str) -> Result<Self, QueryMistake> {
        check_words(text)?;
        let query = tree_sitter::Query::new(&language.grammar(), text)
            .map_err(|error| convert(text, &error))?;
        let mistake = |pattern, message: &str| {
            QueryMistake::at(text, query.start_byte_for_pattern(pattern), message)
        };
        let names = query.capture_names();
        let roles: Vec<Role> =
            names.iter().map(|name| Role::of(name).unwrap_or(Role::Helper)).collect();
        for pattern in 0..query.pattern_count() {
            let quantifiers = query.capture_quantifiers(pattern);
            let has = |role| {
                let mut captures = roles.iter().zip(quantifiers);
                captures.any(|(had, times)| *had == role && *times != CaptureQuantifier::Zero)
            };
            if ![Role::Key, Role::Open, Role::Inside, Role::Outside].into_iter().any(has) {
                return Err(mistake(pattern, "the pattern has no `@key`, and so finds nothing"));
            }
            if has(Role::Value) && !has(Role::Key) {
                return Err(mistake(pattern, "the pattern has a `@value` and no `@key`"));
            }
            check_predicates(text, &query, pattern)?;
        }
        if !roles.contains(&Role::Key) {
            return Err(QueryMistake::at(text, 0, "no pattern has a `@key`"));
        }
        let has_inside = roles.contains(&Role::Inside);
        let text = text.to_owned();
        Ok(Self(Arc::new(Inner { language, text, query, roles, has_inside })))
    }

    /// The language whose code it asks.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    pub(super) fn compiled(&self) -> &tree_sitter::Query {
        &self.0.query
    }

    pub(super) fn role(&self, capture: u32) -> Role {
        self.0.roles.get(capture as usize).copied().unwrap_or(Role::Helper)
    }

    /// Whether only parts of a file are asked.
    pub(super) fn has_inside(&self) -> bool {
        self.0.has_inside
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.0.language).field(&self.0.text).finish()
    }
}

/// What the library would take without a word, or not survive.
fn check_words(text: &str) -> Result<(), QueryMistake> {
    let wrong = |offset, message: String| Err(QueryMistake::at(text, offset, message));
    if text.len() > LONGEST {
        return wrong(0, format!("the query is longer than {LONGEST} bytes"));
    }
    if let Some(at) = text.find('\0') {
        return wrong(at, "the query has a character that no text has".to_owned());
    }
    let mut depth = 0_usize;
    let mut is_empty = true;
    for (offset, token) in tokens(text) {
        is_empty = false;
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Capture(name) if Role::of(name).is_none() => {
                return wrong(
                    offset,
                    format!(
                        "unknown capture `@{name}`; known are `@key`, `@value`, `@open`, \
                         `@inside`, `@outside`, and for predicates names that begin with `@_`"
                    ),
                );
            }
            Token::Predicate(name) if !PREDICATES.contains(&name) => {
                let known = PREDICATES.map(|name| format!("`#{name}`")).join(", ");
                return wrong(offset, format!("unknown predicate `#{name}`; known are {known}"));
            }
            Token::Capture(_) | Token::Predicate(_) => {}
        }
        if depth > DEEPEST {
            return wrong(offset, format!("the query is nested deeper than {DEEPEST} levels"));
        }
    }
    if is_empty { wrong(0, "the query is empty".to_owned()) } else { Ok(()) }
}

/// A predicate about a capture that its own pattern does not have would always hold.
fn check_predicates(
    text: &str,
    query: &tree_sitter::Query,
    pattern: usize,
) -> Result<(), QueryMistake> {
    let (start, end) = (query.start_byte_for_pattern(pattern), query.end_byte_for_pattern(pattern));
    let mut is_predicate = false;
    for (offset, token) in tokens(text.get(start..end).unwrap_or_default()) {
        match token {
            Token::Predicate(_) => is_predicate = true,
            Token::Open | Token::Close => is_predicate = false,
            Token::Capture(name) if is_predicate => {
                let index = query.capture_index_for_name(name).map(|index| index as usize);
                let times = index.and_then(|at| query.capture_quantifiers(pattern).get(at));
                if times.is_none_or(|times| *times == CaptureQuantifier::Zero) {
                    return Err(QueryMistake::at(
                        text,
                        start + offset,
                        format!("`@{name}` is not captured in this pattern"),
                    ));
                }
            }
            Token::Capture(_) => {}
        }
    }
    Ok(())
}

fn convert(text: &str, error: &QueryError) -> QueryMistake {
    let told = error.message.trim_matches('"');
    let message = match error.kind {
        QueryErrorKind::NodeType => format!("the language has no kind of node `{told}`"),
        QueryErrorKind::Field => format!("the language's nodes have no field `{told}`"),
        QueryErrorKind::Capture => format!("`@{told}` is not captured in this pattern"),
        QueryErrorKind::Syntax => {
            "bad syntax; expected a pattern such as `(identifier) @key`".to_owned()
        }
        QueryErrorKind::Structure => {
            "no code can look like this: the node has no such child or field".to_owned()
        }
        QueryErrorKind::Predicate | QueryErrorKind::Language => error.message.clone(),
    };
    // Of a predicate only the row of its pattern is known.
    let offset = match error.kind {
        QueryErrorKind::Predicate => {
            text.split_inclusive('\n').take(error.row).map(str::len).sum::<usize>()
        }
        QueryErrorKind::Capture => error.offset.saturating_sub(1),
        _ => error.offset,
    };
    QueryMistake::at(text, offset, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mistake(text: &str) -> QueryMistake {
        Query::new(Language::Ruby, text).expect_err("refused")
    }

    #[rstest::rstest]
    #[case::syntax("(call", 1, 6, "bad syntax")]
    #[case::kind("\n (klass) @key", 2, 3, "no kind of node `klass`")]
    #[case::field("(call methd: (_) @key)", 1, 7, "no field `methd`")]
    #[case::structure("(string (call) @key)", 1, 9, "no code can look like this")]
    #[case::capture("(call) @keys", 1, 8, "unknown capture `@keys`")]
    #[case::predicate("(ä) (call) @key (#is? @key x)", 1, 18, "unknown predicate `#is?`")]
    #[case::set("((call) @key (#set! a b))", 1, 15, "unknown predicate `#set!`")]
    #[case::no_such_capture(
        "((call) @key (#eq? @_x \"a\"))",
        1,
        20,
        "`@_x` is not captured in this pattern"
    )]
    #[case::capture_elsewhere(
        "(call (self) @_x) @key\n((call) @key (#eq? @_x \"a\"))",
        2,
        20,
        "`@_x` is not captured in this pattern"
    )]
    #[case::regex("(call) @key\n((call) @key (#match? @key \"(\"))", 2, 1, "Invalid regex")]
    #[case::no_key("(call) @open", 1, 1, "no pattern has a `@key`")]
    #[case::idle("(self) @key\n(call) @_x", 2, 1, "has no `@key`")]
    #[case::value("(self) @key\n(call (self) @value) @open", 2, 1, "has a `@value`")]
    #[case::empty(" ; nothing", 1, 1, "empty")]
    #[case::nul("(call) @key\0", 1, 12, "no text has")]
    fn a_mistake_names_its_place(
        #[case] text: &str,
        #[case] line: usize,
        #[case] column: usize,
        #[case] message: &str,
    ) {
        let mistake = mistake(text);
        assert!(mistake.message.contains(message), "{mistake}");
        assert_eq!((mistake.line, mistake.column), (line, column), "{mistake}");
    }

    #[test]
    fn hostile_queries_are_refused() {
        let deep = "(call ".repeat(100_000);
        assert!(mistake(&deep).message.contains("longer than"));
        assert!(mistake(&deep[..12_000]).message.contains("nested deeper"));
        assert!(mistake(&"[".repeat(10_000)).message.contains("nested deeper"));
    }

    #[test]
    fn a_query_is_shared_and_shows_its_text() {
        fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        let query = Query::new(Language::Ruby, "(self) @key").expect("valid");
        shared(&query);
        assert_eq!(query.clone().text(), "(self) @key");
        assert_eq!(format!("{query:?}"), "Query(Ruby, \"(self) @key\")");
        assert_eq!(query.language(), Language::Ruby);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([(\\[\"#@)\\]: ;_.+*?!\\\\\n]|call|self|key|eq\\?|\\PC){0,24}") {
            if let Err(mistake) = Query::new(Language::Ruby, &text) {
                prop_assert!(mistake.offset <= text.len());
                prop_assert!(!mistake.message.is_empty());
            }
        }
    }
}
