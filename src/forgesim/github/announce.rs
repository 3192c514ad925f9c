//! Webhooks as GitHub writes them (GitHub, "Webhook events and payloads").

use bytes::Bytes;
use serde_json::{Value, json};

use super::entities;
use crate::forgesim::{
    webhooks::{Differences, Topic},
    world::{
        World,
        types::{ItemKey, ItemKind},
    },
};

impl World {
    /// Announces what became of an item: GitHub sends one webhook for each thing that changed, and
    /// one for each label.
    pub(in crate::forgesim) fn announce_item_on_github(
        &self,
        hooks: &[u64],
        actor: u64,
        key: ItemKey,
        action: Option<&str>,
        differences: &Differences,
    ) {
        let Ok(item) = self.item(key) else { return };
        let mut actions: Vec<(&str, Value)> = Vec::new();
        match action {
            Some("open") => {
                actions.push(("opened", Value::Null));
                let labels = item.labels.iter().map(|id| ("labeled", *id));
                actions.extend(labels.map(|(action, id)| (action, self.one_label(id))));
            }
            Some("close" | "merge") => actions.push(("closed", Value::Null)),
            Some("reopen") => actions.push(("reopened", Value::Null)),
            _ => actions.extend(self.changed(differences)),
        }
        let topic = match key.kind {
            ItemKind::Issue => Topic::Issue,
            ItemKind::MergeRequest => Topic::MergeRequest,
        };
        for (action, more) in actions {
            self.outbox.post(hooks, topic, || {
                let mut body = self.payload(actor, key, action);
                if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
                    body.extend(more);
                }
                Bytes::from(body.to_string())
            });
        }
    }

    /// Announces a comment that was written or edited.
    pub(in crate::forgesim) fn announce_note_on_github(
        &self,
        hooks: &[u64],
        actor: u64,
        key: ItemKey,
        note: u64,
        action: &str,
    ) {
        let (Ok(project), Ok(item)) = (self.project(key.project), self.item(key)) else { return };
        let Some(note) = item.notes.get(&note).filter(|note| !note.system) else { return };
        self.outbox.post(hooks, Topic::Note, || {
            let action = if action == "create" { "created" } else { "edited" };
            Bytes::from(
                json!({
                    "action": action,
                    "issue": entities::issue(self, project, item),
                    "comment": entities::comment(self, project, item, note),
                    "repository": entities::repository(self, project),
                    "sender": entities::user(self, actor),
                })
                .to_string(),
            )
        });
    }

    fn one_label(&self, id: u64) -> Value {
        json!({ "label": entities::label(self, id) })
    }

    /// The actions that a change of fields stands for.
    fn changed(&self, differences: &Differences) -> Vec<(&'static str, Value)> {
        let mut actions = Vec::new();
        if differences.title.is_some() || differences.description.is_some() {
            let from = |pair: &Option<(String, String)>| {
                pair.as_ref().map(|(old, _)| json!({ "from": old }))
            };
            let mut changes = serde_json::Map::new();
            for (name, pair) in [("title", &differences.title), ("body", &differences.description)]
            {
                changes.extend(from(pair).map(|from| (name.to_owned(), from)));
            }
            actions.push(("edited", json!({ "changes": changes })));
        }
        if let Some((before, after)) = &differences.labels {
            let gone = before.iter().filter(|id| !after.contains(id));
            actions.extend(gone.map(|id| ("unlabeled", self.one_label(*id))));
            let come = after.iter().filter(|id| !before.contains(id));
            actions.extend(come.map(|id| ("labeled", self.one_label(*id))));
        }
        if let Some((before, after)) = &differences.assignees {
            let one = |id: &u64| json!({ "assignee": entities::user(self, *id) });
            let gone = before.iter().filter(|id| !after.contains(id));
            actions.extend(gone.map(|id| ("unassigned", one(id))));
            let come = after.iter().filter(|id| !before.contains(id));
            actions.extend(come.map(|id| ("assigned", one(id))));
        }
        if let Some((before, after)) = differences.milestone_id {
            let of = |id: Option<u64>| {
                let found = id.and_then(|id| self.milestones.get(&id));
                json!({ "milestone": found.map(|found| entities::milestone(self, found)) })
            };
            match after {
                Some(_) => actions.push(("milestoned", of(after))),
                None => actions.push(("demilestoned", of(before))),
            }
        }
        if let Some(before) = &differences.oldrev {
            actions.push(("synchronize", json!({ "before": before })));
        }
        actions
    }

    fn payload(&self, actor: u64, key: ItemKey, action: &str) -> Value {
        let (Ok(project), Ok(item)) = (self.project(key.project), self.item(key)) else {
            return Value::Null;
        };
        let mut body = json!({
            "action": action,
            "repository": entities::repository(self, project),
            "sender": entities::user(self, actor),
        });
        match &item.merge {
            Some(merge) => {
                body["number"] = item.iid.into();
                body["pull_request"] = entities::pull(self, project, item, merge);
            }
            None => body["issue"] = entities::issue(self, project, item),
        }
        body
    }
}
