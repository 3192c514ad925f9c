//! What comes of commands that shall note something: about rows of checklists, and about integrations
//! that leave.

use chrono::{DateTime, Utc};

use super::{leaving, waivers};
use crate::{
    commands::{Command, Question, read},
    model::Ledger,
    rules::View,
};

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Done,
    /// Something about a row is refused.
    Row(waivers::Refusal),
    /// Something about a removal is refused.
    Removal(leaving::Refusal),
}

/// The commands that note something, in the order in which they were given, and what the ledger says
/// then.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// The question's number, the place of the command in it, and the verdict.
    given: Vec<(i64, usize, Verdict)>,
    /// The ledger with what was noted, if that makes a difference.
    pub(super) ledger: Option<Ledger>,
}

impl Verdicts {
    /// What came of one command of a question.
    pub(super) fn of(&self, question: i64, place: usize) -> Option<&Verdict> {
        self.given.iter().find(|(id, at, _)| *id == question && *at == place).map(|(.., it)| it)
    }
}

/// Judges the commands. What has to be read for that is noted in the view.
pub(super) fn judge(view: &View<'_>, questions: &[Question], now: DateTime<Utc>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let mut ledger = view.ledger.clone();
    for question in questions.iter().filter(|question| question.by_id != view.me.id) {
        let lines = question.lines.iter();
        let commands = lines.filter_map(|line| read(line, view.me.handle()));
        for (place, command) in commands.enumerate() {
            let Some(verdict) = one(view, &mut ledger, question, &command, now) else { continue };
            verdicts.given.push((question.id, place, verdict));
        }
    }
    verdicts.ledger = (ledger != *view.ledger).then_some(ledger);
    verdicts
}

/// What comes of one command; `None` for those that only ask.
fn one(
    view: &View<'_>,
    ledger: &mut Ledger,
    question: &Question,
    command: &Command,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let row =
        |result: Result<(), waivers::Refusal>| result.map_or_else(Verdict::Row, |()| Verdict::Done);
    Some(match command {
        Command::Waive { row: key, why } => {
            row(waivers::waive(view, ledger, question, (key, why), now))
        }
        Command::Unwaive { row: key } => row(waivers::unwaive(view, ledger, question, key)),
        Command::Deprecate { .. }
        | Command::Slip { .. }
        | Command::Cancel { .. }
        | Command::ApproveException { .. } => {
            match leaving::note(view, ledger, question, command, now) {
                Ok(()) => Verdict::Done,
                Err(refusal) => Verdict::Removal(refusal),
            }
        }
        // Who approves is asked when the cleanup is run: that it was seen is all there is to say.
        Command::Recheck | Command::ApproveCleanup { .. } => Verdict::Done,
        Command::Why { .. }
        | Command::RemovalPlan { .. }
        | Command::Help
        | Command::Unknown { .. } => return None,
    })
}
