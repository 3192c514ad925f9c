//! A question to parsed code, checked when the policies are loaded.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use tree_sitter::{QueryError, QueryErrorKind};

use super::Language;
use super::grammar;
use super::pattern::Pattern;

/// The longest query, in bytes.
const LONGEST: usize = 16 * 1024;
/// So many checked queries are remembered.
const MOST_CHECKED: usize = 500;

/// Queries that the library checked, since that takes it some 70 ms each, and policies are loaded
/// again and again with the same ones.
static CHECKED: LazyLock<Mutex<HashMap<(Language, String), Checked>>> =
    LazyLock::new(Mutex::default);
type Checked = Result<(), QueryMistake>;

/// A query. Cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct Query(Arc<Inner>);

struct Inner {
    language: Language,
    text: String,
    patterns: Vec<Pattern>,
    /// By the number of the capture.
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
    pub(super) fn of(name: &str) -> Option<Self> {
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
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
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
    /// Reads a query.
    ///
    /// # Errors
    /// The first mistake: bad syntax, a kind of node or a field that the language does not have, a
    /// capture or a predicate that is not known here, a pattern that brings nothing.
    pub fn new(language: Language, text: &str) -> Result<Self, QueryMistake> {
        let wrong = |offset, message: String| Err(QueryMistake::at(text, offset, message));
        if text.len() > LONGEST {
            return wrong(0, format!("the query is longer than {LONGEST} bytes"));
        }
        if let Some(at) = text.find('\0') {
            return wrong(at, "the query has a character that no text has".to_owned());
        }
        let (patterns, names) = grammar::read(language, text)?;
        if patterns.is_empty() {
            return wrong(0, "the query is empty".to_owned());
        }
        let roles: Vec<Role> =
            names.iter().map(|name| Role::of(name).unwrap_or(Role::Helper)).collect();
        for pattern in &patterns {
            let mut had = Vec::new();
            pattern.root.captured(&mut |capture| had.extend(roles.get(capture)));
            let has = |role| had.contains(&role);
            if ![Role::Key, Role::Open, Role::Inside, Role::Outside].into_iter().any(has) {
                let message = "the pattern has no `@key`, and so finds nothing";
                return wrong(pattern.start, message.to_owned());
            }
            if has(Role::Value) && !has(Role::Key) {
                let message = "the pattern has a `@value` and no `@key`";
                return wrong(pattern.start, message.to_owned());
            }
        }
        if !roles.contains(&Role::Key) {
            return wrong(0, "no pattern has a `@key`".to_owned());
        }
        let has_inside = roles.contains(&Role::Inside);
        let text = text.to_owned();
        Ok(Self(Arc::new(Inner { language, text, patterns, roles, has_inside })))
    }

    /// Lets the library check it, which also knows that no code can look like a pattern.
    ///
    /// # Errors
    /// The first mistake that the library finds.
    pub fn check(&self) -> Result<(), QueryMistake> {
        let Inner { language, text, .. } = &*self.0;
        let known = || CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (*language, text.clone());
        if let Some(outcome) = known().get(&key) {
            return outcome.clone();
        }
        let outcome = tree_sitter::Query::new(&language.grammar(), text)
            .map_err(|error| convert(text, &error))
            .map(drop);
        let mut known = known();
        if known.len() >= MOST_CHECKED {
            known.clear();
        }
        known.insert(key, outcome.clone());
        outcome
    }

    /// The language whose code it asks.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.0.patterns
    }

    pub(super) fn role(&self, capture: usize) -> Role {
        self.0.roles.get(capture).copied().unwrap_or(Role::Helper)
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
        Query::new(Language::Ruby, text).and_then(|query| query.check()).expect_err("refused")
    }

    #[rstest::rstest]
    #[case::syntax("(call", 1, 1, "expected a `)`")]
    #[case::kind("\n (klass) @key", 2, 3, "no kind of node `klass`")]
    #[case::field("(call methd: (_) @key)", 1, 7, "no field `methd`")]
    #[case::structure("(string (call) @key)", 1, 9, "no code can look like this")]
    #[case::capture("(call) @keys", 1, 8, "unknown capture `@keys`")]
    #[case::predicate("((call) @key ; ä\n (#is? @key x))", 2, 3, "unknown predicate `#is?`")]
    #[case::unicode("(ä) @key", 1, 2, "no kind of node `ä`")]
    #[case::repetition("(call (_)* @key)", 1, 10, "not supported")]
    #[case::siblings("((call) @key (call))", 1, 1, "siblings")]
    #[case::supertype("(_expression) @key", 1, 2, "many kinds")]
    #[case::arity("((call) @key (#eq? @key))", 1, 15, "expected `(#eq?")]
    #[case::anchor("(call .) @key", 1, 8, "an anchor needs a node")]
    #[case::open_text("((call) @key (#eq? @key \"a\n\"))", 1, 25, "in the same line")]
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
    #[case::regex("(call) @key\n((call) @key (#match? @key \"(\"))", 2, 28, "Invalid regex")]
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
