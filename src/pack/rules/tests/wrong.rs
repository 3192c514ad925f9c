//! Wrong rules: each mistake is told with its place and what to do.

use rstest::rstest;

use super::load;

/// A rule in `rules/own.yml`; its lines start at the third.
fn told(rule: &str) -> String {
    let lines: Vec<String> = rule.lines().map(|line| format!("    {line}")).collect();
    let text = format!("rules:\n  one:\n{}\n", lines.join("\n"));
    load(&[("rules/own.yml", &text)]).expect_err(rule)
}

const FINE: &str = "about: A.\nwhen: { label: a }\nthen: { labels: { add: [b] } }";

#[test]
fn the_example_is_fine() {
    let text = format!("rules:\n  one:\n    {}\n", FINE.replace('\n', "\n    "));
    assert!(load(&[("rules/own.yml", &text)]).is_ok());
}

#[rstest]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }",
    "2:3: the rule `one` has no `about` | say in one sentence what the rule is for"
)]
#[case(
    "about: A.\nthen: { labels: { add: [b] } }",
    "2:3: the rule `one` has no `when` | say when the rule holds, with `when` or `when_expr`"
)]
#[case(
    "about: A.\nwhen: { label: a }",
    "2:3: the rule `one` has no `then` | say what shall be while the rule holds"
)]
#[case(
    "about: ' A.'\nwhen: { label: a }\nthen: { labels: { add: [b] } }",
    "3:12: the sentence in `about` has spaces at an end, line breaks or control characters"
)]
fn what_is_missing(#[case] rule: &str, #[case] error: &str) {
    assert_eq!(told(rule), format!("rules/own.yml:{error}"));
}

#[rstest]
#[case(
    "{ labels: { add: ['a, b'] } }",
    "a label cannot hold a comma | the forges' APIs separate labels by commas"
)]
#[case(
    "{ labels: { add: [' a'] } }",
    "the label has spaces at an end, line breaks or control characters"
)]
#[case("{ labels: { add: [''] } }", "the label is empty")]
#[case(
    "{ labels: { add: [ab], remove: ['a*'] } }",
    "`a*` would take off `ab`, which `add` sets | `ab` stands at rules/own.yml:5"
)]
#[case(
    "{ labels: { add: ['a::1', b, 'A::2'] } }",
    "`a::1` and `A::2` are of one scope, of which an item has one label only | \
     `a::1` stands at rules/own.yml:5"
)]
#[case(
    "{ labels: {} }",
    "`then` asks for nothing | name what shall be while the rule holds: `labels`, `comment`, ..."
)]
#[case(
    "{}",
    "`then` asks for nothing | name what shall be while the rule holds: `labels`, `comment`, ..."
)]
#[case(
    "{ comment: { topic: Big, text: a } }",
    "`Big` cannot name a topic; expected a-z, 0-9, `_`, `-` and `.`, at most 64 of them"
)]
#[case(
    "{ comment: { topic: routing, text: a } }",
    "the topic `routing` is Steward's own | choose another name, or leave it out"
)]
#[case(
    "{ comment: { topic: answer.1, text: a } }",
    "the topic `answer.1` is Steward's own | choose another name, or leave it out"
)]
#[case(
    "{ comment: { topic: a } }",
    "the comment of `one` says nothing | add `text` or `template` to `comment`"
)]
#[case(
    "{ comment: { text: a, template: footer } }",
    "a comment has `text` or `template`, not both | leave one of them out"
)]
#[case(
    "{ comment: { template: rules/plian } }",
    "there is no template `rules/plian` | did you mean `rules/plain`?"
)]
#[case("{ comment: { text: ' ' } }", "the text is empty")]
#[case("{ comment: { text: '{{#if a}}' } }", "not a template: ")]
#[case(
    "{ comment: { text: '{{> fotter}}' } }",
    "there is no template `fotter` | did you mean `footer`?"
)]
#[case("{ comment: { text: '{{> rule/one}}' } }", "there is no template `rule/one`")]
#[case(
    "{ close: { at_most_a_day: 5 } }",
    "a rule that closes items must say why in a `comment` | add `comment:` with `text` or `template`"
)]
#[case(
    "{ close: { at_most_a_day: 0 }, comment: { text: a } }",
    "`at_most_a_day` must be at least 1"
)]
#[case(
    "{ assign: assignees }",
    "`assignees` have the item already | name `author`, `owners` or a person's handle"
)]
#[case(
    "{ assign: '@org/team' }",
    "a group cannot have an item | name `author`, `owners` or a person's handle"
)]
#[case(
    "{ mention: '@<b>' }",
    "`@<b>` is not a handle | handles have letters, digits, `_`, `.`, `-` and, for groups, `/`"
)]
#[case(
    "{ mention: nobody }",
    "`nobody` is nobody; expected `author`, `assignees`, `owners` or a handle such as `@anna`"
)]
#[case(
    "{ request_review: {} }",
    "`request_review` asks nobody | name `teams`, `people` or `owners: true`"
)]
#[case(
    "{ request_review: { people: ['@org/docs'] } }",
    "`org/docs` is a team | name it in `teams`"
)]
#[case(
    "{ request_review: { people: ['a b'] } }",
    "`a b` is not a handle | write one such as `@anna`"
)]
#[case(
    "{ request_review: { teams: [a/b/c] } }",
    "`a/b/c` is not a team | write `org/docs`, or `docs` for a team of the project's organisation"
)]
#[case("{ milestone: '' }", "the milestone is empty")]
#[case(
    "{ checklist: [{ text: a, done: { any: [] } }] }",
    "the list of `any` is empty | write what shall hold, or leave it out"
)]
fn what_shall_be(#[case] then: &str, #[case] error: &str) {
    let told = told(&format!("about: A.\nwhen: {{ label: a }}\nthen: {then}"));
    let (place, message) = told.split_once(": ").expect("a place");
    assert!(place.starts_with("rules/own.yml:5:") || place == "rules/own.yml:2:3", "{told}");
    assert!(message.starts_with(error), "{message}");
    assert!(!told.contains('\n'), "one mistake: {told}");
}

#[rstest]
#[case("{ all: [] }", 11, "the list of `all` is empty | write what shall hold, or leave it out")]
#[case(
    "{ not: { any: [] } }",
    18,
    "the list of `any` is empty | write what shall hold, or leave it out"
)]
#[case(
    "{ title: {} }",
    11,
    "`title` says nothing | give it at least one of `contains`, `matches` and `empty`"
)]
#[case(
    "{ description: {} }",
    11,
    "`description` says nothing | give it at least one of `contains`, `matches` and `empty`"
)]
#[case("{ title: { contains: '' } }", 11, "an empty text is contained in every text")]
#[case(
    "{ author: {} }",
    11,
    "`author` says nothing | give it at least one of `handle`, `member` and `at_least`"
)]
#[case(
    "{ milestone: {} }",
    11,
    "`milestone` says nothing | give it at least one of `set`, `title`, `version`, `major` and `overdue`"
)]
#[case(
    "{ age: { since: created } }",
    11,
    "`age` says nothing | give it at least one of `at_least` and `less_than`"
)]
#[case(
    "{ integration: {} }",
    11,
    "`integration` says nothing | give it at least one of `known`, `key`, `category`, `kind`, `lifecycle` and `docs`"
)]
#[case("{ votes: {} }", 11, "`votes` says nothing | give it at least one of `up` and `down`")]
#[case(
    "{ labels: { at_least: 2, at_most: 1 } }",
    11,
    "no number is at least 2 and at most 1 | change the two"
)]
#[case("{ weight: {} }", 11, "the range says nothing | give it `at_least`, `at_most` or both")]
#[case(
    "{ votes: { up: { at_least: 2, at_most: 1 } } }",
    11,
    "no number is at least 2 and at most 1 | change the two"
)]
#[case("{ group: importt }", 20, "the catalog has no group `importt` | did you mean `import`?")]
#[case(
    "{ integration: { key: [jira, jirra] } }",
    40,
    "the catalog has no integration `jirra` | did you mean `jira`?"
)]
#[case("{ integration: { category: Chatt } }", 38, "the catalog has no category `Chatt`")]
#[case("{ labl: a }", 13, "unknown value `labl` | did you mean `label`?")]
fn when_it_holds(#[case] when: &str, #[case] column: usize, #[case] error: &str) {
    let told = told(&format!("about: A.\nwhen: {when}\nthen: {{ labels: {{ add: [b] }} }}"));
    assert!(told.starts_with(&format!("rules/own.yml:4:{column}: {error}")), "{told}");
    assert!(!told.contains('\n'), "one mistake: {told}");
}

#[rstest]
#[case(
    "on: [issue]\nwhen: { draft: true }\nthen: { labels: { add: [b] } }",
    "5:11: `draft` is about merge requests, and `on` leaves them out"
)]
#[case(
    "on: [issue, epic]\nwhen: { not: { changes: { paths: a } } }\nthen: { labels: { add: [b] } }",
    "5:18: `changes` is about merge requests, and `on` leaves them out"
)]
#[case(
    "on: [issue]\nwhen: { label: a }\nthen: { status: { name: s, state: failed, text: t } }",
    "6:29: only merge requests have a status, and `on` leaves them out"
)]
#[case(
    "on: []\nwhen: { label: a }\nthen: { labels: { add: [b] } }",
    "4:9: `on` names no kind of item"
)]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }\nmode: canary",
    "6:11: `mode: canary` needs `canary`, which says where the rule acts"
)]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }\ncanary: { groups: [import] }",
    "6:13: `canary` counts with `mode: canary` only"
)]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }\nmode: canary\ncanary: {}",
    "7:13: `canary` names neither a group nor a project"
)]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }\nmode: canary\ncanary: { groups: [importt] }",
    "7:24: the catalog has no group `importt` | did you mean `import`?"
)]
#[case(
    "when: { label: a }\nthen: { labels: { add: [b] } }\ncites: { url: handbook }",
    "6:19: `handbook` is not a web address"
)]
#[case(
    "when_expr: item.labls.size() > 0\nthen: { labels: { add: [b] } }",
    "4:21: `item` has no `labls` | did you mean `labels`?"
)]
#[case(
    "when_expr: \"'a' in itm.labels\"\nthen: { labels: { add: [b] } }",
    "4:24: there is no variable `itm` | did you mean `item`?"
)]
#[case(
    "when_expr: item.title.startWith('a')\nthen: { labels: { add: [b] } }",
    "4:27: there is no function `startWith` | did you mean `startsWith`?"
)]
#[case(
    "when_expr: item.title\nthen: { labels: { add: [b] } }",
    "4:16: the expression must be true or false; on an example it is a text"
)]
#[case(
    "when_expr: item.title > 3\nthen: { labels: { add: [b] } }",
    "4:16: the expression fails on an example: "
)]
#[case(
    "when_expr: item.title ==\nthen: { labels: { add: [b] } }",
    "4:28: not an expression in CEL: it ends too early"
)]
#[case(
    "when_expr: item.title.matches('(')\nthen: { labels: { add: [b] } }",
    "4:36: `(` is not a regular expression: "
)]
#[case(
    "when_expr: item.title.matches(item.author)\nthen: { labels: { add: [b] } }",
    "4:27: `matches` needs a pattern that is written out"
)]
fn the_rule_as_a_whole(#[case] rule: &str, #[case] error: &str) {
    let told = told(&format!("about: A.\n{rule}"));
    assert!(told.starts_with(&format!("rules/own.yml:{error}")), "{told}");
    assert!(!told.contains('\n'), "one mistake: {told}");
}

#[test]
fn keys_are_in_snake_case_and_defined_once() {
    let rule = FINE.replace('\n', "\n    ");
    let bad = format!("rules:\n  One-Two:\n    {rule}\n");
    let told = load(&[("rules/own.yml", &bad)]).expect_err("a bad key");
    assert!(told.starts_with("rules/own.yml:2:3: `One-Two` is not a key"), "{told}");
    let one = format!("rules:\n  one:\n    {rule}\n");
    let told = load(&[("rules/a.yml", &one), ("rules/b.yml", &one)]).expect_err("twice");
    assert_eq!(told, "rules/b.yml:2:3: the rule `one` is defined already | first at rules/a.yml:2");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "rules:\n  one:\n    about: A.\n    when: { group: nobody }\n    then: { labels: \
                { add: [' '] } }\n  two: {}\n";
    let told =
        load(&[("rules/own.yml", text), ("rules/other.yml", "rules: 3\n")]).expect_err("wrong");
    assert_eq!(told.lines().count(), 6, "{told}");
}
