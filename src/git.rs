//! The `git` command: how it is called, so that neither a shell nor a user's configuration acts.

use std::{
    ffi::OsStr,
    io::Read,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

/// So much of what git complains about is kept, in bytes.
const MOST_COMPLAINTS: u64 = 16 * 1024;

/// Settings by which a configuration could run programs or change what is printed
/// (git-config(1)). Filters such as git-lfs stay: without them files would count as changed.
const SETTINGS: [&str; 6] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=off",
    "core.pager=cat",
    "color.ui=never",
    "diff.autoRefreshIndex=true",
];

/// Variables that lead git to another repository than the folder's, which hooks are started with
/// (`git rev-parse --local-env-vars`), and those that change what it prints.
const VARIABLES: [&str; 17] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_ATTR_SOURCE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Git in a folder. It takes no locks, so that nobody who works there is in its way.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).arg("--no-pager");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Runs git to its end.
///
/// # Errors
/// When there is no `git`.
pub(crate) fn run<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Result<Output, String> {
    let mut command = command(folder);
    command.args(arguments).stdin(Stdio::null()).output().map_err(|error| none(&error))
}

/// What git printed, as far as it was read.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) bytes: Vec<u8>,
    /// There was more.
    pub(crate) cut: bool,
}

/// Runs git and reads so many bytes of what it prints; it is stopped when there are more.
///
/// # Errors
/// When there is no `git`, or it fails: what it said.
pub(crate) fn bounded<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[A],
    most: u64,
) -> Result<Printed, String> {
    let mut child = command(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| none(&error))?;
    let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("git: no pipe".to_owned());
    };
    // Beside the output: git waits when nobody reads its complaints.
    let complaints = thread::spawn(move || {
        let mut kept = Vec::new();
        // What cannot be read is not told.
        let _ = err.by_ref().take(MOST_COMPLAINTS).read_to_end(&mut kept);
        let _ = std::io::copy(&mut err, &mut std::io::sink());
        kept
    });
    let mut bytes = Vec::new();
    let read = out.by_ref().take(most + 1).read_to_end(&mut bytes);
    let cut = bytes.len() as u64 > most;
    if cut || read.is_err() {
        // It may have ended meanwhile.
        let _ = child.kill();
    }
    drop(out);
    let broken = |error: std::io::Error| format!("git: {error}");
    let status = child.wait().map_err(broken)?;
    let stderr = complaints.join().unwrap_or_default();
    read.map_err(broken)?;
    if cut {
        bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    } else if !status.success() {
        return Err(said(&stderr));
    }
    Ok(Printed { bytes, cut })
}

/// What git said on standard error.
pub(crate) fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = text.trim().trim_start_matches("fatal: ");
    format!("git: {}", if text.is_empty() { "it failed without a word" } else { text })
}

/// That there is no `git`.
pub(crate) fn none(error: &std::io::Error) -> String {
    format!("the command `git` cannot be run ({error}); install it, or name a folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_was_asked_for_is_cut_and_a_failure_tells_what_git_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let version = bounded(folder.path(), &["version"], 1000).expect("git is there");
        assert!(version.bytes.starts_with(b"git version ") && !version.cut);
        let cut = bounded(folder.path(), &["version"], 3).expect("git is there");
        assert_eq!((cut.bytes.as_slice(), cut.cut), (b"git".as_slice(), true));
        let error = bounded(folder.path(), &["no-such-command"], 10).expect_err("no command");
        assert!(error.starts_with("git: ") && error.contains("no-such-command"), "{error}");
    }
}
