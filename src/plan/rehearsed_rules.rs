//! The sections of declared rules are made once before a pack is taken, whatever their conditions
//! say: with everything that a section may be told, and with nothing of it.

use serde_json::{Value, json};

use crate::{
    pack::{Pack, rules::Rule},
    policy::PolicyErrors,
    rules::declared,
    words::{WordsError, typed::TYPED},
};

/// In the place of those who are called.
const CALLED: &str = "@rehearsal";
/// How one asks.
const ASK: &str = "@steward why";

/// Makes what each rule says, and what is said when none says anything.
pub(super) fn rehearse(pack: &Pack, errors: &mut PolicyErrors) {
    for facts in [full(), bare(), by_people()] {
        let item = json!({ "item": facts["item"] });
        if let Err(error) = pack.words.comment(declared::SETTLED, with_labels(item)) {
            errors.push(pack.words.mistake(&error));
        }
    }
    for rule in pack.rules.iter().filter(|rule| rule.speaks()) {
        match comment(pack, rule, full()) {
            Ok(text) if rule.then.mention.is_some() && !text.contains(CALLED) => {
                let message = "the rule calls people with `mention`, and its template does not \
                               show `{{{mention}}}`";
                errors.push(pack.words.mistake_in(&declared::template(rule), message));
            }
            Ok(_) => {
                let made = comment(pack, rule, bare());
                let made = made.and_then(|_| comment(pack, rule, by_people()));
                if let Err(error) = made {
                    errors.push(pack.words.mistake(&error));
                }
            }
            Err(error) => errors.push(pack.words.mistake(&error)),
        }
    }
}

fn comment(pack: &Pack, rule: &Rule, mut facts: Value) -> Result<String, WordsError> {
    facts["about"] = rule.about.clone().into();
    let section = pack.words.comment(&declared::template(rule), with_labels(facts))?;
    let facts = json!({ "sections": [section], "set": true, "ask": ASK });
    pack.words.comment(declared::FRAME, facts)
}

fn with_labels(mut facts: Value) -> Value {
    facts["labels"] = json!([
        { "label": "bug", "there": true, "ours": true, "why": null },
        { "label": "feature", "there": false, "ours": false, "why": "an example" },
    ]);
    facts["set"] = json!(["bug"]);
    facts["ask"] = ASK.into();
    facts
}

/// A section that is told everything.
fn full() -> Value {
    json!({
        "item": "merge request",
        "title": "An example",
        "author": "anna",
        "about": "",
        "integrations": [{
            "name": "Example",
            "docs": "https://docs.example.com",
            "label": "Integration::Example",
            "owner": "group::example",
            "key": "example",
            "file": "catalog/integrations/example.yml",
            "url": "https://example.com/catalog/integrations/example.yml",
        }],
        "group": { "name": "Examples", "label": "group::example", "mention": "@example" },
        "mention": CALLED,
        "checklist": [
            { "text": "done", "done": true },
            { "text": "not done", "done": false },
            { "text": "nobody knows", "done": null },
        ],
        "cites": { "url": "https://example.com", "sentence": "So it shall be." },
    })
}

/// A section whose item says what no template may let through.
fn by_people() -> Value {
    let mut facts = full();
    facts["title"] = TYPED.into();
    facts["author"] = TYPED.into();
    facts
}

/// A section that is told next to nothing.
fn bare() -> Value {
    json!({
        "item": "issue",
        "title": "",
        "author": "anna",
        "about": "",
        "integrations": [],
        "group": null,
        "mention": null,
        "checklist": [],
        "cites": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Origin, PolicySource, SourceFile};

    fn rehearsed(then: &str, templates: &[(&str, &str)]) -> Result<(), String> {
        let mut source = PolicySource::built_in();
        let text = format!(
            "rules:\n  docs_missing:\n    about: An integration has documentation.\n    when: \
             {{ label: bug }}\n    then:\n{then}\n"
        );
        let rules = [("rules/zz_own.yml", text.as_str())];
        for (path, text) in rules.iter().chain(templates) {
            let origin = Origin::File((*path).into());
            source.insert(SourceFile::new(*path, origin, *text));
        }
        let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
        super::super::rehearse(&pack).map_err(|errors| errors.to_string())
    }

    #[test]
    fn every_rule_is_heard_though_its_condition_never_holds() {
        let fine = "      comment: { text: 'About {{title}} by {{author}}: {{#if group}}\
                    {{label group.label}}{{/if}}' }\n      mention: owners\n      checklist: \
                    [{ text: a }]";
        assert_eq!(rehearsed(fine, &[]), Ok(()));
        let slip = rehearsed("      comment: { text: 'About {{titel}}' }", &[]);
        let error = slip.expect_err("no such fact");
        assert!(error.contains("rules/zz_own.yml:6") && error.contains("titel"), "{error}");
        // Only without a group does this fail.
        let slip = rehearsed("      comment: { text: 'Of {{group.name}}' }", &[]);
        assert!(slip.is_err());
    }

    #[test]
    fn the_shared_templates_are_heard_with_the_rules() {
        let fine = "      checklist: [{ text: a }]";
        for name in ["comment", "settled", "checklist", "plain"] {
            let path = format!("templates/rules/{name}.hbs");
            let error = rehearsed(fine, &[(&path, "{{nowhere}}")]).expect_err(name);
            assert!(error.contains("nowhere"), "{error}");
        }
    }

    #[test]
    fn typed_text_that_comes_through_is_refused_where_it_is_shown() {
        for fact in ["title", "author"] {
            let then = "      comment: { template: team/docs }";
            let text = format!("Hello {{{{{{mention}}}}}}\n\n- {{{{{{{fact}}}}}}}");
            let told = rehearsed(then, &[("templates/team/docs.hbs", &text)]).expect_err(fact);
            assert!(told.contains("templates/team/docs.hbs:3:6"), "{told}");
            assert!(told.contains(&format!("`{fact}` is shown as people typed it")), "{told}");
            // In what it calls.
            let calls = [
                ("templates/team/docs.hbs", "Hello {{> team/part}}"),
                ("templates/team/part.hbs", text.as_str()),
            ];
            let told = rehearsed(then, &calls).expect_err(fact);
            assert!(told.contains("templates/team/part.hbs:3:6"), "{told}");
            let inline = format!("      comment: {{ text: 'Hello {{{{{{{fact}}}}}}}' }}");
            let told = rehearsed(&inline, &[]).expect_err(fact);
            assert!(told.contains("rules/zz_own.yml:6"), "{told}");
        }
        let fine =
            "      comment: { text: '{{title}} {{code title}} {{label title}} {{{about}}}' }";
        assert_eq!(rehearsed(fine, &[]), Ok(()));
    }

    #[test]
    fn a_template_that_does_not_call_whom_the_rule_mentions_is_told() {
        let then = "      comment: { template: team/docs }\n      mention: '@anna'";
        let error = rehearsed(then, &[("templates/team/docs.hbs", "Hello")]).expect_err("silent");
        assert!(error.contains("mention"), "{error}");
        assert_eq!(rehearsed(then, &[("templates/team/docs.hbs", "Hello {{{mention}}}")]), Ok(()));
    }
}
