//! Looking into the files of a change. Each is read and parsed once for all sheets.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use globset::{GlobBuilder, GlobMatcher};

use super::values::{Item, Values};
use crate::{
    evidence::{
        Open,
        code::{Language, Limits, Parsed},
        form::Form,
    },
    model::{Changes, FileAt, FileContent, FileStatus, Proof, ProofKind, Unreadable},
    rules::View,
};

/// So many changed files are looked into for one pattern: a change to more of them is no addition
/// of an integration, and each costs a call.
const MOST_FILES: usize = 50;
/// Characters that make a path a pattern.
const WILD: [char; 5] = ['*', '?', '[', '{', ']'];

/// The files of a change.
#[derive(Debug)]
pub(in crate::rules) struct Files<'v, 'a> {
    view: &'v View<'a>,
    parsed: RefCell<HashMap<FileAt, Rc<Result<Parsed, Open>>>>,
    globs: RefCell<HashMap<String, Rc<Paths>>>,
    /// They are those of a commit and no change: nothing is told by what it leaves alone.
    is_commit: bool,
}

/// The paths that a form stands for.
#[derive(Debug, Default, Clone)]
pub(super) struct Paths {
    /// In the order of the change.
    pub(super) paths: Vec<String>,
    /// As it was asked for, values in place.
    pub(super) asked: String,
    /// It is one path, which is looked at whether or not the change touches it.
    pub(super) exact: bool,
    /// Why there may be more.
    pub(super) open: Option<Proof>,
}

impl<'v, 'a> Files<'v, 'a> {
    pub(in crate::rules) fn new(view: &'v View<'a>) -> Self {
        Self { view, parsed: RefCell::default(), globs: RefCell::default(), is_commit: false }
    }

    /// The files of a commit, told as changed ones.
    pub(in crate::rules) fn of_commit(view: &'v View<'a>) -> Self {
        Self { is_commit: true, ..Self::new(view) }
    }

    /// Whether they are those of a commit.
    pub(super) fn is_commit(&self) -> bool {
        self.is_commit
    }

    /// The changed files; `None` while they are not read.
    pub(super) fn changes(&self) -> Option<&'a Changes> {
        self.view.changes()
    }

    /// What stands in a file; `None` while it is not read. What the change itself tells costs no
    /// call.
    pub(super) fn read(&self, at: &FileAt) -> Option<FileContent> {
        let changes = self.changes()?;
        if !is_inside(&at.path) {
            return Some(FileContent::Unreadable(Unreadable::BadPath));
        }
        let changed = changes.files.iter().find(|file| file.path == at.path);
        let gone = match at.side {
            crate::model::Side::Head => FileStatus::Deleted,
            crate::model::Side::Base => FileStatus::Added,
        };
        if changed.is_some_and(|file| file.status == gone) {
            return Some(FileContent::Absent);
        }
        self.view.file(at).cloned()
    }

    /// The paths that a form stands for: one path as it is, a pattern as the changed files that
    /// fit.
    ///
    /// # Errors
    /// The value that is not known.
    pub(super) fn paths(
        &self,
        form: &Form,
        values: &Values<'_>,
        item: Option<&Item>,
    ) -> Result<Rc<Paths>, Proof> {
        if !is_pattern(form) {
            let path = values.fill(form, item)?;
            let paths = Paths { paths: vec![path.clone()], asked: path, exact: true, open: None };
            return Ok(Rc::new(paths));
        }
        let asked = values.fill_with(form, item, |value, out| {
            value.chars().for_each(|c| {
                if WILD.contains(&c) || c == '\\' {
                    out.push('\\');
                }
                out.push(c);
            });
        })?;
        if let Some(known) = self.globs.borrow().get(&asked) {
            return Ok(Rc::clone(known));
        }
        let paths = Rc::new(self.fitting(&asked));
        self.globs.borrow_mut().insert(asked, Rc::clone(&paths));
        Ok(paths)
    }

    fn fitting(&self, asked: &str) -> Paths {
        let mut found = Paths { asked: asked.to_owned(), ..Paths::default() };
        let Some(changes) = self.changes() else { return found };
        // Checked when the policies were read.
        let Some(glob) = glob(asked) else { return found };
        let fits = changes.files.iter().filter(|file| file.status != FileStatus::Deleted);
        for file in fits.filter(|file| glob.is_match(&file.path)) {
            if found.paths.len() == MOST_FILES {
                found.open =
                    Some(proof(ProofKind::TooMany, MOST_FILES.to_string()).in_file(asked, None));
                break;
            }
            found.paths.push(file.path.clone());
        }
        if !changes.complete && found.open.is_none() {
            found.open = Some(proof(ProofKind::ListCut, asked.to_owned()));
        }
        found
    }

    /// Whether the change touches a path, or a file that fits a pattern, in any way.
    pub(super) fn touched(&self, paths: &Paths) -> Option<String> {
        let changes = self.changes()?;
        let glob = glob(&paths.asked).filter(|_| !paths.exact);
        let fits = |path: &str| match &glob {
            Some(glob) => glob.is_match(path),
            None => path == paths.asked,
        };
        let touched = changes
            .files
            .iter()
            .find(|file| fits(&file.path) || file.previous_path.as_deref().is_some_and(fits))?;
        Some(touched.path.clone())
    }

    /// The first file that fits and that the change deletes.
    pub(super) fn deleted(&self, paths: &Paths) -> Option<String> {
        let glob = glob(&paths.asked).filter(|_| !paths.exact);
        let fits = |path: &str| match &glob {
            Some(glob) => glob.is_match(path),
            None => path == paths.asked,
        };
        let mut deleted =
            self.changes()?.files.iter().filter(|file| file.status == FileStatus::Deleted);
        deleted.find(|file| fits(&file.path)).map(|file| file.path.clone())
    }

    /// A file of code, parsed; `None` for one that is of no language that is parsed.
    pub(super) fn parsed(&self, at: &FileAt, text: &str) -> Option<Rc<Result<Parsed, Open>>> {
        if let Some(known) = self.parsed.borrow().get(at) {
            return Some(Rc::clone(known));
        }
        let parsed = Rc::new(Parsed::new(Language::of_path(&at.path)?, text, Limits::default()));
        self.parsed.borrow_mut().insert(at.clone(), Rc::clone(&parsed));
        Some(parsed)
    }
}

/// Whether a form stands for more than one path.
pub(in crate::rules) fn is_pattern(form: &Form) -> bool {
    form.fill(|_| Some("x".into())).unwrap_or_default().contains(WILD)
}

fn glob(asked: &str) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(asked)
        .literal_separator(true)
        .empty_alternates(true)
        .backslash_escape(true)
        .build();
    glob.ok().map(|glob| glob.compile_matcher())
}

/// Whether a path stays inside the repository.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(|c: char| c == '\\' || c.is_control())
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A proof about something.
pub(in crate::rules) fn proof(kind: ProofKind, what: impl Into<String>) -> Proof {
    Proof { kind, what: what.into(), found: None, file: None, line: None }
}

/// Why a file cannot be looked into.
pub(super) fn unreadable(why: &Unreadable, path: &str) -> Proof {
    let (kind, what) = match why {
        Unreadable::NotText => (ProofKind::NotText, String::new()),
        Unreadable::TooLarge { most } => (ProofKind::TooLarge, most.to_string()),
        Unreadable::TooMany { most } => (ProofKind::TooMany, most.to_string()),
        Unreadable::NotRecorded => (ProofKind::NotRecorded, String::new()),
        Unreadable::BadPath => (ProofKind::BadPath, String::new()),
    };
    proof(kind, what).in_file(path, None)
}

/// Why nobody can tell what else stands in a file.
pub(super) fn open(open: &Open, path: &str) -> Proof {
    proof(open.why, open.what.clone()).in_file(path, open.line)
}

impl Proof {
    /// The same, in a file.
    pub(super) fn in_file(self, path: &str, line: Option<u32>) -> Self {
        Self { file: Some(path.to_owned()), line, ..self }
    }
}
