//! Labels: where they are looked for, created, and how scoped ones exclude each other.

use crate::forgesim::{
    Face,
    error::SimError,
    world::{
        World, next,
        types::{ItemKey, ItemKind, Label, LabelEvent, Owner},
    },
};

/// The colour GitLab gives to a label that comes into being by `add_labels`.
const DEFAULT_COLOR: &str = "#6699cc";

/// What to do with an item's labels; applied in the order of the fields.
#[derive(Debug, Default)]
pub(crate) struct LabelChange {
    pub(crate) set: Option<Vec<u64>>,
    pub(crate) add: Vec<u64>,
    pub(crate) remove: Vec<u64>,
}

/// Labels of an item before and after a change.
pub(crate) type LabelDifference = (Vec<u64>, Vec<u64>);

/// The scope of a scoped label: all before the last `::`
/// (GitLab's `doc/user/project/labels.md`, "Nested scopes").
pub(crate) fn scope(title: &str) -> Option<&str> {
    let (key, value) = title.rsplit_once("::")?;
    (!key.is_empty() && !value.is_empty()).then_some(key)
}

impl World {
    /// Finds a label that a project sees, by exact title: its own first, then
    /// those of the groups above.
    pub(crate) fn find_label(&self, project: u64, title: &str) -> Option<u64> {
        let project = self.projects.get(&project)?;
        let exact = project.labels.get(title).copied().or_else(|| {
            project
                .ancestors
                .iter()
                .find_map(|group| self.groups.get(group)?.labels.get(title).copied())
        });
        match self.face {
            Face::Gitlab => exact,
            // There a name is the same in any case.
            Face::Github => exact.or_else(|| {
                let all = self.labels_of(Owner::Project(project.id), true);
                let wanted = title.to_lowercase();
                all.into_iter().find(|id| self.title(*id).to_lowercase() == wanted)
            }),
        }
    }

    /// Ids of the labels that a place offers, by title.
    pub(crate) fn labels_of(&self, owner: Owner, with_ancestors: bool) -> Vec<u64> {
        let mut ids: Vec<u64> = Vec::new();
        match owner {
            Owner::Project(id) => {
                if let Some(project) = self.projects.get(&id) {
                    ids.extend(project.labels.values());
                    if with_ancestors {
                        for group in project.ancestors.iter().filter_map(|g| self.groups.get(g)) {
                            ids.extend(group.labels.values());
                        }
                    }
                }
            }
            Owner::Group(id) => {
                let path = self.groups.get(&id).map_or("", |group| &group.path);
                for group in self.groups.values() {
                    let above = path.strip_prefix(group.path.as_str());
                    let is_above = with_ancestors && above.is_some_and(|r| r.starts_with('/'));
                    if group.id == id || is_above {
                        ids.extend(group.labels.values());
                    }
                }
            }
        }
        ids.sort_by(|a, b| self.title(*a).cmp(self.title(*b)).then(a.cmp(b)));
        ids
    }

    /// A label's title; empty for a label that was deleted.
    pub(crate) fn title(&self, label: u64) -> &str {
        self.labels.get(&label).map_or("", |label| &label.title)
    }

    /// Adds a label to a place, or finds the one that has this title there.
    pub(crate) fn add_label(&mut self, owner: Owner, title: &str, color: Option<&str>) -> u64 {
        let existing = match owner {
            Owner::Project(id) => self.projects.get(&id).and_then(|p| p.labels.get(title)),
            Owner::Group(id) => self.groups.get(&id).and_then(|g| g.labels.get(title)),
        };
        if let Some(id) = existing {
            return *id;
        }
        let id = next(&mut self.ids.label);
        let now = self.now();
        self.labels.insert(
            id,
            Label {
                id,
                title: title.to_owned(),
                color: color.unwrap_or(DEFAULT_COLOR).to_owned(),
                description: None,
                owner,
                archived: false,
                created_at: now,
                updated_at: now,
            },
        );
        self.index_label(owner, title, Some(id));
        id
    }

    /// Renames a label in its place's index.
    pub(crate) fn rename_label(&mut self, id: u64, new_title: &str) {
        let Some(label) = self.labels.get_mut(&id) else {
            return;
        };
        let old = std::mem::replace(&mut label.title, new_title.to_owned());
        let owner = label.owner;
        self.index_label(owner, &old, None);
        self.index_label(owner, new_title, Some(id));
    }

    /// Deletes a label everywhere. Label events stay and show no label, as in GitLab.
    pub(crate) fn delete_label(&mut self, id: u64) {
        let Some(label) = self.labels.remove(&id) else {
            return;
        };
        self.index_label(label.owner, &label.title, None);
        for project in self.projects.values_mut() {
            let items = project.issues.values_mut();
            for item in items.chain(project.merge_requests.values_mut()) {
                item.labels.retain(|&label| label != id);
            }
        }
    }

    fn index_label(&mut self, owner: Owner, title: &str, id: Option<u64>) {
        let index = match owner {
            Owner::Project(place) => self.projects.get_mut(&place).map(|p| &mut p.labels),
            Owner::Group(place) => self.groups.get_mut(&place).map(|g| &mut g.labels),
        };
        let Some(index) = index else { return };
        match id {
            Some(id) => index.insert(title.to_owned(), id),
            None => index.remove(title),
        };
    }

    /// Turns titles into labels. With `create`, unknown ones become new project
    /// labels, which is what GitLab does with `add_labels` and `labels`; without,
    /// they are left out, which is what it does with `/label`.
    pub(crate) fn resolve_labels<'t>(
        &mut self,
        project: u64,
        titles: impl IntoIterator<Item = &'t str>,
        create: bool,
    ) -> Vec<u64> {
        let mut ids = Vec::new();
        for title in titles.into_iter().map(str::trim).filter(|t| !t.is_empty()) {
            match self.find_label(project, title) {
                Some(id) => ids.push(id),
                None if create => ids.push(self.add_label(Owner::Project(project), title, None)),
                None => {}
            }
        }
        ids
    }

    /// Applies a change to an item's labels and writes the label history.
    /// Returns the labels before and after, or nothing when all stayed the same.
    pub(crate) fn change_labels(
        &mut self,
        actor: u64,
        key: ItemKey,
        change: LabelChange,
    ) -> Result<Option<LabelDifference>, SimError> {
        let before = self.item(key)?.labels.clone();
        let premium = self.project(key.project)?.premium;
        let (mut after, to_add) = match change.set {
            Some(set) => (Vec::new(), [set, change.add].concat()),
            None => (before.clone(), change.add),
        };
        for label in to_add {
            if premium && let Some(key) = scope(self.title(label)) {
                after.retain(|&other| other == label || scope(self.title(other)) != Some(key));
            }
            if !after.contains(&label) {
                after.push(label);
            }
        }
        after.retain(|label| !change.remove.contains(label));

        let now = self.now();
        let removed = before.iter().filter(|label| !after.contains(label));
        let added = after.iter().filter(|label| !before.contains(label));
        let mut events = Vec::new();
        for (&label, is_added) in removed.map(|l| (l, false)).chain(added.map(|l| (l, true))) {
            events.push(LabelEvent {
                id: next(&mut self.ids.event),
                user: actor,
                label,
                added: is_added,
                created_at: now,
            });
        }
        if events.is_empty() {
            return Ok(None);
        }
        let item = self.item_mut(key)?;
        item.label_events.append(&mut events);
        item.labels.clone_from(&after);
        item.updated_at = now;
        Ok(Some((before, after)))
    }

    /// How many open and closed items carry a label: open issues, closed issues,
    /// open merge requests.
    pub(crate) fn label_counts(&self, label: u64) -> [usize; 3] {
        let mut counts = [0; 3];
        for project in self.projects.values() {
            for kind in [ItemKind::Issue, ItemKind::MergeRequest] {
                for item in project.items(kind).values() {
                    let open = item.state == crate::forgesim::State::Opened;
                    let slot = match (kind, open) {
                        (ItemKind::Issue, true) => 0,
                        (ItemKind::Issue, false) => 1,
                        (ItemKind::MergeRequest, true) => 2,
                        (ItemKind::MergeRequest, false) => continue,
                    };
                    counts[slot] += usize::from(item.labels.contains(&label));
                }
            }
        }
        counts
    }
}
