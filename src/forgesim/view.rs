//! Looking at what a simulation contains, as a test asserts it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::forgesim::{
    ItemKind, Sim, SimError, State,
    person::find,
    world::{
        World,
        types::{Item, ItemKey},
    },
};

/// An issue or merge request as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemView {
    /// Number inside the project.
    pub iid: u64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Open, closed or merged.
    pub state: State,
    /// Titles of the labels, sorted.
    pub labels: Vec<String>,
    /// Title of the milestone.
    pub milestone: Option<String>,
    /// The last day of an issue.
    pub due: Option<NaiveDate>,
    /// Numbers of the issues that an issue is linked to.
    pub links: Vec<u64>,
    /// Name of who opened it.
    pub author: String,
    /// Names of the assignees.
    pub assignees: Vec<String>,
    /// All comments and GitLab's own remarks, oldest first.
    pub notes: Vec<NoteView>,
    /// The label history, oldest first.
    pub label_events: Vec<LabelEventView>,
    /// Reactions to the item itself: user and emoji.
    pub reactions: Vec<(String, String)>,
    /// Head commit of a merge request.
    pub sha: Option<String>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl ItemView {
    /// The comments that people (or bots) wrote.
    pub fn comments(&self) -> impl Iterator<Item = &NoteView> {
        self.notes.iter().filter(|note| !note.system)
    }

    /// The comments of one user.
    pub fn comments_of(&self, username: &str) -> Vec<&NoteView> {
        self.comments().filter(|note| note.author == username).collect()
    }

    /// Whether it carries a label.
    pub fn has_label(&self, title: &str) -> bool {
        self.labels.iter().any(|label| label == title)
    }
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteView {
    /// Id.
    pub id: u64,
    /// Name of the author.
    pub author: String,
    /// Text.
    pub body: String,
    /// Whether GitLab itself wrote it.
    pub system: bool,
    /// Whether only members see it.
    pub internal: bool,
    /// Reactions: user and emoji.
    pub reactions: Vec<(String, String)>,
}

/// An entry of the label history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelEventView {
    /// Name of who did it.
    pub user: String,
    /// Title of the label; nothing when it was deleted since.
    pub label: Option<String>,
    /// Added or removed.
    pub added: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// A commit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusView {
    /// Name of the check.
    pub name: String,
    /// `pending`, `running`, `success`, `failed`, `canceled` or `skipped`.
    pub state: String,
    /// What it says.
    pub description: Option<String>,
    /// Where it leads.
    pub target_url: Option<String>,
}

impl Sim {
    /// An issue as it is now.
    ///
    /// # Errors
    ///
    /// When there is no such project or issue.
    pub fn issue(&self, project: impl AsRef<str>, iid: u64) -> Result<ItemView, SimError> {
        self.item(project.as_ref(), ItemKind::Issue, iid)
    }

    /// A merge request as it is now.
    ///
    /// # Errors
    ///
    /// When there is no such project or merge request.
    pub fn merge_request(&self, project: impl AsRef<str>, iid: u64) -> Result<ItemView, SimError> {
        self.item(project.as_ref(), ItemKind::MergeRequest, iid)
    }

    fn item(&self, project: &str, kind: ItemKind, iid: u64) -> Result<ItemView, SimError> {
        let world = self.shared.world();
        let key = ItemKey { project: find(&world, project)?, kind, iid };
        Ok(view(&world, world.item(key)?))
    }

    /// The statuses of a commit, oldest first.
    pub fn statuses(&self, project: impl AsRef<str>, sha: &str) -> Vec<StatusView> {
        let world = self.shared.world();
        let project = world.project_id(project.as_ref()).and_then(|id| world.projects.get(&id));
        let statuses = project.and_then(|project| project.statuses.get(sha));
        let view = |status: &crate::forgesim::world::statuses::Status| StatusView {
            name: status.name.clone(),
            state: status.state.clone(),
            description: status.description.clone(),
            target_url: status.target_url.clone(),
        };
        statuses.map(|all| all.iter().map(view).collect()).unwrap_or_default()
    }

    /// Titles of the labels that a project offers, those of groups included, sorted.
    pub fn labels(&self, project: impl AsRef<str>) -> Vec<String> {
        let world = self.shared.world();
        let Some(id) = world.project_id(project.as_ref()) else {
            return Vec::new();
        };
        let owner = crate::forgesim::world::types::Owner::Project(id);
        world.labels_of(owner, true).into_iter().map(|id| world.title(id).to_owned()).collect()
    }
}

fn view(world: &World, item: &Item) -> ItemView {
    let name = |id: u64| world.users.get(&id).map(|user| user.username.clone()).unwrap_or_default();
    let reactions = |awards: &[crate::forgesim::world::types::Award]| {
        awards.iter().map(|award| (name(award.user), award.name.clone())).collect()
    };
    let mut labels: Vec<String> =
        item.labels.iter().map(|id| world.title(*id).to_owned()).collect();
    labels.sort_unstable();
    ItemView {
        iid: item.iid,
        title: item.title.clone(),
        description: item.description.clone(),
        state: item.state,
        labels,
        milestone: item
            .milestone
            .and_then(|id| world.milestones.get(&id))
            .map(|milestone| milestone.title.clone()),
        due: item.due,
        links: item.links.iter().copied().collect(),
        author: name(item.author),
        assignees: item.assignees.iter().map(|id| name(*id)).collect(),
        notes: item
            .notes
            .values()
            .map(|note| NoteView {
                id: note.id,
                author: name(note.author),
                body: note.body.clone(),
                system: note.system,
                internal: note.internal,
                reactions: reactions(&note.awards),
            })
            .collect(),
        label_events: item
            .label_events
            .iter()
            .map(|event| LabelEventView {
                user: name(event.user),
                label: world.labels.get(&event.label).map(|label| label.title.clone()),
                added: event.added,
                at: event.created_at,
            })
            .collect(),
        reactions: reactions(&item.awards),
        sha: item.merge.as_ref().map(|merge| merge.sha.clone()),
        updated_at: item.updated_at,
    }
}
