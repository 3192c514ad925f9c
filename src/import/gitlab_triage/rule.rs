//! A rule of gitlab-triage as a rule of Steward.

use std::{collections::BTreeSet, fmt::Write};

use super::{
    actions, conditions,
    file::{Node, Value},
    report::{Left, Log},
    write::{self, Yaml},
};
use crate::{model::SubjectKind, policy::Located};

/// The longest key.
const KEY: usize = 60;

/// A rule, ready to be written.
pub(super) struct Written {
    about: String,
    on: &'static str,
    when: Vec<Yaml>,
    then: Vec<(&'static str, Yaml)>,
}

impl Written {
    /// Reads a rule; `None` when nothing of what it does can be carried.
    pub(super) fn read(
        node: &Node,
        resource: &str,
        kind: SubjectKind,
        name: &str,
        log: &mut Log,
    ) -> Option<Self> {
        let Some(map) = node.value.map() else {
            log.left(node.line(), "rules", "it is no rule", "correct it in the file");
            return None;
        };
        let mut limit = None;
        for (key, value) in map {
            match key.as_str() {
                "name" | "conditions" | "actions" => {}
                "limits" => limit = limits(key, value, log),
                "api" => log.note(key.line(), "Steward needs no `api`"),
                _ => log.left(
                    key.line(),
                    key,
                    "gitlab-triage itself does not know it here",
                    "take it out of the file, or move it to where it belongs",
                ),
            }
        }
        let asked = node.value.get("conditions");
        let when = conditions::carry(asked, kind, log);
        let of = actions::Of { name, plural: resource, limit };
        let done = actions::carry(node.value.get("actions"), &of, log);
        if done.then.is_empty() {
            if log.left.is_empty() {
                let line = node.value.map()?.first().map_or(node.line(), |(key, _)| key.line());
                log.left(line, "actions", "the rule does nothing", "take it out of the file");
            }
            return None;
        }
        ends_itself(asked, &done, log);
        let on = match kind {
            SubjectKind::Issue => "issue",
            SubjectKind::MergeRequest => "merge_request",
            SubjectKind::Epic => "epic",
        };
        Some(Self { about: name.to_owned(), on, when, then: done.then })
    }

    /// Writes the rule, with what is missing above it.
    pub(super) fn write(
        &self,
        out: &mut String,
        key: &str,
        line: usize,
        mode: &str,
        left: &[Left],
    ) {
        let _ = writeln!(out, "  # Line {line}.");
        if !left.is_empty() {
            out.push_str(
                "  # The rule is off, since something of it is missing or different here:\n",
            );
        }
        for Left { line, field, why, .. } in left {
            let text = format!("line {line}: `{field}` ({why})");
            for (n, part) in crate::terminal::wrap(&comment(&text), 90).into_iter().enumerate() {
                let _ = writeln!(out, "  # {} {part}", if n == 0 { "-" } else { " " });
            }
        }
        let when = match self.when.as_slice() {
            [one] => one.clone(),
            several => Yaml::one("all", Yaml::Rows(several.to_vec())),
        };
        let _ = writeln!(out, "  {key}:");
        let head = [
            ("about", Yaml::Text(self.about.clone())),
            ("on", Yaml::List(vec![Yaml::word(self.on)])),
            ("when", when),
        ];
        write::fields(out, &head, 4);
        out.push_str("    then:\n");
        write::fields(out, &self.then, 6);
        write::fields(out, &[("mode", Yaml::word(mode))], 4);
    }
}

/// How many items a rule acts on at once. Steward acts on each as it comes.
fn limits(key: &Located<String>, value: &Node, log: &mut Log) -> Option<u64> {
    let blank = value.value.is_blank();
    if !blank {
        log.left(
            key.line(),
            key,
            "Steward acts on each item as it comes, and not on so many at once",
            "if it may act on all of them, write `mode: on`",
        );
    }
    ["most_recent", "oldest"].iter().find_map(|limit| value.value.get(limit)?.value.whole())
}

/// Tells what a rule's own doing means for it, since Steward's rules say what shall be while they
/// hold, and gitlab-triage's what is done once.
fn ends_itself(asked: Option<&Node>, done: &actions::Carried, log: &mut Log) {
    let Some(asked) = asked else { return };
    let names = |field: &str| -> Vec<String> {
        let found = asked.value.get(field).and_then(|node| super::file::texts(node).ok());
        found.into_iter().flatten().map(|name| name.trim().to_lowercase()).collect()
    };
    let waits_for = names("labels");
    let own = done.off.iter().find(|off| waits_for.contains(&off.trim().to_lowercase()));
    if let Some(off) = own.filter(|_| done.speaks && !done.closes) {
        log.left(
            off.line(),
            "remove_labels",
            "the rule takes off the label that it waits for, so it holds no more at once, and \
             Steward would take its comment back",
            "let people take the label off, or leave this rule with gitlab-triage",
        );
    }
    let Some(date) = asked.value.get("date") else { return };
    let attribute = date.value.get("attribute").map(|node| &node.value);
    let by_change = matches!(attribute, Some(Value::Text(text)) if text == "updated_at");
    if by_change && done.speaks && !done.closes {
        let text = "its own comment is a change, after which the rule holds no more and Steward \
                    edits the comment; labels stay";
        log.note(date.line(), text);
    }
}

/// The keys in use.
#[derive(Default)]
pub(super) struct Keys(BTreeSet<String>);

impl Keys {
    /// A key for a rule, made of its name and not in use yet.
    pub(super) fn take(&mut self, name: &str, resource: &str) -> String {
        let mut key = String::new();
        for word in name.to_lowercase().split(|c: char| !c.is_ascii_alphanumeric()) {
            if !word.is_empty() && key.len() + word.len() < KEY {
                if !key.is_empty() {
                    key.push('_');
                }
                key.push_str(word);
            }
        }
        if key.is_empty() {
            key = format!("{resource}_rule");
        } else if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
            key.insert_str(0, "rule_");
        }
        let mut free = key.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{key}_{number}");
            number += 1;
        }
        free
    }
}

/// A text that ends no comment of YAML.
pub(super) fn comment(text: &str) -> String {
    crate::terminal::plain(text).replace(['\u{2028}', '\u{2029}', '\u{feff}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_in_snake_case_and_never_the_same() {
        let mut keys = Keys::default();
        for (name, key) in [
            ("Close stale issues (1/2)", "close_stale_issues_1_2"),
            ("Close stale issues 1-2", "close_stale_issues_1_2_2"),
            ("2 weeks", "rule_2_weeks"),
            ("ägypten::", "gypten"),
            ("日本", "issues_rule"),
        ] {
            assert_eq!(keys.take(name, "issues"), key);
        }
    }
}
