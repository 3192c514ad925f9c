//! An issue tracks the removal of an integration: people decide in comments, the description shows how
//! far it is, and whoever must act is called in time.

use chrono::{Datelike, Months, TimeDelta, Utc};
use rstest::rstest;
use serde_json::Value;
use steward::{
    forgesim::{Change, Face, SimSettings, access},
    store::{Store, StoreOptions, SweepState},
};

use crate::{
    removals::product::Product,
    world::{BOT, Item, PROJECT, World, until},
};

pub(crate) const ENTRY: &str = "data/deprecations/1-6-leaving.yml";

/// A calendar in which 1.11 is in work on whatever day the story is told, and 2.0 comes next.
fn calendar() -> String {
    let today = Utc::now().date_naive();
    let first = today.with_day(1).expect("a day");
    let now = if today.day() > 28 { first + Months::new(1) } else { first };
    let begin = now - Months::new(11);
    format!(
        "first: {{ version: '1.0', month: {} }}\nlast_major: 4\nmajors: {{ month: {} }}\n\
         last_minor: {{ usual: 11 }}\ndays: [{{ from: '1.0', day: 28 }}]\n",
        begin.format("%Y-%m"),
        begin.month()
    )
}

/// The policy about removals: more about tracking, and what is recorded.
pub(crate) fn tracks(product: &Product, more: &str, removals: &str) {
    let steps = include_str!("../../policies/removals.yml");
    let (steps, _) = steps.split_once("\n# People record").expect("the steps");
    let tracking =
        format!("tracking: {{ managers: [example/release], remind_days_before: 100{more} }}");
    product.policy("removals.yml", &format!("{steps}\n{tracking}\nremovals: {removals}\n"));
}

/// A product with an integration, and a forge with Steward that knows the product's code. Members of
/// `example/leads` own the integration, those of `example/release` manage releases.
pub(crate) struct Stage {
    pub(crate) forge: World,
    pub(crate) product: Product,
}

impl Stage {
    pub(crate) async fn on(face: Face) -> Self {
        let product = Product::with("leaving", "announced: '1.0'\nremoval: '2.0'");
        tracks(&product, "", "{}");
        product.policy(
            "catalog/groups.yml",
            "groups:\n  import:\n    name: Import\n    label: 'group::import'\n    mention: '@example/leads'\n    \
             product_manager: '@carla'\n",
        );
        product.policy("calendar.yml", &calendar());
        let mut forge =
            World::without_steward(SimSettings { face, ..SimSettings::default() }).await;
        for (group, username) in [("example/leads", "olga"), ("example/release", "rita")] {
            forge.sim.add_group(group);
            let user = forge.sim.add_user(username, username);
            forge.sim.add_group_member(group, &user, access::DEVELOPER);
            forge.sim.add_member(PROJECT, &user, access::DEVELOPER);
        }
        forge.settings.policies.dir = product.policies();
        forge.settings.code.repository = product.repository();
        forge.settings.code.revision = "main".into();
        forge.steward_starts().await;
        Self { forge, product }
    }

    pub(crate) fn issue(&self) -> Item {
        let issue = self.forge.anna().opens_issue("Remove it");
        self.forge.anna().describes(issue, "We do not need it any more.");
        issue
    }

    /// Somebody says something to Steward, which then rests; the emoji it put there.
    pub(crate) async fn says(&self, issue: Item, who: &str, text: &str) -> Vec<String> {
        let comment = self.forge.person(who).says(issue, &format!("@{BOT} {text}"));
        self.forge.rests().await;
        assert_eq!(self.forge.store().parked().await.expect("the database answers"), []);
        let shown = self.forge.shows(issue);
        let note = shown.0.comments().find(|note| note.id == comment).expect("the comment");
        note.reactions.iter().map(|(_, emoji)| emoji.clone()).collect()
    }

    pub(crate) fn description(&self, issue: Item) -> String {
        self.forge.shows(issue).0.description.clone()
    }

    /// What Steward says on the issue, the oldest first, without the markers.
    pub(crate) fn comments(&self, issue: Item) -> Vec<String> {
        let shown = self.forge.shows(issue);
        let comments = shown.0.comments_of(BOT).into_iter();
        comments.map(|note| steward::words::Marker::strip(&note.body).to_owned()).collect()
    }

    pub(crate) async fn recheck(&self, issue: Item) {
        self.says(issue, "anna", "recheck").await;
    }

    async fn ledger(&self) -> Value {
        let url = self.forge.steward_url("/api/removals");
        reqwest::get(url).await.expect("an answer").json().await.expect("JSON")
    }
}

#[track_caller]
pub(crate) fn has(text: &str, part: &str) {
    assert!(text.contains(part), "not there: {part}\n\n{text}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_tracks_a_removal_from_its_announcement_to_its_end(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    stage.product.is_announced(ENTRY, "1.6", "2.0");
    let said = format!(
        "deprecate leaving removal=2.0 announce=1.6 entry={ENTRY} page=doc/user/project/integrations/leaving.md"
    );
    assert_eq!(stage.says(issue, "olga", &said).await.len(), 1);
    let description = stage.description(issue);
    has(&description, "We do not need it any more.\n\n<!-- steward:section -->");
    has(&description, "| Announced | 1.9 |");
    has(&description, "| done |");
    has(&description, "| to come, 0 of");
    let comments = stage.comments(issue);
    assert_eq!(comments.len(), 2, "what was decided, and that 2.0 comes soon: {comments:#?}");
    has(&comments[0], "The leaving one leaves in **2.0**");
    has(&comments[0], "announced in 1.6");
    has(&comments[1], "@example/leads: **Removed** must be done by ");
    let told = stage.ledger().await;
    assert_eq!(told["removals"][0]["integration"], "leaving");
    assert_eq!(told["removals"][0]["distance"], 6);
    assert_eq!(told["removals"][0]["steps"][0]["state"], "done");

    // The next steps are seen in the files.
    stage.product.is_removed("2.0");
    stage.recheck(issue).await;
    has(&stage.description(issue), "**done too early**");
    stage.product.is_cleaned_up();
    stage.recheck(issue).await;
    let description = stage.description(issue);
    assert!(!description.contains("| to come"), "{description}");
    has(&description, "We do not need it any more.");
    assert_eq!(description.matches("steward:section").count(), 2, "one section");
    // When the removal was done, the step behind it was next.
    has(&stage.comments(issue)[2], "**Cleaned up** must be done by ");
    assert_eq!(stage.comments(issue).len(), 3);
    // And nothing is written when nothing is new.
    stage.forge.sim.clear_requests();
    stage.forge.anna().renames(issue, "Remove it soon");
    stage.forge.rests().await;
    let writes = stage.forge.calls().into_iter().filter(|call| call.method != "GET").count();
    assert_eq!(writes, 0);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_decide_is_kept_and_survives_the_database(#[case] face: Face) {
    let mut stage = Stage::on(face).await;
    let issue = stage.issue();
    stage.says(issue, "olga", "deprecate `Leaving` removal=2.0 announce=1.9").await;
    stage.says(issue, "olga", "slip 2.1 Customers need *more* time @everyone").await;
    let told = &stage.comments(issue)[0];
    has(told, "leaves in **2.1**");
    has(told, "It was to be 2.0; `olga` moved it: Customers need ");
    assert!(!told.contains("@everyone"), "{told}");
    has(told, "2.1 is a minor milestone");
    // Whoever manages releases allows that; whoever owns the integration may not.
    stage.says(issue, "olga", "approve-exception It is small").await;
    has(stage.comments(issue).last().expect("an answer"), "Members of `example/release` may");
    stage.says(issue, "rita", "approve-exception It is small").await;
    let told = stage.comments(issue)[0].clone();
    has(&told, "`rita` approved that the rules about milestones are not kept: It is small");
    assert!(!told.contains("minor milestone"), "{told}");
    assert_eq!(stage.ledger().await["removals"][0]["against"], Value::Array(Vec::new()));

    stage.forge.steward_loses_its_database().await;
    stage.forge.anna().renames(issue, "Remove it soon");
    stage.forge.rests().await;
    assert_eq!(stage.comments(issue)[0], told);
    let kept = stage.ledger().await;
    assert_eq!(kept["removals"][0]["removal"], "2.1");
    assert_eq!(kept["removals"][0]["slipped"], serde_json::json!(["2.0"]));

    stage.says(issue, "olga", "cancel It is used after all").await;
    let told = &stage.comments(issue)[0];
    has(
        told,
        "The leaving one stays: its removal in 2.1 was cancelled by `olga` (It is used after all)",
    );
    has(&stage.description(issue), "The removal was cancelled");
    let answer = reqwest::get(stage.forge.steward_url("/api/removals")).await.expect("an answer");
    has(&answer.text().await.expect("a text"), "no removal is recorded");
    // And anew.
    stage.says(issue, "olga", "deprecate leaving removal=3.0").await;
    has(&stage.comments(issue)[0], "leaves in **3.0**");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_cannot_be_is_refused_with_what_to_do(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    for (who, said, answer) in [
        (
            "ben",
            "deprecate leaving removal=2.0",
            "Members of `example/leads`, `example/release` may",
        ),
        (
            "olga",
            "deprecate leavin removal=2.0",
            "no integration `leavin`. Did you mean `The leaving one`",
        ),
        ("olga", "deprecate", "Which integration?"),
        ("olga", "deprecate leaving", "In which milestone?"),
        (
            "olga",
            "deprecate leaving removal=1.12",
            "`1.12` is no release. The nearest are 1.11 and 2.0",
        ),
        ("olga", "deprecate leaving removal=2.0 announce=3.0", "before it is announced, in 3.0"),
        ("olga", "deprecate leaving removal=2.0 when=now", "There is no option `when`"),
        ("olga", "slip 2.1 Later", "No removal is tracked on this issue"),
    ] {
        let emoji = stage.says(issue, who, said).await;
        assert_ne!(emoji, ["white_check_mark"], "{said}");
        has(stage.comments(issue).last().expect(said), answer);
    }
    assert_eq!(stage.description(issue), "We do not need it any more.");
    stage.says(issue, "olga", "deprecate leaving removal=2.0 announce=1.6").await;
    let other = stage.issue();
    for (on, said, answer) in [
        (issue, "slip 2.1", "Why?"),
        (issue, "slip 2.0 Why not", "It is in 2.0 already"),
        (issue, "slip 1.5 Sooner", "before it is announced, in 1.6"),
        (issue, "deprecate leaving removal=3.0", "tracks the removal of The leaving one already"),
        (other, "deprecate leaving removal=3.0", "is tracked on [another issue]("),
    ] {
        stage.says(on, "rita", said).await;
        has(stage.comments(on).last().expect(said), answer);
    }
    let request = stage.forge.anna().opens_merge_request("Remove it", &["a.rb"]);
    stage.says(request, "rita", "deprecate leaving removal=3.0").await;
    has(
        stage.comments(request).last().expect("an answer"),
        "is tracked on an issue, and this is a",
    );
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_overdue_is_told_to_whoever_decides_once(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    // 1.8 was the last milestone in which the removal in 1.11 could be announced.
    stage.says(issue, "olga", "deprecate leaving removal=1.11 announce=1.10").await;
    let comments = stage.comments(issue);
    has(&comments[0], "announced in 1.10; 1.8 was the last milestone in time");
    has(&comments[0], "1.11 is a minor milestone");
    let overdue: Vec<&String> =
        comments.iter().filter(|text| text.starts_with("@carla: ")).collect();
    assert_eq!(overdue.len(), 1, "{comments:#?}");
    has(overdue[0], "**Announced** was due in 1.8");
    has(overdue[0], &format!("move it to 2.0 with `@{BOT} slip 2.0 REASON`"));
    has(&stage.description(issue), "| **overdue**, 0 of");
    let count = comments.len();
    stage.recheck(issue).await;
    assert_eq!(stage.comments(issue).len(), count, "nobody is called twice");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_its_authors(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    stage.says(issue, "olga", "deprecate leaving removal=2.0 announce=1.6").await;
    let whole = stage.description(issue);
    // What is written into the section is replaced, what stands around it is not.
    let edited = whole.replace("### How far it is", "### Mine").replace("We do", "They do");
    stage.forge.anna().describes(issue, &format!("{edited}\n\nMore."));
    stage.forge.rests().await;
    assert_eq!(stage.description(issue), format!("{}\n\nMore.", whole.replace("We do", "They do")));
    // A section that is taken out stays out.
    stage.forge.anna().describes(issue, "Nothing.");
    stage.forge.rests().await;
    stage.recheck(issue).await;
    assert_eq!(stage.description(issue), "Nothing.");
    // What would act if Steward wrote it is left as it is.
    let other = stage.forge.anna().opens_issue("Another");
    stage.says(issue, "olga", "cancel No").await;
    stage.forge.anna().describes(other, "```\n/close\n```");
    stage.forge.rests().await;
    stage.says(other, "olga", "deprecate leaving removal=2.0 announce=1.6").await;
    assert_eq!(stage.description(other), "```\n/close\n```");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_knows_what_was_recorded_and_leaves_the_code_alone(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    let said = format!("deprecate leaving removal=3.0 announce=1.11 entry={ENTRY}");
    stage.says(issue, "olga", &said).await;
    let entry = "- title: The one\n  announcement_milestone: '1.11'\n  removal_milestone: '3.0'\n";
    let page = ["---\ntitle: The one\n---\n", "---\ntitle: The one (deprecated)\n---\n"];
    let model = "app/models/integrations/leaving.rb";
    let changes = vec![
        Change::added(ENTRY, entry),
        Change::edited("doc/user/project/integrations/leaving.md", page[0], page[1]),
        Change::edited(model, "class A\n  def test\n  end\nend\n", "class A\nend\n"),
    ];
    let request = stage.forge.carla().opens_with_changes("Announce it", changes);
    stage.forge.rests().await;
    let comments = stage.comments(request);
    let sheet = comments.iter().find(|text| text.contains("(`code`)"));
    let sheet = sheet.unwrap_or_else(|| panic!("no checklist in {comments:#?}"));
    has(sheet, "1 required piece missing");
    has(sheet, "The code stays: it leaves in a change of its own, in 3.0 (`code`)");
    has(
        sheet,
        "The removal is recorded with both milestones: announced in 1.11, to be removed in 3.0",
    );
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_may_ask_what_a_removal_takes(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let issue = stage.issue();
    stage.says(issue, "ben", "removal-plan leaving 2.0").await;
    let mut told = stage.comments(issue).pop().expect("an answer");
    has(&told, "it is too late to announce that; the last milestone for it was 1.9");
    stage.says(issue, "ben", "removal-plan \"The leaving one\" 3.0").await;
    told = stage.comments(issue).pop().expect("an answer");
    has(&told, "@ben Removing The leaving one in **3.0**");
    has(&told, "it must be announced in 2.9 at the latest");
    has(&told, "| Cleaned up | 3.1 |");
    has(&told, "<code>data/deprecations/1-11-leaving.yml</code>");
    has(
        &told,
        "- title: \"The leaving one\"\n  announcement_milestone: \"1.11\"\n  removal_milestone: \"3.0\"",
    );
    has(&told, &format!("`@{BOT} deprecate leaving removal=3.0`"));
    assert_eq!(stage.description(issue), "We do not need it any more.");
    for (asked, answer) in [
        ("removal-plan", "Which integration, and in which milestone?"),
        ("removal-plan leaving", "In which milestone?"),
        ("removal-plan leaving 1.12", "`1.12` is no release. The nearest are 1.11 and 2.0"),
        ("removal-plan unheard-of 2.0", "The catalog has no integration `unheard-of`"),
    ] {
        stage.says(issue, "carla", asked).await;
        let told = stage.comments(issue).pop().expect("an answer");
        has(&told, answer);
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_morning_what_leaves_is_looked_at_and_told_to_release_managers(#[case] face: Face) {
    let mut stage = Stage::on(face).await;
    let (issue, digest) = (stage.issue(), stage.forge.anna().opens_issue("What leaves"));
    stage.forge.rests().await;
    let issues = if face == Face::Gitlab { "-/issues" } else { "issues" };
    let url = |issue: Item| format!("{}/{PROJECT}/{issues}/{}", stage.forge.sim.url(), issue.iid);
    let (issue_url, digest_url) = (url(issue), url(digest));
    stage.forge.steward_stops().await;
    // The policies record it, and name the issue that tracks it.
    let recorded =
        format!("{{ leaving: {{ announced: '1.6', removal: '2.0', issue: '{issue_url}' }} }}");
    tracks(&stage.product, &format!(", digest: '{digest_url}'"), &recorded);
    let schedule = "cron: 0 4 * * *\n    zone: Etc/UTC\n    do: { removals: {} }\n";
    stage.product.policy("schedules.yml", &format!("schedules:\n  leaving:\n    {schedule}"));
    let path = stage.forge.settings.database.path.clone();
    let store = Store::open(&path, StoreOptions::default()).await.expect("a database");
    let since = Utc::now() - TimeDelta::days(2);
    store.note_schedule("leaving", "0 4 * * * Etc/UTC", since).await.expect("noted");
    store.close().await;
    stage.forge.steward_starts().await;
    until("the sweep is done", async || {
        let last = stage.forge.store().last_sweeps().await.expect("the database answers");
        last.iter().any(|run| run.state == SweepState::Done)
    })
    .await;
    stage.forge.rests().await;
    has(&stage.description(issue), "| Announced | 1.9 |");
    has(&stage.comments(issue)[0], "@carla: **Announced** was due in 1.9");
    let all = stage.description(digest);
    has(&all, &format!("| [The leaving one]({issue_url}) | 1.6 | 2.0 | Announced in 1.9"));
    has(&all, "(Import) | **overdue** |");
    let told = stage.comments(digest);
    assert_eq!(told.len(), 1, "{told:#?}");
    has(&told[0], "@example/release: 1.11 is in work until ");
    has(&told[0], &format!("- [The leaving one]({issue_url}): Announced, due in 1.9; "));
    // Whoever may moves what the policies record.
    stage.says(issue, "olga", "slip 3.0 Customers need time").await;
    has(&stage.description(issue), "| Removed | 3.0 |");
    stage.recheck(digest).await;
    has(&stage.description(digest), "| 1.6 | 3.0 | Announced in 2.9");
    assert_eq!(stage.comments(digest).len(), 1, "once a milestone");
}
