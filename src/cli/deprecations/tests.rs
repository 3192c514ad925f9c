use super::*;
use crate::policy::PolicySource;

const CASES: &str = "tests/cases/deprecations";

fn pack() -> Pack {
    crate::app::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn with<T>(path: &str, of: impl FnOnce(&Report<'_>, &Pack) -> T) -> T {
    let pack = pack();
    let expected = pack.lifecycle.deprecations.as_ref().expect("expected");
    let found = files::find(path.as_ref(), expected).expect("entries");
    let report = lint(&found.files, expected, calendar(&pack).unwrap_or_else(|e| panic!("{e}")));
    of(&report, &pack)
}

#[test]
fn people_read_what_is_wrong_by_file_and_a_summary() {
    let look = Look { colour: false, width: 80 };
    let text = with(CASES, |report, pack| text::told(report, pack, true, look));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_single_entry_is_told_for_programs() {
    let path = format!("{CASES}/data/deprecations/15-7-remove-flowdock-integration.yml");
    let mut json = with(&path, json::told);
    json["policies"] = "x".into();
    // The place of the exception moves with the policies.
    json["findings"][0]["exception"]["policy"]["line"] = 0.into();
    insta::assert_snapshot!(format!("{json:#}"));
    insta::assert_snapshot!(format!("{:#}", with(&path, |report, _| sarif::told(report))));
}

#[test]
fn files_are_named_from_the_top_of_the_repository() {
    let pack = pack();
    let expected = pack.lifecycle.deprecations.as_ref().expect("expected");
    let name = "data/deprecations/18-10-cache-backend.yml";
    let all = files::find(CASES.as_ref(), expected).expect("entries");
    let folder = format!("{CASES}/data/deprecations/");
    let same = files::find(folder.as_ref(), expected).expect("entries");
    assert_eq!(all.files, same.files);
    assert!(all.whole && same.whole);
    assert!(all.files.iter().all(|file| !file.path.starts_with("templates/")));
    let one = files::find(format!("{CASES}/{name}").as_ref(), expected).expect("an entry");
    assert!(!one.whole);
    assert_eq!(one.files, [all.files.iter().find(|file| file.name == name).expect("it").clone()]);
}

#[test]
fn where_there_is_no_entry_that_is_told() {
    let pack = pack();
    let expected = pack.lifecycle.deprecations.as_ref().expect("expected");
    let empty = tempfile::tempdir().expect("a folder");
    let told = files::find(empty.path(), expected).expect_err("nothing");
    assert!(told.contains("expected the top of a repository with `data/deprecations`"), "{told}");
    let told = files::find(&empty.path().join("x"), expected).expect_err("nothing");
    assert!(told.contains("cannot be read"), "{told}");
}
