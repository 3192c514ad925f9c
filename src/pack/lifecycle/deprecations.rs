//! `deprecations` in `lifecycle.yml`: what is expected of entries about deprecations.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    evidence::deprecations::{Exception, Expected, Kind},
    model::Cite,
    pack::{
        calendar,
        rules::{PathGlob, Regexp},
    },
    policy::{Layered, Located, PolicyErrors, Severity, SourceFile},
};

/// The longest window that can be asked for, in releases.
const LONGEST_WINDOW: usize = 100;

/// What is expected of entries about deprecations.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeprecationsFile {
    /// The folder that they lie in, from the top of the repository.
    pub folder: Located<String>,
    /// Files in it that are no entries, from the folder on.
    #[serde(default)]
    pub ignore: Vec<PathGlob>,
    /// Keys that each entry has.
    #[serde(default)]
    pub required: Vec<Located<String>>,
    /// Keys that an entry may have besides.
    #[serde(default)]
    pub optional: Vec<Located<String>>,
    /// What stands in place of a milestone that is not decided; case makes no difference.
    #[serde(default)]
    pub pending: Vec<String>,
    /// What stands in place of a milestone that will not come; case makes no difference.
    #[serde(default)]
    pub cancelled: Vec<String>,
    /// So many releases a removal comes after its announcement at least.
    pub window: Located<usize>,
    /// Whether breaking changes come with majors only.
    #[serde(default)]
    pub breaking_in_majors: bool,
    /// What the name of a file looks like; the groups `major` and `minor` tell the announcement.
    /// Left out, names are not looked at.
    #[serde(default)]
    pub file_name: Option<Located<Regexp>>,
    /// How bad a finding is, where it is not the usual.
    #[serde(default)]
    pub severity: BTreeMap<Kind, Severity>,
    /// Findings that somebody answered for.
    #[serde(default)]
    pub exceptions: Vec<Located<ExceptionFile>>,
}

/// A finding that somebody answered for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionFile {
    /// The files, from the folder on; `*` stops at `/`.
    pub file: PathGlob,
    /// The finding.
    pub finding: Kind,
    /// Why it is all right.
    pub reason: Located<String>,
}

/// The same, checked.
///
/// # Errors
/// Every mistake, as a place in the layered text.
pub(super) fn checked(
    file: DeprecationsFile,
    layered: &Layered,
    has_calendar: bool,
) -> Result<Expected, PolicyErrors> {
    let mut errors = mistakes(&file, layered.file());
    if !has_calendar {
        errors.push(
            file.window
                .error(layered.file(), "a window is counted in releases, and there is no calendar")
                .with_help(format!("write `{}` (docs/lifecycle.md)", calendar::FILE)),
        );
    }
    let exceptions = file.exceptions.into_iter().map(|one| {
        let (name, line) = layered.place(one.line());
        Exception {
            files: one.value.file.matcher().clone(),
            finding: one.value.finding,
            reason: one.value.reason.value,
            cite: Cite { file: name, line },
        }
    });
    let values = |list: Vec<Located<String>>| list.into_iter().map(|one| one.value).collect();
    let expected = Expected {
        folder: file.folder.trim_matches('/').to_owned(),
        ignore: file.ignore.iter().map(|glob| glob.matcher().clone()).collect(),
        required: values(file.required),
        optional: values(file.optional),
        pending: file.pending,
        cancelled: file.cancelled,
        window: file.window.value,
        breaking_in_majors: file.breaking_in_majors,
        file_name: file.file_name.map(|pattern| (**pattern).clone()),
        severity: file.severity,
        exceptions: exceptions.collect(),
    };
    errors.or(expected)
}

fn mistakes(file: &DeprecationsFile, source: &SourceFile) -> PolicyErrors {
    let mut errors = PolicyErrors::default();
    let folder = &file.folder;
    let parts = || folder.trim_matches('/').split('/');
    if parts().any(|part| part.is_empty() || part == "." || part == "..") {
        errors.push(
            folder
                .error(source, format!("`{}` is no folder of a repository", folder.value))
                .with_help("write the path from its top, such as `data/deprecations`".to_owned()),
        );
    }
    if !(1..=LONGEST_WINDOW).contains(&file.window.value) {
        let message = format!("`window` is a number from 1 to {LONGEST_WINDOW}");
        errors.push(file.window.error(source, message));
    }
    if let Some(pattern) = &file.file_name {
        let has = |group: &str| pattern.capture_names().flatten().any(|name| name == group);
        if !has("major") || !has("minor") {
            errors.push(
                pattern
                    .error(source, "the pattern does not tell which announcement a name tells")
                    .with_help(
                        r"name both numbers, as in `^(?<major>\d+)-(?<minor>\d+)-`".to_owned(),
                    ),
            );
        }
    }
    let mut keys: Vec<&Located<String>> = Vec::new();
    for key in file.required.iter().chain(&file.optional) {
        if keys.iter().any(|had| had.value == key.value) {
            errors.push(key.error(source, format!("the key `{}` is there twice", key.value)));
        }
        keys.push(key);
    }
    let mut seen: Vec<(&str, Kind)> = Vec::new();
    for exception in &file.exceptions {
        let reason = &exception.reason;
        if reason.trim().is_empty() {
            errors.push(
                reason.error(source, "an exception without a reason").with_help(
                    "say why the finding is all right, for whoever comes next".to_owned(),
                ),
            );
        }
        let same = (exception.file.as_str(), exception.finding);
        if seen.contains(&same) {
            let message = format!("there is an exception for `{}` of `{}`", same.1, same.0);
            errors.push(exception.error(source, format!("{message} already")));
        }
        seen.push(same);
    }
    errors
}
