//! The report beneath a status, on a forge that shows one.

use serde_json::json;

use crate::{
    model::StatusReport,
    plan::{Detail, comment::hash_of},
    rules::{ReportWanted, StatusWanted, Told, View},
    words::WordsError,
};

/// What a report says when its rule has none of its own, or one that is too long.
pub(crate) const PLAIN: &str = "checklists/status";

/// A report before it is put into words.
pub(super) struct Making<'a> {
    wanted: ReportWanted<'a>,
    text: String,
    /// Tells two reports apart.
    pub(super) hash: String,
}

impl<'a> Making<'a> {
    /// `None` where the forge shows none.
    pub(super) fn of(view: &View<'a>, status: &StatusWanted<'a>) -> Option<Self> {
        if !view.snapshot.facets.status_reports {
            return None;
        }
        let wanted = status.report.clone().unwrap_or_else(|| plain(&status.text));
        let facts = wanted.facts.to_bytes();
        let notes = serde_json::to_string(&wanted.annotations).unwrap_or_default();
        let of = [view.pack.words.version.as_str(), wanted.template, &notes].join("\n");
        let hash = hash_of(&format!("{of}\n{}", String::from_utf8_lossy(&facts)));
        Some(Self { wanted, text: status.text.clone(), hash })
    }

    /// Puts it into words; `None` where only an outline is asked for.
    pub(super) fn report(
        self,
        view: &View<'_>,
        detail: Detail,
    ) -> Result<Option<StatusReport>, WordsError> {
        if detail != Detail::Full || view.lacks_something() {
            return Ok(None);
        }
        let forge = view.snapshot.subject.forge;
        let say = |of: &ReportWanted<'_>| {
            view.pack.words.comment_on(forge, of.template, of.facts.to_value())
        };
        let summary = match say(&self.wanted) {
            Err(WordsError::TooLong(_)) => say(&plain(&self.text))?,
            said => said?,
        };
        Ok(Some(StatusReport { summary, annotations: self.wanted.annotations }))
    }
}

fn plain(text: &str) -> ReportWanted<'static> {
    let facts = Told::new(json!({ "text": text }));
    ReportWanted { template: PLAIN, facts, annotations: Vec::new() }
}
