//! A checklist, filled in for one integration.

use std::collections::BTreeSet;

use super::{
    check::{Answer, Asking},
    files::{Files, proof},
    find::Newcomer,
    ready,
    sets::Sets,
    ticks,
    values::{Item, Values},
};
use crate::{
    evidence::form::Form,
    model::{Applied, Piece, PiecePlace, Proof, ProofKind, Row, RowStatus, Sheet, Waiver},
    pack::checklists::{Checklist, RowRule},
    rules::{View, declared::Truth},
};

/// What all rows of a sheet are filled in with.
struct Filling<'s, 'v, 'a> {
    view: &'s View<'a>,
    checklist: &'s Checklist,
    newcomer: &'s Newcomer,
    values: &'s Values<'s>,
    files: &'s Files<'v, 'a>,
    sets: &'s Sets<'s, 'v, 'a>,
    ticked: BTreeSet<String>,
}

pub(in crate::rules) fn fill<'a>(
    view: &View<'a>,
    checklist: &Checklist,
    newcomer: &Newcomer,
    files: &Files<'_, 'a>,
) -> Sheet {
    let values = Values::new(view, checklist, &newcomer.names, files);
    let sets = Sets::new(checklist, &values, files);
    let ticked = match checklist.rows.iter().any(|row| row.tick) {
        true => ticks::ticked(view, &checklist.topic),
        false => BTreeSet::new(),
    };
    let (values, sets) = (&values, &sets);
    let filling = Filling { view, checklist, newcomer, values, files, sets, ticked };
    // What the forge tells of a label is the product's affair and not the change's.
    let of_product =
        |rule: &&RowRule| rule.when.iter().chain(&rule.check).any(|check| check.asks_forge());
    let rows = checklist.rows.iter().filter(|rule| files.is_commit() || !of_product(rule));
    let rows = rows.flat_map(|rule| match rule.for_each.as_slice() {
        [] => vec![filling.row(rule, None)],
        items => items.iter().map(|item| filling.row(rule, Some(item))).collect(),
    });
    Sheet {
        checklist: checklist.key.clone(),
        about: checklist.about.clone(),
        name: newcomer.names.name.clone(),
        title: newcomer.names.title.clone(),
        file: newcomer.file.clone(),
        rows: rows.collect(),
    }
}

impl<'s> Filling<'s, '_, '_> {
    fn row(&self, rule: &'s RowRule, item: Option<&'s Item>) -> Row {
        let key = match item {
            Some((name, _)) => format!("{}_{name}", rule.key),
            None => rule.key.clone(),
        };
        let (view, values, files, sets) = (self.view, self.values, self.files, self.sets);
        let asking = Asking { view, values, files, sets, item };
        let text = |form: &Form| values.fill_with(form, item, words).ok();
        let (status, mut proofs) = self.status(rule, &key, &asking);
        let waiver = waiver(self.view, self.checklist, self.newcomer, &key).cloned();
        let is_open = matches!(status, RowStatus::Missing | RowStatus::CannotTell);
        let status = if waiver.is_some() && is_open { RowStatus::Waived } else { status };
        let ready = match status {
            RowStatus::Missing => {
                ready::pieces(&asking, &rule.ready, &self.view.pack.checklists.pieces)
            }
            _ => Vec::new(),
        };
        name_by_piece(&mut proofs, &ready);
        dedupe(&mut proofs);
        Row {
            section: rule.section.clone(),
            title: text(&rule.title).unwrap_or_else(|| rule.title.as_str().to_owned()),
            need: rule.need,
            status,
            proofs,
            hint: rule.hint.as_ref().and_then(text).filter(|_| is_open),
            ready,
            waiver: waiver.filter(|_| status == RowStatus::Waived),
            cites: rule.cites.as_ref().map(|cites| cites.url.value.clone()),
            cite: rule.cite.clone(),
            tick: rule.tick.then(|| self.newcomer.names.name.clone()),
            key,
        }
    }

    fn status(
        &self,
        rule: &RowRule,
        key: &str,
        asking: &Asking<'_, '_, '_>,
    ) -> (RowStatus, Vec<Proof>) {
        if let Some(when) = &rule.when {
            let Answer { truth, proofs } = asking.ask(when);
            match truth {
                Truth::Yes => {}
                Truth::No => return (RowStatus::NotApplicable, proofs),
                Truth::CannotTell => return (RowStatus::CannotTell, proofs),
            }
        }
        let (status, proofs) = match &rule.check {
            Some(check) => {
                let Answer { truth, proofs } = asking.ask(check);
                let status = match truth {
                    Truth::Yes => RowStatus::Pass,
                    Truth::No if rule.a_person_decides => RowStatus::CannotTell,
                    Truth::No => RowStatus::Missing,
                    Truth::CannotTell => RowStatus::CannotTell,
                };
                (status, proofs)
            }
            None => (RowStatus::Missing, vec![proof(ProofKind::NotTicked, "")]),
        };
        let note = ticks::note(&self.newcomer.names.name, key);
        if rule.tick && status != RowStatus::Pass && self.ticked.contains(&note) {
            return (RowStatus::Claimed, vec![proof(ProofKind::Ticked, "")]);
        }
        (status, proofs)
    }
}

/// The waiver of a row, if somebody who may waived it.
fn waiver<'a>(
    view: &'a View<'_>,
    checklist: &Checklist,
    newcomer: &Newcomer,
    row: &str,
) -> Option<&'a Waiver> {
    view.ledger.applied.iter().find_map(|applied| match applied {
        Applied::Waived { waiver }
            if waiver.checklist == checklist.key
                && waiver.name == newcomer.names.name
                && waiver.row == row =>
        {
            Some(waiver)
        }
        _ => None,
    })
}

/// A value in a sentence of the policies, which is Markdown: one that could act in it, since it is
/// from a file of the change, is left out.
fn words(value: &str, out: &mut String) {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " _-.:/+".contains(c);
    match value.chars().all(harmless) {
        true => out.push_str(value),
        false => out.push('…'),
    }
}

/// A file that is missing by a pattern is told by the path that a machine would write: nobody reads
/// `[0-9][0-9]*_{a,b}_*.yml` as a file.
fn name_by_piece(proofs: &mut [Proof], ready: &[Piece]) {
    let [Piece { path, place: PiecePlace::NewFile, .. }] = ready else { return };
    for proof in proofs {
        if proof.kind == ProofKind::FileAbsent && proof.what.contains(['*', '[', '{']) {
            proof.what.clone_from(path);
        }
    }
}

/// Each proof once, and not too many.
fn dedupe(proofs: &mut Vec<Proof>) {
    let mut had: Vec<Proof> = Vec::new();
    for proof in proofs.drain(..) {
        if !had.contains(&proof) && had.len() < Row::MOST_PROOFS {
            had.push(proof);
        }
    }
    *proofs = had;
}
