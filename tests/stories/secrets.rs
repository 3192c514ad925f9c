//! Whatever happens, no secret is written anywhere.

use rstest::rstest;
use steward::forgesim::{Face, Fault, FaultKind};

use crate::{
    process::Serve,
    world::{NESTED, WEBHOOK_SECRET, World, signing, until},
};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_logged_however_much_is_logged(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    // Of the two ways to let a webhook in GitHub has one.
    let other = match face {
        Face::Gitlab => NESTED,
        Face::Github => "example/other",
    };
    gitlab.sim.add_project(other);
    gitlab.sim.add_hook(other, gitlab.hook_settings().with_secret(WEBHOOK_SECRET));
    for format in ["text", "json"] {
        let more = [("STEWARD_LOG_LEVEL", "trace"), ("STEWARD_LOG_FORMAT", format)];
        let mut serve = Serve::starts(&gitlab, &more).await;
        for kind in [
            FaultKind::BadGatewayAfter,
            FaultKind::CutAfter,
            FaultKind::TooManyRequests { retry_after: 1 },
        ] {
            gitlab.sim.fails(Fault::new(kind).on("POST"));
            let title = "Jira is down";
            let issue = gitlab.anna().opens_labelled(title, &["Integration::Jira"]);
            let nested = gitlab.anna().opens_in(other, title, "", &["Integration::Jira"]);
            until("both are told", async || {
                let told = |item| gitlab.shows(item).0.comments().count() == 1;
                told(issue) && told(nested)
            })
            .await;
        }
        let guessed = reqwest::Client::new()
            .post(gitlab.steward_url(gitlab.door()))
            .header("X-Gitlab-Token", "a-guessed-secret")
            .header("X-Hub-Signature-256", "sha256=a-guessed-secret")
            .body("{}");
        assert_eq!(guessed.send().await.expect("an answer").status(), 401);
        gitlab.sim.revoke_token(&gitlab.bot.token);
        gitlab.anna().opens_labelled("Refused", &["Integration::Jira"]);
        until("the token is refused", async || serve.said().contains("401")).await;
        gitlab.sim.add_token(&gitlab.bot, &gitlab.bot.token, &["api"], None);
        serve.ends().await;

        let said = serve.said();
        assert!(said.contains("TRACE"), "much is logged");
        let (signing, secret) = (signing(), WEBHOOK_SECRET);
        let key = signing.strip_prefix("whsec_").expect("the prefix");
        for secret in [gitlab.bot.token.as_str(), key, secret, "a-guessed-secret"] {
            let line = said.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "a secret is logged");
        }
    }
}
