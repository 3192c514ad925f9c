//! What the comments on routing are told. Every fact is always there, if only as `null`, since a
//! template that names something else is refused.

use std::borrow::Cow;

use serde::Serialize;

use super::{Found, by_label::Seen, people::Decided};
use crate::{
    catalog::{Group, Integration},
    model::{LabelName, SubjectKind},
    rules::{Told, View},
};

/// What a comment is told about an item whose group is known.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'a> {
    /// What people call the subject: `issue`, `merge request`.
    pub(super) item: &'static str,
    /// The integrations that it is about; empty when the catalog does not have it.
    pub(super) integrations: Vec<IntegrationFacts<'a>>,
    /// The label that names it.
    pub(super) label: Option<LabelName>,
    /// The changed file that tells it.
    pub(super) path: Option<String>,
    /// The group by the policies; of several that are told, the first, with a mention of all.
    pub(super) group: GroupFacts<'a>,
    /// All groups that are told.
    pub(super) owners: Vec<GroupFacts<'a>>,
    /// Whether these are more than one.
    pub(super) several: bool,
    /// The group that a person set in its place.
    pub(super) chosen: Option<GroupFacts<'a>>,
    /// Who set another group's label, or took this one's off.
    pub(super) by: Option<String>,
    /// When it was taken off.
    pub(super) at: Option<String>,
    /// Labels whose integration the catalog does not have.
    pub(super) unknown: Vec<LabelName>,
    /// The word or label that pointed at the group.
    pub(super) sign: Option<String>,
    /// Where that stood.
    pub(super) place: Option<&'static str>,
    /// The catalog's category in which the group owns others.
    pub(super) category: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// What is told in any case.
    pub(super) fn new(view: &View<'a>, owner: &'a Group, decided: &Decided<'a>) -> Self {
        let chosen = match decided {
            Decided::Other { label, group: found, .. } => Some(match found {
                Some(found) => group(view, found),
                None => {
                    GroupFacts { name: label.as_str(), label: Some(label.as_str()), mention: None }
                }
            }),
            _ => None,
        };
        let (by, at) = match decided {
            Decided::Other { by, .. } => (by.clone(), None),
            Decided::TakenOff { by, at } => (by.clone(), at.map(|at| at.date_naive().to_string())),
            Decided::Nothing => (None, None),
        };
        let group = group(view, owner);
        Self {
            item: noun(view),
            integrations: Vec::new(),
            label: None,
            path: None,
            owners: vec![group.clone()],
            group,
            several: false,
            chosen,
            by,
            at,
            unknown: Vec::new(),
            sign: None,
            place: None,
            category: None,
        }
    }

    /// The integrations, and how they were seen.
    pub(super) fn about(mut self, view: &View<'a>, found: &[Found<'a>]) -> Self {
        self.integrations = found.iter().map(|one| integration(view, one.integration)).collect();
        match found.first().map(|first| &first.seen) {
            Some(Seen::Label(label)) => self.label = Some(label.clone()),
            Some(Seen::Path(path)) => self.path = Some(path.clone()),
            None => {}
        }
        self
    }

    /// The owners, where several are told.
    pub(super) fn told(mut self, view: &View<'_>, owners: &[&'a Group]) -> Self {
        if owners.len() < 2 {
            return self;
        }
        self.several = true;
        self.owners = owners.iter().map(|owner| group(view, owner)).collect();
        // Each once, also those who own several.
        let mut all: Vec<Cow<'_, str>> = Vec::new();
        for mention in owners.iter().filter_map(|owner| mention(view, owner)) {
            for one in mention.split(',').map(str::trim).filter(|one| !one.is_empty()) {
                if !all.iter().any(|had| had.eq_ignore_ascii_case(one)) {
                    all.push(one.to_owned().into());
                }
            }
        }
        self.group.mention = (!all.is_empty()).then(|| all.join(", ").into());
        self
    }
}

/// How a comment shows a group.
#[derive(Debug, Clone, Serialize)]
pub(in crate::rules) struct GroupFacts<'a> {
    name: &'a str,
    label: Option<&'a str>,
    mention: Option<Cow<'a, str>>,
}

/// What a comment is told of a group.
pub(in crate::rules) fn group<'a>(view: &View<'_>, group: &'a Group) -> GroupFacts<'a> {
    GroupFacts { name: &group.name, label: group.label.as_deref(), mention: mention(view, group) }
}

/// The text that calls a group's people, without the item's author, who knows; `None` if that
/// leaves nobody.
pub(super) fn mention<'a>(view: &View<'_>, group: &'a Group) -> Option<Cow<'a, str>> {
    let mention = group.mention.as_deref()?;
    let author = &view.snapshot.author.username;
    let is_author = |handle: &str| {
        handle.strip_prefix('@').is_some_and(|handle| handle.eq_ignore_ascii_case(author))
    };
    if !group.handles().any(is_author) {
        return Some(Cow::Borrowed(mention));
    }
    let others: Vec<&str> = group.handles().filter(|handle| !is_author(handle)).collect();
    (!others.is_empty()).then(|| Cow::Owned(others.join(", ")))
}

/// How a comment shows an integration.
#[derive(Debug, Clone, Serialize)]
pub(in crate::rules) struct IntegrationFacts<'a> {
    name: &'a str,
    docs: Option<&'a str>,
    label: String,
    owner: Option<&'a str>,
    owner_name: Option<&'a str>,
    key: &'a str,
    file: &'a str,
    url: Option<String>,
}

/// What a comment is told of an integration.
pub(in crate::rules) fn integration<'a>(
    view: &View<'a>,
    integration: &'a Integration,
) -> IntegrationFacts<'a> {
    let routing = &view.pack.routing;
    let owner = view.pack.catalog.owner(integration);
    let file = integration.place().in_pack();
    IntegrationFacts {
        name: &integration.name,
        docs: integration.docs.as_deref(),
        label: format!("{}{}", *routing.label_prefix, integration.label),
        owner: owner.and_then(|owner| owner.label.as_deref()),
        owner_name: owner.map(|owner| owner.name.as_str()),
        key: integration.key.as_str(),
        url: view.pack.places.url(&integration.place().file),
        file,
    }
}

/// What comments are told that say nothing of any group.
pub(in crate::rules) fn only_item(view: &View<'_>) -> Told<'static> {
    #[derive(Debug, Serialize)]
    struct Item {
        item: &'static str,
    }
    Told::new(Item { item: noun(view) })
}

/// What people call the subject.
pub(in crate::rules) fn noun(view: &View<'_>) -> &'static str {
    let subject = &view.snapshot.subject;
    match subject.kind {
        SubjectKind::Issue => "issue",
        SubjectKind::MergeRequest => subject.forge.merge_request(),
        SubjectKind::Epic => "epic",
    }
}
