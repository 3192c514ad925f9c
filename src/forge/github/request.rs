//! One request, before it is sent.

use http::{HeaderValue, Method};
use serde_json::Value;
use url::Url;

use super::tidy::tidy;
use crate::forge::ForgeError;

/// What GitHub is asked for unless something else is said.
const JSON: &str = "application/vnd.github+json";
/// A file as it is, instead of in Base64 inside JSON.
const RAW: &str = "application/vnd.github.raw+json";

/// As whom a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// As the App itself; with a plain token, by that.
    App,
    /// As the installation in the repository of this owner; with a plain token, by that.
    Project(String),
    /// As whatever installation there is: what is asked is the same for all.
    Anybody,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) by: By,
    pub(super) body: Option<Value>,
    pub(super) accept: HeaderValue,
    /// So many bytes of a successful answer are read at the most, and it is cut there; `None` for
    /// an answer that is of use only as a whole.
    pub(super) most: Option<usize>,
    /// It is not asked for again at the same address: nothing is gained by keeping the answer.
    pub(super) once: bool,
}

impl Call {
    /// A request to a path below the API's root. Each segment is one name, however it is spelt.
    pub(super) fn new(
        api: &Url,
        method: Method,
        by: By,
        segments: &[&str],
    ) -> Result<Self, ForgeError> {
        let refused = |message: &str| ForgeError::Refused {
            request: tidy(&format!("{method} /{}", segments.join("/"))),
            status: 0,
            message: message.to_owned(),
        };
        // A label or file named `..` would walk to another endpoint: URLs drop such segments.
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(refused("a name in the path is empty or consists of dots only"));
        }
        let mut url = api.clone();
        match url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend(segments);
            }
            Err(()) => return Err(refused("the API's address has no path")),
        }
        let accept = HeaderValue::from_static(JSON);
        Ok(Self { method, url, by, body: None, accept, most: None, once: false })
    }

    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    pub(super) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Asks for a file as it is, and reads so many bytes of it at the most.
    pub(super) fn raw(self, most: usize) -> Self {
        Self { accept: HeaderValue::from_static(RAW), most: Some(most), ..self }
    }

    /// Method and path, for errors and logs: never the query, which may hold what users typed.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.url.path())
    }

    /// Whether the answer may be kept for the next time.
    pub(super) fn may_be_kept(&self) -> bool {
        self.method == Method::GET && self.most.is_none() && !self.once
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_their_segment() {
        let api = Url::parse("http://h/api/v3/").expect("a url");
        let call = |segments: &[&str]| Call::new(&api, Method::GET, By::Anybody, segments);
        let label = call(&["repos", "o", "r", "labels", "a/b ?#%ü"]).expect("a call");
        assert_eq!(label.url.as_str(), "http://h/api/v3/repos/o/r/labels/a%2Fb%20%3F%23%25%C3%BC");
        assert_eq!(label.query("ref", "a&b").url.query(), Some("ref=a%26b"));
        for wrong in ["", ".", ".."] {
            let error = call(&["repos", wrong]).expect_err("not sent");
            assert!(matches!(error, ForgeError::Refused { status: 0, .. }), "{error}");
        }
    }
}
