//! What is posted on the tracking issue: counts and links, and what approves them. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Proposal;
use crate::{
    model::{State, SubjectKind},
    pack::lifecycle::CleanupPolicy,
};

/// The facts of the template `cleanup/list`. `owners` are handles with `@`, `me` is Steward's own.
///
/// Items are counted and not named: GitLab would tell each of two thousand that it was mentioned.
pub fn facts(
    proposal: &Proposal,
    policy: &CleanupPolicy,
    owners: &[String],
    me: &str,
    until: DateTime<Utc>,
) -> Value {
    let mut places: BTreeMap<&str, (u64, u64, &str)> = BTreeMap::new();
    for item in proposal.open() {
        let url = item.url.split_once("/-/").map_or("", |(project, _)| project);
        let place = places.entry(&item.subject.project).or_insert((0, 0, url));
        match item.subject.kind {
            SubjectKind::MergeRequest => place.1 += 1,
            SubjectKind::Issue | SubjectKind::Epic => place.0 += 1,
        }
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("label_name[]", proposal.label.name.as_str());
    let query = query.finish();
    let places: Vec<Value> = places
        .into_iter()
        .map(|(project, (issues, merge_requests, url))| {
            json!({
                "project": project,
                "issues": issues,
                "merge_requests": merge_requests,
                "issues_url": format!("{url}/-/issues?{query}"),
                "merge_requests_url": format!("{url}/-/merge_requests?{query}"),
            })
        })
        .collect();
    let open = proposal.open().count();
    json!({
        "label": proposal.label.name,
        "open": open,
        "closed": proposal.items.iter().filter(|item| item.state != State::Open).count(),
        "places": places,
        "canary": policy.canary.min(open),
        "pause": policy.pause.num_minutes(),
        "me": me,
        "id": proposal.id,
        "until": until.format("%Y-%m-%d %H:%M UTC").to_string(),
        "owners": owners.join(" "),
        "managers": policy.release_managers,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

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
        let facts = facts(&proposal, &policy, &owners, "steward", at + TimeDelta::days(7));
        let keys = |facts: &Value| {
            let object = facts.as_object().expect("an object");
            object.keys().cloned().collect::<Vec<_>>()
        };
        let sample = crate::plan::rehearsed_cleanup::sample("@a/owners");
        assert_eq!(keys(&facts), keys(&sample), "the rehearsal knows the same facts");
        assert_eq!(keys(&facts["places"][0]), keys(&sample["places"][0]));
        let text = pack.words.comment("cleanup/list", facts).expect("a text");
        insta::assert_snapshot!(text);
    }
}
