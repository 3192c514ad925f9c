//! What is recorded about a removal, held against the calendar: rows of checklists ask it.
//!
//! Sources of the rules: "You must announce any deprecation no later than the third milestone
//! preceding intended removal" (GitLab's integration guidelines), and that features leave in major
//! milestones (its terminology of removals). The numbers stand in the policies.

use crate::{
    evidence::names::Names,
    model::{Calendar, ProofKind, Version},
    pack::{
        checklists::RemovalIs,
        removals::{ExceptionFrom, Removal},
    },
    rules::{
        View,
        newcomer::{Answer, proof},
    },
};

/// Asks about the removal of an integration.
pub(in crate::rules) fn ask(view: &View<'_>, names: &Names, is: RemovalIs) -> Answer {
    let Some(removal) = view.removal_of(&names.path) else {
        return Answer::no(proof(ProofKind::RemovalNotRecorded, names.name.as_str()));
    };
    if is == RemovalIs::Announced {
        let mut proof = proof(ProofKind::RemovalRecorded, removal.removal.to_string());
        proof.found = Some(removal.announced.to_string());
        return Answer::yes(proof);
    }
    let Some(calendar) = view.pack.calendar.as_ref().map(|one| &one.releases) else {
        return Answer::cannot_tell(proof(ProofKind::NotInCalendar, removal.removal.to_string()));
    };
    match is {
        RemovalIs::Announced | RemovalIs::InTime => {
            let expected = view.pack.lifecycle.deprecations.as_ref();
            in_time(expected.map_or(0, |expected| expected.window), removal, calendar)
        }
        RemovalIs::Major => major(removal, calendar),
        RemovalIs::Now => reached(removal.removal, milestone(view, calendar)),
        RemovalIs::Over => match calendar.next(removal.removal) {
            Some(next) => reached(next.version, milestone(view, calendar)),
            None => Answer::cannot_tell(proof(
                ProofKind::NotInCalendar,
                format!("behind {}", removal.removal),
            )),
        },
    }
}

/// Whether so many releases lie between announcement and removal.
fn in_time(window: usize, removal: &Removal, calendar: &Calendar) -> Answer {
    if let Some(reason) = removal.exception(ExceptionFrom::Window) {
        return Answer::yes(proof(ProofKind::Excepted, reason));
    }
    let distance = calendar.distance(removal.announced, removal.removal);
    let last = calendar.last_legal_announcement(removal.removal, window);
    let (Some(_), Some(last)) = (distance, last) else {
        let both = format!("{} or {}", removal.announced, removal.removal);
        return Answer::cannot_tell(proof(ProofKind::NotInCalendar, both));
    };
    let is_in_time = removal.announced <= last.version;
    let kind = match is_in_time {
        true => ProofKind::AnnouncedInTime,
        false => ProofKind::AnnouncedLate,
    };
    let mut proof = proof(kind, last.version.to_string());
    proof.found = Some(removal.announced.to_string());
    Answer::new(is_in_time.into(), vec![proof])
}

fn major(removal: &Removal, calendar: &Calendar) -> Answer {
    if let Some(reason) = removal.exception(ExceptionFrom::Major) {
        return Answer::yes(proof(ProofKind::Excepted, reason));
    }
    let version = removal.removal.to_string();
    if calendar.index(removal.removal).is_none() {
        return Answer::cannot_tell(proof(ProofKind::NotInCalendar, version));
    }
    match removal.removal.is_major() {
        true => Answer::yes(proof(ProofKind::MajorMilestone, version)),
        false => Answer::no(proof(ProofKind::MinorMilestone, version)),
    }
}

fn reached(wanted: Version, now: Option<Version>) -> Answer {
    let Some(now) = now else {
        return Answer::cannot_tell(proof(ProofKind::NotInCalendar, "in work today"));
    };
    let is_reached = now >= wanted;
    let kind = match is_reached {
        true => ProofKind::MilestoneReached,
        false => ProofKind::MilestoneAhead,
    };
    let mut proof = proof(kind, wanted.to_string());
    proof.found = Some(now.to_string());
    Answer::new(is_reached.into(), vec![proof])
}

/// The milestone that counts: the item's, else the one that is in work.
fn milestone(view: &View<'_>, calendar: &Calendar) -> Option<Version> {
    let own = view.snapshot.milestone.as_ref().and_then(|one| one.title.parse().ok());
    own.or_else(|| calendar.in_work(view.now.date_naive()).map(|release| release.version))
}
