//! Check runs: what a GitHub App says about a commit, with a report and notes on lines. Only an App
//! whose installation may write checks can set them (GitHub, "Checks").
//!
//! GitHub creates another check run each time it is asked to, and adds annotations to those that are
//! there. So the one that is there is looked for first, and `external_id` says what Steward put into
//! it: what is so already is not sent again, also after a request whose outcome nobody knows.
//!
//! It also names the pull request, since the webhook about a check run names none when its commit came
//! from a fork.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    payload::nullable,
    read::{call, unsupported},
    transport::Transport,
};
use crate::{
    forge::{CommitStatus, ForgeError},
    model::{
        Annotation, Snapshot, StandingStatus, StatusReport, StatusState, Subject, SubjectKind,
        Weight,
    },
};

/// The longest summary, in characters (GitHub's OpenAPI description, `checks/create`).
const LONGEST_SUMMARY: usize = 65_535;
/// So many annotations a request takes (ibid.). What is beyond stands in the summary.
const MOST_ANNOTATIONS: usize = 50;
/// What the key of a check run of Steward's begins with: `steward:CONTENT:ANNOTATIONS:PULL`.
const OURS: &str = "steward:";
/// Stands for no annotations in a key.
const NONE: &str = "-";

#[derive(Debug, Deserialize)]
struct List {
    #[serde(default, deserialize_with = "nullable")]
    check_runs: Vec<Run>,
}

/// A check run, as far as Steward reads it.
#[derive(Debug, Clone, Deserialize)]
struct Run {
    id: u64,
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    status: String,
    #[serde(default, deserialize_with = "nullable")]
    conclusion: String,
    #[serde(default, deserialize_with = "nullable")]
    external_id: String,
}

impl Run {
    /// What it says; one that waits for its beginning or its end says nothing yet.
    fn state(&self) -> StatusState {
        match (self.status.as_str(), self.conclusion.as_str()) {
            ("completed", "success" | "neutral" | "skipped") => StatusState::Success,
            ("completed", _) => StatusState::Failed,
            _ => StatusState::Pending,
        }
    }

    /// What it says and what was annotated, each as a hash; empty for one that Steward did not make.
    fn content(&self) -> (&str, &str) {
        let key = self.external_id.strip_prefix(OURS).unwrap_or_default();
        let mut parts = key.split(':');
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }

    /// What was annotated; empty for one that Steward did not make.
    fn annotated(&self) -> &str {
        self.content().1
    }
}

/// The number of the pull request for which Steward made a check run, by its `external_id`. Those from
/// before it was written there, and other Apps', name none.
pub(super) fn pull_of(external_id: &str) -> Option<u64> {
    let mut parts = external_id.strip_prefix(OURS)?.split(':').skip(2);
    let number = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(number)
}

/// The newest check runs of this App on a commit, one of each name.
async fn runs(
    transport: &Transport,
    subject: &Subject,
    commit: &str,
    name: Option<&str>,
) -> Result<Vec<Run>, ForgeError> {
    let path = ["commits", commit, "check-runs"];
    let mut ask = call(transport, Method::GET, &subject.project, &path)?.query("filter", "latest");
    if let Some(app) = transport.app() {
        ask = ask.query("app_id", &app.to_string());
    }
    if let Some(name) = name {
        ask = ask.query("check_name", name);
    }
    let list: List = transport.json(ask.query("per_page", "100")).await.map_err(no_commit)?;
    let mut runs = list.check_runs;
    runs.retain(|run| run.external_id.starts_with(OURS));
    runs.sort_by_key(|run| std::cmp::Reverse(run.id));
    let mut had = std::collections::BTreeSet::new();
    runs.retain(|run| had.insert(run.name.clone()));
    Ok(runs)
}

/// What Steward's own check runs on the newest commit say now.
pub(super) async fn standing(
    transport: &Transport,
    snapshot: &Snapshot,
) -> Result<Vec<StandingStatus>, ForgeError> {
    let Some(head) = snapshot.head.as_deref() else { return Ok(Vec::new()) };
    let runs = runs(transport, &snapshot.subject, head, None).await?;
    let standing = |run: Run| StandingStatus { state: run.state(), name: run.name };
    Ok(runs.into_iter().map(standing).collect())
}

pub(super) async fn set(
    transport: &Transport,
    subject: &Subject,
    status: &CommitStatus,
    report: &StatusReport,
) -> Result<(), ForgeError> {
    if subject.kind == SubjectKind::Epic {
        return Err(unsupported(subject));
    }
    let notes = &report.annotations[..report.annotations.len().min(MOST_ANNOTATIONS)];
    let annotated = match notes {
        [] => NONE.to_owned(),
        notes => hash(&[&format!("{notes:?}")]),
    };
    let content = [format!("{:?}", status.state), status.text.clone(), report.summary.clone()];
    let content = hash(&content.each_ref().map(String::as_str));
    let key = format!("{OURS}{content}:{annotated}:{}", subject.number);
    let there = runs(transport, subject, &status.commit, Some(&status.name)).await?;
    let there = there.into_iter().find(|run| run.name == status.name);
    // A commit may be the newest of two pull requests: whichever is named will do.
    let same = |run: &Run| {
        run.content() == (content.as_str(), annotated.as_str())
            && pull_of(&run.external_id).is_some()
            && run.state() == status.state
    };
    if there.as_ref().is_some_and(same) {
        return Ok(());
    }
    let mut output = json!({
        "title": status.text,
        "summary": shortened(&report.summary),
    });
    let mut body = json!({ "external_id": key, "status": "completed" });
    match status.state {
        StatusState::Pending => body["status"] = "in_progress".into(),
        StatusState::Success => body["conclusion"] = "success".into(),
        StatusState::Failed => body["conclusion"] = "failure".into(),
    }
    // Annotations are added and never taken back: other ones need another check run, which takes
    // the place of the one before.
    let kept = there.filter(|run| run.annotated() == annotated || run.annotated() == NONE);
    if !notes.is_empty() && kept.as_ref().is_none_or(|run| run.annotated() != annotated) {
        output["annotations"] = notes.iter().map(annotation).collect();
    }
    body["output"] = output;
    let write = match kept {
        Some(run) => {
            let path = ["check-runs", &run.id.to_string()];
            call(transport, Method::PATCH, &subject.project, &path)?
        }
        None => {
            body["name"] = status.name.as_str().into();
            body["head_sha"] = status.commit.as_str().into();
            call(transport, Method::POST, &subject.project, &["check-runs"])?
        }
    };
    transport.send(write.body(body)).await.map_err(no_commit)?;
    Ok(())
}

fn annotation(note: &Annotation) -> Value {
    json!({
        "path": note.path,
        "start_line": note.line,
        "end_line": note.line,
        "annotation_level": match note.weight {
            Weight::Required => "failure",
            Weight::Advice => "notice",
        },
        "title": note.title,
        "message": note.message,
    })
}

/// A summary in the length that GitHub takes, cut at the end of a line.
fn shortened(summary: &str) -> &str {
    match summary.char_indices().nth(LONGEST_SUMMARY) {
        None => summary,
        Some((end, _)) => {
            let start = &summary[..end];
            start.rfind('\n').map_or(start, |line| &start[..line])
        }
    }
}

/// A commit that is not there (any more).
fn no_commit(error: ForgeError) -> ForgeError {
    match error {
        ForgeError::Refused { request, status: 422, message }
            if message.contains("No commit found") =>
        {
            ForgeError::NotFound { request, message }
        }
        other => other,
    }
}

/// The first eight bytes are enough to tell apart what one check says at two times.
fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_is_cut_at_the_end_of_a_line() {
        let fits = "🦀".repeat(LONGEST_SUMMARY);
        assert_eq!(shortened(&fits), fits);
        let long = format!("{}\nlast", "🦀".repeat(LONGEST_SUMMARY - 2));
        assert_eq!(shortened(&long).chars().count(), LONGEST_SUMMARY - 2);
        assert_eq!(shortened(&"x".repeat(LONGEST_SUMMARY + 9)).len(), LONGEST_SUMMARY);
    }

    #[test]
    fn what_a_check_run_says_is_read_leniently() {
        let run = |value: Value| serde_json::from_value::<Run>(value).expect("a check run");
        for (status, conclusion, state) in [
            ("completed", "success", StatusState::Success),
            ("completed", "failure", StatusState::Failed),
            ("completed", "invented", StatusState::Failed),
            ("queued", "", StatusState::Pending),
            ("invented", "", StatusState::Pending),
        ] {
            let one = json!({ "id": 1, "status": status, "conclusion": conclusion });
            assert_eq!(run(one).state(), state, "{status} {conclusion}");
        }
        let of = |key: &str| run(json!({ "id": 1, "external_id": key })).annotated().to_owned();
        let keys = ["steward:a:b", "steward:a:-", "steward:a:b:7", "a:b"];
        assert_eq!(keys.map(of), ["b", "-", "b", ""]);
        assert_eq!(pull_of("steward:a:b:7"), Some(7));
        for odd in [
            "",
            "7",
            "steward:",
            "steward:a:b",
            "steward:a:b:",
            "steward:a:b:x",
            "a:b:c:7",
            "steward:a:b:7:8",
            "steward:a:b:-7",
        ] {
            assert_eq!(pull_of(odd), None, "{odd}");
        }
        assert_eq!(run(json!({ "id": 1, "name": null, "conclusion": null })).name, "");
    }
}
