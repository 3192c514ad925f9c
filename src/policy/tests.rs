use std::fmt::Write as _;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Team {
    name: Located<String>,
    #[serde(default)]
    rationale: Option<String>,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    size: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Teams {
    teams: LocatedMap<Team>,
}

fn file(text: &str) -> SourceFile {
    SourceFile::new("teams.yml", Origin::BuiltIn, text)
}

fn error(text: &str) -> PolicyError {
    parse::<Teams>(&file(text)).expect_err("the text has a mistake")
}

fn drawn(error: PolicyError) -> String {
    render(&error.into(), false, 100)
}

#[test]
fn keys_and_values_know_their_place() {
    let text = "teams:\n  red:\n    name: Rot\n  blue:\n    name: \"Blau\"\n";
    let teams = parse::<Teams>(&file(text)).expect("valid").teams.0;
    let (key, team) = &teams[1];
    assert_eq!((key.value.as_str(), key.span.line, key.span.column), ("blue", 4, 3));
    assert_eq!(&text[key.span.offset..][..key.span.len], "blue");
    assert_eq!((team.name.value.as_str(), team.name.line()), ("Blau", 5));
    assert_eq!(&text[team.name.span.offset..][..team.name.span.len], "\"Blau\"");
}

#[test]
fn a_typo_in_a_key_is_underlined_with_the_nearest_key() {
    let error = error("teams:\n  red:\n    name: Rot\n    rationle: colour\n");
    assert_eq!(error.to_string(), "policies/teams.yml:4:5: unknown field `rationle`");
    insta::assert_snapshot!(drawn(error), @r#"
     × unknown field `rationle`
      ╭─[policies/teams.yml:4:5]
    3 │     name: Rot
    4 │     rationle: colour
      ·     ────┬───
      ·         ╰── not a field here
      ╰────
     help: did you mean `rationale`? Valid here: `name`, `rationale`, `active`, `size`
    "#);
}

#[test]
fn a_key_written_twice_is_refused() {
    let error = error("teams:\n  red: {name: a}\n  red: {name: b}\n");
    insta::assert_snapshot!(drawn(error), @r#"
     × the key `red` is written twice
      ╭─[policies/teams.yml:3:3]
    2 │   red: {name: a}
    3 │   red: {name: b}
      ·   ─┬─
      ·    ╰── second time here
      ╰────
    "#);
}

#[test]
fn tabs_are_explained() {
    insta::assert_snapshot!(drawn(error("teams:\n\tred:\n\t\tname: a\n")), @r#"
     × tabs disallowed within this context (block indentation)
      ╭─[policies/teams.yml:2:2]
    1 │ teams:
    2 │     red:
      ·     ────
    3 │         name: a
      ╰────
     help: indent with spaces: YAML does not allow tabs
    "#);
}

#[test]
fn a_wrong_type_says_what_was_expected() {
    insta::assert_snapshot!(drawn(error("teams:\n  red:\n    name: a\n    size: big\n")), @r#"
     × expected a whole number, not negative, found `big`
      ╭─[policies/teams.yml:4:11]
    3 │     name: a
    4 │     size: big
      ·           ───
      ╰────
    "#);
    insta::assert_snapshot!(drawn(error("teams: [red]\n")), @r#"
     × expected a mapping: lines of `key: value`
      ╭─[policies/teams.yml:1:8]
    1 │ teams: [red]
      ·        ─────
      ╰────
    "#);
}

#[test]
fn only_true_and_false_are_booleans() {
    insta::assert_snapshot!(drawn(error("teams:\n  red:\n    name: a\n    active: yes\n")), @r#"
     × expected `true` or `false`
      ╭─[policies/teams.yml:4:13]
    3 │     name: a
    4 │     active: yes
      ·             ───
      ╰────
     help: `yes`, `no`, `on` and `off` are not taken for booleans
    "#);
}

#[test]
fn a_missing_field_points_at_its_entry() {
    let error = error("teams:\n  red:\n    size: 3\n  blue:\n    name: b\n");
    assert!(matches!(error.line(), Some(2 | 3)), "{error}");
}

#[test]
fn an_alias_bomb_is_stopped() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        let _ = writeln!(text, "a{n}: &a{n} [{items}]");
    }
    let error = parse::<serde_json::Value>(&file(&text)).expect_err("a bomb");
    assert!(error.message().starts_with("the file asks for too much"), "{error}");
}

#[test]
fn deep_nesting_is_stopped() {
    let text = format!("a: {}{}\n", "[".repeat(500), "]".repeat(500));
    parse::<serde_json::Value>(&file(&text)).expect_err("too deep");
}

#[test]
fn an_empty_file_and_a_file_of_comments_say_so() {
    for text in ["", "\n\n", "# nothing yet\n---\n"] {
        assert_eq!(error(text).to_string(), "policies/teams.yml: the file is empty");
    }
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let text = "#".repeat(1024 * 1024 + 1);
    assert!(error(&text).message().contains("1024 KiB"));
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in [
        "\u{feff}teams: {}",
        "%YAML 9.9\n---\n",
        "teams: !!binary x",
        "é: \u{7}",
        "\"",
        "- \t-",
        "? a\n: b",
        "--- a\n--- b",
        "&a *a",
        "teams: &t\n  x: *t",
        "'",
        "a: |\n\tb",
        "\u{202e}x: y",
        "\r\n\r",
    ] {
        if let Err(error) = parse::<Teams>(&file(text)) {
            assert!(!drawn(error).contains('\u{202e}'));
        }
    }
}

#[test]
fn an_overlay_replaces_files_and_reports_what_it_cannot_read() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("catalog")).expect("mkdir");
    std::fs::write(dir.path().join("catalog/groups.yml"), "groups: {}\n").expect("write");
    std::fs::write(dir.path().join("README.md"), "notes").expect("write");
    let source = PolicySource::with_overlay(dir.path()).expect("readable");
    let groups = source.file("catalog/groups.yml").expect("overlaid");
    assert_eq!(&*groups.text, "groups: {}\n");
    assert_eq!(groups.display_name(), dir.path().join("catalog/groups.yml").display().to_string());
    assert!(source.file("README.md").is_none());
    assert!(source.files("catalog/integrations/").count() > 5, "the rest stays built in");
    assert_ne!(source.version(), PolicySource::built_in().version());

    std::fs::write(dir.path().join("latin.yml"), b"a: b\nname: caf\xe9\n").expect("write");
    std::fs::write(dir.path().join("big.yml"), vec![b'#'; 1024 * 1024 + 1]).expect("write");
    let errors = PolicySource::with_overlay(dir.path()).expect_err("two bad files");
    let mut lines: Vec<String> =
        errors.iter().map(|e| e.to_string().replace(&*dir.path().to_string_lossy(), "")).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "/big.yml: the file is larger than 1024 KiB, the limit for a policy file",
            "/latin.yml: the file is not UTF-8 text (line 2, byte 14)",
        ]
    );
}

#[test]
fn a_file_that_nothing_reads_is_named_with_the_nearest_one() {
    let source = PolicySource::from_files([
        ("catalog/group.yml", "x"),
        ("catalog/integrations/a.yml", "x"),
        ("catalog/integrations/deep/a.yml", "x"),
    ]);
    let errors = source.unread(&["catalog/groups.yml", "catalog/integrations/*.yml"]);
    assert_eq!(errors.0.len(), 2);
    assert_eq!(errors.0[0].help_text(), Some("did you mean `catalog/groups.yml`?"));
}

#[test]
fn the_version_depends_on_every_path_and_text() {
    let version = |files: &[(&str, &str)]| {
        PolicySource::from_files(files.iter().map(|(p, t)| (*p, *t))).version()
    };
    assert_eq!(version(&[("a", "bc")]).len(), 12);
    assert_ne!(version(&[("a", "bc")]), version(&[("ab", "c")]));
    assert_eq!(version(&[("a", "1"), ("b", "2")]), version(&[("b", "2"), ("a", "1")]));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_explained(text in "(teams|name|red|: |\n|  |\t|- |&a |\\*a|!!x |\"|'|\\[|\\{|\\}|é|\u{7}|>|\\||# |\u{feff}|---\n|\r){0,40}") {
        let errors = [
            parse::<Teams>(&file(&text)).err(),
            parse::<serde_json::Value>(&file(&text)).err(),
        ];
        for error in errors.into_iter().flatten() {
            let drawn = drawn(error);
            proptest::prop_assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'));
        }
        if let Ok(teams) = parse::<Teams>(&file(&text)) {
            for (key, team) in teams.teams.0 {
                for at in [key.span, team.name.span] {
                    drawn(PolicyError::new(&file(&text), at, "here"));
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn links_stay_inside_the_directory() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().expect("a directory");
    let outside = tempfile::tempdir().expect("a directory");
    // As Kubernetes mounts a ConfigMap.
    let mounted = dir.path().join("..2024_01_01");
    std::fs::create_dir(&mounted).expect("a directory");
    std::fs::write(mounted.join("routing.yml"), "a: 1\n").expect("written");
    symlink("..2024_01_01", dir.path().join("..data")).expect("a link");
    symlink("..data/routing.yml", dir.path().join("routing.yml")).expect("a link");
    // The directory itself may be reached through a link.
    let link = outside.path().join("policies");
    symlink(dir.path(), &link).expect("a link");
    let source = PolicySource::from_dir(&link).expect("read");
    assert_eq!(source.file("routing.yml").map(|file| &*file.text), Some("a: 1\n"));

    std::fs::write(outside.path().join("secret"), "token").expect("written");
    symlink(outside.path().join("secret"), dir.path().join("footer.hbs")).expect("a link");
    symlink(outside.path(), dir.path().join("templates")).expect("a link");
    let errors = PolicySource::from_dir(dir.path()).expect_err("refused");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|error| error.contains("leaves the directory")), "{told:?}");
}
