//! The building blocks of webhook payloads (`lib/gitlab/hook_data/*.rb`).

use serde::{Serialize, Serializer};

use crate::forgesim::world::{
    World,
    repository::DEFAULT_BRANCH,
    types::{Label, Project, Time, UserRecord},
};

/// A time as webhooks write it: `2026-11-21 07:19:44 UTC`, unlike the API.
pub(super) fn stamp<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%d %H:%M:%S UTC"))
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

/// A time on its own, for lists of changes.
#[derive(Debug, Serialize)]
pub(super) struct Stamp(#[serde(serialize_with = "stamp_option")] pub(super) Option<Time>);

/// Who did it, or who is assigned. The address is only shown when it is public.
#[derive(Debug, Serialize)]
pub(super) struct Person<'a> {
    id: u64,
    name: &'a str,
    username: &'a str,
    avatar_url: Option<&'a str>,
    email: &'static str,
}

impl<'a> Person<'a> {
    pub(super) fn new(user: &'a UserRecord) -> Self {
        Self {
            id: user.id,
            name: &user.name,
            username: &user.username,
            avatar_url: None,
            email: "[REDACTED]",
        }
    }
}

/// The project in which it happened.
#[derive(Debug, Serialize)]
pub(super) struct Place<'a> {
    id: u64,
    name: &'a str,
    description: &'static str,
    web_url: &'a str,
    avatar_url: Option<&'a str>,
    git_ssh_url: &'a str,
    git_http_url: &'a str,
    namespace: &'a str,
    visibility_level: u8,
    path_with_namespace: &'a str,
    default_branch: &'static str,
    ci_config_path: Option<&'a str>,
    homepage: &'a str,
    url: &'a str,
    ssh_url: &'a str,
    http_url: &'a str,
}

/// The older, smaller picture of the project.
#[derive(Debug, Serialize)]
pub(super) struct RepositoryAttrs<'a> {
    name: &'a str,
    url: &'a str,
    description: &'static str,
    homepage: &'a str,
}

/// Addresses of a project, made once per payload.
pub(super) struct Addresses {
    pub(super) web: String,
    ssh: String,
    http: String,
}

impl Addresses {
    pub(super) fn new(world: &World, project: &Project) -> Self {
        let web = format!("{}/{}", world.web_url, project.path);
        let host = world.web_url.trim_start_matches("http://");
        Self {
            ssh: format!("ssh://git@{host}/{}.git", project.path),
            http: format!("{web}.git"),
            web,
        }
    }

    pub(super) fn place<'a>(&'a self, project: &'a Project) -> Place<'a> {
        Place {
            id: project.id,
            name: project.name(),
            description: "",
            web_url: &self.web,
            avatar_url: None,
            git_ssh_url: &self.ssh,
            git_http_url: &self.http,
            namespace: project.namespace(),
            visibility_level: if project.public { 20 } else { 0 },
            path_with_namespace: &project.path,
            default_branch: DEFAULT_BRANCH,
            ci_config_path: None,
            homepage: &self.web,
            url: &self.ssh,
            ssh_url: &self.ssh,
            http_url: &self.http,
        }
    }

    pub(super) fn repository<'a>(&'a self, project: &'a Project) -> RepositoryAttrs<'a> {
        RepositoryAttrs {
            name: project.name(),
            url: &self.ssh,
            description: "",
            homepage: &self.web,
        }
    }
}

/// A label, with where it is kept.
#[derive(Debug, Serialize)]
pub(super) struct LabelAttrs<'a> {
    id: u64,
    title: &'a str,
    color: &'a str,
    project_id: Option<u64>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    #[serde(serialize_with = "stamp")]
    updated_at: Time,
    template: bool,
    description: Option<&'a str>,
    r#type: &'static str,
    group_id: Option<u64>,
}

/// The labels with these ids; deleted ones are left out.
pub(super) fn labels<'a>(world: &'a World, ids: &[u64]) -> Vec<LabelAttrs<'a>> {
    let attrs = |label: &'a Label| LabelAttrs {
        id: label.id,
        title: &label.title,
        color: &label.color,
        project_id: label.owner.project(),
        created_at: label.created_at,
        updated_at: label.updated_at,
        template: false,
        description: label.description.as_deref(),
        r#type: if label.owner.project().is_some() { "ProjectLabel" } else { "GroupLabel" },
        group_id: label.owner.group(),
    };
    ids.iter().filter_map(|id| world.labels.get(id)).map(attrs).collect()
}

/// The people with these ids.
pub(super) fn people<'a>(world: &'a World, ids: &[u64]) -> Vec<Person<'a>> {
    ids.iter().filter_map(|id| world.users.get(id)).map(Person::new).collect()
}
