//! All entries of a repository against what is expected of them.

use super::{
    check::check,
    entry::{Deprecation, Place},
    expected::{Exception, Expected},
    finding::{Finding, Kind},
    read::read,
};
use crate::{model::Calendar, policy::Severity};

/// A file with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, from the folder of entries on: exceptions go by it.
    pub path: String,
    /// Its name in findings.
    pub name: String,
    /// Its text; `None` if it is none.
    pub text: Option<String>,
}

/// A finding, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Told<'e> {
    /// The file, as it is named in findings.
    pub file: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub finding: Finding,
    /// Who answered for it.
    pub exception: Option<&'e Exception>,
}

/// What is known after all entries were looked at.
#[derive(Debug, Clone, Default)]
pub struct Report<'e> {
    /// The entries, by file.
    pub entries: Vec<Deprecation>,
    /// What was found, by file and line.
    pub findings: Vec<Told<'e>>,
    /// Exceptions for which there is no finding.
    pub unused: Vec<&'e Exception>,
}

impl Report<'_> {
    /// Whether there is a mistake that nobody answered for.
    pub fn fails(&self) -> bool {
        self.open().any(|told| told.severity == Severity::Mistake)
    }

    /// What nobody answered for.
    pub fn open(&self) -> impl Iterator<Item = &Told<'_>> {
        self.findings.iter().filter(|told| told.exception.is_none())
    }
}

/// Looks at all entries.
pub fn lint<'e>(files: &[File], expected: &'e Expected, calendar: &Calendar) -> Report<'e> {
    let mut report = Report::default();
    let mut used = vec![false; expected.exceptions.len()];
    for file in files {
        let (entries, mut findings) = match &file.text {
            Some(text) => read(&file.name, text, expected),
            None => (Vec::new(), vec![no_text()]),
        };
        for entry in &entries {
            findings.extend(check(entry, &file.path, expected, calendar));
        }
        findings.sort_by_key(|finding| (finding.at, finding.kind));
        for finding in findings {
            let mut exception = None;
            for (index, one) in expected.exceptions.iter().enumerate() {
                if one.finding == finding.kind && one.files.is_match(&file.path) {
                    used[index] = true;
                    exception = exception.or(Some(one));
                }
            }
            let severity = expected.severity_of(finding.kind);
            report.findings.push(Told { file: file.name.clone(), severity, finding, exception });
        }
        report.entries.extend(entries);
    }
    let unused = expected.exceptions.iter().zip(used).filter(|(_, used)| !used);
    report.unused = unused.map(|(one, _)| one).collect();
    report
}

fn no_text() -> Finding {
    Finding {
        kind: Kind::DoesNotParse,
        at: Place { line: 1, column: 1 },
        message: "the file is not UTF-8 text".to_owned(),
        expected: "a text in UTF-8".to_owned(),
    }
}
