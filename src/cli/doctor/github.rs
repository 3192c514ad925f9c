//! A GitHub in the doctor's eyes: the account, the repositories, their webhooks and labels.

use std::collections::BTreeSet;

use super::{
    github_app,
    report::{Check, Report},
};
use crate::{
    forge::{
        Forge, ForgeError,
        github::{GithubForge, HookInfo, leads_here},
    },
    model::LabelName,
    pack::Pack,
    settings::Settings,
};

/// What Steward must be told of, by GitHub's names.
pub(super) const EVENTS: [&str; 3] = ["issues", "issue_comment", "pull_request"];
const ADD_HOOK: &str = "add one in the repository's Settings > Webhooks: URL \
    https://<steward>/hooks/github, content type application/json, the secret of the environment, \
    events Issues, Issue comments, Pull requests";
/// So many labels are looked up: each costs a call.
const MOST_LABELS: usize = 100;

/// The account. Answers whether there is any use in going on.
pub(super) async fn account(forge: &GithubForge, settings: &Settings, report: &mut Report) -> bool {
    let url = &settings.github.url;
    match forge.me().await {
        Ok(me) => {
            let way = if forge.is_app() { "as a GitHub App" } else { "by a token" };
            report.tell(Check::fine(format!(
                "{url} answers; Steward is @{} there, let in {way}",
                me.username
            )));
            true
        }
        Err(error @ ForgeError::Unauthorized { .. }) => {
            report.tell(Check::wrong(
                error.to_string(),
                "create a new token of the bot's account, or a new private key of the App, and \
                 check that `app_id` is the App's",
            ));
            false
        }
        Err(error) => {
            report.tell(Check::wrong(error.to_string(), "check `url` in [github] and the network"));
            false
        }
    }
}

/// Whether Steward can look after a repository, to which a webhook may be looked for. Where the App's own
/// leads to Steward, the repository needs none.
pub(super) async fn repository(
    forge: &GithubForge,
    pack: &Pack,
    path: &str,
    (hook, app_is_told): (Option<&str>, bool),
    report: &mut Report,
) {
    let info = match forge.repository(path).await {
        Ok(info) => info,
        Err(error) => {
            report.tell(Check::wrong(
                format!("{path}: {error}"),
                "check the name, and install the App there or add the bot's account",
            ));
            return;
        }
    };
    let check = if info.archived {
        Check::wrong(
            format!("{path} is archived and takes no labels or comments"),
            "unarchive it, or take it off the list",
        )
    } else if info.permissions.push {
        Check::fine(format!("{path}: may write"))
    } else if info.permissions.triage {
        Check::note(
            format!("{path}: may triage, and set no statuses"),
            "give the bot's account the role Write if a policy sets statuses",
        )
    } else {
        Check::wrong(
            format!("{path}: may only read"),
            "give the bot's account the role Triage or higher (Write for commit statuses)",
        )
    };
    // What an App may do is told by its installation, and by the repository only in part.
    if info.archived || !forge.is_app() {
        report.tell(check);
    }
    if forge.is_app() {
        github_app::installation(forge, path, app_is_told, report).await;
    }
    if !app_is_told {
        match forge.hooks(path).await {
            Ok(hooks) => report.tell(webhook(path, &hooks, hook)),
            Err(error) => report.tell(Check::note(
                format!("{path}: the webhooks cannot be read: {error}"),
                "only administrators see them; check them in Settings > Webhooks",
            )),
        }
    }
    labels(forge, pack, path, report).await;
}

/// The events without which Steward is blind.
fn webhook(path: &str, hooks: &[HookInfo], address: Option<&str>) -> Check {
    let ours = hooks.iter().find(|hook| leads_here(&hook.url, address));
    let Some(hook) = ours else {
        return match address {
            Some(address) => {
                let shown = address.split(['?', '#']).next().unwrap_or_default();
                Check::wrong(format!("{path}: no webhook leads to {shown}"), ADD_HOOK)
            }
            None => Check::note(
                format!("{path}: none of the repository's webhooks leads to Steward"),
                format!("look whether the organization has one; if not, {ADD_HOOK}"),
            ),
        };
    };
    let sent = |event: &str| hook.events.iter().any(|one| one == "*" || one == event);
    let missing: Vec<&str> = EVENTS.into_iter().filter(|event| !sent(event)).collect();
    if !hook.active {
        Check::wrong(
            format!("{path}: webhook {} is switched off", hook.url),
            "tick Active in Settings > Webhooks",
        )
    } else if missing.is_empty() {
        Check::fine(format!("{path}: webhook {} sends what is needed", hook.url))
    } else {
        Check::wrong(
            format!("{path}: webhook {} does not send {}", hook.url, missing.join(", ")),
            "tick these events in Settings > Webhooks",
        )
    }
}

/// Whether the labels of owners and stages are there.
async fn labels(forge: &GithubForge, pack: &Pack, path: &str, report: &mut Report) {
    let mut wanted = BTreeSet::new();
    for integration in pack.catalog.integrations() {
        let Some(group) = pack.catalog.owner(integration) else { continue };
        wanted.extend(group.label_name());
        let stage = pack.catalog.stage_of(&group.key).filter(|_| pack.routing.label_stage);
        wanted.extend(stage.map(|stage| LabelName::new(&stage.label)));
    }
    let total = wanted.len();
    let mut missing = Vec::new();
    for label in wanted.into_iter().take(MOST_LABELS) {
        match forge.label_exists(path, &label).await {
            Ok(Some(_)) => {}
            Ok(None) => missing.push(label.to_string()),
            Err(error) => {
                let what = format!("{path}: labels cannot be read: {error}");
                report.tell(Check::wrong(what, "try again"));
                return;
            }
        }
    }
    match (total, missing.len()) {
        // The owners have no labels.
        (0, _) => {}
        (_, 0) => {
            let looked = total.min(MOST_LABELS);
            report.tell(Check::fine(format!(
                "{path}: {looked} of {total} labels of groups and stages were looked up, and are there"
            )));
        }
        (_, count) => report.tell(
            Check::wrong(
                format!("{path}: {count} labels are missing:"),
                "create them in the repository, or correct them in catalog/groups.yml; Steward \
                 creates none",
            )
            .listing(missing),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::report::Verdict, *};

    #[test]
    fn a_webhook_must_be_there_send_everything_and_be_on() {
        let events = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let hook = HookInfo {
            id: 1,
            url: "https://steward.example/hooks/github".into(),
            active: true,
            events: events(&EVENTS),
        };
        let check = |hook: &HookInfo| webhook("o/p", std::slice::from_ref(hook), None).verdict;
        assert_eq!(check(&hook), Verdict::Fine);
        assert_eq!(check(&HookInfo { events: events(&["*"]), ..hook.clone() }), Verdict::Fine);
        assert_eq!(
            check(&HookInfo { events: events(&["issues"]), ..hook.clone() }),
            Verdict::Wrong
        );
        assert_eq!(check(&HookInfo { active: false, ..hook.clone() }), Verdict::Wrong);
        // A webhook of the organization may do the work.
        assert_eq!(webhook("o/p", &[], None).verdict, Verdict::Note);
        let asked = webhook("o/p", &[hook], Some("https://other.example/hooks/github?s=hunter2"));
        assert_eq!(asked.verdict, Verdict::Wrong);
        assert!(!asked.what.contains("hunter2"));
    }
}
