//! `steward doctor`: is everything there that Steward needs, and if not, what to do.

use std::{collections::BTreeSet, process::ExitCode};

use chrono::{NaiveDate, Utc};
use clap::Args;
use futures::{StreamExt, stream};

use super::{CliError, log, out::say};
use crate::{
    app::{self, StartError},
    forge::{
        Forge, ForgeError,
        gitlab::{GitlabForge, HookInfo, TokenInfo},
    },
    model::LabelName,
    pack::Pack,
    settings::{Secrets, Settings},
};

/// GitLab's access level from which labels may be set (Reporter; Planner is 15).
const MAY_LABEL: u64 = 15;
/// A token that ends within this many days is worth a word.
const SOON_DAYS: i64 = 30;
/// Look-ups of labels at the same time: a doctor must not eat the budget of calls.
const SIDE_BY_SIDE: usize = 8;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Projects to check [default: `projects` in [gitlab] of the settings]
    projects: Vec<String>,
    /// The address under which GitLab reaches this Steward, to find its webhook by
    #[arg(long, value_name = "URL")]
    hook: Option<String>,
}

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq)]
struct Check {
    verdict: Verdict,
    what: String,
    /// What to do about it.
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Warning,
    Wrong,
}

impl Check {
    fn fine(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, what: what.into(), remedy: None }
    }

    fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, what: what.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, what: what.into(), remedy: Some(remedy.into()) }
    }
}

/// Checks everything; exit code 1 when something is wrong.
pub(super) async fn run(
    args: DoctorArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let colour = log::colour_on_stdout();
    let mut wrong = 0;
    let mut tell = |check: Check| {
        let (sign, code) = match check.verdict {
            Verdict::Fine => ("ok   ", "32"),
            Verdict::Warning => ("note ", "33"),
            Verdict::Wrong => ("WRONG", "31"),
        };
        let sign = if colour { format!("\u{1b}[{code}m{sign}\u{1b}[0m") } else { sign.to_owned() };
        say!("{sign}  {}", check.what);
        if let Some(remedy) = check.remedy {
            say!("       -> {remedy}");
        }
        wrong += usize::from(check.verdict == Verdict::Wrong);
    };

    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    tell(Check::fine(format!(
        "policies {}: {} integrations, {} groups",
        pack.version,
        pack.catalog.integrations().len(),
        pack.catalog.groups().count()
    )));
    let webhook_secrets =
        secrets.gitlab_webhook_secrets.len() + secrets.gitlab_signing_tokens.len();
    tell(match webhook_secrets {
        0 => Check::wrong(
            "no webhook secret is set, so `steward serve` does not start",
            "set STEWARD_GITLAB_SIGNING_TOKEN (GitLab 19.0 and later) or \
             STEWARD_GITLAB_WEBHOOK_SECRET",
        ),
        count => Check::fine(format!("{count} webhook secret(s) set")),
    });
    let forge = app::gitlab(&settings, secrets.gitlab_token)?;
    if account(&forge, &settings, &mut tell).await {
        let projects =
            if args.projects.is_empty() { settings.gitlab.projects } else { args.projects };
        if projects.is_empty() {
            tell(Check::warning(
                "no project was named, so webhooks and labels were not checked",
                "name them: `steward doctor group/project`, or `projects` in [gitlab]",
            ));
        }
        for path in projects {
            project(&forge, &pack, &path, args.hook.as_deref(), &mut tell).await;
        }
    }
    say!("");
    Ok(match wrong {
        0 => {
            say!("All is there that Steward needs.");
            ExitCode::SUCCESS
        }
        count => {
            say!("{count} thing(s) must be mended.");
            ExitCode::FAILURE
        }
    })
}

/// GitLab and the account. Answers whether there is any use in going on.
async fn account(forge: &GitlabForge, settings: &Settings, tell: &mut impl FnMut(Check)) -> bool {
    let url = &settings.gitlab.url;
    match forge.me().await {
        Ok(me) => tell(Check::fine(format!("{url} answers; Steward is @{} there", me.username))),
        Err(error @ ForgeError::Unauthorized { .. }) => {
            tell(Check::wrong(
                error.to_string(),
                "create a new access token of the bot's account with the scope `api`",
            ));
            return false;
        }
        Err(error) => {
            tell(Check::wrong(error.to_string(), "check `url` in [gitlab] and the network"));
            return false;
        }
    }
    match forge.version().await {
        Ok(version) => tell(Check::fine(format!("GitLab {}", version.version))),
        Err(error) => tell(Check::warning(
            format!("the version is not told: {error}"),
            "nothing to do; it is only for this report",
        )),
    }
    match forge.token_info().await {
        Ok(info) => token(&info, Utc::now().date_naive()).into_iter().for_each(tell),
        Err(error) => tell(Check::warning(
            format!("the token's scopes are not told: {error}"),
            "make sure that it has the scope `api`",
        )),
    }
    true
}

fn token(info: &TokenInfo, today: NaiveDate) -> Vec<Check> {
    let scopes = info.scopes.join(", ");
    let mut checks = vec![if info.scopes.iter().any(|scope| scope == "api") {
        Check::fine(format!("token `{}` has the scope api", info.name))
    } else {
        Check::wrong(
            format!("token `{}` has only the scopes: {scopes}", info.name),
            "create one with the scope `api`: labels and comments cannot be written otherwise",
        )
    }];
    if let Some(end) = info.expires_at {
        let days = (end - today).num_days();
        if days <= SOON_DAYS {
            checks.push(Check::warning(
                format!("the token ends on {end}, in {days} days"),
                "rotate it in GitLab and restart Steward with the new one",
            ));
        }
    }
    checks
}

async fn project(
    forge: &GitlabForge,
    pack: &Pack,
    path: &str,
    hook: Option<&str>,
    tell: &mut impl FnMut(Check),
) {
    let info = match forge.project(path).await {
        Ok(info) => info,
        Err(error) => {
            tell(Check::wrong(
                format!("{path}: {error}"),
                "check the path, and add the bot's account to the project or its group",
            ));
            return;
        }
    };
    tell(match info.access_level {
        _ if info.archived => Check::wrong(
            format!("{path} is archived and takes no labels or comments"),
            "unarchive it, or take it off the list",
        ),
        Some(level) if level >= MAY_LABEL => Check::fine(format!("{path}: access level {level}")),
        level => Check::wrong(
            format!("{path}: access level {}", level.map_or("none".into(), |l| l.to_string())),
            "give the bot's account the role Reporter or higher (Developer for commit statuses)",
        ),
    });
    match forge.hooks(path).await {
        Ok(hooks) => webhook(path, &hooks, hook).into_iter().for_each(&mut *tell),
        Err(error) => tell(Check::warning(
            format!("{path}: the webhooks cannot be read: {error}"),
            "only maintainers see them; check them in Settings > Webhooks",
        )),
    }
    labels(forge, pack, path, tell).await;
}

/// The events without which Steward is blind.
fn webhook(path: &str, hooks: &[HookInfo], address: Option<&str>) -> Vec<Check> {
    let ours = hooks.iter().find(|hook| match address {
        Some(address) => hook.url.trim_end_matches('/') == address.trim_end_matches('/'),
        None => hook.url.trim_end_matches('/').ends_with("/hooks/gitlab"),
    });
    let Some(hook) = ours else {
        return vec![Check::wrong(
            format!("{path}: no webhook leads to Steward"),
            "add one in Settings > Webhooks: URL https://<steward>/hooks/gitlab, events Issues, \
             Confidential issues, Merge requests, Comments, Emoji; secret as in the environment \
             (a webhook of the group works too, and is not seen here)",
        )];
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
async fn labels(forge: &GitlabForge, pack: &Pack, path: &str, tell: &mut impl FnMut(Check)) {
    let mut wanted = BTreeSet::new();
    for integration in pack.catalog.integrations() {
        let Some(group) = pack.catalog.owner(integration) else { continue };
        wanted.insert(group.label_name());
        let stage = pack.catalog.stage_of(&group.key).filter(|_| pack.routing.label_stage);
        wanted.extend(stage.map(|stage| LabelName::new(&stage.label)));
    }
    let total = wanted.len();
    let found: Vec<_> = stream::iter(wanted)
        .map(|label| async move { (forge.label_exists(path, &label).await, label) })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    let mut missing = Vec::new();
    for (there, label) in found {
        match there {
            Ok(Some(_)) => {}
            Ok(None) => missing.push(format!("\"{label}\"")),
            Err(error) => {
                tell(Check::wrong(format!("{path}: labels cannot be read: {error}"), "try again"));
                return;
            }
        }
    }
    missing.sort();
    tell(if missing.is_empty() {
        Check::fine(format!("{path}: all {total} labels of groups and stages are there"))
    } else {
        Check::wrong(
            format!(
                "{path}: {} of {total} labels are missing: {}",
                missing.len(),
                missing.join(", ")
            ),
            "create them in the group, or correct them in catalog/groups.yml; Steward creates none",
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(scopes: &[&str], expires_at: Option<&str>) -> TokenInfo {
        TokenInfo {
            name: "steward".into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_at: expires_at.map(|date| date.parse().expect("a date")),
        }
    }

    fn verdicts(checks: &[Check]) -> Vec<Verdict> {
        checks.iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn a_token_needs_the_scope_and_time() {
        let today = "2026-11-21".parse().expect("a date");
        let check = |scopes: &[&str], end| verdicts(&token(&info(scopes, end), today));
        assert_eq!(check(&["api"], None), [Verdict::Fine]);
        assert_eq!(check(&["read_api"], None), [Verdict::Wrong]);
        assert_eq!(check(&["api"], Some("2026-12-01")), [Verdict::Fine, Verdict::Warning]);
        assert_eq!(check(&["api"], Some("2027-11-01")), [Verdict::Fine]);
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
        assert_eq!(verdicts(&webhook("a/b", &[], None)), [Verdict::Wrong]);
        assert_eq!(check(&hook), [Verdict::Fine]);
        assert_eq!(check(&HookInfo { note_events: false, ..hook.clone() }), [Verdict::Wrong]);
        let off = HookInfo { alert_status: "disabled".into(), ..hook.clone() };
        assert_eq!(check(&off), [Verdict::Fine, Verdict::Wrong]);
        let elsewhere = webhook("a/b", &[hook], Some("https://other.example/hooks/gitlab"));
        assert_eq!(verdicts(&elsewhere), [Verdict::Wrong]);
    }
}
