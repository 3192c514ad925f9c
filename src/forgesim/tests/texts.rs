//! Comments: quick actions, mentions, editing.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Form, Stage, Story};
use crate::forgesim::{Comment, State};

const NOTES: &str = "/projects/example%2Fproduct/issues/1/notes";

#[tokio::test]
async fn quick_actions_act_unless_they_are_escaped() -> Story {
    let stage = Stage::new().await?;
    stage.sim.add_label(&stage.product, "bug", "#ff0000");
    stage.sim.person("anna").opens_issue(&stage.product, "T", "", &[])?;
    for harmless in ["\\/close", "`/close`", "```\n/close\n```", "see /close", "&#47;close"] {
        let answer = stage.post(NOTES).json(&json!({ "body": harmless })).send().await?;
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.json::<Value>().await?["body"], harmless);
    }
    assert_eq!(stage.sim.issue(&stage.product, 1)?.state, State::Opened);

    let body = "Done.\n/label ~bug ~unknown\n/close";
    let answer: Value =
        stage.post(NOTES).json(&json!({ "body": body })).send().await?.json().await?;
    assert_eq!(answer["commands_changes"]["state_event"], "close");
    let issue = stage.sim.issue(&stage.product, 1)?;
    assert_eq!((issue.state, issue.labels), (State::Closed, vec!["bug".to_owned()]));

    let only = stage.post(NOTES).json(&json!({ "body": "/reopen" })).send().await?;
    assert_eq!(only.status(), 202);
    let issue = stage.sim.issue(&stage.product, 1)?;
    assert_eq!(issue.state, State::Opened);
    assert_eq!(issue.comments().count(), 6);

    // A stranger's command is not obeyed.
    let stranger = stage.sim.person("stranger").on_issue(&stage.product, 1).comments("/close")?;
    assert_eq!(stranger, Comment::OnlyCommands);
    assert_eq!(stage.sim.issue(&stage.product, 1)?.state, State::Opened);
    Ok(())
}

#[tokio::test]
async fn an_edit_notifies_only_the_newly_mentioned() -> Story {
    let stage = Stage::new().await?;
    let anna = stage.sim.person("anna");
    anna.opens_issue(&stage.product, "T", "cc @carla", &[])?;
    let note = anna.on_issue(&stage.product, 1).comments("@ben look, not `@dora`")?.id();
    let note = note.ok_or("the comment was not stored")?;
    anna.on_issue(&stage.product, 1).edits_comment(note, "@ben and @emil look")?;
    let told: Vec<_> = stage.sim.notified().into_iter().map(|m| (m.name, m.note)).collect();
    let name = |text: &str| text.to_owned();
    assert_eq!(
        told,
        [(name("carla"), None), (name("ben"), Some(note)), (name("emil"), Some(note))]
    );
    Ok(())
}

#[tokio::test]
async fn comments_are_listed_edited_and_deleted() -> Story {
    let stage = Stage::new().await?;
    let anna = stage.sim.person("anna");
    anna.opens_issue(&stage.product, "T", "", &[])?;
    anna.on_issue(&stage.product, 1).renames("U")?;
    let note: Value = stage.post(NOTES).form(&[("body", "hello")]).send().await?.json().await?;
    let path = format!("{NOTES}/{}", note["id"]);
    let edited: Value = stage.put(&path).form(&[("body", "hi")]).send().await?.json().await?;
    assert_eq!((&edited["body"], &edited["id"]), (&json!("hi"), &note["id"]));

    let all = stage.read(&format!("{NOTES}?sort=asc")).await?;
    assert_eq!((&all[0]["system"], &all[1]["body"]), (&json!(true), &json!("hi")));
    let comments = stage.read(&format!("{NOTES}?activity_filter=only_comments")).await?;
    assert_eq!(comments.as_array().map(Vec::len), Some(1));
    assert_eq!(stage.read("/projects/example%2Fproduct/issues/1").await?["user_notes_count"], 1);

    let gone = stage.request(Method::DELETE, &path).send().await?;
    assert_eq!(gone.status(), 204);
    for request in [stage.get(&path), stage.put(&path).form(&[("body", "x")])] {
        let answer = request.send().await?;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.json::<Value>().await?, json!({ "message": "404 Note Not Found" }));
    }
    assert_eq!(stage.post(NOTES).form(&[("body", " ")]).send().await?.status(), 400);
    assert_eq!(stage.post(NOTES).send().await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn reactions_come_once_per_person() -> Story {
    let stage = Stage::new().await?;
    stage.sim.person("anna").opens_issue(&stage.product, "T", "", &[])?;
    let path = "/projects/example%2Fproduct/issues/1/award_emoji";
    let name = [("name", "thumbsup")];
    let award: Value = stage.post(path).form(&name).send().await?.json().await?;
    assert_eq!(stage.post(path).form(&name).send().await?.status(), 404);
    assert_eq!(stage.read(path).await?[0]["id"], award["id"]);
    let gone = stage.request(Method::DELETE, &format!("{path}/{}", award["id"])).send().await?;
    assert_eq!(gone.status(), 204);
    Ok(())
}
