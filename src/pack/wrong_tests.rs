//! Policy files with mistakes as people make them, each told as its author reads it.
//!
//! A case is a folder that is laid over the built-in policies; what is told is a snapshot.

use std::path::{Path, PathBuf};

use super::Pack;
use crate::{
    plan,
    policy::{Origin, PolicyErrors, PolicySource, SourceFile, render},
};

const CASES: &str = "tests/cases/wrong-policies";

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(CASES).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("a case").path()).collect();
    cases.sort();
    cases
}

fn load(dir: &Path) -> Result<(), PolicyErrors> {
    let pack = Pack::load(&PolicySource::with_overlay(dir)?)?;
    plan::rehearse(&pack)
}

#[test]
fn each_mistake_is_told_at_its_token() {
    let cases = cases();
    assert!(cases.len() >= 20);
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let errors = load(&case).expect_err(&name);
        assert!(!errors.is_empty(), "{name}");
        let told = render(&errors, false, 100);
        insta::with_settings!({ snapshot_path => "snapshots/wrong", omit_expression => true,
            prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, told);
        });
    }
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_read() {
    let text = "#".repeat(crate::policy::MAX_FILE_BYTES as usize + 1);
    let mut source = PolicySource::built_in();
    source.insert(SourceFile::new("routing.yml", Origin::BuiltIn, text));
    let errors = Pack::load(&source).expect_err("too large").to_string();
    assert!(errors.contains("the file is larger than 1024 KiB"), "{errors}");
}

/// One of the pack's files, with a piece of it cut out, doubled or replaced by something odd.
fn changed(pick: usize, from: usize, len: usize, with: &str) -> PolicySource {
    let mut source = PolicySource::built_in();
    let team = "rules:\n  a:\n    about: x\n    when: { label: bug }\n    then: { labels: { add: [y] } }\n";
    source.insert(SourceFile::new("rules/team.yml", Origin::BuiltIn, team));
    let files: Vec<SourceFile> = source.files("").cloned().collect();
    let file = &files[pick % files.len()];
    let chars: Vec<char> = file.text.chars().collect();
    let from = from % (chars.len() + 1);
    let to = (from + len).min(chars.len());
    let text: String = chars[..from]
        .iter()
        .copied()
        .chain(with.chars())
        .chain(chars[to..].iter().copied())
        .collect();
    source.insert(SourceFile::new(file.path.clone(), Origin::BuiltIn, text));
    source
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// As `fuzz/fuzz_targets/load.rs`, for every day.
    #[test]
    fn loading_never_panics(
        pick in 0usize..100,
        from in 0usize..20_000,
        len in 0usize..40,
        with in "([a-z]|[:\\-\\[\\]{}&*!|>'\"%@`,?#\n\t \u{0}\u{feff}é\u{202e}]|\\{\\{|\\}\\}|\\{\\{> |<<: |\n  - ){0,12}",
    ) {
        if let Err(errors) = Pack::load(&changed(pick, from, len, &with)) {
            proptest::prop_assert!(!errors.is_empty());
            render(&errors, false, 80);
            crate::policy::json(&errors.findings());
        }
    }
}
