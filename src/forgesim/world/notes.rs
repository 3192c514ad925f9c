//! Comments, and the quick actions in them.

use serde::Serialize;
use uuid::Uuid;

use crate::forgesim::{
    Face,
    error::SimError,
    world::{
        World,
        items::ItemChange,
        labels::LabelChange,
        next,
        quick_actions::{self, QuickAction},
        types::{ItemKey, Note, State},
    },
};

/// The longest comment that GitLab accepts, in characters.
const NOTE_LIMIT: usize = 1_000_000;

/// What quick actions of a comment changed, in the API's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Commands {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_event: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) add_label_ids: Vec<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) remove_label_ids: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label_ids: Option<Vec<u64>>,
}

/// What became of a comment.
#[derive(Debug)]
pub(crate) enum Written {
    /// It is stored under this id; its commands, if any, were executed.
    Note(u64, Commands),
    /// It held nothing but commands, and GitLab does not store such a comment.
    OnlyCommands(Commands),
}

impl World {
    /// Writes a comment and executes its quick actions.
    pub(crate) fn write_note(
        &mut self,
        actor: u64,
        key: ItemKey,
        body: &str,
        internal: bool,
    ) -> Result<Written, SimError> {
        check_body(body)?;
        self.item(key)?;
        let (text, actions) = self.extract(body);
        let commands = self.understand(actor, key, &actions);
        if !actions.is_empty() && text.trim().is_empty() {
            self.execute(actor, key, &commands)?;
            return Ok(Written::OnlyCommands(commands));
        }
        let id = self.store_note(actor, key, text, internal, false)?;
        let text = self.note(key, id)?.body.clone();
        self.notify(key, Some(id), "", &text);
        self.announce_note(actor, key, id, "create");
        self.execute(actor, key, &commands)?;
        Ok(Written::Note(id, commands))
    }

    /// Replaces a comment's text. Quick actions in it are executed here, too.
    pub(crate) fn edit_note(
        &mut self,
        actor: u64,
        key: ItemKey,
        id: u64,
        body: &str,
    ) -> Result<(), SimError> {
        check_body(body)?;
        let now = self.now();
        let (text, actions) = self.extract(body);
        let commands = self.understand(actor, key, &actions);
        let note = self.note_mut(key, id)?;
        let old = std::mem::replace(&mut note.body, text.clone());
        note.updated_at = now;
        note.edited_by = Some(actor);
        self.notify(key, Some(id), &old, &text);
        self.announce_note(actor, key, id, "update");
        self.execute(actor, key, &commands)
    }

    /// Deletes a comment. GitLab sends no webhook for that.
    pub(crate) fn delete_note(&mut self, key: ItemKey, id: u64) -> Result<(), SimError> {
        let item = self.item_mut(key)?;
        let note = item.notes.remove(&id).ok_or(SimError::NoNote(id))?;
        item.user_notes -= usize::from(!note.system);
        Ok(())
    }

    pub(crate) fn note(&self, key: ItemKey, id: u64) -> Result<&Note, SimError> {
        self.item(key)?.notes.get(&id).ok_or(SimError::NoNote(id))
    }

    fn note_mut(&mut self, key: ItemKey, id: u64) -> Result<&mut Note, SimError> {
        self.item_mut(key)?.notes.get_mut(&id).ok_or(SimError::NoNote(id))
    }

    /// Writes a line that GitLab itself adds about a change.
    pub(crate) fn system_note(
        &mut self,
        actor: u64,
        key: ItemKey,
        body: String,
    ) -> Result<u64, SimError> {
        self.store_note(actor, key, body, false, true)
    }

    fn store_note(
        &mut self,
        actor: u64,
        key: ItemKey,
        body: String,
        internal: bool,
        system: bool,
    ) -> Result<u64, SimError> {
        let now = self.now();
        let id = next(&mut self.ids.note);
        let item = self.item_mut(key)?;
        item.notes.insert(
            id,
            Note {
                id,
                author: actor,
                body,
                system,
                internal,
                created_at: now,
                updated_at: now,
                edited_by: None,
                discussion: Uuid::new_v4().simple().to_string(),
                awards: Vec::new(),
            },
        );
        item.user_notes += usize::from(!system);
        item.updated_at = now;
        Ok(id)
    }

    /// Splits a text into what is stored and what is executed.
    fn extract(&self, body: &str) -> (String, Vec<QuickAction>) {
        match self.face {
            Face::Gitlab => quick_actions::extract(body),
            Face::Github => (body.to_owned(), Vec::new()),
        }
    }

    /// Keeps of the quick actions what this person may do; GitLab ignores the rest.
    fn understand(&mut self, actor: u64, key: ItemKey, actions: &[QuickAction]) -> Commands {
        let mut commands = Commands::default();
        let (may_edit, may_triage) = (self.may_edit(actor, key), self.may_triage(actor, key));
        for action in actions {
            match action {
                QuickAction::Close if may_edit => commands.state_event = Some("close"),
                QuickAction::Reopen if may_edit => commands.state_event = Some("reopen"),
                QuickAction::Label(titles) if may_triage => {
                    commands.add_label_ids.extend(self.known_labels(key, titles));
                }
                QuickAction::Unlabel(titles) if may_triage && titles.is_empty() => {
                    commands.label_ids = Some(Vec::new());
                }
                QuickAction::Unlabel(titles) if may_triage => {
                    commands.remove_label_ids.extend(self.known_labels(key, titles));
                }
                QuickAction::Relabel(titles) if may_triage => {
                    commands.label_ids = Some(self.known_labels(key, titles));
                }
                _ => {}
            }
        }
        commands
    }

    fn known_labels(&mut self, key: ItemKey, titles: &[String]) -> Vec<u64> {
        self.resolve_labels(key.project, titles.iter().map(String::as_str), false)
    }

    fn execute(&mut self, actor: u64, key: ItemKey, commands: &Commands) -> Result<(), SimError> {
        if *commands == Commands::default() {
            return Ok(());
        }
        let change = ItemChange {
            labels: LabelChange {
                set: commands.label_ids.clone(),
                add: commands.add_label_ids.clone(),
                remove: commands.remove_label_ids.clone(),
            },
            state: commands.state_event.map(|event| match event {
                "close" => State::Closed,
                _ => State::Opened,
            }),
            ..ItemChange::default()
        };
        self.change_item(actor, key, change)
    }
}

fn check_body(body: &str) -> Result<(), SimError> {
    let problem = if body.trim().is_empty() {
        "can't be blank".to_owned()
    } else if body.chars().count() > NOTE_LIMIT {
        format!("is too long (maximum is {NOTE_LIMIT} characters)")
    } else {
        return Ok(());
    };
    Err(SimError::Invalid { field: "note", problem })
}
