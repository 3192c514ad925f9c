//! What rules may name.

use std::collections::BTreeSet;

use crate::catalog::Catalog;

/// Names that rules may use.
#[derive(Debug, Default)]
pub(in crate::pack) struct Known<'a> {
    /// Keys of groups, keys of integrations and categories; `None` while the catalog is wrong
    /// itself, since no name can be called unknown then.
    names: Option<Names<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    pub(super) groups: BTreeSet<&'a str>,
    pub(super) integrations: BTreeSet<&'a str>,
    pub(super) categories: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    /// The names of a catalog.
    pub(in crate::pack) fn of(catalog: Option<&'a Catalog>) -> Self {
        let names = catalog.map(|catalog| Names {
            groups: catalog.groups().map(|group| group.key.as_str()).collect(),
            integrations: catalog.integrations().iter().map(|one| one.key.as_str()).collect(),
            categories: catalog.integrations().iter().map(|one| one.category.as_str()).collect(),
        });
        Self { names }
    }

    pub(super) fn names(&self) -> Option<&Names<'a>> {
        self.names.as_ref()
    }
}
