//! What `steward doctor` asks a GitHub, beyond what the bot needs for its work.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use url::Url;

use super::{
    GithubForge, look_up,
    payload::nullable,
    read::call,
    request::{By, Call},
};
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

/// What an App was given where it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InstallationInfo {
    /// Each permission with its level: `read`, `write` or `admin`.
    #[serde(default, deserialize_with = "nullable")]
    pub permissions: BTreeMap<String, String>,
    /// The events that the App's webhook is told of.
    #[serde(default, deserialize_with = "nullable")]
    pub events: Vec<String>,
    /// Since when the owner has suspended it.
    #[serde(default)]
    pub suspended_at: Option<String>,
}

/// The webhook of an App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppHook {
    /// Where it sends to, as in [`HookInfo`]; empty where there is none.
    pub url: String,
    /// Whether it has a secret to sign with.
    pub has_secret: bool,
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
    #[serde(default, deserialize_with = "nullable")]
    secret: String,
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

    /// What the App was given where it is installed for a repository.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when it is not installed there; [`ForgeError::Unsupported`] without an
    /// App.
    pub async fn installation(&self, project: &str) -> Result<InstallationInfo, ForgeError> {
        let ask = call(&self.transport, Method::GET, project, &["installation"])?;
        self.as_app(Call { by: By::App, ..ask }).await
    }

    /// Where the App's own webhook leads.
    ///
    /// # Errors
    /// As [`GithubForge::installation`].
    pub async fn app_hook(&self) -> Result<AppHook, ForgeError> {
        let path = ["app", "hook", "config"];
        let ask = Call::new(self.transport.api(), Method::GET, By::App, &path)?;
        let config: RawConfig = self.as_app(ask).await?;
        let url = if config.url.is_empty() { String::new() } else { bare(&config.url) };
        Ok(AppHook { url, has_secret: !config.secret.is_empty() })
    }

    async fn as_app<T: serde::de::DeserializeOwned>(&self, ask: Call) -> Result<T, ForgeError> {
        let name = ask.name();
        let answer = self.transport.send_as_app(ask).await?;
        self.transport.parse(&name, &answer.body)
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
