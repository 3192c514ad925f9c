//! What is recorded with a decision, so that it can be made again; and which questions it answered.

use crate::{
    model::{Effect, FileContent, Person, Plan, Snapshot, Topic},
    plan::RecordedInput,
    store::{AuditState, Claim, Settled},
    worker::execute::Executed,
};

/// A larger input is not recorded: a few such items would fill the database. In bytes.
const LARGEST: usize = 256 * 1024;

/// What a decision was made on, as JSON; `None` when it is too large.
pub(super) fn input(snapshot: &Snapshot, claim: &Claim, me: &Person) -> Option<String> {
    // A hundred files can be as many megabytes: not written out only to be thrown away.
    let texts = snapshot.facets.files.values().map(|content| match content {
        FileContent::Text(text) => text.len(),
        FileContent::Absent | FileContent::Unreadable(_) => 0,
    });
    if texts.sum::<usize>() > LARGEST {
        return None;
    }
    let (ledger, questions) = (&claim.ledger, &claim.questions);
    let json = serde_json::to_string(&RecordedInput::new(snapshot, ledger, me, questions));
    // These are plain structs, which always have a JSON form.
    json.ok().filter(|json| json.len() <= LARGEST)
}

/// All questions of a visit that writes nothing.
pub(super) fn asked(claim: &Claim) -> Vec<i64> {
    claim.questions.iter().map(|question| question.id).collect()
}

/// The questions that need no further visit: those whose answer was posted, and those that had
/// none to post.
pub(super) fn answered(claim: &Claim, plan: &Plan, executed: &Executed) -> (Vec<i64>, Vec<i64>) {
    let settled = &executed.settled;
    // Whether its answer was posted, of a topic that one was to be posted on.
    let posted = |topic: &Topic| {
        let posts = |effect: &Effect| matches!(effect, Effect::CommentPosted { topic: of, .. } if of == topic);
        let position = plan.actions.iter().position(|action| posts(&action.effect));
        position.map(|position| {
            let its = settled.iter().find(|one| usize::try_from(one.position) == Ok(position));
            its.is_some_and(|one| one.state == AuditState::Applied)
        })
    };
    let (mut answered, mut dropped) = (Vec::new(), Vec::new());
    // Whether its emoji is there, of a comment that was to get one.
    let reacted = |comment: u64| {
        let reacts = |effect: &Effect| matches!(effect, Effect::Reacted { comment: of, .. } if *of == comment);
        let position = plan.actions.iter().position(|action| reacts(&action.effect))?;
        let its = settled.iter().find(|one| usize::try_from(one.position) == Ok(position));
        // What failed alone failed for good: the comment is gone.
        let is_done = |one: &Settled| one.state == AuditState::Applied || executed.error.is_none();
        Some(its.is_some_and(is_done))
    };
    for question in &claim.questions {
        if reacted(question.comment) == Some(false) {
            continue;
        }
        match posted(&Topic::nth_answer(question.comment, question.nth)) {
            Some(true) => answered.push(question.id),
            Some(false) => {}
            None => dropped.push(question.id),
        }
    }
    (answered, dropped)
}
