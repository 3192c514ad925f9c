//! The tree of a parsed file, laid flat: built once, asked by every query.

use std::collections::HashMap;
use std::ops::Range;

use super::Language;

/// A file's nodes in the order of the text, each before what is in it.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Laid>,
    /// The places of the nodes of each kind, in order.
    by_kind: HashMap<u16, Vec<u32>>,
    grammar: tree_sitter::Language,
}

#[derive(Debug, Clone)]
struct Laid {
    kind: u16,
    /// The field of the parent that it stands in; 0 for none.
    field: u16,
    is_named: bool,
    is_extra: bool,
    start: u32,
    end: u32,
    row: u32,
    /// The place behind the last node in it.
    behind: u32,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    tree: &'t Tree,
    at: u32,
}

impl Tree {
    /// Lays a tree flat. Without recursion: code may be nested as deep as a file is long.
    pub(super) fn new(language: Language, tree: &tree_sitter::Tree) -> Self {
        let mut nodes: Vec<Laid> = Vec::new();
        let mut by_kind: HashMap<u16, Vec<u32>> = HashMap::new();
        let mut open: Vec<usize> = Vec::new();
        let mut cursor = tree.walk();
        'nodes: loop {
            let (node, at) = (cursor.node(), nodes.len());
            by_kind.entry(node.kind_id()).or_default().push(small(at));
            nodes.push(Laid {
                kind: node.kind_id(),
                field: cursor.field_id().map_or(0, std::num::NonZero::get),
                is_named: node.is_named(),
                is_extra: node.is_extra(),
                start: small(node.start_byte()),
                end: small(node.end_byte()),
                row: small(node.start_position().row),
                behind: small(at + 1),
            });
            open.push(at);
            if cursor.goto_first_child() {
                continue;
            }
            loop {
                let behind = small(nodes.len());
                if let Some(closed) = open.pop().and_then(|at| nodes.get_mut(at)) {
                    closed.behind = behind;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    break 'nodes;
                }
            }
        }
        Self { nodes, by_kind, grammar: language.grammar() }
    }

    /// The nodes of a kind, in order.
    pub(super) fn of_kind(&self, kind: u16) -> impl Iterator<Item = Node<'_>> {
        let places = self.by_kind.get(&kind).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|at| Node { tree: self, at: *at })
    }

    /// All nodes, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Node<'_>> {
        (0..small(self.nodes.len())).map(|at| Node { tree: self, at })
    }
}

/// Files are bounded far below this.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'t> Node<'t> {
    fn laid(self) -> &'t Laid {
        &self.tree.nodes[self.at as usize]
    }

    /// The same for the same node of one file.
    pub(super) fn id(self) -> u32 {
        self.at
    }

    pub(super) fn kind_id(self) -> u16 {
        self.laid().kind
    }

    /// The name of its kind in the grammar.
    pub(super) fn kind(self) -> &'t str {
        self.tree.grammar.node_kind_for_id(self.laid().kind).unwrap_or_default()
    }

    /// The number of the parent's field that it stands in; 0 for none.
    pub(super) fn field(self) -> u16 {
        self.laid().field
    }

    /// Whether the grammar has a name for it, unlike a word such as `end`.
    pub(super) fn is_named(self) -> bool {
        self.laid().is_named
    }

    /// Whether it may stand anywhere, as comments do.
    pub(super) fn is_extra(self) -> bool {
        self.laid().is_extra
    }

    pub(super) fn start_byte(self) -> usize {
        self.laid().start as usize
    }

    pub(super) fn end_byte(self) -> usize {
        self.laid().end as usize
    }

    pub(super) fn byte_range(self) -> Range<usize> {
        self.start_byte()..self.end_byte()
    }

    /// The line that it begins on, from 1.
    pub(super) fn line(self) -> u32 {
        self.laid().row.saturating_add(1)
    }

    /// The nodes right in it, in order.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let (tree, end) = (self.tree, self.laid().behind);
        let mut next = self.at + 1;
        std::iter::from_fn(move || {
            let child = Node { tree, at: next };
            (next < end).then(|| {
                next = child.laid().behind;
                child
            })
        })
    }

    /// Those that the grammar has names for.
    pub(super) fn named_children(self) -> impl Iterator<Item = Self> {
        self.children().filter(|child| child.is_named())
    }

    /// The first node right in it that stands in a field.
    pub(super) fn child_by_field_name(self, field: &str) -> Option<Self> {
        let field = self.tree.grammar.field_id_for_name(field)?.get();
        self.children().find(|child| child.field() == field)
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.at == other.at
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{:?}", self.kind(), self.byte_range())
    }
}
