//! What Steward looks after: one issue, merge request or epic on one forge.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of forge. One process serves at most one host of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForgeKind {
    /// GitLab, the hosted one or one's own.
    Gitlab,
    /// GitHub, the hosted one or one's own (GitHub Enterprise Server).
    Github,
}

impl ForgeKind {
    /// The name in subject keys, settings and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            ForgeKind::Gitlab => "gitlab",
            ForgeKind::Github => "github",
        }
    }

    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            ForgeKind::Gitlab => "GitLab",
            ForgeKind::Github => "GitHub",
        }
    }

    /// What people call a merge request there.
    pub fn merge_request(self) -> &'static str {
        match self {
            ForgeKind::Gitlab => "merge request",
            ForgeKind::Github => "pull request",
        }
    }
}

impl fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of item a subject is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An issue, incident or task: whatever a project numbers with `#`.
    Issue,
    /// A merge request (GitHub: pull request), numbered with `!`; on GitHub too, where people
    /// write `#` for both, so that a key says which of them it is.
    MergeRequest,
    /// A group-level work item, numbered with `&`.
    Epic,
}

impl SubjectKind {
    /// The character that GitLab writes before the number.
    pub fn sigil(self) -> char {
        match self {
            SubjectKind::Issue => '#',
            SubjectKind::MergeRequest => '!',
            SubjectKind::Epic => '&',
        }
    }
}

/// One item on one forge. Its text form, `gitlab:group/project#12` or `github:owner/project#12`, is
/// the key of the work queue, of the ledger and of the audit log.
///
/// The project is named by its path, since operators read these keys. After a rename the hooks
/// carry the new path; what Steward did under the old one is then read back from the markers in
/// its own comments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Where it lives.
    pub forge: ForgeKind,
    /// Full path of the project, or of the group for an epic.
    pub project: String,
    /// Issue, merge request or epic.
    pub kind: SubjectKind,
    /// The number that people see (`iid` on GitLab).
    pub number: u64,
}

impl Subject {
    /// An issue on GitLab.
    pub fn gitlab_issue(project: impl Into<String>, number: u64) -> Self {
        Self { forge: ForgeKind::Gitlab, project: project.into(), kind: SubjectKind::Issue, number }
    }

    /// A merge request on GitLab.
    pub fn gitlab_merge_request(project: impl Into<String>, number: u64) -> Self {
        Self {
            forge: ForgeKind::Gitlab,
            project: project.into(),
            kind: SubjectKind::MergeRequest,
            number,
        }
    }

    /// An issue on GitHub.
    pub fn github_issue(project: impl Into<String>, number: u64) -> Self {
        Self { forge: ForgeKind::Github, ..Self::gitlab_issue(project, number) }
    }

    /// A pull request on GitHub.
    pub fn github_pull_request(project: impl Into<String>, number: u64) -> Self {
        Self { forge: ForgeKind::Github, ..Self::gitlab_merge_request(project, number) }
    }

    /// The short form within a forge: `group/project#12`.
    pub fn reference(&self) -> String {
        format!("{}{}{}", self.project, self.kind.sigil(), self.number)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}{}", self.forge, self.project, self.kind.sigil(), self.number)
    }
}

/// A text that is not a subject key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a subject; expected something like `gitlab:group/project#12`")]
pub struct SubjectParseError(pub String);

impl FromStr for Subject {
    type Err = SubjectParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (forge, rest) = text.split_once(':')?;
            let forge = match forge {
                "gitlab" => ForgeKind::Gitlab,
                "github" => ForgeKind::Github,
                _ => return None,
            };
            let at = rest.rfind(['#', '!', '&'])?;
            let kind = match rest.as_bytes()[at] {
                b'#' => SubjectKind::Issue,
                b'!' => SubjectKind::MergeRequest,
                _ => SubjectKind::Epic,
            };
            let project = &rest[..at];
            let number = rest[at + 1..].parse().ok()?;
            (!project.is_empty()).then(|| Subject {
                forge,
                project: project.to_owned(),
                kind,
                number,
            })
        };
        parse().ok_or_else(|| SubjectParseError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_from_its_key() {
        for subject in [
            Subject::gitlab_issue("group/sub/project", 7),
            Subject::gitlab_merge_request("a/b", u64::MAX),
            Subject { kind: SubjectKind::Epic, ..Subject::gitlab_issue("group", 1) },
            Subject::github_issue("owner/project.rs", 7),
            Subject::github_pull_request("owner/project", 8),
        ] {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_was_expected() {
        for text in ["", "gitlab:", "gitlab:#1", "gitlab:a/b", "gitlab:a/b#", "svn:a/b#1", "a/b#1"]
        {
            let error = text.parse::<Subject>().expect_err(text);
            assert!(error.to_string().contains("gitlab:group/project#12"), "{error}");
        }
    }
}
