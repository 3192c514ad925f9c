//! What is said of checklists is made once before a pack is taken: a sheet with a row for each thing
//! that may come of one, each kind of proof, and each refusal.

use chrono::DateTime;
use serde_json::json;

use super::{answers, fields::PLAIN, verdicts::Verdict, waivers::Refusal};
use crate::{
    model::{
        Cite, Ledger, Need, Person, Piece, PiecePlace, Proof, ProofKind, Row, RowStatus, Sheet,
        Snapshot, State, Subject, Waiver,
    },
    pack::Pack,
    policy::PolicyErrors,
    rules::{View, newcomer},
    words::Style,
};

/// Makes every text once.
pub(super) fn rehearse(pack: &Pack, errors: &mut PolicyErrors) {
    for kind in ProofKind::ALL {
        for found in [None, Some("something".to_owned())] {
            let proof = Proof { found, ..proof(kind) };
            for style in [Style::Markdown, Style::Plain] {
                if let Err(error) = pack.words.try_proof(&proof, style) {
                    errors.push(pack.words.mistake(&error));
                }
            }
        }
    }
    let (snapshot, ledger, me) = (snapshot(), Ledger::default(), person(1, "steward"));
    let view = View::new(&snapshot, &ledger, pack, &me, DateTime::UNIX_EPOCH);
    let [full, bare] = newcomer::samples(&view, &[sheet(full_rows()), sheet(Vec::new())]);
    let settled = json!({ "item": "merge request" });
    let refusals = refusals().into_iter().flat_map(|refusal| {
        let verdict = Verdict::Row(refusal);
        [Some("@anna".to_owned()), None]
            .map(|mention| answers::refused(&view, Some(&verdict), mention))
    });
    let sheets = [
        (newcomer::REPORT, full.clone()),
        (newcomer::REPORT, bare.clone()),
        (newcomer::SHEETS, full),
        (newcomer::SHEETS, bare),
        (newcomer::SETTLED, settled),
        (PLAIN, json!({ "text": "As it should be" })),
    ];
    for (template, mut facts) in sheets.into_iter().chain(refusals) {
        (facts["labels"], facts["set"]) = (json!([]), json!([]));
        facts["ask"] = "@steward why".into();
        if let Err(error) = pack.words.comment(template, facts) {
            errors.push(pack.words.mistake(&error));
        }
    }
}

fn refusals() -> Vec<Refusal> {
    let (row, groups) = (|| "metrics".to_owned(), vec!["example/team".to_owned()]);
    vec![
        Refusal::NoSheet,
        Refusal::NoRow { row: row(), near: Some(row()) },
        Refusal::NoRow { row: row(), near: None },
        Refusal::Which { row: row(), names: vec!["foo".into(), "bar".into()] },
        Refusal::NoReason { row: row() },
        Refusal::MayNot { row: row(), groups },
        Refusal::MayNot { row: row(), groups: Vec::new() },
        Refusal::NotWaived { row: row() },
    ]
}

fn proof(kind: ProofKind) -> Proof {
    let file = Some("app/example.rb".to_owned());
    Proof { kind, what: "example".into(), found: None, file, line: Some(3) }
}

/// A row for each thing that may come of one, with everything and with nothing besides.
fn full_rows() -> Vec<Row> {
    let all = [
        RowStatus::Pass,
        RowStatus::Missing,
        RowStatus::CannotTell,
        RowStatus::Claimed,
        RowStatus::Waived,
        RowStatus::NotApplicable,
    ];
    let needs = [Need::Required, Need::Advice];
    let mut rows = Vec::new();
    for (status, need) in all.into_iter().flat_map(|status| needs.map(|need| (status, need))) {
        let bare = Row {
            key: "example".into(),
            section: "Examples".into(),
            title: "An example".into(),
            need,
            status,
            proofs: Vec::new(),
            hint: None,
            ready: Vec::new(),
            waiver: None,
            cites: None,
            cite: Cite { file: "checklists/example.yml".into(), line: 1 },
            tick: None,
        };
        let piece = |place| Piece { path: "app/a.rb".into(), place, text: "one\n".into() };
        rows.push(Row {
            proofs: vec![proof(ProofKind::Found), Proof { file: None, ..proof(ProofKind::Found) }],
            hint: Some("Do it.".into()),
            ready: vec![piece(PiecePlace::NewFile), piece(PiecePlace::Before(3))],
            waiver: Some(Waiver {
                checklist: "example".into(),
                name: "example".into(),
                row: "example".into(),
                by_id: 2,
                by: "anna".into(),
                why: "It need not be.".into(),
                at: DateTime::UNIX_EPOCH,
            }),
            cites: Some("https://docs.example.com/#example".into()),
            tick: Some("example".into()),
            ..bare.clone()
        });
        if status != RowStatus::Waived {
            rows.push(bare);
        }
    }
    rows
}

fn sheet(rows: Vec<Row>) -> Sheet {
    Sheet {
        checklist: "example".into(),
        about: "An example.".into(),
        name: "foo_bar".into(),
        title: "Foo Bar".into(),
        file: None,
        rows,
    }
}

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.into() }
}

pub(super) fn snapshot() -> Snapshot {
    Snapshot {
        subject: Subject::gitlab_merge_request("example/product", 1),
        url: "https://example.com/example/product/-/merge_requests/1".into(),
        title: "An item".into(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: person(2, "anna"),
        labels: Vec::new(),
        milestone: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        head: Some("c0ffee".into()),
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(Default::default()),
        weight: None,
        confidential: false,
        facets: Default::default(),
    }
}
