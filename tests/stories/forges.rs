//! Which story is told on which forge: read from the stories themselves, and kept as a table.

use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Where a story is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Gitlab,
    Github,
    Both,
}

/// Files whose stories are all told on GitHub alone.
const GITHUB_ONLY: [&str; 4] = ["github", "github_checks", "github_reads", "home_assistant"];
/// Files whose stories need no forge.
const NO_FORGE: [&str; 1] = ["forges"];

/// The stories of a file, by name.
fn stories(file: &str, text: &str) -> Vec<(String, On)> {
    let mut found = Vec::new();
    let (mut is_story, mut on_both) = (false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[tokio::test") || line == "#[test]" {
            is_story = true;
        }
        on_both |= line.contains("case::github(") || line.contains("#[values(Face::Gitlab, Face::");
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        if let Some(name) = name.and_then(|rest| rest.split('(').next()) {
            // What is asked of each forge may stand among the arguments.
            if is_story {
                found.push((name.to_owned(), if on_both { On::Both } else { On::Gitlab }));
            }
            (is_story, on_both) = (false, false);
        }
    }
    if GITHUB_ONLY.contains(&file) {
        found.iter_mut().for_each(|(_, on)| *on = On::Github);
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
        } else if !NO_FORGE.contains(&name.as_str()) {
            let text = std::fs::read_to_string(&path).expect("a text").replace(
                // Arguments follow the name, over several lines.
                "#[values(Face::Gitlab, Face::Github)] face: Face",
                "",
            );
            let whole = std::fs::read_to_string(&path).expect("a text");
            let mut found = stories(&name, &text);
            // Such a story is told on both as well.
            for (story, on) in &mut found {
                let at = whole.find(&format!("fn {story}(")).unwrap_or_default();
                let head = whole[at..].split(") {").next().unwrap_or_default();
                if head.contains("Face::Gitlab, Face::Github") {
                    *on = On::Both;
                }
            }
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
    let mut table = String::from("stories             both  GitLab only  GitHub only\n");
    let mut total = [0; 3];
    for (file, stories) in &all {
        let counts = [On::Both, On::Gitlab, On::Github].map(|on| count(stories, on));
        let _ = writeln!(table, "{file:<18} {:>5} {:>12} {:>12}", counts[0], counts[1], counts[2]);
        total = [0, 1, 2].map(|at| total[at] + counts[at]);
    }
    let _ = writeln!(table, "{:<18} {:>5} {:>12} {:>12}", "all", total[0], total[1], total[2]);
    let _ = writeln!(table, "\nOn both:");
    for (file, stories) in &all {
        for (story, _) in stories.iter().filter(|one| one.1 == On::Both) {
            let _ = writeln!(table, "  {file}: {story}");
        }
    }
    println!("{table}");
    assert!(total[0] > 0 && total[1] > 0 && total[2] > 0);
    insta::assert_snapshot!(table);
}
