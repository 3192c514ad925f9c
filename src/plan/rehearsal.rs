//! Policies are tried on made-up items before they are taken: a template that asks for what is not
//! there fails when it is rendered, and must not do so for the first time on a real item.

use chrono::DateTime;

use serde_json::json;

use super::{
    Decision, Detail, Input, answers::FALLBACK, decide_input, explain, rehearsed_checklists,
    rehearsed_rules,
};
use crate::{
    commands::Question,
    model::{
        Access, Because, ChangedFile, Changes, Evidence, Facet, FacetValue, FileContent,
        FoundMilestone, Held, LabelEvent, LabelName, Ledger, Person, Snapshot, State, Subject,
    },
    pack::Pack,
    policy::PolicyErrors,
    words::{Slip, Style, WordsError},
};

/// Every reason and every comment is made once.
///
/// # Errors
/// The texts that cannot be made, each with what the template lacked.
pub fn rehearse(pack: &Pack) -> Result<(), PolicyErrors> {
    let mut errors = PolicyErrors::default();
    for because in reasons() {
        for style in [Style::Markdown, Style::Plain] {
            if let Err(error) = pack.words.try_reason(&because, style) {
                errors.push(pack.words.mistake(&error));
                break;
            }
        }
    }
    for mention in [Some("@anna"), None] {
        let facts = json!({ "mention": mention, "item": "issue" });
        if let Err(error) = pack.words.comment(FALLBACK, facts) {
            errors.push(pack.words.mistake(&error));
        }
    }
    for step in explain::samples() {
        for style in [Style::Markdown, Style::Plain] {
            if let Err(error) = pack.words.try_why(&step, style) {
                errors.push(pack.words.mistake(&error));
                break;
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for item in items(pack) {
        if let Err(error) = play(pack, item) {
            errors.push(pack.words.mistake(&error));
        }
    }
    rehearsed_rules::rehearse(pack, &mut errors);
    rehearsed_checklists::rehearse(pack, &mut errors);
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

/// Decides about an item, and again after a person had a hand in it.
fn play(pack: &Pack, item: Item) -> Result<(), WordsError> {
    let person = Person { id: 2, username: "anna".into(), name: "Anna".into() };
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let at = DateTime::UNIX_EPOCH;
    let mut snapshot = Snapshot {
        subject: match item.files.is_empty() {
            true => Subject::gitlab_issue("example/product", 1),
            false => Subject::gitlab_merge_request("example/product", 1),
        },
        url: String::new(),
        title: "An item".into(),
        description: String::new(),
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
    let questions = questions();
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
fn questions() -> Vec<Question> {
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
    vec![ask(1, "anna", all), ask(2, "all", "@steward why"), ask(3, "all", "@steward help")]
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
    let all = pack.catalog.integrations();
    if let Some(first) = all.first() {
        items.push(issue(label(&first.label), false));
        items.push(issue(label(&format!("{}x", first.label)), false));
        items.push(issue([label(&first.label), label("qwxyzzy")].concat(), false));
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
        items.push(Item {
            labels: Vec::new(),
            answered: false,
            files: vec![pattern.path_of(name)],
        });
    }
    items
}

/// A reason of every kind.
fn reasons() -> Vec<Because> {
    let label = LabelName::from("group::example");
    let (integration, group) = ("Example".to_owned(), "Examples".to_owned());
    let by = Some("anna".to_owned());
    let at = Some(DateTime::UNIX_EPOCH);
    vec![
        Because::LabelNamesIntegration {
            label: label.clone(),
            by: by.clone(),
            integration: integration.clone(),
            group: group.clone(),
        },
        Because::PathNamesIntegration { path: "a.rb".into(), integration: integration.clone() },
        Because::SheetTells {
            integration: integration.clone(),
            missing: vec!["docs".into()],
            unsure: vec!["docs".into()],
            passed: 1,
        },
        Because::SheetTells {
            integration: integration.clone(),
            missing: Vec::new(),
            unsure: vec!["docs".into()],
            passed: 1,
        },
        Because::SheetTells {
            integration: integration.clone(),
            missing: Vec::new(),
            unsure: Vec::new(),
            passed: 1,
        },
        Because::GroupOwns { integration, group: group.clone() },
        Because::StageOfGroup { stage: "Plan".into(), group: label.clone() },
        Because::ClosestGroup {
            label: label.clone(),
            sign: "chat".into(),
            place: "title".into(),
            group: group.clone(),
        },
        Because::UnknownIntegration { label: label.clone() },
        Because::TooManyIntegrations { found: 4, most: 3 },
        Because::SeveralOwners { groups: vec![group, "Others".into()] },
        Because::RemovedByHuman { label: label.clone(), by: by.clone(), at },
        Because::RemovedByHuman { label: label.clone(), by: None, at: None },
        Because::SetByHuman { label: label.clone(), by, wanted: label.clone() },
        Because::LabelMissing { label: label.clone() },
        Because::NoLongerWanted { label: label.clone() },
        Because::LabelWar { label, times: 5 },
        Because::CommentDeleted,
        Because::DuplicateComment,
        Because::TellsOwner,
        Because::NoIntegration { prefix: "Integration::".into(), files: Some(3) },
        Because::NoIntegration { prefix: "Integration::".into(), files: None },
        Because::StateNotLookedAfter { state: State::Closed },
        Because::RoutingRests { mode: "off".into() },
        Because::FileListCut,
        Because::AsItShouldBe,
        Because::RuleHolds {
            about: "An example".into(),
            evidence: vec![Evidence {
                clause: "label".into(),
                asked: "type::*".into(),
                saw: "type::bug".into(),
            }],
        },
        Because::NothingToSay,
        Because::StatusWithdrawn { status: "steward/docs".into() },
        Because::AnotherRuleFirst { rule: "rules.first".into(), what: "an example".into() },
        Because::PersonDecided { what: "milestone 18.10".into() },
        Because::NotOnForge { what: "milestone 18.10".into() },
        Because::CloseLimit { limit: 20 },
        Because::Asked { by: "anna".into() },
        Because::TooManyQuestions { by: "anna".into(), most: 5 },
        Because::AskedTooOften { by: "anna".into() },
        Because::AnswerFailed { by: "anna".into(), error: "too long".into() },
    ]
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
    }

    #[test]
    fn a_reason_that_is_missing_is_told() {
        let error = with("templates/reasons.yml", "report: it says so\n").expect_err("missing");
        assert!(error.contains("label_names_integration"), "{error}");
    }
}
