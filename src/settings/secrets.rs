//! Secrets: from the environment, or from files that it names; never printed.

use secrecy::{ExposeSecret, SecretString};

use super::SettingsError;
use crate::model::ForgeKind;

const TOKEN: &str = "STEWARD_GITLAB_TOKEN";
const WEBHOOK_SECRET: &str = "STEWARD_GITLAB_WEBHOOK_SECRET";
const SIGNING_TOKEN: &str = "STEWARD_GITLAB_SIGNING_TOKEN";
const GITHUB_TOKEN: &str = "STEWARD_GITHUB_TOKEN";
const GITHUB_APP_KEY: &str = "STEWARD_GITHUB_APP_KEY";
const GITHUB_WEBHOOK_SECRET: &str = "STEWARD_GITHUB_WEBHOOK_SECRET";

/// What must not be seen. `Debug` shows nothing of it.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// The bot's access token.
    pub gitlab_token: Option<SecretString>,
    /// Secret tokens that webhooks may carry.
    pub gitlab_webhook_secrets: Vec<SecretString>,
    /// Signing tokens with which webhooks may be signed.
    pub gitlab_signing_tokens: Vec<SecretString>,
    /// An access token for GitHub.
    pub github_token: Option<SecretString>,
    /// The private key of the GitHub App.
    pub github_app_key: Option<SecretString>,
    /// Secrets with which GitHub may sign its webhooks.
    pub github_webhook_secrets: Vec<SecretString>,
}

/// Every variable that holds a secret or names its file.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    [
        TOKEN,
        "STEWARD_GITLAB_TOKEN_FILE",
        WEBHOOK_SECRET,
        "STEWARD_GITLAB_WEBHOOK_SECRET_FILE",
        SIGNING_TOKEN,
        "STEWARD_GITLAB_SIGNING_TOKEN_FILE",
        GITHUB_TOKEN,
        "STEWARD_GITHUB_TOKEN_FILE",
        GITHUB_APP_KEY,
        "STEWARD_GITHUB_APP_KEY_FILE",
        GITHUB_WEBHOOK_SECRET,
        "STEWARD_GITHUB_WEBHOOK_SECRET_FILE",
    ]
    .into_iter()
}

pub(super) fn is_secret(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Whether an option that does not exist sounds like a secret in the wrong place.
pub(super) fn looks_secret(name: &str) -> bool {
    ["token", "secret", "password"].iter().any(|word| name.contains(word))
}

impl Secrets {
    /// Which forges they let Steward into.
    pub fn forges(&self) -> Vec<ForgeKind> {
        let gitlab = self.gitlab_token.is_some()
            || !self.gitlab_webhook_secrets.is_empty()
            || !self.gitlab_signing_tokens.is_empty();
        let github = self.github_token.is_some()
            || self.github_app_key.is_some()
            || !self.github_webhook_secrets.is_empty();
        let all = [(ForgeKind::Gitlab, gitlab), (ForgeKind::Github, github)];
        all.into_iter().filter(|(_, given)| *given).map(|(forge, _)| forge).collect()
    }

    /// Reads the secrets.
    ///
    /// # Errors
    /// When a file that is named cannot be read, is empty, or a variable is given in both forms.
    pub fn load(
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let all: Vec<(String, String)> =
            environment.into_iter().filter(|(name, _)| is_secret(name)).collect();
        let get = |name: &str| {
            let find = |name: &str| all.iter().find(|(had, _)| had == name).map(|(_, v)| v);
            let file_name = format!("{name}_FILE");
            let wrong = |name: &str, reason: String| SettingsError::Variable {
                name: name.to_owned(),
                reason,
            };
            let text = match (find(name), find(&file_name)) {
                (Some(_), Some(_)) => {
                    return Err(wrong(name, format!("given together with {file_name}; use one")));
                }
                (Some(value), None) => value.clone(),
                (None, Some(path)) => std::fs::read_to_string(path)
                    .map_err(|error| wrong(&file_name, format!("cannot read {path}: {error}")))?,
                (None, None) => return Ok(None),
            };
            if text.trim().is_empty() {
                return Err(wrong(name, "is empty".to_owned()));
            }
            Ok(Some(SecretString::from(text.trim())))
        };
        let list = |name: &str| {
            get(name).map(|secret| {
                secret
                    .iter()
                    .flat_map(|secret| secret.expose_secret().split([',', '\n']))
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                    .map(SecretString::from)
                    .collect::<Vec<_>>()
            })
        };
        Ok(Self {
            gitlab_token: get(TOKEN)?,
            gitlab_webhook_secrets: list(WEBHOOK_SECRET)?,
            gitlab_signing_tokens: list(SIGNING_TOKEN)?,
            github_token: get(GITHUB_TOKEN)?,
            github_app_key: get(GITHUB_APP_KEY)?,
            github_webhook_secrets: list(GITHUB_WEBHOOK_SECRET)?,
        })
    }
}
