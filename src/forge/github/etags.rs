//! Answers with their tags. GitHub does not count a request that is answered 304 (GitHub, "Best
//! practices for using the REST API", conditional requests), so asking again costs time only.
//!
//! What is kept is copied: a header as it came is a view into the buffer that the connection was
//! read into, and would keep all of that, some 8 KB and more for an answer of 2.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::answer::Answer;

/// The memory that all answers together may take, in bytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What an entry takes besides its address, headers and body, roughly: its places in both maps, and
/// a map of headers with room for eight.
const ENTRY_BYTES: usize = 1024;
/// The headers of an answer that anybody asks for later.
const KEPT: [HeaderName; 3] = [header::LINK, header::DATE, header::CONTENT_TYPE];

/// The answers that came last, by address; the oldest go first.
#[derive(Default)]
pub(super) struct Etags {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: HashMap<Arc<str>, Kept>,
    /// The addresses by when their answers came.
    order: BTreeMap<u64, Arc<str>>,
    came: u64,
    bytes: usize,
}

struct Kept {
    tag: HeaderValue,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    came: u64,
    bytes: usize,
}

impl Etags {
    /// The tag of what was answered last at this address.
    pub(super) fn tag(&self, address: &str) -> Option<HeaderValue> {
        self.with(|state| state.answers.get(address).map(|kept| kept.tag.clone()))
    }

    /// The answer to which a 304 refers, with the new headers where there are any. Of its own it has
    /// those that are of use ([`KEPT`]).
    pub(super) fn unchanged(&self, address: &str, headers: &HeaderMap) -> Option<Answer> {
        let mut answer = self.with(|state| {
            let kept = state.answers.get(address)?;
            let (headers, body) = (kept.headers.clone(), kept.body.clone());
            Some(Answer { status: kept.status, headers, body, cut: false })
        })?;
        for (name, value) in headers {
            answer.headers.insert(name, value.clone());
        }
        Some(answer)
    }

    /// Keeps an answer that has a tag.
    pub(super) fn keep(&self, address: &str, answer: &Answer) {
        let Some(tag) = answer.headers.get(header::ETAG) else { return };
        let kept = KEPT.iter().filter_map(|name| Some((name, answer.headers.get(name)?)));
        let headers: HeaderMap = kept.map(|(name, value)| (name.clone(), own(value))).collect();
        let long = headers.values().map(HeaderValue::len).sum::<usize>() + tag.len();
        let bytes = ENTRY_BYTES + address.len() + long + answer.body.len();
        if bytes > MOST_BYTES || answer.cut {
            return;
        }
        let (tag, body) = (own(tag), Bytes::copy_from_slice(&answer.body));
        self.with(|state| {
            state.forget(address);
            while state.bytes + bytes > MOST_BYTES {
                let Some((_, oldest)) = state.order.pop_first() else { break };
                state.forget(&oldest);
            }
            let (address, came) = (Arc::<str>::from(address), state.came);
            state.came += 1;
            state.bytes += bytes;
            state.order.insert(came, Arc::clone(&address));
            let status = answer.status;
            state.answers.insert(address, Kept { tag, status, headers, body, came, bytes });
        });
    }

    fn with<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn forget(&mut self, address: &str) {
        if let Some(gone) = self.answers.remove(address) {
            self.bytes = self.bytes.saturating_sub(gone.bytes);
            self.order.remove(&gone.came);
        }
    }
}

/// The value in memory of its own.
fn own(value: &HeaderValue) -> HeaderValue {
    // What was a header's value before is one again.
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(tag: &str, bytes: usize) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, tag.parse().expect("a tag"));
        headers.insert(header::LINK, "<x>; rel=next".parse().expect("a value"));
        headers.insert("x-ratelimit-remaining", "9".parse().expect("a value"));
        headers.insert("x-github-request-id", "1".parse().expect("a value"));
        Answer { status: StatusCode::OK, headers, body: vec![0; bytes].into(), cut: false }
    }

    #[test]
    fn the_newest_answers_are_kept_within_the_memory() {
        let etags = Etags::default();
        etags.keep("a", &answer("1", 10));
        etags.keep("a", &answer("2", 20));
        assert_eq!(etags.tag("a").expect("kept"), "2");
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", "7".parse().expect("a value"));
        let again = etags.unchanged("a", &headers).expect("kept");
        assert_eq!(again.body.len(), 20);
        assert_eq!(again.headers["x-ratelimit-remaining"], "7");
        assert_eq!(again.headers[header::LINK], "<x>; rel=next");
        assert!(!again.headers.contains_key("x-github-request-id"), "of no use");
        etags.keep("large", &answer("1", MOST_BYTES));
        assert!(etags.tag("large").is_none() && etags.tag("a").is_some());
        for one in ["b", "c", "d"] {
            etags.keep(one, &answer("1", MOST_BYTES / 3 - ENTRY_BYTES - 100));
        }
        assert!(etags.tag("d").is_some() && etags.tag("a").is_none());
        etags.with(|state| {
            assert!(state.bytes <= MOST_BYTES);
            assert_eq!(state.order.len(), state.answers.len());
            assert_eq!(state.bytes, state.answers.values().map(|kept| kept.bytes).sum::<usize>());
        });
    }

    #[test]
    fn nothing_kept_holds_the_buffer_that_it_came_in() {
        let etags = Etags::default();
        let buffer = Bytes::from(vec![b'x'; 64 * 1024]);
        let mut came = answer("1", 0);
        let view = |range| HeaderValue::from_maybe_shared(buffer.slice(range)).expect("a value");
        came.headers.insert(header::ETAG, view(0..4));
        came.headers.insert(header::LINK, view(4..40));
        came.body = buffer.slice(100..200);
        etags.keep("a", &came);
        drop(came);
        assert!(buffer.is_unique(), "something points into it");
        assert_eq!(etags.tag("a").expect("kept"), "xxxx");
    }
}
