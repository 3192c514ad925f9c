//! `steward doctor`: is everything there that Steward needs, and if not, what to do.

mod github;
mod github_app;
mod project;
mod report;

use std::process::ExitCode;

use chrono::{NaiveDate, Utc};
use clap::Args;

use report::{Check, Report};

use super::{
    CliError,
    out::{counted, say},
};
use crate::{
    app::{self, Client, StartError},
    forge::{
        Forge, ForgeError,
        github::GithubForge,
        gitlab::{GitlabForge, TokenInfo},
    },
    model::ForgeKind,
    pack::Pack,
    settings::{Secrets, Settings},
    terminal::Look,
};

/// A token that ends within this many days is worth a word.
const SOON_DAYS: i64 = 30;
/// So many names are shown of a list that may be long.
const FEW: usize = 10;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Projects to check [default: `projects` in [gitlab] or [github] of the settings]
    projects: Vec<String>,
    /// The address under which the forge reaches this Steward, to find its webhook by
    #[arg(long, value_name = "URL")]
    hook: Option<String>,
}

/// Checks everything; exit code 1 when something is wrong.
pub(super) async fn run(
    args: DoctorArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let mut report = Report::new(Look::of_stdout());
    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    report.tell_all(policies(&pack));
    report.tell(webhook_secrets(&secrets));
    match app::client(&settings, &secrets) {
        Ok(Client::Gitlab(forge)) => {
            if account(&forge, &settings, &mut report).await {
                projects(&forge, &pack, args, settings, &mut report).await;
            }
        }
        Ok(Client::Github(forge)) => {
            if github::account(&forge, &settings, &mut report).await {
                repositories(&forge, &pack, args, settings, &mut report).await;
            }
        }
        Err(StartError::NoToken) => report.tell(Check::wrong(
            "there is no token, so GitLab was not asked",
            "set STEWARD_GITLAB_TOKEN, or STEWARD_GITLAB_TOKEN_FILE to a file that holds it: an \
             access token of the bot's account with the scope `api`",
        )),
        Err(error) => report.tell(Check::wrong(
            error.to_string(),
            "correct it in the settings or in the environment",
        )),
    }
    say!("");
    Ok(match report.wrong {
        0 => {
            say!("All is there that Steward needs.");
            ExitCode::SUCCESS
        }
        count => {
            say!("{} to fix.", counted(count, "problem", "problems"));
            ExitCode::FAILURE
        }
    })
}

fn policies(pack: &Pack) -> Vec<Check> {
    let mut checks = vec![Check::fine(format!(
        "policies {}: {} integrations, {} groups",
        pack.version,
        pack.catalog.integrations().len(),
        pack.catalog.groups().count()
    ))];
    let silent: Vec<&str> = pack
        .catalog
        .groups()
        .filter(|group| group.mention.is_none() && group.label.is_some())
        .map(|group| group.name.as_str())
        .collect();
    if !silent.is_empty() {
        checks.push(Check::note(
            format!("nobody is called for: {}", silent.join(", ")),
            "their labels are set all the same; give them a `mention` in catalog/groups.yml",
        ));
    }
    let alone = pack.catalog.integrations().iter().filter(|integration| {
        let owner = pack.catalog.owner(integration);
        owner.is_none_or(|owner| owner.mention.is_none() && owner.label.is_none())
    });
    let alone: Vec<&str> = alone.map(|integration| integration.key.as_str()).collect();
    if !alone.is_empty() {
        let more = alone.len().saturating_sub(FEW);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let shown = alone.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
        checks.push(Check::note(
            format!("nobody can be called for: {shown}{more}"),
            "give them an owner with a handle in CODEOWNERS, or in catalog/integrations",
        ));
    }
    checks
}

fn webhook_secrets(secrets: &Secrets) -> Check {
    let count = secrets.gitlab_webhook_secrets.len()
        + secrets.gitlab_signing_tokens.len()
        + secrets.github_webhook_secrets.len();
    if count == 0 && app::forge_of(secrets).is_ok_and(|forge| forge == ForgeKind::Github) {
        return Check::wrong(
            "no webhook secret is set, so `steward serve` does not start",
            "set STEWARD_GITHUB_WEBHOOK_SECRET to the secret of the webhook in GitHub",
        );
    }
    if count == 0 {
        return Check::wrong(
            "no webhook secret is set, so `steward serve` does not start",
            "set STEWARD_GITLAB_SIGNING_TOKEN (GitLab 19.0 and later) or \
             STEWARD_GITLAB_WEBHOOK_SECRET",
        );
    }
    match app::check_webhook_secrets(secrets) {
        Ok(()) => Check::fine(format!(
            "{} set",
            counted(count, "webhook secret is", "webhook secrets are")
        )),
        Err(error) => Check::wrong(
            "a webhook secret cannot be used, so `steward serve` does not start",
            error.to_string(),
        ),
    }
}

async fn repositories(
    forge: &GithubForge,
    pack: &Pack,
    args: DoctorArgs,
    settings: Settings,
    report: &mut Report,
) {
    let paths = if args.projects.is_empty() { settings.github.projects } else { args.projects };
    if paths.is_empty() {
        report.tell(Check::note(
            "no repository was named, so webhooks and labels were not checked",
            "name them: `steward doctor owner/project`, or `projects` in [github]",
        ));
    }
    let hook = args.hook.as_deref();
    let app_is_told = forge.is_app() && github_app::webhook(forge, hook, report).await;
    for path in paths {
        github::repository(forge, pack, &path, (hook, app_is_told), report).await;
    }
}

async fn projects(
    forge: &GitlabForge,
    pack: &Pack,
    args: DoctorArgs,
    settings: Settings,
    report: &mut Report,
) {
    let paths = if args.projects.is_empty() { settings.gitlab.projects } else { args.projects };
    if paths.is_empty() {
        report.tell(Check::note(
            "no project was named, so webhooks and labels were not checked",
            "name them: `steward doctor group/project`, or `projects` in [gitlab]",
        ));
    }
    for path in paths {
        project::project(forge, pack, &path, args.hook.as_deref(), report).await;
    }
}

/// GitLab and the account. Answers whether there is any use in going on.
async fn account(forge: &GitlabForge, settings: &Settings, report: &mut Report) -> bool {
    let url = &settings.gitlab.url;
    match forge.me().await {
        Ok(me) => {
            report.tell(Check::fine(format!("{url} answers; Steward is @{} there", me.username)))
        }
        Err(error @ ForgeError::Unauthorized { .. }) => {
            report.tell(Check::wrong(
                error.to_string(),
                "create a new access token of the bot's account with the scope `api`",
            ));
            return false;
        }
        Err(error) => {
            report.tell(Check::wrong(error.to_string(), "check `url` in [gitlab] and the network"));
            return false;
        }
    }
    match forge.version().await {
        Ok(version) => report.tell(Check::fine(format!("GitLab {}", version.version))),
        Err(error) => report.tell(Check::note(
            format!("the version is not told: {error}"),
            "nothing to do; it is only for this report",
        )),
    }
    match forge.token_info().await {
        Ok(info) => report.tell_all(token(&info, Utc::now().date_naive())),
        Err(error) => report.tell(Check::note(
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
            checks.push(Check::note(
                format!("the token ends on {end}, in {days} days"),
                "rotate it in GitLab and restart Steward with the new one",
            ));
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::{report::Verdict, *};

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
        assert_eq!(check(&["api"], Some("2026-12-01")), [Verdict::Fine, Verdict::Note]);
        assert_eq!(check(&["api"], Some("2027-11-01")), [Verdict::Fine]);
    }
}
