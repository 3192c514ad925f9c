//! `checklists/*.yml`: what a change must come with, as typed values. How a sheet is made of them
//! is in `rules::newcomer`.

mod check;
mod checklist;
mod examine;
mod file;
mod load;
mod pieces;
mod sets;

#[cfg(test)]
mod tests;

pub use check::{
    Check, EachCheck, EntryIs, FieldForm, FileCheck, FileIs, HasCheck, OnForgeIs, OtherField,
    Presence, RemovalIs, TextCheck, YamlCheck,
};
pub use checklist::{Checklist, Checklists, ReadyPiece, RowRule};
pub use file::{
    ChecklistFile, Dropped, Find, ItemValue, LinesOf, MarkdownTake, ReadyFile, RemovalValue,
    RowFile, SetFile, SideOf, StatusFile, Unless, ValueSource, WaiveFile,
};
pub use pieces::{PieceFacts, Pieces};
pub use sets::{FileSet, Question, SetRule, SetSource};

pub(crate) use load::item_values;
pub(in crate::pack) use load::{FILES, load};
