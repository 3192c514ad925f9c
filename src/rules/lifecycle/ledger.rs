//! The ledger: of each integration that leaves, what the files of the product prove, and what is due.

use chrono::NaiveDate;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::{
    evidence::names::Names,
    model::{Calendar, Need, ProofKind, Release, Row, RowStatus, Sheet, StepState, Version},
    pack::{
        Pack,
        checklists::{Check, Checklist, FileIs, RemovalIs, SetSource},
        removals::{Removal, Step},
    },
    rules::{
        View,
        newcomer::{Files, Newcomer, fill, is_pattern},
    },
};

/// An integration that leaves.
#[derive(Debug)]
pub struct Leaving<'v> {
    /// What is recorded.
    pub removal: &'v Removal,
    /// Releases between announcement and removal, where the calendar has both.
    pub distance: Option<i64>,
    /// The steps, in order.
    pub steps: Vec<Stride<'v>>,
}

/// A step of one integration.
#[derive(Debug)]
pub struct Stride<'v> {
    /// Which step.
    pub step: &'v Step,
    /// The release that it is due in, where the calendar has it.
    pub due: Option<Release>,
    /// How it stands.
    pub state: StepState,
    /// What the files prove, row by row.
    pub sheet: Sheet,
    /// The rows that ask what is recorded, or what a change does, and not what stands in files.
    recorded: Vec<String>,
    /// Those of them that ask for the milestone in work.
    when: Vec<String>,
    /// The rows that the forge proves, and not the files.
    on_forge: Vec<String>,
    /// The rows that ask the entry that announces it.
    of_entry: Vec<String>,
}

impl Stride<'_> {
    /// The rows that keep it from being done: those that files prove.
    pub fn missing(&self) -> impl Iterator<Item = &Row> {
        self.sheet.rows.iter().filter(|row| row.blocks() && !self.recorded.contains(&row.key))
    }

    /// What is wrong with the entry that announces it, and keeps nothing from being done.
    pub fn remarks(&self) -> impl Iterator<Item = &Row> {
        let advice = self.sheet.rows.iter().filter(|row| row.need == Need::Advice);
        let wrong = advice.filter(|row| row.status == RowStatus::Missing);
        // Without the entry itself its row says it all.
        let absent = |row: &&Row| row.proofs.iter().all(|one| one.kind == ProofKind::FileAbsent);
        wrong.filter(|row| self.of_entry.contains(&row.key)).filter(move |row| !absent(row))
    }

    /// Whether it is a row that the forge proves, of which the forge did not tell.
    pub fn is_untold(&self, row: &Row) -> bool {
        row.status == RowStatus::CannotTell && self.on_forge.contains(&row.key)
    }

    /// How many rows are proven, and of how many.
    pub fn proven(&self) -> (usize, usize) {
        let rows = self.sheet.rows.iter().filter(|row| !self.recorded.contains(&row.key));
        let rows = rows.filter(|row| row.need == Need::Required);
        let (mut proven, mut all) = (0, 0);
        for row in rows {
            all += 1;
            proven += usize::from(!row.blocks());
        }
        (proven, all)
    }

    /// The rows about milestones that do not hold: announced too late, in a minor, done too early.
    /// That a milestone is still to come stands against nothing that is not done.
    pub fn against(&self) -> impl Iterator<Item = &Row> {
        let rows = self.sheet.rows.iter();
        let rows = rows.filter(|row| row.status == RowStatus::Missing);
        rows.filter(|row| {
            let waits = self.state != StepState::Early && self.when.contains(&row.key);
            self.recorded.contains(&row.key) && !waits
        })
    }

    /// Whether somebody has to act now.
    pub fn is_pressing(&self) -> bool {
        matches!(self.state, StepState::Due | StepState::Overdue | StepState::Early)
    }
}

impl Leaving<'_> {
    /// How far it is: the last step that is done, with all before it.
    pub fn reached(&self) -> Option<&Stride<'_>> {
        self.steps.iter().take_while(|stride| stride.state.is_done()).last()
    }

    /// The first step that is not done.
    pub fn next(&self) -> Option<&Stride<'_>> {
        self.steps.iter().find(|stride| !stride.state.is_done())
    }
}

/// Fills in the ledger. What the view lacks is noted in it: files are then to be read and the ledger
/// to be asked for again. The changed files of the view are those that [`looked_for`] names. `only` is
/// the key of an integration; without it all that leave are looked at.
pub fn ledger<'v>(
    view: &'v View<'_>,
    calendar: &Calendar,
    today: NaiveDate,
    only: Option<&str>,
) -> Vec<Leaving<'v>> {
    let pack = view.pack;
    let files = Files::of_commit(view);
    let now = calendar.in_work(today);
    let asked = |removal: &&Removal| only.is_none_or(|key| removal.integration.as_str() == key);
    let leaving = view.removals().iter().filter(asked).map(|removal| {
        let newcomer = Newcomer { names: Names::of(&removal.name), file: None };
        let steps = pack.removals.steps.iter().filter_map(|step| {
            // Checked when the policies were read.
            let checklist = pack.checklists.get(&step.checklist)?;
            let sheet = fill(view, checklist, &newcomer, &files);
            let due = release_behind(calendar, removal.removal, step.due);
            let recorded = rows_that(checklist, |check| {
                matches!(check, Check::Removal(_)) || is_of_changes(check)
            });
            let when = rows_that(checklist, |check| {
                matches!(check, Check::Removal(RemovalIs::Now | RemovalIs::Over))
            });
            let on_forge = rows_that(checklist, |check| matches!(check, Check::OnForge(_)));
            let of_entry = rows_that(checklist, |check| matches!(check, Check::Entry(_)));
            let state = StepState::Unknown;
            let mut stride = Stride { step, due, state, sheet, recorded, when, on_forge, of_entry };
            stride.state = standing(&stride, now);
            Some(stride)
        });
        Leaving {
            removal,
            distance: calendar.distance(removal.announced, removal.removal),
            steps: steps.collect(),
        }
    });
    leaving.collect()
}

fn standing(stride: &Stride<'_>, now: Option<Release>) -> StepState {
    // The code alone tells what is done too early: that nothing is open before is no mistake.
    if stride.missing().all(|row| stride.on_forge.contains(&row.key)) {
        let waits = |row: &Row| row.status == RowStatus::Missing && stride.when.contains(&row.key);
        let is_early = stride.sheet.rows.iter().any(waits);
        if is_early {
            return StepState::Early;
        }
        if stride.missing().next().is_none() {
            return StepState::Done;
        }
        if stride.missing().all(|row| stride.is_untold(row)) {
            return StepState::InCode;
        }
    }
    match (stride.due, now) {
        (Some(due), Some(now)) if due.version > now.version => StepState::Ahead,
        (Some(due), Some(now)) if due.version == now.version => StepState::Due,
        (Some(_), Some(_)) => StepState::Overdue,
        _ => StepState::Unknown,
    }
}

/// The release so many behind another one, or before it.
pub(super) fn release_behind(
    calendar: &Calendar,
    version: Version,
    releases: i32,
) -> Option<Release> {
    let at = i64::try_from(calendar.index(version)?).ok()? + i64::from(releases);
    calendar.releases().get(usize::try_from(at).ok()?).copied()
}

/// Whether a check asks what a change does with a file: of a commit there is nothing to ask.
fn is_of_changes(check: &Check) -> bool {
    matches!(check, Check::File(file) if matches!(file.is, FileIs::Changed | FileIs::Untouched))
}

/// The rows whose check has such a part.
fn rows_that(checklist: &Checklist, is: impl Fn(&Check) -> bool) -> Vec<String> {
    let rows = checklist.rows.iter();
    let rows = rows.filter(|row| row.check.as_ref().is_some_and(|check| check.has(&is)));
    rows.map(|row| row.key.clone()).collect()
}

/// Which files of the product the steps' patterns may mean, whatever the integration is called. Paths
/// that are named whole are read when they are asked for.
pub fn looked_for(pack: &Pack) -> GlobSet {
    let mut globs = GlobSetBuilder::new();
    let named = |step: &Step| pack.checklists.get(&step.checklist);
    for checklist in pack.removals.steps.iter().filter_map(named) {
        for form in forms(checklist).into_iter().filter(|form| is_pattern(form)) {
            let any = form.fill(|_| Some("*".into())).unwrap_or_default();
            // Those that cannot be read stand for nothing elsewhere too.
            if let Ok(glob) = GlobBuilder::new(&any).empty_alternates(true).build() {
                globs.add(glob);
            }
        }
    }
    globs.build().unwrap_or_else(|_| GlobSet::empty())
}

fn forms(checklist: &Checklist) -> Vec<&crate::evidence::form::Form> {
    let mut found = Vec::new();
    for set in checklist.sets.values() {
        if let SetSource::Files(asked) = &set.source {
            found.extend(&asked.files);
        }
    }
    for row in &checklist.rows {
        row.when.iter().chain(&row.check).for_each(|check| in_check(check, &mut found));
    }
    found
}

fn in_check<'c>(check: &'c Check, found: &mut Vec<&'c crate::evidence::form::Form>) {
    match check {
        Check::All(list) | Check::Any(list) => {
            list.iter().for_each(|one| in_check(one, found));
        }
        Check::Not(inner) => in_check(inner, found),
        Check::File(file) => found.extend(file.path.iter()),
        Check::Yaml(yaml) => found.push(&yaml.file),
        Check::Text(text) => found.extend(text.file.iter()),
        _ => {}
    }
}
