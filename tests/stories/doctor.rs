//! `steward doctor`: what is missing, and what to do about it.

use steward::forgesim::access;

use crate::{
    process::{Ended, run, settings_of, steward},
    world::{NESTED, PROJECT, World},
};

async fn doctor(gitlab: &World, arguments: &[&str], more: &[(&str, &str)]) -> Ended {
    let mut all = vec!["doctor"];
    all.extend(arguments);
    let mut command = steward(&gitlab.folder(), &all);
    settings_of(gitlab, &mut command);
    command.envs(more.iter().copied());
    let ended = run(command).await;
    let calls = gitlab.calls();
    assert!(calls.iter().all(|call| call.method == "GET"), "a doctor only looks: {calls:#?}");
    ended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well() {
    let gitlab = World::without_steward(Default::default()).await;
    gitlab.sim.add_member(PROJECT, &gitlab.bot, access::MAINTAINER);
    doctor(&gitlab, &[PROJECT], &[])
        .await
        .exits_with(0)
        .prints("Steward is @steward-bot there")
        .prints("has the scope api")
        .prints("sends what is needed")
        .prints("labels of groups and stages are there")
        .prints("All is there that Steward needs.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_comes_with_a_remedy() {
    let gitlab = World::without_steward(Default::default()).await;
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
        .prints("no webhook leads to Steward")
        .prints("-> add one in Settings > Webhooks")
        .prints("are missing: \"group::import\"")
        .prints("-> create them in the group")
        .prints("3 thing(s) must be mended.");
    assert!(!ended.out().contains(token) && !ended.err().contains(token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_and_a_wrong_path_are_told_apart() {
    let gitlab = World::without_steward(Default::default()).await;
    doctor(&gitlab, &[PROJECT], &[("STEWARD_GITLAB_TOKEN", "glpat-nobody")])
        .await
        .exits_with(1)
        .prints("401")
        .prints("-> create a new access token");
    doctor(&gitlab, &["example/no-such"], &[])
        .await
        .exits_with(1)
        .prints("example/no-such")
        .prints("-> check the path");
    doctor(&gitlab, &[PROJECT], &[("STEWARD_GITLAB_URL", "http://127.0.0.1:9")])
        .await
        .exits_with(1)
        .prints("-> check `url` in [gitlab]");
}
