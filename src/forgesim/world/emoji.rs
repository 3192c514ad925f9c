//! Emoji reactions.

use crate::forgesim::{
    error::SimError,
    world::{
        World, next,
        types::{Award, ItemKey},
    },
};

impl World {
    /// Adds a reaction to an item, or to one of its comments.
    pub(crate) fn award(
        &mut self,
        actor: u64,
        key: ItemKey,
        note: Option<u64>,
        name: &str,
    ) -> Result<Award, SimError> {
        let award = Award {
            id: next(&mut self.ids.event),
            user: actor,
            name: name.trim_matches(':').to_owned(),
            created_at: self.now(),
        };
        let awards = self.awards_mut(key, note)?;
        if awards.iter().any(|other| other.user == actor && other.name == award.name) {
            return Err(SimError::Invalid {
                field: "name",
                problem: "has already been taken".to_owned(),
            });
        }
        awards.push(award.clone());
        self.announce_emoji(key, note, &award, "award");
        Ok(award)
    }

    /// Takes a reaction back; tells whether there was one.
    pub(crate) fn revoke(
        &mut self,
        key: ItemKey,
        note: Option<u64>,
        id: u64,
    ) -> Result<bool, SimError> {
        let awards = self.awards_mut(key, note)?;
        let Some(at) = awards.iter().position(|award| award.id == id) else {
            return Ok(false);
        };
        let award = awards.remove(at);
        self.announce_emoji(key, note, &award, "revoke");
        Ok(true)
    }

    fn awards_mut(&mut self, key: ItemKey, note: Option<u64>) -> Result<&mut Vec<Award>, SimError> {
        let item = self.item_mut(key)?;
        match note {
            None => Ok(&mut item.awards),
            Some(id) => {
                item.notes.get_mut(&id).map(|note| &mut note.awards).ok_or(SimError::NoNote(id))
            }
        }
    }
}
