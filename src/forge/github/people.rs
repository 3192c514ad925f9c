//! Who may do what, whom a handle means, and who Steward is.

use http::Method;
use serde::Deserialize;

use super::{
    payload,
    read::call,
    request::{By, Call},
    transport::Transport,
};
use crate::{
    forge::ForgeError,
    model::{Access, FoundMilestone, Membership, Person, Snapshot, Subject},
};

#[derive(Deserialize)]
struct App {
    slug: String,
}

/// Steward's own account. An App writes as an account of its own, whose name is made of its slug.
pub(super) async fn me(transport: &Transport) -> Result<Person, ForgeError> {
    let (api, by) = (transport.api(), By::Anybody);
    if !transport.is_app() {
        let ask = Call::new(api, Method::GET, by, &["user"])?;
        return Ok(transport.json::<payload::User>(ask).await?.into());
    }
    let app: App = transport.json(Call::new(api, Method::GET, By::App, &["app"])?).await?;
    let login = format!("{}[bot]", app.slug);
    let ask = Call::new(api, Method::GET, by, &["users", &login])?;
    Ok(transport.json::<payload::User>(ask).await?.into())
}

/// What the author may do in the repository, through whatever team or invitation.
pub(super) async fn author_access(
    transport: &Transport,
    snapshot: &Snapshot,
) -> Result<Access, ForgeError> {
    let (project, author) = (&snapshot.subject.project, &snapshot.author);
    // An account that is gone is nobody's.
    if author.id == 0 || author.username.is_empty() {
        return Ok(Access::None);
    }
    let path = ["collaborators", &author.username, "permission"];
    let ask = call(transport, Method::GET, project, &path)?;
    match transport.json::<payload::Permission>(ask).await {
        Ok(found) => Ok(found.into()),
        Err(ForgeError::NotFound { .. }) => Ok(Access::None),
        Err(error) => Err(error),
    }
}

/// The account with a handle, an `@` before it or not. A team's handle has a slash in it, and is no
/// account's.
pub(super) async fn account(
    transport: &Transport,
    subject: &Subject,
    handle: &str,
) -> Result<Option<Person>, ForgeError> {
    let name = handle.trim().trim_start_matches('@');
    if name.is_empty() || name.contains('/') {
        return Ok(None);
    }
    let by = By::Project(subject.project.clone());
    let ask = Call::new(transport.api(), Method::GET, by, &["users", name])?;
    match transport.json::<payload::User>(ask).await {
        Ok(user) => Ok(Some(user.into())),
        Err(ForgeError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an account belongs to a team (`organization/team`), itself or through a team below it, or
/// to an organization, and has accepted.
///
/// A team that Steward may not see looks as if it did not exist (404), and nobody is known to belong
/// to it. A 403 is none of that: it stays an error.
pub(super) async fn belongs(
    transport: &Transport,
    subject: &Subject,
    of: &Membership,
) -> Result<bool, ForgeError> {
    let group = of.group.trim().trim_start_matches('@');
    // Nobody's account, nobody's group; an empty name would lead to another endpoint.
    if of.person == 0 || group.is_empty() {
        return Ok(false);
    }
    let (api, by) = (transport.api(), By::Project(subject.project.clone()));
    let id = of.person.to_string();
    let ask = Call::new(api, Method::GET, by.clone(), &["user", &id])?;
    // Members are asked for by name, which may have changed; the number has not.
    let login = match transport.json::<payload::User>(ask).await {
        Ok(user) => user.login,
        Err(ForgeError::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let path: Vec<&str> = match group.split_once('/') {
        Some((organization, team)) => {
            vec!["orgs", organization, "teams", team, "memberships", &login]
        }
        None => vec!["orgs", group, "memberships", &login],
    };
    match transport.json::<payload::Membership>(Call::new(api, Method::GET, by, &path)?).await {
        Ok(found) => Ok(found.state == "active"),
        Err(ForgeError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The milestone with this title, an open one first.
pub(super) async fn milestone(
    transport: &Transport,
    subject: &Subject,
    title: &str,
) -> Result<Option<FoundMilestone>, ForgeError> {
    if title.is_empty() {
        return Ok(None);
    }
    let ask =
        call(transport, Method::GET, &subject.project, &["milestones"])?.query("state", "all");
    let mut found: Vec<payload::Milestone> = transport.all(ask).await?;
    found.retain(|one| one.title == title);
    let open = found.iter().position(|one| one.state == "open");
    let chosen = (!found.is_empty()).then(|| found.swap_remove(open.unwrap_or(0)));
    Ok(chosen.map(|one| FoundMilestone { id: one.number, title: one.title }))
}
