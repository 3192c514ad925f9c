//! GitLab: the `gitlab` crate's endpoints over a transport of our own.
//!
//! The crate's endpoint types know paths and parameters; its client is not used, since it probes
//! the network when it is made, has no time-outs, hides the headers and parses every answer
//! twice.

mod answer;
mod doctor;
mod endpoints;
mod fields;
mod files;
mod housekeeping;
mod labels;
mod list;
mod opened;
mod paging;
mod payload;
mod people;
mod read;
mod remembered;
mod request;
mod settings;
#[cfg(test)]
mod testserver;
mod transport;
pub mod url;
pub mod webhook;
mod write;

use async_trait::async_trait;
use gitlab::api::users::CurrentUser;
use secrecy::SecretString;
use tokio::sync::OnceCell;

pub use self::{
    answer::Answer,
    doctor::{HookInfo, ProjectInfo, TokenInfo, VersionInfo},
    paging::Pages,
    settings::{GitlabSettings, SetupError},
    transport::Transport,
};
use self::{
    file_cache::FileCache, label_cache::LabelCache, remembered::MergeRequests, url::SubjectError,
};
use super::shared::{file_cache, hunks, label_cache, link, meter, tidy};
use crate::{
    forge::{CommitStatus, Forge, ForgeError, ItemChange},
    model::{Facet, FacetValue, LabelName, NewIssue, OwnIssue, Person, Snapshot, Subject},
};

/// One GitLab, under one account.
pub struct GitlabForge {
    transport: Transport,
    me: OnceCell<Person>,
    labels: LabelCache,
    said: MergeRequests,
    files: FileCache,
}

impl std::fmt::Debug for GitlabForge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitlabForge").field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl GitlabForge {
    /// Prepares the client. Nothing is sent: Steward must start while GitLab is down.
    ///
    /// # Errors
    /// When the address or the token cannot be used, or TLS cannot be set up.
    pub fn new(settings: GitlabSettings) -> Result<Self, SetupError> {
        Ok(Self {
            transport: Transport::new(&settings)?,
            me: OnceCell::new(),
            labels: LabelCache::new(settings.label_ttl, settings.missing_label_ttl),
            said: MergeRequests::default(),
            files: FileCache::default(),
        })
    }

    /// The transport, for its counts and for calls that the trait does not have.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The subject that somebody means: a web address of this GitLab, `group/project#12`,
    /// `group/project!3` or a subject key.
    ///
    /// # Errors
    /// What is wrong with it, for the person who typed it.
    pub fn parse_subject(&self, text: &str) -> Result<Subject, SubjectError> {
        url::parse_subject(self.transport.root(), text)
    }
}

/// The subject that somebody means, for those who have no token: `gitlab` is the address of the
/// GitLab. As [`GitlabForge::parse_subject`].
///
/// # Errors
/// What is wrong with it, for the person who typed it.
pub fn parse_subject(gitlab: &str, text: &str) -> Result<Subject, SubjectError> {
    match GitlabSettings::new(gitlab, SecretString::from("")).root() {
        Ok(root) => url::parse_subject(&root, text),
        Err(_) => Err(SubjectError::Unclear(tidy::tidy(text))),
    }
}

/// A built endpoint. The builders fail only on fields left out, so this error tells of a mistake
/// in Steward; it is no reason to panic while other subjects are worked on.
fn built<T, E: std::fmt::Display>(endpoint: Result<T, E>) -> Result<T, ForgeError> {
    endpoint.map_err(|error| ForgeError::Refused {
        request: "endpoint".to_owned(),
        status: 0,
        message: error.to_string(),
    })
}

#[async_trait]
impl Forge for GitlabForge {
    async fn me(&self) -> Result<Person, ForgeError> {
        let ask = || async {
            let endpoint = built(CurrentUser::builder().build())?;
            Ok(self.transport.get_json::<payload::User>(&endpoint).await?.into())
        };
        self.me.get_or_try_init(ask).await.cloned()
    }

    async fn read(&self, subject: &Subject) -> Result<Snapshot, ForgeError> {
        read::snapshot(&self.transport, &self.said, subject).await
    }

    async fn read_facet(
        &self,
        snapshot: &Snapshot,
        facet: &Facet,
    ) -> Result<FacetValue, ForgeError> {
        let (transport, subject) = (&self.transport, &snapshot.subject);
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
                if subject.kind == crate::model::SubjectKind::Epic {
                    return Err(read::unsupported(subject));
                }
                let ask =
                    || labels::look_up(transport.clone(), subject.project.clone(), name.clone());
                FacetValue::Label(self.labels.get(&subject.project, name, ask).await?)
            }
            Facet::AuthorAccess => {
                FacetValue::AuthorAccess(people::author_access(transport, snapshot).await?)
            }
            Facet::Milestone(title) => {
                FacetValue::Milestone(fields::milestone(transport, subject, title).await?)
            }
            Facet::Account(handle) => {
                FacetValue::Account(people::account(transport, handle).await?)
            }
            Facet::File(at) => {
                let file = files::file(transport, &self.said, &self.files, snapshot, at);
                FacetValue::File(file.await?)
            }
            Facet::Removals | Facet::Standing(_) | Facet::Standings => {
                return Err(ForgeError::Unsupported { what: facet.to_string() });
            }
            Facet::Membership(of) => FacetValue::Membership(people::belongs(transport, of).await?),
            // A status there has no report, and nobody asks for it again.
            Facet::OwnStatuses => FacetValue::OwnStatuses(Vec::new()),
            Facet::OwnIssues => {
                let me = self.me().await?;
                FacetValue::OwnIssues(opened::all(transport, subject, me.id).await?)
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
        fields::change_item(&self.transport, subject, change).await
    }

    async fn set_status(&self, subject: &Subject, status: &CommitStatus) -> Result<(), ForgeError> {
        fields::set_status(&self.transport, subject, status).await
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

    async fn link_issue(&self, subject: &Subject, to: u64) -> Result<(), ForgeError> {
        opened::link(&self.transport, subject, to).await
    }
}

#[cfg(test)]
mod field_tests;
#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod member_tests;
#[cfg(test)]
mod tests;
