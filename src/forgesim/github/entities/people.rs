//! Accounts: people, Apps and organizations.

use serde_json::{Value, json};

use super::{api, extend, node, stamp};
use crate::forgesim::world::{
    World,
    types::{Group, Project},
};

/// What every account has, of whatever kind.
fn common(world: &World, login: &str, id: u64, kind: &str) -> Value {
    // The name of an App's account has brackets, which an address may not have.
    let in_address = login.replace('[', "%5B").replace(']', "%5D");
    let at = api(world, &format!("users/{in_address}"));
    let page = match login.strip_suffix("[bot]") {
        Some(app) => format!("{}/apps/{app}", world.web_url),
        None => format!("{}/{login}", world.web_url),
    };
    let mut value = json!({
        "login": login,
        "id": id,
        "node_id": node("U", id),
        "avatar_url": format!("{}/avatars/{id}", world.web_url),
        "gravatar_id": "",
        "url": at,
        "html_url": page,
        "type": kind,
        "site_admin": false,
    });
    for (field, rest) in [
        ("followers_url", "followers"),
        ("following_url", "following{/other_user}"),
        ("gists_url", "gists{/gist_id}"),
        ("starred_url", "starred{/owner}{/repo}"),
        ("subscriptions_url", "subscriptions"),
        ("organizations_url", "orgs"),
        ("repos_url", "repos"),
        ("events_url", "events{/privacy}"),
        ("received_events_url", "received_events"),
    ] {
        value[field] = format!("{at}/{rest}").into();
    }
    value
}

/// An account, as shown wherever one is named; null for one that does not exist.
pub(in super::super) fn user(world: &World, id: u64) -> Value {
    let Some(user) = world.users.get(&id) else { return Value::Null };
    let kind = if user.username.ends_with("[bot]") { "Bot" } else { "User" };
    common(world, &user.username, id, kind)
}

/// An account shown by itself: with a name for people, and when it was made.
pub(in super::super) fn account(world: &World, id: u64) -> Value {
    let Some(record) = world.users.get(&id) else { return Value::Null };
    let mut value = user(world, id);
    extend(
        &mut value,
        json!({
            "name": record.name,
            "company": null,
            "blog": "",
            "location": null,
            "email": null,
            "hireable": null,
            "bio": null,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": stamp(record.created_at),
            "updated_at": stamp(record.created_at),
        }),
    );
    value
}

/// An account with what it may do in a repository.
pub(in super::super) fn collaborator(world: &World, id: u64, role: &str, level: u8) -> Value {
    let mut value = user(world, id);
    if !value.is_null() {
        value["role_name"] = role.into();
        value["permissions"] = permissions(level, true);
    }
    value
}

/// What a level in a repository allows.
pub(super) fn permissions(level: u8, may_read: bool) -> Value {
    json!({
        "admin": level >= 50,
        "maintain": level >= 40,
        "push": level >= 30,
        "triage": level >= 15,
        "pull": may_read || level > 0,
    })
}

/// The organization of a repository, as an account.
pub(in super::super) fn owner(world: &World, project: &Project) -> Value {
    let group = project.ancestors.first().and_then(|id| world.groups.get(id));
    match (group, world.user_id(project.namespace())) {
        (None, Some(person)) => user(world, person),
        (Some(group), _) => organization_account(world, group),
        (None, None) => Value::Null,
    }
}

/// An organization as an account.
pub(in super::super) fn organization_account(world: &World, group: &Group) -> Value {
    common(world, &group.path, group.id, "Organization")
}

/// An organization shown as one.
pub(in super::super) fn organization(world: &World, group: &Group) -> Value {
    let name = group.path.split('/').next().unwrap_or_default();
    let at = api(world, &format!("orgs/{name}"));
    json!({
        "login": name,
        "id": group.id,
        "node_id": node("O", group.id),
        "url": at,
        "repos_url": format!("{at}/repos"),
        "events_url": format!("{at}/events"),
        "hooks_url": format!("{at}/hooks"),
        "issues_url": format!("{at}/issues"),
        "members_url": format!("{at}/members{{/member}}"),
        "public_members_url": format!("{at}/public_members{{/member}}"),
        "avatar_url": format!("{}/avatars/{}", world.web_url, group.id),
        "description": null,
    })
}
