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
    terminal::{DIM, Look, RED, YELLOW, hanging, plain},
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

/// Findings as people read them, one below the other.
pub(crate) fn text(findings: &[Finding], look: Look) -> String {
    let width = look.width;
    let mut out = String::new();
    for (at, one) in findings.iter().enumerate() {
        let severity = match one.severity {
            Severity::Mistake => look.paint(RED, "MISTAKE"),
            Severity::Warning => look.paint(YELLOW, "warning"),
            Severity::Note => look.paint(DIM, "note   "),
        };
        let line = one.line.map(|line| format!(":{line}")).unwrap_or_default();
        out.push_str(&format!("{severity}  {}{line}\n", sanitize(&one.file)));
        let about = one.example.iter().map(|example| format!("example: {example}"));
        let steps = one.steps.iter().map(|step| format!("  {step}"));
        // What is to be done about several in a row is told behind the last of them.
        let again = findings.get(at + 1).is_some_and(|next| next.help == one.help);
        let help = one.help.iter().filter(|_| !again).map(|help| format!("-> {help}"));
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
