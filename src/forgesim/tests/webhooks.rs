//! What is announced, and how it is delivered.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Form, Stage, Story, receiver::Receiver};
use crate::forgesim::{HookSettings, IssueType, NewMergeRequest, Outcome, signing_token};

/// HMAC-SHA256 written out from RFC 2104, so that the simulation's own is not checked
/// against itself.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let keyed = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(keyed(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(keyed(0x5c)).chain_update(inner).finalize().to_vec()
}

#[tokio::test]
async fn deliveries_are_headed_and_signed() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    let key = b"a key for this test only";
    let hook =
        HookSettings::new(&receiver.url).with_secret("s3cret").signed_with(signing_token(key));
    stage.sim.add_hook(&stage.product, hook);
    stage.sim.person("anna").opens_issue(&stage.product, "T", "D", &["bug"])?;
    stage.sim.settle().await;

    let got = receiver.received();
    let one = got.first().ok_or("nothing was delivered")?;
    assert_eq!(one.header("content-type"), "application/json");
    assert_eq!(one.header("user-agent"), "GitLab/19.6.0");
    assert_eq!(one.header("x-gitlab-event"), "Issue Hook");
    assert_eq!(one.header("x-gitlab-instance"), stage.sim.url());
    assert_eq!(one.header("x-gitlab-token"), "s3cret");
    for name in ["idempotency-key", "x-gitlab-webhook-uuid", "x-gitlab-event-uuid"] {
        assert_eq!(one.header(name).len(), 36, "{name}");
    }
    assert_eq!(one.header("webhook-id"), one.header("idempotency-key"));
    let signed = [
        format!("{}.{}.", one.header("webhook-id"), one.header("webhook-timestamp")).as_bytes(),
        &one.body,
    ]
    .concat();
    let expected = format!("v1,{}", STANDARD.encode(hmac(key, &signed)));
    assert_eq!(one.header("webhook-signature"), expected);
    Ok(())
}

#[tokio::test]
async fn a_resend_keeps_its_key() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    stage.sim.add_hook(&stage.product, HookSettings::new(&receiver.url));
    stage.sim.person("anna").opens_issue(&stage.product, "T", "", &[])?;
    stage.sim.settle().await;
    let sent = stage.sim.deliveries();
    assert_eq!(sent[0].outcome, Outcome::Answered(200));
    stage.sim.resend(sent[0].id)?;
    stage.sim.settle().await;
    let got = receiver.received();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].header("idempotency-key"), got[1].header("idempotency-key"));
    assert_eq!(got[0].body, got[1].body);
    assert!(stage.sim.resend(999).is_err());
    Ok(())
}

#[tokio::test]
async fn every_change_is_announced_in_order() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    stage.sim.add_hook(&stage.product, HookSettings::new(&receiver.url));
    let anna = stage.sim.person("anna");
    let issue = anna.opens_issue(&stage.product, "T", "", &["bug"])?;
    let issue = anna.on_issue(&stage.product, issue);
    issue.adds_labels(&["new"])?;
    let note = issue.comments("hello")?.id();
    issue.edits_comment(note.ok_or("no comment")?, "hi")?;
    issue.reacts(note, "eyes")?;
    issue.closes()?;
    issue.reopens()?;
    anna.opens_typed_issue(&stage.product, IssueType::Task, "Task", "", &[])?;
    anna.opens_confidential_issue(&stage.product, "Secret", "")?;
    let merge = NewMergeRequest { title: "M".into(), ..NewMergeRequest::default() };
    let merge = anna.opens_merge_request(&stage.product, merge)?;
    anna.on_merge_request(&stage.product, merge).pushes(vec![])?;
    // What the bot itself writes comes back to it, too.
    let path = "/projects/example%2Fproduct/issues/1";
    stage.put(path).form(&[("add_labels", "bot"), ("state_event", "close")]).send().await?;
    stage.sim.settle().await;

    let told: Vec<_> = receiver
        .received()
        .iter()
        .map(|one| {
            let body = one.json();
            let kind = body["object_kind"].as_str().unwrap_or_default().to_owned();
            let action =
                body["object_attributes"]["action"].as_str().unwrap_or_default().to_owned();
            (one.header("x-gitlab-event").to_owned(), kind, action)
        })
        .collect();
    let told: Vec<(&str, &str, &str)> = told.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    assert_eq!(
        told,
        [
            ("Issue Hook", "issue", "open"),
            ("Issue Hook", "issue", "update"),
            ("Note Hook", "note", "create"),
            ("Note Hook", "note", "update"),
            ("Emoji Hook", "emoji", "award"),
            ("Issue Hook", "issue", "close"),
            ("Issue Hook", "issue", "reopen"),
            ("Issue Hook", "work_item", "open"),
            ("Confidential Issue Hook", "issue", "open"),
            ("Merge Request Hook", "merge_request", "open"),
            ("Merge Request Hook", "merge_request", "update"),
            ("Issue Hook", "issue", "update"),
            ("Issue Hook", "issue", "close"),
        ]
    );
    let received = receiver.received();
    let update = received[1].json();
    let titles = |labels: &Value| -> Vec<Value> {
        labels.as_array().into_iter().flatten().map(|label| label["title"].clone()).collect()
    };
    assert_eq!(titles(&update["changes"]["labels"]["previous"]), ["bug"]);
    assert_eq!(titles(&update["changes"]["labels"]["current"]), ["bug", "new"]);
    assert_eq!(titles(&update["labels"]), ["bug", "new"]);
    assert_eq!(update["user"]["username"], "anna");
    assert_eq!(update["project"]["path_with_namespace"], "example/product");
    assert_eq!(received[2].json()["issue"]["iid"], 1);
    assert_eq!(received[7].json()["object_attributes"]["type"], "Task");
    assert!(received[10].json()["object_attributes"]["oldrev"].is_string());
    assert_eq!(received[11].json()["user"]["username"], "steward-bot");
    Ok(())
}

#[tokio::test]
async fn a_failing_hook_is_switched_off_for_a_while() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    let hook = stage.sim.add_hook(&stage.product, HookSettings::new(&receiver.url));
    let anna = stage.sim.person("anna");
    receiver.answers(500);
    for number in 1..=6 {
        anna.opens_issue(&stage.product, &format!("Issue {number}"), "", &[])?;
        stage.sim.settle().await;
    }
    // Four failures, and then nothing more; the missed events are lost.
    assert_eq!(receiver.received().len(), 4);
    let paused = stage.sim.hook(hook).ok_or("the hook is gone")?;
    assert_eq!((paused.failures, paused.executable), (4, false));
    let shown = stage.read("/projects/example%2Fproduct/hooks").await?;
    assert_eq!(shown[0]["alert_status"], "temporarily_disabled");

    receiver.answers(200);
    stage.sim.advance(TimeDelta::minutes(2));
    anna.opens_issue(&stage.product, "Again", "", &[])?;
    stage.sim.settle().await;
    assert_eq!(receiver.received().len(), 5);
    assert!(stage.sim.hook(hook).is_some_and(|hook| hook.executable && hook.failures == 0));
    Ok(())
}

#[tokio::test]
async fn hooks_are_managed_by_the_api_and_choose_their_events() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    let path = "/projects/example%2Fproduct/hooks";
    let body = json!({ "url": receiver.url, "note_events": true, "token": "t" });
    let made = stage.post(path).json(&body).send().await?;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await?;
    assert_eq!(made["issues_events"], false);
    assert!(made.get("token").is_none());
    let anna = stage.sim.person("anna");
    anna.opens_issue(&stage.product, "T", "", &[])?;
    anna.on_issue(&stage.product, 1).comments("hello")?;
    stage.sim.settle().await;
    assert_eq!(receiver.received().len(), 1);

    let one = format!("{path}/{}", made["id"]);
    let events = stage.read(&format!("{one}/events")).await?;
    assert_eq!(events[0]["response_status"], "200");
    stage
        .post(&format!("{one}/events/{}/resend", events[0]["id"]))
        .send()
        .await?
        .error_for_status()?;
    stage.sim.settle().await;
    assert_eq!(receiver.received().len(), 2);
    let gone = stage.request(reqwest::Method::DELETE, &one).send().await?;
    assert_eq!(gone.status(), 204);
    assert_eq!(stage.get(&one).send().await?.status(), 404);
    assert_eq!(stage.post(path).json(&json!({ "url": "nonsense" })).send().await?.status(), 422);
    Ok(())
}
