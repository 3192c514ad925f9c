//! Labels, what carries them, and opening again, for the end of an integration. GitHub has labels in
//! repositories alone, and puts none aside: what shall be gone is deleted.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{GithubForge, paging::PER_PAGE, payload, people, read, request::Call, url};
use crate::{
    forge::{
        ForgeError, Housekeeping, LabelDefinition, LabelPlace, LabelledAsk, ListPage, OpenLabelled,
        Said,
    },
    model::{LabelName, Membership, Person, Subject, SubjectKind},
};

/// Between the times of writing and changing a comment that nobody has changed.
const SAME_MOMENT: TimeDelta = TimeDelta::seconds(2);

/// A label of a repository, with what it takes to make it anew.
#[derive(Debug, Deserialize)]
struct Label {
    name: String,
    /// Six digits, without a sign before them.
    #[serde(default, deserialize_with = "payload::nullable")]
    color: String,
    description: Option<String>,
}

/// A comment with what tells whether it was changed.
#[derive(Debug, Deserialize)]
struct Comment {
    id: u64,
    #[serde(default, deserialize_with = "payload::nullable")]
    body: String,
    user: Option<payload::User>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

/// The repository of a place; no other place has labels.
fn repository(place: &LabelPlace) -> Result<&str, ForgeError> {
    match place {
        LabelPlace::Project(path) => Ok(path),
        LabelPlace::Group(_) => {
            Err(ForgeError::Unsupported { what: "a label of an organization".to_owned() })
        }
    }
}

impl GithubForge {
    fn label(&self, method: Method, label: &LabelDefinition) -> Result<Call, ForgeError> {
        let path = ["labels", label.name.as_str()];
        read::call(&self.transport, method, repository(&label.place)?, &path)
    }
}

#[async_trait]
impl Housekeeping for GithubForge {
    fn archives_labels(&self) -> bool {
        false
    }

    fn labelled_url(&self, project: &str, kind: SubjectKind, label: &LabelName) -> String {
        url::labelled(self.transport.root(), project, kind, label)
    }

    async fn label_definition(
        &self,
        project: &str,
        label: &LabelName,
    ) -> Result<Option<LabelDefinition>, ForgeError> {
        let ask = read::call(&self.transport, Method::GET, project, &["labels", label.as_str()])?;
        let found = match self.transport.json::<Label>(ask).await {
            Ok(found) => found,
            Err(ForgeError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // GitHub takes a name in any case; the items carry it in its own.
        let name = LabelName::new(found.name);
        Ok(name.same(label).then(|| LabelDefinition {
            place: LabelPlace::Project(project.to_owned()),
            name,
            color: format!("#{}", found.color),
            description: found.description,
            archived: false,
        }))
    }

    async fn labelled(&self, ask: &LabelledAsk) -> Result<ListPage, ForgeError> {
        let project = repository(&ask.place)?;
        if ask.kind == SubjectKind::Epic {
            return Err(ForgeError::Unsupported { what: "a list of epics".to_owned() });
        }
        if ask.label.as_str().contains(',') {
            // GitHub takes several labels, with commas between them.
            let what = format!("a list of what carries `{}`, which has a comma in it,", ask.label);
            return Err(ForgeError::Unsupported { what });
        }
        let mut call = read::call(&self.transport, Method::GET, project, &["issues"])?
            .query("labels", ask.label.as_str())
            .query("state", "all")
            // Nothing that happens meanwhile moves what was there before.
            .query("sort", "created")
            .query("direction", "asc")
            .query("per_page", PER_PAGE);
        if let Some(page) = &ask.page {
            call.url = self.transport.mine(&call, &call.url, page)?;
        }
        let page = self.transport.page::<payload::Item>(&call).await?;
        let pulls = ask.kind == SubjectKind::MergeRequest;
        let wanted = page.items.into_iter().filter(|item| item.pull_request.is_some() == pulls);
        let items: Vec<_> = wanted.map(|item| self.snapshot(project, ask.kind, item)).collect();
        let newest = items.iter().map(|item| item.updated_at).max();
        Ok(ListPage { items, newest, next: page.next.map(String::from), total: None })
    }

    async fn open_labelled(
        &self,
        place: &LabelPlace,
        label: &LabelName,
    ) -> Result<OpenLabelled, ForgeError> {
        let project = repository(place)?;
        if label.as_str().contains(',') {
            // GitHub takes several labels, with commas between them.
            let what = format!("a list of what carries `{label}`, which has a comma in it,");
            return Err(ForgeError::Unsupported { what });
        }
        let call = read::call(&self.transport, Method::GET, project, &["issues"])?
            .query("labels", label.as_str())
            .query("state", "open")
            .query("sort", "created")
            .query("direction", "asc")
            .query("per_page", PER_PAGE);
        // One list holds both kinds, and tells no number: what is behind the first page is more.
        let page = self.transport.page::<payload::Item>(&call).await?;
        let or_more = page.next.is_some();
        let mut open = OpenLabelled::default();
        (open.issues.or_more, open.merge_requests.or_more) = (or_more, or_more);
        for item in page.items {
            let (kind, many, first) = match item.pull_request.is_some() {
                false => (SubjectKind::Issue, &mut open.issues, &mut open.issues_first),
                true => (
                    SubjectKind::MergeRequest,
                    &mut open.merge_requests,
                    &mut open.merge_requests_first,
                ),
            };
            many.number += 1;
            first.push(self.snapshot(project, kind, item));
        }
        Ok(open)
    }

    async fn comments(&self, subject: &Subject) -> Result<Vec<Said>, ForgeError> {
        if subject.kind == SubjectKind::Epic {
            return Err(read::unsupported(subject));
        }
        let path = ["issues", &subject.number.to_string(), "comments"];
        let ask = read::call(&self.transport, Method::GET, &subject.project, &path)?;
        let said: Vec<Comment> = self.transport.all(ask).await?;
        let said = said.into_iter().filter_map(|one| {
            let changed = one.updated_at.unwrap_or(one.created_at) - one.created_at;
            Some(Said {
                id: one.id,
                by: Person::from(one.user?),
                body: one.body,
                at: one.created_at,
                edited: changed > SAME_MOMENT,
            })
        });
        Ok(said.collect())
    }

    async fn is_direct_member(
        &self,
        near: &Subject,
        group: &str,
        person: u64,
    ) -> Result<bool, ForgeError> {
        // A team has its own members and those of the teams below it, and nobody from above.
        let of = Membership { group: group.to_owned(), person };
        people::belongs(&self.transport, near, &of).await
    }

    async fn reopen(&self, subject: &Subject) -> Result<(), ForgeError> {
        if subject.kind == SubjectKind::Epic {
            return Err(read::unsupported(subject));
        }
        // A pull request is an issue too.
        let path = ["issues", &subject.number.to_string()];
        let edit = read::call(&self.transport, Method::PATCH, &subject.project, &path)?;
        self.transport.send(edit.body(json!({ "state": "open" }))).await?;
        Ok(())
    }

    async fn create_label(&self, label: &LabelDefinition) -> Result<(), ForgeError> {
        let project = repository(&label.place)?;
        let mut body = json!({
            "name": label.name.as_str(),
            "color": label.color.trim_start_matches('#'),
        });
        if let Some(description) = &label.description {
            body["description"] = description.as_str().into();
        }
        let make = read::call(&self.transport, Method::POST, project, &["labels"])?;
        match self.transport.send(make.body(body)).await {
            Err(ForgeError::Refused { status: 422, message, .. })
                if message.contains("already_exists") =>
            {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    async fn delete_label(&self, label: &LabelDefinition) -> Result<(), ForgeError> {
        match self.transport.send(self.label(Method::DELETE, label)?).await {
            Err(ForgeError::NotFound { .. }) => Ok(()),
            other => other.map(drop),
        }
    }
}
