//! The missing pieces that a machine can write.

use super::{check::Asking, values::Item};
use crate::{
    model::{FileAt, FileContent, Piece, PiecePlace},
    pack::checklists::{Pieces, ReadyPiece},
};

/// The pieces of a row whose values are all known and whose place is found. A file that is there
/// is never written anew.
pub(super) fn pieces(asking: &Asking<'_, '_, '_>, rules: &[ReadyPiece], of: &Pieces) -> Vec<Piece> {
    rules.iter().filter_map(|rule| piece(asking, rule, of, asking.item)).collect()
}

fn piece(
    asking: &Asking<'_, '_, '_>,
    rule: &ReadyPiece,
    of: &Pieces,
    item: Option<&Item>,
) -> Option<Piece> {
    let path = asking.values.fill(&rule.file, item).ok()?;
    let there = match asking.files.read(&FileAt::head(path.as_str()))? {
        FileContent::Text(text) => Some(text),
        FileContent::Absent => None,
        FileContent::Unreadable(_) => return None,
    };
    let place = match (&rule.before, there) {
        (None, None) => PiecePlace::NewFile,
        (Some(before), Some(text)) => {
            let lines = (1_u32..).zip(text.lines());
            let last = lines.filter(|(_, line)| before.is_match(line)).last();
            PiecePlace::Before(last?.0)
        }
        (None, Some(_)) | (Some(_), None) => return None,
    };
    let mut facts = asking.values.facts(item);
    for name in &rule.sets {
        let set = asking.sets.get(name);
        let keys = set.entries.iter().map(|entry| entry.key.clone()).collect();
        facts.sets.insert(name.clone(), keys);
    }
    // It was tried when the policies were read; a value that is not known now makes no piece.
    let text = of.render(&rule.template, &facts).ok()?;
    Some(Piece { path, place, text })
}
