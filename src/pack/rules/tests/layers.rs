//! The built-in pack and the user's folder.

use super::load;
use crate::pack::rules::Mode;

const BELOW: &str = "
rules:
  first:
    about: Built in.
    on: [issue]
    when: { label: bug }
    then: { labels: { add: [seen] } }
  second:
    about: Also built in.
    when: { label: bug }
    then: { comment: { text: \"Built in: {{title}}\" } }
    mode: canary
    canary: { groups: [import] }
";

#[test]
fn a_rule_takes_from_below_what_it_does_not_say() {
    let above = "rules:\n  first: { mode: \"off\" }\n  third:\n    about: Ours.\n    \
                 when: { label: a }\n    then: { labels: { add: [b] } }\n";
    let pack = load(&[("below/rules/base.yml", BELOW), ("rules/a.yml", above)]).expect("valid");
    let keys: Vec<&str> = pack.rules.iter().map(|rule| rule.key.as_str()).collect();
    assert_eq!(keys, ["third", "first", "second"], "a rule keeps the place of the built-in one");
    let first = pack.rules.get("first").expect("merged");
    assert_eq!((first.mode, first.about.as_str()), (Mode::Off, "Built in."));
    assert_eq!((first.cite.file.as_str(), first.cite.line), ("policies/rules/base.yml", 3));
    assert_eq!(first.on.len(), 1);
}

#[test]
fn the_users_words_win_whatever_the_order_of_the_files() {
    for path in ["rules/a.yml", "rules/z.yml"] {
        let above = "rules:\n  second:\n    then: { comment: { text: Ours } }\n    mode: \"on\"\n";
        let pack = load(&[("below/rules/m.yml", BELOW), (path, above)]).expect("valid");
        let second = pack.rules.get("second").expect("merged");
        assert_eq!((second.mode, second.canary.is_none()), (Mode::On, true));
        let template = second.template().expect("words");
        let said = pack.words.comment(&template, serde_json::json!({})).expect("renders");
        assert_eq!(said.trim(), "Ours");
        assert_eq!((second.cite.file.as_str(), second.cite.line), (path, 2));
    }
}

#[test]
fn a_text_that_changes_changes_the_version_of_the_words() {
    let version = |text: &str| {
        let rules = format!(
            "rules:\n  one:\n    about: A.\n    when: {{ label: a }}\n    then: {{ comment: \
             {{ text: {text} }} }}\n"
        );
        load(&[("rules/a.yml", &rules)]).expect("valid").words.version
    };
    assert_ne!(version("a"), version("b"));
    assert_eq!(version("a"), version("a"));
}

#[test]
fn a_template_that_a_rule_names_is_read() {
    let rules = "rules:\n  one:\n    about: A.\n    when: { label: a }\n    then: { comment: { \
                 template: team/hello } }\n";
    let template = ("templates/team/hello.hbs", "Hello");
    assert!(load(&[("rules/a.yml", rules), template]).is_ok());
    let alone = load(&[template]).expect_err("nothing uses it");
    assert!(alone.contains("nothing reads this file"), "{alone}");
}
