//! `steward doctor`: what is missing, and what to do about it.

use rstest::rstest;
use steward::forgesim::{Face, access};

use crate::{
    process::{Ended, run, settings_of, steward},
    world::{NESTED, PROJECT, WEBHOOK_SECRET, World},
};

async fn doctor(gitlab: &World, arguments: &[&str], more: &[(&str, &str)]) -> Ended {
    let mut all = vec!["doctor"];
    all.extend(arguments);
    let mut command = steward(&gitlab.folder(), &all);
    settings_of(gitlab, &mut command);
    for (name, value) in more {
        match *value {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    let ended = run(command).await;
    let calls = gitlab.calls();
    // An App needs a token to look with.
    let looks = |path: &str| path.ends_with("/access_tokens");
    let only = calls.iter().all(|call| call.method == "GET" || looks(&call.path));
    assert!(only, "a doctor only looks: {calls:#?}");
    ended
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    // Who may see webhooks.
    gitlab.sim.add_member(PROJECT, &gitlab.bot, access::OWNER);
    let told = match face {
        Face::Gitlab => [
            "example/product: role Owner",
            "has the scope api",
            "labels of groups and stages are there",
        ],
        Face::Github => [
            "example/product: may write",
            "let in by a token",
            "labels of groups and stages were looked up, and are there",
        ],
    };
    let [role, token, labels] = told;
    doctor(&gitlab, &[PROJECT], &[])
        .await
        .exits_with(0)
        .prints("note   nobody is called for: CI Platform, Container Registry")
        .prints("Steward is @steward-bot there")
        .prints(role)
        .prints(token)
        .prints("sends what is needed")
        .prints(labels)
        .prints("All is there that Steward needs.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_comes_with_a_remedy() {
    let gitlab = World::stage(Face::Gitlab).await;
    gitlab.sim.add_group_member("example", &gitlab.bot, access::MAINTAINER);
    let label = gitlab.sim.add_group_label("example", "group::import", "#428BCA");
    gitlab.sim.delete_label(label);
    let token = "glpat-may-only-read";
    gitlab.sim.add_token(&gitlab.bot, token, &["read_api"], None);
    let ended = doctor(&gitlab, &[NESTED], &[("STEWARD_GITLAB_TOKEN", token)]).await;
    let ended = ended
        .exits_with(1)
        .prints("has only the scopes: read_api")
        .prints("-> create one with the scope `api`")
        .prints("note   example/tools/deep/down: none of the project's webhooks leads to Steward")
        .prints("-> look whether the group has one, in the group's Settings > Webhooks")
        .prints("is missing:\n          group::import\n       -> create them in the group")
        .prints("2 problems to fix.");
    assert!(!ended.out().contains(token) && !ended.err().contains(token));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_and_a_wrong_path_are_told_apart(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    doctor(&gitlab, &[PROJECT], &[(gitlab.token_variable(), "nobodys-token")])
        .await
        .exits_with(1)
        .prints("401")
        .prints(match face {
            Face::Gitlab => "-> create a new access token",
            Face::Github => "-> create a new token of the bot's account",
        });
    doctor(&gitlab, &["example/no-such"], &[])
        .await
        .exits_with(1)
        .prints("example/no-such")
        .prints(match face {
            Face::Gitlab => "-> check the path",
            Face::Github => "-> check the name, and install the App there or add the bot's account",
        });
    let (address, named) = match face {
        Face::Gitlab => ("STEWARD_GITLAB_URL", "-> check `url` in [gitlab]"),
        Face::Github => ("STEWARD_GITHUB_URL", "-> check `url` in [github]"),
    };
    doctor(&gitlab, &[PROJECT], &[(address, "http://127.0.0.1:9")])
        .await
        .exits_with(1)
        .prints(named);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_asked_for_must_be_there(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    gitlab.sim.add_member(PROJECT, &gitlab.bot, access::OWNER);
    doctor(&gitlab, &[PROJECT, "--hook", "https://elsewhere.example/hooks/gitlab"], &[])
        .await
        .exits_with(1)
        .prints(match face {
            Face::Gitlab => {
                "WRONG  example/product: none of the project's webhooks leads to https://elsewhere"
            }
            Face::Github => "WRONG  example/product: no webhook leads to https://elsewhere",
        })
        .prints("1 problem to fix.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_asked_what_it_was_given() {
    let github = World::stage(Face::Github).await;
    let public = include_str!("../data/made-up-github-app.pub.pem");
    let app = github.sim.add_app("steward", "example", public).expect("a key");
    let number = app.id.to_string();
    let as_app = [
        ("STEWARD_GITHUB_TOKEN", ""),
        ("STEWARD_GITHUB_APP_ID", &*number),
        ("STEWARD_GITHUB_APP_KEY", include_str!("../data/made-up-github-app.pem")),
    ];
    // The App has no webhook, and may not see the repository's.
    doctor(&github, &[PROJECT], &as_app)
        .await
        .exits_with(0)
        .prints("let in as a GitHub App")
        .prints("note   the App's webhook cannot be read")
        .prints("example/product: the App has every permission that Steward asks for")
        .prints("only administrators see them");

    github.sim.add_app_hook(&app, github.hook_settings().with_secret(WEBHOOK_SECRET));
    doctor(&github, &[PROJECT], &as_app)
        .await
        .exits_with(0)
        .prints("the App's webhook leads to http://127.0.0.1")
        .prints("every permission that Steward asks for, and is told of what it needs");

    github.sim.forbids_checks();
    for what in ["members", "issue_comment"] {
        github.sim.withholds(&app, what);
    }
    doctor(&github, &[PROJECT], &as_app)
        .await
        .exits_with(1)
        .prints("note   example/product: the App has read for Checks, not write: no check runs")
        .prints("the App has no permission for Members (of the organization), not read")
        .prints("WRONG  example/product: the App is not told of issue_comment")
        .prints("1 problem to fix.");
    github.sim.withholds(&app, "issues");
    doctor(&github, &[PROJECT], &as_app).await.exits_with(1).prints(
        "WRONG  example/product: the App has no permission for Issues, not write: no labels",
    );
    doctor(&github, &["elsewhere/product"], &as_app).await.exits_with(1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_token_is_one_problem_among_others() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let mut command = steward(folder.path(), &["doctor", PROJECT]);
    command.env("STEWARD_GITLAB_SIGNING_TOKEN", "abc");
    run(command)
        .await
        .exits_with(1)
        .prints("WRONG  there is no token")
        .prints("set STEWARD_GITLAB_TOKEN, or STEWARD_GITLAB_TOKEN_FILE")
        .prints("-> STEWARD_GITLAB_SIGNING_TOKEN: expected `whsec_` and Base64")
        .prints("2 problems to fix.");
}
