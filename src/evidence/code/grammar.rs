//! Queries as they are written, read into patterns.
//!
//! The syntax is that of [tree-sitter queries](https://tree-sitter.github.io/tree-sitter/using-parsers/queries/),
//! without repetition (`?`, `*`, `+`), supertypes, mistakes (`ERROR`, `MISSING`) and siblings at the
//! top: whoever writes one of these is told.

use regex::Regex;

use super::Language;
use super::pattern::{Pattern, Predicate, Step, Test, What};
use super::query::{QueryMistake, Role};

/// The library reads nested parentheses by recursion, and so do we.
const DEEPEST: usize = 64;
const PREDICATES: [&str; 6] = ["eq?", "not-eq?", "match?", "not-match?", "any-of?", "not-any-of?"];

/// Reads a query: its patterns, and the names of its captures by their numbers.
///
/// # Errors
/// The first mistake, with its place.
pub(super) fn read(
    language: Language,
    text: &str,
) -> Result<(Vec<Pattern>, Vec<String>), QueryMistake> {
    let mut reader =
        Reader { text, at: 0, grammar: language.grammar(), names: Vec::new(), depth: 0 };
    let mut patterns = Vec::new();
    reader.space();
    while !reader.rest().is_empty() {
        patterns.push(reader.pattern()?);
        reader.space();
    }
    Ok((patterns, reader.names))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    grammar: tree_sitter::Language,
    names: Vec<String>,
    depth: usize,
}

type Read<T> = Result<T, QueryMistake>;

/// What stands between two parentheses.
#[derive(Default)]
struct Inside {
    steps: Vec<Step>,
    without: Vec<u16>,
    is_last: bool,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong<T>(&self, at: usize, message: impl Into<String>) -> Read<T> {
        Err(QueryMistake::at(self.text, at, message))
    }

    fn syntax<T>(&self) -> Read<T> {
        self.wrong(self.at, "bad syntax; expected a pattern such as `(identifier) @key`")
    }

    /// Passes over spaces and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with(';') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn take(&mut self, sign: char) -> bool {
        let is_there = self.rest().starts_with(sign);
        self.at += if is_there { sign.len_utf8() } else { 0 };
        is_there
    }

    /// A name, which may be empty.
    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let is_end = |c: char| !(c.is_alphanumeric() || "_-.?!".contains(c));
        let word = rest.get(..rest.find(is_end).unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        word
    }

    /// The text between two `"`, of which the first was taken.
    fn string(&mut self) -> Read<String> {
        let start = self.at.saturating_sub(1);
        let mut value = String::new();
        let mut is_escaped = false;
        for (offset, c) in self.rest().char_indices() {
            match c {
                'n' if is_escaped => value.push('\n'),
                'r' if is_escaped => value.push('\r'),
                't' if is_escaped => value.push('\t'),
                '0' if is_escaped => value.push('\0'),
                _ if is_escaped => value.push(c),
                '\\' => {
                    is_escaped = true;
                    continue;
                }
                '"' => {
                    self.at += offset + 1;
                    return Ok(value);
                }
                '\n' => break,
                _ => value.push(c),
            }
            is_escaped = false;
        }
        self.wrong(start, "bad syntax; expected a `\"` at the end of the text, in the same line")
    }

    fn pattern(&mut self) -> Read<Pattern> {
        let start = self.at;
        let mut predicates = Vec::new();
        let root = self.step(&mut predicates)?;
        if root.field.is_some() {
            return self.wrong(start, "a field belongs into the node that has it");
        }
        let mut has = Vec::new();
        root.captured(&mut |capture| has.push(capture));
        let predicates = predicates.into_iter().map(|(at, predicate)| {
            let lacks = predicate.captures().into_iter().find(|capture| !has.contains(capture));
            match lacks.and_then(|capture| self.names.get(capture)) {
                Some(name) => {
                    let place = self.text.get(at..).and_then(|rest| rest.find(&format!("@{name}")));
                    let message = format!("`@{name}` is not captured in this pattern");
                    self.wrong(at + place.unwrap_or(0), message)
                }
                None => Ok(predicate),
            }
        });
        let predicates = predicates.collect::<Read<_>>()?;
        Ok(Pattern { root, predicates, start })
    }

    /// A node with what is in it, its field and its captures.
    fn step(&mut self, predicates: &mut Vec<(usize, Predicate)>) -> Read<Step> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self
                .wrong(self.at, format!("the query is nested deeper than {DEEPEST} levels"));
        }
        let field = self.field()?;
        let start = self.at;
        let mut step = if self.take('[') {
            self.one_of(start, predicates)?
        } else if self.take('(') {
            self.space();
            if self.rest().starts_with(['(', '[', '"']) {
                self.group(start, predicates)?
            } else {
                self.node(predicates)?
            }
        } else if self.take('"') {
            let word = self.string()?;
            let kind = self.grammar.id_for_node_kind(&word, false);
            if kind == 0 {
                return self.wrong(start, format!("the language has no word `{word}`"));
            }
            Step::new(What::leaf(Test::Kind(kind)))
        } else if self.rest().starts_with('_') {
            match self.word() {
                "_" => Step::new(What::leaf(Test::Any)),
                _ => return self.syntax(),
            }
        } else {
            return self.syntax();
        };
        self.depth -= 1;
        step.field = field;
        if self.rest().starts_with(['?', '*', '+']) {
            return self.wrong(self.at, "repetition is not supported; write two patterns");
        }
        self.space();
        while self.rest().starts_with('@') {
            step.captures.push(self.capture()?);
            self.space();
        }
        let mut captures = 0;
        step.captured(&mut |_| captures += 1);
        step.has_captures = captures > 0;
        Ok(step)
    }

    /// `name:`, if one is here.
    fn field(&mut self) -> Read<Option<u16>> {
        let start = self.at;
        if !self.rest().starts_with(char::is_alphabetic) {
            return Ok(None);
        }
        let name = self.word();
        if !self.take(':') {
            self.at = start;
            return self.syntax();
        }
        self.space();
        self.field_id(start, name).map(Some)
    }

    fn field_id(&self, at: usize, name: &str) -> Read<u16> {
        match self.grammar.field_id_for_name(name) {
            Some(id) => Ok(id.get()),
            None => self.wrong(at, format!("the language's nodes have no field `{name}`")),
        }
    }

    fn capture(&mut self) -> Read<usize> {
        let start = self.at;
        self.take('@');
        let name = self.word();
        if name.is_empty() {
            return self.syntax();
        }
        if Role::of(name).is_none() {
            let message = format!(
                "unknown capture `@{name}`; known are `@key`, `@value`, `@open`, `@inside`, \
                 `@outside`, and for predicates names that begin with `@_`"
            );
            return self.wrong(start, message);
        }
        let number = self.names.iter().position(|known| known == name);
        Ok(number.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        }))
    }

    fn one_of(&mut self, start: usize, predicates: &mut Vec<(usize, Predicate)>) -> Read<Step> {
        let mut steps = Vec::new();
        self.space();
        while !self.take(']') {
            if self.rest().is_empty() {
                return self.wrong(start, "bad syntax; expected a `]`");
            }
            steps.push(self.step(predicates)?);
            self.space();
        }
        if steps.is_empty() { self.syntax() } else { Ok(Step::new(What::OneOf(steps))) }
    }

    /// Parentheses around one pattern and its predicates.
    fn group(&mut self, start: usize, predicates: &mut Vec<(usize, Predicate)>) -> Read<Step> {
        let mut inside = self.inside(start, predicates)?;
        let is_plain = inside.without.is_empty() && !inside.is_last;
        match (inside.steps.pop(), inside.steps.is_empty()) {
            (Some(step), true) if is_plain && !step.is_next && step.field.is_none() => Ok(step),
            _ => self.wrong(start, "siblings without the node around them are not supported"),
        }
    }

    /// A node, of which the parenthesis was taken.
    fn node(&mut self, predicates: &mut Vec<(usize, Predicate)>) -> Read<Step> {
        let start = self.at;
        let name = self.word();
        let test = match name {
            "" => return self.syntax(),
            "_" => Test::Named,
            "ERROR" | "MISSING" => {
                return self.wrong(start, "a file with mistakes is never asked, so none is found");
            }
            name => {
                let kind = self.grammar.id_for_node_kind(name, true);
                if kind == 0 {
                    return self.wrong(start, format!("the language has no kind of node `{name}`"));
                }
                if !self.grammar.node_kind_is_visible(kind) || self.rest().starts_with('/') {
                    let message = format!("`{name}` stands for many kinds of nodes; name them");
                    return self.wrong(start, message);
                }
                Test::Kind(kind)
            }
        };
        let inside = self.inside(start.saturating_sub(1), predicates)?;
        Ok(Step::new(What::Node {
            test,
            without: inside.without,
            children: inside.steps,
            is_last: inside.is_last,
        }))
    }

    /// What stands before the parenthesis that closes.
    fn inside(&mut self, start: usize, predicates: &mut Vec<(usize, Predicate)>) -> Read<Inside> {
        let mut inside = Inside::default();
        let mut is_next = false;
        loop {
            self.space();
            let at = self.at;
            if self.take(')') {
                inside.is_last = is_next;
                let is_bare = is_next && inside.steps.is_empty();
                return if is_bare { self.wrong(at, "an anchor needs a node") } else { Ok(inside) };
            }
            let rest = self.rest();
            if rest.is_empty() {
                return self.wrong(start, "bad syntax; expected a `)`");
            }
            if self.take('.') {
                if is_next {
                    return self.wrong(at, "bad syntax; one `.` is enough");
                }
                is_next = true;
            } else if self.take('!') {
                let name = self.word();
                inside.without.push(self.field_id(at + 1, name)?);
            } else if rest.strip_prefix('(').is_some_and(|rest| rest.trim_start().starts_with('#'))
            {
                self.take('(');
                self.space();
                predicates.push((self.at, self.predicate()?));
            } else {
                let mut step = self.step(predicates)?;
                step.is_next = is_next;
                is_next = false;
                inside.steps.push(step);
            }
        }
    }

    /// `#name? …)`
    fn predicate(&mut self) -> Read<Predicate> {
        let start = self.at;
        self.take('#');
        let name = self.word();
        if !PREDICATES.contains(&name) {
            let known = PREDICATES.map(|name| format!("`#{name}`")).join(", ");
            return self.wrong(start, format!("unknown predicate `#{name}`; known are {known}"));
        }
        self.space();
        if !self.rest().starts_with('@') {
            return self.wrong(self.at, format!("expected a capture: `(#{name} @key \"text\")`"));
        }
        let capture = self.capture()?;
        let mut texts = Vec::new();
        let mut other = None;
        let mut places = Vec::new();
        loop {
            self.space();
            places.push(self.at);
            if self.take(')') {
                break;
            } else if self.take('"') {
                texts.push(self.string()?);
            } else if self.rest().starts_with('@') && other.is_none() {
                other = Some(self.capture()?);
            } else {
                match self.word() {
                    "" => return self.syntax(),
                    word => texts.push(word.to_owned()),
                }
            }
        }
        let yes = !name.starts_with("not-");
        let is_text = other.is_none();
        match name.trim_start_matches("not-") {
            "eq?" => match other {
                Some(other) if texts.is_empty() => {
                    return Ok(Predicate::Same { captures: [capture, other], yes });
                }
                None if texts.len() == 1 => return Ok(Predicate::Is { capture, texts, yes }),
                _ => {}
            },
            "any-of?" if is_text && !texts.is_empty() => {
                return Ok(Predicate::Is { capture, texts, yes });
            }
            "match?" if is_text && texts.len() == 1 => {
                let pattern = texts.pop().unwrap_or_default();
                return match Regex::new(&pattern) {
                    Ok(regex) => Ok(Predicate::Matches { capture, regex, yes }),
                    Err(error) => {
                        let at = places.first().copied().unwrap_or(start);
                        self.wrong(at, format!("Invalid regex `{pattern}`: {error}"))
                    }
                };
            }
            _ => {}
        }
        self.wrong(start, format!("expected `(#{name} @key \"text\")`"))
    }
}
