//! Asking for reviews. GitHub takes people and teams in one request, and refuses all of it when it does
//! not let one of them be asked.

use http::Method;
use serde_json::json;

use super::{read::call, transport::Transport};
use crate::{
    forge::{ForgeError, ReviewAsk, ReviewsRefused},
    model::{Person, Subject, SubjectKind, TeamName},
};

/// "Validation failed": somebody has no access, is the author, or is not there (GitHub, "Request
/// reviewers for a pull request").
const REFUSED: u16 = 422;

pub(super) async fn request(
    transport: &Transport,
    subject: &Subject,
    ask: &ReviewAsk,
) -> Result<ReviewsRefused, ForgeError> {
    if subject.kind != SubjectKind::MergeRequest {
        return Err(ForgeError::Unsupported { what: format!("a review of {subject}") });
    }
    let (people, teams) = (ask.people.as_slice(), ask.teams.as_slice());
    let mut refused = ReviewsRefused::default();
    let Some(why) = ask_for(transport, subject, people, teams).await? else { return Ok(refused) };
    refused.why = why;
    if people.len() + teams.len() == 1 {
        refused.people.extend_from_slice(people);
        refused.teams.extend_from_slice(teams);
        return Ok(refused);
    }
    // One of them is not let in, and GitHub does not say which: each by itself.
    let mut asked = false;
    let partly = |error: ForgeError, asked: bool| match asked {
        true => ForgeError::Partly { error: Box::new(error) },
        false => error,
    };
    for person in people {
        let one = std::slice::from_ref(person);
        match ask_for(transport, subject, one, &[]).await {
            Ok(None) => asked = true,
            Ok(Some(_)) => refused.people.push(person.clone()),
            Err(error) => return Err(partly(error, asked)),
        }
    }
    for team in teams {
        let one = std::slice::from_ref(team);
        match ask_for(transport, subject, &[], one).await {
            Ok(None) => asked = true,
            Ok(Some(_)) => refused.teams.push(team.clone()),
            Err(error) => return Err(partly(error, asked)),
        }
    }
    Ok(refused)
}

/// Asks all of them or nobody; answers what GitHub said if it refused.
async fn ask_for(
    transport: &Transport,
    subject: &Subject,
    people: &[Person],
    teams: &[TeamName],
) -> Result<Option<String>, ForgeError> {
    if people.is_empty() && teams.is_empty() {
        return Ok(None);
    }
    let path = ["pulls", &subject.number.to_string(), "requested_reviewers"];
    let post = call(transport, Method::POST, &subject.project, &path)?;
    let logins: Vec<&str> = people.iter().map(|one| one.username.as_str()).collect();
    let slugs: Vec<&str> = teams.iter().map(TeamName::slug).collect();
    let body = json!({ "reviewers": logins, "team_reviewers": slugs });
    match transport.send(post.body(body)).await {
        Ok(_) => Ok(None),
        Err(ForgeError::Refused { status: REFUSED, message, .. }) => Ok(Some(message)),
        Err(error) => Err(error),
    }
}
