//! Issues that Steward itself opens beside another one, and the mark by which it knows them again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{FoundMilestone, LabelName};

const OPEN: &str = "<!-- steward:issue ";
const CLOSE: &str = " -->";

/// What an issue that Steward opened is for. It stands in its description, where people do not see it,
/// so that the issue is found again without the database and opened once. It counts only on issues whose
/// author is Steward.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The integration that leaves, by its key in the catalog.
    pub integration: String,
    /// The step on its way out; without one the issue tracks them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The number of the issue beside which it was opened, in the same project.
    pub beside: u64,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    v: u32,
    #[serde(flatten)]
    mark: Mark,
}

impl Mark {
    /// The line to put into the description.
    pub fn to_line(&self) -> String {
        let payload = Payload { v: 1, mark: self.clone() };
        let json = serde_json::to_string(&payload).unwrap_or_else(|_| r#"{"v":1}"#.to_owned());
        format!("{OPEN}{}{CLOSE}", hidden(&json))
    }

    /// The mark in a description; `None` when there is none, or one of another version.
    pub fn of(description: &str) -> Option<Self> {
        let mark = |line: &str| {
            let json = line.trim().strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
            let payload: Payload = serde_json::from_str(json).ok()?;
            (payload.v == 1).then_some(payload.mark)
        };
        description.lines().find_map(mark)
    }

    /// A short name, for records.
    pub fn name(&self) -> String {
        match &self.step {
            Some(step) => format!("{}.{step}", self.integration),
            None => self.integration.clone(),
        }
    }
}

/// JSON that can stand in an HTML comment and not end it: it says the same.
pub(crate) fn hidden(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace("--", "\\u002d\\u002d")
}

/// An issue that shall be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIssue {
    /// What it is for.
    pub mark: Mark,
    /// Its title: one line.
    pub title: String,
    /// Its description, the mark included.
    pub description: String,
    /// Its labels, in the forge's spelling.
    pub labels: Vec<LabelName>,
    /// Its milestone, where the forge has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<FoundMilestone>,
    /// Its last day, where the forge knows such a thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// Only members see it, as the one beside which it is opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
}

/// An issue that Steward opened, as the forge tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnIssue {
    /// What it is for.
    pub mark: Mark,
    /// Its number in the project.
    pub number: u64,
    /// Where people see it.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mark_reads_back_whatever_it_holds(
            integration in ".{0,20}",
            step in proptest::option::of(".{0,20}"),
            beside in any::<u64>(),
        ) {
            let mark = Mark { integration, step, beside };
            let line = mark.to_line();
            prop_assert_eq!(line.matches("-->").count(), 1);
            prop_assert_eq!(line.lines().count(), 1);
            prop_assert_eq!(Mark::of(&format!("What it is\n\n{line}\n\nmore")), Some(mark));
        }

        #[test]
        fn any_text_may_be_asked_for_its_mark(text in any::<String>()) {
            let _ = Mark::of(&text);
        }
    }

    #[test]
    fn a_mark_stands_on_a_line_of_its_own() {
        let line = Mark { integration: "slack".into(), step: None, beside: 3 }.to_line();
        assert_eq!(Mark::of(&format!("see {line}")), None);
        assert_eq!(Mark::of(&line.replace("\"v\":1", "\"v\":2")), None);
        assert_eq!(Mark::of(&line).map(|mark| mark.name()), Some("slack".into()));
    }
}
