//! The section of the description that Steward keeps. All else in the description is its author's.
//!
//! A section that a person took out stays out.

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect},
    plan::comment::hash_of,
    rules::{SectionWanted, View},
    words::{WordsError, acts_as_quick_action},
};

/// Where it begins and where it ends.
const BEGIN: &str = "<!-- steward:section -->";
const END: &str = "<!-- steward:section end -->";
/// The longest description that is written, in bytes: GitHub takes 65,536 characters.
const LONGEST: usize = 60_000;
/// What a person may have decided about.
const WHAT: &str = "section in the description";

/// Whether a description has a section of Steward's: then it has been here before.
pub(in crate::plan) fn is_in(description: &str) -> bool {
    description.contains(BEGIN)
}

/// What is known of the section in a description.
enum There<'a> {
    None,
    /// What stands before it, in it and behind it.
    Found(&'a str, &'a str, &'a str),
    /// It begins and does not end.
    Broken,
}

pub(super) fn merge(
    view: &View<'_>,
    wanted: Option<&SectionWanted<'_>>,
    merged: &mut MergedFields,
) -> Result<(), WordsError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let description = view.snapshot.description.as_str();
    let had = view.ledger.applied.iter().find_map(|applied| match applied {
        Applied::Section { hash } => Some(hash),
        _ => None,
    });
    let (before, now, behind) = match section(description) {
        There::Found(before, now, behind) => (before, Some(now), behind),
        There::None if had.is_some() && !view.ledger.uncertain => {
            merged.hold(&wanted.reason, Because::PersonDecided { what: WHAT.to_owned() });
            return Ok(());
        }
        There::None => (description, None, ""),
        There::Broken => {
            merged.hold(&wanted.reason, Because::DescriptionLeft { why: "broken".to_owned() });
            return Ok(());
        }
    };
    let forge = view.snapshot.subject.forge;
    let facts = wanted.facts.to_value();
    let text = view.pack.words.comment_on(forge, wanted.template, facts)?;
    let text = text.trim();
    let hash = hash_of(text);
    let record = Applied::Section { hash: hash.clone() };
    if now.is_some_and(|now| hash_of(now) == hash) {
        set(merged, record);
        return Ok(());
    }
    let before = before.trim_end();
    let gap = if before.is_empty() { "" } else { "\n\n" };
    let whole = format!("{before}{gap}{BEGIN}\n\n{text}\n\n{END}{behind}");
    // Whoever wrote it could not do what Steward can: what a forge has kept as text must not act when
    // Steward writes it again.
    let acts = [before, behind].iter().any(|text| acts_as_quick_action(text));
    let why = match whole.len() > LONGEST {
        true => Some("too_long"),
        false => acts.then_some("acts"),
    };
    if let Some(why) = why {
        merged.hold(&wanted.reason, Because::DescriptionLeft { why: why.to_owned() });
        return Ok(());
    }
    merged.actions.push(action(Effect::DescriptionSet { description: whole }, &wanted.reason));
    set(merged, record);
    Ok(())
}

fn set(merged: &mut MergedFields, record: Applied) {
    merged.applied.retain(|applied| !matches!(applied, Applied::Section { .. }));
    merged.applied.push(record);
}

fn section(description: &str) -> There<'_> {
    let Some(begin) = description.find(BEGIN) else { return There::None };
    let (before, rest) = description.split_at(begin);
    let rest = rest.strip_prefix(BEGIN).unwrap_or(rest);
    match rest.split_once(END) {
        Some((now, behind)) => There::Found(before, now, behind),
        None => There::Broken,
    }
}
