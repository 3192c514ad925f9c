//! What a row asks, answered: yes, no, or that nobody can tell, each with what was seen.

use std::ops::Not;

use super::{
    entry,
    files::{Files, proof},
    leaves,
    sets::Sets,
    values::{Item, Values},
};
use crate::{
    model::{Proof, ProofKind},
    pack::checklists::{Check, EachCheck, HasCheck},
    rules::{View, declared::Truth, lifecycle},
};

/// So many entries of one kind are told.
const MOST_TOLD: usize = 6;

/// What a check is asked with.
pub(super) struct Asking<'s, 'v, 'a> {
    pub(super) view: &'s View<'a>,
    pub(super) values: &'s Values<'s>,
    pub(super) files: &'s Files<'v, 'a>,
    pub(super) sets: &'s Sets<'s, 'v, 'a>,
    /// Of which of several rows.
    pub(super) item: Option<&'s Item>,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Answer {
    pub(in crate::rules) truth: Truth,
    pub(in crate::rules) proofs: Vec<Proof>,
}

impl Answer {
    pub(in crate::rules) fn new(truth: Truth, proofs: Vec<Proof>) -> Self {
        Self { truth, proofs }
    }

    pub(in crate::rules) fn yes(proof: Proof) -> Self {
        Self::new(Truth::Yes, vec![proof])
    }

    pub(in crate::rules) fn no(proof: Proof) -> Self {
        Self::new(Truth::No, vec![proof])
    }

    pub(in crate::rules) fn cannot_tell(proof: Proof) -> Self {
        Self::new(Truth::CannotTell, vec![proof])
    }
}

impl Asking<'_, '_, '_> {
    /// Asks.
    pub(super) fn ask(&self, check: &Check) -> Answer {
        match check {
            Check::All(list) => self.several(list.iter().map(|one| &one.value), Truth::No),
            Check::Any(list) => self.several(list.iter().map(|one| &one.value), Truth::Yes),
            Check::Not(inner) => {
                let Answer { truth, proofs } = self.ask(inner);
                Answer::new(truth.not(), proofs)
            }
            Check::Some(name) => self.some(name),
            Check::None(name) => self.none(name),
            Check::Each(each) => self.each(each),
            Check::Has(has) => self.has(has),
            Check::File(file) => leaves::file(self, file),
            Check::Yaml(yaml) => leaves::yaml(self, yaml),
            Check::Text(text) => leaves::text(self, text),
            Check::Label(pattern) => leaves::label(self, pattern),
            Check::Owner(decided) => leaves::owner(self, *decided),
            Check::Removal(is) => lifecycle::ask(self.view, self.values.names(), *is),
            Check::Entry(is) => entry::entry(self, *is),
            Check::OnForge(is) => lifecycle::ask_forge(self.view, self.values.names(), *is),
        }
    }

    /// Several checks together, of which one that comes out as `decides` settles it.
    fn several<'c>(&self, list: impl Iterator<Item = &'c Check>, decides: Truth) -> Answer {
        let answers: Vec<Answer> = list.map(|one| self.ask(one)).collect();
        let those = |truth: Truth| {
            let of = answers.iter().filter(|one| one.truth == truth);
            of.flat_map(|one| one.proofs.iter().cloned()).collect::<Vec<_>>()
        };
        let some = |truth: Truth| answers.iter().any(|one| one.truth == truth);
        let truth = match () {
            () if some(decides) => decides,
            () if some(Truth::CannotTell) => Truth::CannotTell,
            () => decides.not(),
        };
        Answer::new(truth, those(truth))
    }

    fn some(&self, name: &str) -> Answer {
        let set = self.sets.get(name);
        if !set.entries.is_empty() {
            let told = set.entries.iter().take(MOST_TOLD);
            return Answer::new(Truth::Yes, told.map(|one| one.proof(ProofKind::Found)).collect());
        }
        match set.open.as_slice() {
            [] => {
                let mut proof = proof(ProofKind::NothingFound, self.sets.title(name));
                proof.file = set.looked.first().cloned();
                Answer::no(proof)
            }
            open => Answer::new(Truth::CannotTell, open.to_vec()),
        }
    }

    fn none(&self, name: &str) -> Answer {
        let set = self.sets.get(name);
        if !set.entries.is_empty() {
            let told = set.entries.iter().take(MOST_TOLD);
            let told = told.map(|one| one.proof(ProofKind::Forbidden)).collect();
            return Answer::new(Truth::No, told);
        }
        match set.open.as_slice() {
            [] => {
                let mut proof = proof(ProofKind::NothingNeedsIt, self.sets.title(name));
                proof.file = set.looked.first().cloned();
                Answer::yes(proof)
            }
            open => Answer::new(Truth::CannotTell, open.to_vec()),
        }
    }

    fn each(&self, each: &EachCheck) -> Answer {
        let (of, within) = (self.sets.get(&each.of), self.sets.get(&each.within));
        let missing = of.entries.iter().filter(|entry| !within.has(&entry.key));
        let missing: Vec<Proof> =
            missing.take(MOST_TOLD).map(|entry| entry.proof(ProofKind::NotFound)).collect();
        if !missing.is_empty() {
            return match within.open.as_slice() {
                [] => Answer::new(Truth::No, missing),
                open => Answer::new(Truth::CannotTell, open.to_vec()),
            };
        }
        if !of.open.is_empty() {
            return Answer::new(Truth::CannotTell, of.open.clone());
        }
        if of.entries.is_empty() {
            let title = self.sets.title(&each.of);
            return Answer::yes(proof(ProofKind::NothingNeedsIt, title));
        }
        let found = of.entries.iter().take(MOST_TOLD).map(|entry| {
            let there = within.entries.iter().find(|one| one.key == entry.key);
            there.unwrap_or(entry).proof(ProofKind::Found)
        });
        Answer::new(Truth::Yes, found.collect())
    }

    fn has(&self, has: &HasCheck) -> Answer {
        let set = self.sets.get(&has.set);
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for form in has.key.iter() {
            let key = match self.values.fill(form, self.item) {
                Ok(key) => key,
                Err(unknown) => return Answer::cannot_tell(unknown),
            };
            match set.entries.iter().find(|entry| entry.key == key) {
                Some(entry) => found.push(entry.proof(ProofKind::Found)),
                None => {
                    let mut proof = proof(ProofKind::NotFound, key);
                    proof.file = set.looked.first().cloned();
                    missing.push(proof);
                }
            }
        }
        match (missing.is_empty(), set.open.as_slice()) {
            (true, _) => Answer::new(Truth::Yes, found),
            (false, []) => Answer::new(Truth::No, missing),
            (false, open) => Answer::new(Truth::CannotTell, open.to_vec()),
        }
    }
}
