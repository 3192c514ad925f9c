//! What is wrong with policies that load: rules that never hold, that change nothing since another
//! one was there before, that fight over a label, and what nothing uses.
//!
//! Nothing is guessed. A rule is called dead only when each of its cases is proven impossible, and
//! an example is shown only when the engine that decides on real items agrees with it. What is
//! neither proven nor shown is not told.

mod cases;
mod item;
mod labels;
mod named;
mod parts;
mod rules;
mod sample;
mod solve;
mod texts;
mod unused;
mod war;

pub use named::{asker, named};

#[cfg(test)]
mod tests;

use crate::{
    pack::Pack,
    policy::{Finding, Severity, sanitize},
    terminal::{hanging, plain},
};

/// Everything that can be said about a pack, the worst first, in the order of the rules.
pub fn prove(pack: &Pack) -> Vec<Finding> {
    let mut findings = rules::check(pack);
    findings.extend(unused::check(pack));
    findings.sort_by_key(|one| one.severity);
    findings
}

/// Whether findings are a reason to refuse: mistakes are, and with `strict` all but notes.
pub fn fails(findings: &[Finding], strict: bool) -> bool {
    findings.iter().any(|one| match one.severity {
        Severity::Mistake => true,
        Severity::Warning => strict,
        Severity::Note => false,
    })
}

/// Findings as people read them, one below the other, on lines of `width` columns.
pub fn text(findings: &[Finding], width: usize) -> String {
    let mut out = String::new();
    for one in findings {
        let severity = match one.severity {
            Severity::Mistake => "MISTAKE",
            Severity::Warning => "warning",
            Severity::Note => "note   ",
        };
        let line = one.line.map(|line| format!(":{line}")).unwrap_or_default();
        out.push_str(&format!("{severity}  {}{line}\n", sanitize(&one.file)));
        let about = one.example.iter().map(|example| format!("example: {example}"));
        let steps = one.steps.iter().map(|step| format!("  {step}"));
        let help = one.help.iter().map(|help| format!("-> {help}"));
        let first = std::iter::once(one.message.clone());
        for line in first.chain(about).chain(steps).chain(help) {
            let indent = line.len() - line.trim_start().len();
            let lead = " ".repeat(9 + indent);
            out.push_str(&hanging(&lead, 9 + indent, &plain(&line), width));
            out.push('\n');
        }
    }
    out
}
