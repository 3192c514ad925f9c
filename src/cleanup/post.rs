//! What is posted on the tracking issue: counts and links, and what approves them. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Proposal;
use crate::{
    model::{State, SubjectKind},
    pack::lifecycle::CleanupPolicy,
};

/// What the list tells of the forge on which it is posted.
pub struct OnForge<'a> {
    /// Steward's own handle, without `@`.
    pub me: &'a str,
    /// Whether labels can be put aside there.
    pub archives: bool,
    /// Where people see the items of a kind in a project that carry the label.
    pub list: &'a dyn Fn(&str, SubjectKind) -> String,
}

impl std::fmt::Debug for OnForge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnForge").field("me", &self.me).finish_non_exhaustive()
    }
}

/// The facts of the template `cleanup/list`. `owners` are handles with `@`.
///
/// Items are counted and not named: the forge would tell each of two thousand that it was mentioned.
pub fn facts(
    proposal: &Proposal,
    policy: &CleanupPolicy,
    owners: &[String],
    forge: &OnForge<'_>,
) -> Value {
    let mut places: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for item in proposal.open() {
        let place = places.entry(&item.subject.project).or_insert((0, 0));
        match item.subject.kind {
            SubjectKind::MergeRequest => place.1 += 1,
            SubjectKind::Issue | SubjectKind::Epic => place.0 += 1,
        }
    }
    let places: Vec<Value> = places
        .into_iter()
        .map(|(project, (issues, merge_requests))| {
            json!({
                "project": project,
                "issues": issues,
                "merge_requests": merge_requests,
                "issues_url": (forge.list)(project, SubjectKind::Issue),
                "merge_requests_url": (forge.list)(project, SubjectKind::MergeRequest),
            })
        })
        .collect();
    let open = proposal.open().count();
    let until = proposal.posted_at + policy.window;
    json!({
        "label": proposal.label.name,
        "open": open,
        "closed": proposal.items.iter().filter(|item| item.state != State::Open).count(),
        "places": places,
        "canary": policy.canary.min(open),
        "pause": policy.pause.num_minutes(),
        "me": forge.me,
        "archives": forge.archives,
        "merge_request": proposal.tracking.forge.merge_request(),
        "delete_after": policy.delete_after.days(),
        "next_milestone": policy.delete_after.days().is_none(),
        "id": proposal.id,
        "until": until.format("%Y-%m-%d %H:%M UTC").to_string(),
        "owners": owners.join(" "),
        "managers": policy.release_managers,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::{
        cleanup::Kept,
        forge::{LabelDefinition, LabelPlace},
        model::Subject,
        pack::Pack,
        policy::PolicySource,
    };

    #[test]
    fn the_list_counts_and_links_and_says_who_approves() {
        let pack = Pack::load(&PolicySource::built_in()).unwrap_or_else(|e| panic!("{e}"));
        let policy = pack.lifecycle.cleanup.clone().expect("built in");
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let kept = |subject: Subject, state| Kept {
            url: format!("https://gitlab.example.com/{}/-/issues/1", subject.project),
            subject,
            state,
            labels: vec!["Integration::Flowdock".into()],
            updated_at: at,
        };
        let items = vec![
            kept(Subject::gitlab_issue("a/b", 1), State::Open),
            kept(Subject::gitlab_issue("a/b", 2), State::Closed),
            kept(Subject::gitlab_merge_request("a/b", 1), State::Open),
            kept(Subject::gitlab_issue("a/c", 1), State::Open),
        ];
        let label = LabelDefinition {
            place: LabelPlace::Group("a".into()),
            name: "Integration::Flowdock".into(),
            color: "#428BCA".into(),
            description: None,
            archived: false,
        };
        let tracking = Subject::gitlab_issue("a/b", 9);
        let proposal = Proposal::new("flowdock", label, tracking, at, items);
        let owners = ["@a/owners".to_owned()];
        let list = |project: &str, kind| {
            let page = if kind == SubjectKind::Issue { "issues" } else { "merge_requests" };
            format!(
                "https://gitlab.example.com/{project}/-/{page}?label_name%5B%5D=Integration%3A%3AFlowdock"
            )
        };
        let archived = OnForge { me: "steward", archives: true, list: &list };
        let told = facts(&proposal, &policy, &owners, &archived);
        let keys = |facts: &Value| {
            let object = facts.as_object().expect("an object");
            object.keys().cloned().collect::<Vec<_>>()
        };
        let sample = crate::plan::rehearsed_cleanup::sample("@a/owners", true);
        assert_eq!(keys(&told), keys(&sample), "the rehearsal knows the same facts");
        assert_eq!(keys(&told["places"][0]), keys(&sample["places"][0]));
        let text = pack.words.comment("cleanup/list", told).expect("a text");
        insta::assert_snapshot!(text);

        // On a forge without archived labels it says what becomes of the label instead.
        let mut github = proposal;
        github.tracking = Subject::github_issue("a/b", 9);
        let told = facts(&github, &policy, &owners, &OnForge { archives: false, ..archived });
        let text = pack.words.comment_on(github.tracking.forge, "cleanup/list", told);
        let text = text.expect("a text");
        for part in ["| Open pull requests |", "it may be deleted when the next milestone begins"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("is archived"), "{text}");
    }
}
