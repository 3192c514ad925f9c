//! Endpoints that the `gitlab` crate lacks.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use gitlab::api::{
    common::NameOrId,
    endpoint_prelude::{Endpoint, Method, QueryParams},
};

/// Deletes a comment on a merge request (`DELETE /projects/:id/merge_requests/:iid/notes/:id`).
pub(super) struct DeleteMergeRequestNote<'a> {
    pub(super) project: NameOrId<'a>,
    pub(super) merge_request: u64,
    pub(super) note: u64,
}

impl Endpoint for DeleteMergeRequestNote<'_> {
    fn method(&self) -> Method {
        Method::DELETE
    }

    fn endpoint(&self) -> Cow<'static, str> {
        let Self { project, merge_request, note } = self;
        format!("projects/{project}/merge_requests/{merge_request}/notes/{note}").into()
    }
}

/// The milestones with one title that a project can use, its groups' included
/// (`GET /projects/:id/milestones`).
pub(super) struct Milestones<'a> {
    pub(super) project: NameOrId<'a>,
    pub(super) title: &'a str,
}

impl Endpoint for Milestones<'_> {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        format!("projects/{}/milestones", self.project).into()
    }

    fn parameters(&self) -> QueryParams<'_> {
        let mut params = QueryParams::default();
        params.push("title", self.title).push("include_ancestors", true);
        params
    }
}

/// The issues of a project that an account opened, in every state, the newest first
/// (`GET /projects/:id/issues`).
pub(super) struct IssuesBy<'a> {
    pub(super) project: NameOrId<'a>,
    pub(super) author: u64,
}

impl Endpoint for IssuesBy<'_> {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        format!("projects/{}/issues", self.project).into()
    }

    fn parameters(&self) -> QueryParams<'_> {
        let mut params = QueryParams::default();
        params.push("author_id", self.author).push("scope", "all").push("state", "all");
        params
    }
}

/// All milestones of a group (`GET /groups/:id/milestones`). The crate can only create them.
pub(super) struct GroupMilestones<'a> {
    pub(super) group: NameOrId<'a>,
}

impl Endpoint for GroupMilestones<'_> {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        format!("groups/{}/milestones", self.group).into()
    }
}

/// One member of a group, be it through a group above or one that was invited
/// (`GET /groups/:id/members/all/:user_id`). The crate has only the direct ones.
pub(super) struct AllGroupMember<'a> {
    pub(super) group: NameOrId<'a>,
    pub(super) user: u64,
}

impl Endpoint for AllGroupMember<'_> {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        format!("groups/{}/members/all/{}", self.group, self.user).into()
    }
}

/// What GitLab this is (`GET /version`).
pub(super) struct Version;

impl Endpoint for Version {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        "version".into()
    }
}

/// Issues or merge requests of a project by the time of their last change
/// (`GET /projects/:id/issues`, `GET /projects/:id/merge_requests`). The crate has an endpoint for
/// each of the two; what is asked of both is the same.
pub(super) struct ItemList<'a> {
    pub(super) project: NameOrId<'a>,
    /// `issues` or `merge_requests`.
    pub(super) segment: &'static str,
    /// `opened` or `all`.
    pub(super) state: &'static str,
    pub(super) updated_after: Option<DateTime<Utc>>,
    pub(super) oldest_first: bool,
    pub(super) per_page: u64,
}

impl Endpoint for ItemList<'_> {
    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Cow<'static, str> {
        format!("projects/{}/{}", self.project, self.segment).into()
    }

    fn parameters(&self) -> QueryParams<'_> {
        let after = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut params = QueryParams::default();
        params
            .push("scope", "all")
            .push("state", self.state)
            .push("order_by", "updated_at")
            .push("sort", if self.oldest_first { "asc" } else { "desc" })
            .push("per_page", self.per_page)
            .push_opt("updated_after", self.updated_after.map(after));
        params
    }
}
