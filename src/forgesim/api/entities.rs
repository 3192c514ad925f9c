//! Issues, comments, labels, ... as GitLab's API shows them (`lib/api/entities/*.rb`).

use chrono::{NaiveDate, SecondsFormat};
use serde::{Serialize, Serializer};

use crate::forgesim::world::{
    World,
    types::{Award, Item, Label, LabelEvent, Milestone, Note, Owner, Time},
};

mod items;
mod project;

pub(super) use items::item;
pub(super) use project::project;

/// A time as the API writes it: `2026-11-21T07:19:44.123Z`.
pub(super) fn stamp<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The same for a time that may be absent.
pub(super) fn stamp_option<S: Serializer>(
    time: &Option<Time>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => stamp(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// A user, as shown wherever one is named.
#[derive(Debug, Serialize)]
pub(super) struct UserEntity<'a> {
    id: u64,
    username: &'a str,
    name: &'a str,
    state: &'static str,
    locked: bool,
    avatar_url: Option<&'a str>,
    web_url: String,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    bot: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    member: Option<Membership>,
}

/// What an account has as a member.
#[derive(Debug, Serialize)]
struct Membership {
    access_level: u8,
    expires_at: Option<NaiveDate>,
    membership_state: &'static str,
}

impl UserEntity<'_> {
    /// The same person as a member.
    pub(super) fn with_level(mut self, access_level: u8) -> Self {
        let membership_state = "active";
        self.member = Some(Membership { access_level, expires_at: None, membership_state });
        self
    }
}

/// Nothing for a user that does not exist.
pub(super) fn user(world: &World, id: u64) -> Option<UserEntity<'_>> {
    let user = world.users.get(&id)?;
    Some(UserEntity {
        id,
        username: &user.username,
        name: &user.name,
        state: if user.blocked { "blocked" } else { "active" },
        locked: false,
        avatar_url: None,
        web_url: format!("{}/{}", world.web_url, user.username),
        created_at: user.created_at,
        bot: user.username.ends_with("bot"),
        member: None,
    })
}

/// A comment.
#[derive(Debug, Serialize)]
pub(super) struct NoteEntity<'a> {
    id: u64,
    r#type: Option<&'static str>,
    body: &'a str,
    author: Option<UserEntity<'a>>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    system: bool,
    noteable_id: u64,
    noteable_type: &'static str,
    noteable_iid: u64,
    project_id: u64,
    resolvable: bool,
    confidential: bool,
    internal: bool,
    imported: bool,
    imported_from: &'static str,
    commands_changes: crate::forgesim::world::notes::Commands,
}

impl NoteEntity<'_> {
    pub(super) fn with_commands(
        mut self,
        commands: crate::forgesim::world::notes::Commands,
    ) -> Self {
        self.commands_changes = commands;
        self
    }
}

pub(super) fn note<'a>(
    world: &'a World,
    project: u64,
    item: &Item,
    note: &'a Note,
) -> NoteEntity<'a> {
    NoteEntity {
        id: note.id,
        r#type: None,
        body: &note.body,
        author: user(world, note.author),
        created_at: note.created_at,
        updated_at: note.updated_at,
        system: note.system,
        noteable_id: item.id,
        noteable_type: item.kind.class(),
        noteable_iid: item.iid,
        project_id: project,
        resolvable: false,
        confidential: note.internal,
        internal: note.internal,
        imported: false,
        imported_from: "none",
        commands_changes: Default::default(),
    }
}

/// A label.
#[derive(Debug, Serialize)]
pub(super) struct LabelEntity<'a> {
    id: u64,
    name: &'a str,
    description: Option<&'a str>,
    description_html: &'a str,
    text_color: &'static str,
    color: &'a str,
    subscribed: bool,
    priority: Option<u32>,
    is_project_label: bool,
    archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_issues_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_issues_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_merge_requests_count: Option<usize>,
}

impl LabelEntity<'_> {
    pub(super) fn with_counts(mut self, counts: [usize; 3]) -> Self {
        self.open_issues_count = Some(counts[0]);
        self.closed_issues_count = Some(counts[1]);
        self.open_merge_requests_count = Some(counts[2]);
        self
    }
}

pub(super) fn label(label: &Label) -> LabelEntity<'_> {
    LabelEntity {
        id: label.id,
        name: &label.title,
        description: label.description.as_deref(),
        description_html: label.description.as_deref().unwrap_or_default(),
        text_color: "#FFFFFF",
        color: &label.color,
        subscribed: false,
        priority: None,
        is_project_label: matches!(label.owner, Owner::Project(_)),
        archived: label.archived,
        open_issues_count: None,
        closed_issues_count: None,
        open_merge_requests_count: None,
    }
}

/// An entry of the label history.
#[derive(Debug, Serialize)]
pub(super) struct LabelEventEntity<'a> {
    id: u64,
    user: Option<UserEntity<'a>>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    resource_type: &'static str,
    resource_id: u64,
    /// Nothing when the label was deleted since.
    label: Option<EventLabel<'a>>,
    action: &'static str,
}

#[derive(Debug, Serialize)]
struct EventLabel<'a> {
    id: u64,
    name: &'a str,
    color: &'a str,
    description: Option<&'a str>,
}

pub(super) fn label_event<'a>(
    world: &'a World,
    item: &Item,
    event: &LabelEvent,
) -> LabelEventEntity<'a> {
    LabelEventEntity {
        id: event.id,
        user: user(world, event.user),
        created_at: event.created_at,
        resource_type: item.kind.class(),
        resource_id: item.id,
        label: world.labels.get(&event.label).map(|label| EventLabel {
            id: label.id,
            name: &label.title,
            color: &label.color,
            description: label.description.as_deref(),
        }),
        action: if event.added { "add" } else { "remove" },
    }
}

/// A milestone.
#[derive(Debug, Serialize)]
pub(super) struct MilestoneEntity<'a> {
    id: u64,
    iid: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<u64>,
    title: &'a str,
    description: &'static str,
    state: &'static str,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    due_date: Option<NaiveDate>,
    start_date: Option<NaiveDate>,
    expired: bool,
    web_url: String,
}

pub(super) fn milestone<'a>(world: &World, milestone: &'a Milestone) -> MilestoneEntity<'a> {
    let place = match milestone.owner {
        Owner::Group(id) => world.groups.get(&id).map(|group| format!("groups/{}", group.path)),
        Owner::Project(id) => world.projects.get(&id).map(|project| project.path.clone()),
    };
    MilestoneEntity {
        id: milestone.id,
        iid: milestone.iid,
        project_id: milestone.owner.project(),
        group_id: milestone.owner.group(),
        title: &milestone.title,
        description: "",
        state: if milestone.active { "active" } else { "closed" },
        created_at: milestone.created_at,
        updated_at: milestone.created_at,
        due_date: milestone.due_date,
        start_date: milestone.start_date,
        expired: milestone.due_date.is_some_and(|due| due < world.now().date_naive()),
        web_url: format!(
            "{}/{}/-/milestones/{}",
            world.web_url,
            place.unwrap_or_default(),
            milestone.iid
        ),
    }
}

/// An emoji reaction.
#[derive(Debug, Serialize)]
pub(super) struct AwardEntity<'a> {
    id: u64,
    name: &'a str,
    user: Option<UserEntity<'a>>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    awardable_id: u64,
    awardable_type: &'static str,
    url: Option<&'a str>,
}

pub(super) fn award<'a>(
    world: &'a World,
    item: &Item,
    note: Option<u64>,
    award: &'a Award,
) -> AwardEntity<'a> {
    AwardEntity {
        id: award.id,
        name: &award.name,
        user: user(world, award.user),
        created_at: award.created_at,
        updated_at: award.created_at,
        awardable_id: note.unwrap_or(item.id),
        awardable_type: note.map_or(item.kind.class(), |_| "Note"),
        url: None,
    }
}
