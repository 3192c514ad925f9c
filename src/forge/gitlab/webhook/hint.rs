//! Which subject a webhook hints at. The hint only says where to look: what is so is read from
//! GitLab afterwards, so nothing here needs to be complete, and a field that is missing or
//! strange costs at most the hint.

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    forge::{
        Actor, CommentRef, Hint, NotJson,
        gitlab::url::{is_path, subject_of_path},
        shared::loose::{Flag, Num, Obj, Prose, Text},
    },
    model::{ForgeKind, Subject, SubjectKind},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    object_kind: Text,
    event_name: Text,
    event_type: Text,
    user: Obj<User>,
    // System hooks name the account so.
    user_id: Num,
    user_username: Text,
    project: Obj<Project>,
    object_attributes: Obj<Attributes>,
    issue: Obj<Item>,
    merge_request: Obj<Item>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    id: Num,
    username: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project {
    path_with_namespace: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    iid: Num,
    url: Text,
    target: Obj<Project>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributes {
    id: Num,
    iid: Num,
    url: Text,
    action: Text,
    target: Obj<Project>,
    noteable_type: Text,
    system: Flag,
    internal: Flag,
    updated_at: Text,
    note: Prose,
    awardable_type: Text,
    awarded_on_url: Text,
}

/// Reads what a webhook hints at.
///
/// # Errors
/// Only when the body is not JSON at all.
pub fn read(body: &[u8]) -> Result<Hint, NotJson> {
    match serde_json::from_slice::<Payload>(body) {
        Ok(payload) => Ok(hint_of(payload)),
        // JSON of another shape, or an object with a key twice.
        Err(_) => match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => Ok(Hint { ignored: Some("not the shape of a webhook"), ..Hint::default() }),
            Err(_) => Err(NotJson),
        },
    }
}

fn hint_of(payload: Payload) -> Hint {
    let kind = payload.object_kind.0.or(payload.event_name.0).unwrap_or_default();
    let mut attributes = payload.object_attributes.0.unwrap_or_default();
    let user = payload.user.0.unwrap_or_default();
    let actor = user.id.0.or(payload.user_id.0).map(|id| Actor {
        id,
        username: user.username.0.or(payload.user_username.0).unwrap_or_default(),
        bot: false,
    });
    let project = payload.project.0.and_then(|project| project.path_with_namespace.0);
    let place = Place { project };

    let mut comment = None;
    let mut action = attributes.action.0.take();
    let subject = match kind.as_str() {
        "issue" | "work_item" => place.issue(attributes.iid, &attributes.url),
        "merge_request" => place.merge_request(attributes.iid, attributes.target),
        "note" => {
            comment = attributes.id.0.map(|id| CommentRef {
                id,
                updated_at: attributes.updated_at.0.take(),
                system: attributes.system.0,
                internal: attributes.internal.0,
                text: std::mem::take(&mut attributes.note.0),
            });
            match attributes.noteable_type.0.as_deref() {
                Some("Issue" | "WorkItem") => {
                    let issue = payload.issue.0.unwrap_or_default();
                    place.issue(issue.iid, first(&issue.url, &attributes.url))
                }
                Some("Epic") => place.by_url(&attributes.url),
                Some("MergeRequest") => {
                    let item = payload.merge_request.0.unwrap_or_default();
                    place.merge_request(item.iid, item.target)
                }
                _ => Err("a comment on something else"),
            }
        }
        "emoji" => {
            action = payload.event_type.0;
            match (attributes.awardable_type.0.as_deref(), payload.issue.0, payload.merge_request.0)
            {
                (Some("Issue" | "WorkItem" | "Note"), Some(issue), _) => {
                    place.issue(issue.iid, first(&issue.url, &attributes.awarded_on_url))
                }
                (Some("MergeRequest" | "Note"), _, Some(item)) => {
                    place.merge_request(item.iid, item.target)
                }
                (Some("Issue" | "WorkItem" | "MergeRequest" | "Note"), None, None) => {
                    place.by_url(&attributes.awarded_on_url)
                }
                _ => Err("an emoji on something else"),
            }
        }
        "" => Err("it does not say what it is"),
        _ => Err("a kind that Steward does not look after"),
    };
    let (subject, ignored) = match subject {
        Ok(subject) => (Some(subject), None),
        Err(why) => (None, Some(why)),
    };
    let known = matches!(kind.as_str(), "issue" | "work_item" | "merge_request" | "note" | "emoji");
    Hint { kind, known, subject, action, actor, comment, access: None, ignored }
}

fn first<'a>(one: &'a Text, other: &'a Text) -> &'a Text {
    if one.0.is_some() { one } else { other }
}

/// Where an item is, by what the payload says of its project.
struct Place {
    project: Option<String>,
}

impl Place {
    fn item(self, kind: SubjectKind, iid: Num) -> Result<Subject, &'static str> {
        let project = self.project.ok_or("it names no project")?;
        if !is_path(&project) {
            return Err("its project's path is not one");
        }
        match iid.0 {
            Some(number) if number > 0 => {
                Ok(Subject { forge: ForgeKind::Gitlab, project, kind, number })
            }
            _ => Err("its item has no number"),
        }
    }

    /// A work item without a project belongs to a group and is an epic; the group's path stands
    /// in its address only.
    fn issue(self, iid: Num, url: &Text) -> Result<Subject, &'static str> {
        if self.project.is_none() { self.by_url(url) } else { self.item(SubjectKind::Issue, iid) }
    }

    /// A merge request lives in the project that it shall be merged into.
    fn merge_request(mut self, iid: Num, target: Obj<Project>) -> Result<Subject, &'static str> {
        self.project =
            self.project.or_else(|| target.0.and_then(|project| project.path_with_namespace.0));
        self.item(SubjectKind::MergeRequest, iid)
    }

    /// By the address of the item. Its host is not looked at, since nothing is ever sent there;
    /// GitLab may live below a path, so the group's is taken from the last `/groups/` on.
    fn by_url(self, url: &Text) -> Result<Subject, &'static str> {
        let url = url.0.as_deref().and_then(|url| url::Url::parse(url).ok());
        let path = url.as_ref().map_or("", url::Url::path);
        let Some((before, _)) = path.split_once("/-/") else { return Err("it names no project") };
        if let Some(start) = before.find("/groups/") {
            return subject_of_path(&path[start..]).ok_or("its address is no item's");
        }
        match self.project {
            Some(project) if before.ends_with(&format!("/{project}")) => {
                let start = before.len() - project.len();
                subject_of_path(&path[start..]).ok_or("its address is no item's")
            }
            _ => Err("it names no project"),
        }
    }
}

#[cfg(test)]
#[path = "hint_tests.rs"]
mod tests;
