//! The end of an integration: approved by two, closed once each, and brought back.

use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use steward::forgesim::{
    Face, Fault, FaultKind, ItemKind, NewMergeRequest, SimSettings, State, access,
};

use crate::{
    process::{Ended, run, settings_of, steward},
    world::{BOT, Item, NESTED, PROJECT, World, until},
};

const LABEL: &str = "Integration::Jira";
const OWNERS: &str = "gitlab-org/plan-stage/project-management-group/engineers";
const MANAGERS: &str = "example/managers";

/// State, labels, and when it changed last.
type Seen = (State, Vec<String>, DateTime<Utc>);

/// A forge with people who may approve, and Steward's policies with a short way.
struct End {
    gitlab: World,
    tracking: Item,
}

impl End {
    async fn new(face: Face, latency: Duration) -> Self {
        let sim = SimSettings { face, latency, ..SimSettings::default() };
        let mut gitlab = World::without_steward(sim).await;
        for (name, groups) in
            [("olga", &[OWNERS][..]), ("max", &[MANAGERS]), ("both", &[OWNERS, MANAGERS])]
        {
            let user = gitlab.sim.add_user(name, name);
            for group in groups {
                gitlab.sim.add_group_member(group, &user, access::DEVELOPER);
            }
        }
        let dir = gitlab.folder().join("policies");
        std::fs::create_dir_all(&dir).expect("a folder");
        let text = format!(
            "cleanup:\n  release_managers: {MANAGERS}\n  window_days: 7\n  canary: 5\n  \
             pause_minutes: 0\n  per_minute: 60000\n  delete_after_days: 0\n"
        );
        std::fs::write(dir.join("lifecycle.yml"), text).expect("written");
        gitlab.settings.policies.dir = dir;
        let tracking = gitlab.anna().opens_issue("Jira leaves in 20.0");
        Self { gitlab, tracking }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = steward(&self.gitlab.folder(), arguments);
        settings_of(&self.gitlab, &mut command);
        command
            .env("STEWARD_POLICIES_DIR", &self.gitlab.settings.policies.dir)
            .env(self.gitlab.projects_variable(), PROJECT);
        command
    }

    async fn runs(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    fn begins(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Posts the list; answers the cleanup's name.
    async fn proposes(&self) -> String {
        let issue = format!("{PROJECT}#{}", self.tracking.iid);
        let posted = self.runs(&["cleanup", "propose", "jira", "--issue", &issue]).await;
        let out = posted.exits_with(0).out();
        out.trim().rsplit(' ').next().expect("a name").to_owned()
    }

    fn approves(&self, who: &str, id: &str) -> u64 {
        let text = format!("Looks right.\n\n@steward-bot approve-cleanup {id}");
        self.gitlab.person(who).says(self.tracking, &text)
    }

    fn restore_file(&self, id: &str) -> String {
        let file = self.gitlab.folder().join(format!("cleanups/{id}.restore.json"));
        file.display().to_string()
    }

    /// Everything about items that a cleanup may change.
    fn all(&self) -> BTreeMap<(&'static str, bool, u64), Seen> {
        let mut all = BTreeMap::new();
        for project in [PROJECT, NESTED] {
            for iid in 1..1000 {
                let sim = &self.gitlab.sim;
                for (request, view) in
                    [(false, sim.issue(project, iid)), (true, sim.merge_request(project, iid))]
                {
                    let Ok(view) = view else { continue };
                    all.insert((project, request, iid), (view.state, view.labels, view.updated_at));
                }
            }
        }
        all
    }

    fn closed(&self) -> usize {
        let labelled = |labels: &[String]| labels.iter().any(|label| label == LABEL);
        let all = self.all().into_values();
        all.filter(|(state, labels, _)| *state == State::Closed && labelled(labels)).count()
    }

    /// How often items were changed over the API.
    fn changes(&self) -> u64 {
        self.gitlab.sim.write_totals().changes
    }

    /// Whether the label is put aside; GitHub cannot do that.
    async fn is_archived(&self) -> bool {
        self.label().await["archived"] == true
    }

    /// What is said of the label when all is closed.
    fn end_of_label(&self) -> &'static str {
        match self.gitlab.face {
            Face::Gitlab => "The label is archived.",
            Face::Github => {
                "GitHub archives no labels: it stays until `steward cleanup delete-label"
            }
        }
    }

    /// The label as the forge shows it.
    async fn label(&self) -> serde_json::Value {
        let path = match self.gitlab.face {
            Face::Gitlab => format!("/api/v4/groups/example/labels/{LABEL}"),
            Face::Github => format!("/api/v3/repos/{PROJECT}/labels/{LABEL}"),
        };
        let url = format!("{}{path}", self.gitlab.sim.url());
        let asked = reqwest::Client::new().get(url).bearer_auth(&self.gitlab.bot.token);
        // As GitHub asks of everybody: the contract check looks at each request.
        let asked = asked
            .header("User-Agent", "a story")
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28");
        let text = asked.send().await.expect("an answer").text().await.expect("a text");
        serde_json::from_str(&text).expect("JSON")
    }
}

fn merge_request(gitlab: &World, label: &str) -> Item {
    let new = NewMergeRequest {
        title: "Mend Jira".to_owned(),
        labels: vec![label.to_owned()],
        ..NewMergeRequest::default()
    };
    let anna = gitlab.sim.person("anna");
    let iid = anna.opens_merge_request(PROJECT, new).expect("it is opened");
    Item { face: gitlab.face, project: PROJECT, kind: ItemKind::MergeRequest, iid }
}

/// 300 here; `steward bench cleanup` takes 2,000.
#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_items_are_closed_once_each_and_brought_back_though_it_is_killed(#[case] face: Face) {
    const OPEN: usize = 300;
    let end = End::new(face, Duration::from_millis(2)).await;
    let anna = end.gitlab.anna();
    for number in 0..OPEN - 60 {
        anna.opens_labelled(&format!("Jira {number}"), &[LABEL, "group::project management"]);
        if number % 10 == 0 {
            anna.opens_labelled("Elsewhere", &["Integration::Asana"]);
            anna.opens_issue("Nothing to do with it");
            let old = anna.opens_labelled("Jira was slow", &[LABEL]);
            anna.closes(old);
        }
    }
    for number in 0..60 {
        match number % 2 {
            // On GitHub a label is of one repository.
            0 if face == Face::Gitlab => drop(anna.opens_in(NESTED, "Jira below", "", &[LABEL])),
            _ => drop(merge_request(&end.gitlab, LABEL)),
        }
    }
    end.gitlab.sim.settle().await;
    let id = end.proposes().await;
    end.approves("olga", &id);
    end.approves("max", &id);
    let before = end.all();
    let closed_before = end.closed();

    // On GitHub that is the secondary limit, answered 403.
    let slow = FaultKind::TooManyRequests { retry_after: 1 };
    let write = if face == Face::Gitlab { "PUT" } else { "PATCH" };
    for done in [3, 130, 220] {
        end.gitlab.sim.fails(Fault::new(slow.clone()).on(write).times(2));
        let mut child = end.begins(&["cleanup", "run", &id]);
        until("some are closed", async || end.changes() >= done).await;
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        assert!(end.closed() - closed_before < OPEN, "killed too late to tell anything");
    }
    let ended = end.runs(&["cleanup", "run", &id]).await.exits_with(0);
    ended.prints(&format!(
        "{OPEN} closed, 0 left alone, 0 labelled since the list was posted. {}",
        end.end_of_label()
    ));
    assert_eq!(end.changes(), OPEN as u64, "each was closed once");
    assert_eq!(end.is_archived().await, face == Face::Gitlab);
    for (item, (state, labels, at)) in end.all() {
        let (was, had, when) = &before[&item];
        let meant = *was == State::Opened && had.iter().any(|label| label == LABEL);
        assert_eq!(state == State::Closed, meant || *was == State::Closed, "{item:?}");
        assert_eq!(&labels, had, "{item:?}");
        assert!(meant || at == *when, "{item:?} was touched");
    }
    // Again is nothing.
    end.runs(&["cleanup", "run", &id]).await.exits_with(0);
    assert_eq!(end.changes(), OPEN as u64);

    // And all of it back, also killed.
    let file = end.restore_file(&id);
    let mut child = end.begins(&["restore", &file]);
    until("some are back", async || end.changes() > OPEN as u64 + 50).await;
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(end.closed() > closed_before, "killed too late to tell anything");
    end.runs(&["restore", &file]).await.exits_with(0);
    for (item, (state, labels, _)) in end.all() {
        assert_eq!((&state, &labels), (&before[&item].0, &before[&item].1), "{item:?}");
    }
    assert!(!end.is_archived().await);
    assert_eq!(end.changes(), 2 * OPEN as u64, "each was opened once");
    let again = end.runs(&["cleanup", "run", &id]).await.exits_with(1);
    again.complains("it was brought back");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_closed_without_two_people(#[case] face: Face) {
    let end = End::new(face, Duration::ZERO).await;
    let issue = end.gitlab.anna().opens_labelled("Jira is down", &[LABEL]);
    let id = end.proposes().await;
    let list = end.gitlab.shows(end.tracking).0.comments_of(BOT)[0].body.clone();
    assert!(list.contains(&format!("@steward-bot approve-cleanup {id}")), "{list}");
    let url = end.gitlab.sim.url();
    let (archived, link) = match face {
        Face::Gitlab => (true, format!("{url}/{PROJECT}/-/issues?label_name")),
        Face::Github => (false, format!("{url}/{PROJECT}/issues?q=is%3Aissue+is%3Aopen+label")),
    };
    assert_eq!(list.contains("and then the label is archived"), archived, "{list}");
    assert!(list.contains(&link), "{list}");
    assert!(list.contains(&format!("Open {}s", end.gitlab.merge_request())), "{list}");
    let lacks = async |what: &str| {
        end.runs(&["cleanup", "run", &id]).await.exits_with(1).complains(what);
        assert_eq!(end.changes(), 0);
    };
    lacks("not approved yet by a member of @gitlab-org/plan-stage").await;
    // Who has no say, says it to somebody else, or means another one.
    end.approves("anna", &id);
    end.approves("olga", "0000abcd");
    end.gitlab.person("max").says(end.tracking, &format!("@somebody approve-cleanup {id}"));
    lacks("and by a release manager").await;
    // One person who is both, however often.
    end.approves("both", &id);
    end.approves("both", &id);
    lacks("by somebody else than the one who is both").await;
    // Nobody knows whose words a comment is that was changed.
    let changed = end.gitlab.person("olga").says(end.tracking, "I am not sure.");
    end.gitlab.sim.advance(TimeDelta::minutes(1));
    let text = format!("@steward-bot approve-cleanup {id}");
    end.gitlab.anna().edits_comment(end.tracking, changed, &text);
    lacks("by somebody else").await;
    end.approves("max", &id);
    let late = end.gitlab.anna().opens_labelled("Jira is down again", &[LABEL]);
    let mended = end.gitlab.anna().opens_labelled("Jira", &[]);
    end.runs(&["cleanup", "run", &id])
        .await
        .exits_with(0)
        .prints("approved by @both and @max")
        .prints("1 closed, 0 left alone, 1 labelled since the list was posted");
    assert_eq!(end.gitlab.shows(issue).0.state, State::Closed);
    assert_eq!(end.gitlab.shows(late).0.state, State::Opened);
    assert_eq!(end.gitlab.shows(mended).0.state, State::Opened);
    let unknown = end.runs(&["cleanup", "run", "../../etc"]).await.exits_with(1);
    unknown.complains("there is no cleanup");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_was_deleted_comes_back_on_all_that_carried_it(#[case] face: Face) {
    let end = End::new(face, Duration::ZERO).await;
    let anna = end.gitlab.anna();
    let open = anna.opens_labelled("Jira is down", &[LABEL]);
    let (project, place) = match face {
        Face::Gitlab => (NESTED, "the group example"),
        // On GitHub a label is of one repository.
        Face::Github => (PROJECT, "the project example/product"),
    };
    let below = anna.opens_in(project, "Jira below", "", &[LABEL]);
    let old = anna.opens_labelled("Jira was down", &[LABEL]);
    anna.closes(old);
    end.runs(&["cleanup", "list", "jira"])
        .await
        .exits_with(0)
        .prints(&format!("2 items are open, of 3 with the label `{LABEL}` of {place}."));
    let id = end.proposes().await;
    end.runs(&["cleanup", "delete-label", &id]).await.exits_with(1).complains("not everything is");
    end.approves("olga", &id);
    end.approves("max", &id);
    let color = end.label().await["color"].clone();
    end.runs(&["cleanup", "run", &id]).await.exits_with(0);
    // A person opens one again, and another closes it: that is theirs.
    let late = anna.opens_labelled("Jira, once more", &[LABEL]);
    let refused = end.runs(&["cleanup", "delete-label", &id]).await.exits_with(1);
    refused.complains("the restore file does not know");
    anna.unlabels(late, LABEL);
    end.runs(&["cleanup", "delete-label", &id]).await.exits_with(0);
    let gone = if face == Face::Gitlab { "404 Label Not Found" } else { "Not Found" };
    assert_eq!(end.label().await["message"], gone);
    for item in [open, below, old] {
        assert!(end.gitlab.shows(item).0.labels.is_empty());
    }
    end.runs(&["restore", &end.restore_file(&id)]).await.exits_with(0).prints("3 items brought");
    for (item, state) in [(open, State::Opened), (below, State::Opened), (old, State::Closed)] {
        let shown = end.gitlab.shows(item).0;
        assert_eq!((shown.state, shown.labels), (state, vec![LABEL.to_owned()]));
    }
    assert!(end.gitlab.shows(late).0.labels.is_empty());
    assert_eq!(end.label().await["color"], color);
}
