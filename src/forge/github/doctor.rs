//! What `steward doctor` asks a GitHub, beyond what the bot needs for its work.

use http::Method;
use serde::Deserialize;
use url::Url;

use super::{GithubForge, look_up, payload::nullable, read::call};
use crate::{forge::ForgeError, model::LabelName};

/// A repository as Steward's credentials see it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RepositoryInfo {
    /// Its name today, which differs from the one asked for after a rename.
    pub full_name: String,
    /// An archived repository takes no writes.
    #[serde(default, deserialize_with = "nullable")]
    pub archived: bool,
    /// What the account may do. GitHub leaves it out, or says only what everybody may, for an App.
    #[serde(default, deserialize_with = "nullable")]
    pub permissions: Permissions,
}

/// What an account may do in a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Permissions {
    /// Set labels, close.
    #[serde(default, deserialize_with = "nullable")]
    pub triage: bool,
    /// Set statuses too.
    #[serde(default, deserialize_with = "nullable")]
    pub push: bool,
}

/// A webhook of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookInfo {
    /// GitHub's number for it.
    pub id: u64,
    /// Where it sends to, without user name and query, in which people keep secrets.
    pub url: String,
    /// Switched on.
    pub active: bool,
    /// The events that it sends; `*` for all.
    pub events: Vec<String>,
}

#[derive(Deserialize)]
struct RawHook {
    id: u64,
    #[serde(default, deserialize_with = "nullable")]
    active: bool,
    #[serde(default, deserialize_with = "nullable")]
    events: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    config: RawConfig,
}

#[derive(Default, Deserialize)]
struct RawConfig {
    #[serde(default, deserialize_with = "nullable")]
    url: String,
}

/// Whether a webhook with this address leads to Steward: to the address that is named, or to where its
/// door is by the end of the path.
pub fn leads_here(url: &str, address: Option<&str>) -> bool {
    let url = url.trim_end_matches('/');
    match address {
        Some(address) => url == address.trim_end_matches('/'),
        None => url.ends_with("/hooks/github"),
    }
}

fn bare(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) => {
            // Both fail only for addresses that cannot have a user name anyway.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            url.into()
        }
        Err(_) => "[unreadable]".to_owned(),
    }
}

impl GithubForge {
    /// Whether Steward is let in as an App.
    pub fn is_app(&self) -> bool {
        self.transport.is_app()
    }

    /// A repository as Steward's credentials see it.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when it is not there or hidden from Steward.
    pub async fn repository(&self, project: &str) -> Result<RepositoryInfo, ForgeError> {
        self.transport.json(call(&self.transport, Method::GET, project, &[])?).await
    }

    /// The repository's own webhooks, without the App's and the organization's.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] or [`ForgeError::Forbidden`] when the account is no administrator.
    pub async fn hooks(&self, project: &str) -> Result<Vec<HookInfo>, ForgeError> {
        let ask = call(&self.transport, Method::GET, project, &["hooks"])?;
        let hooks: Vec<RawHook> = self.transport.all(ask).await?;
        let info = |hook: RawHook| HookInfo {
            id: hook.id,
            url: bare(&hook.config.url),
            active: hook.active,
            events: hook.events,
        };
        Ok(hooks.into_iter().map(info).collect())
    }

    /// The label in GitHub's spelling, if the repository has it. Asks GitHub each time, past the
    /// memory that [`crate::model::Facet::Label`] uses.
    ///
    /// # Errors
    /// As every call.
    pub async fn label_exists(
        &self,
        project: &str,
        name: &LabelName,
    ) -> Result<Option<LabelName>, ForgeError> {
        look_up(self.transport.clone(), project.to_owned(), name.clone()).await
    }
}
