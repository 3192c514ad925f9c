//! A query that is read when it is first asked.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::{Language, Query, QueryMistake};

/// A query that is read when it is first asked: few processes ask all queries of the policies.
/// Cheap to clone; clones share what was read.
#[derive(Clone)]
pub struct LazyQuery {
    language: Language,
    text: Arc<str>,
    read: Arc<OnceLock<Result<Query, QueryMistake>>>,
}

impl LazyQuery {
    /// A query as it is written.
    pub fn new(language: Language, text: &str) -> Self {
        Self { language, text: text.into(), read: Arc::default() }
    }

    /// Reads it and lets the library check it, which takes some 70 ms.
    ///
    /// # Errors
    /// As [`Query::new`] and [`Query::check`].
    pub fn check(&self) -> Result<(), QueryMistake> {
        self.read().as_ref().map_err(Clone::clone)?.check()
    }

    /// The query; `None` when it cannot be, which [`LazyQuery::check`] tells.
    pub fn get(&self) -> Option<&Query> {
        self.read().as_ref().ok()
    }

    fn read(&self) -> &Result<Query, QueryMistake> {
        self.read.get_or_init(|| Query::new(self.language, &self.text))
    }
}

impl fmt::Debug for LazyQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyQuery").field(&self.language).field(&self.text).finish()
    }
}
