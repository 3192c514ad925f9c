//! Boxes that people ticked in Steward's own comment: read back, so that an edit keeps them.

use std::collections::BTreeSet;

use crate::{model::Topic, rules::View, words::Marker};

/// Before the key of a row, in a hidden note behind its box.
const OPEN: &str = "<!-- row:";
const CLOSE: &str = " -->";

/// The hidden note behind a box that people may tick.
pub(super) fn note(name: &str, row: &str) -> String {
    format!("{OPEN}{name}/{row}{CLOSE}")
}

/// The boxes that are ticked in the comment on a topic, as [`note`] has them.
pub(super) fn ticked(view: &View<'_>, topic: &Topic) -> BTreeSet<String> {
    let of_topic = view
        .own_comments()
        .iter()
        .filter(|comment| Marker::of(&comment.body).is_some_and(|marker| marker.topic == *topic));
    let lines = of_topic.flat_map(|comment| comment.body.lines());
    lines.filter_map(ticked_row).collect()
}

fn ticked_row(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix(['-', '*', '+'])?.trim_start();
    let is_ticked = rest.starts_with("[x]") || rest.starts_with("[X]");
    // The last one: a text before it may look like one, and has no key of ours behind it.
    let at = rest.rfind(OPEN).filter(|_| is_ticked)?;
    rest[at..].split_once(CLOSE).map(|(note, _)| format!("{note}{CLOSE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticked_box_is_found_by_the_note_behind_it() {
        let note = note("foo_bar", "navigation");
        assert_eq!(ticked_row(&format!("- [x] **Navigation** {note}")), Some(note.clone()));
        assert_eq!(ticked_row(&format!("  * [X] Navigation {note} more")), Some(note.clone()));
        assert_eq!(ticked_row(&format!("- [ ] Navigation {note}")), None);
        assert_eq!(ticked_row("- [x] Navigation"), None);
        let forged = format!("- [x] {OPEN}foo_bar/other --> {note}");
        assert_eq!(ticked_row(&forged), Some(note));
    }
}
