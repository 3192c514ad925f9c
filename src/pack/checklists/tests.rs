//! The language of checklists: the page about it, layers, and mistakes.

use super::*;
use crate::{
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile},
};

fn with(files: &[(&str, &str)]) -> Result<Checklists, String> {
    let mut source = PolicySource::default();
    for (path, text) in files {
        let name = format!("checklists/{path}.yml");
        source.insert(SourceFile::new(name.clone(), Origin::File(name.into()), *text));
    }
    load(&source).map_err(|errors| {
        let told =
            errors.iter().map(|one| format!("{one} {}", one.help_text().unwrap_or_default()));
        told.collect::<Vec<_>>().join("\n")
    })
}

fn page() -> (&'static str, &'static str) {
    let page = include_str!("../../../docs/checklists.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    (page, example.expect("an example"))
}

#[test]
fn the_example_of_the_page_is_a_checklist() {
    let (_, example) = page();
    let lists = with(&[("example", example)]).unwrap_or_else(|errors| panic!("{errors}"));
    let list = lists.get("example").expect("it is there");
    let keys: Vec<String> = list.row_keys().collect();
    assert_eq!(keys.len(), 9, "{keys:?}");
    assert!(keys.contains(&"metric_groups".to_owned()));
    assert_eq!(list.rows[3].section, "Security", "a row stands in the section of the one above");
}

/// Whoever adds to the language tells it.
#[test]
fn the_page_names_all_fields() {
    let (page, _) = page();
    let schemas = crate::pack::schema::all();
    let schema = &schemas.iter().find(|one| one.name == "checklist").expect("there").schema;
    let mut told = 0;
    for of in [
        "ChecklistFile",
        "Find",
        "SetFile",
        "Check",
        "RowFile",
        "FileIs",
        "OtherField",
        "MarkdownTake",
    ] {
        let properties = match of {
            "ChecklistFile" => &schema["properties"],
            of => &schema["$defs"][of]["properties"],
        };
        let names: Vec<String> = match properties.as_object() {
            Some(properties) => properties.keys().cloned().collect(),
            None => Vec::new(),
        };
        for name in names {
            let is_told = [format!("`{name}`"), format!("{name}:"), format!("`{name}:")]
                .iter()
                .any(|form| page.contains(form.as_str()));
            assert!(is_told, "docs/checklists.md does not tell `{name}` of {of}");
            told += 1;
        }
    }
    assert!(told > 50, "{told} fields");
}

#[test]
fn a_layer_says_only_what_differs() {
    let below = "about: A\nfind: { labels: [x] }\nlists: { one: [a] }\nsets: { s: { list: one } }\n\
                 rows:\n  a: { title: A, check: { some: s } }\n  b: { title: B, tick: true }\n";
    let above = "mode: 'off'\nlists: { one: [b] }\nrows:\n  a: { title: Other, check: { none: s } }\n  \
                 b: { title: B, off: true }\n  c: { title: C, tick: true }\n";
    let beneath = PolicySource::from_files([("checklists/x.yml", below)]);
    let source = beneath.overlaid(PolicySource::from_files([("checklists/x.yml", above)]));
    let lists = load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let list = lists.get("x").expect("there");
    let titles: Vec<&str> = list.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["Other", "C"]);
    assert_eq!((list.about.as_str(), list.mode), ("A", crate::pack::rules::Mode::Off));
    assert!(matches!(&list.sets["s"].source, SetSource::Names(names) if names[0].as_str() == "b"));
}

#[test]
fn each_mistake_is_told_with_its_line_and_the_nearest_name() {
    let head = "about: A\nfind: { labels: [x] }\n";
    for (text, told) in [
        ("rows: { a: { title: A, check: { some: fields } } }", "there is no set `fields`"),
        (
            "sets: { fields: { of: [a] } }\nrows: { a: { title: A, check: { some: feilds } } }",
            "did you mean `fields`?",
        ),
        (
            "sets: { s: {} }\nrows: { a: { title: A, tick: true } }",
            "nobody can tell what makes the set `s`",
        ),
        (
            "sets: { s: { in: a.rb } }\nrows: { a: { title: A, tick: true } }",
            "what `s` asks its files",
        ),
        (
            "sets: { s: { in: a.rb, query: '(nosuch) @key' } }\nrows: { a: { title: A, tick: true } }",
            "the query is wrong at its line 1",
        ),
        (
            "sets: { s: { in: a.go, query: '(x) @key' } }\nrows: { a: { title: A, tick: true } }",
            "Steward cannot parse files of this kind",
        ),
        (
            "sets: { s: { from: t }, t: { from: s } }\nrows: { a: { title: A, tick: true } }",
            "the set `s` is made of itself",
        ),
        ("rows: { a: { title: '{nmae}', tick: true } }", "did you mean `{name}`?"),
        ("rows: { a: { title: A } }", "nothing says when `a` passes"),
        ("rows: { A: { title: A, tick: true } }", "`A` is not a key"),
        (
            "rows: { a: { title: A, check: { text: { file: a, matches: '(' } } } }",
            "no regular expression",
        ),
        (
            "rows: { a: { title: A, tick: true, ready: [{ file: a, text: '{{nmae}}' }] } }",
            "the template asks for `nmae`",
        ),
        (
            "rows: { a: { title: A, tick: true, ready: [{ file: a, text: '{{> x}}' }] } }",
            "a piece calls no other template",
        ),
        ("rows: {}", "the checklist has no row"),
        ("mode: canary\nrows: { a: { title: A, tick: true } }", "a checklist has no canary"),
        ("waive: {}\nrows: { a: { title: A, tick: true } }", "`waive` lets nobody waive"),
        (
            "values: { name: [{ text: x }] }\nrows: { a: { title: A, tick: true } }",
            "known of every integration",
        ),
    ] {
        let errors = with(&[("x", &format!("{head}{text}\n"))]).expect_err(text);
        assert!(errors.contains(told), "{text}\n{errors}");
        assert!(errors.contains("checklists/x.yml"), "{errors}");
    }
    for key in ["routing", "rules", "answers"] {
        let errors = with(&[(key, &format!("{head}rows: {{ a: {{ title: A, tick: true }} }}\n"))]);
        assert!(errors.is_err_and(|told| told.contains("cannot name a checklist")), "{key}");
    }
}

/// They are compiled only when they are asked: a mistake would show on a real item.
#[test]
fn the_shipped_queries_are_queries() {
    let mut asked = 0;
    for name in PolicySource::packs() {
        let lists = load(&PolicySource::pack(name).expect("built in")).expect("valid");
        for (key, set) in lists.iter().flat_map(|list| &list.sets) {
            if let SetSource::Files(FileSet { question: Question::Code(query), .. }) = &set.source {
                query.check().unwrap_or_else(|mistake| panic!("{name}: {key}: {mistake}"));
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "{asked} queries");
}

#[test]
fn the_shipped_packs_are_whole() {
    for name in PolicySource::packs() {
        let source = PolicySource::pack(name).expect("built in");
        Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    }
}
