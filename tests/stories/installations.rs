//! A GitHub App is suspended, taken off, installed again and given more: Steward notices at once.

use serde_json::json;
use steward::forgesim::{App, Face};

use crate::{
    checklists::{model, without_steward},
    github::{hook, status},
    sweeps::scheduled,
    world::{Item, WEBHOOK_SECRET, World, app_secrets, until},
};

async fn installed(mut github: World) -> (World, App) {
    let public = include_str!("../data/made-up-github-app.pub.pem");
    let app = github.sim.add_app("steward", "example", public).expect("a key");
    github.settings.github.app_id = app.id;
    github.steward_starts_with(app_secrets()).await;
    (github, app)
}

/// GitHub tells the App what became of its installation in the organization `account`.
async fn told(github: &World, event: &str, action: &str, account: &str, installation: u64) {
    let body = json!({
        "action": action,
        "installation": { "id": installation, "account": { "id": 5, "login": account } },
        "sender": { "id": 4711, "login": "olga", "type": "User" },
    });
    let key = format!("{event} {action} {account}");
    let sent = hook(github, event, &key, &body.to_string(), WEBHOOK_SECRET);
    assert_eq!(status(sent).await, 200);
}

fn is_routed(github: &World, item: Item) -> bool {
    let shown = github.shows(item).0;
    shown.has_label("group::project management") && shown.comments_of("steward[bot]").len() == 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_aside_while_it_is_suspended_comes_back() {
    let (github, app) = installed(World::stage(Face::Github).await).await;
    let before = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    assert!(is_routed(&github, before));

    github.sim.suspends(&app, true);
    told(&github, "installation", "suspend", "example", app.installation).await;
    let meanwhile = github.anna().opens_labelled("Jira is slow", &["Integration::Jira"]);
    until("it is put aside", async || github.stats().await.parked == 1).await;
    let parked = github.store().parked().await.expect("the database answers").remove(0);
    assert_eq!(parked.subject, meanwhile.subject());
    assert!(parked.error.contains("This installation has been suspended"), "{parked:?}");

    github.sim.suspends(&app, false);
    told(&github, "installation", "unsuspend", "somebody-else", 1).await;
    github.rests().await;
    assert_eq!(github.stats().await.parked, 1, "that is none of ours");
    told(&github, "installation", "unsuspend", "Example", app.installation).await;
    until("it is routed", async || is_routed(&github, meanwhile)).await;
    github.rests().await;
    assert_eq!(github.stats().await.parked, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_installed_again_finds_what_happened_meanwhile() {
    let mut github = World::stage(Face::Github).await;
    // Not due before tomorrow.
    scheduled(&mut github, "0 4 * * *", "Etc/UTC", 6000);
    let (github, app) = installed(github).await;
    let before = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    assert!(is_routed(&github, before));

    github.sim.uninstalls(&app);
    told(&github, "installation", "deleted", "example", app.installation).await;
    let meanwhile = github.anna().opens_labelled("Jira is slow", &["Integration::Jira"]);
    github.rests().await;
    assert_eq!(github.stats().await.parked, 0, "as if it were gone: nobody tries again");
    assert!(!is_routed(&github, meanwhile));

    let installation = github.sim.installs_again(&app);
    assert_ne!(installation, app.installation);
    told(&github, "installation", "created", "example", installation).await;
    until("it is routed", async || is_routed(&github, meanwhile)).await;
    github.rests().await;
    assert!(is_routed(&github, before));
    let minted = format!("/app/installations/{installation}/access_tokens");
    assert_eq!(github.calls_of("POST", &minted), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_that_is_given_later_is_used_at_once() {
    let mut github = without_steward(Face::Github).await;
    let public = include_str!("../data/made-up-github-app.pub.pem");
    let app = github.sim.add_app("steward", "example", public).expect("a key");
    github.sim.forbids_checks();
    github.settings.github.app_id = app.id;
    github.steward_starts_with(app_secrets()).await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    let checks = |item: Item| {
        let sha = github.shows(item).0.sha.expect("a commit");
        github.sim.check_runs(item.project, &sha).len()
    };
    assert_eq!(checks(request), 0, "a status instead");
    github.sim.allows_checks();
    told(&github, "installation", "new_permissions_accepted", "example", app.installation).await;
    let later = github.ben().opens_with_changes("Add Foo Bar, too", vec![model()]);
    github.rests().await;
    assert_eq!(checks(later), 1);
}
