//! Opening and changing issues and merge requests.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::forgesim::{
    Face,
    error::SimError,
    webhooks::Differences,
    world::{
        World,
        labels::LabelChange,
        next,
        types::{IssueType, Item, ItemKey, ItemKind, Merge, State},
    },
};

/// The longest title that GitLab accepts, in characters.
const TITLE_LIMIT: usize = 255;

/// What a new item starts with.
#[derive(Debug, Default)]
pub(crate) struct NewItem<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) labels: Vec<u64>,
    pub(crate) milestone: Option<u64>,
    pub(crate) due: Option<NaiveDate>,
    pub(crate) assignees: Vec<u64>,
    pub(crate) confidential: bool,
    pub(crate) issue_type: IssueType,
    pub(crate) merge: Option<Merge>,
}

/// A change to an item; absent fields stay.
#[derive(Debug, Default)]
pub(crate) struct ItemChange<'a> {
    pub(crate) title: Option<&'a str>,
    pub(crate) description: Option<&'a str>,
    pub(crate) labels: LabelChange,
    pub(crate) milestone: Option<Option<u64>>,
    pub(crate) due: Option<Option<NaiveDate>>,
    pub(crate) assignees: Option<Vec<u64>>,
    pub(crate) confidential: Option<bool>,
    pub(crate) state: Option<State>,
}

impl World {
    /// Opens an issue, or a merge request when `merge` is given.
    /// The number of the next item: on GitHub issues and pull requests share theirs.
    pub(crate) fn next_number(&self, project: u64, kind: ItemKind) -> Result<u64, SimError> {
        let project = self.project(project)?;
        let last = |kind| project.items(kind).last_key_value().map_or(0, |(last, _)| *last);
        Ok(1 + match self.face {
            Face::Gitlab => last(kind),
            Face::Github => last(ItemKind::Issue).max(last(ItemKind::MergeRequest)),
        })
    }

    pub(crate) fn open_item(
        &mut self,
        actor: u64,
        project_id: u64,
        new: NewItem<'_>,
    ) -> Result<ItemKey, SimError> {
        check_title(new.title)?;
        let kind = match new.merge {
            Some(_) => ItemKind::MergeRequest,
            None => ItemKind::Issue,
        };
        let now = self.now();
        let id = next(&mut self.ids.item);
        let iid = self.next_number(project_id, kind)?;
        let items = self.project_mut(project_id)?.items_mut(kind);
        let key = ItemKey { project: project_id, kind, iid };
        items.insert(
            iid,
            Item {
                id,
                iid,
                kind,
                issue_type: new.issue_type,
                title: new.title.to_owned(),
                description: new.description.to_owned(),
                state: State::Opened,
                confidential: new.confidential,
                author: actor,
                assignees: new.assignees,
                labels: Vec::new(),
                milestone: new.milestone,
                due: new.due,
                links: BTreeSet::new(),
                created_at: now,
                updated_at: now,
                closed_at: None,
                closed_by: None,
                notes: BTreeMap::new(),
                user_notes: 0,
                label_events: Vec::new(),
                awards: Vec::new(),
                merge: new.merge,
            },
        );
        let add = new.labels;
        self.change_labels(actor, key, LabelChange { add, ..LabelChange::default() })?;
        self.notify(key, None, "", new.description);
        self.announce_item(actor, key, Some("open"), &Differences::default());
        Ok(key)
    }

    /// Changes an item. As in GitLab, a change of fields and a change of state made
    /// by one request are announced by two webhooks.
    pub(crate) fn change_item(
        &mut self,
        actor: u64,
        key: ItemKey,
        mut change: ItemChange<'_>,
    ) -> Result<(), SimError> {
        if let Some(title) = change.title {
            check_title(title)?;
        }
        let before = self.item(key)?;
        let old_description = change.description.map(|_| before.description.clone());
        let mut differences = Differences {
            updated_at: Some((before.updated_at, before.updated_at)),
            ..Differences::default()
        };
        differences.labels = self.change_labels(actor, key, std::mem::take(&mut change.labels))?;
        let remarks = self.change_fields(key, &change, &mut differences)?;
        if let (Some(old), Some(new)) = (old_description, change.description) {
            self.notify(key, None, &old, new);
        }
        if differences.any() {
            let now = self.now();
            self.item_mut(key)?.updated_at = now;
            if let Some(stamps) = &mut differences.updated_at {
                stamps.1 = now;
            }
            for remark in remarks {
                self.system_note(actor, key, remark)?;
            }
            self.announce_item(actor, key, Some("update"), &differences);
        }
        match change.state {
            Some(state) => self.change_state(actor, key, state),
            None => Ok(()),
        }
    }

    /// Sets the plain fields; returns the remarks GitLab writes below the item.
    fn change_fields(
        &mut self,
        key: ItemKey,
        change: &ItemChange<'_>,
        differences: &mut Differences,
    ) -> Result<Vec<String>, SimError> {
        let mut remarks = Vec::new();
        let item = self.item_mut(key)?;
        if let Some(title) = change.title.filter(|title| *title != item.title) {
            let old = std::mem::replace(&mut item.title, title.to_owned());
            remarks.push(format!("changed title from **{old}** to **{title}**"));
            differences.title = Some((old, title.to_owned()));
        }
        if let Some(text) = change.description.filter(|text| *text != item.description) {
            let old = std::mem::replace(&mut item.description, text.to_owned());
            remarks.push("changed the description".to_owned());
            differences.description = Some((old, text.to_owned()));
        }
        if let Some(milestone) = change.milestone.filter(|new| *new != item.milestone) {
            differences.milestone_id = Some((item.milestone, milestone));
            item.milestone = milestone;
        }
        if let Some(due) = change.due.filter(|new| *new != item.due) {
            item.due = due;
            remarks.push(match due {
                Some(day) => format!("changed due date to {}", day.format("%B %-d, %Y")),
                None => "removed due date".to_owned(),
            });
        }
        if let Some(confidential) = change.confidential.filter(|new| *new != item.confidential) {
            differences.confidential = Some((item.confidential, confidential));
            item.confidential = confidential;
        }
        let assignees = change.assignees.as_ref();
        if let Some(assignees) = assignees.filter(|new| **new != item.assignees) {
            let old = std::mem::replace(&mut item.assignees, assignees.clone());
            differences.assignees = Some((old.clone(), assignees.clone()));
            let names = |ids: Vec<u64>, world: &Self| {
                let name = |id| Some(format!("@{}", world.users.get(id)?.username));
                ids.iter().filter_map(name).collect::<Vec<_>>().join(" and ")
            };
            let gone = old.iter().filter(|id| !assignees.contains(id)).copied().collect();
            let come = assignees.iter().filter(|id| !old.contains(id)).copied().collect();
            for (verb, names) in
                [("assigned to", names(come, self)), ("unassigned", names(gone, self))]
            {
                if !names.is_empty() {
                    remarks.push(format!("{verb} {names}"));
                }
            }
        }
        Ok(remarks)
    }

    /// Links two issues of a project to each other. Answers whether they were not.
    pub(crate) fn link_issues(&mut self, one: ItemKey, other: ItemKey) -> Result<bool, SimError> {
        self.item(other)?;
        let new = self.item_mut(one)?.links.insert(other.iid);
        self.item_mut(other)?.links.insert(one.iid);
        Ok(new)
    }

    /// Closes, reopens or merges; nothing happens when the item is so already.
    pub(crate) fn change_state(
        &mut self,
        actor: u64,
        key: ItemKey,
        state: State,
    ) -> Result<(), SimError> {
        let now = self.now();
        let item = self.item_mut(key)?;
        let old = item.state;
        // What is merged stays merged: GitLab has no way back.
        if old == state || old == State::Merged {
            return Ok(());
        }
        let differences = Differences {
            state: Some((old, state)),
            closed_at: Some((item.closed_at, (state == State::Closed).then_some(now))),
            updated_at: Some((item.updated_at, now)),
            ..Differences::default()
        };
        item.state = state;
        item.updated_at = now;
        item.closed_at = (state == State::Closed).then_some(now);
        item.closed_by = (state == State::Closed).then_some(actor);
        if state == State::Merged
            && let Some(merge) = &mut item.merge
        {
            merge.merged_at = Some(now);
            merge.merged_by = Some(actor);
        }
        let action = match state {
            State::Opened => "reopen",
            State::Closed => "close",
            State::Merged => "merge",
        };
        self.announce_item(actor, key, Some(action), &differences);
        Ok(())
    }
}

fn check_title(title: &str) -> Result<(), SimError> {
    let problem = if title.trim().is_empty() {
        "can't be blank".to_owned()
    } else if title.chars().count() > TITLE_LIMIT {
        format!("is too long (maximum is {TITLE_LIMIT} characters)")
    } else {
        return Ok(());
    };
    Err(SimError::Invalid { field: "title", problem })
}
