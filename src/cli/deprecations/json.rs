//! What is wrong with entries, for programs. The form is described in `docs/lifecycle.md`; a field
//! may be added, none goes or changes its meaning without a new `version`.

use serde_json::{Value, json};

use super::summary;
use crate::{
    evidence::deprecations::{Exception, Report},
    pack::Pack,
};

/// The form of what is printed.
const VERSION: u32 = 1;

pub(super) fn told(report: &Report<'_>, pack: &Pack) -> Value {
    let place = |one: &Exception| json!({ "file": one.cite.file, "line": one.cite.line });
    let findings = report.findings.iter().map(|told| {
        let mut one = json!(told.finding);
        one["file"] = json!(told.file);
        one["severity"] = json!(told.severity);
        one["exception"] = match told.exception {
            Some(exception) => json!({ "reason": exception.reason, "policy": place(exception) }),
            None => Value::Null,
        };
        one
    });
    let unused = report.unused.iter().map(|one| {
        json!({
            "file": one.files.glob().glob(),
            "finding": one.finding,
            "reason": one.reason,
            "policy": place(one),
        })
    });
    json!({
        "version": VERSION,
        "fails": report.fails(),
        "policies": pack.version,
        "summary": summary::of(report),
        "entries": report.entries,
        "findings": findings.collect::<Vec<_>>(),
        "unused_exceptions": unused.collect::<Vec<_>>(),
    })
}
