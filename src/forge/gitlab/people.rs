//! Who may do what, and whom a handle means.

use chrono::Utc;
use gitlab::api::{projects::members::AllProjectMember, users::Users};

use super::{built, endpoints::AllGroupMember, payload, transport::Transport};
use crate::{
    forge::ForgeError,
    model::{Access, Membership, Person, Snapshot},
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

/// Whether an account belongs to a group, itself, through the groups above or through a group that
/// was invited: as a developer or more, since guests and reporters are often added to look on, and
/// only as long as account and membership hold.
///
/// A group that Steward may not see looks as if it did not exist (404, `find_group!` in
/// `lib/api/helpers.rb`), and nobody is known to belong to it. A 403 is none of that: GitLab gives
/// it for what the token lacks, or from where it is used, and an answer made of it would be wrong
/// for members. It stays an error.
pub(super) async fn belongs(transport: &Transport, of: &Membership) -> Result<bool, ForgeError> {
    // Nobody's account, nobody's group; an empty path would lead to another endpoint.
    if of.person == 0 || of.group.trim().is_empty() {
        return Ok(false);
    }
    let member = AllGroupMember { group: of.group.trim().into(), user: of.person };
    match transport.get_json::<payload::Member>(&member).await {
        Ok(member) => {
            let holds = member.holds_on(Utc::now().date_naive());
            Ok(holds && Access::from(member) >= Access::Developer)
        }
        Err(ForgeError::NotFound { message, .. }) => {
            if message.contains("Group Not Found") {
                tracing::warn!(
                    group = of.group,
                    "the group does not exist, or is hidden from \
                    Steward's token: nobody counts as its member"
                );
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
