//! Conditions of a rule to Steward's, each of which must hold. What has no counterpart is logged
//! and left out; the rule is then off, since with fewer conditions it would do more.

use super::{
    file::{Map, Node, Value, texts},
    labels::{self, Entry},
    report::Log,
    write::Yaml,
};
use crate::{model::SubjectKind, policy::Located};

/// Why something is left out, and what to do instead.
type Lost = (String, &'static str);
/// The conditions that one of theirs becomes.
type Made = Result<Vec<Yaml>, Lost>;

const FIX: &str = "correct it in the file and import again";
const KEEP: &str = "leave this rule with gitlab-triage";
const ASK_ELSE: &str = "ask for something else, such as a label, or leave this rule with \
                        gitlab-triage";

fn lost<T>(why: impl Into<String>, instead: &'static str) -> Result<T, Lost> {
    Err((why.into(), instead))
}

/// What the conditions of a rule become.
pub(super) fn carry(conditions: Option<&Node>, kind: SubjectKind, log: &mut Log) -> Vec<Yaml> {
    let empty = Map::new();
    let map = match conditions {
        None => &empty,
        Some(node) if node.value.is_blank() => &empty,
        Some(node) => match node.value.map() {
            Some(map) => map,
            None => {
                log.left(node.line(), "conditions", "it is no mapping", FIX);
                &empty
            }
        },
    };
    let mut made = state(map, kind, log);
    for (key, value) in map {
        if key.value == "state" {
            continue;
        }
        match one(key, value, map, kind, log) {
            Ok(conditions) => made.extend(conditions),
            Err((why, instead)) => log.left(key.line(), key, &why, instead),
        }
    }
    if made.is_empty() {
        // Open items are what a rule looks at that asks for no state.
        made.push(Yaml::one("labels", Yaml::one("at_least", Yaml::word(0))));
    }
    made
}

/// Without `state` gitlab-triage looks at all items, and Steward at the open ones. So `opened` is
/// left unsaid: what such a rule did then stays when the item is closed.
fn state(map: &Map, kind: SubjectKind, log: &mut Log) -> Vec<Yaml> {
    let merges = kind == SubjectKind::MergeRequest;
    let every = if merges { "[open, closed, merged]" } else { "[open, closed]" };
    let found = map.iter().find(|(key, _)| key.value == "state");
    let word = match found {
        None => every,
        Some((_, value)) if value.value.is_blank() => every,
        Some((key, value)) => match value.value.text().as_deref() {
            Some("opened") => return Vec::new(),
            Some("closed") => "closed",
            Some("merged") if merges => "merged",
            _ => {
                let instead = "write `state: open`, `closed` or `merged` into the rule";
                log.left(
                    key.line(),
                    "state",
                    "no item of this kind has this state in Steward",
                    instead,
                );
                return Vec::new();
            }
        },
    };
    vec![Yaml::one("state", Yaml::word(word))]
}

fn one(key: &Located<String>, value: &Node, map: &Map, kind: SubjectKind, log: &mut Log) -> Made {
    let merges = kind == SubjectKind::MergeRequest;
    match key.as_str() {
        "labels" => with_labels(value),
        "forbidden_labels" => without_labels(value, log),
        "no_additional_labels" => exactly(key, value, map, log),
        "date" => date(value),
        "milestone" => milestone(value, log),
        "author_username" => match value.value.text() {
            Some(name) if !name.contains('*') && !name.trim().is_empty() => {
                Ok(vec![Yaml::one("author", Yaml::one("handle", Yaml::Text(name.trim().into())))])
            }
            _ => lost("it is no handle", FIX),
        },
        "author_member" => author_member(value, log),
        "votes" | "upvotes" => votes(value),
        "weight" if kind == SubjectKind::Issue => weight(value),
        "draft" if merges => match value.value {
            Value::Bool(draft) => Ok(vec![Yaml::one("draft", Yaml::word(draft))]),
            _ => lost("it is neither `true` nor `false`", FIX),
        },
        "weight" | "draft" => {
            lost("items of this kind have none, and gitlab-triage does not look at it", FIX)
        }
        "ruby" => lost(
            "it is a program in Ruby",
            "say it with other conditions, or with `when_expr` in CEL",
        ),
        "assignee_member" => lost(
            "Steward does not ask where assignees are members",
            "ask `assigned: true`, or leave this rule with gitlab-triage",
        ),
        "source_branch" | "target_branch" => lost("Steward does not ask for branches", ASK_ELSE),
        "reviewer_id" => lost("Steward does not ask for reviewers", ASK_ELSE),
        "discussions" => lost("Steward does not count discussions", ASK_ELSE),
        "issue_type" => lost(
            "issues, incidents and test cases are all issues to Steward",
            "set a label on incidents and ask for it",
        ),
        "health_status" => lost("Steward does not read the health status", ASK_ELSE),
        "iteration" => lost("Steward does not read iterations", ASK_ELSE),
        "protected" | "name" => lost("it is about branches", "take it out of this rule"),
        _ => lost(
            "gitlab-triage itself does not know it, unless a plugin of yours does",
            "take it out of the file, or say it with Steward's conditions",
        ),
    }
}

fn label(names: Vec<String>) -> Yaml {
    Yaml::one("label", Yaml::one_or_many(names))
}

/// The names of a field, without empty ones.
fn names(value: &Node) -> Result<Vec<Located<String>>, Lost> {
    match texts(value) {
        Ok(mut names) => {
            names.retain(|name| !name.trim().is_empty());
            Ok(names)
        }
        Err(_) => lost("it is no list of names", FIX),
    }
}

fn with_labels(value: &Node) -> Made {
    let names = names(value)?;
    let mut made = Vec::new();
    for name in &names {
        let count = |bound| {
            Yaml::one("labels", Yaml::one(bound, Yaml::word(u8::from(bound == "at_least"))))
        };
        match labels::entry(name) {
            Entry::Nothing | Entry::Anything if names.len() > 1 => {
                return lost(format!("`{}` stands among other labels", name.value), FIX);
            }
            Entry::Nothing => made.push(count("at_most")),
            Entry::Anything => made.push(count("at_least")),
            Entry::TooMany => return lost(format!("`{}` is too many labels", name.value), FIX),
            Entry::OneOf(of) if of.is_empty() => {
                return lost(format!("`{}` is no label at all", name.value), FIX);
            }
            Entry::OneOf(of) => {
                fits(&of)?;
                made.push(label(of));
            }
        }
    }
    Ok(made)
}

/// Refuses names in which `*` would mean more than it did.
fn fits(names: &[String]) -> Result<(), Lost> {
    match names.iter().find(|name| labels::is_wider_here(name)) {
        Some(name) => {
            lost(format!("in `{name}` Steward takes `*` for any text"), "write the labels out")
        }
        None => Ok(()),
    }
}

fn without_labels(value: &Node, log: &mut Log) -> Made {
    let names = names(value)?;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut taken = Vec::new();
    for name in &names {
        match name.trim().to_lowercase().as_str() {
            "none" | "any" => {
                return lost(
                    format!("`{}` is no label", name.value),
                    "write `labels: {at_least: 1}` or `labels: {at_most: 0}` into the rule",
                );
            }
            _ => taken.push(name.trim().to_owned()),
        }
        if name.contains('{') {
            let text =
                "gitlab-triage expands braces in `labels` only, so this name is taken as it stands";
            log.note(name.line(), text);
        }
    }
    // To forbid more would only make the rule do less, and yet not what it did.
    fits(&taken)?;
    Ok(vec![Yaml::one("not", label(taken))])
}

/// `no_additional_labels`: exactly the labels of `labels`.
fn exactly(key: &Located<String>, value: &Node, map: &Map, log: &mut Log) -> Made {
    if value.value.is_blank() {
        return Ok(Vec::new());
    }
    if matches!(value.value, Value::Bool(false)) {
        let text =
            "gitlab-triage takes `no_additional_labels: false` for `true`, and so it is carried";
        log.note(key.line(), text);
    }
    let Some((_, listed)) = map.iter().find(|(key, _)| key.value == "labels") else {
        return lost("it needs `labels` beside it", FIX);
    };
    let mut all = std::collections::BTreeSet::new();
    let names = names(listed)?;
    let mut count = 0;
    for name in &names {
        match labels::entry(name) {
            Entry::OneOf(of) => {
                count += 1;
                if of.iter().any(|name| name.contains('*') || !all.insert(name.to_lowercase())) {
                    return lost("the labels beside it cannot be counted", "write the labels out");
                }
            }
            // No label beyond none, which `labels` says itself.
            Entry::Nothing => {}
            Entry::Anything | Entry::TooMany => {
                return lost("the labels beside it cannot be counted", "write the labels out");
            }
        }
    }
    Ok(vec![Yaml::one("labels", Yaml::one("at_most", Yaml::word(count)))])
}

/// The text of a field of a mapping.
fn field(value: &Node, key: &str) -> String {
    value.value.get(key).and_then(|node| node.value.text()).unwrap_or_default()
}

fn date(value: &Node) -> Made {
    let since = match field(value, "attribute").as_str() {
        "created_at" => "created",
        "updated_at" => "updated",
        "merged_at" => {
            return lost("Steward does not ask when something was merged", ASK_ELSE);
        }
        "authored_date" | "committed_date" => return lost("it is about branches", FIX),
        other => return lost(format!("there is no date `{other}`"), FIX),
    };
    let bound = match field(value, "condition").as_str() {
        "older_than" => "at_least",
        "newer_than" => "less_than",
        other => return lost(format!("`{other}` compares nothing"), FIX),
    };
    let Some(number) = value.value.get("interval").and_then(|node| node.value.whole()) else {
        return lost("`interval` is no whole number", FIX);
    };
    let unit = field(value, "interval_type");
    let (number, unit) = match unit.trim_end_matches('s') {
        "minute" if number % 60 == 0 => (number / 60, "hour"),
        "minute" => return lost("Steward counts no minutes", "write whole hours"),
        unit @ ("hour" | "day" | "week" | "month" | "year") => (number, unit),
        other => return lost(format!("there is no interval `{other}`"), FIX),
    };
    if number > 12_000 {
        return lost("the time is longer than Steward counts", FIX);
    }
    let span = format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    let age = vec![("since", Yaml::word(since)), (bound, Yaml::word(span))];
    Ok(vec![Yaml::one("age", Yaml::Map(age))])
}

fn milestone(value: &Node, log: &mut Log) -> Made {
    let Ok(all) = texts(value) else { return lost("it is no name", FIX) };
    let Some(first) = all.first().filter(|first| !first.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    if all.len() > 1 {
        log.note(first.line(), "gitlab-triage looks at the first milestone of a list only");
    }
    let is = |field, value| Ok(vec![Yaml::one("milestone", Yaml::one(field, value))]);
    match first.trim().to_lowercase().as_str() {
        "none" | "no milestone" => is("set", Yaml::word(false)),
        "any" | "any milestone" => is("set", Yaml::word(true)),
        "started" | "#started" | "upcoming" | "#upcoming" => lost(
            "Steward does not ask when a milestone starts",
            "ask for the milestone's `title` or `version`, or whether it is `overdue`",
        ),
        _ if first.contains('*') => {
            lost("Steward takes `*` for any text", "name the milestone without it")
        }
        _ => is("title", Yaml::Text(first.trim().to_owned())),
    }
}

fn author_member(value: &Node, log: &mut Log) -> Made {
    let member = match field(value, "condition").as_str() {
        "member_of" => true,
        "not_member_of" => false,
        other => return lost(format!("`{other}` asks nothing"), FIX),
    };
    let of = field(value, "source_id");
    match field(value, "source").as_str() {
        "project" if of.contains('/') && !of.contains('*') => {
            if member {
                let text = "Steward counts members of the project's groups too: gitlab-triage \
                            counts those of the project alone";
                return lost(
                    text,
                    "write `author: {member: true}` into the rule, if that is meant",
                );
            }
            let text = format!(
                "the rule looks at items of {of} only, and members of its groups are members too"
            );
            log.note(value.line(), &text);
            Ok(vec![
                Yaml::one("project", Yaml::Text(of)),
                Yaml::one("author", Yaml::one("member", Yaml::word(false))),
            ])
        }
        "project" | "group" => lost(
            format!("Steward knows members of the item's own project only, and not of `{of}`"),
            "write `author: {member: true}` or `{member: false}` into the rule, if that will do",
        ),
        other => lost(format!("there is no source `{other}`"), FIX),
    }
}

fn votes(value: &Node) -> Made {
    let thumb = match field(value, "attribute").as_str() {
        "upvotes" => "up",
        "downvotes" => "down",
        other => return lost(format!("there are no votes `{other}`"), FIX),
    };
    let Some(threshold) = value.value.get("threshold").and_then(|node| node.value.whole()) else {
        return lost("`threshold` is no whole number", FIX);
    };
    let range = match field(value, "condition").as_str() {
        "greater_than" => Yaml::one("at_least", Yaml::word(threshold + 1)),
        "less_than" if threshold > 0 => Yaml::one("at_most", Yaml::word(threshold - 1)),
        "less_than" => return lost("no number of votes is less than 0", KEEP),
        other => return lost(format!("`{other}` compares nothing"), FIX),
    };
    Ok(vec![Yaml::one("votes", Yaml::one(thumb, range))])
}

fn weight(value: &Node) -> Made {
    let any = || Yaml::one("weight", Yaml::one("at_least", Yaml::word(0)));
    let word = value.value.text().unwrap_or_default().trim().to_lowercase();
    match (word.as_str(), value.value.whole()) {
        ("any", _) => Ok(vec![any()]),
        ("none", _) => Ok(vec![Yaml::one("not", any())]),
        (_, Some(weight)) => {
            let both = ["at_least", "at_most"].map(|bound| (bound, Yaml::word(weight)));
            Ok(vec![Yaml::one("weight", Yaml::Map(both.to_vec()))])
        }
        _ => lost("it is no weight", FIX),
    }
}
