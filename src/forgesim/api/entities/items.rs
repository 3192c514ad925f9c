//! Issues and merge requests.

use chrono::NaiveDate;
use serde::Serialize;

use super::{MilestoneEntity, UserEntity, milestone, stamp, stamp_option, user};
use crate::forgesim::{
    webhooks::{is_draft, merge_status},
    world::{
        World,
        changes::MOST_CHANGES,
        types::{Item, ItemKind, Merge, Project, Time},
    },
};

/// What issues and merge requests show alike.
#[derive(Debug, Serialize)]
pub(crate) struct ItemEntity<'a> {
    id: u64,
    iid: u64,
    project_id: u64,
    title: &'a str,
    description: &'a str,
    state: &'static str,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    #[serde(serialize_with = "stamp_option")]
    closed_at: Option<Time>,
    closed_by: Option<UserEntity<'a>>,
    labels: Vec<&'a str>,
    milestone: Option<MilestoneEntity<'a>>,
    assignees: Vec<UserEntity<'a>>,
    assignee: Option<UserEntity<'a>>,
    author: Option<UserEntity<'a>>,
    user_notes_count: usize,
    upvotes: usize,
    downvotes: usize,
    discussion_locked: Option<bool>,
    web_url: String,
    references: References,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    issue: Option<IssueEntity>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    merge: Option<MergeEntity<'a>>,
}

#[derive(Debug, Serialize)]
struct References {
    short: String,
    relative: String,
    full: String,
}

#[derive(Debug, Serialize)]
struct IssueEntity {
    r#type: String,
    issue_type: &'static str,
    confidential: bool,
    due_date: Option<NaiveDate>,
    weight: Option<u32>,
    severity: &'static str,
    has_tasks: bool,
    merge_requests_count: usize,
}

#[derive(Debug, Serialize)]
struct MergeEntity<'a> {
    source_project_id: u64,
    target_project_id: u64,
    source_branch: &'a str,
    target_branch: &'a str,
    draft: bool,
    work_in_progress: bool,
    sha: &'a str,
    diff_refs: DiffRefs<'a>,
    changes_count: String,
    merge_status: &'static str,
    detailed_merge_status: &'static str,
    has_conflicts: bool,
    blocking_discussions_resolved: bool,
    #[serde(serialize_with = "stamp_option")]
    merged_at: Option<Time>,
    merge_user: Option<UserEntity<'a>>,
    merged_by: Option<UserEntity<'a>>,
    merge_commit_sha: Option<&'a str>,
    squash_commit_sha: Option<&'a str>,
    reviewers: [u64; 0],
}

#[derive(Debug, Serialize)]
struct DiffRefs<'a> {
    base_sha: &'a str,
    head_sha: &'a str,
    start_sha: &'a str,
}

/// Shows an issue or merge request of a project.
pub(crate) fn item<'a>(world: &'a World, project: &'a Project, item: &'a Item) -> ItemEntity<'a> {
    let mut labels: Vec<&str> =
        item.labels.iter().map(|id| world.title(*id)).filter(|title| !title.is_empty()).collect();
    labels.sort_unstable();
    let short = format!("{}{}", item.kind.sigil(), item.iid);
    let votes = |name: &str| item.awards.iter().filter(|award| award.name == name).count();
    ItemEntity {
        id: item.id,
        iid: item.iid,
        project_id: project.id,
        title: &item.title,
        description: &item.description,
        state: item.state.as_str(),
        created_at: item.created_at,
        updated_at: item.updated_at,
        closed_at: item.closed_at,
        closed_by: item.closed_by.and_then(|id| user(world, id)),
        labels,
        milestone: item
            .milestone
            .and_then(|id| world.milestones.get(&id))
            .map(|found| milestone(world, found)),
        assignees: item.assignees.iter().filter_map(|id| user(world, *id)).collect(),
        assignee: item.assignees.first().and_then(|id| user(world, *id)),
        author: user(world, item.author),
        user_notes_count: item.user_notes,
        upvotes: votes("thumbsup"),
        downvotes: votes("thumbsdown"),
        discussion_locked: None,
        web_url: format!(
            "{}/{}/-/{}/{}",
            world.web_url,
            project.path,
            item.kind.segment(),
            item.iid
        ),
        references: References {
            full: format!("{}{short}", project.path),
            relative: short.clone(),
            short,
        },
        issue: (item.kind == ItemKind::Issue).then(|| IssueEntity {
            r#type: item.issue_type.api_name().to_uppercase(),
            issue_type: item.issue_type.api_name(),
            confidential: item.confidential,
            due_date: item.due,
            weight: None,
            severity: "UNKNOWN",
            has_tasks: false,
            merge_requests_count: 0,
        }),
        merge: item.merge.as_ref().map(|part| merge(world, project, item, part)),
    }
}

fn merge<'a>(
    world: &'a World,
    project: &Project,
    item: &Item,
    merge: &'a Merge,
) -> MergeEntity<'a> {
    let draft = is_draft(&item.title);
    let merged_by = || merge.merged_by.and_then(|id| user(world, id));
    MergeEntity {
        source_project_id: project.id,
        target_project_id: project.id,
        source_branch: &merge.source_branch,
        target_branch: &merge.target_branch,
        draft,
        work_in_progress: draft,
        sha: &merge.sha,
        diff_refs: DiffRefs {
            base_sha: &merge.base_sha,
            head_sha: &merge.sha,
            start_sha: &merge.base_sha,
        },
        changes_count: match merge.changes.len() {
            count if count > MOST_CHANGES => format!("{MOST_CHANGES}+"),
            count => count.to_string(),
        },
        merge_status: if merge.conflicts { "cannot_be_merged" } else { "can_be_merged" },
        detailed_merge_status: merge_status(item, merge),
        has_conflicts: merge.conflicts,
        blocking_discussions_resolved: true,
        merged_at: merge.merged_at,
        merge_user: merged_by(),
        merged_by: merged_by(),
        merge_commit_sha: merge.merged_at.map(|_| merge.sha.as_str()),
        squash_commit_sha: None,
        reviewers: [],
    }
}
