//! Questions to files as a whole, to the fields of YAML files, to texts, and to the item.

use std::ops::Not;

use serde_json::Value;

use super::{
    check::{Answer, Asking},
    files::{proof, unreadable},
    values,
};
use crate::{
    evidence::{form::Form, yaml::Document},
    model::{FileAt, FileContent, Proof, ProofKind},
    pack::{
        checklists::{FieldForm, FileCheck, FileIs, OtherField, Presence, TextCheck, YamlCheck},
        rules::Pattern,
    },
    rules::declared::Truth,
};

/// A value of a YAML file is shown up to this length, in characters.
const LONGEST_VALUE: usize = 80;

pub(super) fn file(asking: &Asking<'_, '_, '_>, check: &FileCheck) -> Answer {
    let mut proofs = Vec::new();
    let mut truth = Truth::No;
    // On a commit nothing is deleted: that a file was kept is seen by its being there.
    let is = match check.is {
        FileIs::Kept if asking.files.is_commit() => FileIs::There,
        is => is,
    };
    // And nothing is touched.
    if is == FileIs::Untouched && asking.files.is_commit() {
        let paths = check.path.iter().map(Form::as_str).collect::<Vec<_>>().join(", ");
        return Answer::yes(proof(ProofKind::FileUntouched, paths));
    }
    for form in check.path.iter() {
        let paths = match asking.files.paths(form, asking.values, asking.item) {
            Ok(paths) => paths,
            Err(unknown) => return Answer::cannot_tell(unknown),
        };
        if is == FileIs::Kept {
            match (asking.files.deleted(&paths), &paths.open) {
                (Some(path), _) => {
                    return Answer::no(proof(ProofKind::FileDeleted, path));
                }
                (None, Some(open)) => return Answer::cannot_tell(open.clone()),
                (None, None) => proofs.push(proof(ProofKind::FileUntouched, paths.asked.clone())),
            }
            truth = Truth::Yes;
            continue;
        }
        if is != FileIs::There {
            match (asking.files.touched(&paths), &paths.open) {
                (Some(path), _) => {
                    truth = Truth::Yes;
                    proofs.push(proof(ProofKind::FileTouched, path));
                }
                (None, Some(open)) if truth == Truth::No => {
                    truth = Truth::CannotTell;
                    proofs.push(open.clone());
                }
                (None, _) => proofs.push(proof(ProofKind::FileUntouched, paths.asked.clone())),
            }
            continue;
        }
        if paths.exact && !is_added(asking, &paths.asked) {
            match asking.files.read(&FileAt::head(paths.asked.as_str())) {
                Some(FileContent::Absent) => {
                    proofs.push(proof(ProofKind::FileAbsent, paths.asked.clone()));
                }
                Some(FileContent::Unreadable(why)) => {
                    return Answer::cannot_tell(unreadable(&why, &paths.asked));
                }
                Some(FileContent::Text(_)) | None => {
                    return Answer::yes(proof(ProofKind::FileThere, paths.asked.clone()));
                }
            }
            continue;
        }
        match (paths.paths.first(), &paths.open) {
            (Some(path), _) => return Answer::yes(proof(ProofKind::FileThere, path.clone())),
            (None, Some(open)) => return Answer::cannot_tell(open.clone()),
            (None, None) => proofs.push(proof(ProofKind::FileAbsent, paths.asked.clone())),
        }
    }
    match check.is {
        FileIs::Untouched => Answer::new(truth.not(), proofs),
        _ => Answer::new(truth, proofs),
    }
}

/// Whether the change itself tells that the file is there.
fn is_added(asking: &Asking<'_, '_, '_>, path: &str) -> bool {
    asking.files.changes().is_some_and(|changes| changes.file(path).is_some())
}

pub(super) fn yaml(asking: &Asking<'_, '_, '_>, check: &YamlCheck) -> Answer {
    let paths = match asking.files.paths(&check.file, asking.values, asking.item) {
        Ok(paths) => paths,
        Err(unknown) => return Answer::cannot_tell(unknown),
    };
    let mut best: Option<Answer> = None;
    for path in &paths.paths {
        let answer = match asking.files.read(&FileAt::head(path.as_str())) {
            Some(FileContent::Absent) => Answer::no(proof(ProofKind::FileAbsent, path.as_str())),
            Some(FileContent::Unreadable(why)) => Answer::cannot_tell(unreadable(&why, path)),
            Some(FileContent::Text(text)) => match Document::read(&text) {
                Ok(document) => fields(asking, check, &document, path),
                Err(open) => Answer::cannot_tell(super::files::open(&open, path)),
            },
            None => Answer::cannot_tell(proof(ProofKind::NotRecorded, "").in_file(path, None)),
        };
        let better = match &best {
            None => true,
            Some(best) => rank(&answer) < rank(best),
        };
        if better {
            best = Some(answer);
        }
    }
    best.unwrap_or_else(|| match &paths.open {
        Some(open) => Answer::cannot_tell(open.clone()),
        None => Answer::no(proof(ProofKind::FileAbsent, paths.asked.clone())),
    })
}

/// The file that comes nearest is the one that is meant.
fn rank(answer: &Answer) -> (u8, usize) {
    let truth = match answer.truth {
        Truth::Yes => 0,
        Truth::CannotTell => 1,
        Truth::No => 2,
    };
    (truth, answer.proofs.len())
}

fn fields(
    asking: &Asking<'_, '_, '_>,
    check: &YamlCheck,
    document: &Document,
    path: &str,
) -> Answer {
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for (key, field) in &check.fields.0 {
        let found = document.at(key);
        match expected(asking, field, found.as_ref().map(|(value, _)| value)) {
            Err(open) => unknown.push(open),
            Ok(None) => {}
            Ok(Some(expected)) => {
                let line = found.as_ref().and_then(|(_, line)| *line);
                let kind = match found {
                    Some(_) => ProofKind::Differs,
                    None => ProofKind::NotFound,
                };
                let what = match expected.is_empty() {
                    true => key.value.clone(),
                    false => format!("{}: {expected}", **key),
                };
                let shown = found.map(|(value, _)| shown(&value));
                wrong.push(Proof { found: shown, ..proof(kind, what).in_file(path, line) });
            }
        }
    }
    match (wrong.is_empty(), unknown.is_empty()) {
        (false, _) => Answer::new(Truth::No, wrong),
        (true, false) => Answer::new(Truth::CannotTell, unknown),
        (true, true) => Answer::yes(proof(ProofKind::FileThere, path)),
    }
}

/// What a field should say where it does not; `None` where it does.
fn expected(
    asking: &Asking<'_, '_, '_>,
    field: &FieldForm,
    found: Option<&Value>,
) -> Result<Option<String>, Proof> {
    let text = found.and_then(Value::as_str);
    let quoted = |text: &str| Value::from(text).to_string();
    Ok(match field {
        FieldForm::Text(form) => {
            let wanted = asking.values.fill(form, asking.item)?;
            (text != Some(&wanted)).then(|| quoted(&wanted))
        }
        FieldForm::Other(OtherField::OneOf(forms)) => {
            let filled: Vec<_> =
                forms.iter().map(|form| asking.values.fill(form, asking.item)).collect();
            let known: Vec<&String> = filled.iter().flatten().collect();
            if known.iter().any(|wanted| text == Some(wanted.as_str())) {
                return Ok(None);
            }
            match filled.iter().find_map(|one| one.as_ref().err()) {
                // It may be the one that is not known, if it is a text at all.
                Some(unknown) if text.is_some() || known.is_empty() => return Err(unknown.clone()),
                _ => {
                    let all: Vec<String> = known.iter().map(|wanted| quoted(wanted)).collect();
                    Some(all.join(" or "))
                }
            }
        }
        FieldForm::Other(OtherField::Matches(pattern)) => (!text
            .is_some_and(|text| pattern.is_match(text)))
        .then(|| format!("/{}/", pattern.as_str())),
        FieldForm::Other(OtherField::ListOf(allowed)) => {
            let items = found.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let good =
                |item: &Value| item.as_str().is_some_and(|one| allowed.iter().any(|a| a == one));
            let fits = !items.is_empty() && items.iter().all(good);
            (!fits).then(|| format!("[{}]", allowed.join(", ")))
        }
        FieldForm::Other(OtherField::Is(Presence::There)) => {
            found.is_none_or(Value::is_null).then(String::new)
        }
        FieldForm::Other(OtherField::Is(Presence::Absent)) => {
            found.is_some().then(|| "nothing".to_owned())
        }
    })
}

/// A value on one line, quotes and all: they tell a text from a number.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

pub(super) fn text(asking: &Asking<'_, '_, '_>, check: &TextCheck) -> Answer {
    let filled = asking.values.fill_with(&check.matches, asking.item, |value, out| {
        out.push_str(&regex::escape(value));
    });
    let pattern = match filled.map(|text| regex::Regex::new(&text)) {
        Ok(Ok(pattern)) => pattern,
        // Checked when the policies were read, but for what a value may do to it.
        Ok(Err(_)) => {
            return Answer::cannot_tell(proof(ProofKind::ValueUnknown, check.matches.as_str()));
        }
        Err(unknown) => return Answer::cannot_tell(unknown),
    };
    let mut looked = None;
    let mut open = Vec::new();
    for form in check.file.iter() {
        let paths = match asking.files.paths(form, asking.values, asking.item) {
            Ok(paths) => paths,
            Err(unknown) => return Answer::cannot_tell(unknown),
        };
        open.extend(paths.open.clone());
        looked.get_or_insert_with(|| paths.asked.clone());
        for path in &paths.paths {
            match asking.files.read(&FileAt::head(path.as_str())) {
                Some(FileContent::Text(text)) => {
                    if let Some(found) = pattern.find(&text) {
                        let line = text[..found.start()].matches('\n').count() as u32 + 1;
                        let kind = match check.is {
                            Presence::There => ProofKind::Found,
                            Presence::Absent => ProofKind::Forbidden,
                        };
                        let what = found.as_str().lines().next().unwrap_or_default().trim();
                        let proof = proof(kind, what).in_file(path, Some(line));
                        return Answer::new((check.is == Presence::There).into(), vec![proof]);
                    }
                }
                Some(FileContent::Unreadable(why)) => open.push(unreadable(&why, path)),
                Some(FileContent::Absent) => {}
                None => open.push(proof(ProofKind::NotRecorded, "").in_file(path, None)),
            }
        }
    }
    if !open.is_empty() {
        return Answer::new(Truth::CannotTell, open);
    }
    let mut proof = proof(ProofKind::NotFound, pattern.as_str());
    proof.file = looked;
    Answer::new((check.is == Presence::Absent).into(), vec![proof])
}

pub(super) fn label(asking: &Asking<'_, '_, '_>, pattern: &Pattern) -> Answer {
    let labels = &asking.view.snapshot.labels;
    match labels.iter().find(|label| pattern.fits(label.as_str())) {
        Some(label) => Answer::yes(proof(ProofKind::LabelThere, label.as_str())),
        None => Answer::no(proof(ProofKind::LabelAbsent, pattern.as_str())),
    }
}

pub(super) fn owner(asking: &Asking<'_, '_, '_>, decided: bool) -> Answer {
    let owner = values::owner(asking.view);
    let truth = owner.is_some() == decided;
    let proof = match owner {
        Some(owner) => proof(ProofKind::OwnerKnown, owner),
        None => proof(ProofKind::OwnerUnknown, ""),
    };
    Answer::new(truth.into(), vec![proof])
}
