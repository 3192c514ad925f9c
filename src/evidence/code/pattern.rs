//! What a query looks for, as it is matched.

use regex::Regex;

/// One of a query's patterns.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) root: Step,
    pub(super) predicates: Vec<Predicate>,
    /// Where it begins, in bytes.
    pub(super) start: usize,
}

/// A node that is looked for.
#[derive(Debug)]
pub(super) struct Step {
    /// The field of its parent in which it stands.
    pub(super) field: Option<u16>,
    pub(super) what: What,
    /// The numbers of the captures that it is put under.
    pub(super) captures: Vec<usize>,
    /// Whether no named node may stand before it and the one before it in the pattern.
    pub(super) is_next: bool,
    /// Whether it or anything in it is captured.
    pub(super) has_captures: bool,
}

/// What a node has to be.
#[derive(Debug)]
pub(super) enum What {
    Node {
        test: Test,
        /// Fields that it must not have.
        without: Vec<u16>,
        children: Vec<Step>,
        /// Whether no named node may stand behind the last of them.
        is_last: bool,
    },
    OneOf(Vec<Step>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// `_`
    Any,
    /// `(_)`
    Named,
    /// `(call)`, `"end"`
    Kind(u16),
}

/// A condition on the text of captured nodes; all nodes of a capture have to meet it.
#[derive(Debug)]
pub(super) enum Predicate {
    Is { capture: usize, texts: Vec<String>, yes: bool },
    Same { captures: [usize; 2], yes: bool },
    Matches { capture: usize, regex: Regex, yes: bool },
}

impl Step {
    /// The kinds that the node may be of; `None` where it may be of any.
    pub(super) fn kinds(&self) -> Option<Vec<u16>> {
        let mut kinds = match &self.what {
            What::Node { test: Test::Kind(kind), .. } => vec![*kind],
            What::Node { .. } => return None,
            What::OneOf(steps) => {
                let kinds: Option<Vec<Vec<u16>>> = steps.iter().map(Self::kinds).collect();
                kinds?.concat()
            }
        };
        kinds.sort_unstable();
        kinds.dedup();
        Some(kinds)
    }

    /// Calls `told` with each capture in it.
    pub(super) fn captured(&self, told: &mut impl FnMut(usize)) {
        self.captures.iter().for_each(|capture| told(*capture));
        let (What::Node { children: steps, .. } | What::OneOf(steps)) = &self.what;
        for step in steps {
            step.captured(told);
        }
    }
}

impl Predicate {
    /// The captures that it asks.
    pub(super) fn captures(&self) -> Vec<usize> {
        match self {
            Self::Is { capture, .. } | Self::Matches { capture, .. } => vec![*capture],
            Self::Same { captures, .. } => captures.to_vec(),
        }
    }
}

impl What {
    /// A node, whatever is in it.
    pub(super) fn leaf(test: Test) -> Self {
        Self::Node { test, without: Vec::new(), children: Vec::new(), is_last: false }
    }
}

impl Step {
    /// A node that is captured by nothing.
    pub(super) fn new(what: What) -> Self {
        Self { field: None, what, captures: Vec::new(), is_next: false, has_captures: false }
    }
}
