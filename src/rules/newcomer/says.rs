//! What is said of the sheets: one live comment a checklist, and one status on the newest commit.

use serde::Serialize;

use super::{MOST_SHEETS, notes, ticks};
use crate::{
    model::{Because, Need, PiecePlace, Reason, Row, RowStatus, Sheet, StatusState},
    pack::checklists::Checklist,
    rules::{CommentWanted, Post, ReportWanted, StatusWanted, Told, View, Wanted, routing::facts},
    words::{Marker, Style},
};

/// The template of the comment.
pub(crate) const SHEETS: &str = "checklists/sheets";
/// The template of the report beneath the status.
pub(crate) const REPORT: &str = "checklists/report";
/// What the comment says when the checklist does not concern the change any more.
pub(crate) const SETTLED: &str = "checklists/settled";
/// A comment shows pieces up to so many bytes together; `steward check --patch` writes them all.
const MOST_READY: usize = 14_000;
/// So many proofs of a row are shown; `steward check` prints more.
const MOST_PROOFS: usize = 3;

/// Says what came of the sheets. `found` is the number of integrations, of which only some have a
/// sheet.
pub(super) fn says<'a>(
    view: &View<'a>,
    checklist: &'a Checklist,
    sheets: Vec<Sheet>,
    found: usize,
    wanted: &mut Wanted<'a>,
) {
    let Some(first) = sheets.iter().find(|sheet| !sheet.is_complete()).or(sheets.first()) else {
        return;
    };
    let reason = reason(checklist, first);
    let page = checklist.cites.as_ref().map(|cites| cites.url.value.clone());
    let facts = |room: usize| Facts {
        page: page.clone(),
        waivable: checklist.waive.is_some(),
        more: found.saturating_sub(MOST_SHEETS),
        ..Facts::new(view, &checklist.about, &sheets, room)
    };
    if let Some(status) = &checklist.status {
        let missing = sheets
            .iter()
            .flat_map(|sheet| &sheet.rows)
            .any(|row| row.need == Need::Required && row.status == RowStatus::Missing);
        let state = match (missing, sheets.iter().all(Sheet::is_complete)) {
            (true, _) => status.missing.unwrap_or(StatusState::Failed),
            (false, true) => StatusState::Success,
            (false, false) => StatusState::Pending,
        };
        wanted.statuses.push(StatusWanted {
            name: status.name.value.clone(),
            state,
            text: view.pack.words.reason(&reason.because, Style::Plain),
            report: view.snapshot.facets.status_reports.then(|| ReportWanted {
                template: REPORT,
                // It follows each push and has a place of its own: no pieces, no boxes.
                facts: Told::new(facts(0)),
                annotations: notes::annotations(view, &sheets),
            }),
            reason: reason.clone(),
        });
    }
    let facts = facts(MOST_READY);
    let complete = sheets.iter().all(Sheet::is_complete);
    let post = if checklist.quiet && complete { Post::Never } else { Post::Always };
    let comment =
        CommentWanted::whole(checklist.topic.clone(), SHEETS, Told::new(facts), post, reason);
    wanted.comments.push(comment);
}

/// The checklist does not concern the change any more: a comment that is there says so, and a status
/// that is there is withdrawn, since nothing asks for it.
pub(super) fn settled<'a>(view: &View<'a>, checklist: &'a Checklist, wanted: &mut Wanted<'a>) {
    if !was_said(view, checklist) {
        return;
    }
    let reason = Reason { rule: checklist.rule(), cite: None, because: Because::NothingToSay };
    wanted.comments.push(CommentWanted::whole(
        checklist.topic.clone(),
        SETTLED,
        facts::only_item(view),
        Post::Never,
        reason,
    ));
}

/// Whether a comment of the checklist is there, by the ledger or by what was read: it is not worth a
/// call on every merge request.
fn was_said(view: &View<'_>, checklist: &Checklist) -> bool {
    if let Some(live) = view.ledger.comment(&checklist.topic) {
        return live.id.is_some();
    }
    let read = view.snapshot.facets.own_comments.iter().flatten();
    (!view.ledger.known || view.ledger.uncertain)
        && read
            .filter_map(|comment| Marker::of(&comment.body))
            .any(|marker| marker.topic == checklist.topic)
}

/// Why a checklist says what it says.
pub(super) fn reason(checklist: &Checklist, sheet: &Sheet) -> Reason {
    let of = |status: RowStatus, need: Need| {
        let rows = sheet.rows.iter().filter(|row| row.status == status && row.need == need);
        rows.map(|row| row.key.clone()).collect::<Vec<_>>()
    };
    Reason {
        rule: checklist.rule(),
        cite: Some(checklist.cite.clone()),
        because: Because::SheetTells {
            integration: sheet.title.clone(),
            missing: of(RowStatus::Missing, Need::Required),
            unsure: of(RowStatus::CannotTell, Need::Required),
            passed: sheet.count(RowStatus::Pass),
        },
    }
}

/// What the template is told.
#[derive(Debug, Serialize)]
struct Facts {
    item: &'static str,
    about: String,
    page: Option<String>,
    /// How one waives a row.
    waive: String,
    /// How one asks to look again.
    recheck: String,
    waivable: bool,
    /// Integrations of the change without a sheet.
    more: usize,
    sheets: Vec<SheetFacts>,
}

impl Facts {
    /// Pieces are shown up to so many bytes together.
    fn new(view: &View<'_>, about: &str, sheets: &[Sheet], room: usize) -> Self {
        // A comment has an end: of several sheets each is told in short.
        let brief = sheets.len() > 1;
        let mut room = if brief { 0 } else { room };
        Self {
            item: facts::noun(view),
            about: about.to_owned(),
            page: None,
            waive: format!("@{} waive ROW REASON", view.me.handle()),
            recheck: format!("@{} recheck", view.me.handle()),
            waivable: false,
            more: 0,
            sheets: sheets
                .iter()
                .map(|sheet| SheetFacts::new(view, sheet, brief, &mut room))
                .collect(),
        }
    }
}

/// What the template is told of these sheets, for trying it: once with everything, once with
/// nothing besides.
pub(crate) fn samples(view: &View<'_>, sheets: &[Sheet]) -> [serde_json::Value; 2] {
    let full = Facts {
        page: Some("https://docs.example.com/".to_owned()),
        waivable: true,
        more: 2,
        ..Facts::new(view, "An example.", sheets, MOST_READY)
    };
    let bare = Facts::new(view, "An example.", &[], MOST_READY);
    [full, bare].map(|facts| serde_json::to_value(facts).unwrap_or_default())
}

/// A sheet: its rows by what came of them, since people look for what they have to do.
#[derive(Debug, Serialize)]
struct SheetFacts {
    name: String,
    title: String,
    complete: bool,
    missing: Vec<RowFacts>,
    unsure: Vec<RowFacts>,
    advice: Vec<RowFacts>,
    waived: Vec<RowFacts>,
    claimed: Vec<RowFacts>,
    passed: Vec<RowFacts>,
    aside: Vec<RowFacts>,
    /// How many pieces did not fit.
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct RowFacts {
    key: String,
    section: String,
    title: String,
    /// Missing, and not just not to be told.
    missing: bool,
    proofs: Vec<ProofFacts>,
    hint: Option<String>,
    page: Option<String>,
    /// The hidden note behind a box.
    tick: Option<String>,
    ready: Vec<PieceFacts>,
    by: Option<String>,
    why: Option<String>,
    at: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProofFacts {
    says: String,
    /// The file, with the line behind a colon where that is known.
    place: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct PieceFacts {
    path: String,
    /// `None` for a new file.
    before: Option<u32>,
    language: &'static str,
    text: String,
}

impl SheetFacts {
    fn new(view: &View<'_>, sheet: &Sheet, brief: bool, room: &mut usize) -> Self {
        let mut left_out = 0;
        let mut rows = |fits: &dyn Fn(&Row) -> bool| -> Vec<RowFacts> {
            let rows = sheet.rows.iter().filter(|row| fits(row));
            rows.map(|row| RowFacts::new(view, row, brief, room, &mut left_out)).collect()
        };
        let status = |status: RowStatus| move |row: &Row| row.status == status;
        let required =
            |status: RowStatus| move |row: &Row| row.status == status && row.need == Need::Required;
        let missing = rows(&required(RowStatus::Missing));
        let unsure = rows(&required(RowStatus::CannotTell));
        let advice = rows(&|row| {
            row.need == Need::Advice
                && matches!(row.status, RowStatus::Missing | RowStatus::CannotTell)
        });
        let (waived, claimed) =
            (rows(&status(RowStatus::Waived)), rows(&status(RowStatus::Claimed)));
        let (passed, aside) =
            (rows(&status(RowStatus::Pass)), rows(&status(RowStatus::NotApplicable)));
        Self {
            name: sheet.name.clone(),
            title: sheet.title.clone(),
            complete: sheet.is_complete(),
            missing,
            unsure,
            advice,
            waived,
            claimed,
            passed,
            aside,
            left_out,
        }
    }
}

impl RowFacts {
    fn new(
        view: &View<'_>,
        row: &Row,
        brief: bool,
        room: &mut usize,
        left_out: &mut usize,
    ) -> Self {
        let mut ready = Vec::new();
        for piece in &row.ready {
            match room.checked_sub(piece.text.len()) {
                Some(rest) => {
                    *room = rest;
                    ready.push(PieceFacts {
                        path: piece.path.clone(),
                        before: match piece.place {
                            PiecePlace::NewFile => None,
                            PiecePlace::Before(line) => Some(line),
                        },
                        language: language(&piece.path),
                        text: piece.text.clone(),
                    });
                }
                None => *left_out += 1,
            }
        }
        let shown = if brief { 1 } else { MOST_PROOFS };
        let proofs = row.proofs.iter().take(shown).map(|proof| ProofFacts {
            says: view.pack.words.proof(proof, Style::of_comments(view.snapshot.subject.forge)),
            place: proof.file.as_ref().map(|file| match proof.line {
                Some(line) => format!("{file}:{line}"),
                None => file.clone(),
            }),
            url: proof.file.as_deref().and_then(|file| url(view, file, proof.line)),
        });
        Self {
            key: row.key.clone(),
            section: row.section.clone(),
            title: row.title.clone(),
            missing: row.status == RowStatus::Missing,
            proofs: proofs.collect(),
            hint: row.hint.clone().filter(|_| !brief),
            page: row.cites.clone(),
            tick: row.tick.as_ref().map(|name| ticks::note(name, &row.key)),
            ready,
            by: row.waiver.as_ref().map(|waiver| waiver.by.clone()),
            why: row.waiver.as_ref().map(|waiver| waiver.why.clone()),
            at: row.waiver.as_ref().map(|waiver| waiver.at.to_rfc3339()),
        }
    }
}

/// The name by which Markdown knows the language of a file.
fn language(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("rb") => "ruby",
        Some("yml" | "yaml") => "yaml",
        Some("md") => "markdown",
        Some("json") => "json",
        Some("py") => "python",
        _ => "text",
    }
}

/// Where people see a file of the change.
fn url(view: &View<'_>, file: &str, line: Option<u32>) -> Option<String> {
    // A pattern is no file.
    if file.contains(['*', '{']) {
        return None;
    }
    let base = view.snapshot.facets.files_url.as_deref()?;
    let mut url = format!("{}/", base.trim_end_matches('/'));
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                url.push(char::from(byte));
            }
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    if let Some(line) = line {
        url.push_str(&format!("#L{line}"));
    }
    Some(url)
}
