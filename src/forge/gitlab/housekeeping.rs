//! Labels, what carries them, and opening again, for the end of an integration.

use std::borrow::Cow;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use gitlab::api::{
    common::path_escaped,
    endpoint_prelude::{Endpoint, Method, QueryParams},
};
use serde::Deserialize;

use super::{GitlabForge, link::next_of, list::total_of, payload, read, request::Prepared, url};
use crate::{
    forge::{
        ForgeError, Housekeeping, LabelDefinition, LabelPlace, LabelledAsk, ListPage, OpenLabelled,
        Said,
    },
    model::{Access, Counted, ForgeKind, LabelName, Person, Snapshot, Subject, SubjectKind},
};

/// GitLab's own maximum (GitLab, "REST API", offset-based pagination).
const PER_PAGE: &str = "100";
/// So many open items are named where the others are counted.
const FIRST_OPEN: &str = "20";
/// Between the times of writing and changing a comment that nobody has changed.
const SAME_MOMENT: TimeDelta = TimeDelta::seconds(2);

/// Endpoints of labels and of lists in groups, of which the crate has some and not others. GitLab
/// takes parameters of writes in the query too.
struct Plain {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
}

impl Endpoint for Plain {
    fn method(&self) -> Method {
        self.method.clone()
    }

    fn endpoint(&self) -> Cow<'static, str> {
        self.path.clone().into()
    }

    fn parameters(&self) -> QueryParams<'_> {
        let mut params = QueryParams::default();
        for (name, value) in &self.query {
            params.push(*name, value.as_str());
        }
        params
    }
}

/// A label as GitLab shows it (`lib/api/entities/label.rb`).
#[derive(Debug, Deserialize)]
struct Label {
    #[serde(default, deserialize_with = "payload::nullable")]
    name: String,
    #[serde(default, deserialize_with = "payload::nullable")]
    color: String,
    description: Option<String>,
    #[serde(default, deserialize_with = "payload::nullable")]
    archived: bool,
    #[serde(default, deserialize_with = "payload::nullable")]
    is_project_label: bool,
}

/// An item in a group's list, which says where it lives.
#[derive(Debug, Deserialize)]
struct Listed {
    references: References,
    #[serde(flatten)]
    item: payload::Item,
}

#[derive(Debug, Deserialize)]
struct References {
    /// `group/project#12`, `group/project!12`.
    full: String,
}

/// A comment with what tells whether it was changed.
#[derive(Debug, Deserialize)]
struct Note {
    id: u64,
    #[serde(default, deserialize_with = "payload::nullable")]
    body: String,
    author: Option<payload::User>,
    #[serde(default, deserialize_with = "payload::nullable")]
    system: bool,
    #[serde(default, deserialize_with = "payload::nullable")]
    internal: bool,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

/// `projects/a%2Fb` or `groups/a%2Fb`.
fn base(place: &LabelPlace) -> String {
    match place {
        LabelPlace::Project(path) => format!("projects/{}", path_escaped(path)),
        LabelPlace::Group(path) => format!("groups/{}", path_escaped(path)),
    }
}

fn label_path(label: &LabelDefinition) -> String {
    format!("{}/labels/{}", base(&label.place), path_escaped(label.name.as_str()))
}

fn segment(kind: SubjectKind) -> Result<(&'static str, char), ForgeError> {
    match kind {
        SubjectKind::Issue => Ok(("issues", '#')),
        SubjectKind::MergeRequest => Ok(("merge_requests", '!')),
        SubjectKind::Epic => Err(ForgeError::Unsupported { what: "a list of epics".to_owned() }),
    }
}

impl GitlabForge {
    /// The label in one place, not above it.
    async fn label_in(
        &self,
        place: LabelPlace,
        name: &LabelName,
    ) -> Result<Option<(LabelDefinition, bool)>, ForgeError> {
        let ask = Plain {
            method: Method::GET,
            path: format!("{}/labels/{}", base(&place), path_escaped(name.as_str())),
            query: match place {
                LabelPlace::Project(_) => Vec::new(),
                LabelPlace::Group(_) => vec![("include_ancestor_groups", "false".to_owned())],
            },
        };
        match self.transport.get_json::<Label>(&ask).await {
            // GitLab takes a number for an id first.
            Ok(label) if label.name == name.as_str() => {
                let own = label.is_project_label;
                let definition = LabelDefinition {
                    place,
                    name: LabelName::new(label.name),
                    color: label.color,
                    description: label.description,
                    archived: label.archived,
                };
                Ok(Some((definition, own)))
            }
            Ok(_) | Err(ForgeError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is open of a kind and carries a label: the oldest, and how many.
    async fn open_of(
        &self,
        place: &LabelPlace,
        kind: SubjectKind,
        label: &LabelName,
    ) -> Result<(Vec<Snapshot>, Counted), ForgeError> {
        let (segment, sigil) = segment(kind)?;
        let list = Plain {
            method: Method::GET,
            path: format!("{}/{segment}", base(place)),
            query: vec![
                ("scope", "all".to_owned()),
                ("state", "opened".to_owned()),
                ("labels", label.as_str().to_owned()),
                ("order_by", "created_at".to_owned()),
                ("sort", "asc".to_owned()),
                ("per_page", FIRST_OPEN.to_owned()),
            ],
        };
        let request = Prepared::new(self.transport.root(), &list)?;
        let name = request.name();
        let answer = self.transport.dispatch(request).await?;
        let listed: Vec<Listed> = self.transport.parse(&name, &answer.body)?;
        let or_more = next_of(&answer.headers).is_some();
        let mut first = Vec::new();
        for one in listed {
            let full = &one.references.full;
            let (project, _) = full.rsplit_once(sigil).ok_or_else(|| ForgeError::Unexpected {
                request: name.clone(),
                message: format!("`{full}` is no reference of an item"),
            })?;
            let (number, project) = (one.item.iid, project.to_owned());
            let subject = Subject { forge: ForgeKind::Gitlab, project, kind, number };
            let item = read::snapshot_of(subject, one.item);
            // A forge compares labels in its own way; only this very one counts.
            if item.labels.contains(label) {
                first.push(item);
            }
        }
        // Of more than 10,000 GitLab tells no number.
        let counted = match (or_more, total_of(&answer.headers)) {
            (false, _) => Counted { number: first.len() as u64, or_more: false },
            (true, Some(number)) => Counted { number, or_more: false },
            (true, None) => Counted { number: first.len() as u64, or_more: true },
        };
        Ok((first, counted))
    }

    async fn write(
        &self,
        method: Method,
        path: String,
        query: Vec<(&'static str, String)>,
    ) -> Result<(), ForgeError> {
        self.transport.send(&Plain { method, path, query }).await.map(|_| ())
    }
}

#[async_trait]
impl Housekeeping for GitlabForge {
    fn archives_labels(&self) -> bool {
        true
    }

    fn labelled_url(&self, project: &str, kind: SubjectKind, label: &LabelName) -> String {
        url::labelled(self.transport.root(), project, kind, label)
    }

    async fn label_definition(
        &self,
        project: &str,
        label: &LabelName,
    ) -> Result<Option<LabelDefinition>, ForgeError> {
        let found = self.label_in(LabelPlace::Project(project.to_owned()), label).await?;
        match found {
            None => return Ok(None),
            Some((definition, true)) => return Ok(Some(definition)),
            Some((_, false)) => {}
        }
        // A group's label: which group's, no answer tells. The nearest one hides those above.
        let mut group = project;
        while let Some((above, _)) = group.rsplit_once('/') {
            group = above;
            if let Some((found, _)) =
                self.label_in(LabelPlace::Group(group.to_owned()), label).await?
            {
                return Ok(Some(found));
            }
        }
        Err(ForgeError::Unexpected {
            request: format!("label `{label}` of {project}"),
            message: "none of the groups above shows it; Steward's account must see them"
                .to_owned(),
        })
    }

    async fn labelled(&self, ask: &LabelledAsk) -> Result<ListPage, ForgeError> {
        let (segment, sigil) = segment(ask.kind)?;
        let list = Plain {
            method: Method::GET,
            path: format!("{}/{segment}", base(&ask.place)),
            query: vec![
                ("scope", "all".to_owned()),
                ("state", "all".to_owned()),
                ("labels", ask.label.as_str().to_owned()),
                // Nothing that happens meanwhile moves what was there before.
                ("order_by", "created_at".to_owned()),
                ("sort", "asc".to_owned()),
                ("per_page", PER_PAGE.to_owned()),
            ],
        };
        let mut request = Prepared::new(self.transport.root(), &list)?;
        let name = request.name();
        let unexpected =
            |message: String| ForgeError::Unexpected { request: name.clone(), message };
        let mine = |at: &::url::Url, target: &str| {
            at.join(target)
                .ok()
                .filter(|url| self.transport.is_mine(url))
                .ok_or_else(|| unexpected("the next page is said to be elsewhere".to_owned()))
        };
        if let Some(page) = &ask.page {
            request.url = mine(&request.url, page)?;
        }
        let at = request.url.clone();
        let answer = self.transport.dispatch(request).await?;
        let listed: Vec<Listed> = self.transport.parse(&name, &answer.body)?;
        let next = next_of(&answer.headers).map(|target| mine(&at, &target)).transpose()?;
        let items = listed
            .into_iter()
            .map(|listed| {
                let full = &listed.references.full;
                let (project, _) = full
                    .rsplit_once(sigil)
                    .ok_or_else(|| unexpected(format!("`{full}` is no reference of an item")))?;
                let subject = Subject {
                    forge: ForgeKind::Gitlab,
                    project: project.to_owned(),
                    kind: ask.kind,
                    number: listed.item.iid,
                };
                Ok(read::snapshot_of(subject, listed.item))
            })
            .collect::<Result<Vec<_>, ForgeError>>()?;
        let newest = items.iter().map(|item| item.updated_at).max();
        Ok(ListPage { items, newest, next: next.map(|url| url.to_string()), total: None })
    }

    async fn open_labelled(
        &self,
        place: &LabelPlace,
        label: &LabelName,
    ) -> Result<OpenLabelled, ForgeError> {
        let (issues_first, issues) = self.open_of(place, SubjectKind::Issue, label).await?;
        let (merge_requests_first, merge_requests) =
            self.open_of(place, SubjectKind::MergeRequest, label).await?;
        Ok(OpenLabelled { issues, merge_requests, issues_first, merge_requests_first })
    }

    async fn comments(&self, subject: &Subject) -> Result<Vec<Said>, ForgeError> {
        let (segment, _) = segment(subject.kind)?;
        let notes: Vec<Note> = self
            .transport
            .get_all(&Plain {
                method: Method::GET,
                path: format!(
                    "projects/{}/{segment}/{}/notes",
                    path_escaped(&subject.project),
                    subject.number
                ),
                query: vec![
                    ("order_by", "created_at".to_owned()),
                    ("sort", "asc".to_owned()),
                    ("per_page", PER_PAGE.to_owned()),
                ],
            })
            .await?;
        let said = notes.into_iter().filter(|note| !note.system && !note.internal);
        Ok(said
            .filter_map(|note| {
                let changed = note.updated_at.unwrap_or(note.created_at) - note.created_at;
                Some(Said {
                    id: note.id,
                    by: Person::from(note.author?),
                    body: note.body,
                    at: note.created_at,
                    edited: changed > SAME_MOMENT,
                })
            })
            .collect())
    }

    async fn is_direct_member(
        &self,
        _near: &Subject,
        group: &str,
        person: u64,
    ) -> Result<bool, ForgeError> {
        // Nobody's account, nobody's group; an empty path would lead to another endpoint.
        if person == 0 || group.trim().is_empty() {
            return Ok(false);
        }
        let ask = Plain {
            method: Method::GET,
            path: format!("groups/{}/members/{person}", path_escaped(group.trim())),
            query: Vec::new(),
        };
        match self.transport.get_json::<payload::Member>(&ask).await {
            Ok(member) => {
                let holds = member.holds_on(Utc::now().date_naive());
                Ok(holds && Access::from(member) >= Access::Developer)
            }
            Err(ForgeError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn reopen(&self, subject: &Subject) -> Result<(), ForgeError> {
        let (segment, _) = segment(subject.kind)?;
        let project = path_escaped(&subject.project);
        let path = format!("projects/{project}/{segment}/{}", subject.number);
        self.write(Method::PUT, path, vec![("state_event", "reopen".to_owned())]).await
    }

    async fn create_label(&self, label: &LabelDefinition) -> Result<(), ForgeError> {
        let mut query =
            vec![("name", label.name.as_str().to_owned()), ("color", label.color.clone())];
        query.extend(label.description.clone().map(|text| ("description", text)));
        match self.write(Method::POST, format!("{}/labels", base(&label.place)), query).await {
            Err(ForgeError::Refused { status: 409, .. }) => Ok(()),
            other => other,
        }
    }

    async fn archive_label(
        &self,
        label: &LabelDefinition,
        archived: bool,
    ) -> Result<(), ForgeError> {
        self.write(Method::PUT, label_path(label), vec![("archived", archived.to_string())]).await
    }

    async fn delete_label(&self, label: &LabelDefinition) -> Result<(), ForgeError> {
        match self.write(Method::DELETE, label_path(label), Vec::new()).await {
            Err(ForgeError::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}
