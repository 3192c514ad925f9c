//! Check runs of a simulated GitHub.

use reqwest::Client;
use serde_json::json;

use crate::forgesim::{Face, Sim, SimSettings};

#[tokio::test]
async fn only_apps_write_check_runs() {
    let settings = SimSettings { face: Face::Github, ..SimSettings::default() };
    let sim = Sim::start(settings).await.expect("a simulation");
    sim.add_project("example/product");
    let bot = sim.add_user("bot", "Bot");
    sim.add_group_member("example", &bot, 50);
    let at = format!("{}/api/v3/repos/example/product", sim.url());
    let client = Client::new();
    let body = json!({ "name": "a check", "head_sha": "main" });
    let create = client.post(format!("{at}/check-runs")).bearer_auth(&bot.token).json(&body);
    let answer = create.send().await.expect("an answer");
    assert_eq!(answer.status(), 403);
    let text = answer.text().await.expect("a text");
    assert!(text.contains("You must authenticate via a GitHub App."), "{text}");

    // Everybody may look.
    let list = client.get(format!("{at}/commits/main/check-runs")).bearer_auth(&bot.token);
    let list: serde_json::Value = list.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(list, json!({ "total_count": 0, "check_runs": [] }));
}
