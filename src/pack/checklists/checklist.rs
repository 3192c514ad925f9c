//! A checklist as it is asked: read, merged from the layers and checked.

use std::collections::BTreeMap;

use super::{
    check::Check,
    file::{Find, StatusFile, ValueSource, WaiveFile},
    pieces::Pieces,
    sets::SetRule,
};
use crate::{
    evidence::form::Form,
    model::{Cite, Need, Topic},
    pack::rules::{Cites, Mode, Regexp},
};

/// All checklists, in the order of their keys.
#[derive(Debug, Clone, Default)]
pub struct Checklists {
    pub(super) all: Vec<Checklist>,
    /// The templates of what a machine can write.
    pub pieces: Pieces,
}

impl Checklists {
    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Checklist> {
        self.all.iter()
    }

    /// The one with this key.
    pub fn get(&self, key: &str) -> Option<&Checklist> {
        self.all.iter().find(|one| one.key == key)
    }
}

/// A checklist.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// Its key, which is the file's name.
    pub key: String,
    /// What it is for.
    pub about: String,
    /// Whether it acts: off, in shadow, or on.
    pub mode: Mode,
    /// The page that it enforces.
    pub cites: Option<Cites>,
    /// Which changes it is for.
    pub find: Find,
    /// It says nothing as long as no required row is missing or open.
    pub quiet: bool,
    /// The status that tells whether all required rows pass.
    pub status: Option<StatusFile>,
    /// Who may waive a row.
    pub waive: Option<WaiveFile>,
    /// Where the values are from.
    pub values: BTreeMap<String, Vec<ValueSource>>,
    /// What is found in files.
    pub sets: BTreeMap<String, SetRule>,
    /// The rows, from top to bottom.
    pub rows: Vec<RowRule>,
    /// Where it stands.
    pub cite: Cite,
    /// The topic of its comment.
    pub topic: Topic,
}

impl Checklist {
    /// The keys of its rows, as sheets have them.
    pub fn row_keys(&self) -> impl Iterator<Item = String> {
        self.rows.iter().flat_map(|row| match row.for_each.as_slice() {
            [] => vec![row.key.clone()],
            items => items.iter().map(|(name, _)| format!("{}_{name}", row.key)).collect(),
        })
    }

    /// Its name as a rule, as reasons and the ledger have it.
    pub fn rule(&self) -> String {
        format!("checklists.{}", self.key)
    }
}

/// A row, or several of one kind.
#[derive(Debug, Clone)]
pub struct RowRule {
    /// Its key.
    pub key: String,
    /// What is asked.
    pub title: Form,
    /// The heading under which it stands.
    pub section: String,
    /// How much it weighs.
    pub need: Need,
    /// One row for each: its name and its values. Empty for a row that is one.
    pub for_each: Vec<(String, BTreeMap<String, String>)>,
    /// When it applies.
    pub when: Option<Check>,
    /// When it passes.
    pub check: Option<Check>,
    /// A person may tick it.
    pub tick: bool,
    /// A check that does not pass decides nothing.
    pub a_person_decides: bool,
    /// What to do about it.
    pub hint: Option<Form>,
    /// The sentence that it enforces.
    pub cites: Option<Cites>,
    /// The missing pieces.
    pub ready: Vec<ReadyPiece>,
    /// Where it stands.
    pub cite: Cite,
}

/// A piece that a machine can write.
#[derive(Debug, Clone)]
pub struct ReadyPiece {
    /// The file.
    pub file: Form,
    /// In a file that is there, before the last line that fits.
    pub before: Option<Regexp>,
    /// The template of its text.
    pub template: String,
    /// The sets that the template asks for.
    pub sets: Vec<String>,
}
