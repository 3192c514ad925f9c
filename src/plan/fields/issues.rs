//! Issues that Steward opens beside the item: each once. What stands on the forge is asked before one is
//! opened, so that neither a lost database nor a write that nobody answered doubles it. One that a person
//! deleted stays away.

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect, NewIssue, OwnIssue},
    rules::{IssueWanted, View},
    words::WordsError,
};

/// The longest title that both forges take, in characters (GitLab, 255; GitHub, 256).
const LONGEST_TITLE: usize = 255;

pub(super) fn merge(
    view: &View<'_>,
    wanted: &[IssueWanted<'_>],
    merged: &mut MergedFields,
) -> Result<(), WordsError> {
    for one in wanted {
        let known = view.ledger.applied.iter().find_map(|applied| match applied {
            Applied::Opened { mark, number, linked, .. } if *mark == one.mark => {
                Some((*number, *linked))
            }
            _ => None,
        });
        let there = match known {
            Some((number, linked)) => Some((number, linked)),
            None => view.own_issues().iter().find(|own| own.mark == one.mark).map(|own| {
                let OwnIssue { mark, number, url } = own.clone();
                // Whether it is linked, nobody knows: it is the same to do so twice.
                merged.remember(Applied::Opened { mark, number, url, linked: false });
                (number, false)
            }),
        };
        match there {
            Some((_, true)) => {}
            Some((number, false)) => link(view, one, Some(number), merged),
            None => {
                open(view, one, merged)?;
                link(view, one, None, merged);
            }
        }
    }
    Ok(())
}

fn open(
    view: &View<'_>,
    wanted: &IssueWanted<'_>,
    merged: &mut MergedFields,
) -> Result<(), WordsError> {
    let mut labels = Vec::new();
    for name in &wanted.labels {
        match view.label_on_forge(name) {
            Some(label) => labels.push(label.clone()),
            None => {
                let what = format!("label {name}");
                merged.hold(&wanted.reason, Because::NotOnForge { what });
            }
        }
    }
    let milestone = wanted.milestone.as_deref().and_then(|title| view.milestone_on_forge(title));
    let due = wanted.due.filter(|_| view.snapshot.facets.due.is_some());
    if view.lacks_something() {
        return Ok(());
    }
    let (words, facts) = (&view.pack.words, wanted.facts.to_value());
    let forge = view.snapshot.subject.forge;
    let (title, description) = wanted.templates;
    let description = words.comment_on(forge, description, facts.clone())?;
    let issue = NewIssue {
        mark: wanted.mark.clone(),
        title: words.line(title, facts, LONGEST_TITLE)?,
        description: format!("{}\n\n{}", description.trim(), wanted.mark.to_line()),
        labels,
        milestone: milestone.cloned(),
        due,
        confidential: view.snapshot.confidential,
    };
    let effect = Effect::IssueOpened { issue: Box::new(issue) };
    merged.issues.push(action(effect, &wanted.reason));
    Ok(())
}

fn link(view: &View<'_>, wanted: &IssueWanted<'_>, number: Option<u64>, merged: &mut MergedFields) {
    if view.snapshot.facets.issue_links {
        let effect = Effect::IssueLinked { mark: wanted.mark.clone(), number };
        merged.issues.push(action(effect, &wanted.reason));
    }
}
