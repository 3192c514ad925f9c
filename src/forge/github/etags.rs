//! Answers with their tags. GitHub does not count a request that is answered 304 (GitHub, "Best
//! practices for using the REST API", conditional requests), so asking again costs time only.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, HeaderValue, header};

use super::answer::Answer;

/// The memory that all answers together may take, in bytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What an entry takes besides its body, roughly.
const ENTRY_BYTES: usize = 1024;

/// The answers that came last, by address; the oldest go first.
#[derive(Default)]
pub(super) struct Etags {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, (HeaderValue, Answer)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Etags {
    /// The tag of what was answered last at this address.
    pub(super) fn tag(&self, address: &str) -> Option<HeaderValue> {
        self.with(|state| state.answers.get(address).map(|(tag, _)| tag.clone()))
    }

    /// The answer to which a 304 refers, with the new headers where there are any.
    pub(super) fn unchanged(&self, address: &str, headers: &HeaderMap) -> Option<Answer> {
        let mut answer =
            self.with(|state| state.answers.get(address).map(|(_, answer)| answer.clone()))?;
        for (name, value) in headers {
            answer.headers.insert(name, value.clone());
        }
        Some(answer)
    }

    /// Keeps an answer that has a tag.
    pub(super) fn keep(&self, address: &str, answer: &Answer) {
        let Some(tag) = answer.headers.get(header::ETAG) else { return };
        let bytes = size(address, answer);
        if bytes > MOST_BYTES {
            return;
        }
        self.with(|state| {
            state.forget(address);
            while state.bytes + bytes > MOST_BYTES {
                let Some(oldest) = state.order.pop_front() else { break };
                state.forget(&oldest);
            }
            state.bytes += bytes;
            state.order.push_back(address.to_owned());
            state.answers.insert(address.to_owned(), (tag.clone(), answer.clone()));
        });
    }

    fn with<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn forget(&mut self, address: &str) {
        if let Some((_, gone)) = self.answers.remove(address) {
            self.bytes = self.bytes.saturating_sub(size(address, &gone));
            self.order.retain(|had| had != address);
        }
    }
}

fn size(address: &str, answer: &Answer) -> usize {
    ENTRY_BYTES + address.len() + answer.body.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn answer(tag: &str, bytes: usize) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, tag.parse().expect("a tag"));
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
        assert_eq!(
            (again.body.len(), &again.headers["x-ratelimit-remaining"]),
            (20, &"7".parse().expect("a value"))
        );
        etags.keep("large", &answer("1", MOST_BYTES));
        assert!(etags.tag("large").is_none() && etags.tag("a").is_some());
        for one in ["b", "c", "d"] {
            etags.keep(one, &answer("1", MOST_BYTES / 3 - 2 * ENTRY_BYTES));
        }
        assert!(etags.tag("d").is_some());
        assert!(etags.with(|state| state.bytes <= MOST_BYTES && state.order.len() == state.answers.len()));
    }
}
