//! Endpoints that the `gitlab` crate lacks.

use std::borrow::Cow;

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
