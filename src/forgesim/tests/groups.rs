//! What belongs to a group: its labels, the items of all projects below it, who is in it itself.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Form, Stage, Story};
use crate::forgesim::access;

const LABELS: &str = "/groups/example/labels";

#[tokio::test]
async fn a_group_label_is_made_put_aside_and_deleted() -> Story {
    let stage = Stage::new().await?;
    let made = [("name", "x::1"), ("color", "#123456"), ("description", "About x")];
    let refused = stage.post(LABELS).form(&made).send().await?;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "a project's maintainer is nobody here");
    stage.sim.add_group_member("example", &stage.bot, access::REPORTER);
    let label: Value = stage.post(LABELS).form(&made).send().await?.json().await?;
    assert_eq!(label["is_project_label"], false);
    let again = stage.post(LABELS).form(&made).send().await?;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    stage.put(&format!("{LABELS}/x::1?archived=true")).send().await?.error_for_status()?;
    let label = stage.read(&format!("{LABELS}/x::1")).await?;
    assert_eq!((&label["archived"], &label["color"]), (&json!(true), &json!("#123456")));
    assert_eq!(label["description"], "About x");
    let gone = stage.request(Method::DELETE, &format!("{LABELS}/x::1")).send().await?;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let gone = stage.request(Method::DELETE, &format!("{LABELS}/x::1")).send().await?;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn a_group_lists_the_items_of_all_projects_below_it() -> Story {
    let stage = Stage::new().await?;
    let below = stage.sim.add_project("example/tools/deep");
    let elsewhere = stage.sim.add_project("other/product");
    stage.sim.add_group_label("example", "bug", "#000000");
    let anna = stage.sim.person("anna");
    for project in [&stage.product, &below, &elsewhere] {
        anna.opens_issue(project, "Labelled", "", &["bug"])?;
        anna.opens_issue(project, "Bare", "", &[])?;
    }
    let list = stage.read("/groups/example/issues?labels=bug&sort=asc&state=all").await?;
    let found: Vec<&str> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["references"]["full"].as_str())
        .collect();
    assert_eq!(found, ["example/product#1", "example/tools/deep#1"]);
    assert_eq!(stage.read("/groups/example/merge_requests").await?, json!([]));
    stage.sim.set_public(&below, false);
    let list = stage.read("/groups/example/issues?labels=bug").await?;
    assert_eq!(list.as_array().map(Vec::len), Some(1), "what one may not see is not there");
    Ok(())
}

#[tokio::test]
async fn who_is_in_a_group_only_through_the_one_above_is_no_direct_member() -> Story {
    let stage = Stage::new().await?;
    let olga = stage.sim.add_user("olga", "Olga");
    stage.sim.add_group("example/managers");
    stage.sim.add_group_member("example", &olga, access::DEVELOPER);
    let asked = |path: &str| stage.get(&format!("/groups/example%2Fmanagers/{path}/{}", olga.id));
    assert_eq!(asked("members/all").send().await?.status(), StatusCode::OK);
    assert_eq!(asked("members").send().await?.status(), StatusCode::NOT_FOUND);
    stage.sim.add_group_member("example/managers", &olga, access::DEVELOPER);
    assert_eq!(asked("members").send().await?.status(), StatusCode::OK);
    Ok(())
}
