//! A condition as the cases in which it holds: each a list of predicates that hold or do not.

use crate::{pack::rules::Condition, policy::Located};

/// The most cases that are looked at. Beyond them nothing is said about a condition.
const MOST: usize = 256;

/// A predicate that shall hold, or shall not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal<'c> {
    pub(super) condition: &'c Condition,
    pub(super) holds: bool,
}

/// One case: all of these at once.
pub(super) type Case<'c> = Vec<Literal<'c>>;

/// The cases in which a condition holds (or does not); `None` when there are too many to look at.
pub(super) fn cases(condition: &Condition, holds: bool) -> Option<Vec<Case<'_>>> {
    match condition {
        Condition::Not(inner) => cases(inner, !holds),
        Condition::All(list) if holds => every(list, holds),
        Condition::Any(list) if !holds => every(list, holds),
        Condition::All(list) | Condition::Any(list) => one_of(list, holds),
        leaf => Some(vec![vec![Literal { condition: leaf, holds }]]),
    }
}

fn one_of(list: &[Located<Condition>], holds: bool) -> Option<Vec<Case<'_>>> {
    let mut all = Vec::new();
    for one in list {
        all.extend(cases(one, holds)?);
    }
    (all.len() <= MOST).then_some(all)
}

fn every(list: &[Located<Condition>], holds: bool) -> Option<Vec<Case<'_>>> {
    let parts = list.iter().map(|one| cases(one, holds)).collect::<Option<Vec<_>>>()?;
    parts.into_iter().try_fold(vec![Vec::new()], both)
}

/// The cases in which both hold.
pub(super) fn both<'c>(a: Vec<Case<'c>>, b: Vec<Case<'c>>) -> Option<Vec<Case<'c>>> {
    (a.len().saturating_mul(b.len()) <= MOST).then(|| {
        let pairs = a.iter().flat_map(|left| b.iter().map(move |right| (left, right)));
        pairs.map(|(left, right)| [left.as_slice(), right.as_slice()].concat()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Origin, SourceFile, parse};

    fn told(text: &str) -> Option<String> {
        let file = SourceFile::new("x.yml", Origin::BuiltIn, text);
        let condition: Condition = parse(&file).expect(text);
        let all = cases(&condition, true)?;
        let literal = |literal: &Literal<'_>| {
            let Condition::Label(label) = literal.condition else { panic!("a label") };
            format!("{}{}", if literal.holds { "" } else { "-" }, label[0])
        };
        let case = |case: &Case<'_>| case.iter().map(literal).collect::<Vec<_>>().join(" ");
        Some(all.iter().map(case).collect::<Vec<_>>().join(" | "))
    }

    #[test]
    fn a_tree_becomes_cases() {
        let told = |text: &str| told(text).expect("few cases");
        assert_eq!(told("all: [label: a, any: [label: b, label: c]]"), "a b | a c");
        assert_eq!(told("not: { all: [label: a, not: { label: b }] }"), "-a | b");
        assert_eq!(told("not: { any: [label: a, label: b] }"), "-a -b");
    }

    #[test]
    fn too_many_cases_are_not_looked_at() {
        let either = "any: [label: a, label: b, label: c, label: d]";
        let many = format!("all: [{}]", vec![format!("{{ {either} }}"); 5].join(", "));
        assert_eq!(told(&many), None);
    }
}
