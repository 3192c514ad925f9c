//! Whole files of merge requests, before and after; and members of groups.

use serde_json::Value;

use super::{Stage, Story, receiver::Receiver};
use crate::forgesim::{Change, HookSettings, MadeUp, NewMergeRequest, Offer, access};

const PROJECT: &str = "/projects/example%2Fproduct";

impl Stage {
    /// What stands in a file at a ref, or the message that says why not.
    async fn raw(&self, path: &str, reference: &str) -> Result<String, Box<dyn std::error::Error>> {
        let path = path.replace('/', "%2F");
        let url = format!("{PROJECT}/repository/files/{path}/raw?ref={reference}");
        let answer = self.get(&url).send().await?;
        match answer.status().as_u16() {
            200 => Ok(answer.text().await?),
            _ => Ok(answer.json::<Value>().await?["message"].to_string()),
        }
    }
}

#[tokio::test]
async fn files_stand_as_they_were_before_and_after_a_change() -> Story {
    let (stage, receiver) = (Stage::new().await?, Receiver::start().await?);
    stage.sim.add_hook(&stage.product, HookSettings::new(&receiver.url));
    stage.sim.add_file(&stage.product, "kept.rb", "kept\n");
    let ben = stage.sim.person("ben");
    let changes = vec![
        Change::file("lib/a.rb", Some("1\n2\n3\n"), Some("1\n2\nthree\nfour\n")),
        Change::file("new.rb", None, Some("new\n")),
        Change::file("old.rb", Some("old\n"), None),
        Change::moved("from.rb", "to.rb", "a\nb\n", "a\nc\n"),
    ];
    let new = NewMergeRequest { title: "T".into(), changes, ..NewMergeRequest::default() };
    let iid = ben.opens_merge_request(&stage.product, new)?;
    let one = format!("{PROJECT}/merge_requests/{iid}");
    let shown = stage.read(&one).await?;
    let sha = |shown: &Value, name: &str| {
        shown["diff_refs"][name].as_str().map(str::to_owned).ok_or("no commit")
    };
    let (base, head) = (sha(&shown, "base_sha")?, sha(&shown, "head_sha")?);
    let diffs = stage.read(&format!("{one}/diffs")).await?;
    assert_eq!(diffs[0]["diff"], "@@ -1,3 +1,4 @@\n 1\n 2\n-3\n+three\n+four\n");
    assert_eq!(diffs[3]["diff"], "@@ -1,2 +1,2 @@\n a\n-b\n+c\n");

    let (file, commit) = ("\"404 File Not Found\"", "\"404 Commit Not Found\"");
    let name = format!("refs/merge-requests/{iid}/head");
    for (path, before, after) in [
        ("kept.rb", "kept\n", "kept\n"),
        ("lib/a.rb", "1\n2\n3\n", "1\n2\nthree\nfour\n"),
        ("new.rb", file, "new\n"),
        ("old.rb", "old\n", file),
        ("from.rb", "a\nb\n", file),
        ("to.rb", file, "a\nc\n"),
    ] {
        assert_eq!(stage.raw(path, &base).await?, before, "{path}");
        for reference in [&head, &name, "change-1"] {
            assert_eq!(stage.raw(path, reference).await?, after, "{path}");
        }
    }
    assert_eq!(stage.raw("kept.rb", &"0".repeat(40)).await?, commit);

    // A push shows what it brings, and nothing else.
    let next = vec![Change::file("lib/a.rb", Some("1\n2\n3\n"), Some("1\n"))];
    let next = ben.on_merge_request(&stage.product, iid).pushes(next)?;
    assert_ne!(next, head);
    let shown = stage.read(&one).await?;
    assert_eq!(
        (sha(&shown, "head_sha")?, shown["changes_count"].as_str()),
        (next.clone(), Some("1"))
    );
    assert_eq!(stage.raw("lib/a.rb", &name).await?, "1\n");
    assert_eq!(stage.raw("new.rb", &next).await?, file);
    assert_eq!(stage.raw("old.rb", &next).await?, "old\n", "nobody deletes it any more");
    assert_eq!(stage.raw("new.rb", &head).await?, "new\n", "the commit before is still there");
    stage.sim.settle().await;
    let told: Vec<Value> = receiver
        .received()
        .iter()
        .filter_map(|one| serde_json::from_slice(&one.body).ok())
        .collect();
    let last = told.last().ok_or("nothing was told")?;
    let attributes = &last["object_attributes"];
    assert_eq!((&attributes["action"], &attributes["oldrev"]), (&"update".into(), &head.into()));
    assert_eq!(attributes["last_commit"]["id"], next.as_str());
    Ok(())
}

#[tokio::test]
async fn made_up_merge_requests_take_turns_at_the_changes() -> Story {
    let stage = Stage::new().await?;
    let changes = ["a.rb", "b.rb"].map(|path| vec![Change::added(path, path)]).to_vec();
    let offer = Offer { changes, ..Offer::default() };
    stage.sim.fill(&stage.product, 40, &offer)?;
    let mut seen = Vec::new();
    let count = (1..=40).filter(|number| MadeUp::number(*number, &offer).is_merge_request).count();
    for iid in 1..=count {
        let one = format!("{PROJECT}/merge_requests/{iid}");
        let (shown, diffs) = (stage.read(&one).await?, stage.read(&format!("{one}/diffs")).await?);
        let path = diffs[0]["new_path"].as_str().ok_or("no file")?.to_owned();
        let head = shown["sha"].as_str().ok_or("no head")?;
        assert_eq!(stage.raw(&path, head).await?, path);
        seen.push(path);
    }
    assert!(seen.windows(2).all(|two| two[0] != two[1]), "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn members_of_a_group_come_from_the_groups_above_too() -> Story {
    let stage = Stage::new().await?;
    stage.sim.add_group("example/team/inner");
    let [anna, ben, carla] = ["anna", "ben", "carla"].map(|name| stage.sim.add_user(name, name));
    stage.sim.add_group_member("example", &anna, access::GUEST);
    stage.sim.add_group_member("example/team", &anna, access::DEVELOPER);
    stage.sim.add_group_member("example/team/inner", &ben, access::OWNER);
    for (group, user, level) in [
        ("example%2Fteam%2Finner", &anna, 30),
        ("Example%2FTeam", &anna, 30),
        ("example", &anna, 10),
        ("example%2Fteam%2Finner", &ben, 50),
        ("example%2Fteam", &ben, 0),
        ("example%2Fteam", &carla, 0),
    ] {
        let path = format!("/groups/{group}/members/all/{}", user.id);
        let answer = stage.get(&path).send().await?;
        if level == 0 {
            assert_eq!(answer.status(), 404, "{path}");
            assert_eq!(answer.json::<Value>().await?["message"], "404 Not found");
            continue;
        }
        let member: Value = answer.error_for_status()?.json().await?;
        assert_eq!(member["access_level"], level, "{path}");
        assert_eq!((&member["state"], &member["expires_at"]), (&"active".into(), &Value::Null));
        assert_eq!(member["membership_state"], "active");
    }
    stage.sim.block(&anna, true);
    let path = format!("/groups/example/members/all/{}", anna.id);
    assert_eq!(stage.read(&path).await?["state"], "blocked");
    stage.sim.hide_group("example", true);
    for hidden in [&path, "/groups/none/members/all/1"] {
        let answer = stage.get(hidden).send().await?;
        assert_eq!(answer.json::<Value>().await?["message"], "404 Group Not Found");
    }
    stage.sim.add_group_member("example", &stage.bot, access::GUEST);
    assert_eq!(stage.read(&path).await?["access_level"], 10);
    Ok(())
}
