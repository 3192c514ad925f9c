//! The one live comment of a topic: posted once, then edited in place.

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    model::{
        Action, Applied, AppliedLabel, Because, Comment, Effect, ForgeKind, Held, LabelName,
        LiveComment, Reason, StatusState, Topic,
    },
    rules::{CommentWanted, DECLARED, Post, Section, View, Wanted, declared},
    words::{Marker, Style, WordsError},
};

use super::{
    Detail,
    answers::noun,
    labels::{Fate, Merged},
};

/// Said in place of a comment that would be longer than people read.
pub(super) const TOO_LONG: &str = "rules/too_long";

/// What becomes of the comments.
#[derive(Debug, Default)]
pub(super) struct MergedComments {
    /// At most one post or edit a topic, and the deletion of doubles.
    pub(super) actions: Vec<Action>,
    /// Comments that were left alone, and why.
    pub(super) held: Vec<Held>,
    /// The live comments once the actions are done. A posted one has no number yet.
    pub(super) live: Vec<LiveComment>,
    /// Whether any was looked for: from then on the ledger knows.
    pub(super) looked: bool,
}

/// What becomes of all else, as far as comments tell or remember it.
#[derive(Clone, Copy)]
pub(super) struct Done<'a> {
    /// The labels.
    pub(super) labels: &'a Merged,
    /// What Steward has to its name besides, once all is done.
    pub(super) applied: &'a [Applied],
}

/// Merges the wanted comments with those that are there.
pub(super) fn merge(
    view: &View<'_>,
    wanted: &Wanted<'_>,
    done: Done<'_>,
    detail: Detail,
) -> Result<MergedComments, WordsError> {
    let mut merged = MergedComments::default();
    for comment in &wanted.comments {
        one(view, wanted, comment, done, detail, &mut merged)?;
    }
    for live in &view.ledger.comments {
        // An answer is given and never touched again.
        let is_wanted = wanted.comments.iter().any(|comment| comment.topic == live.topic);
        if !is_wanted && live.topic.answers().is_none() {
            merged.live.extend(still_there(view, &live.topic));
        }
    }
    if view.ledger.uncertain || (merged.looked && !view.ledger.known) {
        // Posted, and nobody took it down. From now on the ledger is all that is asked.
        for topic in unheard_of(view, wanted) {
            merged.live.extend(still_there(view, &topic));
        }
    }
    Ok(merged)
}

/// What is known of a comment that nothing asks about.
fn still_there(view: &View<'_>, topic: &Topic) -> Option<LiveComment> {
    if let Some(live) = view.ledger.comment(topic).filter(|_| !view.ledger.uncertain) {
        return Some(live.clone());
    }
    match there(view, topic) {
        There::None => None,
        There::Deleted(live) => Some(live),
        There::Live { live, .. } => Some(live),
    }
}

/// Topics of Steward's comments of which the ledger knows nothing and that nothing asks about.
fn unheard_of(view: &View<'_>, wanted: &Wanted<'_>) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for comment in view.own_comments() {
        let Some(topic) = Marker::of(&comment.body).map(|marker| marker.topic) else { continue };
        let known = view.ledger.comment(&topic).is_some()
            || wanted.comments.iter().any(|comment| comment.topic == topic)
            || topics.contains(&topic);
        if !known && topic.answers().is_none() {
            topics.push(topic);
        }
    }
    topics
}

pub(super) fn one(
    view: &View<'_>,
    wanted: &Wanted<'_>,
    comment: &CommentWanted<'_>,
    done: Done<'_>,
    detail: Detail,
    merged: &mut MergedComments,
) -> Result<(), WordsError> {
    // Nothing was done here and nothing is asked for: not worth a call.
    let asks_for_nothing = comment.post == Post::Never && wanted.labels.is_empty();
    let unheard_of = !view.ledger.known && !was_read(view, &comment.topic);
    if asks_for_nothing && !wanted.keep_others && unheard_of && view.ledger.is_empty() {
        return Ok(());
    }
    merged.looked = true;
    let topic = &comment.topic;
    let there = there(view, topic);
    // All will be decided again once these are read: not worth the words.
    if view.lacks_something() {
        return Ok(());
    }
    match there {
        There::Deleted(live) => {
            merged.held.push(Held {
                label: None,
                reason: Reason { because: Because::CommentDeleted, ..comment.reason.clone() },
            });
            merged.live.push(live);
        }
        // Said once: what it told was so when it was said.
        There::Live { live, .. } if topic.is_said_once() => merged.live.push(live),
        There::Live { live, doubles } => {
            let id = live.id.unwrap_or_default();
            let making = Making::new(view, comment, done);
            let mut live = live;
            // The same again need not be put into words.
            if live.made_of.is_empty() || live.made_of != making.made_of {
                let body = making.body_or_short(view, merged)?;
                let body_hash = hash_of(&body);
                if live.body_hash != body_hash {
                    merged.actions.push(Action {
                        effect: Effect::CommentEdited { topic: topic.clone(), id, body },
                        reason: comment.reason.clone(),
                    });
                }
                let (made_of, rules) = (making.made_of, making.rules);
                live = LiveComment { body_hash, made_of, rules, ..live };
            }
            merged.live.push(live);
            merged.actions.extend(doubles.into_iter().map(|id| Action {
                effect: Effect::CommentDeleted { topic: topic.clone(), id },
                reason: Reason { because: Because::DuplicateComment, ..comment.reason.clone() },
            }));
        }
        There::None => {
            if is_worth_it(comment, done.labels) {
                let making = Making::new(view, comment, done);
                let body = match detail {
                    Detail::Full => making.body_or_short(view, merged)?,
                    Detail::Outline | Detail::Adopted => String::new(),
                };
                merged.live.push(LiveComment {
                    topic: topic.clone(),
                    id: None,
                    body_hash: hash_of(&body),
                    made_of: making.made_of,
                    rules: making.rules,
                });
                merged.actions.push(Action {
                    effect: Effect::CommentPosted { topic: topic.clone(), body },
                    reason: comment.reason.clone(),
                });
            }
        }
    }
    Ok(())
}

enum There {
    None,
    Live { live: LiveComment, doubles: Vec<u64> },
    Deleted(LiveComment),
}

/// Whether a comment on a topic is among those that were read for another reason.
fn was_read(view: &View<'_>, topic: &Topic) -> bool {
    let read = view.snapshot.facets.own_comments.iter().flatten();
    read.filter_map(|comment| Marker::of(&comment.body)).any(|marker| marker.topic == *topic)
}

/// The comment that is there: by the ledger, which costs nothing, else by the markers.
fn there(view: &View<'_>, topic: &Topic) -> There {
    if view.ledger.known && !view.ledger.uncertain {
        return match view.ledger.comment(topic) {
            None => There::None,
            Some(live) => match live.id {
                Some(_) => There::Live { live: live.clone(), doubles: Vec::new() },
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
        .filter(|comment| Marker::of(&comment.body).is_some_and(|marker| marker.topic == *topic));
    match found.next() {
        // It was there, and a person deleted it.
        None if let Some(live) = view.ledger.comment(topic) => {
            There::Deleted(LiveComment { id: None, ..live.clone() })
        }
        None => There::None,
        Some(Comment { id, body, .. }) => There::Live {
            live: LiveComment {
                topic: topic.clone(),
                id: Some(*id),
                body_hash: hash_of(body),
                made_of: String::new(),
                rules: Marker::of(body).map(|marker| marker.rules).unwrap_or_default(),
            },
            doubles: found.map(|comment| comment.id).collect(),
        },
    }
}

/// Whether a new comment is worth the notification that it causes.
fn is_worth_it(comment: &CommentWanted<'_>, labels: &Merged) -> bool {
    match comment.post {
        Post::Always => true,
        Post::Never => false,
        Post::WhenThereIsNews => {
            // Labels of rules have comments of their own, or none.
            labels.actions.iter().any(|action| !action.reason.rule.starts_with(DECLARED))
                // Labels of Steward's own and no comment: it was interrupted between the two.
                || labels.fates.iter().any(|fate| fate.there && fate.ours && !fate.rule.starts_with(DECLARED))
                || labels.held.iter().any(|held| {
                    !held.reason.rule.starts_with(DECLARED) && matches!(
                        held.reason.because,
                        Because::SetByHuman { .. } | Because::LabelMissing { .. }
                    )
                })
        }
    }
}

/// A comment about to be made: what each section is told, and what the marker remembers.
struct Making<'a> {
    comment: &'a CommentWanted<'a>,
    /// The fates of labels, section by section.
    fates: Vec<Vec<FateTold<'a>>>,
    marker: String,
    /// A hash of all that the text depends on.
    made_of: String,
    /// The rules of the policies that have a section in it.
    rules: Vec<String>,
}

impl<'a> Making<'a> {
    fn new(view: &View<'_>, comment: &'a CommentWanted<'a>, done: Done<'a>) -> Self {
        let Done { labels, applied } = done;
        let fates: Vec<Vec<FateTold<'a>>> =
            comment.sections.iter().map(|section| fates(view, section, labels)).collect();
        let rules: Vec<String> =
            comment.sections.iter().filter_map(|section| section.rule.clone()).collect();
        let marker = Marker {
            topic: comment.topic.clone(),
            rule: comment.reason.rule.clone(),
            labels: labels
                .ours
                .iter()
                // What is never edited must not remember: it would soon be wrong.
                .filter(|_| !comment.topic.is_said_once())
                .filter(|applied| topic_of(view, applied) == comment.topic)
                .map(|applied| applied.name.clone())
                .collect(),
            applied: match remembers(&comment.topic) {
                true => {
                    applied.iter().filter_map(|one| for_marker(view, one, &comment.topic)).collect()
                }
                false => Vec::new(),
            },
            rules: rules.clone(),
        }
        .to_line();
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(view.pack.words.version.as_bytes());
        part(comment.frame.unwrap_or_default().as_bytes());
        part(view.me.username.as_bytes());
        for (section, fates) in comment.sections.iter().zip(&fates) {
            part(section.template.as_bytes());
            part(&section.facts.to_bytes());
            // Fates always have a JSON form.
            part(&serde_json::to_vec(fates).unwrap_or_default());
        }
        part(marker.as_bytes());
        let made_of = short(hash);
        Self { comment, fates, marker, made_of, rules }
    }

    /// The text, or where that would be too long a short one that says so: labels and all else that
    /// is wanted must not wait for a comment. Answers have a short text of their own.
    fn body_or_short(
        &self,
        view: &View<'_>,
        merged: &mut MergedComments,
    ) -> Result<String, WordsError> {
        match self.body(view) {
            Err(WordsError::TooLong(_)) if self.comment.topic.answers().is_none() => {
                let because = Because::CommentTooLong;
                let reason = Reason { because, ..self.comment.reason.clone() };
                merged.held.push(Held { label: None, reason });
                let facts = json!({ "item": noun(view), "ask": ask(view) });
                let text = view.pack.words.comment_on(forge(view), TOO_LONG, facts)?;
                Ok(format!("{}\n\n{}", text.trim_end(), self.marker))
            }
            made => made,
        }
    }

    fn body(&self, view: &View<'_>) -> Result<String, WordsError> {
        let words = &view.pack.words;
        let mut texts = Vec::with_capacity(self.fates.len());
        for (section, fates) in self.comment.sections.iter().zip(&self.fates) {
            let mut facts = section.facts.to_value();
            facts["labels"] = json!(fates);
            let ours = fates.iter().filter(|fate| fate.ours).map(|fate| fate.label.as_str());
            facts["set"] = ours.collect::<Vec<_>>().into();
            facts["ask"] = ask(view).into();
            texts.push(words.comment_on(forge(view), &section.template, facts)?);
        }
        let text = match self.comment.frame {
            Some(frame) => {
                let sections: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
                let set = self.fates.iter().flatten().any(|fate| fate.there);
                let facts = json!({ "sections": sections, "set": set, "ask": ask(view) });
                words.comment_on(forge(view), frame, facts)?
            }
            None => texts.concat(),
        };
        Ok(format!("{}\n\n{}", text.trim_end(), self.marker))
    }
}

/// Whether comments on a topic remember what Steward did besides labels. Routing does nothing
/// else, and an answer is not touched again.
fn remembers(topic: &Topic) -> bool {
    *topic != Topic::ROUTING && !topic.is_said_once()
}

/// What the marker of a comment remembers of something that Steward has done. Of a status only that
/// it is there, and only where its rule speaks: else each push would cost an edit.
fn for_marker(view: &View<'_>, applied: &Applied, topic: &Topic) -> Option<Applied> {
    match applied {
        Applied::Status { name, rule, .. } => {
            let rule = view.pack.rules.iter().find(|one| one.name == *rule && one.speaks())?;
            (declared::topic(rule) == *topic).then(|| Applied::Status {
                name: name.clone(),
                commit: String::new(),
                state: StatusState::Pending,
                text: String::new(),
                rule: rule.name.clone(),
                report: String::new(),
            })
        }
        // It is tried again at each commit, and each would cost an edit.
        Applied::ReviewRefused { .. } => None,
        // A waiver belongs to its checklist's comment.
        Applied::Waived { waiver } => {
            let checklist = view.pack.checklists.get(&waiver.checklist)?;
            (checklist.topic == *topic).then(|| applied.clone())
        }
        // What is tracked belongs to the comment about it.
        Applied::Leaves { .. } | Applied::Section { .. } => {
            (*topic == Topic::TRACKING).then(|| applied.clone())
        }
        // The forge tells of them itself.
        Applied::Opened { .. } => None,
        _ if [Topic::TRACKING, Topic::DEPRECATED].contains(topic) => None,
        _ if view.pack.checklists.iter().any(|one| one.topic == *topic) => None,
        _ => Some(applied.clone()),
    }
}

/// The topic whose comment remembers a label: that in which its rule speaks. Of a rule that says
/// nothing, or is gone, the one that rules share.
fn topic_of(view: &View<'_>, applied: &AppliedLabel) -> Topic {
    let Some(name) = applied.rule.as_ref().filter(|rule| rule.starts_with(DECLARED)) else {
        return Topic::ROUTING;
    };
    let rule = view.pack.rules.iter().find(|rule| rule.name == *name && rule.speaks());
    rule.map_or(Topic::RULES, declared::topic)
}

/// What a section is told of a label's fate.
#[derive(Debug, Serialize)]
struct FateTold<'a> {
    label: &'a LabelName,
    there: bool,
    ours: bool,
    /// Said only of what was left alone: a sentence for each label that is there would be made on
    /// every visit and shown to nobody.
    why: Option<String>,
}

/// The fates of the labels that a section is about.
fn fates<'a>(view: &View<'_>, section: &Section<'_>, labels: &'a Merged) -> Vec<FateTold<'a>> {
    let words = &view.pack.words;
    let its = |rule: &str| match &section.rule {
        Some(own) => own == rule,
        None => !rule.starts_with(DECLARED),
    };
    let told = |fate: &'a Fate| FateTold {
        label: &fate.label,
        there: fate.there,
        ours: fate.ours,
        why: (!fate.there).then(|| words.reason(&fate.because, Style::of_comments(forge(view)))),
    };
    labels.fates.iter().filter(|fate| its(&fate.rule)).map(told).collect()
}

fn forge(view: &View<'_>) -> ForgeKind {
    view.snapshot.subject.forge
}

/// The command that tells why.
fn ask(view: &View<'_>) -> String {
    format!("@{} why", view.me.handle())
}

/// Tells two texts of one comment apart. Forges trim and normalise line ends; that is no change.
pub(crate) fn hash_of(body: &str) -> String {
    let mut hash = Sha256::new();
    for line in body.trim().lines() {
        hash.update(line.trim_end());
        hash.update(b"\n");
    }
    short(hash)
}

/// The first eight bytes of a hash are enough to tell apart what one comment says at two times.
fn short(hash: Sha256) -> String {
    let bytes = hash.finalize();
    let start = bytes.iter().take(8).fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
    format!("{start:016x}")
}
