//! Lists in pages. The next page is where the forge's `Link` header says: never computed, since
//! a forge may give fewer items a page than it was asked for.

use std::{collections::HashSet, marker::PhantomData};

use serde::de::DeserializeOwned;

use super::{link::next_of, request::Prepared, tidy::tidy, transport::Transport};
use crate::forge::ForgeError;

/// What is asked for; GitLab's own maximum (GitLab, "REST API", offset-based pagination).
const PER_PAGE: &str = "100";
/// Fifty thousand items: more than GitLab allows comments on one item by an order of magnitude.
const MOST_PAGES: usize = 500;

/// A list that is read page by page, in order. Created by [`Transport::pages`].
pub struct Pages<T> {
    transport: Transport,
    name: String,
    next: Option<Prepared>,
    read: usize,
    // A forge that sends a page twice would do so for ever.
    seen: HashSet<url::Url>,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(super) fn new(transport: Transport, mut first: Prepared) -> Self {
        first.url.query_pairs_mut().append_pair("per_page", PER_PAGE);
        Self {
            transport,
            name: first.name(),
            next: Some(first),
            read: 0,
            seen: HashSet::new(),
            item: PhantomData,
        }
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// As [`Transport::get_json`]; and [`ForgeError::Unexpected`] when the forge points out of
    /// itself, in a circle, or to more pages than any real list has.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, ForgeError> {
        let Some(request) = self.next.take() else { return Ok(None) };
        if self.read == MOST_PAGES {
            return Err(self.unexpected(format!("the list has more than {MOST_PAGES} pages")));
        }
        let at = request.url.clone();
        let answer = self.transport.dispatch(request).await?;
        self.read += 1;
        let items = self.transport.parse(&self.name, &answer.body)?;
        if let Some(target) = next_of(&answer.headers) {
            let url = at
                .join(&target)
                .map_err(|_| self.unexpected(format!("not an address: {}", tidy(&target))))?;
            if !self.transport.is_mine(&url) {
                return Err(self.unexpected(format!(
                    "the next page is said to be at {}, but GitLab was configured at {}; \
                     configure the address that GitLab itself uses (its external_url)",
                    tidy(&url.origin().ascii_serialization()),
                    self.transport.root(),
                )));
            }
            self.seen.insert(at);
            if self.seen.contains(&url) {
                return Err(self.unexpected("the next page is one that was read".to_owned()));
            }
            self.next = Some(Prepared::get(url));
        }
        Ok(Some(items))
    }

    fn unexpected(&self, message: String) -> ForgeError {
        ForgeError::Unexpected { request: self.name.clone(), message }
    }
}
