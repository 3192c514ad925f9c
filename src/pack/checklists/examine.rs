//! What must be true of a checklist before it is taken. Each mistake points at its place.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    check::{Check, FieldForm, OtherField},
    file::{Find, LinesOf, RowFile, SetFile, SideOf, ValueSource, WaiveFile},
    load::Part,
    sets::{FileSet, Question, SetRule, SetSource},
};
use crate::{
    evidence::{
        code::{Language, LazyQuery},
        form::Form,
    },
    pack::rules::{Cites, Mode},
    policy::{
        Located, LocatedMap, OneOrMany, Origin, PolicyError, PolicyErrors, SourceFile, nearest,
    },
};

/// Values that are known of every integration.
const ALWAYS: [&str; 6] = ["name", "path", "class", "leaf", "slug", "title"];
/// The value of a row that there is several of.
const ITEM: &str = "item";

/// Names that a row may use, besides those of the checklist.
type Items<'a> = BTreeSet<&'a str>;

/// Checks a checklist and gathers what is wrong.
pub(super) struct Examiner<'e, 's> {
    values: &'e [Part<'s, Vec<ValueSource>>],
    lists: &'e [Part<'s, Vec<String>>],
    maps: &'e [Part<'s, LocatedMap<OneOrMany<String>>>],
    sets: &'e [Part<'s, SetFile>],
    errors: &'e mut PolicyErrors,
}

impl<'e, 's> Examiner<'e, 's> {
    pub(super) fn new(
        values: &'e [Part<'s, Vec<ValueSource>>],
        lists: &'e [Part<'s, Vec<String>>],
        maps: &'e [Part<'s, LocatedMap<OneOrMany<String>>>],
        sets: &'e [Part<'s, SetFile>],
        errors: &'e mut PolicyErrors,
    ) -> Self {
        let mut examiner = Self { values, lists, maps, sets, errors };
        for value in values {
            if value.value.is_empty() {
                examiner.at(value.file, value.key, "the value has no source");
            }
            let texts = value.value.iter().filter_map(|source| match source {
                ValueSource::Text(form) => Some(form),
                _ => None,
            });
            for name in texts.flat_map(Form::values) {
                if !ALWAYS.contains(&name) {
                    let message = format!("nothing says what `{{{name}}}` is in a value");
                    let help = format!("a value may name {}", ALWAYS.join(", "));
                    examiner.errors.push(value.key.error(value.file, message).with_help(help));
                }
            }
            if ALWAYS.contains(&value.key.as_str()) || value.key.as_str() == ITEM {
                let message = format!("the value `{}` is known of every integration", **value.key);
                examiner.at(value.file, value.key, message);
            }
        }
        examiner
    }

    /// A field that a checklist cannot do without.
    pub(super) fn required<'f, T>(
        &mut self,
        top: &SourceFile,
        found: Option<(&'f T, &SourceFile)>,
        name: &str,
    ) -> Option<&'f T> {
        if found.is_none() {
            self.whole(top, &format!("the field `{name}` is missing"));
        }
        found.map(|(value, _)| value)
    }

    /// A mistake of the file as a whole.
    pub(super) fn whole(&mut self, file: &SourceFile, message: &str) {
        self.errors.push(PolicyError::whole_file(file.display_name(), message));
    }

    /// Which changes it is for.
    pub(super) fn find(&mut self, file: &SourceFile, find: &Located<Find>) {
        let Find { added, changed, removed, labels, unknown, dropped, announcements, .. } =
            &find.value;
        let paths = added.len() + changed.len() + removed.len();
        if paths == 0 && labels.is_empty() && !unknown && dropped.is_none() && !announcements {
            let help = "give it `added`, `changed`, `removed`, `dropped`, `labels` or `unknown`";
            self.errors.push(find.error(file, "`find` finds nothing").with_help(help.to_owned()));
        }
        if let Some(dropped) = dropped {
            self.set(file, &at(dropped, &dropped.was));
            self.set(file, &at(dropped, &dropped.is));
        }
    }

    /// What stands at its head.
    pub(super) fn head(
        &mut self,
        mode: Option<(&Located<Mode>, &SourceFile)>,
        waive: Option<(&Located<WaiveFile>, &SourceFile)>,
        cites: Option<(&Cites, &SourceFile)>,
    ) {
        if let Some((mode, file)) = mode.filter(|(mode, _)| mode.value == Mode::Canary) {
            let help = "expected `off`, `shadow` or `on`".to_owned();
            self.errors.push(mode.error(file, "a checklist has no canary").with_help(help));
        }
        if let Some((waive, file)) = waive
            && !waive.owners
            && waive.groups.is_empty()
        {
            let help = "name `owners: true` or `groups`, or leave `waive` out".to_owned();
            self.errors.push(waive.error(file, "`waive` lets nobody waive").with_help(help));
        }
        if let Some((cites, file)) = cites {
            self.cites(file, cites);
        }
    }

    fn cites(&mut self, file: &SourceFile, cites: &Cites) {
        let good = url::Url::parse(&cites.url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !good {
            let message = format!("`{}` is not a web address", cites.url.value);
            self.errors.push(cites.url.error(file, message));
        }
    }

    fn at(&mut self, file: &SourceFile, at: &Located<String>, message: impl Into<String>) {
        self.errors.push(at.error(file, message));
    }

    /// A name that must be among those that there are.
    fn known<'n>(
        &mut self,
        file: &SourceFile,
        at: &Located<String>,
        what: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) {
        if !names.clone().any(|name| name == **at) {
            let near = nearest(at, names).map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no {what} `{}` in this checklist", **at);
            self.errors.push(at.error(file, message).with_help(near));
        }
    }

    fn set(&mut self, file: &SourceFile, at: &Located<String>) {
        let sets = self.sets;
        self.known(file, at, "set", sets.iter().map(|set| set.key.as_str()));
    }

    /// A form that names values that there are.
    fn form(&mut self, file: &SourceFile, near: &Located<String>, form: &Form, items: &Items<'_>) {
        let values = self.values;
        for name in form.values() {
            let known = ALWAYS.contains(&name)
                || items.contains(name)
                || values.iter().any(|value| value.key.as_str() == name);
            if !known {
                let all = values.iter().map(|value| value.key.as_str());
                let all = all.chain(ALWAYS).chain(items.iter().copied());
                let help = nearest(name, all).map(|near| format!("did you mean `{{{near}}}`?"));
                let message = format!("nothing says what `{{{name}}}` is");
                self.errors.push(near.error(file, message).with_help(help));
            }
        }
    }

    /// The sets, prepared.
    pub(super) fn sets(&mut self) -> BTreeMap<String, SetRule> {
        let parts = self.sets;
        let mut sets = BTreeMap::new();
        for part in parts {
            if let Some(set) = self.prepared(*part) {
                sets.insert(part.key.value.clone(), set);
            }
        }
        for part in parts {
            if in_circle(part.key, &sets) {
                let message = format!("the set `{}` is made of itself", **part.key);
                self.at(part.file, part.key, message);
            }
        }
        sets
    }

    fn prepared(&mut self, part: Part<'_, SetFile>) -> Option<SetRule> {
        let Part { file, key, value: set } = part;
        let source = self.source(part)?;
        for name in set.within.iter() {
            self.set(file, name);
        }
        let listed = |names: &Option<Located<OneOrMany<String>>>| -> Vec<Located<String>> {
            let names = names.iter();
            names.flat_map(|all| all.iter().map(|one| at(all, one))).collect()
        };
        let minus = listed(&set.minus);
        minus.iter().for_each(|name| self.set(file, name));
        if let Some(name) = &set.map {
            let maps = self.maps;
            self.known(file, name, "map", maps.iter().map(|map| map.key.as_str()));
        }
        let map = set.map.as_ref().and_then(|name| {
            let map = self.maps.iter().find(|map| map.key.value == name.value)?;
            let entry = |(from, to): &(Located<String>, OneOrMany<String>)| {
                (from.value.clone(), to.iter().cloned().collect())
            };
            Some(map.value.0.iter().map(entry).collect())
        });
        Some(SetRule {
            title: set.title.clone().unwrap_or_else(|| key.replace('_', " ")),
            source,
            within: set.within.as_ref().map(|name| name.value.clone()),
            minus: minus.into_iter().map(|name| name.value).collect(),
            key: set.key.clone(),
            value: set.value.as_ref().map(|all| all.iter().cloned().collect()),
            map,
        })
    }

    fn source(&mut self, part: Part<'_, SetFile>) -> Option<SetSource> {
        let Part { file, key, value: set } = part;
        let none = Items::new();
        let given = [set.files.is_some(), set.of.is_some(), set.list.is_some(), set.from.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            self.errors.push(
                key.error(file, format!("nobody can tell what makes the set `{}`", **key))
                    .with_help("give it one of `in`, `of`, `list` and `from`".to_owned()),
            );
            return None;
        }
        if let Some(files) = &set.files {
            files.iter().for_each(|form| self.form(file, &at(files, form.as_str()), form, &none));
            let question = self.question(part, files)?;
            for part in set.under.iter().chain(&set.around) {
                self.form(file, key, part, &none);
                if set.markdown.is_none() {
                    let message = format!("`{}` names a part of a page, and asks none", **key);
                    let help = "`under` and `around` go with `markdown`".to_owned();
                    self.errors.push(key.error(file, message).with_help(help));
                }
            }
            let (under, around) = (set.under.clone(), set.around.clone());
            let lines = set.lines.unwrap_or_default();
            let side = set.at.as_ref().map(|side| side.value).unwrap_or_default();
            if let Some(of) = set.at.as_ref().filter(|_| side == SideOf::Base) {
                if lines == LinesOf::Added {
                    self.errors.push(of.error(file, "no line is added before the change"));
                }
                let is_pattern = |form: &Form| form.as_str().contains(['*', '?', '[']);
                if files.iter().any(is_pattern) {
                    let message = "before the change only paths are looked at, and no patterns";
                    self.errors.push(of.error(file, message));
                }
            }
            let files = files.iter().cloned().collect();
            return Some(SetSource::Files(FileSet { files, question, under, around, lines, side }));
        }
        if set.query.is_some() || set.pattern.is_some() || set.markdown.is_some() {
            let help = "name the files with `in`".to_owned();
            self.errors.push(key.error(file, "no file is asked").with_help(help));
        }
        if let Some(names) = &set.of {
            names.iter().for_each(|form| self.form(file, key, form, &none));
            return Some(SetSource::Names(names.clone()));
        }
        if let Some(name) = &set.list {
            let lists = self.lists;
            self.known(file, name, "list", lists.iter().map(|list| list.key.as_str()));
            let list = lists.iter().find(|list| list.key.value == name.value)?;
            return Some(SetSource::Names(list.value.iter().cloned().map(Form::from).collect()));
        }
        let from = set.from.as_ref()?;
        for name in from.iter() {
            self.set(file, &at(from, name));
        }
        if let Some(unless) = &set.unless {
            self.set(file, &at(unless, &unless.some));
            self.set(file, &at(unless, &unless.then));
        }
        let unless = set.unless.as_ref().map(|unless| unless.value.clone());
        Some(SetSource::Sets { from: from.iter().cloned().collect(), unless })
    }

    fn question(
        &mut self,
        part: Part<'_, SetFile>,
        files: &Located<OneOrMany<Form>>,
    ) -> Option<Question> {
        let Part { file, key, value: set } = part;
        let found = (&set.query, &set.pattern, &set.markdown);
        match found {
            (Some(query), None, None) => {
                let languages: Vec<Option<Language>> =
                    files.iter().map(|form| Language::of_path(form.as_str())).collect();
                let [Some(language), rest @ ..] = languages.as_slice() else {
                    let message = "Steward cannot parse files of this kind";
                    let help = "parsed are Ruby files (`.rb`, `Gemfile`); ask others a `pattern`";
                    self.errors.push(files.error(file, message).with_help(help.to_owned()));
                    return None;
                };
                if rest.iter().any(|other| other.as_ref() != Some(language)) {
                    self.errors.push(files.error(file, "the files are of several languages"));
                }
                let lazy = LazyQuery::new(*language, query);
                // Those that are built in are tried by a test, and the library takes seconds for all.
                let tried = !matches!(file.origin, Origin::File(_));
                match if tried { Ok(()) } else { lazy.check() } {
                    Ok(()) => Some(Question::Code(lazy)),
                    Err(mistake) => {
                        let message = format!(
                            "the query is wrong at its line {}, column {}: {}",
                            mistake.line, mistake.column, mistake.message
                        );
                        self.errors.push(query.error(file, message));
                        None
                    }
                }
            }
            (None, Some(pattern), None) => Some(Question::Pattern(pattern.value.clone())),
            (None, None, Some(take)) => Some(Question::Markdown(take.value)),
            _ => {
                self.errors.push(
                    key.error(file, format!("nobody can tell what `{}` asks its files", **key))
                        .with_help("give it one of `query`, `pattern` and `markdown`".to_owned()),
                );
                None
            }
        }
    }

    /// A row.
    pub(super) fn row(&mut self, part: Part<'_, RowFile>) {
        let Part { file, key, value: row } = part;
        let mut items = Items::new();
        let fields: Vec<String> = match &row.for_each {
            None => Vec::new(),
            Some(each) => {
                items.insert(ITEM);
                if each.0.is_empty() {
                    self.errors.push(each.error(file, "`for_each` names nothing"));
                }
                let all = |field: &String| each.0.iter().all(|(_, has)| has.contains_key(field));
                let first = each.0.first().into_iter().flat_map(|(_, fields)| fields.keys());
                first.filter(|field| all(field)).map(|field| format!("{ITEM}.{field}")).collect()
            }
        };
        items.extend(fields.iter().map(String::as_str));
        self.form(file, &at(&row.title, row.title.as_str()), &row.title, &items);
        if row.title.as_str().trim().is_empty() || row.title.as_str().contains('\n') {
            self.errors.push(row.title.error(file, "the title of a row is one line of text"));
        }
        if let Some(hint) = &row.hint {
            self.form(file, key, hint, &items);
        }
        if let Some(cites) = &row.cites {
            self.cites(file, cites);
        }
        if row.check.is_none() && !row.tick {
            self.errors.push(
                key.error(file, format!("nothing says when `{}` passes", **key))
                    .with_help("give it a `check`, or `tick: true`".to_owned()),
            );
        }
        for check in row.when.iter().chain(&row.check) {
            self.check(file, check, &items);
        }
        for piece in &row.ready {
            self.form(file, &at(&piece.file, piece.file.as_str()), &piece.file, &items);
        }
    }

    fn check(&mut self, file: &SourceFile, check: &Located<Check>, items: &Items<'_>) {
        let near = at(check, "");
        match &check.value {
            Check::All(list) | Check::Any(list) => {
                if list.is_empty() {
                    self.errors.push(check.error(file, "the list is empty"));
                }
                list.iter().for_each(|one| self.check(file, one, items));
            }
            Check::Not(inner) => self.check(file, inner, items),
            Check::Some(set) | Check::None(set) => self.set(file, set),
            Check::Each(each) => {
                self.set(file, &each.of);
                self.set(file, &each.within);
            }
            Check::Has(has) => {
                self.set(file, &has.set);
                has.key.iter().for_each(|form| self.form(file, &near, form, items));
            }
            Check::File(one) => {
                one.path.iter().for_each(|form| self.form(file, &near, form, items));
            }
            Check::Yaml(yaml) => {
                self.form(file, &near, &yaml.file, items);
                if yaml.fields.0.is_empty() {
                    self.errors.push(check.error(file, "`yaml` asks for no field"));
                }
                for (key, field) in &yaml.fields.0 {
                    match field {
                        FieldForm::Text(form) => self.form(file, key, form, items),
                        FieldForm::Other(OtherField::OneOf(forms)) => {
                            forms.iter().for_each(|form| self.form(file, key, form, items));
                        }
                        FieldForm::Other(_) => {}
                    }
                }
            }
            Check::Text(text) => {
                text.file.iter().for_each(|form| self.form(file, &near, form, items));
                let place = at(&text.matches, text.matches.as_str());
                self.form(file, &place, &text.matches, items);
                let sample = text
                    .matches
                    .fill_with(|_| Some("name".into()), |value, out| out.push_str(value));
                if let Err(error) = regex::Regex::new(&sample.unwrap_or_default()) {
                    let message = format!("this is no regular expression: {error}");
                    self.errors.push(text.matches.error(file, message));
                }
            }
            Check::Label(_)
            | Check::Owner(_)
            | Check::Removal(_)
            | Check::Entry(_)
            | Check::OnForge(_) => {}
        }
    }
}

/// A name at the place of what it stands in.
fn at<T>(place: &Located<T>, name: &str) -> Located<String> {
    Located { value: name.to_owned(), span: place.span }
}

/// Whether a set is made of itself, through others.
fn in_circle(name: &str, sets: &BTreeMap<String, SetRule>) -> bool {
    let mut seen = BTreeSet::new();
    let mut rest: Vec<&str> = sets.get(name).into_iter().flat_map(SetRule::parts).collect();
    while let Some(part) = rest.pop() {
        if part == name {
            return true;
        }
        if seen.insert(part) {
            rest.extend(sets.get(part).into_iter().flat_map(SetRule::parts));
        }
    }
    false
}
