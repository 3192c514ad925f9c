//! The one live comment of a topic: posted once, then edited in place.

use serde_json::{Value, json};

use crate::{
    model::{Action, Because, Comment, Effect, Held, LiveComment, Reason, Topic},
    rules::{CommentWanted, Post, View, Wanted},
    words::{Marker, Style, WordsError},
};

use super::labels::Merged;

/// What becomes of the comment.
#[derive(Debug, Default)]
pub(super) struct MergedComment {
    /// At most one post or edit, and the deletion of doubles.
    pub(super) actions: Vec<Action>,
    /// The comment was left alone, and why.
    pub(super) held: Vec<Held>,
    /// The live comment once the actions are done. A posted one has no number yet.
    pub(super) live: Option<LiveComment>,
    /// Whether it was looked for: from then on the ledger knows.
    pub(super) looked: bool,
}

/// Merges the wanted comment with the one that is there.
pub(super) fn merge(
    view: &View<'_>,
    wanted: &Wanted,
    labels: &Merged,
) -> Result<MergedComment, WordsError> {
    let topic = Topic::Routing;
    let mut merged = MergedComment::default();
    let Some(comment) = &wanted.comment else {
        merged.live = match view.ledger.uncertain {
            false => view.ledger.comment(topic).cloned(),
            true => match there(view, topic) {
                There::None => None,
                There::Deleted(live) => Some(live),
                There::Live { id, hash, .. } => {
                    Some(LiveComment { topic, id: Some(id), body_hash: hash })
                }
            },
        };
        return Ok(merged);
    };
    // Nothing was done here and nothing is asked for: not worth a call.
    let asks_for_nothing = comment.post == Post::Never && wanted.labels.is_empty();
    if asks_for_nothing && !wanted.keep_others && !view.ledger.known && view.ledger.is_empty() {
        return Ok(merged);
    }
    merged.looked = true;
    let there = there(view, topic);
    // All will be decided again once these are read: not worth the words.
    if view.lacks_something() {
        return Ok(merged);
    }
    match there {
        There::Deleted(live) => {
            merged.held.push(Held {
                label: None,
                reason: Reason { because: Because::CommentDeleted, ..comment.reason.clone() },
            });
            merged.live = Some(live);
        }
        There::Live { id, hash, doubles } => {
            let body = body(view, comment, labels)?;
            let new_hash = hash_of(&body);
            if hash != new_hash {
                merged.actions.push(Action {
                    effect: Effect::CommentEdited { topic, id, body },
                    reason: comment.reason.clone(),
                });
            }
            merged.live = Some(LiveComment { topic, id: Some(id), body_hash: new_hash });
            merged.actions.extend(doubles.into_iter().map(|id| Action {
                effect: Effect::CommentDeleted { topic, id },
                reason: Reason { because: Because::DuplicateComment, ..comment.reason.clone() },
            }));
        }
        There::None => {
            if is_worth_it(comment, labels) {
                let body = body(view, comment, labels)?;
                merged.live = Some(LiveComment { topic, id: None, body_hash: hash_of(&body) });
                merged.actions.push(Action {
                    effect: Effect::CommentPosted { topic, body },
                    reason: comment.reason.clone(),
                });
            }
        }
    }
    Ok(merged)
}

enum There {
    None,
    Live { id: u64, hash: String, doubles: Vec<u64> },
    Deleted(LiveComment),
}

/// The comment that is there: by the ledger, which costs nothing, else by the markers.
fn there(view: &View<'_>, topic: Topic) -> There {
    if view.ledger.known && !view.ledger.uncertain {
        return match view.ledger.comment(topic) {
            None => There::None,
            Some(live) => match live.id {
                Some(id) => There::Live { id, hash: live.body_hash.clone(), doubles: Vec::new() },
                None => There::Deleted(live.clone()),
            },
        };
    }
    if let Some(live) = view.ledger.comment(topic).filter(|live| live.id.is_none()) {
        return There::Deleted(live.clone());
    }
    let mut found = view
        .own_comments()
        .iter()
        .filter(|comment| Marker::of(&comment.body).is_some_and(|marker| marker.topic == topic));
    match found.next() {
        // It was there, and a person deleted it.
        None if let Some(live) = view.ledger.comment(topic) => {
            There::Deleted(LiveComment { id: None, ..live.clone() })
        }
        None => There::None,
        Some(Comment { id, body, .. }) => There::Live {
            id: *id,
            hash: hash_of(body),
            doubles: found.map(|comment| comment.id).collect(),
        },
    }
}

/// Whether a new comment is worth the notification that it causes.
fn is_worth_it(comment: &CommentWanted, labels: &Merged) -> bool {
    match comment.post {
        Post::Always => true,
        Post::Never => false,
        Post::WhenThereIsNews => {
            !labels.actions.is_empty()
                // Labels of Steward's own and no comment: it was interrupted between the two.
                || labels.fates.iter().any(|fate| fate.there && fate.ours)
                || labels.held.iter().any(|held| {
                    matches!(
                        held.reason.because,
                        Because::SetByHuman { .. } | Because::LabelMissing { .. }
                    )
                })
        }
    }
}

fn body(view: &View<'_>, comment: &CommentWanted, labels: &Merged) -> Result<String, WordsError> {
    let mut facts = comment.facts.clone();
    let words = &view.pack.words;
    let fates: Vec<Value> = labels
        .fates
        .iter()
        .map(|fate| {
            json!({
                "label": fate.label,
                "there": fate.there,
                "ours": fate.ours,
                // Said only of what was left alone: a sentence for each label that is there
                // would be made on every visit and shown to nobody.
                "why": (!fate.there).then(|| words.reason(&fate.because, Style::Markdown)),
            })
        })
        .collect();
    facts["labels"] = fates.into();
    let ours = labels.fates.iter().filter(|fate| fate.ours).map(|fate| fate.label.as_str());
    facts["set"] = ours.collect::<Vec<_>>().into();
    let text = words.comment(comment.template, facts)?;
    let marker = Marker {
        topic: comment.topic,
        rule: comment.reason.rule.clone(),
        labels: labels.ours.iter().map(|applied| applied.name.clone()).collect(),
    };
    Ok(format!("{}\n\n{}", text.trim_end(), marker.to_line()))
}

/// Tells two texts of one comment apart. Forges trim and normalise line ends; that is no change.
pub(crate) fn hash_of(body: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for line in body.trim().lines() {
        hash.update(line.trim_end());
        hash.update(b"\n");
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
