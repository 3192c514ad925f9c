//! What a simulated GitHub keeps of its exchanges.

use std::{path::Path, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};

use crate::forgesim::{Face, Fault, FaultKind, Sim, SimSettings};

/// Every line of every file in a folder.
fn lines(folder: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder).expect("a folder");
    let texts = files.map(|file| std::fs::read_to_string(file.expect("a file").path()));
    let texts: Vec<String> = texts.map(|text| text.expect("a text")).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn a_github_keeps_whole_exchanges_and_no_credentials() {
    let folder = tempfile::tempdir().expect("a folder");
    let transcripts = Some(folder.path().join("kept"));
    let settings = SimSettings { face: Face::Github, transcripts, ..SimSettings::default() };
    let sim = Sim::start(settings).await.expect("a simulation");
    sim.add_project("example/product");
    let bot = sim.add_user("bot", "Bot");
    sim.add_group_member("example", &bot, 30);
    let at = |rest: &str| format!("{}/api/v3/repos/example/product/{rest}", sim.url());
    let client = Client::new();

    let opened = client.post(at("issues")).bearer_auth(&bot.token).json(&json!({ "title": "T" }));
    assert_eq!(opened.send().await.expect("an answer").status(), 201);
    sim.fails(Fault::new(FaultKind::CutAfter));
    let cut = client.get(at("labels?per_page=5")).bearer_auth(&bot.token).send().await;
    assert!(cut.is_err());
    sim.fails(Fault::new(FaultKind::Hang));
    let late = client.get(at("milestones")).timeout(Duration::from_millis(100)).send().await;
    assert!(late.is_err());
    drop(sim);

    let mut kept = Vec::new();
    // What nobody answered is kept when its sender is seen to be gone.
    for _ in 0..200 {
        kept = lines(&folder.path().join("kept"));
        if kept.len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let [opened, cut, late] = kept.try_into().expect("three exchanges");
    assert_eq!(opened["method"], "POST");
    assert_eq!((&opened["body"], &opened["by"]), (&json!({ "title": "T" }), &json!("token")));
    assert_eq!(opened["answer"]["status"], 201);
    assert_eq!(opened["answer"]["body"]["title"], "T");
    assert_eq!(cut["path"], "/api/v3/repos/example/product/labels?per_page=5");
    assert_eq!((&cut["fault"], cut.get("answer")), (&json!("cut_after"), None));
    assert_eq!((&late["by"], late.get("answer")), (&json!("nothing"), None));
    assert!(![opened, cut, late].iter().any(|one| one.to_string().contains(&bot.token)));
}
