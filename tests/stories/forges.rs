//! Which story is told on which forge: read from the stories themselves, and kept as a table. One that
//! is told on one forge alone says why.

use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Where a story is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    Gitlab,
    Github,
    /// On a checkout, a file or a command, and no forge is near.
    None,
}

/// Files, and stories in files, that need no forge, and what they are told on.
const NO_FORGE: [(&str, &str); 14] = [
    ("check", "a git checkout"),
    ("cli: a_changed_ownership_page_is_noticed", "a page of the handbook"),
    ("cli: a_slip_in_the_policies_keeps_steward_from_starting", "a folder of policies"),
    ("cli: a_slip_in_the_settings_keeps_steward_from_starting", "settings"),
    ("cli: a_wrong_variable_is_named", "settings"),
    (
        "cli: policies_of_gitlab_triage_become_rules_and_nothing_is_written_over",
        "another program's policies",
    ),
    ("cli: the_printed_settings_are_the_defaults", "settings"),
    ("cli: what_is_missing_is_named_with_what_to_set", "settings"),
    ("doctor: a_missing_token_is_one_problem_among_others", "settings"),
    ("forges", "the stories themselves"),
    ("github: secrets_of_both_forges_are_one_too_many", "settings"),
    ("home_assistant: the_pack_has_no_flaws", "a folder of policies"),
    ("lifecycle", "a calendar and a folder of entries"),
    ("removals", "a git repository"),
];

/// Stories on GitLab alone, and why.
const GITLAB_ONLY: [(&str, &str); 9] = [
    (
        "declared/reviews: on_gitlab_a_team_is_held_and_people_are_asked",
        "GitHub asks teams for a review, in a story of its own",
    ),
    (
        "doctor: what_is_missing_comes_with_a_remedy",
        "scopes of tokens, and groups with webhooks of their own",
    ),
    (
        "files: whether_somebody_is_a_member_is_asked_of_the_group",
        "groups within groups, whose members look on, write or own",
    ),
    (
        "intake: a_signature_that_is_missing_is_missed",
        "signing tokens beside secret tokens: GitHub has one way to sign",
    ),
    (
        "intake: hooks_with_a_secret_and_hooks_with_a_signature_both_work",
        "signing tokens beside secret tokens: GitHub has one way to sign",
    ),
    (
        "routing: a_project_in_a_nested_group_gets_the_labels_of_the_group_at_the_top",
        "groups within groups, and labels that come from above",
    ),
    (
        "running: who_has_no_secret_is_not_listened_to",
        "a token that is wrong is known before the body; GitHub signs the body",
    ),
    (
        "sweeps: a_forge_that_is_not_asked_for_webhooks_says_so",
        "a forge whose deliveries Steward does not ask for",
    ),
    (
        "writes: a_dry_run_does_not_end_an_uncertainty_that_it_does_not_remember",
        "GitHub tells of labels in webhooks of their own, and Steward looks again at once",
    ),
];

/// Files, and stories in files, on GitHub alone, and why.
const GITHUB_ONLY: [(&str, &str); 8] = [
    ("deliveries", "what did not get through, which GitHub sends again when it is asked to"),
    ("doctor: an_app_is_asked_what_it_was_given", "permissions and events of a GitHub App"),
    (
        "declared/reviews: on_github_teams_are_asked_too",
        "GitLab asks people for a review, and no teams",
    ),
    ("github", "what only a GitHub does, or does in its own way"),
    ("github_checks", "check runs, which an App may write"),
    ("github_reads", "what the client asks a GitHub for, and what that costs"),
    ("installations", "a GitHub App that is installed, suspended and taken off"),
    ("home_assistant", "a product that lives there, with owners from CODEOWNERS"),
];

/// The reason of a story out of such a list: by its own name, or else by its file's.
fn reason<'a>(list: &[(&'a str, &'a str)], file: &str, story: &str) -> Option<&'a str> {
    let named = |name: &str| list.iter().find(|(known, _)| *known == name).map(|(_, why)| *why);
    named(&format!("{file}: {story}")).or_else(|| named(file))
}

/// The stories of a file, by name.
fn stories(file: &str, text: &str) -> Vec<(String, On)> {
    let mut found = Vec::new();
    let (mut is_story, mut on_both) = (false, false);
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let trimmed = line.trim();
        is_story |= trimmed.starts_with("#[tokio::test") || trimmed == "#[test]";
        on_both |= trimmed.contains("case::github(");
        let name = trimmed.strip_prefix("async fn ").or_else(|| trimmed.strip_prefix("fn "));
        if let Some(name) = name.and_then(|rest| rest.split('(').next()) {
            // What is asked of each forge may stand among the arguments, over several lines.
            let head = rest.split('{').next().unwrap_or_default();
            let both = on_both || head.contains("#[values(Face::Gitlab, Face::Github)]");
            if is_story {
                let on = match both {
                    true => On::Both,
                    false if reason(&NO_FORGE, file, name).is_some() => On::None,
                    false if reason(&GITHUB_ONLY, file, name).is_some() => On::Github,
                    false => On::Gitlab,
                };
                found.push((name.to_owned(), on));
            }
            (is_story, on_both) = (false, false);
        }
        rest = after;
    }
    found
}

fn read(folder: &Path, of: &str, into: &mut BTreeMap<String, Vec<(String, On)>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let name = if of.is_empty() { name.to_owned() } else { format!("{of}/{name}") };
        if path.is_dir() {
            read(&path, &name, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let found = stories(&name, &std::fs::read_to_string(&path).expect("a text"));
            if !found.is_empty() {
                into.insert(name, found);
            }
        }
    }
}

#[test]
fn the_table_of_stories_by_forge() {
    let mut all = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories"), "", &mut all);
    let count = |stories: &[(String, On)], on: On| stories.iter().filter(|one| one.1 == on).count();
    let kinds = [On::Both, On::Gitlab, On::Github, On::None];
    let mut table = String::from("stories             both  GitLab only  GitHub only  no forge\n");
    let mut line = |name: &str, counts: [usize; 4]| {
        let [both, gitlab, github, none] = counts;
        let _ = writeln!(table, "{name:<18} {both:>5} {gitlab:>12} {github:>12} {none:>9}");
    };
    let mut total = [0; 4];
    for (file, stories) in &all {
        let counts = kinds.map(|on| count(stories, on));
        line(file, counts);
        total = [0, 1, 2, 3].map(|at| total[at] + counts[at]);
    }
    line("all", total);
    let told = |on: On| {
        let of = move |(file, stories): (&String, &Vec<(String, On)>)| {
            let its = stories.iter().filter(|one| one.1 == on);
            its.map(|(story, _)| (file.clone(), story.clone())).collect::<Vec<_>>()
        };
        all.iter().flat_map(of).collect::<Vec<_>>()
    };
    let _ = writeln!(table, "\nOn GitLab only:");
    for (file, story) in told(On::Gitlab) {
        let why = reason(&GITLAB_ONLY, &file, &story);
        let why = why.unwrap_or_else(|| panic!("{file}: {story} does not say why it is on one"));
        let _ = writeln!(table, "  {file}: {story}\n    {why}");
    }
    for (what, list) in [("GitHub only", &GITHUB_ONLY[..]), ("no forge", &NO_FORGE)] {
        let _ = writeln!(table, "\nOn {what}:");
        for (name, why) in list {
            let _ = writeln!(table, "  {name}\n    {why}");
        }
    }
    let _ = writeln!(table, "\nOn both:");
    for (file, story) in told(On::Both) {
        let _ = writeln!(table, "  {file}: {story}");
    }
    println!("{table}");
    // No reason is left behind by a story that is gone or told on both now.
    for (name, _) in GITLAB_ONLY {
        let there = told(On::Gitlab).iter().any(|(file, story)| format!("{file}: {story}") == name);
        assert!(there, "{name} is not told on GitLab alone");
    }
    for (name, _) in NO_FORGE.into_iter().chain(GITHUB_ONLY) {
        let there = all.iter().any(|(file, stories)| {
            file == name || stories.iter().any(|(story, _)| format!("{file}: {story}") == name)
        });
        assert!(there, "there is no {name}");
    }
    insta::assert_snapshot!(table);
}
