//! Each row turns when its piece is taken away, and no other row does:
//! `tests/cases/newcomers/taken-away.yml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Change, at, cases, folder, read, told};
use crate::{
    model::{Comment, RowStatus, Topic},
    policy::OneOrMany,
    words::Marker,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    ways: Vec<Way>,
}

/// A way to take a piece away.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    row: String,
    way: String,
    /// Folders of cases; all, if left out.
    #[serde(default)]
    cases: Option<OneOrMany<String>>,
    /// One way for each; `{item}` is it.
    #[serde(default)]
    for_each: Option<Vec<String>>,
    /// What the row is then; missing, if left out.
    #[serde(default)]
    becomes: Option<RowStatus>,
    /// Other rows that turn, since they look at the same piece.
    #[serde(default)]
    also: BTreeMap<String, RowStatus>,
    #[serde(default)]
    replace: Vec<Replace>,
    /// Files that are taken away; with `*` at an end all that begin or end like this.
    #[serde(default)]
    remove: Vec<String>,
    /// Files that are put there, or to which lines are added at the end.
    #[serde(default)]
    append: BTreeMap<String, String>,
    /// Labels that are taken off.
    #[serde(default)]
    unlabel: bool,
    /// A person ticks the row.
    #[serde(default)]
    tick: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replace {
    /// `model` stands for the file with the integration's class, `code` for the one that holds its
    /// fields; `{page}`, `{spec}` and `{metrics}` for what their names say.
    file: String,
    text: String,
    by: String,
}

fn ways() -> Vec<Way> {
    let table: Table = read(&folder().join("taken-away.yml"));
    let each = table.ways.into_iter().flat_map(|way| match way.for_each.clone() {
        None => vec![way],
        Some(items) => items.iter().map(|item| way.with(item)).collect(),
    });
    each.collect()
}

impl Way {
    fn with(&self, item: &str) -> Self {
        let fill = |text: &String| text.replace("{item}", item);
        let mut way = self.clone();
        way.row = fill(&way.row);
        way.way = format!("{} ({item})", way.way);
        way.remove = way.remove.iter().map(fill).collect();
        for one in &mut way.replace {
            (one.file, one.text, one.by) = (fill(&one.file), fill(&one.text), fill(&one.by));
        }
        way
    }

    /// The change without the piece.
    fn take(&self, change: &Change) -> Change {
        let mut taken = change.clone();
        for one in &self.replace {
            let path = path(change, &one.file);
            let file = taken.files.get_mut(&path).unwrap_or_else(|| panic!("{self:?}: no {path}"));
            let (text, by) = (change.fill(&one.text), change.fill(&one.by));
            assert!(file.contains(&text), "{self:?}: {path} has no {text}:\n{file}");
            *file = file.replacen(&text, &by, 1);
        }
        for form in &self.remove {
            let path = path(change, form);
            let fits = |file: &String| match path.split_once('*') {
                Some((start, end)) => file.starts_with(start) && file.ends_with(end),
                None => *file == path,
            };
            let count = taken.files.len();
            taken.files.retain(|file, _| !fits(file));
            assert!(taken.files.len() < count, "{self:?}: no {path}");
        }
        for (form, text) in &self.append {
            let file = taken.files.entry(path(change, form)).or_default();
            file.push_str(&change.fill(text));
        }
        if self.unlabel {
            taken.labels.clear();
        }
        if self.tick {
            let marker = Marker {
                topic: "new-integration".parse::<Topic>().expect("a topic"),
                rule: String::new(),
                labels: vec![],
                applied: vec![],
                rules: vec![],
            };
            let note = super::super::ticks::note(&change.names.name, &self.row);
            let body = format!("- [x] It is {note}\n\n{}", marker.to_line());
            taken.comments.push(Comment { id: 1, body, created_at: at("2026-06-01T00:00:00Z") });
        }
        taken
    }
}

/// A path of the table in a change.
fn path(change: &Change, form: &str) -> String {
    let concern = change.fill("app/models/concerns/integrations/base/{path}.rb");
    match form {
        "model" => change.model(),
        "code" if change.files.contains_key(&concern) => concern,
        "code" => change.model(),
        "{page}" => {
            let start = change.fill("doc/user/project/integrations/{name}");
            change.files.keys().find(|path| path.starts_with(&start)).expect("there").clone()
        }
        "{spec}" => {
            let spec = change.fill("spec/models/integrations/{path}_spec.rb");
            if change.files.contains_key(&spec) { spec } else { format!("ee/{spec}") }
        }
        form => {
            let ee = if change.model().starts_with("ee/") { "ee/" } else { "" };
            change.fill(&form.replace("{metrics}", &format!("{ee}config/metrics/counts_all")))
        }
    }
}

#[test]
fn each_row_turns_without_its_piece_and_no_other_does() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    let before: BTreeMap<_, _> =
        cases().iter().map(|(case, change)| (case, change.statuses())).collect();
    for way in ways() {
        let of =
            |case: &String| way.cases.as_ref().is_none_or(|all| all.iter().any(|one| one == case));
        for (case, change) in cases().iter().filter(|(case, _)| of(case)) {
            tried += 1;
            let sheet = way.take(change).sheet();
            let mut expected = before[case].clone();
            expected.extend(way.also.clone());
            let becomes = way.becomes.unwrap_or(RowStatus::Missing);
            assert!(expected.insert(way.row.clone(), becomes).is_some(), "no row {}", way.row);
            let odd = sheet.rows.iter().filter(|row| expected[&row.key] != row.status);
            for row in odd {
                let expected = expected[&row.key];
                wrong.push(format!(
                    "{}, {} ({case}): {expected:?}, not {}",
                    way.row,
                    way.way,
                    told(row)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} ways: {wrong:#?}", wrong.len());
}

/// A row that nobody tried to break proves nothing.
#[test]
fn each_row_has_a_way_and_each_way_a_case() {
    let all: BTreeSet<String> = cases().keys().cloned().collect();
    let rows: BTreeSet<String> =
        cases().values().flat_map(|change| change.statuses().into_keys()).collect();
    let ways = ways();
    for way in &ways {
        for case in way.cases.iter().flat_map(|all| all.iter()) {
            assert!(all.contains(case), "{}: there is no case {case}", way.row);
        }
    }
    let tried: BTreeSet<String> = ways.into_iter().map(|way| way.row).collect();
    assert_eq!(rows.difference(&tried).collect::<Vec<_>>(), Vec::<&String>::new());
}
