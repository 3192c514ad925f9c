//! The shipped checklists on made-up integrations: `tests/cases/newcomers/`.
//!
//! `base/` is a small product before the change. Each other folder is a change that adds an
//! integration: files that are new, and lines that are put into files of the base.

mod changed;
mod complete;
mod pieces;
mod taken_away;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::all_sheets;
use crate::{
    evidence::names::Names,
    model::{
        AddedLines, ChangedFile, Changes, Comment, Facet, FacetValue, FileAt, FileContent,
        FileStatus, LabelName, Ledger, LineSpan, Person, Row, RowStatus, Sheet, Snapshot, State,
        Subject, SubjectKind,
    },
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile, parse},
    rules::View,
};

/// The address that the metrics of the cases name.
const URL: &str = "https://gitlab.example.com/gitlab-org/gitlab/-/merge_requests/42";

/// The shipped policies, loaded once.
fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| {
        Pack::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/newcomers")
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let file = SourceFile::new(path.display().to_string(), Origin::BuiltIn, text);
    parse(&file).unwrap_or_else(|error| panic!("{error}"))
}

/// The files of the base, by their paths.
fn base() -> &'static BTreeMap<String, String> {
    static BASE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    BASE.get_or_init(|| {
        let root = folder().join("base");
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path
                        .strip_prefix(&root)
                        .expect("there")
                        .to_str()
                        .expect("there")
                        .to_owned();
                    files.insert(name, fs::read_to_string(&path).expect("there"));
                }
            }
        }
        files
    })
}

/// The shape of `case.yml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    labels: Vec<String>,
    metrics: String,
    adds: BTreeMap<String, String>,
    inserts: Vec<Insert>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Insert {
    file: String,
    before: String,
    text: String,
}

/// The shape of `metric.yml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricFile {
    kinds: BTreeMap<String, String>,
    text: String,
}

/// A merge request on the base: all files as they are at its head.
#[derive(Debug, Clone)]
struct Change {
    names: Names,
    labels: Vec<String>,
    files: BTreeMap<String, String>,
    /// As they were.
    before: BTreeMap<String, String>,
    comments: Vec<Comment>,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

/// All cases, by the names of their folders.
fn cases() -> &'static BTreeMap<String, Change> {
    static CASES: OnceLock<BTreeMap<String, Change>> = OnceLock::new();
    CASES.get_or_init(|| {
        let entries =
            fs::read_dir(folder()).expect("a folder").map(|entry| entry.expect("an entry").path());
        let cases = entries.filter(|path| path.join("case.yml").is_file());
        cases
            .map(|path| {
                let name = path.file_name().expect("there").to_str().expect("there").to_owned();
                (name, Change::of(&read(&path.join("case.yml"))))
            })
            .collect()
    })
}

impl Change {
    fn of(case: &CaseFile) -> Self {
        let model = case.adds.keys().find_map(|path| {
            let path = path.strip_prefix("ee/").unwrap_or(path);
            path.strip_prefix("app/models/integrations/")?.strip_suffix(".rb")
        });
        let names = Names::of(model.expect("a model"));
        let mut change = Self {
            names,
            labels: case.labels.clone(),
            files: base().clone(),
            before: base().clone(),
            comments: vec![],
        };
        change.files.extend(case.adds.clone());
        let metric: MetricFile = read(&folder().join("metric.yml"));
        for (kind, class) in &metric.kinds {
            let text = metric.text.replace("{kind}", kind).replace("{metric}", class);
            let path = format!("{}/20260601120000_{kind}_{{name}}_active.yml", case.metrics);
            change.files.insert(change.fill(&path), change.fill(&text));
        }
        for insert in &case.inserts {
            let file = change.files.get_mut(&insert.file).expect(&insert.file);
            let before = format!("{}\n", insert.before);
            assert!(file.contains(&before), "{} has no line {before}", insert.file);
            let at = match file.starts_with(&before) {
                true => 0,
                false => file.find(&format!("\n{before}")).expect(&before) + 1,
            };
            file.insert_str(at, &insert.text);
        }
        change
    }

    /// A text with the integration's names in braces.
    fn fill(&self, text: &str) -> String {
        let known = ["name", "path", "class", "leaf", "slug", "title"];
        let mut text = text.to_owned();
        for name in known {
            text = text.replace(&format!("{{{name}}}"), self.names.get(name).expect("there"));
        }
        text
    }

    /// The path of the integration's class.
    fn model(&self) -> String {
        let path = self.fill("app/models/integrations/{path}.rb");
        if self.files.contains_key(&path) { path } else { format!("ee/{path}") }
    }

    /// What changed, as a forge tells it. A line is new if the base's file does not have it.
    fn changes(&self) -> Changes {
        let mut files = Vec::new();
        for (path, text) in &self.files {
            let before = self.before.get(path);
            if before == Some(text) {
                continue;
            }
            let had: BTreeSet<&str> = before.iter().flat_map(|text| text.lines()).collect();
            let lines = (1_u32..).zip(text.lines()).filter(|(_, line)| !had.contains(line));
            let added = lines.map(|(line, _)| LineSpan { first: line, last: line }).collect();
            files.push(ChangedFile {
                path: path.clone(),
                previous_path: None,
                status: if before.is_some() { FileStatus::Modified } else { FileStatus::Added },
                added: AddedLines::Lines(added),
            });
        }
        let gone = self.before.keys().filter(|path| !self.files.contains_key(*path));
        files.extend(gone.map(|path| ChangedFile {
            path: path.clone(),
            status: FileStatus::Deleted,
            ..ChangedFile::default()
        }));
        Changes { files, complete: true }
    }

    fn sheets(&self) -> Vec<Sheet> {
        let person =
            |id, name: &str| Person { id, username: name.to_owned(), name: name.to_owned() };
        let kind = SubjectKind::MergeRequest;
        let mut snapshot = Snapshot {
            subject: Subject { kind, ..Subject::gitlab_issue("gitlab-org/gitlab", 42) },
            url: URL.into(),
            title: "Add an integration".into(),
            description: String::new(),
            state: State::Open,
            draft: false,
            author: person(2, "ben"),
            labels: self.labels.iter().map(LabelName::new).collect(),
            milestone: None,
            created_at: at("2026-06-01T12:34:56Z"),
            updated_at: at("2026-06-01T12:34:56Z"),
            head: Some("c0ffee".into()),
            assignees: Vec::new(),
            reviewers: None,
            votes: Some(Default::default()),
            weight: None,
            confidential: false,
            facets: Default::default(),
        };
        snapshot.facets.changes = Some(self.changes());
        snapshot.facets.own_comments = Some(self.comments.clone());
        snapshot.facets.label_history = Some(Vec::new());
        // What was asked for before is there at once: each round costs time.
        let mut asked = asked().lock().expect("a lock");
        let asked = asked.entry(self.names.path.clone()).or_default();
        for file in asked.iter() {
            self.fill_in(&mut snapshot, file);
        }
        let (me, ledger) = (person(1, "steward"), Ledger { known: true, ..Ledger::default() });
        for _ in 0..8 {
            let now = at("2026-06-02T00:00:00Z");
            let view = View::new(&snapshot, &ledger, pack(), &me, now);
            let sheets = all_sheets(&view);
            let needs = view.needs();
            if needs.is_empty() {
                return sheets;
            }
            for facet in needs {
                match &facet {
                    Facet::File(file) => {
                        asked.insert(file.clone());
                        self.fill_in(&mut snapshot, file);
                    }
                    Facet::Label(name) => {
                        snapshot.fill(&facet, FacetValue::Label(Some(name.clone())));
                    }
                    other => panic!("{other} is read before"),
                }
            }
        }
        panic!("it keeps asking")
    }

    fn fill_in(&self, snapshot: &mut Snapshot, file: &FileAt) {
        let text = self.files.get(&file.path);
        let found = text.map_or(FileContent::Absent, |text| FileContent::text(text.as_str()));
        snapshot.fill(&Facet::File(file.clone()), FacetValue::File(found));
    }

    /// The only sheet.
    fn sheet(&self) -> Sheet {
        let mut sheets = self.sheets();
        assert_eq!(sheets.len(), 1, "{:?}", sheets.iter().map(|one| &one.name).collect::<Vec<_>>());
        sheets.remove(0)
    }

    fn statuses(&self) -> BTreeMap<String, RowStatus> {
        let rows = self.sheet().rows.into_iter();
        rows.map(|row| (row.key, row.status)).collect()
    }
}

/// The files that sheets asked for, by the paths of integrations.
fn asked() -> &'static Mutex<BTreeMap<String, BTreeSet<FileAt>>> {
    static ASKED: Mutex<BTreeMap<String, BTreeSet<FileAt>>> = Mutex::new(BTreeMap::new());
    &ASKED
}

/// A row and what was seen, for messages.
fn told(row: &Row) -> String {
    let proofs = row.proofs.iter().map(|one| {
        let (file, line) = (one.file.as_deref().unwrap_or("-"), one.line.unwrap_or(0));
        format!("{:?} {} ({:?}) {file}:{line}", one.kind, one.what, one.found)
    });
    format!("{} {:?}: {}", row.key, row.status, proofs.collect::<Vec<_>>().join("; "))
}
