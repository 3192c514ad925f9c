//! Parsed code.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use tree_sitter::{ParseOptions, ParseState, Parser};

use super::hazard::{self, Hazard};
use super::tree::Tree;
use super::{Language, Query, ask};
use crate::evidence::{Found, MOST_BYTES, Open};
use crate::model::ProofKind;

/// How much one file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub bytes: usize,
    /// The most work for parsing, in the library's steps (100 of its operations each). Counted and
    /// not timed, so that a file has the same answer on every machine.
    pub steps: u32,
    /// The most work for each query, in nodes looked at.
    pub query_steps: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: MOST_BYTES, steps: 20_000, query_steps: 500_000 }
    }
}

/// A file of code, parsed once to be asked often.
#[derive(Debug, Clone)]
pub struct Parsed {
    language: Language,
    text: Arc<str>,
    tree: Arc<Tree>,
    pub(super) limits: Limits,
}

impl Parsed {
    /// Parses a file.
    ///
    /// # Errors
    /// Why it cannot be asked: it is too large, has a mistake (with its line, or one near it), or
    /// took too long.
    pub fn new(
        language: Language,
        text: impl Into<Arc<str>>,
        limits: Limits,
    ) -> Result<Self, Open> {
        let text = text.into();
        let open = |why, what: String, line| Open { why, what, line };
        if text.len() > limits.bytes {
            return Err(open(ProofKind::TooLarge, limits.bytes.to_string(), None));
        }
        let hazard = match language {
            Language::Ruby => hazard::of(&text),
        };
        if let Hazard::Refuse(line) = hazard {
            return Err(open(ProofKind::DoesNotParse, "heredocs".to_owned(), Some(line)));
        }
        let mut parser = Parser::new();
        if parser.set_language(&language.grammar()).is_err() {
            return Err(open(ProofKind::DoesNotParse, format!("{language:?}"), None));
        }
        let steps = Cell::new(0_u32);
        let failed_at = Cell::new(None);
        let mut progress = |state: &ParseState| {
            steps.set(steps.get() + 1);
            if hazard == Hazard::UntilError && state.has_error() {
                failed_at.set(Some(state.current_byte_offset()));
            }
            if failed_at.get().is_some() || steps.get() > limits.steps {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let bytes = text.as_bytes();
        let tree = parser.parse_with_options(
            &mut |at, _| bytes.get(at..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut progress)),
        );
        if let Some(at) = failed_at.get() {
            let before = bytes.get(..at).unwrap_or(bytes);
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
            return Err(open(ProofKind::DoesNotParse, String::new(), Some(line)));
        }
        let Some(tree) = tree else {
            return Err(open(ProofKind::TookTooLong, limits.steps.to_string(), None));
        };
        if let Some(mistake) = first_mistake(&tree) {
            let what = crate::evidence::snippet::snippet(&text[mistake.byte_range()]);
            let row = u32::try_from(mistake.start_position().row).unwrap_or(u32::MAX);
            let line = row.saturating_add(1);
            return Err(open(ProofKind::DoesNotParse, what, Some(line)));
        }
        let tree = Arc::new(Tree::new(language, &tree));
        Ok(Self { language, text, tree, limits })
    }

    /// The language it was parsed as.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Asks a query: entries in the order of the file, none twice.
    pub fn ask(&self, query: &Query) -> Found {
        if query.language() != self.language {
            // Nothing that the query says has a meaning here.
            return Found::nothing(ProofKind::DoesNotParse, format!("{:?}", query.language()));
        }
        ask::ask(query, &self.tree, &self.text, self.limits.query_steps)
    }
}

/// The first node that is a mistake or was put in to mend one. Goes only where one is, and without
/// recursion: code may be nested as deep as a file is long.
fn first_mistake(tree: &tree_sitter::Tree) -> Option<tree_sitter::Node<'_>> {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                // The library says that there is one: better a place too high than none.
                let root = tree.root_node();
                return root.has_error().then_some(root);
            }
        }
    }
}
