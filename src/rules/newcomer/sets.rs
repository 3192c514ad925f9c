//! Sets of entries, as the files of a change make them.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    files::{Files, open, unreadable},
    values::Values,
};
use crate::{
    evidence::{self, Found, form::Form},
    model::{AddedLines, FileAt, FileContent, Proof, ProofKind},
    pack::checklists::{
        Checklist, FileSet, LinesOf, MarkdownTake, Question, SetRule, SetSource, SideOf,
    },
};

/// An entry, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) key: String,
    pub(super) value: Option<String>,
    /// The file and the line; `None` for a name that the checklist itself has.
    pub(super) place: Option<(Rc<str>, u32)>,
}

impl Seen {
    /// The entry as a proof.
    pub(super) fn proof(&self, kind: ProofKind) -> Proof {
        let (file, line) = match &self.place {
            Some((file, line)) => (Some(file.to_string()), Some(*line)),
            None => (None, None),
        };
        Proof { kind, what: self.key.clone(), found: None, file, line }
    }
}

/// What a set came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    /// In the order in which they were found.
    pub(super) entries: Vec<Seen>,
    /// Why there may be more: then the absence of an entry proves nothing.
    pub(super) open: Vec<Proof>,
    /// The files that were looked into, or in which nothing was found since they are not there.
    pub(super) looked: Vec<String>,
}

impl Set {
    /// Whether an entry has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    fn keys(&self) -> BTreeSet<&str> {
        self.entries.iter().map(|entry| entry.key.as_str()).collect()
    }
}

/// The sets of one sheet, each found once.
pub(super) struct Sets<'s, 'v, 'a> {
    checklist: &'s Checklist,
    values: &'s Values<'s>,
    files: &'s Files<'v, 'a>,
    found: RefCell<HashMap<&'s str, Rc<Set>>>,
}

impl<'s, 'v, 'a> Sets<'s, 'v, 'a> {
    pub(super) fn new(
        checklist: &'s Checklist,
        values: &'s Values<'s>,
        files: &'s Files<'v, 'a>,
    ) -> Self {
        Self { checklist, values, files, found: RefCell::default() }
    }

    /// What a set's entries are, for people.
    pub(super) fn title(&self, name: &str) -> &'s str {
        self.checklist.sets.get(name).map_or("", |set| set.title.as_str())
    }

    /// A set by its name. That it is none of itself was seen when the policies were read.
    pub(super) fn get(&self, name: &str) -> Rc<Set> {
        if let Some(known) = self.found.borrow().get(name) {
            return Rc::clone(known);
        }
        let Some((name, rule)) = self.checklist.sets.get_key_value(name) else {
            return Rc::default();
        };
        let set = Rc::new(self.narrowed(rule));
        self.found.borrow_mut().insert(name, Rc::clone(&set));
        set
    }

    /// Whether the change touches a file that a set looks into, itself or through others.
    pub(super) fn is_touched(&self, name: &str) -> bool {
        let Some(rule) = self.checklist.sets.get(name) else { return false };
        let is_own = match &rule.source {
            SetSource::Files(asked) => asked.files.iter().any(|form| {
                let paths = self.files.paths(form, self.values, None);
                paths.is_ok_and(|paths| self.files.touched(&paths).is_some())
            }),
            SetSource::Names(_) | SetSource::Sets { .. } => false,
        };
        is_own || rule.parts().any(|part| self.is_touched(part))
    }

    fn narrowed(&self, rule: &SetRule) -> Set {
        let mut set = match &rule.source {
            SetSource::Files(asked) => self.of_files(asked),
            SetSource::Names(names) => {
                let mut set = Set::default();
                for name in names {
                    match self.values.fill(name, None) {
                        Ok(key) => set.entries.push(Seen { key, value: None, place: None }),
                        Err(unknown) => set.open.push(unknown),
                    }
                }
                set
            }
            SetSource::Sets { from, unless } => {
                let instead = unless.as_ref().map(|unless| (self.get(&unless.some), unless));
                match instead {
                    Some((some, unless)) if !some.entries.is_empty() => {
                        (*self.get(&unless.then)).clone()
                    }
                    // Nobody can tell which of the two it is.
                    Some((some, _)) if !some.open.is_empty() => {
                        Set { open: some.open.clone(), ..Set::default() }
                    }
                    _ => self.together(from),
                }
            }
        };
        if let Some(name) = &rule.within {
            let within = self.get(name);
            let keys = within.keys();
            set.entries.retain(|entry| keys.contains(entry.key.as_str()));
            set.open.extend(within.open.iter().cloned());
        }
        for name in &rule.minus {
            let minus = self.get(name);
            let keys = minus.keys();
            set.entries.retain(|entry| !keys.contains(entry.key.as_str()));
            // What is left might be taken away as well.
            if !minus.open.is_empty() && !set.entries.is_empty() {
                set.entries.clear();
                set.open.extend(minus.open.iter().cloned());
            }
        }
        if let Some(key) = &rule.key {
            set.entries.retain(|entry| key.is_match(&entry.key));
        }
        if let Some(values) = &rule.value {
            set.entries
                .retain(|entry| entry.value.as_ref().is_some_and(|value| values.contains(value)));
        }
        if let Some(map) = &rule.map {
            let entries = std::mem::take(&mut set.entries);
            set.entries = entries
                .into_iter()
                .flat_map(|entry| {
                    let to = map.get(&entry.key).cloned().unwrap_or_default();
                    to.into_iter().map(move |key| Seen { key, ..entry.clone() })
                })
                .collect();
        }
        set
    }

    fn together(&self, names: &[String]) -> Set {
        let mut all = Set::default();
        for name in names {
            let set = self.get(name);
            all.entries.extend(set.entries.iter().cloned());
            all.open.extend(set.open.iter().cloned());
            all.looked.extend(set.looked.iter().cloned());
        }
        all
    }

    fn of_files(&self, asked: &FileSet) -> Set {
        let mut set = Set::default();
        for form in &asked.files {
            let paths = match self.files.paths(form, self.values, None) {
                Ok(paths) => paths,
                Err(unknown) => {
                    set.open.push(unknown);
                    continue;
                }
            };
            set.open.extend(paths.open.clone());
            if paths.paths.is_empty() {
                set.looked.push(paths.asked.clone());
            }
            for path in &paths.paths {
                self.of_file(asked, path, &mut set);
            }
        }
        set
    }

    fn of_file(&self, asked: &FileSet, path: &str, set: &mut Set) {
        let changed = self.files.changes().and_then(|changes| changes.file(path));
        // A file that the change leaves alone adds no line.
        if asked.lines == LinesOf::Added && changed.is_none() {
            return;
        }
        set.looked.push(path.to_owned());
        let at = match asked.side {
            SideOf::Head => FileAt::head(path),
            SideOf::Base => FileAt::base(path),
        };
        let text = match self.files.read(&at) {
            Some(FileContent::Text(text)) => text,
            Some(FileContent::Absent) => return,
            Some(FileContent::Unreadable(why)) => {
                set.open.push(unreadable(&why, path));
                return;
            }
            None => {
                set.open.push(unreadable(&crate::model::Unreadable::NotRecorded, path));
                return;
            }
        };
        let found = self.ask(asked, &at, &text);
        let file: Rc<str> = path.into();
        let added = changed.map(|file| &file.added).filter(|_| asked.lines == LinesOf::Added);
        set.open.extend(found.open.iter().map(|why| open(why, path)));
        for entry in found.entries {
            match added.map(|added: &AddedLines| added.has(entry.line)) {
                None | Some(Some(true)) => {
                    let place = Some((Rc::clone(&file), entry.line));
                    set.entries.push(Seen { key: entry.key, value: entry.value, place });
                }
                Some(Some(false)) => {}
                Some(None) => {
                    let proof = super::files::proof(ProofKind::NotShown, "");
                    set.open.push(proof.in_file(path, None));
                    return;
                }
            }
        }
    }

    fn ask(&self, asked: &FileSet, at: &FileAt, text: &str) -> Found {
        match &asked.question {
            Question::Pattern(pattern) => evidence::pattern::ask(pattern, text),
            Question::Code(query) => match self.files.parsed(at, text).as_deref() {
                Some(Ok(parsed)) => match query.get() {
                    Some(query) => parsed.ask(query),
                    // What is taken has been tried.
                    None => Found::nothing(ProofKind::DoesNotParse, ""),
                },
                Some(Err(open)) => Found { entries: Vec::new(), open: vec![open.clone()] },
                None => Found::nothing(ProofKind::DoesNotParse, ""),
            },
            Question::Markdown(take) => {
                let fill = |form: &Option<Form>| {
                    form.as_ref().map(|form| self.values.fill(form, None)).transpose()
                };
                let (under, around) = match (fill(&asked.under), fill(&asked.around)) {
                    (Ok(under), Ok(around)) => (under, around),
                    (Err(unknown), _) | (_, Err(unknown)) => {
                        return Found::nothing(unknown.kind, unknown.what);
                    }
                };
                let found = evidence::markdown::ask(text, taken(*take), under.as_deref());
                match around {
                    Some(around) => evidence::section::only(found, text, &around),
                    None => found,
                }
            }
        }
    }
}

fn taken(take: MarkdownTake) -> evidence::markdown::Take {
    use evidence::markdown::Take;
    match take {
        MarkdownTake::Headings => Take::Headings,
        MarkdownTake::Links => Take::Links,
        MarkdownTake::Codes => Take::Codes,
        MarkdownTake::FrontMatter => Take::FrontMatter,
        MarkdownTake::Cells => Take::Cells,
    }
}
