//! `object_attributes`, `changes`, and the item next to a comment.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Differences, Scene};
use crate::forgesim::{
    webhooks::payload::{LabelAttrs, Person, Place, Stamp, labels, people, stamp, stamp_option},
    world::{
        World,
        types::{Award, Item, ItemKind, Merge, Note, Time},
    },
};

/// An issue or merge request. What only one of them has is left out for the other.
#[derive(Serialize)]
pub(super) struct ItemAttrs<'a> {
    id: u64,
    iid: u64,
    title: &'a str,
    description: &'a str,
    state: &'static str,
    state_id: u8,
    author_id: u64,
    assignee_id: Option<u64>,
    assignee_ids: &'a [u64],
    milestone_id: Option<u64>,
    labels: Vec<LabelAttrs<'a>>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    #[serde(serialize_with = "stamp_option")]
    closed_at: Option<Time>,
    url: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    issue: Option<IssueAttrs>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    merge: Option<MergeAttrs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldrev: Option<&'a str>,
}

#[derive(Serialize)]
struct IssueAttrs {
    project_id: u64,
    confidential: bool,
    discussion_locked: Option<bool>,
    due_date: Option<NaiveDate>,
    r#type: &'static str,
    severity: &'static str,
    weight: Option<u32>,
    health_status: Option<&'static str>,
}

#[derive(Serialize)]
struct MergeAttrs<'a> {
    source_project_id: u64,
    target_project_id: u64,
    source_branch: &'a str,
    target_branch: &'a str,
    draft: bool,
    work_in_progress: bool,
    merge_status: &'static str,
    detailed_merge_status: &'static str,
    merge_commit_sha: Option<&'a str>,
    merge_user_id: Option<u64>,
    last_commit: Commit<'a>,
    source: Place<'a>,
    target: Place<'a>,
    reviewer_ids: [u64; 0],
    blocking_discussions_resolved: bool,
    first_contribution: bool,
    system: bool,
}

#[derive(Serialize)]
struct Commit<'a> {
    id: &'a str,
    message: &'a str,
    title: &'a str,
    #[serde(serialize_with = "stamp")]
    timestamp: Time,
    url: String,
}

impl<'a> ItemAttrs<'a> {
    pub(super) fn with_action(mut self, action: Option<&'a str>, oldrev: Option<&'a str>) -> Self {
        self.action = action;
        self.oldrev = oldrev;
        self
    }
}

/// A comment.
#[derive(Serialize)]
pub(super) struct NoteAttrs<'a> {
    id: u64,
    note: &'a str,
    description: &'a str,
    noteable_type: &'static str,
    noteable_id: u64,
    author_id: u64,
    project_id: u64,
    discussion_id: &'a str,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    updated_by_id: Option<u64>,
    internal: bool,
    system: bool,
    r#type: Option<&'static str>,
    line_code: Option<&'static str>,
    commit_id: Option<&'static str>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
}

/// A reaction.
#[derive(Serialize)]
pub(super) struct EmojiAttrs<'a> {
    id: u64,
    user_id: u64,
    name: &'a str,
    awardable_type: &'static str,
    awardable_id: u64,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    action: &'static str,
    awarded_on_url: String,
}

impl Scene<'_> {
    pub(super) fn item_attrs(&self) -> ItemAttrs<'_> {
        let item = self.item;
        ItemAttrs {
            id: item.id,
            iid: item.iid,
            title: &item.title,
            description: &item.description,
            state: item.state.as_str(),
            state_id: item.state.id(),
            author_id: item.author,
            assignee_id: item.assignees.first().copied(),
            assignee_ids: &item.assignees,
            milestone_id: item.milestone,
            labels: labels(self.world, &item.labels),
            created_at: item.created_at,
            updated_at: item.updated_at,
            closed_at: item.closed_at,
            url: &self.url,
            issue: (item.kind == ItemKind::Issue).then(|| IssueAttrs {
                project_id: self.project.id,
                confidential: item.confidential,
                discussion_locked: None,
                due_date: item.due,
                r#type: item.issue_type.display_name(),
                severity: "unknown",
                weight: None,
                health_status: None,
            }),
            merge: item.merge.as_ref().map(|merge| self.merge_attrs(item, merge)),
            action: None,
            oldrev: None,
        }
    }

    fn merge_attrs<'a>(&'a self, item: &'a Item, merge: &'a Merge) -> MergeAttrs<'a> {
        let draft = is_draft(&item.title);
        MergeAttrs {
            source_project_id: self.project.id,
            target_project_id: self.project.id,
            source_branch: &merge.source_branch,
            target_branch: &merge.target_branch,
            draft,
            work_in_progress: draft,
            merge_status: if merge.conflicts { "cannot_be_merged" } else { "can_be_merged" },
            detailed_merge_status: merge_status(item, merge),
            merge_commit_sha: merge.merged_at.map(|_| merge.sha.as_str()),
            merge_user_id: merge.merged_by,
            last_commit: Commit {
                id: &merge.sha,
                message: &item.title,
                title: &item.title,
                timestamp: item.updated_at,
                url: format!("{}/-/commit/{}", self.addresses.web, merge.sha),
            },
            source: self.addresses.place(self.project),
            target: self.addresses.place(self.project),
            reviewer_ids: [],
            blocking_discussions_resolved: true,
            first_contribution: false,
            system: false,
        }
    }

    pub(super) fn note_attrs<'a>(
        &'a self,
        note: &'a Note,
        action: Option<&'static str>,
    ) -> NoteAttrs<'a> {
        NoteAttrs {
            id: note.id,
            note: &note.body,
            description: &note.body,
            noteable_type: self.item.kind.class(),
            noteable_id: self.item.id,
            author_id: note.author,
            project_id: self.project.id,
            discussion_id: &note.discussion,
            created_at: note.created_at,
            updated_at: note.updated_at,
            updated_by_id: note.edited_by,
            internal: note.internal,
            system: note.system,
            r#type: None,
            line_code: None,
            commit_id: None,
            url: format!("{}#note_{}", self.url, note.id),
            action,
        }
    }

    pub(super) fn emoji_attrs<'a>(
        &self,
        award: &'a Award,
        note: Option<&Note>,
        action: &'static str,
    ) -> EmojiAttrs<'a> {
        EmojiAttrs {
            id: award.id,
            user_id: award.user,
            name: &award.name,
            awardable_type: note.map_or(self.item.kind.class(), |_| "Note"),
            awardable_id: note.map_or(self.item.id, |note| note.id),
            created_at: award.created_at,
            updated_at: award.created_at,
            action,
            awarded_on_url: match note {
                Some(note) => format!("{}#note_{}", self.url, note.id),
                None => self.url.clone(),
            },
        }
    }
}

/// Whether a title marks a draft.
pub(crate) fn is_draft(title: &str) -> bool {
    let title = title.to_lowercase();
    ["draft:", "[draft]", "(draft)"].iter().any(|mark| title.starts_with(mark))
}

/// The API's `detailed_merge_status`.
pub(crate) fn merge_status(item: &Item, merge: &Merge) -> &'static str {
    if item.state != crate::forgesim::State::Opened {
        "not_open"
    } else if is_draft(&item.title) {
        "draft_status"
    } else if merge.conflicts {
        "conflict"
    } else {
        "mergeable"
    }
}

/// One entry of `changes`.
#[derive(Serialize)]
struct Changed<T> {
    previous: T,
    current: T,
}

/// `changes`: full values before and after, for what differs.
#[derive(Serialize)]
pub(super) struct Changes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Changed<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Changed<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Changed<Vec<LabelAttrs<'a>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignees: Option<Changed<Vec<Person<'a>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milestone_id: Option<Changed<Option<u64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidential: Option<Changed<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_id: Option<Changed<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Changed<Stamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Changed<Stamp>>,
}

impl<'a> Changes<'a> {
    pub(super) fn new(world: &'a World, differences: &'a Differences) -> Self {
        fn pair<'d, T, U>(
            difference: &'d Option<(T, T)>,
            write: impl Fn(&'d T) -> U,
        ) -> Option<Changed<U>> {
            difference.as_ref().map(|(previous, current)| Changed {
                previous: write(previous),
                current: write(current),
            })
        }
        Self {
            title: pair(&differences.title, String::as_str),
            description: pair(&differences.description, String::as_str),
            labels: pair(&differences.labels, |ids| labels(world, ids)),
            assignees: pair(&differences.assignees, |ids| people(world, ids)),
            milestone_id: pair(&differences.milestone_id, |id| *id),
            confidential: pair(&differences.confidential, |flag| *flag),
            state_id: pair(&differences.state, |state| state.id()),
            closed_at: pair(&differences.closed_at, |time| Stamp(*time)),
            updated_at: pair(&differences.updated_at, |time| Stamp(Some(*time))),
        }
    }
}
