//! Lists in pages. The next page is where the `Link` header says: never computed, since GitHub may
//! give fewer items a page than it was asked for.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::{link::next_of, request::Call, tidy::tidy, transport::Transport};
use crate::forge::ForgeError;

/// GitHub's own maximum (GitHub, "Using pagination in the REST API").
const PER_PAGE: &str = "100";
/// Fifty thousand items: more than any real list that Steward reads.
const MOST_PAGES: usize = 500;

impl Transport {
    /// Reads a list, all its pages in order.
    ///
    /// # Errors
    /// As every call; and [`ForgeError::Unexpected`] when GitHub points out of itself, in a circle,
    /// or to more pages than any real list has.
    pub(super) async fn all<T: DeserializeOwned>(&self, call: Call) -> Result<Vec<T>, ForgeError> {
        let name = call.name();
        let unexpected =
            |message: String| ForgeError::Unexpected { request: name.clone(), message };
        let mut call = call.query("per_page", PER_PAGE);
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for _ in 0..MOST_PAGES {
            let at = call.url.clone();
            let answer = self.send(call.clone()).await?;
            all.extend(self.parse::<Vec<T>>(&name, &answer.body)?);
            let Some(target) = next_of(&answer.headers) else { return Ok(all) };
            let url = at
                .join(&target)
                .map_err(|_| unexpected(format!("not an address: {}", tidy(&target))))?;
            if !self.is_mine(&url) {
                return Err(unexpected(format!(
                    "the next page is said to be at {}, but GitHub's API was expected at {}; \
                     configure the address that GitHub itself uses",
                    tidy(&url.origin().ascii_serialization()),
                    self.api(),
                )));
            }
            seen.insert(at);
            if seen.contains(&url) {
                return Err(unexpected("the next page is one that was read".to_owned()));
            }
            call.url = url;
        }
        Err(unexpected(format!("the list has more than {MOST_PAGES} pages")))
    }
}
