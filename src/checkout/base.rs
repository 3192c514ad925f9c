//! What a checkout is compared with: the commit in which its branch parted from another one.

use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::CheckoutError;
use crate::git;

/// The branches that are tried in this order when none is named: that which the remote calls its
/// default one, then the usual names, the remote's first, since one's own may be old.
const USUAL: [&str; 5] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
];

/// What a checkout is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// As it was named, or the branch that was found: `origin/main`.
    pub name: String,
    /// The commit, in full.
    pub commit: String,
}

/// The top folder of the working tree around a folder.
pub(super) fn root(folder: &Path) -> Result<PathBuf, CheckoutError> {
    let none = |said: String| CheckoutError::NoWorkTree { folder: shown(folder), said };
    let found = git::run(folder, &["rev-parse", "--show-toplevel"]).map_err(none)?;
    if !found.status.success() {
        return Err(none(git::said(&found.stderr)));
    }
    let mut path = found.stdout;
    path.pop_if(|last| *last == b'\n');
    Ok(PathBuf::from(OsString::from_vec(path)))
}

fn shown(folder: &Path) -> String {
    match folder == Path::new(".") {
        true => "this folder".to_owned(),
        false => folder.display().to_string(),
    }
}

/// The newest commit, and when it was made.
pub(super) fn head(root: &Path) -> Result<(String, DateTime<Utc>), CheckoutError> {
    let none = |said: String| CheckoutError::NoCommit { said };
    let arguments = ["rev-list", "--max-count=1", "--timestamp", "HEAD", "--"];
    let found = git::bounded(root, &arguments, 1024).map_err(none)?;
    let text = String::from_utf8_lossy(&found.bytes);
    let parse = || {
        let (at, commit) = text.trim().split_once(' ')?;
        let at = DateTime::from_timestamp(at.parse().ok()?, 0)?;
        Some((commit.to_owned(), at))
    };
    parse().ok_or_else(|| none(format!("git answered `{}`", text.trim())))
}

/// The commit to compare with.
pub(super) fn find(root: &Path, named: Option<&str>, exact: bool) -> Result<Base, CheckoutError> {
    let (name, commit) = match named {
        Some(name) => {
            let bad = || CheckoutError::BadBase { revision: name.to_owned() };
            (name.to_owned(), commit(root, name)?.ok_or_else(bad)?)
        }
        None => usual(root)?,
    };
    if exact {
        return Ok(Base { name, commit });
    }
    let what = "the commit that both have in common";
    let found = git::run(root, &["merge-base", "HEAD", &commit])
        .map_err(|said| CheckoutError::Git { what, said })?;
    let first = String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned);
    match (found.status.code(), first) {
        (Some(0), Some(commit)) => Ok(Base { name, commit }),
        // git-merge-base(1): 1 when there is none.
        (Some(1), _) => Err(CheckoutError::Unrelated { revision: name }),
        _ => Err(CheckoutError::Git { what, said: git::said(&found.stderr) }),
    }
}

fn usual(root: &Path) -> Result<(String, String), CheckoutError> {
    let short = |name: &'static str| {
        name.strip_prefix("refs/remotes/").or(name.strip_prefix("refs/heads/")).unwrap_or(name)
    };
    for name in USUAL {
        if let Some(commit) = commit(root, name)? {
            return Ok((short(name).to_owned(), commit));
        }
    }
    let tried: Vec<String> = USUAL.iter().map(|name| format!("`{}`", short(name))).collect();
    Err(CheckoutError::NoBase { tried: tried.join(", ") })
}

/// The commit that a name stands for, if there is one.
fn commit(root: &Path, name: &str) -> Result<Option<String>, CheckoutError> {
    let wanted = format!("{name}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
    let found = git::run(root, &arguments)
        .map_err(|said| CheckoutError::Git { what: "what to compare with", said })?;
    let id = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok((found.status.success() && is_id).then_some(id))
}
