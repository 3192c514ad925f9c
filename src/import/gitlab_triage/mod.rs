//! Policy files of the gem gitlab-triage, turned into Steward's rules.
//!
//! A rule is carried whole or it is off: with a condition less it would act on more items than
//! before. `docs/importing.md` has the table of what becomes what.

mod actions;
mod conditions;
mod file;
mod labels;
mod report;
mod rule;
mod text;
mod write;

#[cfg(test)]
mod tests;

use std::fmt::Write;

pub use self::report::{Carried, Left, Note, Report, RuleReport};
use self::{
    file::{Map, Node, Value},
    report::Log,
    rule::{Keys, Written},
};
use crate::{
    model::SubjectKind,
    policy::{Located, PolicyError, PolicyErrors, SourceFile},
};

/// How rules are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choices {
    /// Rules that were carried whole act at once, and are not on trial first.
    pub on: bool,
}

/// What a file became.
#[derive(Debug, Clone)]
pub struct Imported {
    /// A file for `rules/`.
    pub rules: String,
    /// What became of each rule.
    pub report: Report,
}

/// Turns a policy file into Steward's rules.
///
/// # Errors
/// The first mistake in the YAML, or that the file has no `resource_rules`.
pub fn import(file: &SourceFile, choices: Choices) -> Result<Imported, PolicyErrors> {
    let root = file::read(file)?;
    let mut walk = Walk { choices, ..Walk::default() };
    let resources = root.value.get("resource_rules").and_then(|node| node.value.map());
    let Some(resources) = resources else {
        return Err(PolicyError::whole_file(file.display_name(), "there are no `resource_rules`")
            .with_help("is it a policy file of gitlab-triage?".to_owned())
            .into());
    };
    walk.top(root.value.map().unwrap_or(&Vec::new()));
    for (key, value) in resources {
        walk.resource(key, value);
    }
    Ok(walk.finish(file))
}

#[derive(Default)]
struct Walk {
    choices: Choices,
    keys: Keys,
    yaml: String,
    rules: Vec<RuleReport>,
    log: Log,
}

impl Walk {
    /// What stands beside `resource_rules`.
    fn top(&mut self, map: &Map) {
        for (key, _) in map {
            match key.as_str() {
                "resource_rules" => {}
                // Where people keep what they alias.
                hidden if hidden.starts_with('.') => {}
                "host_url" => {
                    let text =
                        "`host_url` is not carried: the address of GitLab stands in steward.toml";
                    self.log.note(key.line(), text);
                }
                "api_version" | "per_page" => {
                    self.log.note(key.line(), &format!("Steward needs no `{}`", key.value));
                }
                other => {
                    self.log.note(key.line(), &format!("`{other}` is not read by gitlab-triage"));
                }
            }
        }
    }

    fn resource(&mut self, key: &Located<String>, value: &Node) {
        let kind = match key.as_str() {
            "issues" => SubjectKind::Issue,
            "merge_requests" => SubjectKind::MergeRequest,
            "epics" => SubjectKind::Epic,
            _ => return self.foreign(key, value),
        };
        for (field, value) in entries(value) {
            match field.as_str() {
                "rules" => {
                    for one in items(value) {
                        self.rule(key, kind, one);
                    }
                }
                "summaries" => {
                    for one in items(value) {
                        let why =
                            "Steward acts on each item by itself and writes no summary issues";
                        self.not_at_all(one, "summaries", why, "leave it with gitlab-triage");
                    }
                }
                other => {
                    let why = "gitlab-triage itself does not know it";
                    self.log.left(field.line(), other, why, "take it out of the file");
                }
            }
        }
    }

    /// Rules about what Steward does not look after.
    fn foreign(&mut self, key: &Located<String>, value: &Node) {
        let before = self.rules.len();
        for (_, rules) in entries(value) {
            for one in items(rules) {
                let why = format!("Steward does not look after {}", key.value);
                self.not_at_all(one, key, &why, "leave it with gitlab-triage");
            }
        }
        if self.rules.len() == before {
            let why = "Steward looks after issues, merge requests and epics";
            self.log.left(key.line(), key, why, "leave it with gitlab-triage");
        }
    }

    fn not_at_all(&mut self, node: &Node, field: &str, why: &str, instead: &str) {
        let line = start(node);
        let mut log = Log::default();
        log.left(line, field, why, instead);
        self.told(line, name_of(node, field), None, Carried::NotAtAll, log);
    }

    fn rule(&mut self, resource: &Located<String>, kind: SubjectKind, node: &Node) {
        let line = start(node);
        let name = name_of(node, "a rule without a name");
        let mut log = Log::default();
        let written = Written::read(node, resource, kind, &name, &mut log);
        let log = log.sorted();
        let Some(written) = written else {
            return self.told(line, name, None, Carried::NotAtAll, log);
        };
        let carried = if log.left.is_empty() { Carried::Whole } else { Carried::InPart };
        let mode = match (carried, self.choices.on) {
            (Carried::Whole, true) => "on",
            (Carried::Whole, false) => "shadow",
            _ => "off",
        };
        let key = self.keys.take(&name, resource);
        self.yaml.push('\n');
        written.write(&mut self.yaml, &key, line, mode, &log.left);
        self.told(line, name, Some(key), carried, log);
    }

    fn told(&mut self, line: usize, name: String, key: Option<String>, carried: Carried, log: Log) {
        let Log { left, notes } = log;
        self.rules.push(RuleReport { line, name, key, carried, left_out: left, notes });
    }

    fn finish(self, file: &SourceFile) -> Imported {
        let count = |of| self.rules.iter().filter(|rule| rule.carried == of).count();
        let name = file.display_name();
        let Log { left, notes } = self.log.sorted();
        let report = Report {
            file: name.clone(),
            whole: count(Carried::Whole),
            in_part: count(Carried::InPart),
            not_at_all: count(Carried::NotAtAll),
            left_out: left,
            notes,
            rules: self.rules,
        };
        let file_name = std::path::Path::new(&name).file_name().unwrap_or_default();
        let from = rule::comment(&file_name.to_string_lossy());
        let mut rules = format!("# Made from {from} by `steward import gitlab-triage`.\n");
        rules.push_str(match self.choices.on {
            true => "# Rules with `mode: on` act.\n",
            false => {
                "# Rules with `mode: shadow` are on trial: Steward records what they would do.\n\
                 # Write `mode: on` when they do what you want.\n"
            }
        });
        let _ = match self.yaml.is_empty() {
            true => writeln!(rules, "rules: {{}}"),
            false => write!(rules, "rules:{}", self.yaml),
        };
        Imported { rules, report }
    }
}

fn entries(node: &Node) -> &[(Located<String>, Node)] {
    node.value.map().map_or(&[], Vec::as_slice)
}

fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(list) => list,
        _ => &[],
    }
}

/// Where a rule starts. A rule that is an alias is where it is defined.
fn start(node: &Node) -> usize {
    match entries(node).first() {
        Some((key, _)) => key.line(),
        None => node.line(),
    }
}

/// The name of a rule, on one line.
fn name_of(node: &Node, without: &str) -> String {
    let name = node.value.get("name").and_then(|name| name.value.text()).unwrap_or_default();
    let name = name.split(|c: char| c.is_whitespace() || c.is_control());
    let name = name.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() { without.to_owned() } else { name }
}
