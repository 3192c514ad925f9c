//! Turning what happened into webhooks.

use bytes::Bytes;
use serde::Serialize;

use crate::forgesim::{
    Face,
    webhooks::{
        Topic,
        payload::{Addresses, Person, Place, RepositoryAttrs, labels, people},
    },
    world::{
        World,
        types::{Award, IssueType, Item, ItemKey, ItemKind, State, Time},
    },
};

mod attributes;

use attributes::{Changes, EmojiAttrs, ItemAttrs, NoteAttrs};
pub(crate) use attributes::{is_draft, merge_status};

/// What differs on an item before and after a change.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) title: Option<(String, String)>,
    pub(crate) description: Option<(String, String)>,
    pub(crate) labels: Option<(Vec<u64>, Vec<u64>)>,
    pub(crate) assignees: Option<(Vec<u64>, Vec<u64>)>,
    pub(crate) milestone_id: Option<(Option<u64>, Option<u64>)>,
    pub(crate) confidential: Option<(bool, bool)>,
    pub(crate) state: Option<(State, State)>,
    pub(crate) closed_at: Option<(Option<Time>, Option<Time>)>,
    pub(crate) updated_at: Option<(Time, Time)>,
    /// The head commit before a push.
    pub(crate) oldrev: Option<String>,
}

impl Differences {
    /// Whether anything but the time of the change differs.
    pub(crate) fn any(&self) -> bool {
        self.title.is_some()
            || self.description.is_some()
            || self.labels.is_some()
            || self.assignees.is_some()
            || self.milestone_id.is_some()
            || self.confidential.is_some()
            || self.state.is_some()
            || self.oldrev.is_some()
    }
}

/// Issue Hook and Merge Request Hook.
#[derive(Serialize)]
struct ItemEvent<'a> {
    object_kind: &'static str,
    event_type: &'static str,
    user: Person<'a>,
    project: Place<'a>,
    object_attributes: ItemAttrs<'a>,
    labels: Vec<super::payload::LabelAttrs<'a>>,
    changes: Changes<'a>,
    repository: RepositoryAttrs<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assignees: Vec<Person<'a>>,
}

/// Note Hook.
#[derive(Serialize)]
struct NoteEvent<'a> {
    object_kind: &'static str,
    event_type: &'static str,
    user: Person<'a>,
    project_id: u64,
    project: Place<'a>,
    object_attributes: NoteAttrs<'a>,
    repository: RepositoryAttrs<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<ItemAttrs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_request: Option<ItemAttrs<'a>>,
}

/// Emoji Hook.
#[derive(Serialize)]
struct EmojiEvent<'a> {
    object_kind: &'static str,
    event_type: &'a str,
    user: Person<'a>,
    project_id: u64,
    project: Place<'a>,
    object_attributes: EmojiAttrs<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<NoteAttrs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<ItemAttrs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_request: Option<ItemAttrs<'a>>,
}

/// What all events of an item need.
struct Scene<'a> {
    world: &'a World,
    project: &'a crate::forgesim::world::types::Project,
    item: &'a Item,
    actor: &'a crate::forgesim::world::types::UserRecord,
    addresses: Addresses,
    url: String,
}

impl World {
    /// Announces that an item was opened, changed, closed, ...
    pub(crate) fn announce_item(
        &self,
        actor: u64,
        key: ItemKey,
        action: Option<&str>,
        differences: &Differences,
    ) {
        let Some(hooks) = self.hooks_of(key) else {
            return;
        };
        if self.face == Face::Github {
            return self.announce_item_on_github(hooks, actor, key, action, differences);
        }
        let Some(scene) = self.scene(actor, key) else {
            return;
        };
        let topic = match (key.kind, scene.item.confidential) {
            (ItemKind::MergeRequest, _) => Topic::MergeRequest,
            (ItemKind::Issue, true) => Topic::ConfidentialIssue,
            (ItemKind::Issue, false) => Topic::Issue,
        };
        self.outbox.post(hooks, topic, || {
            let (object_kind, event_type) = match (key.kind, scene.item.issue_type) {
                (ItemKind::MergeRequest, _) => ("merge_request", "merge_request"),
                (ItemKind::Issue, _) if scene.item.confidential => {
                    (issue_kind(scene.item), "confidential_issue")
                }
                (ItemKind::Issue, _) => (issue_kind(scene.item), issue_kind(scene.item)),
            };
            let oldrev = differences.oldrev.as_deref();
            json(&ItemEvent {
                object_kind,
                event_type,
                user: Person::new(scene.actor),
                project: scene.addresses.place(scene.project),
                object_attributes: scene.item_attrs().with_action(action, oldrev),
                labels: labels(self, &scene.item.labels),
                changes: Changes::new(self, differences),
                repository: scene.addresses.repository(scene.project),
                assignees: people(self, &scene.item.assignees),
            })
        });
    }

    /// Announces a comment that was written or edited.
    pub(crate) fn announce_note(&self, actor: u64, key: ItemKey, note: u64, action: &'static str) {
        let Some(hooks) = self.hooks_of(key) else {
            return;
        };
        if self.face == Face::Github {
            return self.announce_note_on_github(hooks, actor, key, note, action);
        }
        let Some(scene) = self.scene(actor, key) else {
            return;
        };
        let Some(note) = scene.item.notes.get(&note) else {
            return;
        };
        let hidden = note.internal || scene.item.confidential;
        let topic = if hidden { Topic::ConfidentialNote } else { Topic::Note };
        self.outbox.post(hooks, topic, || {
            let attrs = Some(scene.item_attrs());
            let (issue, merge_request) = match key.kind {
                ItemKind::Issue => (attrs, None),
                ItemKind::MergeRequest => (None, attrs),
            };
            json(&NoteEvent {
                object_kind: "note",
                event_type: if hidden { "confidential_note" } else { "note" },
                user: Person::new(scene.actor),
                project_id: scene.project.id,
                project: scene.addresses.place(scene.project),
                object_attributes: scene.note_attrs(note, Some(action)),
                repository: scene.addresses.repository(scene.project),
                issue,
                merge_request,
            })
        });
    }

    /// Announces a reaction that was given or taken back.
    pub(crate) fn announce_emoji(
        &self,
        key: ItemKey,
        note: Option<u64>,
        award: &Award,
        action: &'static str,
    ) {
        let Some(hooks) = self.hooks_of(key) else {
            return;
        };
        // GitHub tells nobody of reactions.
        if self.face == Face::Github {
            return;
        }
        let Some(scene) = self.scene(award.user, key) else {
            return;
        };
        let note = note.and_then(|id| scene.item.notes.get(&id));
        self.outbox.post(hooks, Topic::Emoji, || {
            let attrs = Some(scene.item_attrs());
            let (issue, merge_request) = match key.kind {
                ItemKind::Issue => (attrs, None),
                ItemKind::MergeRequest => (None, attrs),
            };
            json(&EmojiEvent {
                object_kind: "emoji",
                event_type: action,
                user: Person::new(scene.actor),
                project_id: scene.project.id,
                project: scene.addresses.place(scene.project),
                object_attributes: scene.emoji_attrs(award, note, action),
                note: note.map(|note| scene.note_attrs(note, None)),
                issue,
                merge_request,
            })
        });
    }

    /// The project's hooks, or nothing when it has none: then no payload is prepared.
    fn hooks_of(&self, key: ItemKey) -> Option<&[u64]> {
        let hooks = &self.projects.get(&key.project)?.hooks;
        (!hooks.is_empty()).then_some(hooks)
    }

    fn scene(&self, actor: u64, key: ItemKey) -> Option<Scene<'_>> {
        let project = self.projects.get(&key.project)?;
        let item = project.items(key.kind).get(&key.iid)?;
        let addresses = Addresses::new(self, project);
        let url = format!("{}/-/{}/{}", addresses.web, key.kind.segment(), key.iid);
        let actor = self.users.get(&actor)?;
        Some(Scene { world: self, project, item, actor, addresses, url })
    }
}

/// All types of work items but the plain issue call themselves `work_item`.
fn issue_kind(item: &Item) -> &'static str {
    match item.issue_type {
        IssueType::Issue => "issue",
        _ => "work_item",
    }
}

/// Payloads are plain structs with string keys, which always can be written.
fn json(payload: &impl Serialize) -> Bytes {
    serde_json::to_vec(payload).map_or_else(|_| Bytes::from_static(b"{}"), Bytes::from)
}
