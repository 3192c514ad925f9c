//! A project in the doctor's eyes: the bot's role, the webhook, the labels.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};

use super::report::{Check, Report};
use crate::{
    forge::gitlab::{GitlabForge, HookInfo},
    model::LabelName,
    pack::Pack,
};

/// GitLab's access level from which labels may be set (Reporter; Planner is 15).
const MAY_LABEL: u64 = 15;
/// Look-ups of labels at the same time: a doctor must not eat the budget of calls.
const SIDE_BY_SIDE: usize = 8;
const ADD_HOOK: &str = "add one in the project's Settings > Webhooks: URL \
    https://<steward>/hooks/gitlab, events Issues, Confidential issues, Merge requests, Comments, \
    Emoji; secret as in the environment";

/// Whether Steward can look after a project.
pub(super) async fn project(
    forge: &GitlabForge,
    pack: &Pack,
    path: &str,
    hook: Option<&str>,
    report: &mut Report,
) {
    let info = match forge.project(path).await {
        Ok(info) => info,
        Err(error) => {
            report.tell(Check::wrong(
                format!("{path}: {error}"),
                "check the path, and add the bot's account to the project or its group",
            ));
            return;
        }
    };
    report.tell(match info.access_level {
        _ if info.archived => Check::wrong(
            format!("{path} is archived and takes no labels or comments"),
            "unarchive it, or take it off the list",
        ),
        Some(level) if level >= MAY_LABEL => Check::fine(format!("{path}: {}", role(level))),
        level => Check::wrong(
            format!("{path}: {}", level.map_or("no role".to_owned(), role)),
            "give the bot's account the role Reporter or higher (Developer for commit statuses)",
        ),
    });
    match forge.hooks(path).await {
        Ok(hooks) => report.tell_all(webhook(path, &hooks, hook)),
        Err(error) => report.tell(Check::note(
            format!("{path}: the webhooks cannot be read: {error}"),
            "only maintainers see them; check them in Settings > Webhooks",
        )),
    }
    labels(forge, pack, path, report).await;
}

/// The events without which Steward is blind.
fn webhook(path: &str, hooks: &[HookInfo], address: Option<&str>) -> Vec<Check> {
    let ours = hooks.iter().find(|hook| match address {
        Some(address) => hook.url.trim_end_matches('/') == address.trim_end_matches('/'),
        None => hook.url.trim_end_matches('/').ends_with("/hooks/gitlab"),
    });
    let Some(hook) = ours else {
        return vec![match address {
            Some(address) => Check::wrong(
                format!("{path}: none of the project's webhooks leads to {}", bare(address)),
                ADD_HOOK,
            ),
            // A group's webhook would do, and only the group's owners see those.
            None => Check::note(
                format!("{path}: none of the project's webhooks leads to Steward"),
                format!(
                    "look whether the group has one, in the group's Settings > Webhooks; if not, \
                     {ADD_HOOK}"
                ),
            ),
        }];
    };
    let missing: Vec<&str> = [
        (hook.issues_events, "Issues"),
        (hook.confidential_issues_events, "Confidential issues"),
        (hook.merge_requests_events, "Merge requests"),
        (hook.note_events, "Comments"),
    ]
    .into_iter()
    .filter_map(|(there, name)| (!there).then_some(name))
    .collect();
    let mut checks = vec![if missing.is_empty() {
        Check::fine(format!("{path}: webhook {} sends what is needed", hook.url))
    } else {
        Check::wrong(
            format!("{path}: webhook {} does not send {}", hook.url, missing.join(", ")),
            "tick these events in Settings > Webhooks",
        )
    }];
    if matches!(hook.alert_status.as_str(), "disabled" | "temporarily_disabled") {
        checks.push(Check::wrong(
            format!("{path}: GitLab has switched the webhook off ({})", hook.alert_status),
            "it failed too often; press Test in Settings > Webhooks while Steward runs",
        ));
    }
    checks
}

/// Whether the labels that the policies ask for are there.
async fn labels(forge: &GitlabForge, pack: &Pack, path: &str, report: &mut Report) {
    let mut wanted = BTreeSet::new();
    for integration in pack.catalog.integrations() {
        let Some(group) = pack.catalog.owner(integration) else { continue };
        wanted.extend(group.label_name());
        let stage = pack.catalog.stage_of(&group.key).filter(|_| pack.routing.label_stage);
        wanted.extend(stage.map(|stage| LabelName::new(&stage.label)));
    }
    let total = wanted.len();
    if total == 0 {
        // The owners have no labels.
        return;
    }
    let found: Vec<_> = stream::iter(wanted)
        .map(|label| async move { (forge.label_exists(path, &label).await, label) })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    let mut missing = Vec::new();
    for (there, label) in found {
        match there {
            Ok(Some(_)) => {}
            Ok(None) => missing.push(label.to_string()),
            Err(error) => {
                report.tell(Check::wrong(
                    format!("{path}: labels cannot be read: {error}"),
                    "try again",
                ));
                return;
            }
        }
    }
    missing.sort();
    report.tell(if missing.is_empty() {
        Check::fine(format!("{path}: all {total} labels of groups and stages are there"))
    } else {
        Check::wrong(
            match missing.len() {
                1 => format!("{path}: 1 of {total} labels is missing:"),
                count => format!("{path}: {count} of {total} labels are missing:"),
            },
            "create them in the group, or correct them in catalog/groups.yml; Steward creates none",
        )
        .listing(missing)
    });
}

/// GitLab's name for an access level ("Members API", roles).
fn role(level: u64) -> String {
    let name = match level {
        5 => "Minimal Access",
        10 => "Guest",
        15 => "Planner",
        20 => "Reporter",
        30 => "Developer",
        40 => "Maintainer",
        50 => "Owner",
        other => return format!("access level {other}"),
    };
    format!("role {name}")
}

/// An address without what follows its path, where people keep secrets.
fn bare(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::report::Verdict, *};

    fn verdicts(checks: &[Check]) -> Vec<Verdict> {
        checks.iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn a_webhook_must_be_there_send_everything_and_be_on() {
        let hook = HookInfo {
            id: 1,
            url: "https://steward.example/hooks/gitlab".into(),
            issues_events: true,
            confidential_issues_events: true,
            merge_requests_events: true,
            note_events: true,
            emoji_events: false,
            enable_ssl_verification: true,
            alert_status: "executable".into(),
            disabled_until: None,
        };
        let check = |hook: &HookInfo| verdicts(&webhook("a/b", std::slice::from_ref(hook), None));
        // A webhook of the group may do the work.
        assert_eq!(verdicts(&webhook("a/b", &[], None)), [Verdict::Note]);
        let asked = webhook("a/b", &[], Some("https://steward.example/hooks/gitlab?s=hunter2"));
        assert_eq!(verdicts(&asked), [Verdict::Wrong]);
        assert!(!asked[0].what.contains("hunter2"));
        assert_eq!(check(&hook), [Verdict::Fine]);
        assert_eq!(check(&HookInfo { note_events: false, ..hook.clone() }), [Verdict::Wrong]);
        let off = HookInfo { alert_status: "disabled".into(), ..hook.clone() };
        assert_eq!(check(&off), [Verdict::Fine, Verdict::Wrong]);
        let elsewhere = webhook("a/b", &[hook], Some("https://other.example/hooks/gitlab"));
        assert_eq!(verdicts(&elsewhere), [Verdict::Wrong]);
    }
}
