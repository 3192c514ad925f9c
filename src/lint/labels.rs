//! Labels, and the integrations that they name.

use chrono::TimeDelta;

use super::{
    cases::Literal,
    item::{self, Item, NOW},
    sample,
    solve::Values,
};
use crate::{
    model::{LabelEvent, LabelName, Person, SubjectKind},
    pack::{
        Pack,
        rules::{Condition, Pattern},
    },
};

/// The most sets of labels that are tried for one case.
const MOST: usize = 2_000;

/// A label that may be chosen, and whether others like it would do as well.
#[derive(Debug, Clone)]
struct Choice {
    name: LabelName,
    open: bool,
}

fn patterns(condition: &Condition) -> &[Pattern] {
    match condition {
        Condition::Label(any) => any,
        Condition::LabelSet(set) => &set.label,
        _ => &[],
    }
}

/// Sets of labels with what is asked for, with as many others as are wanted besides.
pub(super) fn values(pack: &Pack, item: &Item, own: &[Literal<'_>]) -> Values {
    let wanted: Vec<Literal<'_>> = own
        .iter()
        .filter(|one| !matches!(one.condition, Condition::Labels(_)))
        // What shall not be there is left out, but an integration may have to be there to be another.
        .filter(|one| one.holds || is_about(one.condition))
        .copied()
        .collect();
    let of_patterns = |condition: &Condition| -> Vec<Choice> {
        let choice = |one: &Pattern| Choice {
            name: LabelName::new(sample::of(one)),
            open: sample::is_open(one),
        };
        patterns(condition).iter().map(choice).collect()
    };
    let pool: Vec<Choice> = wanted.iter().flat_map(|one| of_patterns(one.condition)).collect();
    let prefix = pack.routing.label_prefix.as_str();
    let named =
        |value: &str| Choice { name: LabelName::new(format!("{prefix}{value}")), open: false };
    let mut about: Option<Vec<Choice>> = None;
    let lists: Vec<Vec<Option<Choice>>> = wanted
        .iter()
        .map(|literal| match literal.condition {
            condition @ (Condition::Label(_) | Condition::LabelSet(_)) => {
                let own = of_patterns(condition);
                let others = pool.iter().filter(|one| {
                    patterns(condition).iter().any(|pattern| pattern.fits(one.name.as_str()))
                });
                own.iter().chain(others).cloned().map(Some).collect()
            }
            // By their label, which the engine takes for what it is.
            _ => {
                let all = about.get_or_insert_with(|| {
                    let known = pack.catalog.integrations().iter().map(|one| named(&one.label));
                    known.chain([named(sample::ANYTHING)]).collect()
                });
                let one = [*literal];
                let fitting = all.iter().filter(|choice| {
                    with(item, std::slice::from_ref(&choice.name)).fits(pack, &one)
                });
                let none = item.fits(pack, &one).then_some(None);
                none.into_iter().chain(fitting.cloned().map(Some)).collect()
            }
        })
        .collect();
    // No integration at all is such a one, however it would be recognised.
    if wanted.iter().zip(&lists).any(|(one, list)| is_about(one.condition) && list.is_empty()) {
        return Values { items: Vec::new(), all: true };
    }
    let (choices, whole) = sample::choices(&lists, MOST);
    let (mut items, mut all) = (Vec::new(), whole);
    let sets = choices.iter().map(|choice| {
        let mut labels: Vec<&Choice> = Vec::new();
        for one in choice.iter().flatten() {
            if !labels.iter().any(|other| other.name.same(&one.name)) {
                labels.push(one);
            }
        }
        labels
    });
    // GitLab keeps one value of a scope on Premium, and as many as people set on Free: the sets that
    // can be everywhere make the better examples.
    let (clashing, plain): (Vec<_>, Vec<_>) = sets.partition(|labels| {
        let scoped = |at: usize, one: &Choice| {
            labels[..at].iter().any(|other| other.name.shares_scope(&one.name))
        };
        labels.iter().enumerate().any(|(at, one)| scoped(at, one))
    });
    for labels in plain.into_iter().chain(clashing) {
        all &= labels.iter().filter(|one| one.open).count() <= 1 || !counted(own);
        let names: Vec<LabelName> = labels.iter().map(|one| one.name.clone()).collect();
        let (fillers, enough) = fillers(own, names.len());
        all &= enough;
        for more in fillers {
            let filler =
                (0..more).map(|number| LabelName::new(sample::ANYTHING.repeat(filler_len(number))));
            items.push(with(item, &names.iter().cloned().chain(filler).collect::<Vec<_>>()));
        }
    }
    // Merge requests are recognised by their files too, and several predicates may be about one
    // integration or several: not all of that is tried here.
    let about = own.iter().filter(|one| is_about(one.condition)).count();
    let by_files = about > 0 && item.kind() == SubjectKind::MergeRequest || about > 1;
    let by_time = own.iter().any(|one| matches!(one.condition, Condition::LabelSet(_)));
    let items =
        if by_time { items.iter().flat_map(|one| told_by(one, own)).collect() } else { items };
    Values { items, all: all && !by_files && !by_time }
}

fn is_about(condition: &Condition) -> bool {
    matches!(condition, Condition::Integration(_) | Condition::Group(_))
}

fn counted(own: &[Literal<'_>]) -> bool {
    own.iter().any(|one| matches!(one.condition, Condition::Labels(_)))
}

/// The most labels that an example is filled up with.
const MOST_FILLERS: u64 = 100;

/// How many labels are put on besides those that are asked for: as many as the counts want, and
/// whether these are all.
fn fillers(own: &[Literal<'_>], there: usize) -> (Vec<u64>, bool) {
    let bounds = own.iter().flat_map(|one| match one.condition {
        Condition::Labels(range) => [range.at_least, range.at_most],
        _ => [None; 2],
    });
    let there = there as u64;
    let near = bounds.flatten().flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)]);
    let more = near.filter_map(|count| count.checked_sub(there));
    let mut all: Vec<u64> = std::iter::once(0).chain(more).collect();
    all.sort_unstable();
    all.dedup();
    let wanted = all.len();
    all.retain(|more| *more <= MOST_FILLERS);
    let enough = all.len() == wanted;
    (all, enough)
}

/// Fillers are told apart by their length, which is none that an example has.
fn filler_len(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0) + 4
}

fn with(item: &Item, labels: &[LabelName]) -> Item {
    let mut item = item.clone();
    item.snapshot.labels = labels.to_vec();
    let events = labels.iter().map(|label| LabelEvent {
        label: Some(label.clone()),
        added: true,
        by: Some(item::person(3, "carla")),
        at: NOW,
    });
    item.snapshot.facets.label_history = Some(events.collect());
    item
}

/// The item with its labels set by one or another, at one time or another.
fn told_by(item: &Item, own: &[Literal<'_>]) -> Vec<Item> {
    let people: [Person; 3] = [item::person(3, "carla"), item::me(), item.snapshot.author.clone()];
    let spans = own.iter().filter_map(|one| match one.condition {
        Condition::LabelSet(set) => set.at_least,
        _ => None,
    });
    let before = spans.map(|span| span.before(NOW) - TimeDelta::seconds(1));
    let times: Vec<_> = std::iter::once(NOW).chain(before).collect();
    let ways = people.iter().flat_map(|by| times.iter().map(move |at| (by, *at)));
    ways.map(|(by, at)| {
        let mut item = item.clone();
        item.snapshot.created_at = item.snapshot.created_at.min(at);
        for event in item.snapshot.facets.label_history.iter_mut().flatten() {
            event.by = Some(by.clone());
            event.at = at;
        }
        item
    })
    .collect()
}
