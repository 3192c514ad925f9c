//! What only a GitHub does, or does in its own way.

use reqwest::{Client, RequestBuilder};
use rstest::rstest;
use serde_json::json;
use steward::{
    forgesim::{Change, Face, Fault, FaultKind, SimSettings, User},
    store::Disposition,
};

use crate::{
    hooks::sign,
    process::{run, settings_of, steward},
    world::{BOT, Item, PROJECT, WEBHOOK_SECRET, World},
};

async fn github() -> World {
    World::on(Face::Github).await
}

pub(crate) fn hook(
    github: &World,
    event: &str,
    delivery: &str,
    body: &str,
    secret: &str,
) -> RequestBuilder {
    Client::new()
        .post(github.steward_url("/hooks/github"))
        .header("X-GitHub-Event", event)
        .header("X-GitHub-Delivery", delivery)
        .header("X-Hub-Signature-256", sign(secret, body))
        .body(body.to_owned())
}

pub(crate) async fn status(request: RequestBuilder) -> u16 {
    request.send().await.expect("Steward answers").status().as_u16()
}

fn an_issue(number: u64, action: &str) -> String {
    json!({
        "action": action,
        "issue": { "number": number },
        "repository": { "full_name": PROJECT },
        "sender": { "id": 4711, "login": "anna", "type": "User" },
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_signed_comes_in_and_each_delivery_once() {
    let github = github().await;
    let issue = an_issue(999, "opened");
    assert_eq!(status(hook(&github, "issues", "d1", &issue, "guessed")).await, 401);
    let unsigned = Client::new().post(github.steward_url("/hooks/github")).body(issue.clone());
    assert_eq!(status(unsigned).await, 401);
    assert_eq!(github.store().inbox_counts().await.expect("the database answers"), []);

    for secret in [WEBHOOK_SECRET, "one-that-was"] {
        assert_eq!(status(hook(&github, "issues", "d1", &issue, secret)).await, 200);
    }
    assert_eq!(github.kept(Disposition::Queued).await, 1, "the second is the first again");
    assert_eq!(status(hook(&github, "issues", "d2", &issue, WEBHOOK_SECRET)).await, 200);
    assert_eq!(github.kept(Disposition::Queued).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ping_is_answered_and_what_nobody_knows_is_kept() {
    let github = github().await;
    let send = async |event: &str, body: &str| {
        status(hook(&github, event, event, body, WEBHOOK_SECRET)).await
    };
    assert_eq!(send("ping", r#"{"zen":"Design for failure.","hook_id":1}"#).await, 200);
    assert_eq!(send("installation", r#"{"action":"created","installation":{"id":1}}"#).await, 200);
    assert_eq!(send("invented_tomorrow", "[1,2]").await, 200);
    assert_eq!(github.kept(Disposition::UnknownKind).await, 2);
    assert_eq!(github.kept(Disposition::NoSubject).await, 1, "what Steward may do is no item");
    // An action that nobody knows hints at its issue all the same.
    assert_eq!(send("issues", &an_issue(998, "teleported")).await, 200);
    assert_eq!(github.kept(Disposition::Queued).await, 1);
    assert_eq!(send("issues", r#"{"action":"opened"}"#).await, 200);
    assert_eq!(send("issue_comment", "<html>").await, 200);
    assert_eq!(github.kept(Disposition::Unreadable).await, 1);

    // Some webhooks are set up to send forms.
    let issue = an_issue(997, "opened");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let form = form.append_pair("payload", &issue).finish();
    let request = hook(&github, "issues", "form", &form, WEBHOOK_SECRET)
        .header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(status(request).await, 200);
    assert_eq!(github.kept(Disposition::Queued).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_value_of_a_scope_is_on_an_item_although_github_would_take_more() {
    let github = github().await;
    let issue = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    github.shows(issue).has_labels(&["group::project management", "devops::plan"]);

    // On GitLab the forge itself takes the other one off.
    github.carla().labels(issue, "group::import");
    github.rests().await;
    let shown = github.shows(issue);
    shown.has_labels(&["group::import"]);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    shown.one_comment().says("group::import");
    // What nobody asks for any more goes in one call each.
    assert!(github.calls().iter().any(|call| call.method == "DELETE" && call.status == 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_could_not_be_taken_off_is_tried_again_and_not_forgotten() {
    let github = github().await;
    let issue = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    github.sim.fails(Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).on("DELETE"));
    github.anna().unlabels(issue, "Integration::Jira");
    github.anna().labels(issue, "Integration::Harbor");
    github.rests().await;
    let harbor = ["Integration::Harbor", "group::container registry", "devops::package"];
    github.shows(issue).has_just(&harbor).one_comment();
    assert_eq!(github.shows(issue).times_set("group::container registry", BOT), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_again_unchanged_is_not_sent_again() {
    let github = github().await;
    let issue = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    github.sim.clear_requests();
    // Nothing has changed, and an event comes all the same.
    let event = an_issue(issue.iid, "labeled");
    for delivery in ["once", "twice"] {
        assert_eq!(status(hook(&github, "issues", delivery, &event, WEBHOOK_SECRET)).await, 200);
        github.rests().await;
    }
    let calls = github.calls();
    assert!(calls.iter().any(|call| call.status == 304), "{calls:#?}");
    github.shows(issue).one_comment();
}

#[rstest]
#[case::by_number(true)]
#[case::by_repository(false)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_let_in_by_its_key_and_writes_under_its_own_name(#[case] names_it: bool) {
    let mut github =
        World::without_steward(SimSettings { face: Face::Github, ..SimSettings::default() }).await;
    github.steward_starts_as_an_app(names_it).await;
    let comments = |github: &World, issue: Item| {
        let view = github.shows(issue).0;
        view.comments_of("steward[bot]").len()
    };
    let first = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    github.rests().await;
    github.shows(first).has_labels(&["group::project management", "devops::plan"]);
    assert_eq!(comments(&github, first), 1);
    let minted = |github: &World| github.calls_of("POST", "/access_tokens");
    assert_eq!(minted(&github), 1, "one token for all: {:#?}", github.calls());

    // A token that is refused is made anew; nothing is lost.
    github.sim.revoke_installation_tokens();
    let second = github.anna().opens_labelled("Harbor is down", &["Integration::Harbor"]);
    github.rests().await;
    github.shows(second).has_labels(&["group::container registry"]);
    assert_eq!((comments(&github, second), minted(&github)), (1, 2));

    // Commands are let in the same way.
    let mut command = steward(&github.folder(), &["sync", PROJECT]);
    settings_of(&github, &mut command);
    command
        .env_remove("STEWARD_GITHUB_TOKEN")
        .env("STEWARD_GITHUB_APP_KEY", include_str!("../data/made-up-github-app.pem"))
        .env("STEWARD_GITHUB_APP_ID", github.settings.github.app_id.to_string())
        .env("STEWARD_GITHUB_INSTALLATION_ID", github.settings.github.installation_id.to_string());
    run(command).await.exits_with(0).prints("1 project: 2 new, 0 changed, 0 gone; ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn issues_and_pull_requests_share_their_numbers() {
    let github = github().await;
    let issue = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    let pull = github.ben().opens_merge_request("Harbor", &["app/models/integrations/harbor.rb"]);
    assert_ne!(issue.iid, pull.iid);
    github.rests().await;
    github.shows(issue).has_labels(&["group::project management"]).one_comment();
    github.shows(pull).has_labels(&["group::container registry"]).one_comment();

    // A comment on a pull request comes in as one on an issue.
    github.ben().comments(pull, "Ready.");
    github.rests().await;
    assert_eq!(github.stats().await.parked, 0);
    github.shows(pull).one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_with_more_files_than_github_lists_is_said_to_be_cut() {
    let github = github().await;
    let files = (0..3_001).map(|n| Change::added(format!("docs/{n}.md"), "x\n")).collect();
    let pull = github.ben().opens_with_changes("Everything", files);
    github.rests().await;
    assert_eq!(github.stats().await.parked, 0);
    github.shows(pull).no_comment();
    assert_eq!(github.calls_of("GET", "/files"), 30, "all pages, a hundred each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_take_addresses_of_github() {
    let settings = SimSettings { face: Face::Github, ..SimSettings::default() };
    let github = World::without_steward(settings).await;
    let issue = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    let command = async |arguments: &[&str]| {
        let mut command = steward(&github.folder(), arguments);
        settings_of(&github, &mut command);
        run(command).await
    };
    let address = format!("{}/{PROJECT}/issues/{}", github.sim.url(), issue.iid);
    command(&["plan", &address])
        .await
        .exits_with(0)
        .prints("example/product#1 \"Jira is down\"")
        .prints("+ label group::project management")
        .prints("Nothing was written.");
    command(&["why", &format!("{PROJECT}#{}", issue.iid)])
        .await
        .exits_with(0)
        .prints("group::project management");
    command(&["plan", "https://gitlab.com/a/b/-/issues/1"])
        .await
        .exits_with(1)
        .complains("the GitHub that Steward is configured for");
    command(&["doctor", PROJECT])
        .await
        .exits_with(0)
        .prints("Steward is @steward-bot there, let in by a token")
        .prints("example/product: may write")
        .prints("only administrators see them")
        .prints("All is there that Steward needs.");
    let calls = github.calls();
    assert!(calls.iter().all(|call| call.method == "GET"), "{calls:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_both_forges_are_one_too_many() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let serve = |more: &'static [(&str, &str)]| {
        let mut command = steward(folder.path(), &["serve"]);
        command.envs(more.iter().copied());
        run(command)
    };
    serve(&[("STEWARD_GITHUB_TOKEN", "ghp-x"), ("STEWARD_GITLAB_TOKEN", "glpat-x")])
        .await
        .exits_with(1)
        .complains("one Steward looks after one forge");
    serve(&[("STEWARD_GITHUB_TOKEN", "ghp-x")])
        .await
        .exits_with(1)
        .complains("set STEWARD_GITHUB_WEBHOOK_SECRET");
    serve(&[("STEWARD_GITHUB_WEBHOOK_SECRET", "x")])
        .await
        .exits_with(1)
        .complains("no way into GitHub");
    serve(&[
        ("STEWARD_GITHUB_WEBHOOK_SECRET", "x"),
        ("STEWARD_GITHUB_APP_KEY", "no key"),
        ("STEWARD_GITHUB_APP_ID", "7"),
    ])
    .await
    .exits_with(1)
    .complains("is no RSA key in PEM");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_limit_is_obeyed_too() {
    let settings = SimSettings {
        face: Face::Github,
        rate_limit: 3,
        rate_limit_enforced: true,
        ..SimSettings::default()
    };
    let mut github = World::without_steward(settings).await;
    github.steward_starts().await;
    let bot: User = github.bot.clone();
    github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    crate::world::until("GitHub has refused a call", async || {
        github.calls().iter().any(|call| call.status == 403)
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let refused = github.calls().iter().filter(|call| call.status == 403).count();
    assert!(refused <= 2, "nobody goes on calling: {:#?}", github.calls());
    assert_eq!(github.stats().await.parked, 0, "{} is not at fault", bot.username);
}
