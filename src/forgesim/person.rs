//! People who do things in a simulation.

use crate::forgesim::{
    Change, Face, IssueType, ItemKind, NewMergeRequest, Sim, SimError,
    world::{
        World,
        items::{ItemChange, NewItem},
        labels::LabelChange,
        notes::Written,
        types::{ItemKey, State},
    },
};

/// Somebody acting: each method does what the person would do on GitLab's pages, with
/// all consequences (webhooks, label history, notifications).
///
/// What a person does always works, whatever their role: a story has already decided
/// who they are. Only quick actions in their comments ask for the rights they need.
///
/// # Errors
///
/// All methods fail when the project, the item or the comment does not exist, and
/// with [`SimError::Invalid`] for what GitLab's own validations refuse.
#[derive(Debug, Clone)]
pub struct Person {
    sim: Sim,
    id: u64,
    username: String,
}

/// A comment as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comment {
    /// Stored under this id.
    Stored(u64),
    /// It held only quick actions; GitLab does not store such a comment.
    OnlyCommands,
}

impl Comment {
    /// Id of the comment, when there is one.
    pub fn id(self) -> Option<u64> {
        match self {
            Self::Stored(id) => Some(id),
            Self::OnlyCommands => None,
        }
    }
}

impl Person {
    pub(crate) fn new(sim: Sim, id: u64, username: &str) -> Self {
        Self { sim, id, username: username.to_owned() }
    }

    /// Which forge the person is on.
    pub fn face(&self) -> Face {
        self.sim.shared.settings.face
    }

    /// Numeric id of the user.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Name after the `@`.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Opens an issue; returns its number.
    pub fn opens_issue(
        &self,
        project: impl AsRef<str>,
        title: &str,
        description: &str,
        labels: &[&str],
    ) -> Result<u64, SimError> {
        self.opens_typed_issue(project, IssueType::Issue, title, description, labels)
    }

    /// Opens an issue of some type; returns its number.
    pub fn opens_typed_issue(
        &self,
        project: impl AsRef<str>,
        issue_type: IssueType,
        title: &str,
        description: &str,
        labels: &[&str],
    ) -> Result<u64, SimError> {
        let mut world = self.sim.shared.world();
        let project = find(&world, project.as_ref())?;
        let labels = world.resolve_labels(project, labels.iter().copied(), true);
        let new = NewItem { title, description, labels, issue_type, ..NewItem::default() };
        Ok(world.open_item(self.id, project, new)?.iid)
    }

    /// Opens a confidential issue; returns its number.
    pub fn opens_confidential_issue(
        &self,
        project: impl AsRef<str>,
        title: &str,
        description: &str,
    ) -> Result<u64, SimError> {
        let mut world = self.sim.shared.world();
        let project = find(&world, project.as_ref())?;
        let new = NewItem { title, description, confidential: true, ..NewItem::default() };
        Ok(world.open_item(self.id, project, new)?.iid)
    }

    /// Opens a merge request; returns its number.
    pub fn opens_merge_request(
        &self,
        project: impl AsRef<str>,
        new: NewMergeRequest,
    ) -> Result<u64, SimError> {
        let mut world = self.sim.shared.world();
        let project = find(&world, project.as_ref())?;
        Ok(world.open_merge_request(self.id, project, new)?.iid)
    }

    /// Looks at an issue, to do something with it.
    pub fn on_issue(&self, project: impl AsRef<str>, iid: u64) -> Acting<'_> {
        self.on(project.as_ref(), ItemKind::Issue, iid)
    }

    /// Looks at a merge request, to do something with it.
    pub fn on_merge_request(&self, project: impl AsRef<str>, iid: u64) -> Acting<'_> {
        self.on(project.as_ref(), ItemKind::MergeRequest, iid)
    }

    fn on(&self, project: &str, kind: ItemKind, iid: u64) -> Acting<'_> {
        Acting { person: self, project: project.to_owned(), kind, iid }
    }
}

/// A person in front of an issue or merge request:
/// `anna.on_issue("example/product", 1).adds_labels(&["bug"])?`.
#[derive(Debug, Clone)]
pub struct Acting<'p> {
    person: &'p Person,
    project: String,
    kind: ItemKind,
    iid: u64,
}

impl Acting<'_> {
    fn act<T>(
        &self,
        act: impl FnOnce(&mut World, u64, ItemKey) -> Result<T, SimError>,
    ) -> Result<T, SimError> {
        let mut world = self.person.sim.shared.world();
        let project = find(&world, &self.project)?;
        let key = ItemKey { project, kind: self.kind, iid: self.iid };
        act(&mut world, self.person.id, key)
    }

    fn change(&self, change: ItemChange<'_>) -> Result<(), SimError> {
        self.act(|world, actor, key| world.change_item(actor, key, change))
    }

    /// Adds labels; unknown ones are created in the project.
    pub fn adds_labels(&self, titles: &[&str]) -> Result<(), SimError> {
        self.act(|world, actor, key| {
            let add = world.resolve_labels(key.project, titles.iter().copied(), true);
            let labels = LabelChange { add, ..LabelChange::default() };
            world.change_item(actor, key, ItemChange { labels, ..ItemChange::default() })
        })
    }

    /// Removes labels.
    pub fn removes_labels(&self, titles: &[&str]) -> Result<(), SimError> {
        self.act(|world, actor, key| {
            let remove = world.resolve_labels(key.project, titles.iter().copied(), false);
            let labels = LabelChange { remove, ..LabelChange::default() };
            world.change_item(actor, key, ItemChange { labels, ..ItemChange::default() })
        })
    }

    /// Changes the title.
    pub fn renames(&self, title: &str) -> Result<(), SimError> {
        self.change(ItemChange { title: Some(title), ..ItemChange::default() })
    }

    /// Changes the description.
    pub fn describes(&self, description: &str) -> Result<(), SimError> {
        self.change(ItemChange { description: Some(description), ..ItemChange::default() })
    }

    /// Sets the milestone by id, or takes it away.
    pub fn sets_milestone(&self, milestone: Option<u64>) -> Result<(), SimError> {
        self.change(ItemChange { milestone: Some(milestone), ..ItemChange::default() })
    }

    /// Assigns exactly these users.
    pub fn assigns(&self, users: &[u64]) -> Result<(), SimError> {
        self.change(ItemChange { assignees: Some(users.to_vec()), ..ItemChange::default() })
    }

    /// Asks exactly these people for a review; teams are not asked any more.
    pub fn asks_for_review(&self, users: &[u64]) -> Result<(), SimError> {
        self.act(|world, _, key| world.ask_for_review(key, users.to_vec(), Vec::new()))
    }

    /// Closes it.
    pub fn closes(&self) -> Result<(), SimError> {
        self.change(ItemChange { state: Some(State::Closed), ..ItemChange::default() })
    }

    /// Opens it again.
    pub fn reopens(&self) -> Result<(), SimError> {
        self.change(ItemChange { state: Some(State::Opened), ..ItemChange::default() })
    }

    /// Comments. Quick actions in the text are executed as far as the person may.
    pub fn comments(&self, body: &str) -> Result<Comment, SimError> {
        self.act(|world, actor, key| match world.write_note(actor, key, body, false)? {
            Written::Note(id, _) => Ok(Comment::Stored(id)),
            Written::OnlyCommands(_) => Ok(Comment::OnlyCommands),
        })
    }

    /// Changes the text of a comment.
    pub fn edits_comment(&self, note: u64, body: &str) -> Result<(), SimError> {
        self.act(|world, actor, key| world.edit_note(actor, key, note, body))
    }

    /// Deletes a comment.
    pub fn deletes_comment(&self, note: u64) -> Result<(), SimError> {
        self.act(|world, _, key| world.delete_note(key, note))
    }

    /// Reacts to the item itself, or to one of its comments; `name` such as `thumbsup`.
    pub fn reacts(&self, note: Option<u64>, name: &str) -> Result<(), SimError> {
        self.act(|world, actor, key| world.award(actor, key, note, name).map(drop))
    }

    /// Pushes to the merge request, which from now on shows these changes. Returns the
    /// new head commit.
    pub fn pushes(&self, changes: Vec<Change>) -> Result<String, SimError> {
        self.act(|world, actor, key| world.push(actor, key, changes))
    }

    /// Merges the merge request.
    pub fn merges(&self) -> Result<(), SimError> {
        self.act(|world, actor, key| world.merge(actor, key))
    }
}

pub(crate) fn find(world: &World, project: &str) -> Result<u64, SimError> {
    world.project_id(project).ok_or_else(|| SimError::NoProject(project.to_owned()))
}
