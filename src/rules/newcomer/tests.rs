//! A small checklist on small changes.

use std::{collections::BTreeMap, sync::OnceLock};

use chrono::{DateTime, Utc};

use super::all_sheets;
use crate::{
    model::{
        AddedLines, Applied, ChangedFile, Changes, Comment, Facet, FacetValue, FileContent,
        FileStatus, LabelName, Ledger, LineSpan, Person, PiecePlace, Row, RowStatus, Sheet, Side,
        Snapshot, State, Subject, SubjectKind, Topic, Unreadable, Waiver,
    },
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile},
    rules::View,
    words::Marker,
};

const TINY: &str = r#"
about: Parts of a thing.
find:
  added: ["app/models/integrations/{name}.rb"]
  except: ["app/models/integrations/base/**"]
  labels: ["Integration::New"]
  unknown: true
values:
  version: [{ item: milestone }, { file: { path: VERSION, pattern: '^(\d+\.\d+)' } }]
  url: [{ item: url }]
lists:
  good_events: [push, issue]
maps:
  attributes: { push: push_events, issue: [issues_events, confidential_issues_events] }
sets:
  fields:
    title: fields
    in: "app/models/integrations/{path}.rb"
    query: '(call method: (identifier) @_m arguments: (argument_list . (simple_symbol) @key) (#eq? @_m "field"))'
  http:
    title: other HTTP clients
    in: ["app/models/integrations/{path}.rb", "lib/**/*.rb"]
    query: '((constant) @key (#any-of? @key "Faraday" "HTTParty"))'
  documented:
    in: "doc/{path}.md"
    markdown: codes
    under: Fields
  events:
    in: "app/models/integrations/{path}.rb"
    pattern: 'event :(?<key>\w+)'
  good_events: { list: good_events }
  event_attributes: { from: events, map: attributes }
  attributes:
    in: "app/models/integrations/{path}.rb"
    pattern: 'attribute :(?<key>\w+), default: (?<value>\w+)'
  attributes_on: { from: attributes, value: "true" }
  gems:
    in: Gemfile
    pattern: "(?m)^gem '(?<key>[^']+)'"
    lines: added
rows:
  model:
    title: The model is there
    section: Definition
    check: { file: { path: "app/models/integrations/{path}.rb" } }
  fields_documented:
    title: Each field is documented
    check: { each: { of: fields, in: documented } }
    hint: "Write `doc/{path}.md`"
    ready:
      - file: "doc/{path}.md"
        text: |
          ## Fields

          {{#each sets.fields}}
          - `{{this}}`
          {{/each}}
  http:
    title: No other HTTP client
    check: { none: http }
  events:
    title: Events are known
    check: { each: { of: events, in: good_events } }
  attributes:
    title: Events are on
    when: { some: events }
    check: { each: { of: event_attributes, in: attributes_on } }
  gems:
    title: No gem
    need: advice
    check: { none: gems }
    a_person_decides: true
  metrics:
    title: "Metric {item} of {item.what}"
    for_each: { one: { what: all }, two: { what: some } }
    check:
      yaml:
        file: "config/*_{item}_{name}.yml"
        fields:
          key: "{item}_{name}"
          milestone: { one_of: ["{version}"] }
          tiers: { list_of: [free, premium] }
  listed:
    title: The name is in the list
    check: { text: { file: app/names.rb, matches: '\b{name}\b' } }
    ready:
      - { file: app/names.rb, before: "^end$", text: "  {{name}}" }
  navigation:
    title: It is in the navigation
    need: advice
    tick: true
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.into() }
}

/// Only the small checklist, beside what the shipped policies have.
fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| {
        let mut source = PolicySource::built_in();
        for name in ["new-integration", "changed-integration"] {
            let off = "about: Off.\nmode: off\nfind: { labels: [x] }\nrows:\n  a: { title: A, tick: true }\n";
            source.insert(SourceFile::new(format!("checklists/{name}.yml"), Origin::BuiltIn, off));
        }
        source.insert(SourceFile::new("checklists/tiny.yml", Origin::BuiltIn, TINY));
        Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"))
    })
}

/// A merge request with files at head; those that it changes are listed.
struct Stage {
    pack: &'static Pack,
    snapshot: Snapshot,
    ledger: Ledger,
    files: BTreeMap<String, FileContent>,
    asked: Vec<String>,
}

impl Stage {
    fn new() -> Self {
        let subject =
            Subject { kind: SubjectKind::MergeRequest, ..Subject::gitlab_issue("a/b", 1) };
        let now = at("2026-06-01T00:00:00Z");
        let snapshot = Snapshot {
            subject,
            url: "https://forge.example/a/b/-/merge_requests/1".into(),
            title: "Add it".into(),
            description: String::new(),
            state: State::Open,
            draft: false,
            author: person(2, "ben"),
            labels: Vec::new(),
            milestone: None,
            created_at: now,
            updated_at: now,
            head: Some("c0ffee".into()),
            assignees: Vec::new(),
            reviewers: None,
            votes: Some(Default::default()),
            weight: None,
            confidential: false,
            facets: Default::default(),
        };
        let mut stage = Self {
            pack: pack(),
            snapshot,
            ledger: Ledger { known: true, ..Ledger::default() },
            files: BTreeMap::new(),
            asked: Vec::new(),
        };
        stage.snapshot.facets.changes = Some(Changes { files: Vec::new(), complete: true });
        stage.snapshot.facets.own_comments = Some(Vec::new());
        stage.snapshot.facets.label_history = Some(Vec::new());
        stage
    }

    fn changes(&mut self) -> &mut Changes {
        self.snapshot.facets.changes.as_mut().expect("there")
    }

    /// The change adds a file.
    fn adds(mut self, path: &str, text: &str) -> Self {
        let lines = LineSpan { first: 1, last: text.lines().count() as u32 };
        let added = AddedLines::Lines(vec![lines]);
        let (path, status) = (path.to_owned(), FileStatus::Added);
        self.changes().files.push(ChangedFile {
            path: path.clone(),
            status,
            added,
            previous_path: None,
        });
        self.files.insert(path, FileContent::text(text));
        self
    }

    fn has(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), FileContent::text(text));
        self
    }

    fn sheets(&mut self) -> Vec<Sheet> {
        let me = person(1, "steward");
        for _ in 0..8 {
            let now = at("2026-06-02T00:00:00Z");
            let view = View::new(&self.snapshot, &self.ledger, self.pack, &me, now);
            let sheets = all_sheets(&view);
            let needs = view.needs();
            if needs.is_empty() {
                return sheets.into_iter().filter(|sheet| sheet.checklist == "tiny").collect();
            }
            for facet in needs {
                let value = match &facet {
                    Facet::File(file) => {
                        assert_eq!(file.side, Side::Head);
                        self.asked.push(file.path.clone());
                        let found = self.files.get(&file.path).cloned();
                        FacetValue::File(found.unwrap_or(FileContent::Absent))
                    }
                    Facet::Label(name) => FacetValue::Label(Some(name.clone())),
                    other => panic!("{other} is read before"),
                };
                self.snapshot.fill(&facet, value);
            }
        }
        panic!("it keeps asking")
    }

    fn sheet(&mut self) -> Sheet {
        let mut sheets = self.sheets();
        assert_eq!(sheets.len(), 1, "{sheets:#?}");
        sheets.remove(0)
    }
}

const MODEL: &str = "app/models/integrations/foo_bar.rb";
const GOOD: &str = "class FooBar\n  field :url\n  field :token\n  event :push\n  \
                    attribute :push_events, default: true\nend\n";

fn good() -> Stage {
    Stage::new()
        .adds(MODEL, GOOD)
        .adds("doc/foo_bar.md", "# Foo\n\n## Fields\n\n`url` and `token`\n\n## More\n\n`other`\n")
        .adds(
            "config/20250101_one_foo_bar.yml",
            "key: one_foo_bar\nmilestone: \"18.10\"\ntiers: [free]\n",
        )
        .adds(
            "config/20250101_two_foo_bar.yml",
            "key: two_foo_bar\nmilestone: '18.10'\ntiers: [free, premium]\n",
        )
        .has("app/names.rb", "names\n  foo_bar\nend\n")
        .has("VERSION", "18.10.0-pre\n")
}

fn row(sheet: &Sheet, key: &str) -> Row {
    sheet.rows.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("no row {key}")).clone()
}

/// The rows that neither pass nor are mere advice, with their first proof.
fn wrong(sheet: &Sheet) -> Vec<String> {
    let told = |row: &Row| {
        let proof = row.proofs.first().map(|proof| {
            let place = proof.file.as_ref().map(|file| match proof.line {
                Some(line) => format!(" {file}:{line}"),
                None => format!(" {file}"),
            });
            let found = proof.found.as_ref().map(|found| format!(" not {found}"));
            format!(
                "{:?} {}{}{}",
                proof.kind,
                proof.what,
                found.unwrap_or_default(),
                place.unwrap_or_default()
            )
        });
        format!("{} {:?}: {}", row.key, row.status, proof.unwrap_or_default())
    };
    let odd = sheet.rows.iter().filter(|row| {
        !matches!(row.status, RowStatus::Pass | RowStatus::NotApplicable) && row.key != "navigation"
    });
    odd.map(told).collect()
}

#[test]
fn a_change_with_everything_passes() {
    let sheet = good().sheet();
    assert_eq!((sheet.name.as_str(), sheet.title.as_str()), ("foo_bar", "Foo Bar"));
    assert_eq!(wrong(&sheet), Vec::<String>::new());
    assert!(sheet.is_complete());
    let row = row(&sheet, "metrics_two");
    assert_eq!((row.title.as_str(), row.section.as_str()), ("Metric two of some", "Definition"));
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    let model = "class FooBar\n  field :url\n  field :secret\n  event :push\n  event :wiki\n  \
                 Faraday.get(url)\nend\n";
    let mut stage = Stage::new()
        .adds(MODEL, model)
        .adds("doc/foo_bar.md", "## Fields\n\n`url`\n")
        .adds("config/1_one_foo_bar.yml", "key: one_foo\nmilestone: 18.10\ntiers: []\n")
        .has("app/names.rb", "names\nend\n")
        .has("VERSION", "18.10.0-pre\n");
    let sheet = stage.sheet();
    let told = [
        "fields_documented Missing: NotFound secret app/models/integrations/foo_bar.rb:3",
        "http Missing: Forbidden Faraday app/models/integrations/foo_bar.rb:6",
        "events Missing: NotFound wiki app/models/integrations/foo_bar.rb:5",
        "attributes Missing: NotFound push_events app/models/integrations/foo_bar.rb:4",
        "metrics_one Missing: Differs key: \"one_foo_bar\" not \"one_foo\" config/1_one_foo_bar.yml:1",
        "metrics_two Missing: FileAbsent config/*_two_foo_bar.yml",
        "listed Missing: NotFound \\bfoo_bar\\b app/names.rb",
    ];
    assert_eq!(wrong(&sheet), told);
    assert!(!sheet.is_complete());
    let metric = row(&sheet, "metrics_one");
    let told: Vec<_> = metric.proofs.iter().map(|one| (&*one.what, one.found.as_deref())).collect();
    let wanted = [
        ("key: \"one_foo_bar\"", Some("\"one_foo\"")),
        ("milestone: \"18.10\"", Some("18.1")),
        ("tiers: [free, premium]", Some("[]")),
    ];
    assert_eq!(told, wanted, "a number is not a text");
}

#[test]
fn a_missing_piece_is_ready_and_a_file_that_is_there_is_not_written_anew() {
    let mut stage = Stage::new().adds(MODEL, GOOD).has("app/names.rb", "a\nend\nb\nend\nc\n");
    let sheet = stage.sheet();
    let docs = row(&sheet, "fields_documented").ready;
    assert_eq!(docs.len(), 1);
    assert_eq!((docs[0].path.as_str(), &docs[0].place), ("doc/foo_bar.md", &PiecePlace::NewFile));
    assert_eq!(docs[0].text, "## Fields\n\n- `url`\n- `token`\n");
    let listed = row(&sheet, "listed").ready;
    assert_eq!(
        (&listed[0].place, listed[0].text.as_str()),
        (&PiecePlace::Before(4), "  foo_bar\n")
    );
    let mut stage = good();
    stage.files.insert("doc/foo_bar.md".into(), FileContent::text("nothing"));
    let row = row(&stage.sheet(), "fields_documented");
    assert_eq!((row.status, row.ready), (RowStatus::Missing, Vec::new()));
}

#[test]
fn what_cannot_be_looked_into_proves_nothing() {
    let unreadable = |why| FileContent::Unreadable(why);
    for (path, content, told) in [
        (MODEL, unreadable(Unreadable::NotText), "fields_documented CannotTell: NotText  app"),
        (MODEL, unreadable(Unreadable::TooLarge { most: 9 }), "http CannotTell: TooLarge 9 app"),
        (MODEL, FileContent::text("class Foo <<<\n"), "http CannotTell: DoesNotParse"),
        (
            "doc/foo_bar.md",
            unreadable(Unreadable::TooLarge { most: 9 }),
            "fields_documented CannotTell",
        ),
        ("config/20250101_one_foo_bar.yml", FileContent::text("a: [\n"), "metrics_one CannotTell"),
        ("app/names.rb", unreadable(Unreadable::NotText), "listed CannotTell: NotText"),
        ("VERSION", FileContent::Absent, "metrics_one CannotTell: ValueUnknown version"),
    ] {
        let mut stage = good();
        stage.files.insert(path.into(), content);
        let wrong = wrong(&stage.sheet());
        assert!(wrong.iter().any(|one| one.starts_with(told)), "{path}: {told} in {wrong:#?}");
        assert!(wrong.iter().all(|one| one.contains("CannotTell")), "{path}: {wrong:#?}");
    }
}

#[test]
fn a_cut_list_of_files_leaves_open_what_is_not_in_it() {
    let mut stage = good();
    stage.changes().complete = false;
    stage.changes().files.retain(|file| !file.path.contains("_two_"));
    let wrong = wrong(&stage.sheet());
    let told = "metrics_two CannotTell: ListCut config/*_two_foo_bar.yml";
    assert!(wrong.contains(&told.to_owned()), "{wrong:#?}");
    let mut stage = Stage::new();
    stage.changes().complete = false;
    assert_eq!(stage.sheets(), [], "nobody can tell whether it is an integration");
}

#[test]
fn only_added_lines_count_where_the_policy_says_so() {
    let gemfile = |added| {
        let mut stage = good().has("Gemfile", "gem 'old'\ngem 'new'\n");
        stage.changes().files.push(ChangedFile {
            path: "Gemfile".into(),
            added,
            ..Default::default()
        });
        row(&stage.sheet(), "gems")
    };
    let second = gemfile(AddedLines::Lines(vec![LineSpan { first: 2, last: 2 }]));
    assert_eq!(second.status, RowStatus::CannotTell, "a person decides");
    assert_eq!((second.proofs[0].what.as_str(), second.proofs[0].line), ("new", Some(2)));
    assert_eq!(gemfile(AddedLines::Lines(vec![])).status, RowStatus::Pass);
    assert_eq!(gemfile(AddedLines::NotShown).status, RowStatus::CannotTell);
    let untouched = good().has("Gemfile", "gem 'old'\n").sheet();
    assert_eq!(row(&untouched, "gems").status, RowStatus::Pass);
}

#[test]
fn a_box_that_a_person_ticked_counts_as_claimed() {
    let mut stage = good();
    let marker = Marker {
        topic: "tiny".parse::<Topic>().expect("a topic"),
        rule: String::new(),
        labels: vec![],
        applied: vec![],
        rules: vec![],
    };
    let body =
        |tick| format!("- [{tick}] It is <!-- row:foo_bar/navigation -->\n\n{}", marker.to_line());
    let comment =
        |tick| Comment { id: 1, body: body(tick), created_at: at("2026-06-01T00:00:00Z") };
    stage.snapshot.facets.own_comments = Some(vec![comment(" ")]);
    assert_eq!(row(&stage.sheet(), "navigation").status, RowStatus::Missing);
    stage.snapshot.facets.own_comments = Some(vec![comment("x")]);
    assert_eq!(row(&stage.sheet(), "navigation").status, RowStatus::Claimed);
}

#[test]
fn a_waiver_holds_for_its_row_alone_and_only_while_the_row_needs_it() {
    let waived = |row: &str, name: &str| Applied::Waived {
        waiver: Waiver {
            checklist: "tiny".into(),
            name: name.into(),
            row: row.into(),
            by_id: 7,
            by: "anna".into(),
            why: "not this time".into(),
            at: at("2026-06-01T00:00:00Z"),
        },
    };
    let mut stage = Stage::new().adds(MODEL, GOOD).has("app/names.rb", "foo_bar");
    stage.ledger.applied = vec![
        waived("metrics_one", "foo_bar"),
        waived("metrics_two", "other"),
        waived("listed", "foo_bar"),
    ];
    let sheet = stage.sheet();
    let one = row(&sheet, "metrics_one");
    assert_eq!(
        (one.status, one.waiver.map(|waiver| waiver.by)),
        (RowStatus::Waived, Some("anna".into()))
    );
    assert_eq!(row(&sheet, "metrics_two").status, RowStatus::Missing);
    let listed = row(&sheet, "listed");
    assert_eq!((listed.status, listed.waiver), (RowStatus::Pass, None));
}

#[test]
fn a_change_is_a_newcomer_by_its_model_or_by_a_label() {
    let mut stage =
        Stage::new().adds("app/models/integrations/base/foo.rb", "").adds("lib/x.rb", "");
    assert_eq!(stage.sheets(), []);
    stage.snapshot.labels = vec![LabelName::new("Integration::FooBar")];
    let sheet = stage.sheet();
    assert_eq!((sheet.name.as_str(), sheet.file), ("foo_bar", None));
    assert_eq!(row(&stage.sheet(), "model").status, RowStatus::Missing);
    let mut two = Stage::new()
        .adds(MODEL, GOOD)
        .adds("app/models/integrations/cloud/store.rb", "class Store\nend\n")
        .adds("app/models/integrations/Bad Name.rb", "");
    let names: Vec<String> = two.sheets().into_iter().map(|sheet| sheet.name).collect();
    assert_eq!(names, ["foo_bar", "cloud_store"]);
    let mut renamed = Stage::new().adds(MODEL, GOOD);
    let file = &mut renamed.changes().files[0];
    (file.status, file.previous_path) =
        (FileStatus::Renamed, Some("app/models/integrations/old.rb".into()));
    assert_eq!(renamed.sheets(), [], "it was there before");
}

#[test]
fn each_file_is_asked_for_once_and_none_that_nobody_needs() {
    let mut stage = good();
    stage.sheet();
    stage.asked.sort();
    let mut once = stage.asked.clone();
    once.dedup();
    assert_eq!(stage.asked, once);
    assert!(!stage.asked.contains(&"Gemfile".to_owned()), "the change leaves it alone");
}
