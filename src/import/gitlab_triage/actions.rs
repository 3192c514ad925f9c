//! Actions of a rule to what Steward's `then` asks for.

use super::{
    file::{Node, Value, texts},
    report::Log,
    text,
    write::Yaml,
};
use crate::policy::Located;

/// So many items a day are closed by a rule that does not say how many.
pub(super) const CLOSED_A_DAY: u64 = 10;

const KEEP: &str = "leave this rule with gitlab-triage";
const FIX: &str = "correct it in the file and import again";

/// What the actions of a rule become.
#[derive(Default)]
pub(super) struct Carried {
    /// The fields of `then`; none when there is nothing to do.
    pub(super) then: Vec<(&'static str, Yaml)>,
    /// Labels that come off.
    pub(super) off: Vec<Located<String>>,
    /// Whether the rule says something.
    pub(super) speaks: bool,
    /// Whether it closes items.
    pub(super) closes: bool,
}

/// What a rule is, besides its actions.
pub(super) struct Of<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// `issues`, `merge_requests` or `epics`.
    pub(super) plural: &'a str,
    /// How many items it acts on at once, if it says so.
    pub(super) limit: Option<u64>,
}

/// Carries the actions of a rule.
pub(super) fn carry(actions: Option<&Node>, of: &Of<'_>, log: &mut Log) -> Carried {
    let Some(actions) = actions.filter(|node| !node.value.is_blank()) else {
        return Carried::default();
    };
    let Some(map) = actions.value.map() else {
        log.left(actions.line(), "actions", "it is no mapping", FIX);
        return Carried::default();
    };
    let mut carry = Carry {
        add: Vec::new(),
        said: None,
        mention: Vec::new(),
        close: None,
        carried: Carried::default(),
    };
    for (key, value) in map {
        if !value.value.is_blank() {
            carry.one(key, value, of, log);
        }
    }
    carry.finish(of, log)
}

struct Carry {
    add: Vec<Located<String>>,
    said: Option<text::Carried>,
    mention: Vec<String>,
    /// The line of `status: close`.
    close: Option<usize>,
    carried: Carried,
}

impl Carry {
    fn one(&mut self, key: &Located<String>, value: &Node, of: &Of<'_>, log: &mut Log) {
        let mut left = |why: &str, instead: &str| log.left(key.line(), key, why, instead);
        let word = value.value.text().unwrap_or_default();
        match (key.as_str(), word.as_str()) {
            ("labels", _) => self.add = labels(key, value, log),
            ("remove_labels", _) => {
                self.carried.off = labels(key, value, log);
                self.carried.off.retain(|name| {
                    let plain = !name.contains('*');
                    if !plain {
                        let why = format!("in `{}` Steward takes `*` for any text", name.value);
                        log.left(name.line(), key, &why, "write the labels out");
                    }
                    plain
                });
            }
            ("mention", _) => self.mentions(key, value, log),
            ("comment", _) => match &value.value {
                Value::Text(comment) => {
                    self.said = Some(text::carry(comment, value.line(), of.plural, log));
                }
                _ => left("it is no text", FIX),
            },
            // What is confidential stays on its own item, so there is nothing to hide.
            ("comment_type", "comment")
            | ("comment_internal", "false")
            | ("redact_confidential_resources", _)
            | ("delete", "false") => {}
            ("comment_type", _) => left(
                "Steward writes comments and no threads",
                "if a comment will do, write `mode: on`",
            ),
            ("comment_internal", _) => {
                left("Steward's comments are seen by everybody who sees the item", KEEP);
            }
            ("status", "close") => self.close = Some(key.line()),
            ("status", "reopen") => left("Steward reopens nothing", KEEP),
            ("status", _) => left("it is neither `close` nor `reopen`", FIX),
            ("move", _) => left("Steward moves nothing to other projects", KEEP),
            ("summarize" | "comment_on_summary", _) => {
                left("Steward acts on each item by itself and writes no summary issues", KEEP);
            }
            ("issue", _) => left("Steward opens no issues", KEEP),
            ("delete", _) => left("Steward deletes no branches", KEEP),
            _ => left(
                "gitlab-triage itself does not know it, unless a plugin of yours does",
                "take it out of the file, or leave this rule with gitlab-triage",
            ),
        }
    }

    fn mentions(&mut self, key: &Located<String>, value: &Node, log: &mut Log) {
        let Ok(names) = texts(value) else {
            return log.left(key.line(), key, "it is no list of handles", FIX);
        };
        for name in names {
            let handle = name.trim().trim_start_matches('@');
            let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
            if handle.is_empty() || !handle.chars().all(plain) {
                let why = format!("`{}` is no handle", name.value);
                log.left(name.line(), key, &why, FIX);
            } else {
                self.mention.push(format!("@{handle}"));
            }
        }
    }

    fn finish(mut self, of: &Of<'_>, log: &mut Log) -> Carried {
        let off = &self.carried.off;
        self.add.retain(|label| {
            let both = off.iter().any(|off| off.to_lowercase() == label.to_lowercase());
            if both {
                let why = format!("`{}` is in `remove_labels` too", label.value);
                log.left(label.line(), "labels", &why, FIX);
            }
            !both
        });
        let texts = |all: &[Located<String>]| {
            Yaml::List(all.iter().map(|one| Yaml::Text(one.value.clone())).collect())
        };
        let mut set = Vec::new();
        if !self.add.is_empty() {
            set.push(("add", texts(&self.add)));
        }
        if !off.is_empty() {
            set.push(("remove", texts(off)));
        }
        if !self.add.is_empty() {
            set.push(("keep", Yaml::word(true)));
        }
        let mut then = Vec::new();
        if !set.is_empty() {
            then.push(("labels", Yaml::Map(set)));
        }
        let said = self.said.unwrap_or_default();
        let mut text = said.text;
        if let Some(line) = self.close {
            let limit = of.limit.filter(|limit| (1..=1000).contains(limit));
            let most = limit.unwrap_or(CLOSED_A_DAY);
            if limit.is_none() {
                log.note(
                    line,
                    &format!("it closes {most} items a day at the most, and the others wait"),
                );
            }
            if text.is_empty() {
                text = format!(
                    "This was closed by the rule \"{}\".",
                    of.name.replace(['{', '\\'], "")
                );
                log.note(line, "Steward says why it closes something: a plain comment was added");
            }
            then.push(("close", Yaml::one("at_most_a_day", Yaml::word(most))));
            self.carried.closes = true;
        }
        let mut mention: Vec<String> = said.calls.map(str::to_owned).into_iter().collect();
        mention.extend(self.mention);
        self.carried.speaks = !text.is_empty() || !mention.is_empty();
        if !mention.is_empty() && !text.is_empty() && !text.contains(text::MENTION) {
            // Where gitlab-triage calls them.
            text.push_str("\n\ncc ");
            text.push_str(text::MENTION);
        }
        if !mention.is_empty() {
            then.insert(0, ("mention", Yaml::one_or_many(mention)));
        }
        if !text.is_empty() {
            then.insert(0, ("comment", Yaml::one("text", Yaml::Lines(text))));
        }
        // In the order in which Steward's own policies are written: labels first.
        then.sort_by_key(|(field, _)| *field != "labels");
        self.carried.then = then;
        self.carried
    }
}

/// Names of labels as they can be set.
fn labels(key: &Located<String>, value: &Node, log: &mut Log) -> Vec<Located<String>> {
    let Ok(mut names) = texts(value) else {
        log.left(key.line(), key, "it is no list of labels", FIX);
        return Vec::new();
    };
    names.retain_mut(|name| {
        name.value = name.trim().to_owned();
        let good = !name.contains(',') && !name.chars().any(char::is_control);
        if !good {
            log.left(name.line(), key, &format!("`{}` cannot be a label", name.value), FIX);
        }
        good && !name.is_empty()
    });
    names
}
