//! A check as findings, for GitLab's Code Quality report.

use super::{
    place::{self, Weight, weight},
    sheets::Checked,
};
use crate::policy::{Finding, Severity};

/// A finding for each row that somebody has to look at.
pub(super) fn findings(checked: &Checked<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sheet in &checked.sheets {
        for row in &sheet.rows {
            let Some(weight) = weight(row) else { continue };
            let place = place::places(checked, sheet, row).into_iter().next();
            findings.push(Finding {
                severity: match weight {
                    Weight::Missing => Severity::Mistake,
                    Weight::CannotTell => Severity::Warning,
                    Weight::Advice => Severity::Note,
                },
                check: place::rule_id(sheet, row),
                file: place.as_ref().map(|place| place.file.to_owned()).unwrap_or_default(),
                line: place.and_then(|place| usize::try_from(place.line).ok()),
                column: None,
                end_line: None,
                end_column: None,
                message: place::message(checked, sheet, row),
                help: row.hint.clone(),
                example: None,
                steps: Vec::new(),
            });
        }
    }
    findings
}
