//! Offset paging with the `Link` header, as GitLab does it.
//!
//! Keyset paging (`pagination=keyset`) is answered in its own shape, with nothing but a
//! `next` link, but counts pages underneath: its cursor is opaque to clients anyway.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use url::form_urlencoded;

use super::{error::ApiError, params::Params};

/// GitLab's default page size.
const DEFAULT_PER_PAGE: usize = 20;
/// Above this many entries GitLab no longer tells the total.
const COUNTED: usize = 10_000;

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    number: usize,
    size: usize,
    keyset: bool,
}

impl Page {
    pub(super) fn read(params: &Params, cap: usize) -> Result<Self, ApiError> {
        let keyset = params.text("pagination") == Some("keyset");
        let cursor = if params.has("cursor") { "cursor" } else { "page_token" };
        let name = if keyset && params.has(cursor) { cursor } else { "page" };
        let invalid = |name| ApiError::parameter(name, "does not have a valid value");
        let number = match params.number(name)? {
            Some(0) => return Err(invalid("page")),
            Some(number) => usize::try_from(number).map_err(|_| invalid("page"))?,
            None => 1,
        };
        let size = match params.number("per_page")? {
            Some(0) => return Err(invalid("per_page")),
            Some(size) => usize::try_from(size).unwrap_or(cap),
            None => DEFAULT_PER_PAGE,
        };
        Ok(Self { number, size: size.min(cap.max(1)), keyset })
    }

    /// How many entries must be known to answer this page: those up to the one behind it, and as
    /// many as are counted for the total.
    pub(super) fn counted(&self) -> usize {
        self.number.saturating_mul(self.size).max(COUNTED) + 1
    }

    /// The entries of this page.
    pub(super) fn of<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.number - 1).saturating_mul(self.size).min(all.len());
        &all[start..(start + self.size).min(all.len())]
    }

    /// The paging headers for a list with `total` entries.
    pub(super) fn headers(&self, total: usize, base: &str, uri: &Uri) -> HeaderMap {
        let last = total.div_ceil(self.size).max(1);
        let next = (self.number < last).then_some(self.number + 1);
        let mut headers = HeaderMap::new();
        let mut links = Vec::new();
        let mut link = |page: usize, rel: &str| {
            links.push(format!("<{}>; rel=\"{rel}\"", self.address(page, base, uri)));
        };
        if self.keyset {
            if let Some(next) = next {
                link(next, "next");
            }
        } else {
            if self.number > 1 {
                link(self.number - 1, "prev");
            }
            if let Some(next) = next {
                link(next, "next");
            }
            link(1, "first");
            if total <= COUNTED {
                link(last, "last");
            }
            let mut number = |name: &'static str, value: Option<usize>| {
                let text = value.map(|value| value.to_string()).unwrap_or_default();
                if let Ok(value) = HeaderValue::try_from(text) {
                    headers.insert(HeaderName::from_static(name), value);
                }
            };
            number("x-page", Some(self.number));
            number("x-per-page", Some(self.size));
            number("x-next-page", next);
            number("x-prev-page", (self.number > 1).then(|| self.number - 1));
            if total <= COUNTED {
                number("x-total", Some(total));
                number("x-total-pages", Some(last));
            }
        }
        if let Ok(value) = HeaderValue::try_from(links.join(", ")) {
            headers.insert(header::LINK, value);
        }
        headers
    }

    /// The absolute address of another page of the same list.
    fn address(&self, page: usize, base: &str, uri: &Uri) -> String {
        let place = if self.keyset { "cursor" } else { "page" };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !matches!(&*name, "page" | "per_page" | "cursor" | "page_token") {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair(place, &page.to_string());
        query.append_pair("per_page", &self.size.to_string());
        format!("{base}{}?{}", uri.path(), query.finish())
    }
}
