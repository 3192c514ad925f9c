//! Who may do what, and whom a handle means.

use gitlab::api::{projects::members::AllProjectMember, users::Users};

use super::{built, payload, transport::Transport};
use crate::{
    forge::ForgeError,
    model::{Access, Person, Snapshot},
};

/// What the author may do in the project, through whatever group or invitation.
pub(super) async fn author_access(
    transport: &Transport,
    snapshot: &Snapshot,
) -> Result<Access, ForgeError> {
    let (project, author) = (&snapshot.subject.project, snapshot.author.id);
    // An account that is gone is nobody's.
    if author == 0 {
        return Ok(Access::None);
    }
    let member = built(AllProjectMember::builder().project(project).user(author).build())?;
    match transport.get_json::<payload::Member>(&member).await {
        Ok(member) => Ok(member.into()),
        Err(ForgeError::NotFound { .. }) => Ok(Access::None),
        Err(error) => Err(error),
    }
}

/// The account with a handle, an `@` before it or not.
pub(super) async fn account(
    transport: &Transport,
    handle: &str,
) -> Result<Option<Person>, ForgeError> {
    let name = handle.trim().trim_start_matches('@');
    // GitLab takes an empty name for no filter, and would list everybody.
    if name.is_empty() {
        return Ok(None);
    }
    let endpoint = built(Users::builder().username(name).build())?;
    let found: Vec<payload::User> = transport.get_json(&endpoint).await?;
    let named = found.into_iter().find(|user| user.username.eq_ignore_ascii_case(name));
    Ok(named.map(Person::from))
}
