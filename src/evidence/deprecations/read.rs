//! An entry from its text. Whatever people wrote is read as far as it can be; what was odd about it
//! is told.

use super::{
    entry::{Breaking, Deprecation, Place, Said, When},
    expected::Expected,
    finding::{Finding, Kind},
};
use crate::{
    evidence::{
        MOST_BYTES,
        snippet::snippet,
        yaml::{Node, Tree, scalar},
    },
    model::Version,
    policy::{Located, Origin, SourceFile, parse_lenient},
};

/// Reads a file: its entries, of which there should be one, and what is wrong with how they are
/// written. `file` is its name in findings.
pub fn read(file: &str, text: &str, expected: &Expected) -> (Vec<Deprecation>, Vec<Finding>) {
    let source = SourceFile::new(file, Origin::BuiltIn, text);
    let mut reader =
        Reader { file, text: &source.text, expected, entries: Vec::new(), findings: Vec::new() };
    reader.file(&source);
    (reader.entries, reader.findings)
}

struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    expected: &'t Expected,
    entries: Vec<Deprecation>,
    findings: Vec<Finding>,
}

const START: Place = Place { line: 1, column: 1 };

impl Reader<'_> {
    fn tell(&mut self, kind: Kind, at: Place, message: String, expected: impl Into<String>) {
        self.findings.push(Finding { kind, at, message, expected: expected.into() });
    }

    fn file(&mut self, source: &SourceFile) {
        if self.text.len() > MOST_BYTES {
            let message = format!("the file is larger than {} KiB", MOST_BYTES / 1024);
            return self.tell(Kind::DoesNotParse, START, message, "an entry is a page of text");
        }
        let says_something = |line: &str| !line.is_empty() && !line.starts_with('#');
        let mut lines = self.text.lines().map(str::trim);
        if !lines.any(|line| says_something(line) && line != "---") {
            let message = "the file is empty".to_owned();
            return self.tell(Kind::NoEntry, START, message, LIST);
        }
        let root: Node = match parse_lenient(source) {
            Ok(root) => root,
            Err(error) => {
                let place = error
                    .line()
                    .zip(error.column())
                    .map(|(line, column)| Place { line: number(line), column: number(column) });
                let message = format!("the file is no YAML: {}", error.message());
                let at = place.unwrap_or(START);
                let help = error.help_text().unwrap_or(QUOTES);
                return self.tell(Kind::DoesNotParse, at, message, help);
            }
        };
        match &root.value {
            Tree::List(list) => self.list(list),
            Tree::Map(map) => {
                let message = "the entry stands alone".to_owned();
                self.tell(Kind::NotAList, place(&root), message, LIST);
                self.entry(map, last_line(self.text));
            }
            Tree::Null | Tree::Scalar(_) => {
                let message = format!("there is no entry in `{}`", snippet(self.raw(&root)));
                self.tell(Kind::NoEntry, START, message, LIST);
            }
        }
    }

    fn list(&mut self, list: &[Node]) {
        let mut seen = 0;
        for (index, node) in list.iter().enumerate() {
            let Tree::Map(map) = &node.value else {
                let message = format!("`{}` is no entry", snippet(self.raw(node)));
                self.tell(Kind::NoEntry, place(node), message, LIST);
                continue;
            };
            seen += 1;
            if seen == 2 {
                let message = "there is more than one entry in the file".to_owned();
                self.tell(Kind::SeveralEntries, place(node), message, "one entry in each file");
            }
            let next = list.get(index + 1).map(|next| next.span.line.saturating_sub(1));
            self.entry(map, next.map_or_else(|| last_line(self.text), number));
        }
        if list.is_empty() {
            self.tell(Kind::NoEntry, START, "the list is empty".to_owned(), LIST);
        }
    }

    fn entry(&mut self, map: &[(Located<String>, Node)], last_line: u32) {
        let mut keys: Vec<(Said<String>, bool)> = Vec::new();
        let mut values: Vec<&Node> = Vec::new();
        for (key, value) in map {
            let said = Said { value: key.value.clone(), at: place(key) };
            let filled = !is_empty(value);
            match keys.iter().position(|(had, _)| had.value == said.value) {
                Some(had) => {
                    let message = format!(
                        "the key `{}` is written twice, first on line {}",
                        said.value, keys[had].0.at.line
                    );
                    self.tell(Kind::KeyTwice, said.at, message, "remove one: the last one counts");
                    keys[had] = (said, filled);
                    values[had] = value;
                }
                None => {
                    keys.push((said, filled));
                    values.push(value);
                }
            }
        }
        let of = |key: &str| {
            let at = keys.iter().position(|(had, filled)| *filled && had.value == key)?;
            values.get(at).copied()
        };
        let entry = Deprecation {
            file: self.file.to_owned(),
            first_line: keys.first().map_or(1, |(key, _)| key.at.line),
            last_line,
            title: of("title").and_then(|node| self.words("title", node)),
            announcement: of(ANNOUNCEMENT).map(|node| self.milestone(ANNOUNCEMENT, node)),
            removal: of(REMOVAL).map(|node| self.milestone(REMOVAL, node)),
            breaking: of("breaking_change").map_or(Breaking::Unknown, |node| self.breaking(node)),
            end_of_support: of(END_OF_SUPPORT).map(|node| self.milestone(END_OF_SUPPORT, node)),
            issue_url: of("issue_url").and_then(|node| self.words("issue_url", node)),
            documentation_url: of("documentation_url")
                .and_then(|node| self.words("documentation_url", node)),
            reporter: of("reporter").and_then(|node| self.words("reporter", node)),
            stage: of("stage").and_then(|node| self.words("stage", node)),
            keys,
        };
        self.entries.push(entry);
    }

    /// As it is written, with its quotes.
    fn raw(&self, node: &Node) -> &str {
        let at = node.span.offset;
        self.text.get(at..at.saturating_add(node.span.len)).unwrap_or_default()
    }

    /// As it is told to people.
    fn shown(&self, node: &Node) -> String {
        match &node.value {
            Tree::Null => "nothing".to_owned(),
            Tree::Scalar(_) => format!("`{}`", snippet(self.raw(node))),
            Tree::List(_) => "a list".to_owned(),
            Tree::Map(_) => "a mapping".to_owned(),
        }
    }

    /// A scalar as a person reads it: a number as it is written, since YAML makes 18.1 of 18.10.
    fn text_of(&self, node: &Node) -> Option<String> {
        match &node.value {
            Tree::Scalar(serde_json::Value::String(text)) => Some(text.trim().to_owned()),
            Tree::Scalar(value) => match self.raw(node).trim() {
                "" => scalar(value),
                raw => Some(raw.to_owned()),
            },
            Tree::Null | Tree::List(_) | Tree::Map(_) => None,
        }
    }

    /// A text, or several of them in one.
    fn words(&mut self, key: &str, node: &Node) -> Option<Said<String>> {
        let found = match &node.value {
            Tree::List(list) => list
                .iter()
                .map(|one| self.text_of(one))
                .collect::<Option<Vec<_>>>()
                .map(|texts| texts.join(", ")),
            _ => self.text_of(node),
        };
        if found.is_none() {
            let message = format!("`{key}` is no text");
            self.tell(Kind::NotText, place(node), message, "a text on one line, in quotes");
        }
        Some(Said { value: found?, at: place(node) })
    }

    fn milestone(&mut self, key: &str, node: &Node) -> Said<When> {
        let at = place(node);
        let Some(text) = self.text_of(node) else {
            let message = format!("`{key}` is no text");
            self.tell(Kind::NotText, at, message, "a version in quotes, such as \"18.10\"");
            return Said { value: When::Unreadable(self.shown(node)), at };
        };
        let is = |words: &[String]| words.iter().any(|word| same(word, &text));
        let value = match text.parse::<Version>() {
            Ok(version) => {
                if matches!(&node.value, Tree::Scalar(value) if value.is_number()) {
                    self.unquoted(key, version, at);
                }
                When::Version(version)
            }
            Err(_) if is(&self.expected.pending) => When::Pending,
            Err(_) if is(&self.expected.cancelled) => When::Cancelled,
            Err(_) => When::Unreadable(snippet(&text)),
        };
        // Words are for removals: what is announced has its release.
        let is_word = matches!(value, When::Pending | When::Cancelled);
        if matches!(value, When::Unreadable(_)) || (is_word && key == ANNOUNCEMENT) {
            let message = format!("`{}` is no milestone", snippet(&text));
            let mut expected = "a version in quotes, such as \"18.10\"".to_owned();
            if key != ANNOUNCEMENT {
                for word in self.expected.pending.iter().chain(&self.expected.cancelled) {
                    expected.push_str(&format!(", or `{word}`"));
                }
            }
            self.tell(Kind::MilestoneUnreadable, at, format!("`{key}`: {message}"), expected);
        }
        Said { value, at }
    }

    fn unquoted(&mut self, key: &str, version: Version, at: Place) {
        let expected = format!("write `{key}: \"{version}\"`");
        if version.minor > 0 && version.minor.is_multiple_of(10) {
            let message = format!("without quotes YAML makes another version of {version}");
            self.tell(Kind::MilestoneLosesZero, at, message, expected);
        } else {
            let message = format!("{version} stands without quotes");
            self.tell(Kind::MilestoneUnquoted, at, message, expected);
        }
    }

    fn breaking(&mut self, node: &Node) -> Breaking {
        let said = match &node.value {
            Tree::Scalar(serde_json::Value::Bool(true)) => return Breaking::Yes,
            Tree::Scalar(serde_json::Value::Bool(false)) => return Breaking::No,
            _ => self.text_of(node).unwrap_or_default(),
        };
        let is = |words: &[&str]| words.iter().any(|word| same(word, &said));
        let breaking = match () {
            () if is(&["true", "yes", "on"]) => Breaking::Yes,
            () if is(&["false", "no", "off"]) => Breaking::No,
            () => Breaking::Unknown,
        };
        // YAML 1.1, by which GitLab reads these files, takes a bare `yes` for true.
        let is_bare = same(self.raw(node), &said);
        if breaking == Breaking::Unknown || !is_bare {
            let message = format!("`breaking_change` is {}", self.shown(node));
            let expected = "`true` or `false`, without quotes";
            self.tell(Kind::NotTrueOrFalse, place(node), message, expected);
        }
        breaking
    }
}

const QUOTES: &str = "YAML; a text with `: `, ` #` or quotes in it stands in quotes";
const LIST: &str = "a list with one entry: `- title: ...`, and its other keys under `title`";
pub(super) const ANNOUNCEMENT: &str = "announcement_milestone";
pub(super) const REMOVAL: &str = "removal_milestone";
const END_OF_SUPPORT: &str = "end_of_support_milestone";

fn same(word: &str, text: &str) -> bool {
    word.eq_ignore_ascii_case(text.trim())
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Tree::Null => true,
        Tree::Scalar(value) => value.as_str().is_some_and(|text| text.trim().is_empty()),
        Tree::List(list) => list.is_empty(),
        Tree::Map(map) => map.is_empty(),
    }
}

fn place<T>(located: &Located<T>) -> Place {
    let span = located.span;
    Place { line: number(span.line.max(1)), column: number(span.column.max(1)) }
}

fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The last line with anything in it.
fn last_line(text: &str) -> u32 {
    number(text.trim_end().lines().count().max(1))
}
