//! What is wrong with entries, in SARIF.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    cli::sarif::{self, fingerprint},
    evidence::deprecations::{Report, Told},
    policy::Severity,
};

pub(super) fn told(report: &Report<'_>) -> Value {
    let mut rules = BTreeMap::new();
    for told in &report.findings {
        let rule = json!({
            "id": id(told),
            "defaultConfiguration": { "level": level(told.severity) },
        });
        rules.entry(told.finding.kind).or_insert(rule);
    }
    let results = report.findings.iter().map(result).collect();
    sarif::log(rules.into_values().collect(), results)
}

fn id(told: &Told<'_>) -> String {
    format!("deprecations.{}", told.finding.kind)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Mistake => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(told: &Told<'_>) -> Value {
    let one = &told.finding;
    let id = id(told);
    let mut result = json!({
        "ruleId": id,
        "level": level(told.severity),
        "message": { "text": format!("{}. {}", one.message, one.expected) },
        "locations": [sarif::location(&told.file, one.at.line, Some(one.at.column))],
        // Lines move: what is said of a file stays.
        "partialFingerprints": { "entry/v1": fingerprint(&[&id, &told.file, &one.message]) },
    });
    if let Some(exception) = told.exception {
        result["suppressions"] = json!([{ "kind": "external", "justification": exception.reason }]);
    }
    result
}
