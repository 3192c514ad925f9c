//! Lists in pages. The next page is where the `Link` header says: never computed, since GitHub may
//! give fewer items a page than it was asked for.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use http::header;
use serde::de::DeserializeOwned;
use url::Url;

use super::{link::next_of, request::Call, tidy::tidy, transport::Transport};
use crate::forge::ForgeError;

/// GitHub's own maximum (GitHub, "Using pagination in the REST API").
pub(super) const PER_PAGE: &str = "100";
/// Fifty thousand items: more than any real list that Steward reads.
const MOST_PAGES: usize = 500;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Where the next one is, if there is one.
    pub(super) next: Option<Url>,
    /// When GitHub answered, by its own clock.
    pub(super) answered_at: Option<DateTime<Utc>>,
}

impl Transport {
    /// Reads a list, all its pages in order.
    ///
    /// # Errors
    /// As every call; and [`ForgeError::Unexpected`] when GitHub points out of itself, in a circle,
    /// or to more pages than any real list has.
    pub(super) async fn all<T: DeserializeOwned>(&self, call: Call) -> Result<Vec<T>, ForgeError> {
        let call = call.query("per_page", PER_PAGE);
        let unexpected = |message: String| unexpected(&call, message);
        let mut page = self.page(&call).await?;
        let (mut all, mut seen) = (Vec::new(), HashSet::from([call.url.clone()]));
        for _ in 1..MOST_PAGES {
            all.append(&mut page.items);
            let Some(url) = page.next else { return Ok(all) };
            if !seen.insert(url.clone()) {
                return Err(unexpected("the next page is one that was read".to_owned()));
            }
            page = self.page(&Call { url, ..call.clone() }).await?;
        }
        all.append(&mut page.items);
        match page.next {
            None => Ok(all),
            Some(_) => Err(unexpected(format!("the list has more than {MOST_PAGES} pages"))),
        }
    }

    /// Reads one page, as the address asks for it.
    ///
    /// # Errors
    /// As every call; and [`ForgeError::Unexpected`] when the next page is said to be elsewhere.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        call: &Call,
    ) -> Result<Page<T>, ForgeError> {
        let answer = self.send(call.clone()).await?;
        let items = self.parse::<Vec<T>>(&call.name(), &answer.body)?;
        let next = next_of(&answer.headers).map(|target| self.mine(call, &call.url, &target));
        let date = answer.headers.get(header::DATE).and_then(|value| value.to_str().ok());
        let answered_at = date.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        let answered_at = answered_at.map(|at| at.to_utc());
        Ok(Page { items, next: next.transpose()?, answered_at })
    }

    /// A page's address, when it is on this GitHub.
    pub(super) fn mine(&self, call: &Call, at: &Url, target: &str) -> Result<Url, ForgeError> {
        let url = at
            .join(target)
            .map_err(|_| unexpected(call, format!("not an address: {}", tidy(target))))?;
        match self.is_mine(&url) {
            true => Ok(url),
            false => Err(unexpected(
                call,
                format!(
                    "the next page is said to be at {}, but GitHub's API was expected at {}; \
                     configure the address that GitHub itself uses",
                    tidy(&url.origin().ascii_serialization()),
                    self.api(),
                ),
            )),
        }
    }
}

fn unexpected(call: &Call, message: String) -> ForgeError {
    ForgeError::Unexpected { request: call.name(), message }
}
