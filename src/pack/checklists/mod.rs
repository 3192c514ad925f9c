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
    Check, EachCheck, FieldForm, FileCheck, FileIs, HasCheck, OtherField, Presence, TextCheck,
    YamlCheck,
};
pub use checklist::{Checklist, Checklists, ReadyPiece, RowRule};
pub use file::{
    ChecklistFile, Find, ItemValue, LinesOf, MarkdownTake, ReadyFile, RowFile, SetFile, StatusFile,
    Unless, ValueSource, WaiveFile,
};
pub use pieces::{PieceFacts, Pieces};
pub use sets::{FileSet, Question, SetRule, SetSource};

pub(crate) use load::item_values;
pub(in crate::pack) use load::{FILES, load};
