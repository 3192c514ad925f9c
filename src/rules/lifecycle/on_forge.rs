//! What the forge tells of an integration's label: the last step on the way out asks for it.
//!
//! Nobody asks the forge here: that costs calls, which whoever fills in the ledger may or may not have
//! made. Without them nobody can tell.

use chrono::NaiveDate;

use super::ledger::release_behind;
use crate::{
    evidence::names::Names,
    model::{LabelName, LabelState, OnForge, Proof, ProofKind, RemovalRecord},
    pack::{Pack, checklists::OnForgeIs},
    rules::{
        View,
        newcomer::{Answer, proof},
    },
};

/// Asks about the label of an integration that leaves.
pub(in crate::rules) fn ask_forge(view: &View<'_>, names: &Names, is: OnForgeIs) -> Answer {
    let Some(removal) = view.removal_of(&names.path) else {
        return Answer::cannot_tell(proof(ProofKind::RemovalNotRecorded, names.name.as_str()));
    };
    let told = match view.on_forge(removal.integration.as_str()) {
        None => return Answer::cannot_tell(proof(ProofKind::ForgeNotAsked, "")),
        Some(Err(why)) => {
            let silent = Proof { found: Some(why.to_owned()), ..proof(ProofKind::ForgeSilent, "") };
            return Answer::cannot_tell(silent);
        }
        Some(Ok(told)) => told,
    };
    let label = told.label.as_str();
    let archived = matches!(told.state, LabelState::Archived | LabelState::Gone);
    let (holds, proofs) = match is {
        OnForgeIs::ItemsClosed => return closed(told),
        OnForgeIs::ArchivesLabels => {
            (told.archives, proof(ProofKind::ArchivesLabels, told.forge.name()))
        }
        OnForgeIs::LabelArchived => (archived, state(told, label)),
        OnForgeIs::LabelGone => (told.state == LabelState::Gone, state(told, label)),
    };
    let proofs = match (is, holds) {
        (OnForgeIs::ArchivesLabels, false) => proof(ProofKind::ArchivesNone, told.forge.name()),
        _ => proofs,
    };
    Answer::new(holds.into(), vec![proofs])
}

fn closed(told: &OnForge) -> Answer {
    if told.nothing_is_open() {
        return Answer::yes(proof(ProofKind::NothingOpen, told.label.as_str()));
    }
    let requests = format!("{}s", told.forge.merge_request());
    let both = [("issues".to_owned(), told.issues), (requests, told.merge_requests)];
    let open = both.into_iter().filter(|(_, many)| many.number > 0 || many.or_more);
    let told = open.map(|(what, many)| Proof {
        found: Some(many.to_string()),
        ..proof(ProofKind::ItemsOpen, what)
    });
    Answer::new(false.into(), told.collect())
}

fn state(told: &OnForge, label: &str) -> Proof {
    let kind = match told.state {
        LabelState::There => ProofKind::LabelInUse,
        LabelState::Archived => ProofKind::LabelArchived,
        LabelState::Gone => ProofKind::LabelGone,
    };
    proof(kind, label)
}

/// An integration that leaves, and whose first step is due: the forge has something to tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its key in the catalog.
    pub integration: String,
    /// Its label.
    pub label: LabelName,
    /// Where it is tracked: that stays open until all else is closed.
    pub issue: Option<String>,
}

/// The integrations that leave and whose first step is due by a day.
pub fn begun(pack: &Pack, records: &[RemovalRecord], today: NaiveDate) -> Vec<Begun> {
    let Some(calendar) = pack.calendar.as_ref().map(|one| &one.releases) else {
        return Vec::new();
    };
    let (Some(now), Some(first)) = (calendar.in_work(today), pack.removals.steps.first()) else {
        return Vec::new();
    };
    let all = pack.removals.with(&pack.catalog, records).into_iter().filter(|one| {
        let due = release_behind(calendar, one.removal, first.due);
        due.is_some_and(|due| due.version <= now.version)
    });
    let labelled = all.filter_map(|one| {
        let integration = pack.catalog.integration(one.integration.as_str())?;
        let prefix: &str = &pack.routing.label_prefix;
        let label = LabelName::new(format!("{prefix}{}", integration.label));
        Some(Begun { integration: integration.key.to_string(), label, issue: one.issue })
    });
    labelled.collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::*;
    use crate::{
        checkout::{Told, merge_request},
        model::{Changes, Counted, ForgeKind, Ledger, Person},
        policy::PolicySource,
        rules::declared::Truth::{self, *},
    };

    fn told(state: LabelState, issues: u64, or_more: bool) -> OnForge {
        OnForge {
            forge: ForgeKind::Gitlab,
            label: "Integration::SlackSlashCommands".into(),
            state,
            archives: true,
            issues: Counted { number: issues, or_more },
            merge_requests: Counted::default(),
            open: Vec::new(),
        }
    }

    /// What is answered of an integration that the built-in policies record.
    fn answers(told: Option<Result<OnForge, String>>, is: OnForgeIs) -> (Truth, Vec<ProofKind>) {
        let pack = Pack::load(&PolicySource::built_in()).expect("right");
        let now = DateTime::UNIX_EPOCH;
        let changes = Changes { files: Vec::new(), complete: true };
        let mut snapshot = merge_request(&Told::default(), "abc", now, changes);
        snapshot.facets.removals = Some(Vec::new());
        let key = "slack_slash_commands".to_owned();
        snapshot.facets.on_forge.extend(told.map(|told| (key, told)));
        let me = Person { id: 0, username: String::new(), name: String::new() };
        let ledger = Ledger::default();
        let view = View::new(&snapshot, &ledger, &pack, &me, now);
        let answer = ask_forge(&view, &Names::of("slack_slash_commands"), is);
        (answer.truth, answer.proofs.iter().map(|proof| proof.kind).collect())
    }

    #[rstest]
    #[case(LabelState::There, No, No)]
    #[case(LabelState::Archived, Yes, No)]
    #[case(LabelState::Gone, Yes, Yes)]
    fn a_label_that_is_gone_is_put_away_too(
        #[case] state: LabelState,
        #[case] archived: Truth,
        #[case] gone: Truth,
    ) {
        let asks = |is| answers(Some(Ok(told(state, 0, false))), is).0;
        assert_eq!(asks(OnForgeIs::LabelArchived), archived);
        assert_eq!(asks(OnForgeIs::LabelGone), gone);
        assert_eq!(asks(OnForgeIs::ArchivesLabels), Yes);
    }

    #[test]
    fn what_is_open_and_what_may_be_stands_against_it() {
        let asks = |issues, or_more| {
            let told = told(LabelState::There, issues, or_more);
            answers(Some(Ok(told)), OnForgeIs::ItemsClosed)
        };
        assert_eq!(asks(0, false), (Yes, vec![ProofKind::NothingOpen]));
        assert_eq!(asks(3, false), (No, vec![ProofKind::ItemsOpen]));
        assert_eq!(asks(0, true), (No, vec![ProofKind::ItemsOpen]));
    }

    #[test]
    fn without_an_answer_nobody_can_tell() {
        let is = OnForgeIs::ItemsClosed;
        assert_eq!(answers(None, is), (CannotTell, vec![ProofKind::ForgeNotAsked]));
        let silent = Some(Err("it is down".to_owned()));
        assert_eq!(answers(silent, is), (CannotTell, vec![ProofKind::ForgeSilent]));
    }

    #[test]
    fn the_forge_is_asked_from_the_first_step_on() {
        let pack = Pack::load(&PolicySource::built_in()).expect("right");
        let day = |text: &str| begun(&pack, &[], text.parse().expect("a day"));
        // 18.9 is the third before 19.0, and in work since the day after 18.8.
        assert_eq!(day("2026-01-15"), []);
        let begun = Begun {
            integration: "slack_slash_commands".to_owned(),
            label: LabelName::from("Integration::SlackSlashCommands"),
            issue: None,
        };
        assert_eq!(day("2026-01-16"), [begun]);
    }
}
