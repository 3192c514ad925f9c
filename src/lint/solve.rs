//! Whether a case can be: each part of an item is tried with the values at which its predicates
//! could change their answer, and the rules' own engine answers. A case is called impossible only
//! where the values that were tried stand for all there are.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    cases::Literal,
    item::{self, Item, NOW},
    labels,
    parts::Part,
    sample, texts,
};
use crate::{
    model::{
        Access, ChangedFile, Changes, FileStatus, Milestone, State, SubjectKind, Version, Votes,
    },
    pack::{
        Pack,
        rules::{Clock, Condition, Pattern, Range, TimeSpan},
    },
};

/// What is known about a case.
#[derive(Debug)]
pub(super) enum Answer {
    /// It can be: as on this item.
    Can(Box<Item>),
    /// It cannot be, since what is asked of this part of an item excludes itself.
    Never(&'static str),
    /// Neither was found.
    Unknown,
}

/// Values of one part of an item, and whether they stand for all values that there are.
pub(super) struct Values {
    pub(super) items: Vec<Item>,
    pub(super) all: bool,
}

/// Whether all literals of a case can hold on an item of a kind.
pub(super) fn solve(pack: &Pack, kind: SubjectKind, case: &[Literal<'_>]) -> Answer {
    let mut item = Item::of(kind);
    // What stands for anything in examples must be in no pattern.
    let mut unknown =
        case.iter().any(|one| format!("{:?}", one.condition).contains(sample::ANYTHING));
    if unknown {
        return Answer::Unknown;
    }
    for part in Part::ALL {
        let own: Vec<Literal<'_>> =
            case.iter().filter(|one| Part::of(one.condition) == part).copied().collect();
        if own.is_empty() {
            continue;
        }
        let Values { items, all } = values(pack, part, &item, &own);
        match items.into_iter().find(|item| item.fits(pack, &own)) {
            Some(found) => item = found,
            None if all || texts::exclude(part, &own) => return Answer::Never(part.name()),
            None => unknown = true,
        }
    }
    // Parts may depend on each other: a label names an integration, say.
    match !unknown && item.fits(pack, case) {
        true => Answer::Can(Box::new(item)),
        false => Answer::Unknown,
    }
}

fn values(pack: &Pack, part: Part, item: &Item, own: &[Literal<'_>]) -> Values {
    let with = |change: &dyn Fn(&mut Item)| {
        let mut item = item.clone();
        change(&mut item);
        item
    };
    let is_change = item.kind() == SubjectKind::MergeRequest;
    let flags = |both: bool| if both { vec![false, true] } else { vec![false] };
    let (items, all) = match part {
        Part::Labels => return labels::values(pack, item, own),
        Part::Title | Part::Description => return texts::values(part, item, own),
        Part::State => {
            let states = [State::Open, State::Closed, State::Merged];
            let states = states.into_iter().take(if is_change { 3 } else { 2 });
            (states.map(|state| with(&|item| item.snapshot.state = state)).collect(), true)
        }
        Part::Draft => {
            let flags = flags(is_change).into_iter();
            (flags.map(|is| with(&|item| item.snapshot.draft = is)).collect(), true)
        }
        Part::Confidential => {
            let flags = flags(true).into_iter();
            (flags.map(|is| with(&|item| item.snapshot.confidential = is)).collect(), true)
        }
        Part::Assignees => {
            let some = with(&|item| item.snapshot.assignees = vec![item::person(3, "carla")]);
            (vec![item.clone(), some], true)
        }
        Part::Votes => {
            let edges = edges(own.iter().flat_map(|one| match one.condition {
                Condition::Votes(voted) => [voted.up, voted.down],
                _ => [None; 2],
            }));
            let pairs = edges.iter().flat_map(|up| edges.iter().map(move |down| (*up, *down)));
            let votes = pairs.map(|(up, down)| Votes { up, down });
            (votes.map(|votes| with(&|item| item.snapshot.votes = Some(votes))).collect(), true)
        }
        Part::Weight => {
            let edges = edges(own.iter().map(|one| match one.condition {
                Condition::Weight(range) => Some(*range),
                _ => None,
            }));
            let weights = std::iter::once(None).chain(edges.into_iter().map(Some));
            (weights.map(|weight| with(&|item| item.snapshot.weight = weight)).collect(), true)
        }
        Part::Age => (ages(item, own), in_one_order(own)),
        Part::Milestone => milestones(item, own),
        Part::Author => {
            let patterns = |one: &Literal<'_>| match one.condition {
                Condition::Author(author) => {
                    author.handle.as_ref().map(|any| any.0.clone()).unwrap_or_default()
                }
                _ => Vec::new(),
            };
            let (handles, all) = names("ben", own, patterns);
            let access = [
                Access::None,
                Access::Guest,
                Access::Reporter,
                Access::Developer,
                Access::Maintainer,
                Access::Owner,
            ];
            let pairs = handles.iter().flat_map(|handle| access.map(|access| (handle, access)));
            let items = pairs.map(|(handle, access)| {
                with(&|item| {
                    item.snapshot.author = item::person(2, handle);
                    item.snapshot.facets.author_access = Some(access);
                })
            });
            (items.collect(), all)
        }
        Part::Project => {
            let patterns = |one: &Literal<'_>| match one.condition {
                Condition::Project(any) => any.0.clone(),
                _ => Vec::new(),
            };
            let (paths, all) = names("example/product", own, patterns);
            let items =
                paths.iter().map(|path| with(&|item| item.snapshot.subject.project = path.clone()));
            (items.collect(), all)
        }
        // Only merge requests change files.
        Part::Changes if !is_change => (vec![item.clone()], true),
        Part::Changes => changes(item, own),
    };
    Values { items, all }
}

/// Numbers at which one of the ranges begins or ends, and their neighbours.
fn edges(ranges: impl Iterator<Item = Option<Range>>) -> Vec<u64> {
    let bounds = ranges.flatten().flat_map(|range| [range.at_least, range.at_most]).flatten();
    let near = bounds.flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)]);
    let mut all: Vec<u64> = std::iter::once(0).chain(near).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Names that fit the patterns, and one that fits none. They stand for all names if no two open
/// patterns could fit one name together.
fn names(
    plain: &str,
    own: &[Literal<'_>],
    patterns: impl Fn(&Literal<'_>) -> Vec<Pattern>,
) -> (Vec<String>, bool) {
    let wanted: Vec<Vec<Pattern>> =
        own.iter().filter(|one| one.holds).map(&patterns).filter(|any| !any.is_empty()).collect();
    let open = wanted.iter().filter(|any| any.iter().any(sample::is_open)).count();
    let samples = wanted.iter().flatten().map(sample::of);
    (samples.chain([plain.to_owned(), sample::ANYTHING.repeat(4)]).collect(), open <= 1)
}

/// Whether all spans of time come in the same order on every day. A month has 28 to 31 days: which
/// of `1 month` and `30 days` is longer hangs on the day on which somebody looks, and only one is
/// tried.
fn in_one_order(own: &[Literal<'_>]) -> bool {
    let spans = || {
        own.iter().flat_map(|one| match one.condition {
            Condition::Age(age) => [age.at_least, age.less_than],
            _ => [None; 2],
        })
    };
    let months = spans().flatten().filter_map(|span| match span {
        TimeSpan::Months(months) => Some(i64::from(months)),
        TimeSpan::Fixed(_) => None,
    });
    // To the second, which is as near as moments are tried.
    let near = TimeDelta::seconds(2);
    months.flat_map(|months| spans().flatten().map(move |span| (months, span))).all(
        |(months, span)| match span {
            TimeSpan::Months(_) => true,
            TimeSpan::Fixed(fixed) => {
                let (least, most) = (TimeDelta::days(28 * months), TimeDelta::days(31 * months));
                fixed + near < least || fixed - near > most
            }
        },
    )
}

/// Moments at which an age begins or ends, and a second to each side.
fn ages(item: &Item, own: &[Literal<'_>]) -> Vec<Item> {
    let moments = |clock: Clock| {
        let spans = own.iter().flat_map(move |one| match one.condition {
            Condition::Age(age) if age.since == clock => [age.at_least, age.less_than],
            _ => [None; 2],
        });
        let near = |span: TimeSpan| {
            let at = span.before(NOW);
            [-1, 0, 1].map(|seconds| {
                at.checked_add_signed(TimeDelta::seconds(seconds)).unwrap_or(at).min(NOW)
            })
        };
        let mut all: Vec<DateTime<Utc>> =
            std::iter::once(NOW).chain(spans.flatten().flat_map(near)).collect();
        // An item that was opened long ago may have changed just now, and the other way round not.
        all.push(TimeSpan::Months(1200).before(NOW));
        all
    };
    let updated = moments(Clock::Updated);
    let created = moments(Clock::Created);
    let created: Vec<_> = created.iter().chain(&updated).copied().collect();
    let pairs = created.iter().flat_map(|created| updated.iter().map(move |at| (*created, *at)));
    let pairs = pairs.filter(|(created, updated)| created <= updated);
    pairs
        .map(|(created, updated)| {
            let mut item = item.clone();
            item.snapshot.created_at = created;
            item.snapshot.updated_at = updated;
            item
        })
        .collect()
}

/// No milestone, one that is no version, and versions around each that is named, each without a
/// last day, late and in time.
fn milestones(item: &Item, own: &[Literal<'_>]) -> (Vec<Item>, bool) {
    let tests = || {
        own.iter().filter_map(|one| match one.condition {
            Condition::Milestone(test) => Some(test),
            _ => None,
        })
    };
    let titles = || tests().flat_map(|test| test.title.iter().flat_map(|any| any.iter()));
    let in_titles = titles().filter_map(|title| title.exact()?.parse::<Version>().ok());
    let bounds = tests().flat_map(|test| test.version.iter().flat_map(|range| range.bounds()));
    let mut versions = vec![Version { major: 1, minor: 0 }, Version { major: 1, minor: 1 }];
    for Version { major, minor } in bounds.chain(in_titles) {
        let after = major.saturating_add(1);
        versions.extend([
            Version { major, minor: minor.saturating_sub(1) },
            Version { major, minor },
            Version { major, minor: minor.saturating_add(1) },
            Version { major, minor: 0 },
            Version { major, minor: 1 },
            Version { major: after, minor: 0 },
            Version { major: after, minor: 1 },
            Version { major: major.saturating_sub(1), minor: 0 },
            Version { major: major.saturating_sub(1), minor: u32::MAX },
        ]);
    }
    let open = titles().any(sample::is_open);
    let numbers = ["0", "1", "10"].into_iter();
    let filled = numbers.flat_map(|number| titles().map(|t| t.as_str().replace('*', number)));
    let named = versions.iter().map(Version::to_string).chain(titles().map(sample::of));
    let named = named.chain(filled.collect::<Vec<_>>()).chain(["Backlog".to_owned()]);
    let today = NOW.date_naive();
    let dues = [None, today.pred_opt(), today.succ_opt()];
    let milestones =
        named.flat_map(|title| dues.map(|due| Some(Milestone { title: title.clone(), due })));
    let items = std::iter::once(None).chain(milestones).map(|milestone| {
        let mut item = item.clone();
        item.snapshot.milestone = milestone;
        item
    });
    (items.collect(), !open)
}

/// Files that fit the patterns.
fn changes(item: &Item, own: &[Literal<'_>]) -> (Vec<Item>, bool) {
    let wanted: Vec<Vec<ChangedFile>> = own
        .iter()
        .filter(|one| one.holds)
        .filter_map(|one| match one.condition {
            Condition::Changes(test) => Some(test),
            _ => None,
        })
        .map(|test| {
            let paths = test.paths.iter().map(|path| sample::of_path(path.as_str()));
            let status = test.status.as_ref().and_then(|any| any.first().copied());
            let status = status.unwrap_or(FileStatus::Modified);
            paths.map(|path| ChangedFile { path, status, ..ChangedFile::default() }).collect()
        })
        .collect();
    let (lists, _) = sample::choices(&wanted, 200);
    let items = lists.into_iter().map(|files| {
        let mut item = item.clone();
        item.snapshot.facets.changes = Some(Changes { files, complete: true });
        item
    });
    (items.collect(), false)
}
