//! What Steward must know to talk to a GitLab.

use std::{fmt, time::Duration};

use secrecy::SecretString;
use url::Url;

/// What Steward must know to talk to a GitLab.
#[derive(Clone)]
pub struct GitlabSettings {
    /// Where it is, such as `https://gitlab.example.com` or `https://example.com/gitlab`. It must
    /// be the address that GitLab itself uses, since that stands in its links to further pages.
    pub url: String,
    /// A personal, project or group access token with the scope `api`.
    pub token: SecretString,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a request may take in all, its answer's body included.
    pub timeout: Duration,
    /// How many idle connections are kept: as many as there are concurrent workers.
    pub connections: usize,
    /// How long an existing label is remembered.
    pub label_ttl: Duration,
    /// How long it is remembered that a label does not exist. Short: somebody who creates the
    /// missing label wants to see it used.
    pub missing_label_ttl: Duration,
}

impl GitlabSettings {
    /// The address and the token, and the usual limits.
    pub fn new(url: impl Into<String>, token: SecretString) -> Self {
        Self {
            url: url.into(),
            token,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            connections: 256,
            label_ttl: Duration::from_secs(600),
            missing_label_ttl: Duration::from_secs(60),
        }
    }

    /// The address, checked, ending in a slash.
    pub(super) fn root(&self) -> Result<Url, SetupError> {
        let mut url = Url::parse(self.url.trim())
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
        if path == "api/v4" || path.ends_with("/api/v4") {
            return wrong("it must be GitLab's root, without /api/v4");
        }
        url.set_path(&if path.is_empty() { "/".to_owned() } else { format!("/{path}/") });
        Ok(url)
    }
}

impl fmt::Debug for GitlabSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A password may stand in an address that was not checked yet.
        let url = self.root().map_or_else(|_| "[unusable]".to_owned(), String::from);
        f.debug_struct("GitlabSettings")
            .field("url", &url)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Settings with which no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address.
    #[error("the GitLab address cannot be used: {0}")]
    Url(String),
    /// The token is empty or has characters that cannot stand in a header.
    #[error("the GitLab token is empty or contains characters that a token cannot have")]
    Token,
    /// TLS: usually no root certificates were found.
    #[error("the HTTP client could not be set up: {0}")]
    Client(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(url: &str) -> Result<String, String> {
        GitlabSettings::new(url, "glpat-x".to_owned().into())
            .root()
            .map(String::from)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_is_checked_and_ends_in_a_slash() {
        for (given, taken) in [
            ("https://gitlab.example.com", "https://gitlab.example.com/"),
            (" https://gitlab.example.com/ ", "https://gitlab.example.com/"),
            ("http://127.0.0.1:3000/sub/path", "http://127.0.0.1:3000/sub/path/"),
        ] {
            assert_eq!(root(given).as_deref(), Ok(taken));
        }
        for wrong in [
            "",
            "gitlab.example.com",
            "ftp://x",
            "https://u:hunter2@x",
            "https://x?token=hunter2",
            "https://x/api/v4/",
        ] {
            let error = root(wrong).expect_err(wrong);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        for url in ["https://u:hunter2@x", "https://x"] {
            let settings = GitlabSettings::new(url, "glpat-secret".to_owned().into());
            let shown = format!("{settings:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("glpat"), "{shown}");
        }
    }
}
