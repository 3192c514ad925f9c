//! What the ownership page says differently from the catalog.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::page::{Page, Row};
use crate::catalog::lookup::fold;
use crate::catalog::{Catalog, Integration, IntegrationKey, Lifecycle};

/// A fact that the page owns. Label, aliases, code names, kind and note are made by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Heading of the table.
    Category,
    /// Name.
    Name,
    /// Owner.
    Group,
    /// Why that owner.
    Rationale,
    /// Documentation page.
    Docs,
    /// Only towards deprecated and removed: a page without a suffix claims nothing.
    Lifecycle,
}

impl Field {
    /// As it is written in the policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Name => "name",
            Self::Group => "group",
            Self::Rationale => "rationale",
            Self::Docs => "docs",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// One fact that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// In the catalog.
    pub old: Option<String>,
    /// On the page.
    pub new: Option<String>,
}

/// An integration that the page describes differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub key: IntegrationKey,
    /// Its name in the catalog.
    pub name: String,
    /// `file:line` in the policies.
    pub place: String,
    /// 1-based line on the page.
    pub line: usize,
    /// What differs; never empty.
    pub fields: Vec<FieldChange>,
}

/// An integration of the catalog that the page does not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Which.
    pub key: IntegrationKey,
    /// Its name.
    pub name: String,
    /// `file:line` in the policies.
    pub place: String,
}

/// All differences between a page and the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// On the page only.
    pub added: Vec<Row>,
    /// In the catalog only.
    pub removed: Vec<Removed>,
    /// In both, but different.
    pub changed: Vec<Changed>,
    /// Rows on the page.
    pub rows: usize,
    /// Tables on the page.
    pub tables: usize,
}

impl Difference {
    /// Whether page and catalog say the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Compares a page with the catalog.
///
/// Rows find their integration by name; what is left over is matched as a rename by a link that
/// only one on either side has, then by a label or alias.
pub fn compare(page: &Page, catalog: &Catalog) -> Difference {
    let mut pairs: Vec<(&Row, &Integration)> = Vec::new();
    let mut free: Vec<&Integration> = catalog.integrations().iter().collect();
    let mut rows: Vec<&Row> = Vec::new();
    let by_name: HashMap<String, &Integration> =
        free.iter().map(|integration| (fold(&integration.name), *integration)).collect();
    for row in &page.rows {
        match by_name.get(&fold(&row.name)) {
            Some(integration) => pairs.push((row, integration)),
            None => rows.push(row),
        }
    }
    let with_problem: HashSet<String> = page.names.iter().map(|name| fold(name)).collect();
    free.retain(|integration| !with_problem.contains(&fold(&integration.name)));

    let mut added = Vec::new();
    for row in &rows {
        let found = by_link(row, &rows, &free).or_else(|| {
            catalog.by_label_value(&row.name).filter(|i| free.iter().any(|f| f.key == i.key))
        });
        match found {
            Some(integration) => {
                free.retain(|other| other.key != integration.key);
                pairs.push((row, integration));
            }
            None => added.push((*row).clone()),
        }
    }
    pairs.sort_by_key(|(row, _)| row.span.offset);
    Difference {
        added,
        removed: free
            .into_iter()
            .map(|integration| Removed {
                key: integration.key.clone(),
                name: integration.name.clone(),
                place: integration.place().to_string(),
            })
            .collect(),
        changed: pairs.iter().filter_map(|(row, integration)| changed(row, integration)).collect(),
        rows: page.rows.len(),
        tables: page.tables,
    }
}

/// Two integrations may share a documentation page: then a link proves nothing.
fn by_link<'a>(row: &Row, rows: &[&Row], free: &[&'a Integration]) -> Option<&'a Integration> {
    let docs = row.docs.as_deref()?;
    if rows.iter().filter(|other| other.docs.as_deref() == Some(docs)).count() != 1 {
        return None;
    }
    let mut with_link = free.iter().filter(|integration| integration.docs.as_deref() == Some(docs));
    let first = with_link.next()?;
    with_link.next().is_none().then_some(*first)
}

fn changed(row: &Row, integration: &Integration) -> Option<Changed> {
    let lifecycle = match row.status {
        Lifecycle::Active => integration.lifecycle,
        status => status.max(integration.lifecycle),
    };
    let text = |text: &str| Some(text.to_owned());
    let sides = [
        (Field::Category, text(&integration.category), text(&row.category)),
        (Field::Name, text(&integration.name), text(&row.name)),
        (Field::Group, text(integration.group.as_str()), text(row.group.as_str())),
        (Field::Rationale, text(&integration.rationale), text(&row.rationale)),
        (Field::Docs, integration.docs.clone(), row.docs.clone()),
        (Field::Lifecycle, text(integration.lifecycle.as_str()), text(lifecycle.as_str())),
    ];
    let fields: Vec<FieldChange> = sides
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(field, old, new)| FieldChange { field, old, new })
        .collect();
    (!fields.is_empty()).then(|| Changed {
        key: integration.key.clone(),
        name: integration.name.clone(),
        place: integration.place().to_string(),
        line: row.span.line,
        fields,
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, tables) = (self.rows, self.tables);
        if self.is_empty() {
            return writeln!(f, "{rows} integrations in {tables} tables; no difference");
        }
        for row in &self.added {
            writeln!(f, "+ {} (page line {})", row.name, row.span.line)?;
            writeln!(f, "    category: {}", row.category)?;
            writeln!(f, "    group: {}", row.group)?;
        }
        for gone in &self.removed {
            writeln!(f, "- {} ({})", gone.name, gone.place)?;
        }
        for changed in &self.changed {
            writeln!(f, "~ {} ({}, page line {})", changed.name, changed.place, changed.line)?;
            for change in &changed.fields {
                let side =
                    |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
                let (old, new) = (side(&change.old), side(&change.new));
                writeln!(f, "    {}: {old} → {new}", change.field.as_str())?;
            }
        }
        let (added, removed, changed) = (self.added.len(), self.removed.len(), self.changed.len());
        writeln!(
            f,
            "{rows} integrations in {tables} tables; {added} added, {removed} removed, \
             {changed} changed"
        )
    }
}
