//! The pause of a whole forge: when it is unreachable or limits Steward, nobody calls it; when it
//! may be back, one subject goes first.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{model::Subject, queue::Backoff};

/// So many different subjects that could not be read, one after the other and nothing that could
/// be read between them, are not at fault: the forge is.
const SEVERAL: usize = 3;

/// Lets calls pass, or holds them until a time.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    backoff: Backoff,
}

#[derive(Debug, Default)]
struct State {
    closed_until: Option<Instant>,
    /// How often the forge did not let Steward in, one after the other.
    failures: u32,
    /// The forge asked to wait, and nobody was let in since that was over.
    asked_to_wait: bool,
    /// The last failure was that of a write: reading proves nothing.
    writing_failed: bool,
    /// Subjects that could not be read since one could.
    broken: HashSet<Subject>,
}

impl State {
    fn closed_for(&self) -> Option<Duration> {
        let left = self.closed_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn close_for(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        self.closed_until = Some(self.closed_until.map_or(until, |had| had.max(until)));
    }

    fn fail(&mut self, backoff: &Backoff, chance: f64) -> (Duration, bool) {
        if let Some(left) = self.closed_for() {
            return (left, false);
        }
        self.failures = self.failures.saturating_add(1);
        let wait = backoff.delay(self.failures, chance);
        self.close_for(wait);
        (wait, true)
    }
}

/// How far a subject came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It was read.
    Read,
    /// All that was to be done with it is done, or the forge said why not.
    Through,
}

impl Gate {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self { state: Mutex::default(), backoff }
    }

    /// How long the gate stays closed; `None` when it is open.
    pub(super) fn closed_for(&self) -> Option<Duration> {
        self.state().closed_for()
    }

    /// How many subjects may be begun, with so many under way and so many at most.
    ///
    /// # Errors
    /// How long the gate stays closed.
    pub(super) fn room(&self, running: usize, most: usize) -> Result<usize, Duration> {
        let state = self.state();
        match state.closed_for() {
            Some(left) => Err(left),
            // Whether the forge is back is found out by one, and not by hundreds.
            None if state.failures > 0 || state.asked_to_wait => {
                Ok(1_usize.min(most).saturating_sub(running))
            }
            None => Ok(most.saturating_sub(running)),
        }
    }

    /// The forge asks to wait: nobody calls before. Answers for how long, and whether that is news:
    /// subjects that were under way are all told so.
    pub(super) fn asked_to_wait(&self, wait: Duration, writing: bool) -> (Duration, bool) {
        let mut state = self.state();
        let news = state.closed_for().is_none();
        state.asked_to_wait = true;
        state.writing_failed |= writing;
        state.close_for(wait);
        (wait, news)
    }

    /// The forge cannot be reached: a longer pause each time. Answers for how long, and whether
    /// that is news: calls that were under way when it became unreachable count once.
    pub(super) fn unreachable(&self, writing: bool, chance: f64) -> (Duration, bool) {
        let mut state = self.state();
        state.writing_failed = writing;
        state.fail(&self.backoff, chance)
    }

    /// A subject could not be read. As [`Gate::unreachable`] when it is the forge's fault, which
    /// it is when several fail alike, or when the forge was not back before; else `None`.
    pub(super) fn broken(&self, subject: &Subject, chance: f64) -> Option<(Duration, bool)> {
        let mut state = self.state();
        if state.broken.len() < SEVERAL {
            state.broken.insert(subject.clone());
        }
        let forge_is_down =
            state.broken.len() >= SEVERAL || (state.failures > 0 && !state.writing_failed);
        forge_is_down.then(|| state.fail(&self.backoff, chance))
    }

    /// The forge lets Steward in. Answers whether that is news.
    pub(super) fn reachable(&self, came: Came) -> bool {
        let mut state = self.state();
        state.broken.clear();
        if came == Came::Read && state.writing_failed {
            return false;
        }
        // A subject that was begun before the forge asked to wait proves nothing about afterwards.
        if state.asked_to_wait && state.closed_for().is_some() {
            return false;
        }
        state.writing_failed = false;
        let waited = std::mem::take(&mut state.asked_to_wait);
        std::mem::take(&mut state.failures) > 0 || waited
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(number: u64) -> Subject {
        Subject::gitlab_issue("group/project", number)
    }

    /// A gate whose pauses are over at once.
    fn gate() -> Gate {
        Gate::new(Backoff { first: Duration::ZERO, max: Duration::ZERO, ..Backoff::default() })
    }

    #[test]
    fn one_goes_first_until_the_forge_is_back() {
        let gate = gate();
        assert_eq!(gate.room(3, 8), Ok(5));
        gate.unreachable(false, 0.0);
        assert_eq!((gate.room(3, 8), gate.room(1, 8), gate.room(0, 8)), (Ok(0), Ok(0), Ok(1)));
        assert!(gate.reachable(Came::Read));
        assert_eq!(gate.room(0, 8), Ok(8));
    }

    #[test]
    fn after_a_wait_one_goes_first() {
        let gate = gate();
        let hour = Duration::from_secs(3600);
        assert_eq!(gate.asked_to_wait(hour, false), (hour, true));
        assert!(!gate.asked_to_wait(Duration::ZERO, false).1, "told already");
        assert!(gate.room(0, 8).is_err_and(|left| left > Duration::ZERO && left <= hour));
        assert!(!gate.reachable(Came::Through), "begun before");

        let gate = self::gate();
        gate.asked_to_wait(Duration::ZERO, true);
        assert_eq!((gate.room(0, 8), gate.room(1, 8)), (Ok(1), Ok(0)));
        assert!(!gate.reachable(Came::Read), "it was a write that was refused");
        assert_eq!(gate.room(0, 8), Ok(1));
        assert!(gate.reachable(Came::Through));
        assert_eq!(gate.room(0, 8), Ok(8));
    }

    #[test]
    fn a_token_that_may_only_read_does_not_open_it() {
        let gate = gate();
        gate.unreachable(true, 0.0);
        assert!(!gate.reachable(Came::Read));
        assert_eq!(gate.room(0, 8), Ok(1));
        assert!(gate.reachable(Came::Through));
        assert_eq!(gate.room(0, 8), Ok(8));
    }

    #[test]
    fn calls_under_way_count_once() {
        let backoff = Backoff { jitter: 0.0, ..Backoff::default() };
        let gate = Gate::new(backoff);
        assert_eq!(gate.unreachable(false, 0.0), (backoff.first, true));
        let (left, news) = gate.unreachable(false, 0.0);
        assert!(left <= backoff.first && !news);
        assert!(gate.room(0, 8).is_err());
    }

    #[test]
    fn one_broken_subject_is_at_fault_and_several_are_not() {
        let gate = gate();
        for _ in 0..9 {
            assert_eq!(gate.broken(&issue(1), 0.0), None);
        }
        gate.broken(&issue(2), 0.0);
        gate.reachable(Came::Read);
        assert_eq!(gate.broken(&issue(2), 0.0), None, "another one was read");
        assert_eq!(gate.broken(&issue(3), 0.0), None);
        assert!(gate.broken(&issue(4), 0.0).is_some());
        assert!(gate.broken(&issue(4), 0.0).is_some(), "the one that goes first is not to blame");
    }
}
