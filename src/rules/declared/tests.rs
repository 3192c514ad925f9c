//! When a rule holds, what it takes to know, and what is told of it.

use super::{Explained, Truth, conditions::testing::Made, explain, holds};
use crate::model::{Because, Facet};

/// The truth of a rule, the facets that it asked for, and its tree.
fn look(condition: &str, item: &Made) -> (Truth, Vec<Facet>, Explained) {
    item.with(condition, |view, pack| {
        let rule = pack.rules.get("example").expect("a rule");
        let truth = holds(rule, view);
        let told = explain(rule, view);
        assert_eq!(told.truth, truth, "what is told is what is decided");
        (truth, view.needs().into_iter().collect(), told)
    })
}

#[test]
fn a_facet_is_read_only_when_nothing_else_decides() {
    let item = Made::merge_request().labels(&["bug"]);
    let changes = "{ changes: { paths: 'doc/**' } }";
    for (when, truth, needs) in [
        (format!("all: [{changes}, {{ label: other }}]"), Truth::No, vec![]),
        (format!("any: [{changes}, {{ label: bug }}]"), Truth::Yes, vec![]),
        (format!("all: [{changes}, {{ label: bug }}]"), Truth::CannotTell, vec![Facet::Changes]),
        (format!("not: {{ any: [{changes}, {{ label: bug }}] }}"), Truth::No, vec![]),
        // One at a time: the files may decide.
        (
            format!("all: [{changes}, {{ author: {{ member: true }} }}]"),
            Truth::CannotTell,
            vec![Facet::Changes],
        ),
    ] {
        let found = look(&format!("when: {{ {when} }}"), &item);
        assert_eq!((found.0, found.1), (truth, needs), "{when}");
    }
}

#[test]
fn an_expression_is_worked_out_after_the_conditions() {
    let both = "when: { changes: { paths: 'doc/**' } }\n    when_expr: size(integrations) > 0";
    assert_eq!(look(both, &Made::issue()).0, Truth::No);
    let found = look(both, &Made::merge_request());
    assert_eq!((found.0, found.1), (Truth::CannotTell, vec![Facet::Changes]));
}

#[test]
fn every_clause_is_told_and_nothing_is_read_for_it() {
    let when = "when: { all: [{ label: [bug, 'type::*'] }, { any: [{ title: { contains: no } }, \
                { changes: { paths: 'doc/**' } }, { not: { draft: true } }] }] }";
    let (truth, needs, told) = look(when, &Made::merge_request().labels(&["Type::Bug"]));
    assert_eq!((truth, needs), (Truth::Yes, vec![]));
    let mut lines = Vec::new();
    print(&told, 0, &mut lines);
    insta::assert_snapshot!(lines.join("\n"));
}

fn print(at: &Explained, depth: usize, to: &mut Vec<String>) {
    let Explained { clause, asked, saw, truth, line, children } = at;
    to.push(format!("{}{line} {clause} [{asked}] saw [{saw}]: {truth:?}", "  ".repeat(depth)));
    children.iter().for_each(|child| print(child, depth + 1, to));
}

#[test]
fn the_reason_tells_what_decided() {
    let when = "when: { all: [{ any: [{ label: other }, { label: bug }, { labels: { at_least: 0 } \
                }] }, { not: { all: [{ draft: true }, { label: bug }] } }] }";
    Made::merge_request().labels(&["bug"]).with(when, |view, pack| {
        let rule = pack.rules.get("example").expect("a rule");
        assert_eq!(holds(rule, view), Truth::Yes);
        let Because::RuleHolds { evidence, about } = super::explain::reason(rule, view).because
        else {
            panic!("a rule holds")
        };
        let told: Vec<String> = evidence
            .iter()
            .map(|one| format!("{} {}: {}", one.clause, one.asked, one.saw))
            .collect();
        assert_eq!(
            (about.as_str(), told.join("; ").as_str()),
            ("An example.", "label bug: bug; draft yes: no")
        );
    });
}
