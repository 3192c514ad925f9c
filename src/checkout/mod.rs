//! A local git checkout, read as a forge is: what is in the working tree against the commit that
//! the branch started from, as a merge request would show it.
//!
//! [`base`] finds what to compare with, [`changes`] lists what is different and which lines were
//! added, [`files`] reads single files; [`tree`] reads a commit without a working tree. Everything comes from the command `git`: the tree is never
//! walked here, and nothing is written.

mod base;
mod changes;
mod files;
mod tree;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use crate::model::{
    Access, Changes, Facet, FacetValue, Facets, LabelName, Milestone, Person, Snapshot, State,
    Subject,
};

pub use base::Base;
pub use tree::Tree;

/// Why a checkout cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CheckoutError {
    /// No checkout.
    #[error(
        "{folder} is in no working tree of git ({said}); run it in a checkout, or name one with --dir"
    )]
    NoWorkTree {
        /// Where it was looked for.
        folder: String,
        /// What git said.
        said: String,
    },
    /// A repository without a commit.
    #[error("there is no commit yet ({said}); a change is compared with one")]
    NoCommit {
        /// What git said.
        said: String,
    },
    /// Nothing to compare with was named, and nothing usual is there.
    #[error("nothing to compare with: there is no {tried}; name a branch or a commit with --base")]
    NoBase {
        /// What was looked for.
        tried: String,
    },
    /// What was named is no commit.
    #[error(
        "`{revision}` is no commit here; expected a branch, a tag or a commit behind --base. \
             In a shallow clone fetch it first: git fetch origin {revision}"
    )]
    BadBase {
        /// What was named.
        revision: String,
    },
    /// What was named is no commit of a repository.
    #[error(
        "{folder} has no commit `{revision}`; expected the folder of a git repository and a branch, \
             a tag or a commit in it"
    )]
    NoRevision {
        /// What was named.
        revision: String,
        /// Where it was looked for.
        folder: String,
    },
    /// No history in common.
    #[error(
        "HEAD and `{revision}` have no commit in common; name another one with --base. In a \
             shallow clone fetch more of the history (GitLab CI: GIT_DEPTH: 0), or name the commit \
             that the change starts from and add --exact-base"
    )]
    Unrelated {
        /// What was compared with.
        revision: String,
    },
    /// Git failed at something that should go well.
    #[error("{what}: {said}")]
    Git {
        /// What was asked.
        what: &'static str,
        /// What git said.
        said: String,
    },
    /// More changed files than a change can have.
    #[error(
        "git lists more than {most} bytes of {what}; is --base the right one, and does \
             .gitignore name what is built?"
    )]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        most: u64,
    },
}

/// What only a forge knows of a change, as somebody tells it.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Where people see the merge request.
    pub url: Option<String>,
    /// The title of its milestone.
    pub milestone: Option<String>,
    /// The labels on it.
    pub labels: Vec<String>,
}

/// A checkout, and what is changed in it.
#[derive(Debug)]
pub struct Checkout {
    root: PathBuf,
    head: String,
    head_at: DateTime<Utc>,
    base: Base,
    changes: Changes,
    /// The files that were read, of which there are at most [`crate::model::MOST_FILES`].
    read: usize,
}

impl Checkout {
    /// So many bytes of a file are read at the most: as at a forge.
    pub const MOST_BYTES: u64 = 1024 * 1024;

    /// Looks at the checkout around a folder. The change is compared with the commit in which it
    /// and `base` had parted (without one: the usual branches), or with `base` itself if that is
    /// `exact`.
    ///
    /// # Errors
    /// Without `git`, outside a checkout, or when it is not known what to compare with.
    pub fn open(folder: &Path, base: Option<&str>, exact: bool) -> Result<Self, CheckoutError> {
        let root = base::root(folder)?;
        let (head, head_at) = base::head(&root)?;
        let base = base::find(&root, base, exact)?;
        let changes = changes::read(&root, &base.commit)?;
        Ok(Self { root, head, head_at, base, changes, read: 0 })
    }

    /// What it is compared with.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The newest commit: what is not committed is on top of it.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// What is different.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The checkout as an open merge request. It was opened when its newest commit was made, so
    /// that the same files always make the same picture.
    pub fn snapshot(&self, told: &Told) -> Snapshot {
        merge_request(told, &self.head, self.head_at, self.changes.clone())
    }

    /// Reads what was asked for. What only a forge knows is not known: no label, no account, no
    /// member of any group.
    ///
    /// # Errors
    /// When git fails.
    pub fn read(
        &mut self,
        asked: &BTreeSet<Facet>,
    ) -> Result<Vec<(Facet, FacetValue)>, CheckoutError> {
        let files = asked.iter().filter_map(|facet| match facet {
            Facet::File(at) => Some(at),
            _ => None,
        });
        let mut found = self.files(files)?;
        let other = asked.iter().filter_map(|facet| {
            let value = match facet {
                Facet::File(_) => return None,
                Facet::LabelHistory => FacetValue::LabelHistory(Vec::new()),
                Facet::OwnComments => FacetValue::OwnComments(Vec::new()),
                Facet::Changes => FacetValue::Changes(self.changes.clone()),
                Facet::Label(_) => FacetValue::Label(None),
                Facet::AuthorAccess => FacetValue::AuthorAccess(Access::None),
                Facet::Milestone(_) => FacetValue::Milestone(None),
                Facet::Account(_) => FacetValue::Account(None),
                Facet::Membership(_) => FacetValue::Membership(false),
                Facet::Removals => FacetValue::Removals(Vec::new()),
                Facet::Standings => FacetValue::Standings(Ok(Vec::new())),
                Facet::Standing(_) => {
                    let why = "a checkout has no tracking issue".to_owned();
                    FacetValue::Standing(Box::new(Err(why)))
                }
                Facet::OwnStatuses => FacetValue::OwnStatuses(Vec::new()),
                Facet::OwnIssues => FacetValue::OwnIssues(Vec::new()),
            };
            Some((facet.clone(), value))
        });
        found.extend(other);
        Ok(found)
    }
}

/// The merge request at an address, `https://host/group/project/-/merge_requests/12`; where there
/// is none, one that no forge has.
/// A commit and its changes as an open merge request, of which nothing else is known.
pub(crate) fn merge_request(
    told: &Told,
    head: &str,
    at: DateTime<Utc>,
    changes: Changes,
) -> Snapshot {
    Snapshot {
        subject: subject(told.url.as_deref()),
        url: told.url.clone().unwrap_or_default(),
        title: String::new(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: Person { id: 0, username: String::new(), name: String::new() },
        labels: told.labels.iter().map(LabelName::new).collect(),
        milestone: told.milestone.clone().map(|title| Milestone { title, due: None }),
        created_at: at,
        updated_at: at,
        head: Some(head.to_owned()),
        assignees: Vec::new(),
        votes: Default::default(),
        weight: None,
        confidential: false,
        facets: Facets {
            label_history: Some(Vec::new()),
            own_comments: Some(Vec::new()),
            changes: Some(changes),
            ..Facets::default()
        },
    }
}

fn subject(url: Option<&str>) -> Subject {
    let parse = || {
        let url = url::Url::parse(url?).ok()?;
        let (project, rest) = url.path().trim_matches('/').split_once("/-/merge_requests/")?;
        let number = rest.split('/').next()?.parse().ok()?;
        Some(Subject::gitlab_merge_request(project, number))
    };
    parse().unwrap_or_else(|| Subject::gitlab_merge_request("checkout", 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_merge_request() {
        let named = subject(Some("https://git.example/group/sub/app/-/merge_requests/12/diffs"));
        assert_eq!(named, Subject::gitlab_merge_request("group/sub/app", 12));
        for none in [None, Some("nonsense"), Some("https://git.example/a/b/-/issues/1")] {
            assert_eq!(subject(none).number, 0);
        }
    }
}
