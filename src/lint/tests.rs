//! What the prover says about planted mistakes, and what it must not say.

use super::*;
use crate::policy::{Origin, PolicySource, SourceFile};

fn pack(rules: &str) -> Pack {
    let mut source = PolicySource::built_in();
    source.insert(SourceFile::new("rules/team.yml", Origin::BuiltIn, format!("rules:\n{rules}")));
    Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A rule that sets a label.
fn rule(key: &str, when: &str, add: &str) -> String {
    format!(
        "  {key}:\n    about: Planted.\n    when: {when}\n    then: {{ labels: {{ add: ['{add}'] }} }}\n"
    )
}

fn checks(rules: &str) -> Vec<String> {
    prove(&pack(rules))
        .into_iter()
        .filter(|one| one.severity != Severity::Note)
        .map(|one| format!("{}: {}", one.check, one.message))
        .collect()
}

#[test]
fn the_shipped_policies_are_clean() {
    let pack = Pack::load(&PolicySource::built_in()).expect("valid");
    let found = prove(&pack);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_rule_that_can_never_hold_is_dead() {
    for when in [
        "{ all: [{ label: bug }, { not: { label: 'b*' } }] }",
        "{ all: [{ age: { since: created, at_least: 2 months } }, { age: { since: created, less_than: 55 days } }] }",
        "{ all: [{ age: { since: created, at_least: 2 months } }, { age: { since: created, less_than: 1 month } }] }",
        "{ all: [{ labels: { at_least: 90 } }, { labels: { at_most: 80 } }] }",
        "{ all: [{ label: x }, { labels: { at_most: 0 } }] }",
        "{ all: [{ state: closed }, { state: open }] }",
        "{ all: [{ draft: true }, { not: { draft: true } }] }",
        "{ all: [{ assigned: true }, { assigned: false }] }",
        "{ all: [{ confidential: true }, { confidential: false }] }",
        "{ all: [{ milestone: { set: false } }, { milestone: { title: x } }] }",
        "{ all: [{ milestone: { version: '>= 18.0, < 19.0' } }, { milestone: { version: '> 18.11, < 18.12' } }] }",
        "{ milestone: { version: '> 18.0, < 19.0', major: true } }",
        "{ all: [{ age: { since: created, less_than: 2 days } }, { age: { since: updated, at_least: 3 days } }] }",
        "{ all: [{ votes: { up: { at_least: 3 } } }, { not: { votes: { up: { at_least: 2 } } } }] }",
        "{ all: [{ weight: { at_least: 5 } }, { weight: { at_most: 4 } }] }",
        "{ all: [{ author: { handle: anna } }, { not: { author: { handle: 'a*' } } }] }",
        "{ all: [{ author: { member: false } }, { author: { at_least: guest } }] }",
        "{ all: [{ title: { contains: crash } }, { not: { title: { contains: [crash, x] } } }] }",
        "{ all: [{ description: { empty: true } }, { link: 'https://a.example/*' }] }",
        "{ all: [{ link: 'https://a.example/b' }, { not: { link: 'https://a.example/*' } }] }",
        "{ all: [{ project: 'a/b' }, { project: 'a/c' }] }",
        "{ integration: { key: jira, kind: routing_only } }",
    ] {
        let found = checks(&rule("planted", when, "z"));
        assert!(found.iter().any(|one| one.starts_with("dead_rule")), "{when}: {found:?}");
    }
}

#[test]
fn a_rule_that_can_hold_is_not_dead_and_has_an_example() {
    for when in [
        "{ all: [{ label: 'b*' }, { not: { label: bug } }] }",
        "{ all: [{ label: 'type::*' }, { label: 'type::bug' }] }",
        "{ all: [{ label: 'type::*' }, { not: { label: '*x*' } }, { labels: { at_least: 3 } }] }",
        // On GitLab Free one scope has as many values as people set.
        "{ all: [{ label: 'type::a' }, { label: 'type::b' }] }",
        "{ all: [{ label: 'type::*' }, { label: 'type::b' }, { labels: { at_least: 2 } }] }",
        "{ label_set: { label: bug, by: person, at_least: 3 days } }",
        "{ label_set: { label: bug, by: author } }",
        "{ milestone: { version: '> 18.4, < 19.0', overdue: true } }",
        "{ all: [{ milestone: { version: '> 18.4, < 18.7' } }, { not: { milestone: { title: '18.5' } } }] }",
        "{ all: [{ age: { since: created, at_least: 1 year } }, { age: { since: updated, less_than: 1 hour } }] }",
        "{ all: [{ title: { contains: crash } }, { title: { matches: '^(foo|crash)' } }] }",
        "{ description: { empty: true } }",
        "{ link: 'https://docs.example/*' }",
        "{ integration: { known: true } }",
        "{ integration: { known: false } }",
        "{ group: import }",
        "{ changes: { paths: ['app/**/*.rb'], status: added } }",
        "{ all: [{ state: merged }, { author: { member: false } }] }",
        "{ all: [{ weight: { at_least: 3 } }, { not: { weight: { at_least: 4 } } }] }",
        "{ project: '*/product' }",
    ] {
        let pack = pack(&rule("planted", when, "z"));
        let declared = pack.rules.get("planted").expect("the rule");
        let item = rules::example(&pack, declared);
        assert!(item.is_some(), "no example of {when}");
        let found = prove(&pack);
        assert!(found.iter().all(|one| one.check != "dead_rule"), "{when}: {found:?}");
    }
}

/// No example is found of these, and there is one all the same: on the 15th of March a month is 28
/// days, and items carry more labels than are tried.
#[test]
fn what_is_not_tried_is_not_called_dead() {
    for when in [
        "{ all: [{ age: { since: created, at_least: 1 month } }, { age: { since: created, less_than: 30 days } }] }",
        "{ all: [{ age: { since: created, at_least: 61 days } }, { age: { since: created, less_than: 2 months } }] }",
        "{ all: [{ age: { since: created, at_least: 365 days } }, { not: { age: { since: created, at_least: 1 year } } }] }",
        "{ labels: { at_least: 150 } }",
        "{ all: [{ label: bug }, { labels: { at_least: 150 } }] }",
    ] {
        let found = checks(&rule("planted", when, "z"));
        assert!(found.iter().all(|one| !one.starts_with("dead_rule")), "{when}: {found:?}");
    }
    // And nothing is said of a rule that comes after one of them.
    let mut all = rule("first", "{ age: { since: created, at_least: 30 days } }", "z");
    all += &rule("second", "{ age: { since: created, at_least: 1 month } }", "z");
    assert_eq!(checks(&all), [""; 0]);
}

#[test]
fn what_is_planted_is_found_with_an_example() {
    let mut all = rule("never", "{ all: [{ label: bug }, { not: { label: 'b*' } }] }", "z");
    all += &rule("wide", "{ label: 'type::*' }", "prio::low");
    all += &rule("narrow", "{ all: [{ label: 'type::bug' }, { draft: false }] }", "prio::low");
    all += &rule("urgent", "{ title: { contains: outage } }", "prio::high");
    all += "  tidy:\n    about: Planted.\n    when: { state: open }\n    then: { labels: { remove: ['prio::h*'] } }\n";
    all += &rule("war_a", "{ not: { label: flag } }", "other");
    all += &rule("war_b", "{ label: other }", "flag");
    let found = prove(&pack(&all));
    let found: Vec<_> = found.iter().filter(|one| one.severity != Severity::Note).collect();
    let look = crate::terminal::Look { colour: false, width: 80 };
    insta::assert_snapshot!(crate::lint::text(
        &found.into_iter().cloned().collect::<Vec<_>>(),
        look
    ));
}

#[test]
fn rules_that_get_on_are_left_alone() {
    let mut all = rule("one", "{ label: 'type::bug' }", "prio::high");
    all += &rule("two", "{ not: { label: 'type::bug' } }", "prio::low");
    all += &rule("three", "{ label: 'type::*' }", "seen");
    assert_eq!(checks(&all), [""; 0]);
}
