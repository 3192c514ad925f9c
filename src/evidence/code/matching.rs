//! What a query matches in a tree.
//!
//! The library's own matching is not used, since it needs the library's own compiled query: to
//! analyse a nested node of Ruby it takes some 15 ms, and a checklist has hundreds of them
//! (docs/performance.md). Tests hold the two against each other.

use std::cell::Cell;

use super::pattern::{Pattern, Predicate, Step, Test, What};
use super::tree::{Node, Tree};

/// Nodes captured so far, each with the number of its capture.
pub(super) type Captured<'t> = Vec<(usize, Node<'t>)>;

/// There is no more work to be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

/// Whether to look for further matches.
type Go = Result<bool, Spent>;

/// Tells each match of the patterns to `found`, until it answers `false`.
///
/// # Errors
/// When more than `most` nodes would have to be looked at; what was found until then was told.
pub(super) fn matches<'t>(
    patterns: &[Pattern],
    tree: &'t Tree,
    text: &str,
    most: u32,
    mut found: impl FnMut(&Captured<'t>) -> bool,
) -> Result<(), Spent> {
    let search = Search { left: Cell::new(most) };
    for pattern in patterns {
        let mut told = |captured: &mut Captured<'t>| {
            let holds = pattern.predicates.iter().all(|one| holds(one, captured, text));
            Ok(if holds { found(captured) } else { true })
        };
        let mut captured = Captured::new();
        let mut at_root =
            |node: Node<'t>| search.step(&pattern.root, node, &mut captured, &mut told);
        let go_on = match pattern.root.kinds() {
            Some(kinds) => each(kinds.iter().flat_map(|kind| tree.of_kind(*kind)), &mut at_root)?,
            None => each(tree.all(), &mut at_root)?,
        };
        if !go_on {
            break;
        }
    }
    Ok(())
}

fn each<'t>(nodes: impl Iterator<Item = Node<'t>>, at: &mut dyn FnMut(Node<'t>) -> Go) -> Go {
    for node in nodes {
        if !at(node)? {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Search {
    left: Cell<u32>,
}

impl Search {
    fn spend(&self) -> Result<(), Spent> {
        self.left.set(self.left.get().checked_sub(1).ok_or(Spent)?);
        Ok(())
    }

    /// Tells each way in which a node is what a step wants. Its field was looked at before.
    fn step<'t>(
        &self,
        step: &Step,
        node: Node<'t>,
        captured: &mut Captured<'t>,
        told: &mut dyn FnMut(&mut Captured<'t>) -> Go,
    ) -> Go {
        self.spend()?;
        let before = captured.len();
        captured.extend(step.captures.iter().map(|capture| (*capture, node)));
        let go_on = match &step.what {
            What::OneOf(steps) => steps.iter().try_fold(true, |go_on, one| {
                if go_on && fits(one, node) {
                    self.step(one, node, captured, told)
                } else {
                    Ok(go_on)
                }
            }),
            What::Node { test, without, children, is_last } => {
                let lacks = |field: &u16| node.children().all(|child| child.field() != *field);
                if !admits(test, node) || !without.iter().all(lacks) {
                    Ok(true)
                } else if children.is_empty() {
                    told(captured)
                } else {
                    let nodes: Vec<Node<'t>> = node.children().collect();
                    self.children(children, &nodes, *is_last, captured, told)
                }
            }
        };
        captured.truncate(before);
        go_on
    }

    /// The children that are left to match, among the nodes that are left.
    fn children<'t>(
        &self,
        steps: &[Step],
        nodes: &[Node<'t>],
        is_last: bool,
        captured: &mut Captured<'t>,
        told: &mut dyn FnMut(&mut Captured<'t>) -> Go,
    ) -> Go {
        let Some((step, later)) = steps.split_first() else { return told(captured) };
        let is_last_of_all = is_last && later.is_empty();
        let is_anchored = is_last_of_all || later.first().is_some_and(|next| next.is_next);
        for (place, node) in nodes.iter().enumerate() {
            self.spend()?;
            let rest = nodes.get(place + 1..).unwrap_or_default();
            let is_in_place = !is_last_of_all || !rest.iter().any(|one| one.is_named());
            if is_in_place && fits(step, *node) {
                let mut has_matched = false;
                let mut go_on = true;
                self.step(step, *node, captured, &mut |captured| {
                    has_matched = true;
                    go_on = self.children(later, rest, is_last, captured, told)?;
                    // Without captures it does not matter in how many ways it matches.
                    Ok(go_on && step.has_captures)
                })?;
                if !go_on {
                    return Ok(false);
                }
                // Any later node would leave less for the steps behind and capture nothing else.
                if has_matched && !step.has_captures && !is_anchored {
                    break;
                }
            }
            if step.is_next && node.is_named() {
                break;
            }
        }
        Ok(true)
    }
}

/// What can be told of a node without looking into it.
fn fits(step: &Step, node: Node<'_>) -> bool {
    step.field.is_none_or(|field| field == node.field())
        && match &step.what {
            What::Node { test, .. } => admits(test, node),
            What::OneOf(steps) => steps.iter().any(|step| fits(step, node)),
        }
}

fn admits(test: &Test, node: Node<'_>) -> bool {
    match test {
        Test::Any => true,
        Test::Named => node.is_named(),
        Test::Kind(kind) => node.kind_id() == *kind,
    }
}

fn holds(predicate: &Predicate, captured: &Captured<'_>, text: &str) -> bool {
    let texts = |capture: usize| {
        let of = captured.iter().filter(move |(had, _)| *had == capture);
        of.map(|(_, node)| text.get(node.byte_range()).unwrap_or_default())
    };
    match predicate {
        Predicate::Is { capture, texts: wanted, yes } => {
            texts(*capture).all(|had| wanted.iter().any(|one| one == had) == *yes)
        }
        Predicate::Same { captures: [one, other], yes } => {
            texts(*one).zip(texts(*other)).all(|(one, other)| (one == other) == *yes)
        }
        Predicate::Matches { capture, regex, yes } => {
            texts(*capture).all(|had| regex.is_match(had) == *yes)
        }
    }
}
