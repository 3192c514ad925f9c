//! Answers to commands in comments. Each is a comment of its own, posted once and never edited: the
//! marker in it makes it findable when nobody knows whether it was posted.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Detail,
    comment::{self, Done, MergedComments},
    explain::{Explanation, LabelTold, Outcome, explanation},
    fields::MergedFields,
    verdicts::{Verdict, Verdicts},
};
use crate::{
    commands::{COMMANDS, Command, Question, read},
    model::{Action, Because, Cite, Effect, Held, LabelName, Reason, SubjectKind, Topic},
    pack::rules::Mode,
    rules::{CommentWanted, Post, Section, Told, View, Wanted, declared::Truth, lifecycle},
    words::Style,
};

/// The rule that answers.
const RULE: &str = "commands";
/// So many events of a label are told.
const HISTORY: usize = 10;
/// So many commands of one comment are answered.
const COMMANDS_OF_A_COMMENT: usize = 5;
/// So many of a list are told, such as labels or rules.
const LIST: usize = 40;
/// So many of a list inside one sentence are told, such as changed files.
const LIST_IN_SENTENCE: usize = 10;
/// The emoji for what was done, by its name on the forge.
const DONE: &str = "white_check_mark";
/// The emoji for what was refused.
const REFUSED: &str = "no_entry_sign";
/// Said in place of an answer that cannot be made.
pub(super) const FALLBACK: &str = "answers/too_long";
/// What a removal takes.
pub(super) const PLANNED: &str = "answers/removal_plan";
/// Why something about a row is refused.
const REFUSED_ROW: &str = "answers/refused";
/// Why something about a removal is refused.
const REFUSED_REMOVAL: &str = "answers/refused_removal";
/// What commands there are.
pub(super) const HELP: &str = "answers/help";

/// Adds the answers to what becomes of the comments.
pub(super) fn give(
    view: &View<'_>,
    (questions, verdicts): (&[Question], &Verdicts),
    wanted: &Wanted<'_>,
    done: Done<'_>,
    fields: &MergedFields,
    detail: Detail,
    merged: &mut MergedComments,
) {
    // What each account got in the hour, this visit included.
    let mut given: HashMap<u64, u32> = HashMap::new();
    let mut room = view.pack.commands.most_unanswered;
    // The actions and findings so far are what there is to explain.
    let (actions, held) = (
        chain([&done.labels.actions, &fields.actions, &merged.actions, &fields.statuses])
            .chain(fields.close.clone())
            .collect::<Vec<_>>(),
        chain([&done.labels.held, &fields.held, &merged.held]).collect::<Vec<_>>(),
    );
    let outcome = Outcome { wanted, actions: &actions, held: &held };
    for question in questions {
        let commands: Vec<Command> =
            question.lines.iter().filter_map(|line| read(line, view.me.handle())).collect();
        // Steward's own words, or somebody else was addressed.
        if commands.is_empty() || question.by_id == view.me.id {
            continue;
        }
        let reason = Reason {
            rule: RULE.into(),
            cite: None,
            because: Because::Asked { by: question.by.clone() },
        };
        if room == 0 {
            let because = Because::TooManyQuestions {
                by: question.by.clone(),
                most: view.pack.commands.most_unanswered,
            };
            merged.held.push(Held { label: None, reason: Reason { because, ..reason } });
            continue;
        }
        let policy = &view.pack.commands;
        let had = given.entry(question.by_id).or_insert(question.lately);
        if *had >= policy.most_an_hour || question.nth >= policy.most_for_a_comment {
            let because = Because::AskedTooOften { by: question.by.clone() };
            merged.held.push(Held { label: None, reason: Reason { because, ..reason } });
            continue;
        }
        *had += 1;
        room -= 1;
        // Decided again once what is missing is read: not worth the words.
        let sections = match view.lacks_something() {
            true => Vec::new(),
            false => sections(view, outcome, question, &commands, verdicts),
        };
        if let Some(emoji) = acknowledged(question, &commands, verdicts) {
            let effect = Effect::Reacted { comment: question.comment, emoji: emoji.to_owned() };
            merged.actions.push(Action { effect, reason: reason.clone() });
            if sections.is_empty() {
                continue;
            }
        }
        let answer = CommentWanted {
            topic: Topic::nth_answer(question.comment, question.nth),
            frame: (sections.len() > 1).then_some("answers/several"),
            sections,
            post: Post::Always,
            reason,
        };
        if let Err(error) = comment::one(view, wanted, &answer, done, detail, merged) {
            let because =
                Because::AnswerFailed { by: question.by.clone(), error: error.to_string() };
            let reason = Reason { because, ..answer.reason.clone() };
            merged.held.push(Held { label: None, reason });
            in_its_place(view, wanted, &question.by, answer, done, detail, merged);
        }
    }
}

/// The emoji that acknowledges what a comment asked for, if it asked for something to be done.
fn acknowledged(
    question: &Question,
    commands: &[Command],
    verdicts: &Verdicts,
) -> Option<&'static str> {
    let given: Vec<&Verdict> = commands
        .iter()
        .enumerate()
        .take(COMMANDS_OF_A_COMMENT)
        .filter_map(|(place, _)| verdicts.of(question.id, place))
        .collect();
    let all_done = given.iter().all(|verdict| **verdict == Verdict::Done);
    (!given.is_empty()).then_some(if all_done { DONE } else { REFUSED })
}

/// A short text in place of an answer that could not be made. Whoever can comment could else keep
/// Steward from the item, so that this fails nothing: without any text the question is dropped.
fn in_its_place(
    view: &View<'_>,
    wanted: &Wanted,
    by: &str,
    answer: CommentWanted,
    done: Done<'_>,
    detail: Detail,
    merged: &mut MergedComments,
) {
    let facts = json!({ "mention": mention(by), "item": noun(view) });
    let section = Section { template: FALLBACK.into(), facts: Told::new(facts), rule: None };
    let short = CommentWanted { frame: None, sections: vec![section], ..answer };
    if let Err(error) = comment::one(view, wanted, &short, done, detail, merged) {
        // Rehearsed when the policies were taken.
        tracing::warn!(%error, "a question is dropped");
    }
}

fn chain<T: Clone + 'static, const N: usize>(lists: [&Vec<T>; N]) -> impl Iterator<Item = T> {
    lists.into_iter().flat_map(|list| list.clone())
}

fn sections(
    view: &View<'_>,
    outcome: Outcome<'_>,
    question: &Question,
    commands: &[Command],
    verdicts: &Verdicts,
) -> Vec<Section<'static>> {
    let mut mention = mention(&question.by);
    let mut sections = Vec::new();
    for (place, command) in commands.iter().enumerate().take(COMMANDS_OF_A_COMMENT) {
        let verdict = verdicts.of(question.id, place);
        if verdict == Some(&Verdict::Done) {
            continue;
        }
        // Nobody needs to be called twice by one comment.
        let mention = mention.take();
        let (template, facts) = match command {
            Command::Why { label } => {
                let about: Vec<LabelName> = label.iter().cloned().collect();
                let explained = explanation(view, outcome, &about);
                ("answers/why", why(view, &explained, label.as_ref(), mention))
            }
            Command::RemovalPlan { integration, version } => {
                let asked = (integration.as_str(), version.as_str());
                (PLANNED, json!(lifecycle::planned(view, asked, mention)))
            }
            Command::Waive { .. }
            | Command::Unwaive { .. }
            | Command::Deprecate { .. }
            | Command::Slip { .. }
            | Command::Cancel { .. }
            | Command::ApproveException { .. }
            | Command::ApproveCleanup { .. }
            | Command::Recheck => refused(view, verdict, mention),
            Command::Help => (HELP, help(None, None, mention)),
            Command::Unknown { word, near } => (HELP, help(Some(word), *near, mention)),
        };
        sections.push(Section { template: template.into(), facts: Told::new(facts), rule: None });
    }
    if commands.len() > COMMANDS_OF_A_COMMENT {
        let left = commands.len() - COMMANDS_OF_A_COMMENT;
        let facts = json!({ "most": COMMANDS_OF_A_COMMENT, "left": left });
        sections.push(Section {
            template: "answers/left".into(),
            facts: Told::new(facts),
            rule: None,
        });
    }
    sections
}

/// The asker, called by name: their handle as it is, if it can call nobody else.
fn mention(by: &str) -> Option<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let calls_one = !by.is_empty() && by.chars().all(good) && !by.eq_ignore_ascii_case("all");
    calls_one.then(|| format!("@{by}"))
}

/// The template that refuses, and what it is told.
pub(super) fn refused(
    view: &View<'_>,
    verdict: Option<&Verdict>,
    mention: Option<String>,
) -> (&'static str, Value) {
    let (template, mut facts, told) = match verdict {
        Some(Verdict::Removal(refusal)) => (
            REFUSED_REMOVAL,
            json!({
                "what": Value::Null, "names": [], "groups": [], "url": Value::Null,
                "not_tracked": false, "no_issue": false, "no_integration": false, "no_code": false,
                "no_option": false, "no_milestone": false, "no_release": false, "too_early": false,
                "same_milestone": false, "elsewhere": false, "tracks_already": false,
                "tracks_nothing": false, "is_cancelled": false, "no_reason": false,
                "may_not": false,
            }),
            json!(refusal),
        ),
        other => {
            let told = match other {
                Some(Verdict::Row(refusal)) => json!(refusal),
                _ => Value::Null,
            };
            let facts = json!({
                "row": Value::Null, "near": Value::Null, "names": [], "groups": [],
                "no_sheet": false, "no_row": false, "which": false, "no_reason": false,
                "may_not": false, "not_waived": false,
            });
            (REFUSED_ROW, facts, told)
        }
    };
    for (key, value) in told.as_object().into_iter().flatten() {
        match value.as_str().filter(|_| key == "refused") {
            Some(kind) => facts[kind] = true.into(),
            None => facts[key] = value.clone(),
        }
    }
    facts["mention"] = mention.into();
    facts["item"] = noun(view).into();
    facts["forge"] = view.snapshot.subject.forge.name().into();
    (template, facts)
}

/// What the template of the answer to `help` is told.
pub(super) fn help(unknown: Option<&str>, near: Option<&str>, mention: Option<String>) -> Value {
    json!({ "mention": mention, "unknown": unknown, "near": near, "commands": COMMANDS })
}

/// A sentence, and where the policy says so.
#[derive(Debug, Serialize)]
struct Said {
    says: String,
    file: Option<String>,
    url: Option<String>,
}

impl Said {
    fn new(view: &View<'_>, says: String, cite: Option<&Cite>) -> Self {
        let places = &view.pack.places;
        let file = |cite: &Cite| format!("{}:{}", places.shown(&cite.file), cite.line);
        let url = |cite: &Cite| Some(format!("{}#L{}", places.url(&cite.file)?, cite.line));
        Self { says, file: cite.map(file), url: cite.and_then(url) }
    }

    fn into_json(self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What the template of the answer to `why` is told.
fn why(
    view: &View<'_>,
    explained: &Explanation,
    label: Option<&LabelName>,
    mention: Option<String>,
) -> Value {
    let words = &view.pack.words;
    let style = Style::of_comments(view.snapshot.subject.forge);
    let because =
        |reason: Option<&Reason>| reason.map(|reason| words.reason(&reason.because, style));
    let line = |says: String, reason: Option<&Reason>| {
        let cite = reason.and_then(|reason| reason.cite.as_ref());
        let mut line = Said::new(view, says, cite).into_json();
        line["because"] = because(reason).into();
        line
    };
    let of_label = |told: &LabelTold| {
        let mut line = line(words.why(&told.fate, style), told.reason.as_ref());
        line["label"] = told.label.as_str().into();
        line
    };
    let steps: Vec<Value> = explained
        .routing
        .iter()
        .map(|step| {
            let (saw, more) = shortened(&step.saw);
            let says = words.why(&saw, style);
            let mut line = Said::new(view, says, step.cite.as_ref()).into_json();
            line["rule"] = step.rule.as_str().into();
            line["held"] = step.held.into();
            line["more"] = more.into();
            line
        })
        .collect();
    let rules = explained.rules.iter().map(|rule| {
        let failed: Vec<Value> = rule
            .failed()
            .iter()
            .take(LIST_IN_SENTENCE)
            .map(|one| json!({ "clause": one.clause, "asked": one.asked, "saw": one.saw }))
            .collect();
        let mut line = Said::new(view, String::new(), Some(&rule.cite)).into_json();
        line["rule"] = rule.rule.as_str().into();
        line["about"] = rule.tree.asked.as_str().into();
        line["held"] = (rule.tree.truth == Truth::Yes).into();
        line["mode"] = (rule.mode != Mode::On).then(|| rule.mode.name()).into();
        line["failed"] = failed.into();
        line
    });
    let more_rules = explained.rules.len().saturating_sub(LIST);
    let rules: Vec<Value> = rules.take(LIST).collect();
    let asked = label.and_then(|label| explained.label(label));
    let mut facts = match asked {
        Some(told) => of_label(told),
        None => {
            let idle = explained.idle.as_ref();
            let mut line = line(String::new(), idle);
            line["idle"] =
                because(idle).unwrap_or_else(|| words.reason(&Because::AsItShouldBe, style)).into();
            line
        }
    };
    let would: Vec<Value> = asked
        .into_iter()
        .flat_map(|told| &told.would)
        .map(|one| {
            let (would, _) = shortened(&one.would);
            Said::new(view, words.why(&would, style), one.cite.as_ref()).into_json()
        })
        .take(LIST)
        .collect();
    let mut told: Vec<Value> = Vec::new();
    if asked.is_none() {
        told.extend(explained.labels.iter().filter(|told| told.is_ours()).map(of_label));
        told.extend(explained.others.iter().map(|other| {
            let (thing, _) = shortened(&other.thing);
            let mut line = line(words.why(&thing, style), Some(&other.reason));
            line["label"] = Value::Null;
            line
        }));
    }
    let more_told = told.len().saturating_sub(LIST);
    told.truncate(LIST);
    let events = explained
        .labels
        .iter()
        .filter(|told| asked.map_or(told.is_ours(), |asked| asked.label.same(&told.label)))
        .flat_map(|told| &told.history);
    let mut events: Vec<_> = events.collect();
    events.sort_by_key(|event| event.at);
    let history: Vec<Value> = events[events.len().saturating_sub(HISTORY)..]
        .iter()
        .map(|event| {
            json!({
                "at": event.at.date_naive().to_string(),
                "label": event.label,
                "added": event.added,
                "by": event.by.as_ref().map(|by| by.username.as_str()),
            })
        })
        .collect();
    facts["mention"] = mention.into();
    facts["item"] = noun(view).into();
    facts["label"] = asked.map(|told| told.label.as_str()).into();
    facts["would"] = would.into();
    facts["told"] = told.into();
    facts["steps"] = steps.into();
    facts["more_told"] = more_told.into();
    facts["rules"] = rules.into();
    facts["more_rules"] = more_rules.into();
    facts["history"] = history.into();
    facts["policies"] = view.pack.version.as_str().into();
    if facts.get("idle").is_none() {
        facts["idle"] = Value::Null;
    }
    facts
}

/// The facts of a sentence with long lists cut short, and how many entries they lost.
fn shortened(facts: &impl Serialize) -> (Value, usize) {
    let mut facts = serde_json::to_value(facts).unwrap_or_default();
    let mut more = 0;
    for list in facts.as_object_mut().into_iter().flat_map(|facts| facts.values_mut()) {
        if let Value::Array(list) = list {
            more += list.len().saturating_sub(LIST_IN_SENTENCE);
            list.truncate(LIST_IN_SENTENCE);
        }
    }
    (facts, more)
}

/// What people call the subject.
pub(super) fn noun(view: &View<'_>) -> &'static str {
    let subject = &view.snapshot.subject;
    match subject.kind {
        SubjectKind::Issue => "issue",
        SubjectKind::MergeRequest => subject.forge.merge_request(),
        SubjectKind::Epic => "epic",
    }
}
