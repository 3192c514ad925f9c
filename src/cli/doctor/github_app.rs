//! A GitHub App in the doctor's eyes: where its webhook leads, and what it was given where it is
//! installed.

use super::{
    github::EVENTS,
    report::{Check, Report},
};
use crate::forge::{
    ForgeError,
    github::{AppHook, GithubForge, InstallationInfo, leads_here},
};

/// A permission by GitHub's name and as its pages show it, with the level that Steward needs, and what
/// does not work without it.
struct Need {
    name: &'static str,
    shown: &'static str,
    level: &'static str,
    without: &'static str,
    /// Whether Steward is of no use without it.
    vital: bool,
}

const fn need(
    name: &'static str,
    shown: &'static str,
    level: &'static str,
    vital: bool,
    without: &'static str,
) -> Need {
    Need { name, shown, level, without, vital }
}

/// What Steward asks GitHub for (GitHub, "Permissions required for GitHub Apps").
const NEEDS: [Need; 6] = [
    need("issues", "Issues", "write", true, "no labels, comments or assignees on issues"),
    need(
        "pull_requests",
        "Pull requests",
        "write",
        true,
        "pull requests are not read, labelled or commented on",
    ),
    need(
        "contents",
        "Contents",
        "read",
        false,
        "no files are read: checklists, CODEOWNERS and rules about files cannot tell",
    ),
    need(
        "checks",
        "Checks",
        "write",
        false,
        "no check runs: a commit has a plain status instead, without the sheet and notes on lines, and \
         nobody can ask for it again",
    ),
    need("statuses", "Commit statuses", "write", false, "rules that set a status fail"),
    need(
        "members",
        "Members (of the organization)",
        "read",
        false,
        "who belongs to a team is not known: commands that only a team may give are refused",
    ),
];

/// Where the App's webhook leads. Answers whether it leads to Steward.
pub(super) async fn webhook(
    forge: &GithubForge,
    address: Option<&str>,
    report: &mut Report,
) -> bool {
    let (check, leads) = match forge.app_hook().await {
        Ok(hook) => judged(&hook, address),
        Err(error) => (
            Check::note(
                format!("the App's webhook cannot be read: {error}"),
                "look whether one is set up on the App's settings page",
            ),
            false,
        ),
    };
    report.tell(check);
    leads
}

fn judged(hook: &AppHook, address: Option<&str>) -> (Check, bool) {
    let set = "set it on the App's settings page: URL https://<steward>/hooks/github, and the secret of \
               the environment";
    if !leads_here(&hook.url, address) {
        let url = if hook.url.is_empty() { "nowhere" } else { &hook.url };
        let what = format!("the App's webhook leads to {url}, and not to Steward");
        return (Check::note(what, format!("{set}; or add one to each repository")), false);
    }
    let check = match hook.has_secret {
        true => Check::fine(format!("the App's webhook leads to {}", hook.url)),
        false => {
            Check::wrong("the App's webhook has no secret, so Steward takes nothing of it", set)
        }
    };
    (check, true)
}

/// What the App was given for a repository; `told` says whether its own webhook leads to Steward.
pub(super) async fn installation(forge: &GithubForge, path: &str, told: bool, report: &mut Report) {
    match forge.installation(path).await {
        Ok(given) => report.tell_all(missing(path, &given, told)),
        Err(error @ ForgeError::NotFound { .. }) => report.tell(Check::wrong(
            format!("{path}: the App is not installed there: {error}"),
            "install it there, on the App's page",
        )),
        Err(error) => report.tell(Check::note(
            format!("{path}: what the App was given cannot be read: {error}"),
            "try again",
        )),
    }
}

fn missing(path: &str, given: &InstallationInfo, told: bool) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(since) = &given.suspended_at {
        checks.push(Check::wrong(
            format!("{path}: the App is suspended there since {since}"),
            "have an owner let it in again, under Settings > GitHub Apps",
        ));
    }
    for Need { name, shown, level, without, vital } in NEEDS {
        let has = given.permissions.get(name).map(String::as_str);
        if rank(has) >= rank(Some(level)) {
            continue;
        }
        let what = format!(
            "{path}: the App has {} for {shown}, not {level}: {without}",
            has.unwrap_or("no permission")
        );
        let remedy = "raise it on the App's settings page, and have an owner of the organization accept \
                      it";
        checks.push(if vital { Check::wrong(what, remedy) } else { Check::note(what, remedy) });
    }
    let deaf: Vec<&str> =
        EVENTS.into_iter().filter(|event| !given.events.iter().any(|one| one == event)).collect();
    if told && !deaf.is_empty() {
        checks.push(Check::wrong(
            format!(
                "{path}: the App is not told of {}: Steward looks at these items only by the clock",
                deaf.join(", ")
            ),
            "tick these events on the App's settings page, under Permissions & events",
        ));
    }
    if checks.is_empty() {
        let events = if told { ", and is told of what it needs" } else { "" };
        checks.push(Check::fine(format!(
            "{path}: the App has every permission that Steward asks for{events}"
        )));
    }
    checks
}

fn rank(level: Option<&str>) -> u8 {
    match level {
        Some("read") => 1,
        Some("write") => 2,
        Some("admin") => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::{super::report::Verdict, *};

    fn given(permissions: &[(&str, &str)], events: &[&str]) -> InstallationInfo {
        let pairs = permissions.iter().map(|(name, level)| ((*name).into(), (*level).into()));
        InstallationInfo {
            permissions: pairs.collect(),
            events: events.iter().map(|&event| event.into()).collect(),
            suspended_at: None,
        }
    }

    #[test]
    fn what_is_missing_says_what_does_not_work() {
        let all: Vec<(&str, &str)> = NEEDS.iter().map(|one| (one.name, one.level)).collect();
        let whole = missing("o/p", &given(&all, &EVENTS), true);
        assert_eq!(whole.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Fine]);

        let mut told = String::new();
        let little = given(&[("issues", "read"), ("checks", "admin")], &["issues"]);
        for check in missing("o/p", &little, true) {
            let _ = writeln!(told, "{:?} {}", check.verdict, check.what);
        }
        insta::assert_snapshot!(told);
        // Another webhook does the work.
        assert_eq!(missing("o/p", &given(&all, &[]), false)[0].verdict, Verdict::Fine);
        let asleep = InstallationInfo {
            suspended_at: Some("2026-11-20T12:00:00Z".into()),
            ..given(&all, &EVENTS)
        };
        assert_eq!(missing("o/p", &asleep, true)[0].verdict, Verdict::Wrong);
    }

    #[test]
    fn an_app_s_webhook_leads_here_and_is_signed() {
        let hook = |url: &str, has_secret| AppHook { url: url.to_owned(), has_secret };
        let good = "https://steward.example/hooks/github";
        let of = |hook: AppHook, address: Option<&str>| {
            let (check, leads) = judged(&hook, address);
            (check.verdict, leads)
        };
        assert_eq!(of(hook(good, true), None), (Verdict::Fine, true));
        assert_eq!(of(hook(good, true), Some(good)), (Verdict::Fine, true));
        assert_eq!(of(hook(good, false), None), (Verdict::Wrong, true));
        assert_eq!(of(hook("", true), None), (Verdict::Note, false));
        assert_eq!(of(hook(good, true), Some("https://other.example/x")), (Verdict::Note, false));
    }
}
