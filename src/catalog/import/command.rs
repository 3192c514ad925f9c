//! `steward catalog import`: the ownership page and the catalog, side by side.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{diff, edit, page, write};
use crate::catalog::Catalog;
use crate::policy::{
    MAX_FILE_BYTES, Origin, PolicyError, PolicyErrors, PolicySource, SourceFile, render,
};

/// Where the catalog's files are when nothing else is said.
const DEFAULT_DIR: &str = "policies";

/// Compare the ownership tables of a handbook page with the catalog.
///
/// Without flags the difference is shown and nothing is written.
///
/// Exit codes: 0 when all is well, and for a difference that is only shown; 1 for a difference
/// under --check; 2 when the page has no ownership table or one that cannot be read whole, and for
/// any other trouble.
#[derive(Args, Clone, Debug, Default)]
pub struct ImportArgs {
    /// The page, in Markdown
    pub page: PathBuf,

    /// Exit with 1 when page and catalog differ
    #[arg(long, conflicts_with = "write")]
    pub check: bool,

    /// Write the page's facts into the catalog's files
    #[arg(long)]
    pub write: bool,

    /// With --write: also take out integrations that the page does not list
    #[arg(long, requires = "write")]
    pub prune: bool,

    /// Directory of policies, laid over the built-in ones [default: policies]
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
}

/// Why an import could not be done at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The page cannot be read.
    #[error("{0}")]
    Page(PolicyError),
    /// The policies have mistakes, or a place in them cannot be edited automatically. Nothing
    /// was written.
    #[error("{0}")]
    Policies(PolicyErrors),
    /// A file could not be written.
    #[error("{}: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The report could not be printed.
    #[error("cannot print the report: {0}")]
    Print(#[from] io::Error),
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Page and catalog say the same.
    Same,
    /// They differ; nothing was written.
    Differs,
    /// The page has mistakes; nothing was written.
    Problems,
    /// The catalog's files were changed.
    Written,
}

/// Runs the command and prints its report to `out`; `color` and `width` (columns) are for the
/// snippets of mistakes.
///
/// The exit code is 1 for a difference under `--check`, 2 for a page that cannot be read as
/// ownership tables, otherwise 0.
///
/// # Errors
/// See [`ImportError`].
pub fn run(
    args: &ImportArgs,
    out: &mut dyn Write,
    color: bool,
    width: usize,
) -> Result<ExitCode, ImportError> {
    Ok(match execute(args, out, color, width)? {
        Outcome::Differs if args.check => ExitCode::FAILURE,
        Outcome::Same | Outcome::Written | Outcome::Differs => ExitCode::SUCCESS,
        // A script must be able to tell a page that says something else from one that says
        // nothing, also when it only looks.
        Outcome::Problems => ExitCode::from(2),
    })
}

/// As [`run`], but says how it ended instead of giving an exit code.
///
/// # Errors
/// See [`ImportError`].
pub fn execute(
    args: &ImportArgs,
    out: &mut dyn Write,
    color: bool,
    width: usize,
) -> Result<Outcome, ImportError> {
    let dir = args.policies.clone().unwrap_or_else(|| DEFAULT_DIR.into());
    let source = policies(args, &dir)?;
    let catalog = Catalog::load(&source).map_err(ImportError::Policies)?;
    let page = page::read(&read_page(&args.page)?, &catalog);
    let difference = diff::compare(&page, &catalog);

    if !page.problems.is_empty() {
        write!(out, "{}", render(&page.problems, color, width))?;
    }
    // A page that could not be read at all would show every integration as removed.
    if page.tables > 0 {
        write!(out, "{difference}")?;
    }
    if !page.problems.is_empty() {
        if args.write {
            writeln!(out, "nothing written: the page has mistakes")?;
        }
        return Ok(Outcome::Problems);
    }
    if difference.is_empty() {
        return Ok(Outcome::Same);
    }
    if !args.write {
        return Ok(Outcome::Differs);
    }
    let edits = edit::plan(&source, &catalog, &page, &difference, args.prune)
        .map_err(ImportError::Policies)?;
    let targets = edits.iter().map(|(path, text)| (dir.join(path), text.as_str()));
    let written =
        write::replace_all(targets).map_err(|(path, cause)| ImportError::Write { path, cause })?;
    for path in &written {
        writeln!(out, "written: {}", path.display())?;
    }
    if !args.prune && !difference.removed.is_empty() {
        writeln!(
            out,
            "kept: {} not on the page; --prune takes them out",
            difference.removed.len()
        )?;
    }
    Ok(if written.is_empty() { Outcome::Differs } else { Outcome::Written })
}

fn policies(args: &ImportArgs, dir: &Path) -> Result<PolicySource, ImportError> {
    // A directory that was asked for must be there, unless this run is about to make it.
    if dir.is_dir() || (args.policies.is_some() && !args.write) {
        return PolicySource::with_overlay(dir).map_err(ImportError::Policies);
    }
    Ok(PolicySource::built_in())
}

fn read_page(path: &Path) -> Result<SourceFile, ImportError> {
    let fail = |message: String| {
        ImportError::Page(PolicyError::whole_file(path.display().to_string(), message))
    };
    let size = std::fs::metadata(path).map_err(|e| fail(format!("cannot read the page: {e}")))?;
    if size.len() > MAX_FILE_BYTES {
        return Err(fail(format!("the page is larger than {} KiB", MAX_FILE_BYTES / 1024)));
    }
    let bytes = std::fs::read(path).map_err(|e| fail(format!("cannot read the page: {e}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| fail("the page is not UTF-8 text".to_owned()))?;
    Ok(SourceFile::new(path.display().to_string(), Origin::File(path.to_owned()), text))
}
