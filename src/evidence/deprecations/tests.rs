use std::{fmt::Write, fs, path::Path};

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Calendar, Version},
    pack::{calendar::ReleaseCalendar, lifecycle::Lifecycle},
    policy::{PolicySource, Severity},
};

const CASES: &str = "tests/cases/deprecations/data/deprecations";

fn policies() -> (Expected, Calendar) {
    let source = PolicySource::built_in();
    let lifecycle = Lifecycle::load(&source, true).unwrap_or_else(|errors| panic!("{errors}"));
    let calendar = ReleaseCalendar::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    (lifecycle.deprecations.expect("expected"), calendar.expect("a calendar").releases)
}

fn files(dir: &Path, expected: &Expected) -> Vec<File> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        let inner = path.strip_prefix(CASES).expect("below").to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(self::files(&path, expected));
        } else if expected.is_entry(&inner) {
            let text = Some(fs::read_to_string(&path).expect("a text"));
            files.push(File { name: inner.clone(), path: inner, text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn told(report: &Report<'_>, file: &str) -> String {
    let mut out = String::new();
    for told in report.findings.iter().filter(|told| told.file == file) {
        let Finding { kind, at, message, expected } = &told.finding;
        let severity = match (told.exception, told.severity) {
            (Some(_), _) => "granted",
            (None, Severity::Mistake) => "MISTAKE",
            (None, Severity::Warning) => "warning",
            (None, Severity::Note) => "note",
        };
        let _ = writeln!(
            out,
            "  {severity} {kind} at {}:{}: {message} -> {expected}",
            at.line, at.column
        );
    }
    out
}

/// Every example with what is found in it.
#[test]
fn the_examples() {
    let (expected, calendar) = policies();
    let files = files(Path::new(CASES), &expected);
    assert!(files.len() >= 30, "{}", files.len());
    let report = lint(&files, &expected, &calendar);
    let mut out = String::new();
    for file in &files {
        let _ = writeln!(out, "{}", file.path);
        for entry in report.entries.iter().filter(|entry| entry.file == file.name) {
            let when = |said: &Option<Said<When>>| match said {
                None => "-".to_owned(),
                Some(said) => match &said.value {
                    When::Version(version) => version.to_string(),
                    other => format!("{other:?}"),
                },
            };
            let text = |said: &Option<Said<String>>| {
                said.as_ref().map_or_else(|| "-".to_owned(), |said| said.value.clone())
            };
            let _ = writeln!(
                out,
                "  {}-{} `{}` {} -> {}, support {}, breaking {:?}, by {}, {}",
                entry.first_line,
                entry.last_line,
                text(&entry.title),
                when(&entry.announcement),
                when(&entry.removal),
                when(&entry.end_of_support),
                entry.breaking,
                text(&entry.reporter),
                text(&entry.stage),
            );
        }
        out.push_str(&told(&report, &file.name));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn each_kind_of_finding_has_an_example() {
    let (expected, calendar) = policies();
    let files = files(Path::new(CASES), &expected);
    let report = lint(&files, &expected, &calendar);
    let mut kinds: Vec<&str> =
        report.findings.iter().map(|one| one.finding.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 17, "{kinds:?}");
    let page = include_str!("../../../docs/lifecycle.md");
    for kind in kinds {
        assert!(page.contains(&format!("\n| `{kind}` | ")), "{kind}");
        let read: Kind = serde_json::from_value(serde_json::json!(kind)).expect(kind);
        assert_eq!(read.as_str(), kind);
    }
}

fn entry(text: &str) -> Deprecation {
    let (expected, _) = policies();
    read("entry.yml", text, &expected).0.into_iter().next().expect("an entry")
}

#[test]
fn a_milestone_is_what_is_written() {
    for (written, is) in [
        ("18.10", Some((18, 10))),
        ("\"18.10\"", Some((18, 10))),
        ("'18.10'", Some((18, 10))),
        ("18.1", Some((18, 1))),
        ("!!str 18.10", Some((18, 10))),
        ("\"18.10 \"", Some((18, 10))),
        ("18.100", Some((18, 100))),
        ("18", None),
        ("1.81e1", None),
        ("18.10.1", None),
        ("0x12", None),
        ("v18.10", None),
    ] {
        let entry = entry(&format!("- removal_milestone: {written}\n"));
        let found = entry.removal.and_then(|said| said.value.version());
        assert_eq!(found, is.map(|(major, minor)| Version::new(major, minor)), "{written}");
    }
    // What stands elsewhere in the file is not as it was written any more.
    let aliased = entry("- announcement_milestone: &a 18.10\n  removal_milestone: *a\n");
    assert!(matches!(aliased.removal.expect("said").value, When::Unreadable(_)));
}

#[test]
fn places_are_those_of_the_values() {
    let entry = entry("# Head\n- title: x\n  removal_milestone:   \"18.10\" # yes\n\n");
    assert_eq!(entry.removal.expect("said").at, Place { line: 3, column: 24 });
    assert_eq!((entry.first_line, entry.last_line), (2, 3));
}

#[test]
fn windows_are_told_in_releases() {
    let (_, calendar) = policies();
    let window = |announcement: &str, removal: &str| {
        let text = format!(
            "- announcement_milestone: '{announcement}'\n  removal_milestone: '{removal}'\n"
        );
        window(&entry(&text), 3, &calendar)
    };
    let found = window("14.9", "15.0").expect("both are releases");
    assert_eq!((found.distance, found.holds), (2, false));
    let last = found.last_announcement.expect("known");
    assert_eq!((last.version, last.date.to_string().as_str()), (Version::new(14, 8), "2022-02-22"));
    assert!(window("14.8", "15.0").is_some_and(|found| found.holds));
    assert_eq!(window("16.4", "16.2").map(|found| found.distance), Some(-2));
    assert_eq!(window("14.8", "Pending"), None);
    assert_eq!(window("14.11", "15.0"), None, "no release");
}

#[test]
fn exceptions_cover_what_they_name_and_nothing_else() {
    let (mut expected, calendar) = policies();
    let exception = |file: &str, finding| Exception {
        files: globset::Glob::new(file).expect(file).compile_matcher(),
        finding,
        reason: "agreed".into(),
        cite: crate::model::Cite { file: "lifecycle.yml".into(), line: 1 },
    };
    expected.required.clear();
    expected.optional = vec!["announcement_milestone".into(), "removal_milestone".into()];
    expected.exceptions =
        vec![exception("a*.yml", Kind::WindowShort), exception("a*.yml", Kind::NoRelease)];
    let text = "- announcement_milestone: '17.11'\n  removal_milestone: '18.0'\n";
    let file = |name: &str| File { path: name.into(), name: name.into(), text: Some(text.into()) };
    expected.file_name = None;
    let report = lint(&[file("a.yml")], &expected, &calendar);
    assert!(!report.fails() && report.findings.len() == 1);
    let unused: Vec<Kind> = report.unused.iter().map(|one| one.finding).collect();
    assert_eq!(unused, [Kind::NoRelease]);
    let report = lint(&[file("a.yml"), file("b.yml")], &expected, &calendar);
    assert!(report.fails());
    assert_eq!(report.open().map(|told| told.file.as_str()).collect::<Vec<_>>(), ["b.yml"]);
}

/// The severities that the page tells are the usual ones.
#[test]
fn the_page_tells_how_bad_a_finding_is() {
    let page = include_str!("../../../docs/lifecycle.md");
    let mut told = 0;
    for line in page.lines() {
        let Some((kind, rest)) = line.strip_prefix("| `").and_then(|line| line.split_once("` | "))
        else {
            continue;
        };
        let Ok(kind) = serde_json::from_value::<Kind>(serde_json::json!(kind)) else { continue };
        let severity = serde_json::to_value(kind.usual_severity()).expect("a text");
        assert!(rest.starts_with(severity.as_str().expect("a text")), "{line}");
        told += 1;
    }
    assert_eq!(told, 17);
}

#[test]
fn what_is_too_large_or_no_text_is_told() {
    let (expected, calendar) = policies();
    let file = |text| File { path: "a.yml".into(), name: "a.yml".into(), text };
    let large = "# x\n".repeat(crate::evidence::MOST_BYTES / 4 + 1);
    for text in [Some(large), Some("[".repeat(100_000)), None] {
        let report = lint(&[file(text)], &expected, &calendar);
        let kinds: Vec<Kind> = report.findings.iter().map(|one| one.finding.kind).collect();
        assert_eq!((kinds, report.entries.len()), (vec![Kind::DoesNotParse], 0));
        assert!(report.fails());
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(- |  |title: |removal_milestone: |announcement_milestone: |breaking_change: |body: [|]|[0-9]{1,3}[.][0-9]{1,3}|pending|yes|[\"'\\[\\]{},:&*!#~<>%@]|\n|\t|\\PC){0,40}",
        name in "([0-9]{0,12}[-._]){0,3}\\PC{0,5}",
    ) {
        let (expected, calendar) = policies();
        let file = File { path: name.clone(), name, text: Some(text.clone()) };
        let report = lint(&[file], &expected, &calendar);
        let lines = text.lines().count().max(1) as u32;
        for told in &report.findings {
            prop_assert!(told.finding.at.line >= 1 && told.finding.at.column >= 1);
            prop_assert!(told.finding.at.line <= lines + 1, "{:?}", told.finding);
        }
        prop_assert!(!report.entries.is_empty() || !report.findings.is_empty());
    }

    #[test]
    fn bare_and_quoted_milestones_are_the_same(major in 1u32..99, minor in 0u32..130) {
        let version = Version::new(major, minor);
        for quote in ["", "'", "\""] {
            let entry = entry(&format!("- removal_milestone: {quote}{version}{quote}\n"));
            prop_assert_eq!(entry.removal.and_then(|said| said.value.version()), Some(version));
        }
    }
}
