//! Sets of entries, checked and prepared.

use std::collections::BTreeMap;

use super::file::{LinesOf, MarkdownTake, SideOf, Unless};
use crate::{
    evidence::{code::LazyQuery, form::Form},
    pack::rules::Regexp,
};

/// A set: what makes its entries, and how they are narrowed and translated.
#[derive(Debug, Clone)]
pub struct SetRule {
    /// What its entries are, for people.
    pub title: String,
    /// What makes its entries.
    pub source: SetSource,
    /// Only entries whose key is in this set.
    pub within: Option<String>,
    /// Without entries whose key is in these sets.
    pub minus: Vec<String>,
    /// Only entries whose key fits.
    pub key: Option<Regexp>,
    /// Only entries with one of these values.
    pub value: Option<Vec<String>>,
    /// Keys are translated to these.
    pub map: Option<BTreeMap<String, Vec<String>>>,
}

/// What makes the entries of a set.
#[derive(Debug, Clone)]
pub enum SetSource {
    /// Files.
    Files(FileSet),
    /// Names that are written down.
    Names(Vec<Form>),
    /// Other sets together.
    Sets {
        /// Their names.
        from: Vec<String>,
        /// What it is instead.
        unless: Option<Unless>,
    },
}

/// Entries that are found in files.
#[derive(Debug, Clone)]
pub struct FileSet {
    /// The files.
    pub files: Vec<Form>,
    /// What they are asked.
    pub question: Question,
    /// Of a Markdown page only what stands below this heading.
    pub under: Option<Form>,
    /// Of a Markdown page only the sections that hold this text.
    pub around: Option<Form>,
    /// Which lines count.
    pub lines: LinesOf,
    /// Which version of the files.
    pub side: SideOf,
}

/// What a file is asked.
#[derive(Debug, Clone)]
pub enum Question {
    /// Code, parsed.
    Code(LazyQuery),
    /// A text.
    Pattern(Regexp),
    /// A Markdown page.
    Markdown(MarkdownTake),
}

impl SetRule {
    /// The sets that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let from: Vec<&str> = match &self.source {
            SetSource::Files(_) | SetSource::Names(_) => Vec::new(),
            SetSource::Sets { from, unless } => from
                .iter()
                .map(String::as_str)
                .chain(unless.iter().flat_map(|unless| [&*unless.some, &*unless.then]))
                .collect(),
        };
        from.into_iter().chain(self.within.as_deref()).chain(self.minus.iter().map(String::as_str))
    }
}
