//! What a rule on trial would do, as far as that is known without reading anything more.

use super::{Reviews, View, assignees, comment, explain, reviews};
use crate::{
    model::{LabelName, Reason, Shadow, State, SubjectKind},
    pack::rules::Rule,
    rules::Wanted,
};

/// Notes what a rule that holds would change.
pub(super) fn note(rule: &Rule, view: &View<'_>, wanted: &mut Wanted<'_>) {
    let would = would(rule, view);
    if would.is_empty() {
        return;
    }
    let reason: Reason = explain::reason(rule, view);
    wanted.shadow.extend(would.into_iter().map(|would| Shadow { would, reason: reason.clone() }));
}

/// Each thing that the rule would do, in its own terms.
fn would(rule: &Rule, view: &View<'_>) -> Vec<String> {
    let (then, snapshot) = (&rule.then, view.snapshot);
    let mut would = Vec::new();
    if let Some(labels) = &then.labels {
        let absent = labels.add.iter().map(|label| LabelName::new(label.as_str()));
        let absent = absent.filter(|label| snapshot.label(label).is_none());
        would.extend(absent.map(|label| format!("labels: add {label}")));
        for (label, lower) in snapshot.labels.iter().zip(view.labels_lower()) {
            if labels.remove.iter().any(|pattern| pattern.fits_lower(lower)) {
                would.push(format!("labels: remove {label}"));
            }
        }
    }
    if rule.speaks() {
        would.push(format!("comment: {}", comment::topic(rule)));
    }
    if snapshot.assignees.is_empty()
        && let Some(assigned) = assignees(rule, view)
    {
        let people = assigned.people.iter().map(|person| format!("@{}", person.username));
        let handles = assigned.handles.iter().map(|handle| format!("@{handle}"));
        let all: Vec<String> = people.chain(handles).collect();
        would.push(format!("assign: {}", all.join(", ")));
    }
    if let Some(Reviews { handles, teams }) = reviews(rule, view) {
        let teams = teams.iter().map(|team| format!("@{team}"));
        let all: Vec<String> =
            handles.iter().map(|handle| format!("@{handle}")).chain(teams).collect();
        would.push(format!("request_review: {}", all.join(", ")));
    }
    if let Some(title) = then.milestone.as_ref().filter(|_| snapshot.milestone.is_none()) {
        would.push(format!("milestone: {}", title.value));
    }
    if let Some(status) = &then.status
        && snapshot.subject.kind == SubjectKind::MergeRequest
    {
        would.push(format!("status: {} {:?}", status.name.value, status.state).to_lowercase());
    }
    if then.close.is_some() && snapshot.state == State::Open {
        would.push("close".into());
    }
    would
}
