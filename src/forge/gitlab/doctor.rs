//! What `steward doctor` asks a GitLab, beyond what the bot needs for its work.

use chrono::{DateTime, NaiveDate, Utc};
use gitlab::api::{
    personal_access_tokens::PersonalAccessTokenSelf,
    projects::{Project, hooks::Hooks},
};
use serde::Deserialize;
use url::Url;

use super::{GitlabForge, built, endpoints, labels, payload::nullable};
use crate::{forge::ForgeError, model::LabelName};

/// What GitLab says about the token in use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    /// The name that its owner gave it.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// What it may do, such as `api`.
    #[serde(default, deserialize_with = "nullable")]
    pub scopes: Vec<String>,
    /// The last day on which it works; `None` for one without end.
    #[serde(default)]
    pub expires_at: Option<NaiveDate>,
}

/// A project as the token sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectInfo {
    /// GitLab's number for it.
    pub id: u64,
    /// Its path today, which differs from the one asked for after a rename.
    pub path: String,
    /// An archived project takes no writes.
    pub archived: bool,
    /// The token's access level, the higher of project and group: 20 is Reporter, 30 Developer
    /// (GitLab, "Members API", roles). `None` when it is not a member.
    pub access_level: Option<u64>,
}

/// A webhook of a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HookInfo {
    /// GitLab's number for it.
    pub id: u64,
    /// Where it sends to, without user name and query, in which people keep secrets.
    #[serde(deserialize_with = "bare_url")]
    pub url: String,
    /// Sends issues.
    #[serde(default, deserialize_with = "nullable")]
    pub issues_events: bool,
    /// Sends confidential issues.
    #[serde(default, deserialize_with = "nullable")]
    pub confidential_issues_events: bool,
    /// Sends merge requests.
    #[serde(default, deserialize_with = "nullable")]
    pub merge_requests_events: bool,
    /// Sends comments.
    #[serde(default, deserialize_with = "nullable")]
    pub note_events: bool,
    /// Sends emoji reactions.
    #[serde(default, deserialize_with = "nullable")]
    pub emoji_events: bool,
    /// Checks the receiver's certificate.
    #[serde(default, deserialize_with = "nullable")]
    pub enable_ssl_verification: bool,
    /// `executable`, `temporarily_disabled` or `disabled`; empty when GitLab does not say.
    #[serde(default, deserialize_with = "nullable")]
    pub alert_status: String,
    /// Until when GitLab leaves it out after failures.
    #[serde(default)]
    pub disabled_until: Option<DateTime<Utc>>,
}

/// Which GitLab answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VersionInfo {
    /// Such as `18.9.0-ee`.
    pub version: String,
    /// The commit it was built from.
    #[serde(default, deserialize_with = "nullable")]
    pub revision: String,
}

fn bare_url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(match Url::parse(&text) {
        Ok(mut url) => {
            // Both fail only for addresses that cannot have a user name anyway.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            url.into()
        }
        // GitLab masks parts as `{name}`, which may not parse: what stands before is safe.
        Err(_) => {
            let start = text.split(['?', '#']).next().unwrap_or_default();
            if start.contains('@') { "[hidden]".to_owned() } else { start.to_owned() }
        }
    })
}

#[derive(Deserialize)]
struct RawProject {
    id: u64,
    path_with_namespace: String,
    #[serde(default, deserialize_with = "nullable")]
    archived: bool,
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
struct Permissions {
    project_access: Option<Access>,
    group_access: Option<Access>,
}

#[derive(Deserialize)]
struct Access {
    access_level: Option<u64>,
}

impl GitlabForge {
    /// What GitLab says about the token in use.
    ///
    /// # Errors
    /// As every call; [`ForgeError::NotFound`] where GitLab is older than 15.5.
    pub async fn token_info(&self) -> Result<TokenInfo, ForgeError> {
        let endpoint = built(PersonalAccessTokenSelf::builder().build())?;
        self.transport().get_json(&endpoint).await
    }

    /// A project as the token sees it.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when it is not there or hidden from the token.
    pub async fn project(&self, path: &str) -> Result<ProjectInfo, ForgeError> {
        let endpoint = built(Project::builder().project(path).build())?;
        let raw: RawProject = self.transport().get_json(&endpoint).await?;
        let access_level = raw.permissions.and_then(|permissions| {
            let levels = [permissions.project_access, permissions.group_access];
            levels.into_iter().flatten().filter_map(|access| access.access_level).max()
        });
        let RawProject { id, path_with_namespace: path, archived, .. } = raw;
        Ok(ProjectInfo { id, path, archived, access_level })
    }

    /// The project's own webhooks, without those of its groups.
    ///
    /// # Errors
    /// [`ForgeError::Forbidden`] when the token is not a maintainer's.
    pub async fn hooks(&self, project: &str) -> Result<Vec<HookInfo>, ForgeError> {
        let endpoint = built(Hooks::builder().project(project).build())?;
        self.transport().get_all(&endpoint).await
    }

    /// The label in GitLab's spelling, if the project or a group above it has it. Asks GitLab
    /// each time, past the memory that [`crate::model::Facet::Label`] uses.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when the project is not there.
    pub async fn label_exists(
        &self,
        project: &str,
        name: &LabelName,
    ) -> Result<Option<LabelName>, ForgeError> {
        labels::look_up(self.transport().clone(), project.to_owned(), name.clone()).await
    }

    /// Which GitLab answers.
    ///
    /// # Errors
    /// As every call.
    pub async fn version(&self) -> Result<VersionInfo, ForgeError> {
        self.transport().get_json(&endpoints::Version).await
    }
}
