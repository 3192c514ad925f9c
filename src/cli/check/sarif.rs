//! A check in SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), for editors and code
//! scanning.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    place::{self, Place, Weight, weight},
    sheets::Checked,
};
use crate::model::{Need, Row, Sheet};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The folder that all addresses of files are counted from: the top of the checkout.
const ROOT: &str = "%SRCROOT%";

pub(super) fn told(checked: &Checked<'_>) -> Value {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for sheet in &checked.sheets {
        for row in &sheet.rows {
            rules.entry(place::rule_id(sheet, row)).or_insert_with(|| rule(sheet, row));
            results.extend(weight(row).map(|weight| result(checked, sheet, row, weight)));
        }
    }
    let rules: Vec<Value> = rules.into_values().collect();
    log(rules, results, json!({ "executionSuccessful": true }))
}

/// That there is no check, and why.
pub(super) fn failed(why: &[String]) -> Value {
    let why = why.iter().map(|one| json!({ "level": "error", "message": { "text": one } }));
    let invocation = json!({
        "executionSuccessful": false,
        "toolExecutionNotifications": why.collect::<Vec<_>>(),
    });
    log(Vec::new(), Vec::new(), invocation)
}

fn log(rules: Vec<Value>, results: Vec<Value>, invocation: Value) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Steward",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    })
}

fn rule(sheet: &Sheet, row: &Row) -> Value {
    let level = match row.need {
        Need::Required => "error",
        Need::Advice => "note",
    };
    let mut rule = json!({
        "id": place::rule_id(sheet, row),
        "shortDescription": { "text": row.title },
        "defaultConfiguration": { "level": level },
        "properties": { "section": row.section, "policy": row.cite.to_string() },
    });
    if let Some(page) = &row.cites {
        rule["helpUri"] = json!(page);
    }
    rule
}

fn result(checked: &Checked<'_>, sheet: &Sheet, row: &Row, weight: Weight) -> Value {
    let level = match weight {
        Weight::Missing => "error",
        Weight::CannotTell => "warning",
        Weight::Advice => "note",
    };
    let mut text = place::message(checked, sheet, row);
    if let Some(hint) = &row.hint {
        text.push_str(". ");
        text.push_str(hint);
    }
    let places = place::places(checked, sheet, row);
    let (first, more) = places.split_at(places.len().min(1));
    let id = place::rule_id(sheet, row);
    let mut result = json!({
        "ruleId": id,
        "level": level,
        "message": { "text": text },
        "locations": first.iter().map(location).collect::<Vec<_>>(),
        // Lines move and words change: a row of an integration stays the same row.
        "partialFingerprints": { "row/v1": fingerprint(&[&id, &sheet.name]) },
    });
    if !more.is_empty() {
        result["relatedLocations"] = more.iter().map(location).collect();
    }
    result
}

fn location(place: &Place<'_>) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(place.file), "uriBaseId": ROOT },
        "region": { "startLine": place.line },
    } })
}

/// A path as a relative address (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
