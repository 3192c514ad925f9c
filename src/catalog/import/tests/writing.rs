use proptest::prelude::*;

use super::*;

/// Plans the edits, applies them and checks that planning again finds nothing to do.
fn edited(text: &str, prune: bool) -> edit::Edits {
    let mut source = source();
    let page = page(text);
    assert!(page.problems.is_empty(), "{}", page.problems);
    let catalog = catalog_of(&source);
    let difference = diff::compare(&page, &catalog);
    let edits = edit::plan(&source, &catalog, &page, &difference, prune)
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    for (path, text) in &edits {
        source.insert(SourceFile::new(path.as_str(), Origin::BuiltIn, text.as_str()));
    }
    let again = diff::compare(&page, &catalog_of(&source));
    assert!(again.added.is_empty() && again.changed.is_empty(), "{again}");
    assert!(!prune || again.is_empty(), "{again}");
    edits
}

#[test]
fn writing_keeps_comments_order_and_hand_made_fields() {
    let text = PAGE
        .replace("group Plan:Project Management | Core", "Pipeline Execution | No: ")
        .replace("| Redmine |", "| [Redmine](https://docs.test/redmine#top) (deprecated) |");
    let edits = edited(&text, false);
    assert_eq!(edits.keys().collect::<Vec<_>>(), ["catalog/integrations/trackers.yml"]);
    insta::assert_snapshot!(edits["catalog/integrations/trackers.yml"], @r#"
    # Trackers, in the order of the page.
    category: External Issue Trackers
    integrations:
      # The big one.
      jira:
        name: Jira issue integration
        group: pipeline_execution # for now
        rationale: "No: : issue tracking"
        docs: https://docs.test/jira
        kind: model
        code_names: [jira]
        label: Jira
        aliases: [Jira issues]

      # Kept for its users.
      redmine:
        name: Redmine
        group: project_management
        rationale: Issues
        docs: https://docs.test/redmine#top
        kind: model
        code_names: [redmine]
        label: Redmine
        lifecycle: deprecated
        note: |
          A long
          note.
    "#);
}

#[test]
fn a_link_that_is_gone_takes_its_line_with_it() {
    let text =
        PAGE.replace("[Jira issue integration](https://docs.test/jira)", "Jira issue integration");
    let edits = edited(&text, false);
    let written = &edits["catalog/integrations/trackers.yml"];
    assert_eq!(written, &TRACKERS.replace("    docs: https://docs.test/jira\n", ""));
}

#[test]
fn new_rows_are_added_with_what_can_be_derived() {
    let text = format!(
        "{}| 3scale API: integration | Project Management | \"quoted\" |\n\n## Chat\n\n\
         | Integration | DRI Group | Rationale |\n|---|---|---|\n\
         | [Team talk](https://docs.test/talk) (removed) | Project Management | r |\n",
        PAGE.replace("| under group", "| group")
            .replace("Notes | Integration | DRI group |", "Integration | DRI group |")
            .replace(
                "| rationale | Integration | DRI group |",
                "| Integration | DRI group | rationale |"
            )
            .replace("|:--|---|---|--:|", "|---|---|---|")
            .replace(
                "| Pipelines | - | Jenkins | group Verify:Pipeline Execution |",
                "| Jenkins | Pipeline Execution | Pipelines |"
            )
    );
    let edits = edited(&text, false);
    insta::assert_snapshot!(edits["catalog/integrations/ci_cd.yml"], @r#"
    category: CI/CD Integrations
    integrations:
      jenkins:
        name: Jenkins
        group: pipeline_execution
        rationale: Pipelines
        kind: model
        code_names: [jenkins]
        label: Jenkins

      # Taken from the ownership page: check label and kind.
      integration_3scale_api:
        name: "3scale API: integration"
        group: project_management
        rationale: "\"quoted\""
        kind: routing_only
        label: "3scaleAPI"
        aliases:
          - "3scale API"
    "#);
    insta::assert_snapshot!(edits["catalog/integrations/chat.yml"], @r#"
    category: Chat
    integrations:
      # Taken from the ownership page: check label and kind.
      team_talk:
        name: Team talk
        group: project_management
        rationale: r
        docs: https://docs.test/talk
        kind: routing_only
        label: TeamTalk
        aliases:
          - Team talk
        lifecycle: removed
    "#);
}

#[test]
fn a_row_whose_label_is_taken_is_left_to_a_person() {
    let text = format!(
        "{}\n## Chat\n\n| Integration | DRI Group | Rationale |\n|---|---|---|\n| Jira-issues! | Project Management | r |\n",
        PAGE
    );
    let (source, page) = (source(), page(&text));
    let catalog = catalog_of(&source);
    let difference = diff::compare(&page, &catalog);
    let errors = edit::plan(&source, &catalog, &page, &difference, false).expect_err("taken");
    assert!(errors.to_string().contains("belongs to `jira` already"), "{errors}");
}

#[test]
fn removed_rows_stay_until_pruned() {
    let text = PAGE.replace("| Redmine | Project Management | Issues |\n", "");
    assert!(edited(&text, false).is_empty());
    let edits = edited(&text, true);
    let written = &edits["catalog/integrations/trackers.yml"];
    let (kept, _) = TRACKERS.split_once("\n  # Kept").expect("two entries");
    assert_eq!(written, kept);
}

#[test]
fn a_row_that_moves_takes_its_entry_along() {
    let row = "| Redmine | Project Management | Issues |\n";
    let text = PAGE.replace(row, "").replace(
        "| Pipelines | - | Jenkins |",
        "| Issues | - | Redmine | Project Management |\n| Pipelines | - | Jenkins |",
    );
    let edits = edited(&text, false);
    assert!(
        edits["catalog/integrations/ci_cd.yml"]
            .contains("\n\n  # Kept for its users.\n  redmine:\n")
    );
    assert!(edits["catalog/integrations/ci_cd.yml"].ends_with("      note.\n"));
    // The last entry may go, too, and come back.
    let text =
        PAGE.replace("| Pipelines | - | Jenkins | under group Verify:Pipeline Execution |\n", "");
    let edits = edited(&text, true);
    assert_eq!(
        edits["catalog/integrations/ci_cd.yml"],
        "category: CI/CD Integrations\nintegrations: {}\n"
    );
}

#[test]
fn a_style_that_cannot_be_edited_is_refused_whole() {
    let mut source = source();
    let text = "category: CI/CD Integrations\nintegrations:\n  jenkins: {name: Jenkins, group: pipeline_execution, rationale: Pipelines, kind: model, code_names: [jenkins], label: Jenkins}\n";
    source.insert(SourceFile::new("catalog/integrations/ci_cd.yml", Origin::BuiltIn, text));
    let page = page(&PAGE.replace("| Pipelines |", "| Builds |"));
    let catalog = catalog_of(&source);
    let difference = diff::compare(&page, &catalog);
    let errors = edit::plan(&source, &catalog, &page, &difference, false).expect_err("flow style");
    assert_eq!(
        errors.to_string(),
        "policies/catalog/integrations/ci_cd.yml:3:66: `rationale` cannot be edited automatically here"
    );
}

#[test]
fn the_command_checks_writes_and_then_agrees() {
    let dir = tempfile::tempdir().expect("a directory");
    let page_path = dir.path().join("page.md");
    std::fs::write(&page_path, PAGE.replace("| Redmine |", "| Linear |")).expect("write");
    let policies = dir.path().join("policies");
    for (path, text) in [
        ("catalog/groups.yml", GROUPS),
        ("catalog/integrations/ci_cd.yml", CI),
        ("catalog/integrations/issue_trackers.yml", TRACKERS),
    ] {
        let path = policies.join(path);
        std::fs::create_dir_all(path.parent().expect("has one")).expect("mkdir");
        std::fs::write(path, text).expect("write");
    }
    // The other built-in files own groups that this directory does not know.
    for file in PolicySource::built_in().files("catalog/integrations/") {
        let path = policies.join(&file.path);
        if !path.exists() {
            let text = format!("category: {}\nintegrations: {{}}\n", file.path);
            std::fs::write(path, text).expect("write");
        }
    }
    let call = |check: bool, write: bool, prune: bool| {
        let args = ImportArgs {
            page: page_path.clone(),
            check,
            write,
            prune,
            policies: Some(policies.clone()),
        };
        let mut out = Vec::new();
        let outcome = execute(&args, &mut out, false, 100).unwrap_or_else(|e| panic!("{e}"));
        (outcome, String::from_utf8(out).expect("text"))
    };
    let before = std::fs::read_to_string(policies.join("catalog/integrations/issue_trackers.yml"));
    let (outcome, text) = call(true, false, false);
    assert_eq!(outcome, Outcome::Differs, "{text}");
    assert!(
        text.ends_with("3 integrations in 2 tables; 1 added, 1 removed, 0 changed\n"),
        "{text}"
    );
    let after = std::fs::read_to_string(policies.join("catalog/integrations/issue_trackers.yml"));
    assert_eq!(before.ok(), after.ok(), "a check writes nothing");
    let (outcome, text) = call(false, true, true);
    assert_eq!(outcome, Outcome::Written, "{text}");
    let (outcome, text) = call(true, false, false);
    assert_eq!(outcome, Outcome::Same, "{text}");
    let hidden = std::fs::read_dir(policies.join("catalog/integrations"))
        .expect("a directory")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'))
        .count();
    assert_eq!(hidden, 0, "no temporary file is left");

    std::fs::write(&page_path, PAGE.replace("group Plan:Project", "group Plan:Projekt"))
        .expect("write");
    let (outcome, text) = call(false, true, false);
    assert_eq!(outcome, Outcome::Problems);
    assert!(text.contains("page.md:11:54") && text.contains("nothing written"), "{text}");
}

proptest! {
    #[test]
    fn whatever_the_cells_hold_writing_ends_in_agreement_or_in_an_error(
        name in "[ -~é]{1,20}", rationale in "[ -~é\u{2028}]{1,20}",
    ) {
        let cell = |text: &str| text.replace('\\', "").replace('|', "\\|");
        let row = format!("| {} | Project Management | {} |", cell(&name), cell(&rationale));
        let read = page(&PAGE.replace("| Redmine | Project Management | Issues |", &row));
        let source = source();
        let catalog = catalog_of(&source);
        let difference = diff::compare(&read, &catalog);
        if let Ok(edits) = edit::plan(&source, &catalog, &read, &difference, true) {
            let mut after = source.clone();
            for (path, text) in edits {
                after.insert(SourceFile::new(path, Origin::BuiltIn, text));
            }
            prop_assert!(diff::compare(&read, &catalog_of(&after)).is_empty());
        }
    }
}
