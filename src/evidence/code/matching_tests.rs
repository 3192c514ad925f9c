//! Our matching finds what the library's finds.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;
use tree_sitter::{QueryCursor, StreamingIterator};

use super::matching::matches;
use super::query::Role;
use super::ruby_queries_tests::cases;
use super::tree::Tree;
use super::{Language, Query};
use crate::pack::checklists::{FileSet, Question, SetSource};
use crate::policy::PolicySource;

/// What one match says: a key with its value, or a part.
type Said = BTreeSet<(u8, Place, Option<Place>)>;
type Place = (usize, usize);

/// `None` where the code has a mistake.
fn parsed(text: &str) -> Option<tree_sitter::Tree> {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&Language::Ruby.grammar()).expect("valid");
    parser.parse(text, None).filter(|tree| !tree.root_node().has_error())
}

fn say(said: &mut Said, captured: &[(Role, Range<usize>)]) {
    let place = |at: &Range<usize>| (at.start, at.end);
    let value = captured.iter().find(|(role, _)| *role == Role::Value).map(|(_, at)| place(at));
    for (role, at) in captured {
        match role {
            Role::Value | Role::Helper => {}
            Role::Key => drop(said.insert((*role as u8, place(at), value))),
            role => drop(said.insert((*role as u8, place(at), None))),
        }
    }
}

fn ours(query: &Query, tree: &tree_sitter::Tree, text: &str) -> Said {
    let tree = Tree::new(Language::Ruby, tree);
    let mut said = Said::new();
    matches(query.patterns(), &tree, text, u32::MAX, |one| {
        let captured: Vec<_> =
            one.iter().map(|(capture, node)| (query.role(*capture), node.byte_range())).collect();
        say(&mut said, &captured);
        true
    })
    .expect("no limit");
    said
}

fn theirs(query: &tree_sitter::Query, tree: &tree_sitter::Tree, text: &str) -> Said {
    let mut said = Said::new();
    let mut cursor = QueryCursor::new();
    let mut found = cursor.matches(query, tree.root_node(), text.as_bytes());
    while let Some(one) = found.next() {
        let role = |index: u32| Role::of(query.capture_names()[index as usize]).expect("known");
        let captured: Vec<_> =
            one.captures().iter().map(|had| (role(had.index), had.node.byte_range())).collect();
        say(&mut said, &captured);
    }
    said
}

struct Pair {
    ours: Query,
    theirs: tree_sitter::Query,
}

fn pair(text: &str) -> Pair {
    let ours = Query::new(Language::Ruby, text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let theirs = tree_sitter::Query::new(&Language::Ruby.grammar(), text)
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    Pair { ours, theirs }
}

fn compare(pair: &Pair, text: &str) {
    if let Some(tree) = parsed(text) {
        let (ours, theirs) = (ours(&pair.ours, &tree, text), theirs(&pair.theirs, &tree, text));
        assert_eq!(ours, theirs, "{:?}\n{text}", pair.ours);
    }
}

/// The queries of the built-in policies, and those of the cases.
fn queries() -> BTreeSet<String> {
    let pack = crate::pack::Pack::load(&PolicySource::built_in()).expect("valid");
    let sets = pack.checklists.iter().flat_map(|checklist| checklist.sets.values());
    let of_policies = sets.filter_map(|set| match &set.source {
        SetSource::Files(FileSet { question: Question::Code(query), .. }) => {
            Some(query.get().expect("valid").text().to_owned())
        }
        _ => None,
    });
    of_policies.chain(cases().into_iter().map(|case| case.query)).collect()
}

#[test]
fn the_queries_of_policies_find_what_the_library_finds() {
    let queries = queries();
    assert!(queries.len() > 50, "{}", queries.len());
    let codes: Vec<String> = cases().into_iter().map(|case| case.code).collect();
    for query in &queries {
        let pair = pair(query);
        for code in &codes {
            compare(&pair, code);
        }
    }
}

const PATTERNS: [&str; 14] = [
    "(call . (_) @key)",
    "(call (_) @key .)",
    "(argument_list . (_) @key . (_) @value .)",
    "(argument_list (_) @key . (pair) @value)",
    "(argument_list (identifier) (_) @key)",
    "(argument_list (identifier) . (_) @key)",
    "(array [(identifier) (integer)] @_x (_) @key)",
    "(call !receiver !block method: _ @key)",
    "(call receiver: [(identifier) (call method: (_) @value)] method: (_) @key)",
    "[(array (_) @key) (call arguments: (_ (_) @key))]",
    "(pair key: (_) @key \":\" value: (_))",
    "((argument_list (_) @key (_) @_other) (#eq? @key @_other))",
    "(body_statement (_) @_a . [(call) (identifier)] @key)",
    "(_ (identifier) @key . _ @value)",
];

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| PATTERNS.into_iter().map(pair).collect());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_code_is_matched_as_the_library_does(
        at in 0..PATTERNS.len(),
        text in "(a|b|1|:a|nil|[, ()\\[\\]]|, |a: |\\.a|f\\(|\n|# c\n|def x\n|end\n| do\n|'s'){0,40}",
    ) {
        compare(&PAIRS[at], &text);
    }
}
