//! Whether two of the right people have approved. Pure.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::model::Person;

/// Somebody's approval, with what they are at the moment of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: Person,
    /// When they wrote it.
    pub at: DateTime<Utc>,
    /// Whether the comment was changed since: nobody knows then who says so.
    pub edited: bool,
    /// A member of the group that owns the integration.
    pub owner: bool,
    /// A release manager.
    pub manager: bool,
}

/// What follows from the approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Both are there.
    Granted {
        /// Who approved for the owner.
        owner: Person,
        /// Who approved as a release manager.
        manager: Person,
    },
    /// Somebody has to approve yet.
    Lacking {
        /// Nobody has for the owner.
        owner: bool,
        /// No release manager has.
        manager: bool,
        /// Only one person did, who is both: the other must be somebody else.
        same: bool,
    },
    /// The window is over.
    Late {
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// What follows from the approvals of a list that was posted at a time: both must have come within the
/// window after it, and so must now be.
pub fn settle(
    approvals: &[Approval],
    posted_at: DateTime<Utc>,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Verdict {
    let end = posted_at + window;
    if now > end {
        return Verdict::Late { since: end };
    }
    // Some forges tell of whole seconds alone: who approves in the very second of the list is not early.
    let begin = posted_at.trunc_subsecs(0);
    let count = |one: &&Approval| !one.edited && one.at >= begin && one.at <= end;
    let counting = || approvals.iter().filter(count);
    for owner in counting().filter(|one| one.owner) {
        let other = |one: &&Approval| one.manager && one.by.id != owner.by.id;
        if let Some(manager) = counting().find(other) {
            return Verdict::Granted { owner: owner.by.clone(), manager: manager.by.clone() };
        }
    }
    let owner = !counting().any(|one| one.owner);
    let manager = !counting().any(|one| one.manager);
    Verdict::Lacking { owner, manager, same: !owner && !manager }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn by(id: u64, hours: i64, owner: bool, manager: bool) -> Approval {
        let by = Person { id, username: format!("u{id}"), name: String::new() };
        Approval { by, at: at(hours), edited: false, owner, manager }
    }

    fn verdict(approvals: &[Approval]) -> Verdict {
        settle(approvals, at(10), TimeDelta::hours(48), at(40))
    }

    #[test]
    fn two_different_people_must_approve() {
        let lacking = |owner, manager, same| Verdict::Lacking { owner, manager, same };
        assert_eq!(verdict(&[]), lacking(true, true, false));
        assert_eq!(verdict(&[by(1, 11, true, false)]), lacking(false, true, false));
        assert_eq!(verdict(&[by(1, 11, false, true)]), lacking(true, false, false));
        let both = by(1, 11, true, true);
        assert_eq!(verdict(&[both.clone(), both.clone()]), lacking(false, false, true));
        for other in [by(2, 12, true, false), by(2, 12, false, true), by(2, 12, true, true)] {
            assert!(matches!(verdict(&[both.clone(), other]), Verdict::Granted { .. }));
        }
        // Anybody else may write what they like.
        let stranger = by(3, 12, false, false);
        assert_eq!(verdict(&[both, stranger]), lacking(false, false, true));
    }

    #[test]
    fn what_was_changed_or_comes_outside_the_window_does_not_count() {
        let pair = |hours| [by(1, hours, true, false), by(2, hours, false, true)];
        assert!(matches!(verdict(&pair(10)), Verdict::Granted { .. }));
        assert!(matches!(verdict(&pair(9)), Verdict::Lacking { .. }), "before the list");
        let posted_at = at(10) + TimeDelta::milliseconds(900);
        let told = settle(&pair(10), posted_at, TimeDelta::hours(48), at(40));
        assert!(matches!(told, Verdict::Granted { .. }), "in the second of the list");
        assert!(matches!(verdict(&pair(59)), Verdict::Lacking { .. }), "after the window");
        let mut edited = pair(11);
        edited[0].edited = true;
        assert!(matches!(verdict(&edited), Verdict::Lacking { owner: true, .. }));
        let late = settle(&pair(11), at(10), TimeDelta::hours(48), at(59));
        assert_eq!(late, Verdict::Late { since: at(58) });
    }

    proptest! {
        #[test]
        fn nothing_is_granted_without_one_of_each(
            all in proptest::collection::vec(
                (1_u64..4, 0_i64..70, any::<bool>(), any::<bool>(), any::<bool>()), 0..8,
            ),
        ) {
            let all: Vec<Approval> = all
                .into_iter()
                .map(|(id, hours, owner, manager, edited)| {
                    Approval { edited, ..by(id, hours, owner, manager) }
                })
                .collect();
            if let Verdict::Granted { owner, manager } = verdict(&all) {
                let counts = |id: u64, role: fn(&Approval) -> bool| {
                    all.iter().any(|one| {
                        one.by.id == id && role(one) && !one.edited
                            && (at(10)..=at(58)).contains(&one.at)
                    })
                };
                prop_assert!(owner.id != manager.id);
                prop_assert!(counts(owner.id, |one| one.owner));
                prop_assert!(counts(manager.id, |one| one.manager));
            }
        }
    }
}
