//! Merge requests with their diffs, files and statuses.

use serde_json::Value;

use super::{Form, Stage, Story};
use crate::forgesim::{Change, NewMergeRequest};

#[tokio::test]
async fn merge_requests_show_their_diffs_and_files() -> Story {
    let stage = Stage::new().await?;
    stage.sim.add_file(&stage.product, "docs/a.md", "one\n");
    let ben = stage.sim.person("ben");
    let new = NewMergeRequest {
        title: "Draft: change".into(),
        changes: vec![
            Change::edited("docs/a.md", "one\n", "two\n"),
            Change::added("docs/sub/b.md", "b\n").too_large(),
        ],
        ..NewMergeRequest::default()
    };
    let iid = ben.opens_merge_request(&stage.product, new)?;
    let path = format!("/projects/example%2Fproduct/merge_requests/{iid}");
    let shown = stage.read(&path).await?;
    assert_eq!(shown["draft"], true);
    let sha = shown["sha"].as_str().unwrap_or_default().to_owned();
    assert_eq!(shown["diff_refs"]["head_sha"], sha.as_str());
    let diffs = stage.read(&format!("{path}/diffs")).await?;
    assert_eq!(diffs[0]["diff"], "@@ -1 +1 @@\n-one\n+two\n");
    assert_eq!(diffs[1]["too_large"], true);

    let files = "/projects/example%2Fproduct/repository/files/docs%2Fa.md";
    let main = stage.get(&format!("{files}/raw")).send().await?.text().await?;
    let head = stage.get(&format!("{files}/raw?ref={sha}")).send().await?.text().await?;
    assert_eq!((main.as_str(), head.as_str()), ("one\n", "two\n"));
    assert_eq!(stage.read(files).await?["content"], "b25lCg==");
    let tree = format!("/projects/example%2Fproduct/repository/tree?path=docs&ref={sha}");
    let names: Vec<Value> = stage
        .read(&tree)
        .await?
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["path"].clone())
        .collect();
    assert_eq!(names, ["docs/sub", "docs/a.md"]);

    let status = format!("/projects/example%2Fproduct/statuses/{sha}");
    let set = [("state", "running"), ("name", "steward")];
    assert_eq!(stage.post(&status).form(&set).send().await?.status(), 201);
    assert_eq!(stage.post(&status).form(&set).send().await?.status(), 400);
    let done = [("state", "success"), ("name", "steward")];
    assert_eq!(stage.post(&status).form(&done).send().await?.status(), 201);
    assert_eq!(stage.sim.statuses(&stage.product, &sha)[0].state, "success");

    let next = ben.on_merge_request(&stage.product, iid).pushes(vec![])?;
    assert_eq!(stage.read(&path).await?["sha"], next.as_str());
    ben.on_merge_request(&stage.product, iid).merges()?;
    assert_eq!(stage.read(&path).await?["state"], "merged");
    Ok(())
}
