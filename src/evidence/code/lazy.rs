//! A query that is compiled when it is first asked.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::{Language, Query, QueryMistake};

/// A query that is compiled when it is first asked: the library takes some 70 ms for one, and few
/// processes ask all queries of the policies. Cheap to clone; clones share what was compiled.
#[derive(Clone)]
pub struct LazyQuery {
    language: Language,
    text: Arc<str>,
    compiled: Arc<OnceLock<Result<Query, QueryMistake>>>,
}

impl LazyQuery {
    /// A query as it is written.
    pub fn new(language: Language, text: &str) -> Self {
        Self { language, text: text.into(), compiled: Arc::default() }
    }

    /// Compiles it, unless that is done.
    ///
    /// # Errors
    /// As [`Query::new`].
    pub fn check(&self) -> Result<(), QueryMistake> {
        self.compiled().as_ref().map(drop).map_err(Clone::clone)
    }

    /// The query, compiled; `None` when it cannot be, which [`LazyQuery::check`] tells.
    pub fn get(&self) -> Option<&Query> {
        self.compiled().as_ref().ok()
    }

    fn compiled(&self) -> &Result<Query, QueryMistake> {
        self.compiled.get_or_init(|| Query::new(self.language, &self.text))
    }
}

impl fmt::Debug for LazyQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyQuery").field(&self.language).field(&self.text).finish()
    }
}
