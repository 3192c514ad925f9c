use rstest::rstest;

use super::*;
use crate::{
    evidence::deprecations::Kind,
    policy::{Origin, Severity, SourceFile},
};

fn gitlab() -> Expected {
    let loaded = Lifecycle::load(&PolicySource::built_in(), true);
    loaded.unwrap_or_else(|errors| panic!("{errors}")).deprecations.expect("expected")
}

#[test]
fn what_gitlab_expects_of_entries() {
    let expected = gitlab();
    assert_eq!((expected.folder.as_str(), expected.window), ("data/deprecations", 3));
    assert!(expected.breaking_in_majors);
    assert!(expected.is_entry("18-7-slack.yml") && expected.is_entry("archive/13-0-old.yml"));
    assert!(!expected.is_entry("templates/example.yml") && !expected.is_entry("README.md"));
    let exception = expected.exceptions.first().expect("an exception");
    assert_eq!(exception.finding, Kind::WindowShort);
    assert!(exception.cite.to_string().starts_with("policies/lifecycle.yml:"));
    let text = include_str!("../../../policies/lifecycle.yml");
    let line = text.lines().nth(exception.cite.line - 1).expect("a line");
    assert!(line.contains("flowdock"), "{line}");
}

#[test]
fn a_pack_without_the_file_expects_nothing() {
    let source = PolicySource::pack("home-assistant").expect("built in");
    let loaded = Lifecycle::load(&source, false).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(loaded.deprecations.is_none());
}

#[test]
fn a_folder_replaces_what_the_built_in_policies_expect() {
    let mut own = PolicySource::default();
    let text = "deprecations:\n  folder: /changes/removals/\n  window: 2\n  severity: { file_name: note }\n";
    own.insert(SourceFile::new(FILE, Origin::File("own/lifecycle.yml".into()), text));
    let loaded = Lifecycle::load(&PolicySource::built_in().overlaid(own), true);
    let expected = loaded.expect("valid").deprecations.expect("expected");
    assert_eq!((expected.folder.as_str(), expected.window), ("changes/removals", 2));
    assert_eq!(expected.severity_of(Kind::FileName), Severity::Note);
    assert_eq!(expected.severity_of(Kind::WindowShort), Severity::Mistake);
    assert!(expected.exceptions.is_empty() && expected.required.is_empty());
}

const WHOLE: &str = "\
deprecations:
  folder: data/deprecations
  required: [title]
  window: 3
  exceptions:
    - { file: a.yml, finding: window_short, reason: It was agreed. }
";

#[rstest]
#[case(", reason: It was agreed. }", " }", "6:22: the field `reason` is missing")]
#[case("reason: It was agreed.", "reason: ''", "6:53: an exception without a reason")]
#[case("window_short,", "window_shor,", "6:31: unknown value `window_shor`")]
#[case(
    "It was agreed. }",
    "It was agreed. }\n    - { file: a.yml, finding: window_short, reason: x }",
    "7:7: there is an exception for `window_short` of `a.yml` already"
)]
#[case(
    "file: a.yml",
    "file: 'a[.yml'",
    "6:15: not a pattern for paths: unclosed character class; missing ']'"
)]
#[case("window: 3", "window: 0", "4:11: `window` is a number from 1 to 100")]
#[case(
    "folder: data/deprecations",
    "folder: ../data",
    "2:11: `../data` is no folder of a repository"
)]
#[case("[title]", "[title, title]", "3:21: the key `title` is there twice")]
#[case(
    "window: 3",
    "window: 3\n  file_name: '^\\d+'",
    "5:14: the pattern does not tell which announcement a name tells"
)]
#[case("window: 3", "window: 3\n  pendng: [x]", "5:3: unknown field `pendng`")]
fn a_mistake_is_told_at_its_place(#[case] right: &str, #[case] wrong: &str, #[case] told: &str) {
    let text = WHOLE.replace(right, wrong);
    assert_ne!(text, WHOLE);
    let errors = Lifecycle::load(&PolicySource::from_files([(FILE, text)]), true).expect_err(wrong);
    assert_eq!(errors.to_string(), format!("policies/lifecycle.yml:{told}"));
}

#[test]
fn the_example_of_the_page_loads() {
    let page = include_str!("../../../docs/lifecycle.md");
    let example = page.split("```yaml\n").nth(2).and_then(|rest| rest.split("```").next());
    let source = PolicySource::from_files([(FILE, example.expect("an example"))]);
    let loaded = Lifecycle::load(&source, true).unwrap_or_else(|errors| panic!("{errors}"));
    let expected = loaded.deprecations.expect("expected");
    assert_eq!((expected.window, expected.exceptions.len()), (3, 1));
}

#[test]
fn windows_want_a_calendar() {
    let source = PolicySource::from_files([(FILE, WHOLE)]);
    let errors = Lifecycle::load(&source, false).expect_err("no calendar");
    assert_eq!(
        format!("{errors:?}"),
        "PolicyErrors([policies/lifecycle.yml:4:11: a window is counted in releases, and there is no \
         calendar (write `calendar.yml` (docs/lifecycle.md))])"
    );
}
