//! Reading a checkout as far as the checklists ask, and filling them in.

use chrono::Utc;

use crate::{
    checkout::{Checkout, CheckoutError, Told},
    model::{Facet, FileAt, FileContent, Ledger, Person, RowStatus, Sheet, Snapshot},
    pack::Pack,
    rules::{View, newcomer},
};

/// More rounds than any checklist needs: each round reads all that was asked for.
const ROUNDS: usize = 16;

/// What came of a check.
#[derive(Debug)]
pub(super) struct Checked<'p> {
    pub(super) pack: &'p Pack,
    /// In the order of the policies.
    pub(super) sheets: Vec<Sheet>,
    /// How many integrations of the change have no sheet.
    pub(super) without_sheet: usize,
    /// What was read.
    pub(super) snapshot: Snapshot,
    /// What the checkout was compared with, as it was named.
    pub(super) base_name: String,
    /// The same as a commit.
    pub(super) base: String,
}

/// Why a checkout could not be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckError {
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    #[error("the checklists keep asking for {}; this is a mistake in Steward", .0.join(", "))]
    Restless(Vec<String>),
}

pub(super) fn fill<'p>(
    checkout: &mut Checkout,
    pack: &'p Pack,
    told: &Told,
) -> Result<Checked<'p>, CheckError> {
    let mut snapshot = checkout.snapshot(told);
    // Nobody: there is no account here, and nothing was ever done.
    let me = Person { id: 0, username: String::new(), name: String::new() };
    let ledger = Ledger { known: true, ..Ledger::default() };
    let mut asked = Vec::new();
    for _ in 0..ROUNDS {
        let view = View::new(&snapshot, &ledger, pack, &me, Utc::now());
        let sheets = newcomer::all_sheets(&view);
        let without_sheet = newcomer::without_sheet(&view);
        let needs = view.needs();
        if needs.is_empty() {
            let base = checkout.base();
            let (base_name, base) = (base.name.clone(), base.commit.clone());
            return Ok(Checked { pack, sheets, without_sheet, snapshot, base_name, base });
        }
        asked = needs.iter().map(Facet::to_string).collect();
        for (facet, value) in checkout.read(&needs)? {
            snapshot.fill(&facet, value);
        }
    }
    Err(CheckError::Restless(asked))
}

impl Checked<'_> {
    /// Whether everything that is required is there.
    pub(super) fn is_complete(&self) -> bool {
        self.without_sheet == 0 && self.sheets.iter().all(Sheet::is_complete)
    }

    /// The text of a file at head, if it was read.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        match self.snapshot.facets.files.get(&FileAt::head(path))? {
            FileContent::Text(text) => Some(text),
            FileContent::Absent | FileContent::Unreadable(_) => None,
        }
    }

    /// Whether there is such a file at head, as far as was read.
    pub(super) fn has(&self, path: &str) -> bool {
        let changes = self.snapshot.facets.changes.as_ref();
        let read = self.snapshot.facets.files.get(&FileAt::head(path));
        match read {
            Some(content) => *content != FileContent::Absent,
            None => changes.is_some_and(|changes| changes.file(path).is_some()),
        }
    }

    /// How many files are changed.
    pub(super) fn changed(&self) -> usize {
        self.snapshot.facets.changes.as_ref().map_or(0, |changes| changes.files.len())
    }

    /// How many rows came out like this, on all sheets.
    pub(super) fn count(&self, status: RowStatus) -> usize {
        self.sheets.iter().map(|sheet| sheet.count(status)).sum()
    }
}
