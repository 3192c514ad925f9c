//! The order in which lists show items, remembered until something changes: sorting a hundred
//! thousand items for each page of a hundred would take longer than all else.

use std::{collections::HashMap, sync::Arc};

use crate::forgesim::world::{
    World,
    types::{ItemKind, Project},
};

/// What a list is sorted by; what is equal is sorted by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OrderBy {
    Created,
    Updated,
    Title,
}

/// Numbers of items by project, kind and order, and which change they were sorted at.
pub(super) type Orders = HashMap<(u64, ItemKind, OrderBy), (u64, Arc<Vec<u64>>)>;

impl World {
    /// The numbers of a project's items in ascending order.
    pub(crate) fn in_order(&self, project: &Project, kind: ItemKind, by: OrderBy) -> Arc<Vec<u64>> {
        let mut orders = self.orders.borrow_mut();
        let place = (project.id, kind, by);
        if let Some((at, known)) = orders.get(&place)
            && *at == self.changes
        {
            return Arc::clone(known);
        }
        let mut items: Vec<_> = project.items(kind).values().collect();
        match by {
            OrderBy::Created => items.sort_by_key(|item| (item.created_at, item.id)),
            OrderBy::Updated => items.sort_by_key(|item| (item.updated_at, item.id)),
            OrderBy::Title => items.sort_by_key(|item| (&item.title, item.id)),
        }
        let numbers = Arc::new(items.into_iter().map(|item| item.iid).collect());
        orders.insert(place, (self.changes, Arc::clone(&numbers)));
        numbers
    }
}
