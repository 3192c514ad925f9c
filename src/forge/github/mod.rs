//! GitHub: octocrab's client, with paths and payloads of our own.
//!
//! octocrab signs as a GitHub App and speaks HTTP. Its typed payloads and timelines are closed: one
//! event of a kind that it does not know fails a whole page, so answers are read into lenient
//! structs of our own. What it would repeat by itself is said in [`transport`].

mod answer;
mod auth;
mod checks;
mod doctor;
mod etags;
mod files;
mod heads;
mod housekeeping;
mod list;
mod opened;
mod paging;
mod payload;
mod people;
mod read;
mod remembered;
mod request;
mod settings;
mod transport;
pub mod url;
pub mod webhook;
mod wire;
mod write;

use async_trait::async_trait;
use http::Method;
use tokio::sync::OnceCell;

pub use self::{
    answer::Answer,
    doctor::{HookInfo, Permissions, RepositoryInfo},
    settings::{GithubAuth, GithubSettings, SetupError},
    transport::Transport,
};
use self::{
    file_cache::FileCache, heads::Heads, label_cache::LabelCache, remembered::Pulls,
    url::SubjectError,
};
use super::shared::{file_cache, hunks, label_cache, link, tidy};
use crate::{
    forge::{CommitStatus, Forge, ForgeError, ItemChange},
    model::{
        Facet, FacetValue, LabelName, NewIssue, OwnIssue, Person, Snapshot, Subject, SubjectKind,
    },
};

/// One GitHub, under one account or App.
pub struct GithubForge {
    transport: Transport,
    me: OnceCell<Person>,
    labels: LabelCache,
    said: Pulls,
    heads: Heads,
    files: FileCache,
}

impl std::fmt::Debug for GithubForge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GithubForge").field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl GithubForge {
    /// Prepares the client. Nothing is sent: Steward must start while GitHub is down. Must be
    /// called inside a tokio runtime.
    ///
    /// # Errors
    /// When the address or the credentials cannot be used, or TLS cannot be set up.
    pub fn new(settings: &GithubSettings) -> Result<Self, SetupError> {
        Ok(Self {
            transport: Transport::new(settings)?,
            me: OnceCell::new(),
            labels: LabelCache::new(settings.label_ttl, settings.missing_label_ttl),
            said: Pulls::default(),
            heads: Heads::default(),
            files: FileCache::default(),
        })
    }

    /// The transport, for its counts.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The subject that somebody means: a web address of this GitHub, `owner/project#12`,
    /// `owner/project!12` for a pull request, or a subject key.
    ///
    /// # Errors
    /// What is wrong with it, for the person who typed it.
    pub fn parse_subject(&self, text: &str) -> Result<Subject, SubjectError> {
        url::parse_subject(self.transport.root(), text)
    }
}

/// Asks for a label of a repository. GitHub takes names in any case and answers with its own
/// spelling.
async fn look_up(transport: Transport, project: String, name: LabelName) -> label_cache::Found {
    // A name of dots only cannot stand in a path.
    if name.as_str().chars().all(|c| c == '.') {
        return Ok(None);
    }
    let ask = read::call(&transport, Method::GET, &project, &["labels", name.as_str()])?;
    match transport.json::<payload::Label>(ask).await {
        Ok(label) => Ok(Some(LabelName::new(label.name)).filter(|label| label.same(&name))),
        Err(ForgeError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl Forge for GithubForge {
    async fn me(&self) -> Result<Person, ForgeError> {
        self.me.get_or_try_init(|| people::me(&self.transport)).await.cloned()
    }

    async fn read(&self, subject: &Subject) -> Result<Snapshot, ForgeError> {
        let mut snapshot = read::snapshot(&self.transport, &self.said, subject).await?;
        snapshot.facets.status_reports = subject.kind == SubjectKind::MergeRequest
            && self.transport.writes_checks(&subject.project);
        Ok(snapshot)
    }

    async fn read_facet(
        &self,
        snapshot: &Snapshot,
        facet: &Facet,
    ) -> Result<FacetValue, ForgeError> {
        let (transport, subject) = (&self.transport, &snapshot.subject);
        if subject.kind == SubjectKind::Epic {
            return Err(read::unsupported(subject));
        }
        Ok(match facet {
            Facet::LabelHistory => {
                FacetValue::LabelHistory(read::label_history(transport, subject).await?)
            }
            Facet::OwnComments => {
                let me = self.me().await?;
                FacetValue::OwnComments(read::comments_by(transport, subject, me.id).await?)
            }
            Facet::Changes => {
                FacetValue::Changes(read::changes(transport, &self.said, snapshot).await?)
            }
            Facet::Label(name) => {
                let ask = || look_up(transport.clone(), subject.project.clone(), name.clone());
                FacetValue::Label(self.labels.get(&subject.project, name, ask).await?)
            }
            Facet::AuthorAccess => {
                FacetValue::AuthorAccess(people::author_access(transport, snapshot).await?)
            }
            Facet::Milestone(title) => {
                FacetValue::Milestone(people::milestone(transport, subject, title).await?)
            }
            Facet::Account(handle) => {
                FacetValue::Account(people::account(transport, subject, handle).await?)
            }
            Facet::File(at) => {
                let file = files::file(transport, &self.said, &self.files, snapshot, at);
                FacetValue::File(file.await?)
            }
            Facet::Removals | Facet::Standing(_) | Facet::Standings => {
                return Err(ForgeError::Unsupported { what: facet.to_string() });
            }
            Facet::Membership(of) => {
                FacetValue::Membership(people::belongs(transport, subject, of).await?)
            }
            Facet::OwnStatuses => {
                FacetValue::OwnStatuses(checks::standing(transport, snapshot).await?)
            }
            Facet::OwnIssues => {
                let me = self.me().await?;
                FacetValue::OwnIssues(opened::all(transport, subject, &me).await?)
            }
        })
    }

    async fn change_labels(
        &self,
        subject: &Subject,
        add: &[LabelName],
        remove: &[LabelName],
    ) -> Result<(), ForgeError> {
        write::change_labels(&self.transport, subject, add, remove).await
    }

    async fn change_item(&self, subject: &Subject, change: &ItemChange) -> Result<(), ForgeError> {
        write::change_item(&self.transport, subject, change).await
    }

    async fn set_status(&self, subject: &Subject, status: &CommitStatus) -> Result<(), ForgeError> {
        match &status.report {
            Some(report) => checks::set(&self.transport, subject, status, report).await,
            None => write::set_status(&self.transport, subject, status).await,
        }
    }

    async fn post_comment(&self, subject: &Subject, body: &str) -> Result<u64, ForgeError> {
        write::post_comment(&self.transport, subject, body).await
    }

    async fn edit_comment(&self, subject: &Subject, id: u64, body: &str) -> Result<(), ForgeError> {
        write::edit_comment(&self.transport, subject, id, body).await
    }

    async fn delete_comment(&self, subject: &Subject, id: u64) -> Result<(), ForgeError> {
        write::delete_comment(&self.transport, subject, id).await
    }

    async fn react(&self, subject: &Subject, comment: u64, emoji: &str) -> Result<(), ForgeError> {
        write::react(&self.transport, subject, comment, emoji).await
    }

    async fn open_issue(&self, beside: &Subject, issue: &NewIssue) -> Result<OwnIssue, ForgeError> {
        opened::open(&self.transport, beside, issue).await
    }
}

#[cfg(test)]
mod tests;
