//! Reading one line as a command.

use super::COMMANDS;
use crate::{model::LabelName, policy::nearest};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Why was this done, and why not that?
    Why {
        /// The label in question; without it, all of the item.
        label: Option<LabelName>,
    },
    /// A row of a checklist need not be.
    Waive {
        /// The row's key, perhaps with the integration's code name and a slash before it.
        row: String,
        /// Why, in the asker's words; empty when none were given.
        why: String,
    },
    /// A waived row must be after all.
    Unwaive {
        /// As in [`Command::Waive`].
        row: String,
    },
    /// The end of an integration, as it was listed, is approved.
    ApproveCleanup {
        /// The cleanup's name.
        id: String,
    },
    /// An integration leaves.
    Deprecate {
        /// Which, as it was written.
        integration: String,
        /// What stands behind it, name and value.
        options: Vec<(String, String)>,
    },
    /// The removal that is tracked here comes in another milestone.
    Slip {
        /// Which, as it was written.
        to: String,
        /// Why; empty when no reason was given.
        why: String,
    },
    /// The integration that is tracked here stays.
    Cancel {
        /// Why; empty when no reason was given.
        why: String,
    },
    /// The removal that is tracked here need not keep the rules about milestones.
    ApproveException {
        /// Why; empty when no reason was given.
        why: String,
    },
    /// What does it take to remove an integration?
    RemovalPlan {
        /// Which, as it was written.
        integration: String,
        /// In which milestone, as it was written; empty when none was given.
        version: String,
    },
    /// Look at the item again.
    Recheck,
    /// Which commands are there?
    Help,
    /// A word that is no command.
    Unknown {
        /// The word.
        word: String,
        /// The command that may be meant.
        near: Option<&'static str>,
    },
}

/// So many words at the most are taken for a mistyped command; more are a sentence.
const MOST_WORDS: usize = 3;

/// Who a line is addressed to, and what it says to them.
pub(super) fn addressed(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('@')?;
    let is_in = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let end = rest.find(|c| !is_in(c)).unwrap_or(rest.len());
    let (handle, rest) = rest.split_at(end);
    let rest = rest.strip_prefix([':', ',']).unwrap_or(rest);
    // A path (`@group/team`) is somebody else.
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (!handle.is_empty() && ends).then_some((handle, rest.trim()))
}

/// Reads a line as a command to the account with this handle; `None` when it is none.
pub fn read(line: &str, handle: &str) -> Option<Command> {
    let (to, said) = addressed(line)?;
    if !to.eq_ignore_ascii_case(handle) || said.is_empty() {
        return None;
    }
    let (word, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let plain = word.trim_end_matches(['?', '.', '!']).to_lowercase();
    match plain.as_str() {
        "why" => Some(Command::Why { label: label(rest) }),
        "waive" => {
            let (row, why) = row(rest);
            Some(Command::Waive { row, why })
        }
        "unwaive" => Some(Command::Unwaive { row: row(rest).0 }),
        "approve-cleanup" => Some(Command::ApproveCleanup { id: row(rest).0 }),
        "deprecate" => {
            let (integration, options) = options(rest);
            Some(Command::Deprecate { integration, options })
        }
        "slip" => {
            let (to, why) = first_word(rest);
            Some(Command::Slip { to: unquoted(to).to_owned(), why: why.to_owned() })
        }
        "cancel" => Some(Command::Cancel { why: rest.trim().to_owned() }),
        "approve-exception" => Some(Command::ApproveException { why: rest.trim().to_owned() }),
        "removal-plan" => {
            let (integration, version) = last_word(rest);
            let version = unquoted(version.strip_prefix("removal=").unwrap_or(version)).to_owned();
            Some(Command::RemovalPlan { integration: integration_of(integration), version })
        }
        "recheck" => Some(Command::Recheck),
        "help" => Some(Command::Help),
        _ if said.split_whitespace().count() > MOST_WORDS => None,
        _ => {
            let near = nearest(&plain, COMMANDS.iter().map(|command| command.name));
            let near = COMMANDS.iter().map(|command| command.name).find(|name| near == Some(name));
            Some(Command::Unknown { word: word.to_owned(), near })
        }
    }
}

/// What stands before the first `name=value`, and these.
fn options(text: &str) -> (String, Vec<(String, String)>) {
    let is_option = |word: &&str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
        })
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(is_option).unwrap_or(words.len());
    let (integration, options) = words.split_at(at);
    let options = options.iter().map(|word| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        (name.to_owned(), unquoted(value).to_owned())
    });
    (integration_of(&integration.join(" ")), options.collect())
}

/// An integration as people write it: by its name or key, by its label, in quotes or not.
fn integration_of(text: &str) -> String {
    unquoted(text.trim().trim_start_matches('~')).trim_start_matches('~').to_owned()
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['`', '"', '\''])
}

fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    (word, rest.trim())
}

fn last_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.rsplit_once(char::is_whitespace) {
        Some((rest, word)) => (rest.trim(), word),
        None => (text, ""),
    }
}

/// The row that somebody means, and what they say behind it.
fn row(text: &str) -> (String, String) {
    let (row, why) = first_word(text);
    let row = row.trim_matches(['`', '"', '\'', ':', ',']).to_lowercase();
    (row, why.to_owned())
}

/// The label that somebody means. Several words without quotes and `::` are talk.
fn label(text: &str) -> Option<LabelName> {
    let text = text.trim();
    let (marked, bare) = match text.strip_prefix('~') {
        Some(bare) => (true, bare),
        None => (false, text),
    };
    let quoted = ['"', '`', '\''].iter().find_map(|quote| {
        let (name, _) = bare.strip_prefix(*quote)?.split_once(*quote)?;
        Some(name.trim().trim_start_matches('~').trim_matches('"'))
    });
    let name = match quoted {
        Some(name) => name,
        None => {
            let words = bare.split_whitespace().count();
            let is_name = words == 1 || bare.contains("::");
            match marked {
                true => bare.split_whitespace().next().unwrap_or_default(),
                false if is_name => bare.trim_end_matches(['?', '.', '!']).trim(),
                false => "",
            }
        }
    };
    (!name.is_empty()).then(|| LabelName::new(name))
}
