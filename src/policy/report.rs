//! Mistakes for machines: JSON of our own, and GitLab's Code Quality report
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::{PolicyError, PolicyErrors};

/// How bad something is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be as it was meant: `steward lint` fails.
    Mistake,
    /// It works, and perhaps not as it was meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// Something about a place in a policy file, as a machine reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of finding it is, such as `dead_rule`; `policy` for a mistake of the loader.
    pub check: String,
    /// The file, as messages name it.
    pub file: String,
    /// 1-based line, where the place is known.
    pub line: Option<usize>,
    /// 1-based column in characters, where the place is known.
    pub column: Option<usize>,
    /// 1-based line on which it ends, where the place is known.
    pub end_line: Option<usize>,
    /// 1-based column behind its last character, where the place is known.
    pub end_column: Option<usize>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// An item on which it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What happens there, step by step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

impl Finding {
    /// A mistake of the loader.
    pub fn of(error: &PolicyError) -> Self {
        let end = error.end();
        Self {
            severity: Severity::Mistake,
            check: "policy".into(),
            file: error.file().to_owned(),
            line: error.line(),
            column: error.column(),
            end_line: end.map(|(line, _)| line),
            end_column: end.map(|(_, column)| column),
            message: error.message().to_owned(),
            help: error.help_text().map(str::to_owned),
            example: None,
            steps: Vec::new(),
        }
    }

    /// Something about a place that is more than a mistake of the loader.
    pub fn at(
        severity: Severity,
        check: &str,
        cite: &crate::model::Cite,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            check: check.to_owned(),
            file: cite.file.clone(),
            line: Some(cite.line),
            column: None,
            end_line: None,
            end_column: None,
            message: message.into(),
            help: Some(help.into()),
            example: None,
            steps: Vec::new(),
        }
    }

    /// What is the same from run to run though lines move: the file, the check and the words.
    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.check, &self.file, &self.message] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl PolicyErrors {
    /// All mistakes as a machine reads them.
    pub fn findings(&self) -> Vec<Finding> {
        self.iter().map(Finding::of).collect()
    }
}

/// `{"findings": [...], "mistakes": 1, "warnings": 0, "notes": 0}`.
pub fn json(findings: &[Finding]) -> Value {
    let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
    json!({
        "findings": findings,
        "mistakes": count(Severity::Mistake),
        "warnings": count(Severity::Warning),
        "notes": count(Severity::Note),
    })
}

/// A report that GitLab shows in the merge request, beside the lines.
pub fn code_quality(findings: &[Finding]) -> Value {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let entries = findings.iter().map(|one| {
        // GitLab takes equal fingerprints for one finding.
        let again = seen.entry(one.fingerprint()).and_modify(|times| *times += 1).or_insert(0);
        let fingerprint = format!("{}-{again}", one.fingerprint());
        let description = match &one.help {
            Some(help) => format!("{} ({help})", one.message),
            None => one.message.clone(),
        };
        let severity = match one.severity {
            Severity::Mistake => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        json!({
            "description": description,
            "check_name": one.check,
            "fingerprint": fingerprint,
            "severity": severity,
            "location": { "path": one.file, "lines": { "begin": one.line.unwrap_or(1) } },
        })
    });
    Value::Array(entries.collect())
}
