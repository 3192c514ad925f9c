//! Projects.

use serde::Serialize;

use super::stamp;
use crate::forgesim::{
    State,
    world::{
        World,
        repository::DEFAULT_BRANCH,
        types::{ItemKind, Project, Time},
    },
};

/// A project.
#[derive(Debug, Serialize)]
pub(crate) struct ProjectEntity<'a> {
    id: u64,
    description: &'static str,
    name: &'a str,
    name_with_namespace: String,
    path: &'a str,
    path_with_namespace: &'a str,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    default_branch: &'static str,
    visibility: &'static str,
    web_url: String,
    http_url_to_repo: String,
    archived: bool,
    issues_enabled: bool,
    merge_requests_enabled: bool,
    open_issues_count: usize,
    namespace: Option<NamespaceEntity<'a>>,
    permissions: PermissionsEntity,
}

#[derive(Debug, Serialize)]
struct NamespaceEntity<'a> {
    id: u64,
    name: &'a str,
    path: &'a str,
    full_path: &'a str,
    kind: &'static str,
    parent_id: Option<u64>,
}

#[derive(Debug, Serialize)]
struct PermissionsEntity {
    project_access: Option<AccessEntity>,
    group_access: Option<AccessEntity>,
}

#[derive(Debug, Serialize)]
struct AccessEntity {
    access_level: u8,
}

/// Shows a project to a caller.
pub(crate) fn project<'a>(
    world: &'a World,
    project: &'a Project,
    caller: u64,
) -> ProjectEntity<'a> {
    let access = |level: u8| (level > 0).then_some(AccessEntity { access_level: level });
    let direct = project.members.get(&caller).copied().unwrap_or(0);
    let web_url = format!("{}/{}", world.web_url, project.path);
    let namespace = project.ancestors.first().and_then(|id| world.groups.get(id));
    ProjectEntity {
        id: project.id,
        description: "",
        name: project.name(),
        name_with_namespace: project.path.replace('/', " / "),
        path: project.name(),
        path_with_namespace: &project.path,
        created_at: project.created_at,
        default_branch: DEFAULT_BRANCH,
        visibility: if project.public { "public" } else { "private" },
        http_url_to_repo: format!("{web_url}.git"),
        web_url,
        archived: false,
        issues_enabled: true,
        merge_requests_enabled: true,
        open_issues_count: project
            .items(ItemKind::Issue)
            .values()
            .filter(|item| item.state == State::Opened)
            .count(),
        namespace: namespace.map(|group| {
            let (_, name) = group.path.rsplit_once('/').unwrap_or(("", &group.path));
            NamespaceEntity {
                id: group.id,
                name,
                path: name,
                full_path: &group.path,
                kind: "group",
                parent_id: project.ancestors.get(1).copied(),
            }
        }),
        permissions: PermissionsEntity {
            project_access: access(direct),
            group_access: access(world.level(caller, project.id)).filter(|_| direct == 0),
        },
    }
}
