use proptest::prelude::*;

use super::*;
use crate::policy::{PolicyErrors, PolicySource, render};

const GROUPS: &str = "\
stages:
  plan: {name: Plan, label: 'devops::plan'}
groups:
  project_management:
    name: Project Management
    label: group::project management
    stage: plan
";

fn entry(key: &str, extra: &str) -> String {
    format!("  {key}:\n    name: {key}\n    group: project_management\n    rationale: r\n{extra}")
}

fn load(integrations: &str) -> Result<Catalog, crate::policy::PolicyErrors> {
    let text = format!("category: Things\nintegrations:\n{integrations}");
    Catalog::from_texts([
        ("catalog/groups.yml", GROUPS),
        ("catalog/integrations/things.yml", text.as_str()),
    ])
}

fn built_in() -> &'static Catalog {
    static CATALOG: std::sync::OnceLock<Catalog> = std::sync::OnceLock::new();
    CATALOG.get_or_init(|| {
        Catalog::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
    })
}

#[test]
fn the_built_in_pack_loads_whole() {
    let catalog = built_in();
    assert_eq!(catalog.integrations().len(), 58);
    assert_eq!(catalog.groups().count(), 14);
    let jira = catalog.by_label_value("jira").expect("known");
    assert_eq!(jira.key.as_str(), "jira");
    let owner = catalog.owner(jira).expect("has an owner");
    assert_eq!(owner.label.as_deref(), Some("group::project management"));
    assert_eq!(catalog.stage_of(&jira.group).expect("has a stage").label, "devops::plan");
    let place = jira.place().to_string();
    assert!(place.starts_with("policies/catalog/integrations/issue_trackers.yml:"), "{place}");
    let text = PolicySource::built_in();
    let file = text.file("catalog/integrations/issue_trackers.yml").expect("built in");
    assert_eq!(file.text.lines().nth(jira.place().line - 1), Some("  jira:"));
}

#[test]
fn labels_and_code_names_lead_to_one_integration() {
    let catalog = built_in();
    for (value, key) in [
        ("BambooCI", "bamboo"),
        ("google chat (hangouts)", "hangouts_chat"),
        ("Microsoft Teams", "microsoft_teams"),
        ("slack", "slack"),
        ("SlackSlashCommands", "slack_slash_commands"),
        ("GitLab for Slack app", "gitlab_slack_application"),
        ("PIPELINESEMAILS", "pipelines_email"),
    ] {
        assert_eq!(catalog.by_label_value(value).map(|i| i.key.as_str()), Some(key), "{value}");
    }
    assert_eq!(catalog.by_code_name("drone_ci").map(|i| i.label.as_str()), Some("DroneCI"));
    assert!(catalog.by_label_value("New").is_none());
    assert!(catalog.by_code_name("akismet").is_none(), "routing only has no code name");
    for integration in catalog.integrations() {
        for code_name in &integration.code_names {
            let found = catalog.by_label_value(code_name).map(|i| &i.key);
            assert!(found.is_none() || found == Some(&integration.key), "{code_name}");
        }
    }
}

#[test]
fn a_wrong_label_finds_its_neighbours_and_nonsense_finds_none() {
    let catalog = built_in();
    let keys = |query: &str| -> Vec<String> {
        catalog.nearest(query, 3).iter().map(|i| i.key.to_string()).collect()
    };
    assert_eq!(keys("Jria").first().map(String::as_str), Some("jira"));
    assert_eq!(keys("Telegramm").first().map(String::as_str), Some("telegram"));
    assert_eq!(keys("MS-Teams").first().map(String::as_str), Some("microsoft_teams"));
    assert_eq!(keys("slak").first().map(String::as_str), Some("slack"));
    assert!(keys("slack notification").contains(&"slack".to_owned()));
    for nonsense in ["", "x", "qqqqqq", "Kubernetes", "!!!", "the quick brown fox jumps"] {
        assert!(keys(nonsense).is_empty(), "{nonsense}: {:?}", keys(nonsense));
    }
    assert!(keys(&"jira".repeat(10_000)).is_empty());
}

#[test]
fn an_unknown_group_is_underlined_with_the_nearest_one() {
    let text = entry("a", "    kind: routing_only\n    label: A\n")
        .replace("project_management", "project_managment");
    let errors = load(&text).expect_err("no such group");
    insta::assert_snapshot!(render(&errors, false, 100), @r#"
     × there is no group `project_managment`
      ╭─[policies/catalog/integrations/things.yml:5:12]
    4 │     name: a
    5 │     group: project_managment
      ·            ────────┬────────
      ·                    ╰── not a group in catalog/groups.yml
    6 │     rationale: r
      ╰────
     help: did you mean `project_management`?
    "#);
}

#[test]
fn a_label_claimed_twice_names_both_places() {
    let a = entry("a", "    kind: routing_only\n    label: Same\n");
    let b = entry("b", "    kind: routing_only\n    label: B\n    aliases: [SAME]\n");
    let errors = load(&format!("{a}{b}")).expect_err("two owners");
    assert_eq!(
        errors.to_string(),
        "policies/catalog/integrations/things.yml:15:15: the label `SAME` is claimed by `a` \
         already, at policies/catalog/integrations/things.yml:8"
    );
}

#[test]
fn all_mistakes_of_all_files_come_at_once() {
    let bad = "category: B\nintegrations:\n  B-1:\n    name: ''\n    group: nobody\n    \
               rationale: ' r'\n    docs: ftp\n    kind: model\n    label: a,b\n";
    let errors = Catalog::from_texts([
        ("catalog/groups.yml", "groups:\n  g: {name: G, label: g, stage: nowhere}\n"),
        ("catalog/integrations/a.yml", "category: A\nintegration: {}\n"),
        ("catalog/integrations/b.yml", bad),
    ])
    .expect_err("many mistakes");
    insta::assert_snapshot!(errors.to_string(), @r#"
    policies/catalog/groups.yml:2:33: there is no stage `nowhere`
    policies/catalog/integrations/a.yml:2:1: unknown field `integration`
    policies/catalog/integrations/b.yml:3:3: `B-1` is not a key
    policies/catalog/integrations/b.yml:4:11: the name is empty
    policies/catalog/integrations/b.yml:6:16: the rationale has spaces at an end, line breaks or control characters
    policies/catalog/integrations/b.yml:5:12: there is no group `nobody`
    policies/catalog/integrations/b.yml:7:11: `ftp` is not a web address
    policies/catalog/integrations/b.yml:8:11: a model needs its `code_names`
    policies/catalog/integrations/b.yml:9:12: a label cannot hold a comma
    "#);
}

#[test]
fn a_missing_groups_file_is_an_error() {
    let errors = Catalog::from_texts([]).expect_err("nothing there");
    assert_eq!(
        errors.to_string(),
        "policies/catalog/groups.yml: the file is missing from the policies"
    );
}

#[test]
fn broken_groups_do_not_make_every_group_unknown() {
    let errors = Catalog::from_texts([
        ("catalog/groups.yml", "groups: 1\n"),
        (
            "catalog/integrations/a.yml",
            "category: A\nintegrations:\n  a: {name: A, group: g, rationale: r, kind: routing_only, label: A}\n",
        ),
    ])
    .expect_err("broken");
    assert_eq!(errors.0.len(), 1, "{errors}");
}

proptest! {
    #[test]
    fn label_lookup_ignores_case(index in 0usize..58, flips in any::<u64>()) {
        let catalog = built_in();
        let integration = &catalog.integrations()[index];
        for value in integration.label_values() {
            let mixed: String = value
                .chars()
                .enumerate()
                .map(|(at, c)| match flips >> (at % 64) & 1 {
                    0 => c.to_ascii_lowercase(),
                    _ => c.to_ascii_uppercase(),
                })
                .collect();
            prop_assert_eq!(
                catalog.by_label_value(&mixed).map(|i| &i.key),
                Some(&integration.key)
            );
        }
    }

    #[test]
    fn lookups_take_any_text(text in any::<String>()) {
        let catalog = built_in();
        catalog.by_label_value(&text);
        prop_assert!(catalog.nearest(&text, 3).len() <= 3);
    }
}

#[test]
fn a_product_may_do_without_stages() {
    let groups = "groups:\n  chat: {name: Chat, label: 'team::chat'}\n";
    let catalog = Catalog::from_texts([("catalog/groups.yml", groups)])
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(catalog.groups().count(), 1);
    assert!(catalog.stage_of(&GroupKey::new("chat")).is_none());
    let named = groups.replace("'}", "', stage: plan}");
    let errors = Catalog::from_texts([("catalog/groups.yml", named.as_str())]).expect_err("wrong");
    assert!(format!("{errors:?}").contains("has no stages"), "{errors:?}");
}

/// A folder of a team's own over the built-in policies.
fn over(files: &[(&str, &str)]) -> Result<Catalog, PolicyErrors> {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    Catalog::load(&PolicySource::with_overlay(dir.path()).expect("readable"))
}

#[test]
fn an_integration_of_ones_own_stands_for_the_built_in_one_of_its_key() {
    let all = Catalog::load(&PolicySource::built_in()).expect("valid").integrations().len();
    let ours = "category: Ours\nintegrations:\n  jira:\n    name: Jira issue integration\n    \
                group: import\n    rationale: It moved\n    kind: model\n    code_names: [jira]\n    \
                label: Jira\n";
    let catalog = over(&[("catalog/integrations/ours.yml", ours)]).expect("valid");
    assert_eq!(catalog.integrations().len(), all);
    assert_eq!(catalog.by_label_value("jira").expect("there").group.as_str(), "import");
    // Twice in files of one's own is a mistake as ever.
    let errors =
        over(&[("catalog/integrations/ours.yml", ours), ("catalog/integrations/too.yml", ours)])
            .expect_err("twice");
    assert!(errors.to_string().contains("defined already"), "{errors}");
}

#[test]
fn groups_of_ones_own_come_on_top_of_the_built_in_ones() {
    let ours = "groups:\n  import:\n    name: Import\n    label: team::import\n  \
                pilots:\n    name: Pilots\n    label: team::pilots\n";
    let catalog = over(&[("catalog/groups.yml", ours)]).expect("valid");
    assert_eq!(
        catalog.group(&"import".into()).expect("there").label.as_deref(),
        Some("team::import")
    );
    assert!(catalog.group(&"pilots".into()).is_some());
    assert!(catalog.group(&"project_management".into()).is_some());
}
