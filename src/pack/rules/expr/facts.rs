//! What a condition in CEL may look at.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    catalog::{Kind, Lifecycle},
    model::{State, SubjectKind},
};

/// The variables of a condition in CEL. Times are seconds since 1970, since they are compared and
/// subtracted: `now - item.updated_at > 30 * 86400`.
#[derive(Debug, Clone, Serialize)]
pub struct ExprFacts<'a> {
    /// `item`.
    pub item: ExprItem<'a>,
    /// `integrations`: those that the item is about.
    pub integrations: Vec<ExprIntegration<'a>>,
    /// `now`.
    pub now: i64,
}

/// `item`: what the forge tells about an item in one call.
#[derive(Debug, Clone, Serialize)]
pub struct ExprItem<'a> {
    /// `issue`, `merge_request` or `epic`.
    pub kind: SubjectKind,
    /// Path of its project.
    pub project: &'a str,
    /// The number that people see.
    pub number: i64,
    /// Title.
    pub title: &'a str,
    /// Description.
    pub description: &'a str,
    /// `open`, `closed` or `merged`.
    pub state: State,
    /// A merge request that is not ready.
    pub draft: bool,
    /// Labels, without those that the rule itself has set.
    pub labels: Vec<&'a str>,
    /// Title of the milestone; `""` without one.
    pub milestone: &'a str,
    /// Handle of who opened it.
    pub author: &'a str,
    /// Handles of whom it is assigned to.
    pub assignees: Vec<&'a str>,
    /// Reactions.
    pub votes: Option<ExprVotes>,
    /// Weight, or null.
    pub weight: Option<i64>,
    /// Only members see it.
    pub confidential: bool,
    /// When it was opened.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// `item.votes`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ExprVotes {
    /// Thumbs up.
    pub up: i64,
    /// Thumbs down.
    pub down: i64,
}

/// One of `integrations`.
#[derive(Debug, Clone, Serialize)]
pub struct ExprIntegration<'a> {
    /// Key in the catalog.
    pub key: &'a str,
    /// Name.
    pub name: &'a str,
    /// Category.
    pub category: &'a str,
    /// `model` or `routing_only`.
    pub kind: Kind,
    /// `active`, `deprecated` or `removed`.
    pub lifecycle: Lifecycle,
    /// Key of the group that owns it.
    pub group: &'a str,
}

/// The fields of `item`.
pub(super) const ITEM: [&str; 16] = [
    "kind",
    "project",
    "number",
    "title",
    "description",
    "state",
    "draft",
    "labels",
    "milestone",
    "author",
    "assignees",
    "votes",
    "weight",
    "confidential",
    "created_at",
    "updated_at",
];

impl ExprFacts<'_> {
    /// An item with everything, on which programs are tried.
    pub(super) fn sample() -> Self {
        let now = DateTime::<Utc>::UNIX_EPOCH.timestamp() + 1_700_000_000;
        Self {
            item: ExprItem {
                kind: SubjectKind::MergeRequest,
                project: "example/product",
                number: 12,
                title: "An example",
                description: "Something https://example.com",
                state: State::Open,
                draft: false,
                labels: vec!["bug", "type::bug"],
                milestone: "18.10",
                author: "anna",
                assignees: vec!["ben"],
                votes: Some(ExprVotes { up: 3, down: 1 }),
                weight: Some(2),
                confidential: false,
                created_at: now - 40 * 86_400,
                updated_at: now - 86_400,
            },
            integrations: vec![ExprIntegration {
                key: "example",
                name: "Example",
                category: "Examples",
                kind: Kind::Model,
                lifecycle: Lifecycle::Active,
                group: "example",
            }],
            now,
        }
    }
}
