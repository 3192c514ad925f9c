//! What is said of integrations that leave is made once before a pack is taken: with everything that
//! there may be and with nothing, and with what people type in its places.

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::{answers, leaving::Refusal, verdicts::Verdict};
use crate::{
    model::{LabelName, Ledger, OpenRequest, Person, StepState, Version},
    pack::Pack,
    policy::PolicyErrors,
    rules::{
        View,
        lifecycle::{
            deprecated::{DEPRECATED, Facts, Leaves, SETTLED, Settled},
            digest::{ALL, All, DIGEST, Digest, One, Pressing},
            open::{Opened, REMOVAL, STEP, TITLE},
            planned::{Entry, Plan, Planned, Step},
            told::{Against, Called, Milestone, Record, Row, Said, Section, Step as StepTold},
            track::{RECORD, REMIND, SECTION},
        },
    },
    words::typed::TYPED,
};

/// Makes every text once.
pub(super) fn rehearse(pack: &Pack, errors: &mut PolicyErrors) {
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let (snapshot, ledger) = (super::rehearsed_checklists::snapshot(), Ledger::default());
    let view = View::new(&snapshot, &ledger, pack, &me, DateTime::UNIX_EPOCH);
    let refusals = refusals().into_iter().flat_map(|refusal| {
        let verdict = Verdict::Removal(refusal);
        [Some("@anna".to_owned()), None]
            .map(|mention| answers::refused(&view, Some(&verdict), mention))
    });
    let records =
        [record(true), record(false), Record { cancelled: Some(said()), ..record(false) }];
    let records = records.map(|one| (RECORD, json!(one)));
    let cancelled = Section { cancelled: true, ..Section::default() };
    let unknown = Section { unknown: Some(TYPED.to_owned()), ..section() };
    let sections = [section(), cancelled, unknown].map(|one| (SECTION, json!(one)));
    let calls = [(false, false), (true, false), (false, true)];
    let calls = calls.map(|(soon, overdue)| (REMIND, json!(called(soon, overdue))));
    let plans = planned().into_iter().map(|one| (answers::PLANNED, json!(one)));
    let opened = opened();
    let digests = digests();
    let all = records
        .into_iter()
        .chain(deprecated())
        .chain(sections)
        .chain(digests)
        .chain(opened)
        .chain(calls)
        .chain(plans)
        .chain(refusals);
    for (template, mut facts) in all {
        (facts["labels"], facts["set"]) = (Value::Array(Vec::new()), Value::Array(Vec::new()));
        facts["ask"] = "@steward why".into();
        if let Err(error) = pack.words.comment(template, facts) {
            errors.push(pack.words.mistake(&error));
        }
    }
}

fn day() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2027, 5, 20)
}

fn twenty() -> Version {
    Version::new(20, 0)
}

fn said() -> Said {
    Said { by: TYPED.into(), reason: TYPED.into(), of: twenty() }
}

fn against() -> Vec<Against> {
    vec![Against { title: "In time".into(), seen: TYPED.into() }]
}

fn record(full: bool) -> Record {
    Record {
        integration: "Flowdock".into(),
        announced: Milestone { version: Version::new(19, 9), date: day().filter(|_| full) },
        removal: Milestone { version: twenty(), date: day().filter(|_| full) },
        by: TYPED.into(),
        slipped: if full { vec![said()] } else { Vec::new() },
        exception: full.then(said),
        cancelled: None,
        against: if full { against() } else { Vec::new() },
        me: "steward".into(),
    }
}

fn section() -> Section {
    let states = [
        StepState::Done,
        StepState::Early,
        StepState::InCode,
        StepState::Ahead,
        StepState::Due,
        StepState::Overdue,
        StepState::Unknown,
    ];
    let steps = states.into_iter().map(Some).chain([None]).map(|state| StepTold {
        title: "Removed".into(),
        issue: state.map(|_| "https://example.com/2".to_owned()),
        milestone: state.map(|_| twenty()),
        by: day().filter(|_| state.is_some()),
        state,
        done: state.is_some_and(StepState::is_done),
        early: state == Some(StepState::Early),
        in_code: state == Some(StepState::InCode),
        due: state == Some(StepState::Due),
        overdue: state == Some(StepState::Overdue),
        proven: 1,
        rows: 2,
        missing: vec![Row { key: "names".into(), title: "A row".into(), seen: TYPED.into() }],
        more: 1,
        under_way: vec![OpenRequest {
            reference: "example/product!1".into(),
            url: "https://example.com/1".into(),
            sheets: Vec::new(),
        }],
    });
    Section { cancelled: false, unknown: None, steps: steps.collect(), against: against() }
}

fn called(soon: bool, overdue: bool) -> Called {
    Called {
        mention: soon.then(|| "@example/team".to_owned()),
        integration: "Flowdock".into(),
        title: "Removed".into(),
        milestone: Some(twenty()),
        by: day(),
        soon,
        overdue,
        missing: 2,
        next: overdue.then(|| Version::new(21, 0)),
        me: "steward".into(),
    }
}

fn opened() -> Vec<(&'static str, Value)> {
    let opened = |step: bool, known: bool| Opened {
        integration: "Flowdock".into(),
        step: step.then(|| "Removed".to_owned()),
        owner: "Import".into(),
        announced: Version::new(19, 9),
        removal: twenty(),
        milestone: known.then(twenty),
        by: day().filter(|_| known),
        beside: 1,
    };
    let all = [(TITLE, false), (TITLE, true), (REMOVAL, false), (STEP, true)];
    let both = |(template, step)| [true, false].map(|known| (template, json!(opened(step, known))));
    all.into_iter().flat_map(both).collect()
}

fn digests() -> Vec<(&'static str, Value)> {
    let pressing = |full: bool| Pressing {
        integration: "Flowdock".into(),
        url: full.then(|| "https://example.com/1".to_owned()),
        step: "Removed".into(),
        owner: "Import".into(),
        milestone: full.then(|| Milestone { version: twenty(), date: day() }),
        overdue: full,
        due: !full,
        in_code: !full,
        missing: 2,
    };
    let one = |full: bool, next: bool| One {
        integration: "Flowdock".into(),
        url: full.then(|| "https://example.com/1".to_owned()),
        announced: Version::new(19, 9),
        removal: twenty(),
        next: next.then(|| pressing(full)),
        against: full,
    };
    let removals = vec![one(true, true), one(false, true), one(false, false)];
    let all = [
        All { unknown: None, removals },
        All { unknown: Some(TYPED.into()), removals: Vec::new() },
        All::default(),
    ];
    let both = || vec![pressing(true), pressing(false)];
    let milestone = Milestone { version: twenty(), date: day() };
    let digests = [(both(), Vec::new()), (Vec::new(), both())].map(|(due, overdue)| Digest {
        mention: "@example/release".into(),
        milestone: milestone.clone(),
        due,
        overdue,
    });
    let all = all.iter().map(|one| (ALL, json!(one)));
    all.chain(digests.iter().map(|one| (DIGEST, json!(one)))).collect()
}

fn deprecated() -> Vec<(&'static str, Value)> {
    let leaves = |over: bool| Leaves {
        integration: "Flowdock".into(),
        announced: Version::new(19, 9),
        removal: twenty(),
        date: day().filter(|_| over),
        over,
        url: over.then(|| "https://example.com/1".to_owned()),
    };
    let told = |full: bool| Facts {
        item: "merge request",
        leaving: if full { vec![leaves(true), leaves(false)] } else { vec![leaves(false)] },
        group: full.then(|| "Import".to_owned()),
        manager: full.then(|| "@anna".to_owned()),
        taken: if full { vec!["severity::1".into()] } else { Vec::new() },
        page: full.then(|| "https://example.com".to_owned()),
    };
    let nobody = Facts { manager: None, ..told(true) };
    let settled = [Some(LabelName::new("severity::1")), None]
        .map(|taken| json!(Settled { item: "merge request", taken }));
    let told = [told(true), told(false), nobody].map(|one| (DEPRECATED, json!(one)));
    told.into_iter().chain(settled.map(|one| (SETTLED, one))).collect()
}

fn planned() -> Vec<Planned> {
    let nothing = Planned { what: TYPED.into(), ..Planned::default() };
    let step = Step {
        title: "Removed".into(),
        milestone: Some(twenty()),
        by: day(),
        rows: vec!["A row".into()],
    };
    let plan = |late: bool| Plan {
        integration: "Flowdock".into(),
        key: "flowdock".into(),
        removal: twenty(),
        date: day(),
        minor: late,
        announce: Some(Version::new(19, 9)),
        announce_by: day(),
        late,
        owner: if late { String::new() } else { "Import".into() },
        steps: vec![step.clone()],
        path: Some("data/deprecations/19-9-flowdock.yml".into()),
        entry: Some(Entry {
            name: "\"Flowdock\"".into(),
            announced: Version::new(19, 9),
            stage: (!late).then(|| "\"plan\"".to_owned()),
            docs: (!late).then(|| "\"https://docs.example.com\"".to_owned()),
        }),
        me: "steward".into(),
    };
    let bare = Plan { announce: None, announce_by: None, date: None, entry: None, ..plan(false) };
    vec![
        Planned { no_integration: true, names: vec!["Flowdock".into()], ..nothing.clone() },
        Planned { no_integration: true, what: String::new(), ..nothing.clone() },
        Planned { no_code: true, mention: Some("@anna".into()), ..nothing.clone() },
        Planned { no_release: true, releases: vec![twenty()], ..nothing.clone() },
        Planned { no_release: true, what: String::new(), ..nothing.clone() },
        Planned { plan: Some(plan(true)), ..nothing.clone() },
        Planned { plan: Some(plan(false)), ..nothing.clone() },
        Planned { plan: Some(bare), ..nothing },
    ]
}

fn refusals() -> Vec<Refusal> {
    let (what, names) = (|| TYPED.to_owned(), || vec!["20.0".to_owned()]);
    vec![
        Refusal::NotTracked,
        Refusal::NoIssue,
        Refusal::NoIntegration { what: what(), names: names() },
        Refusal::NoIntegration { what: String::new(), names: Vec::new() },
        Refusal::NoCode { what: "Flowdock".into() },
        Refusal::NoOption { what: what() },
        Refusal::NoMilestone,
        Refusal::NoRelease { what: what(), names: names() },
        Refusal::NoRelease { what: what(), names: Vec::new() },
        Refusal::TooEarly { what: "20.0".into() },
        Refusal::SameMilestone { what: "20.0".into() },
        Refusal::Elsewhere { what: "Flowdock".into(), url: "https://example.com".into() },
        Refusal::TracksAlready { what: "Flowdock".into() },
        Refusal::TracksNothing,
        Refusal::IsCancelled { what: "Flowdock".into() },
        Refusal::NoReason,
        Refusal::MayNot { groups: vec!["example/team".into()] },
        Refusal::MayNot { groups: Vec::new() },
    ]
}
