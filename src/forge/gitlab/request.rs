//! From an endpoint to a request.

use bytes::Bytes;
use gitlab::api::{Endpoint, endpoint_prelude::UrlBase};
use http::Method;
use url::Url;

use super::tidy::tidy;
use crate::forge::ForgeError;

/// A request whose parts were taken out of an endpoint, so that sending it is the same code for
/// all of them.
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) url: Url,
    /// The media type and the data.
    pub(super) body: Option<(&'static str, Bytes)>,
    /// So many bytes of a successful answer are read at the most, and it is cut there; `None` for
    /// an answer that is of use only as a whole.
    pub(super) most: Option<usize>,
}

impl Prepared {
    /// Takes method, address and body out of an endpoint of the GitLab at `root`.
    pub(super) fn new(root: &Url, endpoint: &impl Endpoint) -> Result<Self, ForgeError> {
        let method = endpoint.method();
        let path = endpoint.endpoint();
        let refused = |message: &str| ForgeError::Refused {
            request: tidy(&format!("{method} {path}")),
            status: 0,
            message: message.to_owned(),
        };
        let api = match endpoint.url_base() {
            UrlBase::ApiV4 => "api/v4/",
            UrlBase::Instance => "",
            _ => return Err(refused("an endpoint outside API v4 and the instance's root")),
        };
        // A label or project named `..` would walk to another endpoint: URLs drop such segments.
        if path.split('/').any(is_dots) {
            return Err(refused("a name in the path consists of dots only"));
        }
        let mut url = root.clone();
        url.set_path(&format!("{}{api}{path}", root.path()));
        endpoint.parameters().add_to_url(&mut url);
        if url.query() == Some("") {
            url.set_query(None);
        }
        let body = endpoint
            .body()
            .map_err(|_| refused("its body could not be written"))?
            .map(|(mime, data)| (mime, Bytes::from(data)));
        Ok(Self { method, url, body, most: None })
    }

    /// A plain GET.
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, body: None, most: None }
    }

    /// Method and path, for errors and logs: never the query, which may hold what users typed.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.url.path())
    }
}

/// Whether a path segment is `.` or `..`, also where dots are percent-encoded.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}
