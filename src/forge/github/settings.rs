//! What Steward must know to talk to a GitHub.

use std::{fmt, time::Duration};

use secrecy::SecretString;
use url::Url;

/// Hosts of GitHub's own service, whose API has a host of its own.
const HOSTED: [&str; 2] = ["github.com", "www.github.com"];
const HOSTED_API: &str = "https://api.github.com/";

/// By what Steward is let in.
#[derive(Clone)]
pub enum GithubAuth {
    /// A personal access token, classic or fine-grained.
    Token(SecretString),
    /// A GitHub App.
    App {
        /// Its number, as its settings page shows it.
        id: u64,
        /// Its private key, in PEM.
        key: SecretString,
        /// The installation to act as; without it, the one of each repository is asked for.
        installation: Option<u64>,
    },
}

/// What Steward must know to talk to a GitHub.
#[derive(Clone)]
pub struct GithubSettings {
    /// Where people see it: `https://github.com`, or one's own server, whose API is then expected
    /// below `/api/v3`.
    pub url: String,
    /// By what it lets Steward in.
    pub auth: GithubAuth,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a request may take in all, its answer's body included.
    pub timeout: Duration,
    /// How long an existing label is remembered.
    pub label_ttl: Duration,
    /// How long it is remembered that a label does not exist. Short: somebody who creates the
    /// missing label wants to see it used.
    pub missing_label_ttl: Duration,
}

impl GithubSettings {
    /// Address and credentials, and the usual limits.
    pub fn new(url: impl Into<String>, auth: GithubAuth) -> Self {
        Self {
            url: url.into(),
            auth,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            label_ttl: Duration::from_secs(600),
            missing_label_ttl: Duration::from_secs(60),
        }
    }

    /// The address for people, checked, ending in a slash.
    pub(super) fn root(&self) -> Result<Url, SetupError> {
        root(&self.url)
    }

    /// The address of the API, ending in a slash.
    pub(super) fn api(&self) -> Result<Url, SetupError> {
        let root = self.root()?;
        let below = match root.host_str() {
            Some(host) if HOSTED.contains(&host) => Url::parse(HOSTED_API),
            _ => root.join("api/v3/"),
        };
        below.map_err(|error| SetupError::Url(error.to_string()))
    }
}

/// The address for people, checked, ending in a slash.
pub(super) fn root(text: &str) -> Result<Url, SetupError> {
    let mut url = Url::parse(text.trim())
        .map_err(|error| SetupError::Url(format!("it is no URL ({error})")))?;
    let wrong = |why: &str| Err(SetupError::Url(why.to_owned()));
    if !matches!(url.scheme(), "http" | "https") {
        return wrong("it must start with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("it must not contain a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("it must not contain `?` or `#`");
    }
    let path = url.path().trim_matches('/').to_owned();
    if url.host_str() == Some("api.github.com") || path == "api/v3" || path.ends_with("/api/v3") {
        return wrong("it must be the address that people open, not the API's");
    }
    url.set_path(&if path.is_empty() { "/".to_owned() } else { format!("/{path}/") });
    Ok(url)
}

impl fmt::Debug for GithubSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A password may stand in an address that was not checked yet.
        let url = self.root().map_or_else(|_| "[unusable]".to_owned(), String::from);
        f.debug_struct("GithubSettings")
            .field("url", &url)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Settings with which no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address.
    #[error("the GitHub address cannot be used: {0}")]
    Url(String),
    /// The token is empty or has characters that cannot stand in a header.
    #[error("the GitHub token is empty or contains characters that a token cannot have")]
    Token,
    /// The App's key.
    #[error("the private key of the GitHub App is no RSA key in PEM")]
    Key,
    /// TLS: usually no root certificates were found.
    #[error("the HTTP client could not be set up: {0}")]
    Client(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> GithubSettings {
        GithubSettings::new(url, GithubAuth::Token("ghp-secret".to_owned().into()))
    }

    #[test]
    fn the_api_is_where_each_kind_of_github_has_it() {
        for (given, root, api) in [
            ("https://github.com", "https://github.com/", "https://api.github.com/"),
            (
                " https://ghe.example.com/ ",
                "https://ghe.example.com/",
                "https://ghe.example.com/api/v3/",
            ),
            (
                "http://127.0.0.1:3000/sub",
                "http://127.0.0.1:3000/sub/",
                "http://127.0.0.1:3000/sub/api/v3/",
            ),
        ] {
            let settings = settings(given);
            assert_eq!(settings.root().expect("good").as_str(), root);
            assert_eq!(settings.api().expect("good").as_str(), api);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_no_secret_is_shown() {
        for wrong in [
            "",
            "github.com",
            "ftp://x",
            "https://u:hunter2@x",
            "https://x?token=hunter2",
            "https://api.github.com",
            "https://x/api/v3/",
        ] {
            let error = settings(wrong).api().expect_err(wrong).to_string();
            assert!(!error.contains("hunter2"), "{error}");
            let shown = format!("{:?}", settings(wrong));
            assert!(!shown.contains("hunter2") && !shown.contains("ghp"), "{shown}");
        }
    }
}
