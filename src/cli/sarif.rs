//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), for editors and code scanning: what
//! all commands that write it share.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The folder that all addresses of files are counted from: the top of the checkout.
const ROOT: &str = "%SRCROOT%";

/// A log of one run that went through.
pub(super) fn log(rules: Vec<Value>, results: Vec<Value>) -> Value {
    run(rules, results, json!({ "executionSuccessful": true }))
}

/// That there are no results, and why.
pub(super) fn failed(why: &[String]) -> Value {
    let why = why.iter().map(|one| json!({ "level": "error", "message": { "text": one } }));
    let invocation = json!({
        "executionSuccessful": false,
        "toolExecutionNotifications": why.collect::<Vec<_>>(),
    });
    run(Vec::new(), Vec::new(), invocation)
}

fn run(rules: Vec<Value>, results: Vec<Value>, invocation: Value) -> Value {
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

/// A place in a file of the checkout. Line and column are counted from 1.
pub(super) fn location(file: &str, line: u32, column: Option<u32>) -> Value {
    let mut region = json!({ "startLine": line });
    if let Some(column) = column {
        region["startColumn"] = json!(column);
    }
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(file), "uriBaseId": ROOT },
        "region": region,
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

/// What is the same from run to run, made of what does not change.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
