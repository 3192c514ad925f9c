//! The machine-readable last line of each of Steward's comments.
//!
//! It holds what would be lost with the database: which topic the comment is about and which
//! labels Steward set. It counts only in comments whose author is Steward, which the forge
//! boundary sees to, and only as the very last line, where no user's text can stand.

use serde::{Deserialize, Serialize};

use crate::model::{Applied, LabelName, Topic, hidden};

const OPEN: &str = "<!-- steward:";
const CLOSE: &str = " -->";

/// What a comment remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// What the comment is about.
    pub topic: Topic,
    /// The rule that spoke, for those who look.
    pub rule: String,
    /// The labels that Steward has set on the item.
    pub labels: Vec<LabelName>,
    /// What else Steward has done to the item and must not forget.
    pub applied: Vec<Applied>,
    /// The rules of the policies that have a section in the comment, by name.
    pub rules: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    v: u32,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    labels: Vec<LabelName>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    applied: Vec<Applied>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
}

impl Marker {
    /// The line to put under a comment.
    pub fn to_line(&self) -> String {
        let payload = Payload {
            v: 1,
            rule: self.rule.clone(),
            labels: self.labels.clone(),
            applied: self.applied.clone(),
            rules: self.rules.clone(),
        };
        let json = serde_json::to_string(&payload).unwrap_or_else(|_| r#"{"v":1}"#.to_owned());
        // A label's name may hold `-->`.
        format!("{OPEN}{} {}{CLOSE}", self.topic, hidden(&json))
    }

    /// The comment without its marker, for one that gets another.
    pub fn strip(body: &str) -> &str {
        match body.trim_end().rsplit_once('\n') {
            Some((text, last)) if last.trim().starts_with(OPEN) => text.trim_end(),
            _ => body,
        }
    }

    /// Reads the marker of a comment; `None` when there is none, or of another version.
    pub fn of(body: &str) -> Option<Marker> {
        let line = body.trim_end().lines().last()?.trim();
        let inner = line.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        let (topic, json) = inner.split_once(' ')?;
        let payload: Payload = serde_json::from_str(json).ok()?;
        (payload.v == 1).then(|| {
            topic.parse().ok().map(|topic| Marker {
                topic,
                rule: payload.rule,
                labels: payload.labels,
                applied: payload.applied,
                rules: payload.rules,
            })
        })?
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_marker_reads_back_whatever_it_holds(
            names in proptest::collection::vec(".{0,20}", 0..4),
            title in ".{0,20}",
        ) {
            let marker = Marker {
                topic: Topic::ROUTING,
                rule: "routing.by_label".into(),
                labels: names.into_iter().map(LabelName::new).collect(),
                applied: vec![
                    Applied::Milestone { title },
                    Applied::Assignees { people: vec![1, 2] },
                    Applied::Closed { rule: "rules.stale".into() },
                ],
                rules: vec!["rules.stale".into()],
            };
            let line = marker.to_line();
            prop_assert_eq!(line.matches("-->").count(), 1);
            prop_assert_eq!(line.lines().count(), 1);
            let body = format!("text\n\n{line}\n");
            prop_assert_eq!(Marker::of(&body), Some(marker));
            prop_assert_eq!(Marker::strip(&body), "text");
        }

        #[test]
        fn any_text_may_be_asked_for_its_marker(text in any::<String>()) {
            let _ = Marker::of(&text);
        }
    }

    #[test]
    fn a_marker_counts_only_as_the_last_line() {
        let line = Marker {
            topic: Topic::ROUTING,
            rule: String::new(),
            labels: vec![],
            applied: vec![],
            rules: vec![],
        }
        .to_line();
        assert_eq!(Marker::of(&format!("{line}\nmore text")), None);
        assert_eq!(Marker::of(&format!("quoted {line}")), None);
        assert_eq!(Marker::of("<!-- steward:routing {\"v\":2} -->"), None);
        let old = Marker::of("<!-- steward:rules {\"v\":1,\"rule\":\"rules.x\",\"labels\":[]} -->");
        let held = old.map(|marker| (marker.applied, marker.rules));
        assert_eq!(held, Some((vec![], vec![])), "of an older Steward");
        assert_eq!(Marker::of("<!-- steward:Unheard-of {\"v\":1} -->"), None);
    }
}
