//! Integrations and their owners out of a CODEOWNERS file: `catalog/codeowners.yml` says how to
//! read it. Each distinct set of owners becomes a group without a label.

mod owned;
mod parse;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;

use self::owned::{Owned, plain_path};
use super::{
    file::IntegrationEntry,
    model::{Group, GroupKey, Kind, Place},
};
use crate::policy::{
    Located, PolicyError, PolicyErrors, PolicySource, SourceFile, Span, parse as parse_yaml,
};

/// The file that says how CODEOWNERS is read.
pub(super) const FILE: &str = "catalog/codeowners.yml";
const NAME: &str = "{name}";
const TITLE: &str = "{title}";
/// The file is not named where its own settings cannot be read.
const USUAL: &str = "CODEOWNERS";

/// `catalog/codeowners.yml`: how integrations are read from a CODEOWNERS file. In the texts
/// `{name}` stands for the name in the path, and `{title}` for the same in capitalised words.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Path of the CODEOWNERS file within the pack.
    file: Located<String>,
    /// Where people see that file, for links in comments.
    #[serde(default)]
    url: Option<String>,
    /// Lines about such a path name an integration.
    paths: Vec<Located<String>>,
    /// The name for people.
    #[serde(default)]
    name: Option<Located<String>>,
    /// What follows the label's prefix.
    #[serde(default)]
    label: Option<Located<String>>,
    /// Address of the documentation.
    #[serde(default)]
    docs: Option<Located<String>>,
    /// The category of all of them.
    category: Located<String>,
    /// Why whoever stands there owns it.
    rationale: Located<String>,
    /// What there is of them in the code base.
    #[serde(default)]
    kind: Option<Located<Kind>>,
    /// Names that are no integrations.
    #[serde(default)]
    ignore: Vec<String>,
}

/// What a CODEOWNERS file says.
#[derive(Debug)]
pub(super) struct Codeowners<'a> {
    /// The file.
    pub(super) file: &'a SourceFile,
    settings: Settings,
    known: Known,
    /// The integrations by their keys, in the order of the file.
    pub(super) integrations: Vec<Entry>,
    /// Groups that stand in no other file.
    pub(super) groups: Vec<Group>,
}

impl Codeowners<'_> {
    /// An integration that an integrations file names and that has no line in CODEOWNERS: nobody
    /// owns it.
    pub(super) fn unowned(&mut self, key: &Located<String>, place: Place) -> Entry {
        let group = self.known.group(Vec::new(), &place, &mut self.groups);
        self.settings.entry(key, group, key.span, place)
    }
}

/// An integration out of CODEOWNERS.
#[derive(Debug)]
pub(super) struct Entry {
    /// The name in the path, which is the key.
    pub(super) key: Located<String>,
    pub(super) category: String,
    pub(super) entry: IntegrationEntry,
    pub(super) place: Place,
}

/// The CODEOWNERS file that a pack reads, by its path within the pack.
pub fn codeowners_file(source: &PolicySource) -> Option<String> {
    let settings = source.file(FILE)?;
    Some(match parse_yaml::<Settings>(settings) {
        Ok(settings) => settings.file.value,
        Err(_) => USUAL.to_owned(),
    })
}

/// The CODEOWNERS file as messages name it, and where people see it, if the pack says so.
pub fn codeowners_url(source: &PolicySource) -> Option<(String, String)> {
    let settings: Settings = parse_yaml(source.file(FILE)?).ok()?;
    Some((source.file(&settings.file)?.display_name(), settings.url?))
}

/// Reads the CODEOWNERS file of a pack, if the pack has one. `groups` are those of `groups.yml`:
/// one that calls just the people of a line is taken for them.
///
/// # Errors
/// Every mistake in the two files.
pub(super) fn load<'a>(
    source: &'a PolicySource,
    groups: &BTreeMap<GroupKey, Group>,
) -> Result<Option<Codeowners<'a>>, PolicyErrors> {
    let Some(yml) = source.file(FILE) else { return Ok(None) };
    let settings: Settings = parse_yaml(yml)?;
    settings.check(yml)?;
    let file = source.required(&settings.file).map_err(|_| {
        let message = format!("the policies have no file `{}`", settings.file.value);
        settings.file.error(yml, message).with_help(
            "put a copy of your repository's file there; hidden files are not read".to_owned(),
        )
    })?;
    let lines = parse::parse(file)?;
    let owned = Owned::new(file, &lines)?;
    let (mut integrations, mut made) = (Vec::new(), Vec::new());
    let mut known = Known::new(groups);
    let mut seen = HashSet::new();
    for line in &lines {
        let Some((name, probe)) = settings.name_in(&line.pattern) else { continue };
        if settings.ignore.iter().any(|ignored| ignored == name) || !seen.insert(name.to_owned()) {
            continue;
        }
        let (owners, deciding) = owned.of(&probe);
        let at = deciding.unwrap_or(line).at;
        let place = Place::of(file, at.line);
        let group = known.group(owners, &place, &mut made);
        integrations.push(settings.entry(name, group, at, place));
    }
    if integrations.is_empty() {
        let at = settings.paths.first().unwrap_or(&settings.file);
        let message = format!("no line of {} fits `paths`", settings.file.value);
        return Err(at.error(yml, message).into());
    }
    Ok(Some(Codeowners { file, settings, known, integrations, groups: made }))
}

impl Settings {
    fn check(&self, yml: &SourceFile) -> Result<(), PolicyErrors> {
        let mut errors = PolicyErrors::default();
        if self.paths.is_empty() {
            errors.push(self.file.error(yml, "`paths` names no path"));
        }
        for path in &self.paths {
            if path.matches(NAME).count() != 1 {
                let message = format!("`{}` must hold `{NAME}` exactly once", path.value);
                let help = "such as `/components/{name}/`".to_owned();
                errors.push(path.error(yml, message).with_help(help));
            }
        }
        let texts = [&self.name, &self.label, &self.docs].into_iter().flatten();
        for text in texts.filter(|text| !text.contains(NAME) && !text.contains(TITLE)) {
            let message = format!("`{}` would be the same for each integration", text.value);
            errors.push(text.error(yml, message).with_help(format!("put `{NAME}` into it")));
        }
        errors.or(())
    }

    /// The name of the integration that a line is about, and a path that shows who owns it.
    fn name_in<'a>(&self, pattern: &'a str) -> Option<(&'a str, String)> {
        let path = plain_path(pattern)?.path;
        self.paths.iter().find_map(|wanted| {
            let is_folder = wanted.ends_with(['/', '*']);
            let (before, after) = wanted.trim_end_matches(['/', '*']).split_once(NAME)?;
            let name = path.strip_prefix(before.trim_start_matches('/'))?.strip_suffix(after)?;
            // A name that no file has, so that lines about one kind of files do not fit.
            let probe = if is_folder { format!("{path}/\u{1}") } else { path.to_owned() };
            (!name.is_empty() && !name.contains('/')).then_some((name, probe))
        })
    }

    fn entry(&self, name: &str, group: GroupKey, at: Span, place: Place) -> Entry {
        let located = |value: String| Located { value, span: at };
        let made = |text: &Option<Located<String>>| {
            let text = text.as_ref().map_or(NAME, |text| text.value.as_str());
            located(filled(text, name))
        };
        let kind = self.kind.as_ref().map_or(Kind::Model, |kind| kind.value);
        let code_names = match kind {
            Kind::Model => vec![located(name.to_owned())],
            Kind::RoutingOnly => Vec::new(),
        };
        let entry = IntegrationEntry {
            name: made(&self.name),
            group: located(group.as_str().to_owned()),
            rationale: located(self.rationale.value.clone()),
            docs: self.docs.as_ref().map(|docs| located(filled(docs, name))),
            kind: Located { value: kind, span: at },
            code_names,
            label: made(&self.label),
            aliases: Vec::new(),
            lifecycle: None,
            note: None,
        };
        let category = self.category.value.clone();
        Entry { key: located(name.to_owned()), category, entry, place }
    }
}

/// A text with the name put in.
fn filled(text: &str, name: &str) -> String {
    let with_name = text.replace(NAME, name);
    if with_name.contains(TITLE) { with_name.replace(TITLE, &titled(name)) } else { with_name }
}

/// `philips_js` as `Philips Js`.
fn titled(name: &str) -> String {
    let words = name.split(['_', '-']).filter(|word| !word.is_empty()).map(|word| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>())
    });
    words.flatten().collect::<Vec<_>>().join(" ")
}

/// Groups by the people in them.
#[derive(Debug)]
struct Known {
    by_people: HashMap<Vec<String>, GroupKey>,
    keys: HashSet<String>,
}

impl Known {
    fn new(groups: &BTreeMap<GroupKey, Group>) -> Self {
        let mut by_people = HashMap::new();
        for group in groups.values().filter(|group| group.mention.is_some()) {
            by_people.entry(people(group.handles())).or_insert_with(|| group.key.clone());
        }
        Self { by_people, keys: groups.keys().map(|key| key.as_str().to_owned()).collect() }
    }

    /// The group of these owners, made if there is none yet.
    fn group(&mut self, owners: Vec<String>, place: &Place, made: &mut Vec<Group>) -> GroupKey {
        let people = people(owners.iter().map(String::as_str));
        if let Some(key) = self.by_people.get(&people) {
            return key.clone();
        }
        let wanted = key_of(&owners);
        let mut key = wanted.clone();
        let mut number = 1;
        while !self.keys.insert(key.clone()) {
            number += 1;
            key = format!("{wanted}_{number}");
        }
        let key = GroupKey::new(key);
        let called: Vec<&str> =
            owners.iter().map(String::as_str).filter(|one| parse::can_be_called(one)).collect();
        made.push(Group {
            key: key.clone(),
            name: match owners.is_empty() {
                true => "nobody".to_owned(),
                false => owners.join(", "),
            },
            label: None,
            stage: None,
            mention: (!called.is_empty()).then(|| called.join(", ")),
            product_manager: None,
            direction: None,
            note: None,
            place: place.clone(),
        });
        self.by_people.insert(people, key.clone());
        key
    }
}

/// People in a form in which two lists of the same people are the same.
fn people<'a>(owners: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut people: Vec<String> = owners.map(str::to_lowercase).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// A group's key out of its owners: `@org/team @anna` becomes `org_team__anna`.
fn key_of(owners: &[String]) -> String {
    let one = |owner: &String| -> String {
        let plain = owner.trim_start_matches('@').to_lowercase();
        plain.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    };
    let key = owners.iter().map(one).collect::<Vec<_>>().join("__");
    match key.chars().next() {
        None => "nobody".to_owned(),
        Some(first) if first.is_ascii_lowercase() => key,
        Some(_) => format!("owners_{key}"),
    }
}

/// Fills what an entry of an integrations file leaves out with what CODEOWNERS says, as if it
/// stood there.
///
/// # Errors
/// A field that is nowhere.
pub(super) fn complete(
    file: &SourceFile,
    key: &Located<String>,
    entry: &mut IntegrationEntry,
    base: Option<&IntegrationEntry>,
) -> Result<(), PolicyError> {
    let here = |text: &Located<String>| Located { value: text.value.clone(), span: key.span };
    if let Some(base) = base {
        for (field, of_base) in [
            (&mut entry.name, &base.name),
            (&mut entry.group, &base.group),
            (&mut entry.rationale, &base.rationale),
            (&mut entry.label, &base.label),
        ] {
            if !field.span.is_known() {
                *field = here(of_base);
            }
        }
        if !entry.kind.span.is_known() {
            entry.kind = Located { value: base.kind.value, span: key.span };
        }
        if entry.code_names.is_empty() && entry.kind.value == Kind::Model {
            entry.code_names = base.code_names.iter().map(here).collect();
        }
        if entry.docs.is_none() {
            entry.docs = base.docs.as_ref().map(here);
        }
        return Ok(());
    }
    let missing = [
        ("name", entry.name.span),
        ("group", entry.group.span),
        ("rationale", entry.rationale.span),
        ("kind", entry.kind.span),
        ("label", entry.label.span),
    ];
    match missing.iter().find(|(_, span)| !span.is_known()) {
        Some((field, _)) => Err(key
            .error(file, format!("the field `{field}` is missing"))
            .with_label("in this entry")),
        None => Ok(()),
    }
}
