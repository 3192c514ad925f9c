//! What the policies name that only the forge can tell about.

use super::item::Item;
use crate::{
    model::{Cite, Facet, ForgeKind, LabelName, Snapshot, SubjectKind},
    pack::{
        Pack,
        rules::{Mode, Target},
    },
};

/// Labels, milestones and accounts that the policies would use, each with the first place that names
/// it. Labels in conditions are not among them: a rule may ask for what is not there yet.
pub fn named(pack: &Pack) -> Vec<(Facet, Cite)> {
    let mut all: Vec<(Facet, Cite)> = Vec::new();
    let mut add = |facet: Facet, cite: Cite| {
        if !all.iter().any(|(known, _)| *known == facet) {
            all.push((facet, cite));
        }
    };
    for group in pack.catalog.groups() {
        let place =
            |place: &crate::catalog::Place| Cite { file: place.file.to_string(), line: place.line };
        if let Some(label) = group.label_name() {
            add(Facet::Label(label), place(&group.place));
        }
        let stage = pack.catalog.stage_of(&group.key).filter(|_| pack.routing.label_stage);
        if let Some(stage) = stage {
            add(Facet::Label(LabelName::new(&stage.label)), place(&stage.place));
        }
    }
    for rule in pack.rules.iter().filter(|rule| rule.mode != Mode::Off) {
        let then = &rule.then;
        for label in then.labels.iter().flat_map(|labels| &labels.add) {
            add(Facet::Label(LabelName::new(label.as_str())), rule.cite.clone());
        }
        if let Some(title) = &then.milestone {
            add(Facet::Milestone(title.value.clone()), rule.cite.clone());
        }
        for handle in then.request_review.iter().flat_map(|review| review.handles()) {
            add(Facet::Account(handle.to_owned()), rule.cite.clone());
        }
        let targets = then.assign.iter().chain(&then.mention).flat_map(|to| to.iter());
        for target in targets {
            // With a slash it is a group, which has no account.
            if let Target::Handle(handle) = target
                && !handle.contains('/')
            {
                add(Facet::Account(handle.clone()), rule.cite.clone());
            }
        }
    }
    all
}

/// An item of a project, to ask its forge with.
pub fn asker(forge: ForgeKind, project: &str) -> Snapshot {
    let mut item = Item::of(SubjectKind::Issue);
    item.snapshot.subject.forge = forge;
    item.snapshot.subject.project = project.to_owned();
    item.snapshot
}
