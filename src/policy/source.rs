//! Where policy files come from: the pack built into the binary, and a directory laid over it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use miette::NamedSource;
use sha2::{Digest, Sha256};

use super::error::{PolicyError, PolicyErrors, sanitize};
use super::nearest::nearest;

static POLICIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/policies");
static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");
/// Where the templates stand in a pack: an overlay directory replaces policies and words alike.
const TEMPLATES_FOLDER: &str = "templates/";
/// Where the packs of other products stand among the built-in policies.
const PACKS: &str = "packs";
/// The pack that stands in `policies/` itself.
pub const DEFAULT_PACK: &str = "gitlab";

/// Files that are laid over each other key by key, since there is one of each kind: what the upper
/// one does not say is as the lower one has it. Of all others the upper one replaces the lower.
pub const BY_KEY: [&str; 7] = [
    "routing.yml",
    "calendar.yml",
    "lifecycle.yml",
    "catalog/groups.yml",
    "templates/reasons.yml",
    "templates/why.yml",
    "templates/proofs.yml",
];
/// Files in this folder are laid over those of the same name key by key too.
const BY_KEY_FOLDER: &str = "checklists/";

fn is_laid_by_key(path: &str) -> bool {
    BY_KEY.contains(&path) || path.starts_with(BY_KEY_FOLDER)
}

/// The largest policy file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The most files a directory of policies may hold, so that a mistaken `/` ends at once.
pub(super) const MAX_FILES: usize = 2000;
const MAX_DEPTH: usize = 8;

/// Where the text of a policy file was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the binary.
    BuiltIn,
    /// Built into the binary, in the pack of this name.
    Pack(&'static str),
    /// Read from this path.
    File(PathBuf),
}

/// One policy file: its name inside the pack, where it came from, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the root of the pack, with `/`: `catalog/groups.yml`.
    pub path: String,
    /// Built-in or the real path.
    pub origin: Origin,
    /// The whole text.
    pub text: Arc<str>,
    named: OnceLock<Arc<NamedSource<String>>>,
}

impl SourceFile {
    /// Whether the file is the team's own, laid over what is built in.
    pub fn is_own(&self) -> bool {
        matches!(self.origin, Origin::File(_))
    }

    /// A file made of its parts. A byte order mark is dropped: it would shift every position.
    pub fn new(path: impl Into<String>, origin: Origin, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let text = text.strip_prefix('\u{feff}').map(Arc::from).unwrap_or(text);
        Self { path: path.into(), origin, text, named: OnceLock::new() }
    }

    /// The file's name in messages and reasons: `policies/catalog/groups.yml` for the built-in
    /// pack, the real path otherwise.
    pub fn display_name(&self) -> String {
        match &self.origin {
            Origin::BuiltIn if self.path.starts_with(TEMPLATES_FOLDER) => self.path.clone(),
            Origin::BuiltIn => format!("policies/{}", self.path),
            Origin::Pack(name) => format!("policies/{PACKS}/{name}/{}", self.path),
            Origin::File(path) => path.display().to_string(),
        }
    }

    /// The text as miette wants it, made once however many mistakes the file has.
    pub(crate) fn named_source(&self) -> Arc<NamedSource<String>> {
        Arc::clone(self.named.get_or_init(|| {
            Arc::new(NamedSource::new(sanitize(&self.display_name()), sanitize(&self.text)))
        }))
    }
}

/// All policy files in force, by path.
#[derive(Clone, Debug, Default)]
pub struct PolicySource {
    files: BTreeMap<String, SourceFile>,
    /// Files that another one of the same path lies over.
    under: BTreeMap<String, SourceFile>,
    /// The directory in force, for messages about a file that is not there.
    dir: Option<PathBuf>,
}

impl PolicySource {
    /// The pack built into the binary, alone.
    pub fn built_in() -> Self {
        let mut source = Self::words();
        let place = BuiltIn { root: "", folder: "", origin: Origin::BuiltIn };
        place.collect(&POLICIES, &mut source.files);
        source
    }

    /// A pack that is built into the binary, by its name: [`DEFAULT_PACK`] or a folder of
    /// `policies/packs`. Words that it does not have are the built-in ones.
    ///
    /// # Errors
    /// When there is none of this name, with those that there are.
    pub fn pack(name: &str) -> Result<Self, PolicyErrors> {
        if name == DEFAULT_PACK {
            return Ok(Self::built_in());
        }
        let dir = packs().find(|dir| name_of(dir) == name).ok_or_else(|| {
            let near = nearest(name, Self::packs().iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", Self::packs().join(", ")),
            };
            PolicyError::whole_file("`pack` in [policies]", format!("no pack `{name}` is built in"))
                .with_help(help)
        })?;
        let mut source = Self::words();
        let root = dir.path().to_str().unwrap_or_default();
        let place = BuiltIn { root, folder: "", origin: Origin::Pack(name_of(dir)) };
        place.collect(dir, &mut source.files);
        Ok(source)
    }

    /// The names of the packs that are built in.
    pub fn packs() -> Vec<&'static str> {
        std::iter::once(DEFAULT_PACK).chain(packs().map(name_of)).collect()
    }

    /// The built-in pack with `dir` laid over it, file by file: a file with the same relative
    /// path replaces the built-in one, any other file is added.
    ///
    /// # Errors
    /// Everything in `dir` that cannot be read, is larger than [`MAX_FILE_BYTES`] or is not
    /// UTF-8.
    pub fn with_overlay(dir: &Path) -> Result<Self, PolicyErrors> {
        Self::built_in().under(dir)
    }

    /// The policies of `dir` alone, with the built-in words unless it has its own: for a product
    /// that is not GitLab.
    ///
    /// # Errors
    /// As [`PolicySource::with_overlay`].
    pub fn own(dir: &Path) -> Result<Self, PolicyErrors> {
        Self::words().under(dir)
    }

    /// The built-in words, without any policy.
    pub fn words() -> Self {
        let mut files = BTreeMap::new();
        let place = BuiltIn { root: "", folder: TEMPLATES_FOLDER, origin: Origin::BuiltIn };
        place.collect(&TEMPLATES, &mut files);
        Self { files, ..Self::default() }
    }

    /// These policies with `dir` laid over them, as [`PolicySource::with_overlay`] does it.
    ///
    /// # Errors
    /// As [`PolicySource::with_overlay`].
    pub fn under(self, dir: &Path) -> Result<Self, PolicyErrors> {
        Ok(self.overlaid(Self::from_dir(dir)?))
    }

    /// These files with others laid over them: of two with the same path the other one stays.
    pub fn overlaid(mut self, over: Self) -> Self {
        for (path, file) in over.files {
            self.lay(path, file);
        }
        self.dir = over.dir;
        self
    }

    pub(super) fn from_parts(files: BTreeMap<String, SourceFile>, dir: Option<PathBuf>) -> Self {
        Self { files, dir, ..Self::default() }
    }

    fn lay(&mut self, path: String, file: SourceFile) {
        if let Some(under) = self.files.insert(path.clone(), file) {
            self.under.insert(path, under);
        }
    }

    /// Only the files of `dir`, without the built-in pack: for a pack of one's own.
    ///
    /// Hidden files, Markdown files and editors' backup files are left out.
    ///
    /// # Errors
    /// As [`PolicySource::with_overlay`].
    pub fn from_dir(dir: &Path) -> Result<Self, PolicyErrors> {
        let mut walk = Walk { root: std::fs::canonicalize(dir).ok(), ..Walk::default() };
        walk.dir(dir, "", 0);
        walk.errors.or(Self { files: walk.files, dir: Some(dir.to_owned()), ..Self::default() })
    }

    /// Only the given `(path, text)` pairs: for tests and previews. Messages name the files as
    /// if they were built in.
    pub fn from_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Self
    where
        P: Into<String>,
        T: Into<Arc<str>>,
    {
        let mut source = Self::default();
        for (path, text) in files {
            source.insert(SourceFile::new(path, Origin::BuiltIn, text));
        }
        source
    }

    /// Adds or replaces one file.
    pub fn insert(&mut self, file: SourceFile) {
        self.files.insert(file.path.clone(), file);
    }

    /// The file with this relative path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.get(path)
    }

    /// The directory whose files are in force, alone or over others.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The file that the one with this path lies over. What is laid key by key takes from it what
    /// the upper one does not say.
    pub fn beneath(&self, path: &str) -> Option<&SourceFile> {
        self.under.get(path)
    }

    /// The file with this relative path, which a pack cannot do without.
    ///
    /// # Errors
    /// When it is not there, with the place where it should be.
    pub fn required(&self, path: &str) -> Result<&SourceFile, PolicyErrors> {
        self.file(path).ok_or_else(|| {
            let place = match &self.dir {
                Some(dir) => dir.join(path).display().to_string(),
                None => SourceFile::new(path, Origin::BuiltIn, "").display_name(),
            };
            PolicyError::whole_file(place, "the file is missing from the policies").into()
        })
    }

    /// All files whose relative path starts with `prefix`, in order of path.
    pub fn files<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a SourceFile> {
        self.files
            .range(prefix.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(prefix))
            .map(|(_, file)| file)
    }

    /// The version of the policies: the first 12 hex digits of a SHA-256 over all paths and
    /// texts. Equal texts give equal versions wherever they come from.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        let beneath = self.under.iter().filter(|(path, _)| is_laid_by_key(path));
        for (path, file) in self.files.iter().chain(beneath) {
            // Lengths first, so that moving text between files changes the version.
            for part in [path.as_bytes(), file.text.as_bytes()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reports files that nothing reads, each with the nearest name that is read: a
    /// `catalog/group.yml` would otherwise be ignored in silence.
    ///
    /// `known` lists exact paths and, with a `*` in place of the file's stem, kinds of files:
    /// `catalog/groups.yml`, `catalog/integrations/*.yml`.
    pub fn unread(&self, known: &[&str]) -> PolicyErrors {
        let mut errors = PolicyErrors::default();
        for file in self.files.values() {
            if known.iter().any(|pattern| matches(pattern, &file.path)) {
                continue;
            }
            let stem = file.path.rsplit('/').next().unwrap_or_default();
            let stem = stem.split('.').next().unwrap_or_default();
            let candidates: Vec<String> = known.iter().map(|k| k.replace('*', stem)).collect();
            let is_text = |path: &str| path.ends_with(".hbs");
            let help = match nearest(&file.path, candidates.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if is_text(&file.path) && file.path.starts_with(TEMPLATES_FOLDER) => {
                    "templates are read that Steward has itself, that a rule names, or that \
                     another one calls"
                        .to_owned()
                }
                None => {
                    let read: Vec<&str> = known.iter().copied().filter(|k| !is_text(k)).collect();
                    format!("files that are read: {}, templates/**.hbs", read.join(", "))
                }
            };
            errors.push(
                PolicyError::whole_file(file.display_name(), "nothing reads this file")
                    .with_help(help),
            );
        }
        errors
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|stem| !stem.is_empty() && !stem.contains('/')),
    }
}

/// The folders of the packs for other products.
fn packs() -> impl Iterator<Item = &'static Dir<'static>> {
    POLICIES.get_dir(PACKS).into_iter().flat_map(|packs| packs.dirs())
}

fn name_of(dir: &'static Dir<'static>) -> &'static str {
    dir.path().file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// A folder that is built in.
struct BuiltIn {
    /// What its files' paths start with.
    root: &'static str,
    /// Where they stand in a pack.
    folder: &'static str,
    origin: Origin,
}

impl BuiltIn {
    fn collect(&self, dir: &Dir<'_>, files: &mut BTreeMap<String, SourceFile>) {
        for file in dir.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            let path = path.strip_prefix(self.root).unwrap_or(&path).trim_start_matches('/');
            let path = format!("{}{path}", self.folder);
            let name = path.rsplit('/').next().unwrap_or(&path);
            if let (false, Some(text)) = (is_ignored(name), file.contents_utf8()) {
                let file = SourceFile::new(path.clone(), self.origin.clone(), text);
                files.insert(path, file);
            }
        }
        // Each pack is chosen on its own.
        for sub in dir.dirs().filter(|sub| sub.path() != Path::new(PACKS)) {
            self.collect(sub, files);
        }
    }
}

/// Hidden files (also the `..data` of a mounted Kubernetes ConfigMap), notes and backups.
pub(super) fn is_ignored(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.starts_with('.')
        || name.ends_with('~')
        || [".md", ".orig", ".rej", ".swp"].iter().any(|end| lower.ends_with(end))
}

#[derive(Default)]
struct Walk {
    files: BTreeMap<String, SourceFile>,
    errors: PolicyErrors,
    gave_up: bool,
    /// The directory without symbolic links; `None` when it is not there.
    root: Option<PathBuf>,
}

impl Walk {
    fn dir(&mut self, dir: &Path, prefix: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.fail(dir, format!("directories are nested deeper than {MAX_DEPTH}"));
            return;
        }
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return self.fail(dir, format!("cannot read the directory: {error}")),
        };
        for entry in entries {
            if self.gave_up {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.fail(dir, format!("cannot read the directory: {error}"));
                    continue;
                }
            };
            let full = entry.path();
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                self.fail(&full, "the file name is not UTF-8".to_owned());
                continue;
            };
            if is_ignored(&name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            // Symbolic links are followed, for that is how mounted configuration looks, but not out
            // of the directory: texts of policies come to be read by people.
            if let (Some(root), Ok(real)) = (&self.root, std::fs::canonicalize(&full))
                && !real.starts_with(root)
            {
                self.fail(&full, "a link that leaves the directory of the policies".to_owned());
                continue;
            }
            match std::fs::metadata(&full) {
                Ok(meta) if meta.is_dir() => self.dir(&full, &format!("{path}/"), depth + 1),
                Ok(meta) if meta.is_file() => self.file(full, path),
                Ok(_) => self.fail(&full, "neither a file nor a directory".to_owned()),
                Err(error) => self.fail(&full, format!("cannot read the file: {error}")),
            }
        }
    }

    fn file(&mut self, full: PathBuf, path: String) {
        if self.files.len() >= MAX_FILES {
            self.gave_up = true;
            return self
                .fail(&full, format!("more than {MAX_FILES} files; is this the right directory?"));
        }
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&full)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return self.fail(&full, format!("cannot read the file: {error}"));
        }
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return self.fail(&full, too_large());
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let file = SourceFile::new(path.clone(), Origin::File(full), text);
                self.files.insert(path, file);
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1;
                self.fail(&full, format!("the file is not UTF-8 text (line {line}, byte {at})"));
            }
        }
    }

    fn fail(&mut self, path: &Path, message: String) {
        self.errors.push(PolicyError::whole_file(path.display().to_string(), message));
    }
}

/// The message for a file over the limit, wherever it is noticed.
pub(crate) fn too_large() -> String {
    format!("the file is larger than {} KiB, the limit for a policy file", MAX_FILE_BYTES / 1024)
}
