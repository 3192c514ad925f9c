//! Policies are tried on made-up items before they are taken: a template that asks for what is not
//! there fails when it is rendered, and must not do so for the first time on a real item.

use chrono::DateTime;

use serde_json::{Value, json};

use super::{
    Decision, Detail, Input, answers, answers::FALLBACK, comment::TOO_LONG, decide_input, explain,
    rehearsed_checklists, rehearsed_cleanup, rehearsed_lifecycle, rehearsed_rules,
    sample_reasons::reasons,
};
use crate::{
    commands::Question,
    model::{
        Access, Because, ChangedFile, Changes, Facet, FacetValue, FileContent, FoundMilestone,
        Held, LabelEvent, LabelName, Ledger, Person, Snapshot, State, Subject,
    },
    pack::Pack,
    policy::PolicyErrors,
    words::{
        Slip, Style, WordsError,
        typed::{TYPED, typed},
    },
};

/// Every reason and every comment is made once.
///
/// # Errors
/// The texts that cannot be made, each with what the template lacked.
pub fn rehearse(pack: &Pack) -> Result<(), PolicyErrors> {
    let mut errors = PolicyErrors::default();
    for because in reasons().iter().map(|because| json!(because)) {
        for style in [Style::Markdown, Style::Plain] {
            let said = |facts: &Value| pack.words.rehearse_reason(facts, style);
            if let Err(error) = said(&because).and_then(|()| said(&typed(&because))) {
                errors.push(pack.words.mistake(&error));
                break;
            }
        }
    }
    // A word of a question has no white space, which is what typed text is told by.
    for facts in [answers::help(Some("hlep"), Some("help"), None)] {
        if let Err(error) = pack.words.comment(answers::HELP, typed(&facts)) {
            errors.push(pack.words.mistake(&error));
        }
    }
    for mention in [Some("@anna"), None] {
        let facts = json!({ "mention": mention, "item": "issue" });
        if let Err(error) = pack.words.comment(FALLBACK, facts) {
            errors.push(pack.words.mistake(&error));
        }
    }
    for item in ["issue", "merge request"] {
        let facts = json!({ "item": item, "ask": "@steward why" });
        if let Err(error) = pack.words.comment(TOO_LONG, facts) {
            errors.push(pack.words.mistake(&error));
        }
    }
    for step in explain::samples() {
        for style in [Style::Markdown, Style::Plain] {
            let said = |step: &Value| pack.words.try_why(step, style);
            if let Err(error) = said(&step).and_then(|_| said(&typed(&step))) {
                errors.push(pack.words.mistake(&error));
                break;
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for item in items(pack) {
        for by in ["anna", TYPED] {
            if let Err(error) = play(pack, &item, by) {
                errors.push(pack.words.mistake(&error));
                break;
            }
        }
    }
    rehearsed_rules::rehearse(pack, &mut errors);
    rehearsed_checklists::rehearse(pack, &mut errors);
    rehearsed_cleanup::rehearse(pack, &mut errors);
    rehearsed_lifecycle::rehearse(pack, &mut errors);
    errors.0.dedup_by_key(|error| error.to_string());
    errors.or(())
}

/// An item and the files that it changes.
struct Item {
    labels: Vec<String>,
    /// A person put a group's label on it after Steward had spoken.
    answered: bool,
    files: Vec<String>,
}

/// Decides about an item, and again after a person had a hand in it. `by` is what that person is
/// called.
fn play(pack: &Pack, item: &Item, by: &str) -> Result<(), WordsError> {
    let person = Person { id: 2, username: by.into(), name: by.into() };
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let at = DateTime::UNIX_EPOCH;
    let mut snapshot = Snapshot {
        subject: match item.files.is_empty() {
            true => Subject::gitlab_issue("example/product", 1),
            false => Subject::gitlab_merge_request("example/product", 1),
        },
        url: String::new(),
        title: TYPED.into(),
        description: TYPED.into(),
        state: State::Open,
        draft: false,
        author: person.clone(),
        labels: item.labels.iter().map(LabelName::new).collect(),
        milestone: None,
        created_at: at,
        updated_at: at,
        head: None,
        assignees: Vec::new(),
        votes: Default::default(),
        weight: None,
        confidential: false,
        facets: Default::default(),
    };
    let ledger = decided(pack, &mut snapshot.clone(), &Ledger::default(), &me, &item.files)?;
    if item.answered {
        snapshot.labels.extend(pack.catalog.groups().find_map(|group| group.label_name()));
    } else {
        // What Steward set was taken off, and the label that named the integration too.
        snapshot.facets.label_history = Some(
            ledger
                .labels
                .iter()
                .map(|applied| LabelEvent {
                    label: Some(applied.name.clone()),
                    added: false,
                    by: Some(person.clone()),
                    at,
                })
                .collect(),
        );
        decided(pack, &mut snapshot.clone(), &ledger, &me, &item.files)?;
        snapshot.labels.clear();
    }
    decided(pack, &mut snapshot, &ledger, &me, &[])?;
    Ok(())
}

/// What Steward has to its name after it has decided, with every comment posted.
fn decided(
    pack: &Pack,
    snapshot: &mut Snapshot,
    ledger: &Ledger,
    me: &Person,
    files: &[String],
) -> Result<Ledger, WordsError> {
    let questions = questions(&snapshot.author.username);
    // Two rounds of reading are enough for every rule; a rule that wants more is not rehearsed
    // further.
    for _ in 0..4 {
        let now = DateTime::UNIX_EPOCH;
        let input = Input { snapshot, ledger, me, now, questions: &questions };
        match decide_input(Detail::Full, input, pack)? {
            Decision::Plan(plan) => {
                // On a real item it would hold nothing up, and nobody would hear of it.
                if let Some(error) = plan.held.iter().find_map(failed_answer) {
                    return Err(error);
                }
                let mut after = plan.ledger_after;
                after.comments.iter_mut().for_each(|live| live.id = live.id.or(Some(1)));
                return Ok(after);
            }
            Decision::Needs(needs) => {
                for facet in needs {
                    let value = match &facet {
                        Facet::LabelHistory => FacetValue::LabelHistory(Vec::new()),
                        Facet::OwnComments => FacetValue::OwnComments(Vec::new()),
                        Facet::Label(name) => FacetValue::Label(Some(name.clone())),
                        Facet::AuthorAccess => FacetValue::AuthorAccess(Access::None),
                        Facet::Milestone(title) => FacetValue::Milestone(Some(FoundMilestone {
                            id: 1,
                            title: title.clone(),
                        })),
                        Facet::Account(handle) => FacetValue::Account(Some(Person {
                            id: 3,
                            username: handle.clone(),
                            name: handle.clone(),
                        })),
                        Facet::File(_) => FacetValue::File(FileContent::Absent),
                        Facet::Membership(_) => FacetValue::Membership(false),
                        Facet::Removals => FacetValue::Removals(Vec::new()),
                        Facet::Standings => FacetValue::Standings(Ok(Vec::new())),
                        Facet::Standing(_) => FacetValue::Standing(Box::new(Err(TYPED.to_owned()))),
                        Facet::OwnStatuses => FacetValue::OwnStatuses(Vec::new()),
                        Facet::OwnIssues => FacetValue::OwnIssues(Vec::new()),
                        Facet::Changes => FacetValue::Changes(Changes {
                            files: files.iter().map(|path| changed(path)).collect(),
                            complete: true,
                        }),
                    };
                    snapshot.fill(&facet, value);
                }
            }
        }
    }
    Ok(ledger.clone())
}

fn failed_answer(held: &Held) -> Option<WordsError> {
    match &held.reason.because {
        Because::AnswerFailed { error, .. } => {
            Some(WordsError::Render(Box::new(Slip::said(error.clone()))))
        }
        _ => None,
    }
}

/// Questions that bring every answer to speak.
fn questions(by: &str) -> Vec<Question> {
    let all = "@steward why\n@steward why ~a::b\n@steward help\n@steward hlep\n\
               @steward why a::c\n@steward why a::d";
    let ask = |id: u64, by: &str, lines: &str| Question {
        id: 0,
        comment: id,
        nth: 0,
        by_id: 2,
        by: by.to_owned(),
        lately: 0,
        lines: lines.lines().map(str::to_owned).collect(),
    };
    let mut all = ask(1, by, all);
    all.lines.insert(0, format!("@steward why ~\"a::e {TYPED}\""));
    vec![all, ask(2, "all", "@steward why"), ask(3, "all", "@steward help")]
}

fn changed(path: &str) -> ChangedFile {
    ChangedFile { path: path.to_owned(), ..ChangedFile::default() }
}

/// Items that bring every rule to speak, as far as the catalog has what it takes.
fn items(pack: &Pack) -> Vec<Item> {
    let prefix = pack.routing.label_prefix.as_str();
    let label = |value: &str| vec![format!("{prefix}{value}")];
    let issue = |labels: Vec<String>, answered| Item { labels, answered, files: Vec::new() };
    let mut items = vec![issue(label("qwxyzzy"), false), issue(label("qwxyzzy"), true)];
    items.push(issue(label(&format!("qwxyzzy {TYPED}")), false));
    let all = pack.catalog.integrations();
    if let Some(first) = all.first() {
        items.push(issue(label(&first.label), false));
        items.push(issue(label(&format!("{}x", first.label)), false));
        let typed = format!("qwxyzzy {TYPED}");
        items.push(issue([label(&first.label), label(&typed)].concat(), false));
        // Two with different owners.
        if let Some(other) = all.iter().find(|other| other.group != first.group) {
            items.push(issue([label(&first.label), label(&other.label)].concat(), false));
        }
        let many = *pack.routing.most_integrations + 1;
        items.push(issue(all.iter().take(many).flat_map(|one| label(&one.label)).collect(), false));
    }
    if let Some(closest) = pack.routing.unknown.closest.first() {
        let sign = closest.labels.first().or(closest.words.first());
        items.push(issue([label("qwxyzzy"), sign.cloned().into_iter().collect()].concat(), false));
    }
    let coded = all.iter().find_map(|one| one.code_names.first());
    if let (Some(name), Some(pattern)) = (coded, pack.routing.paths.first()) {
        let path = pattern.path_of(name);
        // Below it, which most patterns let through, people name files as they like.
        for path in [format!("{path}/{TYPED}"), path] {
            items.push(Item { labels: Vec::new(), answered: false, files: vec![path] });
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::{Origin, PolicySource, SourceFile};

    fn with(path: &str, text: &str) -> Result<(), String> {
        let mut source = PolicySource::built_in();
        source.insert(SourceFile::new(path, Origin::BuiltIn, text));
        let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
        rehearse(&pack).map_err(|errors| errors.to_string())
    }

    #[test]
    fn the_shipped_words_are_whole() {
        let pack = Pack::load(&PolicySource::built_in()).expect("valid");
        assert!(rehearse(&pack).is_ok());
    }

    /// A reason that is never rehearsed could fail on a real item.
    #[test]
    fn every_reason_is_rehearsed() {
        let kind = |because: &Because| {
            serde_json::to_value(because).expect("data")["kind"].as_str().map(str::to_owned)
        };
        let rehearsed: BTreeSet<_> = reasons().iter().filter_map(kind).collect();
        let text = include_str!("../../templates/reasons.yml");
        let written = text.lines().filter_map(|line| line.strip_suffix(": >-"));
        assert_eq!(rehearsed, written.map(str::to_owned).collect());
    }

    #[test]
    fn every_step_is_rehearsed() {
        let rehearsed: BTreeSet<_> = explain::samples()
            .iter()
            .filter_map(|one| one["kind"].as_str().map(str::to_owned))
            .collect();
        let text = include_str!("../../templates/why.yml");
        let written = text.lines().filter_map(|line| line.strip_suffix(": >-"));
        assert_eq!(rehearsed, written.map(str::to_owned).collect());
    }

    #[test]
    fn a_slip_in_an_answer_is_told() {
        for template in ["why", "help", "several", "cite"] {
            let path = format!("templates/answers/{template}.hbs");
            let error = with(&path, "{{nowhere}}").expect_err(template);
            assert!(error.contains("nowhere"), "{error}");
        }
        let error = with("templates/why.yml", "state: it is\n").expect_err("missing");
        assert!(error.contains("why/labels"), "{error}");
    }

    #[test]
    fn every_template_is_rehearsed_and_a_slip_is_told() {
        for template in [
            "owned",
            "labels",
            "closest",
            "unknown",
            "too_many",
            "several_owners",
            "withdrawn",
            "answered",
        ] {
            let path = format!("templates/routing/{template}.hbs");
            let error = with(&path, "{{nowhere}}").expect_err(template);
            assert!(error.contains(&format!("routing/{template}")), "{error}");
            assert!(error.contains("nowhere"), "{error}");
        }
        assert!(with("templates/footer.hbs", "{{nowhere}}").is_err());
        assert!(with("templates/rules/too_long.hbs", "{{nowhere}}").is_err());
    }

    /// One that shows what people type as they typed it, in each place where it may stand.
    #[test]
    fn typed_text_that_comes_through_is_refused() {
        for (path, text, at, fact) in [
            ("routing/unknown", "Hello\n{{{this.label}}}", ":2:9", "label"),
            ("routing/unknown", "{{{value}}}", ":1:4", "value"),
            ("routing/left", "{{{by}}}", ":1:4", "by"),
            ("routing/labels", "{{#each unknown}}{{{this}}}{{/each}}", ":1:21", "this"),
            ("answers/help", "{{&unknown}}", ":1:4", "unknown"),
        ] {
            let path = format!("templates/{path}.hbs");
            let error = with(&path, text).expect_err(&path);
            assert!(error.contains(&format!("{path}{at}")), "{path}: {error}");
            assert!(error.contains(&format!("`{fact}` is shown as people typed it")), "{error}");
        }
        let path = "templates/answers/why.hbs";
        let error = with(path, "{{#if label}}{{{this.label}}}{{/if}}").expect_err(path);
        assert!(error.contains("answers/why"), "{error}");
        assert!(error.contains("`label` is shown as people typed it"), "{error}");
        let reasons = include_str!("../../templates/reasons.yml");
        let raw = reasons.replace("{{code by}}", "{{{by}}}");
        let error = with("templates/reasons.yml", &raw).expect_err("raw");
        assert!(error.contains("`by` is shown as people typed it"), "{error}");
        let whys = include_str!("../../templates/why.yml");
        let raw = whys.replace("{{label label}}", "{{{this.label}}}");
        let error = with("templates/why.yml", &raw).expect_err("raw");
        assert!(error.contains("`label` is shown as people typed it"), "{error}");
    }

    #[test]
    fn a_reason_that_is_missing_is_told() {
        let error = with("templates/reasons.yml", "report: it says so\n").expect_err("missing");
        assert!(error.contains("label_names_integration"), "{error}");
    }
}
