//! Which webhooks did not get through, and which of them are worth being sent again now: from the
//! forge's list of attempts alone. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::forge::Attempt;

/// How often a webhook is sent at the most, the first time included.
const MOST_ATTEMPTS: usize = 8;
/// How long after the second attempt the third comes; each later one waits twice as long. What fails
/// twice is rarely mended by asking at once again.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(30);

/// A webhook of which no attempt was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undelivered {
    /// By what the inbox would know it.
    pub(super) key: String,
    /// When it was sent the first time.
    pub(super) first: DateTime<Utc>,
    /// The newest attempt: the forge forgets the oldest first.
    pub(super) attempt: u64,
    /// Whether to ask for it now.
    pub(super) next: Next,
}

/// What becomes of a webhook that did not get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It is asked for.
    Ask,
    /// It was asked for a while ago.
    Wait,
    /// It has been sent often enough.
    Leave,
}

/// The webhooks that were first sent at `since` or later and did not get through, the oldest first. One
/// whose first attempt is not in the list is none of them: how often it was sent could not be told.
pub(super) fn undelivered(
    attempts: &[Attempt],
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Undelivered> {
    let mut by_key: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        by_key.entry(&attempt.key).or_default().push(attempt);
    }
    let mut found: Vec<Undelivered> = by_key
        .into_iter()
        .filter(|(_, tries)| tries.iter().all(|one| !one.taken))
        .filter_map(|(key, tries)| {
            let first = tries.iter().find(|one| !one.again).map(|one| one.at)?;
            let last = tries.iter().max_by_key(|one| (one.at, one.id))?;
            let next = next(tries.len(), now - last.at);
            let key = key.to_owned();
            (first >= since).then_some(Undelivered { key, first, attempt: last.id, next })
        })
        .collect();
    found.sort_by_key(|one| (one.first, one.attempt));
    found
}

fn next(tries: usize, rested: TimeDelta) -> Next {
    // Far fewer than would overflow.
    let doublings = u32::try_from(tries.clamp(2, MOST_ATTEMPTS) - 2).unwrap_or_default();
    match tries {
        MOST_ATTEMPTS.. => Next::Leave,
        0 | 1 => Next::Ask,
        _ if rested >= FIRST_WAIT * 2_i32.pow(doublings) => Next::Ask,
        _ => Next::Wait,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse::<DateTime<Utc>>().expect("a time")
            + TimeDelta::minutes(minutes)
    }

    fn attempt(id: u64, key: &str, minutes: i64, taken: bool) -> Attempt {
        Attempt { id, key: key.to_owned(), at: at(minutes), again: false, taken }
    }

    fn again(id: u64, key: &str, minutes: i64, taken: bool) -> Attempt {
        Attempt { again: true, ..attempt(id, key, minutes, taken) }
    }

    #[test]
    fn what_got_through_in_any_attempt_is_left_alone() {
        let list = [
            again(6, "late", 9, true),
            attempt(5, "newer", 8, false),
            attempt(4, "fine", 7, true),
            again(3, "odd", 6, false),
            attempt(2, "late", 5, false),
            attempt(1, "older", 4, false),
        ];
        let found = undelivered(&list, at(0), at(60));
        let told: Vec<_> = found.iter().map(|one| (one.key.as_str(), one.attempt)).collect();
        assert_eq!(told, [("older", 1), ("newer", 5)]);
        // One from before, whose first attempt is not of interest any more.
        let found = undelivered(&list, at(5), at(60));
        assert_eq!(found.len(), 1);
        assert_eq!(undelivered(&[], at(0), at(0)), []);
    }

    #[test]
    fn each_attempt_waits_twice_as_long_until_it_is_enough() {
        let mut list = vec![attempt(1, "g", 0, false)];
        let (mut now, mut asked) = (0, Vec::new());
        while now < 3 * 24 * 60 {
            let found = undelivered(&list, at(0), at(now));
            assert_eq!(found.len(), 1);
            if found[0].next == Next::Ask {
                assert_eq!(found[0].attempt, list.len() as u64, "the newest");
                asked.push(now);
                list.push(again(list.len() as u64 + 1, "g", now, false));
            }
            now += 30;
        }
        let hours: Vec<i64> = asked.iter().map(|minutes| minutes / 30).collect();
        assert_eq!(hours, [0, 1, 3, 7, 15, 31, 63], "in half hours");
        assert_eq!(undelivered(&list, at(0), at(now))[0].next, Next::Leave);
    }

    proptest! {
        #[test]
        fn nothing_that_was_taken_is_asked_for_and_nothing_too_often(
            all in proptest::collection::vec((0_u64..6, -500_i64..500, any::<bool>(), any::<bool>()), 0..60),
            now in -600_i64..600,
        ) {
            let list: Vec<Attempt> = all
                .iter()
                .enumerate()
                .map(|(id, (key, minutes, again, taken))| Attempt {
                    id: id as u64, key: key.to_string(), at: at(*minutes), again: *again, taken: *taken,
                })
                .collect();
            let found = undelivered(&list, at(-400), at(now));
            prop_assert!(found.windows(2).all(|pair| pair[0].first <= pair[1].first));
            for one in found {
                let tries: Vec<_> = list.iter().filter(|attempt| attempt.key == one.key).collect();
                prop_assert!(tries.iter().all(|attempt| !attempt.taken));
                prop_assert!(one.first >= at(-400));
                prop_assert!(one.next != Next::Ask || tries.len() < MOST_ATTEMPTS);
            }
        }
    }
}
