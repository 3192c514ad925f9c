//! What a query finds in parsed code.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::literal::{self, Literal};
use super::matching::{Captured as Match, Spent, matches};
use super::query::{Query, Role};
use super::tree::{Node, Tree};
use crate::evidence::snippet::snippet;
use crate::evidence::{Entry, Found, MOST_ENTRIES, Open};
use crate::model::ProofKind;

/// Captured nodes of each kind that are kept, before parts of the file are left out.
const MOST_NODES: usize = 20_000;
/// Reasons that are told.
const MOST_OPEN: usize = 50;

/// Asks a query.
pub(super) fn ask(query: &Query, tree: &Tree, text: &str, most_steps: u32) -> Found {
    let captured = captures(query, tree, text, most_steps);
    let inside = query.has_inside().then(|| Parts::of(captured.inside));
    let outside = Parts::of(captured.outside);
    let counts = |node: &Node<'_>| {
        inside.as_ref().is_none_or(|parts| parts.have(node)) && !outside.have(node)
    };

    let mut found = Collected::default();
    let keys: HashSet<u32> = captured.keys.iter().map(|(key, _)| key.id()).collect();
    let valued: HashSet<u32> = captured.keys.iter().filter_map(with_value).collect();
    for (key, value) in captured.keys.iter().filter(|(key, _)| counts(key)) {
        // Of a node that one match has with a value and another without, the former says more.
        if value.is_none() && valued.contains(&key.id()) {
            continue;
        }
        let value = value.and_then(|node| found.value(node, text));
        match literal::of(*key, text) {
            Literal::List(elements) => {
                for element in elements {
                    found.key(element, literal::text_of(element, text), value.clone(), text);
                }
            }
            Literal::Text(name) => found.key(*key, Some(name), value, text),
            Literal::Unknown => found.key(*key, None, value, text),
        }
    }
    for node in captured.opens.iter().filter(|node| counts(node)) {
        if !keys.contains(&node.id()) {
            found.open(*node, text);
        }
    }
    found.finish(captured.stopped)
}

fn with_value((key, value): &(Node<'_>, Option<Node<'_>>)) -> Option<u32> {
    value.map(|_| key.id())
}

/// The nodes that a query captured, as they came.
#[derive(Default)]
struct Captured<'t> {
    keys: Vec<(Node<'t>, Option<Node<'t>>)>,
    opens: Vec<Node<'t>>,
    inside: Vec<Range<usize>>,
    outside: Vec<Range<usize>>,
    /// Why there may be more.
    stopped: Option<(ProofKind, String)>,
}

impl Captured<'_> {
    fn is_full(&self) -> bool {
        let lengths = [self.keys.len(), self.opens.len(), self.inside.len(), self.outside.len()];
        lengths.iter().any(|length| *length >= MOST_NODES)
    }
}

fn captures<'t>(query: &Query, tree: &'t Tree, text: &str, most_steps: u32) -> Captured<'t> {
    let mut captured = Captured::default();
    let outcome = matches(query.patterns(), tree, text, most_steps, |one: &Match<'t>| {
        let role = |wanted: Role| {
            one.iter()
                .filter(move |(capture, _)| query.role(*capture) == wanted)
                .map(|(_, node)| *node)
        };
        let value = role(Role::Value).next();
        captured.keys.extend(role(Role::Key).map(|key| (key, value)));
        captured.opens.extend(role(Role::Open));
        captured.inside.extend(role(Role::Inside).map(Node::byte_range));
        captured.outside.extend(role(Role::Outside).map(Node::byte_range));
        !captured.is_full()
    });
    if outcome == Err(Spent) {
        captured.stopped = Some((ProofKind::TookTooLong, most_steps.to_string()));
    } else if captured.is_full() {
        captured.stopped = Some((ProofKind::TooMany, MOST_NODES.to_string()));
    }
    captured
}

/// Parts of a file. Nodes lie inside each other or apart, so that the outermost are enough.
struct Parts(Vec<Range<usize>>);

impl Parts {
    fn of(mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut outermost: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            if outermost.last().is_none_or(|last| range.end > last.end) {
                outermost.push(range);
            }
        }
        Self(outermost)
    }

    fn have(&self, node: &Node<'_>) -> bool {
        let behind = self.0.partition_point(|part| part.start <= node.start_byte());
        let part = behind.checked_sub(1).and_then(|at| self.0.get(at));
        part.is_some_and(|part| node.end_byte() <= part.end)
    }
}

/// What was found, each with its place in bytes.
#[derive(Default)]
struct Collected {
    entries: Vec<(usize, Entry)>,
    open: Vec<(usize, Open)>,
}

impl Collected {
    /// A key; without a name it is open.
    fn key(&mut self, node: Node<'_>, name: Option<String>, value: Option<String>, text: &str) {
        match name {
            Some(key) => {
                self.entries.push((node.start_byte(), Entry { key, value, line: node.line() }));
            }
            None => self.open(node, text),
        }
    }

    /// A value; without a literal it is open, and there is a key whose value nobody can tell.
    fn value(&mut self, node: Node<'_>, text: &str) -> Option<String> {
        let value = literal::text_of(node, text);
        if value.is_none() {
            self.open(node, text);
        }
        value
    }

    fn open(&mut self, node: Node<'_>, text: &str) {
        let what = snippet(text.get(node.byte_range()).unwrap_or_default());
        let line = Some(node.line());
        self.open.push((node.start_byte(), Open { why: ProofKind::NotLiteral, what, line }));
    }

    fn finish(mut self, stopped: Option<(ProofKind, String)>) -> Found {
        self.entries.sort();
        self.open.sort();
        let mut seen = BTreeSet::new();
        self.entries.retain(|(_, entry)| seen.insert(entry.clone()));
        let mut seen = BTreeSet::new();
        self.open.retain(|(_, open)| seen.insert(open.clone()));
        let has_too_many = self.entries.len() > MOST_ENTRIES;
        let limit = Some((ProofKind::TooMany, MOST_ENTRIES.to_string()));
        let stopped = stopped.or(limit.filter(|_| has_too_many));
        let limit = stopped.map(|(why, what)| Open { why, what, line: None });
        let reasons = self.open.into_iter().map(|(_, open)| open).take(MOST_OPEN);
        Found {
            entries: self.entries.into_iter().map(|(_, entry)| entry).take(MOST_ENTRIES).collect(),
            open: limit.into_iter().chain(reasons).collect(),
        }
    }
}
