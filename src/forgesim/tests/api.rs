//! Reading and writing through the REST API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Form, Stage, Story, header};
use crate::forgesim::{SimSettings, access};

const ISSUES: &str = "/projects/example%2Fproduct/issues";

#[tokio::test]
async fn a_project_is_found_by_number_and_by_nested_path() -> Story {
    let stage = Stage::new().await?;
    let nested = stage.sim.add_project("group/sub group/deep/proj");
    for path in
        [format!("/projects/{}", nested.id), "/projects/group%2Fsub%20group%2Fdeep%2Fproj".into()]
    {
        let project = stage.read(&path).await?;
        assert_eq!(project["path_with_namespace"], "group/sub group/deep/proj");
        assert_eq!(project["namespace"]["full_path"], "group/sub group/deep");
    }
    let missing = stage.get("/projects/group%2Fnone").send().await?;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(missing.json::<Value>().await?, json!({ "message": "404 Project Not Found" }));
    Ok(())
}

#[tokio::test]
async fn a_token_is_needed_and_its_scope_counts() -> Story {
    let stage = Stage::new().await?;
    let url = format!("{}/api/v4/user", stage.sim.url());
    for request in [
        stage.client.get(&url),
        stage.client.get(&url).header("PRIVATE-TOKEN", "wrong"),
        stage.client.get(&url).bearer_auth("wrong"),
    ] {
        let answer = request.send().await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json::<Value>().await?, json!({ "message": "401 Unauthorized" }));
    }
    let user: Value =
        stage.client.get(&url).bearer_auth(&stage.bot.token).send().await?.json().await?;
    assert_eq!(user["username"], "steward-bot");

    stage.sim.add_token(&stage.bot, "reader", &["read_api"], None);
    let anna = stage.sim.person("anna");
    anna.opens_issue(&stage.product, "One", "", &[])?;
    let issue = format!("{}/api/v4{ISSUES}/1", stage.sim.url());
    let read = stage.client.get(&issue).bearer_auth("reader").send().await?;
    assert_eq!(read.status(), StatusCode::OK);
    let write =
        stage.client.put(&issue).bearer_auth("reader").form(&[("title", "Two")]).send().await?;
    assert_eq!(write.status(), StatusCode::FORBIDDEN);
    assert_eq!(write.json::<Value>().await?["error"], "insufficient_scope");

    stage.sim.revoke_token("reader");
    let gone = stage.client.get(&issue).bearer_auth("reader").send().await?;
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn somebody_without_a_role_may_comment_but_not_label() -> Story {
    let stage = Stage::new().await?;
    let stranger = stage.sim.add_user("stranger", "Stranger");
    stage.sim.person("anna").opens_issue(&stage.product, "One", "", &[])?;
    let url = format!("{}/api/v4{ISSUES}/1", stage.sim.url());
    let put = stage.client.put(&url).bearer_auth(&stranger.token).form(&[("add_labels", "x")]);
    assert_eq!(put.send().await?.status(), StatusCode::FORBIDDEN);
    let notes = stage.client.post(format!("{url}/notes")).bearer_auth(&stranger.token);
    assert_eq!(notes.form(&[("body", "hello")]).send().await?.status(), StatusCode::CREATED);

    let member = stage.read("/projects/example%2Fproduct/members/all").await?;
    assert_eq!(member[0]["access_level"], access::MAINTAINER);
    let one = format!("/projects/example%2Fproduct/members/all/{}", stranger.id);
    assert_eq!(stage.get(&one).send().await?.status(), StatusCode::NOT_FOUND);
    stage.sim.set_public(&stage.product, false);
    let hidden = stage.client.get(&url).bearer_auth(&stranger.token).send().await?;
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn pages_are_linked_and_capped() -> Story {
    let settings = SimSettings { per_page_cap: 2, ..SimSettings::default() };
    let stage = Stage::with(settings).await?;
    let anna = stage.sim.person("anna");
    for number in 1..=5 {
        anna.opens_issue(&stage.product, &format!("Issue {number}"), "", &["bug"])?;
    }
    let first = stage.get(&format!("{ISSUES}?labels=bug&per_page=100&sort=asc")).send().await?;
    assert_eq!(header(&first, "x-per-page"), "2");
    assert_eq!(header(&first, "x-total"), "5");
    assert_eq!(header(&first, "x-total-pages"), "3");
    assert_eq!(header(&first, "x-next-page"), "2");
    assert_eq!(header(&first, "ratelimit-limit"), "2000");
    let mut next = Some(first);
    let mut numbers = Vec::new();
    while let Some(answer) = next.take() {
        let link = header(&answer, "link").to_owned();
        let issues: Vec<Value> = answer.json().await?;
        numbers.extend(issues.iter().filter_map(|issue| issue["iid"].as_u64()));
        let rel = link.split(", ").find(|part| part.ends_with("rel=\"next\""));
        if let Some(url) = rel.and_then(|part| part.split(['<', '>']).nth(1)) {
            assert!(url.starts_with(stage.sim.url()), "{url}");
            next = Some(stage.client.get(url).bearer_auth(&stage.bot.token).send().await?);
        }
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let bad = stage.get(&format!("{ISSUES}?page=0")).send().await?;
    assert_eq!(bad.status(), StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered() -> Story {
    let stage = Stage::new().await?;
    let anna = stage.sim.person("anna");
    anna.opens_issue(&stage.product, "One", "", &["bug", "x::1"])?;
    anna.opens_issue(&stage.product, "Two", "", &["bug"])?;
    anna.on_issue(&stage.product, 2).closes()?;
    let numbers = async |query: &str| -> Result<Vec<u64>, Box<dyn std::error::Error>> {
        let found = stage.read(&format!("{ISSUES}?{query}")).await?;
        let found = found.as_array().cloned().unwrap_or_default();
        Ok(found.iter().filter_map(|issue| issue["iid"].as_u64()).collect())
    };
    assert_eq!(numbers("labels=bug").await?, [2, 1]);
    assert_eq!(numbers("labels=bug,x::1").await?, [1]);
    assert_eq!(numbers("labels=x::*").await?, [1]);
    assert_eq!(numbers("labels=unknown").await?, [0u64; 0]);
    assert_eq!(numbers("labels=None").await?, [0u64; 0]);
    assert_eq!(numbers("state=closed").await?, [2]);
    assert_eq!(numbers("iids[]=1&iids[]=9").await?, [1]);
    assert_eq!(numbers("updated_after=2999-01-01T00:00:00Z").await?, [0u64; 0]);
    assert_eq!(numbers("order_by=title&sort=asc").await?, [1, 2]);
    Ok(())
}

#[tokio::test]
async fn writes_take_forms_json_and_query_parameters() -> Story {
    let stage = Stage::new().await?;
    let created =
        stage.post(ISSUES).json(&json!({ "title": "T", "labels": ["a", "b"] })).send().await?;
    assert_eq!(created.status(), StatusCode::CREATED);
    let issue = format!("{ISSUES}/1");
    stage.put(&issue).form(&[("add_labels", "c,d")]).send().await?.error_for_status()?;
    stage.put(&format!("{issue}?remove_labels=a")).send().await?.error_for_status()?;
    let answer = stage.put(&issue).json(&json!({ "state_event": "close" })).send().await?;
    let answer: Value = answer.error_for_status()?.json().await?;
    assert_eq!(answer["labels"], json!(["b", "c", "d"]));
    assert_eq!(answer["state"], "closed");
    assert_eq!(answer["closed_by"]["username"], "steward-bot");
    assert!(answer["updated_at"].as_str().is_some_and(|time| time.ends_with('Z')));

    for (path, body, status) in [
        (ISSUES, json!({}), 400),
        (ISSUES, json!({ "title": "x".repeat(256) }), 400),
        (ISSUES, json!([1]), 400),
    ] {
        assert_eq!(stage.post(path).json(&body).send().await?.status(), status);
    }
    assert_eq!(stage.put(&issue).send().await?.status(), 400);
    assert_eq!(stage.put(&format!("{ISSUES}/abc")).send().await?.status(), 400);
    assert_eq!(stage.get(&format!("{ISSUES}/99")).send().await?.status(), 404);
    Ok(())
}

#[tokio::test]
async fn unknown_labels_come_into_being_and_scopes_exclude() -> Story {
    let stage = Stage::new().await?;
    stage.sim.add_group_label("example", "group::import", "#A8D695");
    stage.sim.add_group_label("example", "group::project management", "#A8D695");
    stage.sim.person("anna").opens_issue(&stage.product, "T", "", &["group::import"])?;
    let before = stage.sim.labels(&stage.product).len();
    let issue = format!("{ISSUES}/1");
    let add = [("add_labels", "group::project management,Integration::Jira")];
    stage.put(&issue).form(&add).send().await?.error_for_status()?;

    let shown = stage.sim.issue(&stage.product, 1)?;
    assert_eq!(shown.labels, ["Integration::Jira", "group::project management"]);
    assert_eq!(stage.sim.labels(&stage.product).len(), before + 1);
    let events = stage.read(&format!("{issue}/resource_label_events")).await?;
    let told: Vec<_> = events
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| {
            (e["user"]["username"].as_str(), e["action"].as_str(), e["label"]["name"].as_str())
        })
        .collect();
    let (anna, bot) = (Some("anna"), Some("steward-bot"));
    assert_eq!(
        told,
        [
            (anna, Some("add"), Some("group::import")),
            (bot, Some("remove"), Some("group::import")),
            (bot, Some("add"), Some("group::project management")),
            (bot, Some("add"), Some("Integration::Jira")),
        ]
    );

    let label =
        stage.read("/projects/example%2Fproduct/labels/group::project%20management").await?;
    assert_eq!(label["is_project_label"], false);
    let missing = stage.get("/projects/example%2Fproduct/labels/integration::jira").send().await?;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await?, json!({ "message": "404 Label Not Found" }));
    stage
        .request(Method::DELETE, "/projects/example%2Fproduct/labels/Integration::Jira")
        .send()
        .await?
        .error_for_status()?;
    let events = stage.read(&format!("{issue}/resource_label_events")).await?;
    assert_eq!(events[3]["label"], Value::Null);

    stage.sim.set_premium(&stage.product, false);
    stage.put(&issue).form(&[("add_labels", "group::import")]).send().await?;
    assert_eq!(stage.sim.issue(&stage.product, 1)?.labels.len(), 2);
    Ok(())
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() -> Story {
    let stage = Stage::new().await?;
    let first = stage.get("/projects/example%2Fproduct").send().await?;
    let tag = header(&first, "etag").to_owned();
    let again =
        stage.get("/projects/example%2Fproduct").header("If-None-Match", tag).send().await?;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let requests = stage.sim.requests();
    assert_eq!(requests.counts["GET /api/v4/projects/{id}"], 2);
    assert_eq!(requests.latest[1].status, 304);
    assert_eq!(requests.latest[1].user.as_deref(), Some("steward-bot"));
    Ok(())
}

#[tokio::test]
async fn there_are_pages_to_look_at() -> Story {
    let stage = Stage::new().await?;
    stage.sim.person("anna").opens_issue(&stage.product, "<b>bold</b>", "", &["bug"])?;
    let url = stage.sim.url();
    let index = stage.client.get(url).send().await?.text().await?;
    assert!(index.contains("/example/product/-/issues/1"));
    for list in ["/example/product", "/example/product/-/issues"] {
        let list = stage.client.get(format!("{url}{list}")).send().await?.error_for_status()?;
        assert_eq!(list.text().await?, index);
    }
    let nowhere = stage.client.get(format!("{url}/example/nothing")).send().await?;
    assert_eq!(nowhere.status(), 404);
    let page = stage.client.get(format!("{url}/example/product/-/issues/1")).send().await?;
    assert!(page.text().await?.contains("&lt;b&gt;bold"));
    let none = stage.client.get(format!("{url}/example/product/-/issues/2")).send().await?;
    assert_eq!(none.status(), 404);
    Ok(())
}
