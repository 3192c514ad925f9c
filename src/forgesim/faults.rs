//! Things that go wrong between a bot and its forge, on request.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The answer comes late.
    Latency {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// 429 with a `Retry-After` header; nothing is applied.
    TooManyRequests {
        /// The header's value, in seconds.
        retry_after: u64,
    },
    /// 404, as for somebody who may not see it; nothing is applied.
    NotFound,
    /// 502; nothing is applied.
    BadGatewayBefore,
    /// 502, although the write was applied.
    BadGatewayAfter,
    /// The TCP connection closes without an answer; nothing is applied.
    CutBefore,
    /// The TCP connection closes without an answer, although the write was applied.
    CutAfter,
    /// The TCP connection closes without an answer, and the write is applied some time later.
    CutAndLate {
        /// How much later, in milliseconds.
        ms: u64,
    },
    /// No answer comes, and the write is applied some time later, whether or not the sender
    /// still waits.
    HangAndLate {
        /// How much later, in milliseconds.
        ms: u64,
    },
    /// No answer ever comes; nothing is applied.
    Hang,
}

/// A fault with the requests it strikes. As JSON:
/// `{"method":"PUT","path":"/issues/","kind":"cut_after","times":1}` or
/// `{"kind":{"too_many_requests":{"retry_after":3}}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// HTTP method; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// What the path, as sent (still encoded), contains; with a `*` in it, a pattern
    /// for the whole path in which `*` stands for any text. Any path when absent.
    #[serde(default)]
    pub path: Option<String>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many requests it strikes; all from now on when absent.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A fault that strikes the next API request, whatever it is.
    pub fn new(kind: FaultKind) -> Self {
        Self { method: None, path: None, kind, times: Some(1) }
    }

    /// Only requests with this method.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests with such a path (see [`Fault::path`]).
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Strikes this many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Strikes until the faults are cleared.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.times = None;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method));
        method_fits
            && self.path.as_ref().is_none_or(|pattern| {
                if pattern.contains('*') { glob(pattern, path) } else { path.contains(pattern) }
            })
    }
}

/// Whether a pattern with `*` fits a whole text: each piece between two stars is
/// taken where it first occurs, which is enough as a star can swallow anything.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The faults in force, in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Saves the lock for the usual case.
    any: AtomicBool,
    list: Mutex<Vec<Fault>>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.change(|list| list.push(fault));
    }

    pub(crate) fn clear(&self) {
        self.change(Vec::clear);
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.change(|list| list.clone())
    }

    /// The first fault that fits this request; uses it up.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<FaultKind> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        self.change(|list| {
            let at = list.iter().position(|fault| fault.matches(method, path))?;
            let kind = list[at].kind.clone();
            match &mut list[at].times {
                Some(0 | 1) => drop(list.remove(at)),
                Some(times) => *times -= 1,
                None => {}
            }
            Some(kind)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut list);
        list.retain(|fault| fault.times != Some(0));
        self.any.store(!list.is_empty(), Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn stars_stand_for_anything() {
        assert!(glob("/api/*/notes", "/api/v4/projects/1/issues/2/notes"));
        assert!(glob("*/issues/*", "/api/v4/projects/1/issues/2"));
        assert!(glob("*", ""));
        assert!(!glob("/api/*/notes", "/api/v4/notes/3"));
        assert!(!glob("*a*ba", "ba"));
    }
}
