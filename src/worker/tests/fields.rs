//! Plans by hand, carried out on a simulated GitLab: assignees, milestone, status, closing.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    app::load_pack,
    forge::{
        Forge,
        gitlab::{GitlabForge, GitlabSettings},
    },
    forgesim::{
        self, Change, Fault, FaultKind, ItemView, NewMergeRequest, Sim, SimSettings, access,
    },
    model::{
        Access, Action, Applied, Because, Effect, Facet, FacetValue, ForgeKind, Ledger,
        LiveComment, Plan, Reason, State, StatusState, Subject, Topic,
    },
    pack::Current,
    queue::RetryPolicy,
    removals::Code,
    settings::Settings,
    store::{
        AuditState, Claim, Delivery, Disposition, Finished, Next, Records, Store, StoreOptions,
    },
    worker::{Identity, Worker, WorkerSettings},
};

pub(super) const PROJECT: &str = "example/product";

pub(super) struct Stage {
    pub(super) sim: Sim,
    pub(super) forge: Arc<GitlabForge>,
    pub(super) store: Store,
    worker: Worker,
    head: String,
    folder: TempDir,
}

impl Stage {
    /// A merge request and some issues, all by Anna; a milestone of the group; a bot.
    pub(super) async fn new() -> Self {
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let sim = Sim::start(SimSettings::default()).await.expect("a simulation");
        let bot = sim.add_user("steward-bot", "Steward");
        let product = sim.add_project(PROJECT);
        sim.add_member(&product, &bot, access::DEVELOPER);
        sim.add_group_milestone("example", "18.10", None, None);
        let anna = sim.person("anna");
        for title in ["one", "two", "three"] {
            anna.opens_issue(PROJECT, title, "", &[]).expect("an issue");
        }
        let new = NewMergeRequest {
            title: "a change".to_owned(),
            source_branch: "topic".to_owned(),
            changes: vec![Change::added("a.rb", "1")],
            ..NewMergeRequest::default()
        };
        let number = anna.opens_merge_request(PROJECT, new).expect("a merge request");
        let head = sim.merge_request(PROJECT, number).expect("one").sha.expect("a head");
        let settings = GitlabSettings {
            timeout: Duration::from_secs(5),
            ..GitlabSettings::new(sim.url(), bot.token.clone().into())
        };
        let forge = Arc::new(GitlabForge::new(settings).expect("a client"));
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("a.db"), StoreOptions::default()).await;
        let store = store.expect("a store");
        let pack = Current::new(load_pack(&Settings::default()).expect("a pack"));
        let settings = WorkerSettings {
            dry_run: false,
            concurrency: 2,
            lease: Duration::from_secs(60),
            settle: Duration::ZERO,
            retry: RetryPolicy::default(),
        };
        let identity = Arc::new(Identity::default());
        let (code, called) = (Code::default(), Arc::clone(&forge) as _);
        let worker = Worker::new(store.clone(), called, pack, identity, code, settings);
        Self { sim, forge, store, worker, head, folder }
    }

    async fn claim(&self, subject: &Subject) -> Claim {
        let delivery = Delivery {
            forge: ForgeKind::Gitlab,
            key: uuid::Uuid::now_v7().to_string(),
            event: "Issue Hook".into(),
            subject: Some(subject.clone()),
            actor: None,
            disposition: Disposition::Queued,
            body: Bytes::new(),
            received_at: Utc::now(),
            asking: None,
        };
        self.store.accept(delivery).await.expect("kept");
        let due = Utc::now() + TimeDelta::hours(1);
        let mut claims = self.store.claim(5, Duration::from_secs(60), due).await.expect("claims");
        assert_eq!(claims.len(), 1);
        claims.remove(0)
    }

    /// Carries a plan out and ends the claim, as the worker does.
    pub(super) async fn does(&self, plan: Plan) -> Finished {
        let claim = self.claim(&plan.subject).await;
        let snapshot = self.forge.read(&plan.subject).await.expect("read");
        let done = self
            .worker
            .carry_out(&claim, plan, &snapshot, &self.worker.packs.get(), Some("{}"))
            .await
            .expect("recorded");
        self.store.finish(&claim, done.clone()).await.expect("finished");
        done
    }

    pub(super) async fn states(&self, subject: &Subject) -> Vec<(String, AuditState)> {
        let rows = self.store.audit(subject).await.expect("rows");
        rows.into_iter().map(|row| (row.effect, row.state)).collect()
    }

    fn request(&self) -> ItemView {
        self.sim.merge_request(PROJECT, 1).expect("a merge request")
    }

    async fn read(&self, facet: Facet) -> FacetValue {
        let snapshot = self.forge.read(&request()).await.expect("read");
        self.forge.read_facet(&snapshot, &facet).await.expect("read")
    }

    /// Everything that is no label, in the order of plans.
    async fn whole(&self) -> Plan {
        let account = self.read(Facet::Account("Anna".into())).await;
        let FacetValue::Account(Some(anna)) = account else { panic!("{account:?}") };
        let milestone = self.read(Facet::Milestone("18.10".into())).await;
        let FacetValue::Milestone(Some(milestone)) = milestone else { panic!("{milestone:?}") };
        let (commit, text) = (self.head.clone(), "a page is missing".to_owned());
        let (name, state) = ("steward/docs".to_owned(), StatusState::Pending);
        let applied = vec![
            Applied::Assignees { people: vec![anna.id] },
            Applied::Milestone { title: milestone.title.clone() },
            Applied::Status {
                name: name.clone(),
                commit: commit.clone(),
                state,
                text: text.clone(),
                rule: "rules.stale".into(),
                report: String::new(),
            },
            Applied::Closed { rule: "rules.stale".into() },
        ];
        let effects = vec![
            Effect::Assigned { people: vec![anna] },
            Effect::MilestoneSet { milestone },
            Effect::CommentPosted { topic: Topic::RULES, body: "Good bye.".into() },
            Effect::StatusSet { commit, name, state, text, report: None },
            Effect::Closed,
        ];
        plan(request(), effects, applied, 1)
    }
}

pub(super) fn request() -> Subject {
    Subject::gitlab_merge_request(PROJECT, 1)
}

fn reason() -> Reason {
    Reason { rule: "rules.stale".into(), cite: None, because: Because::TellsOwner }
}

pub(super) fn plan(
    subject: Subject,
    effects: Vec<Effect>,
    applied: Vec<Applied>,
    limit: u32,
) -> Plan {
    let speaks = effects.iter().any(|effect| matches!(effect, Effect::CommentPosted { .. }));
    let comment = LiveComment {
        topic: Topic::RULES,
        id: None,
        body_hash: String::new(),
        made_of: String::new(),
        rules: Vec::new(),
    };
    let actions = effects.into_iter().map(|effect| Action { effect, reason: reason() }).collect();
    Plan {
        subject,
        policy_version: "abc".into(),
        policy_commit: None,
        decided_at: Utc::now(),
        actions,
        held: Vec::new(),
        shadow: Vec::new(),
        close_limit: Some(limit),
        idle: None,
        ledger_after: Ledger {
            applied,
            comments: speaks.then_some(comment).into_iter().collect(),
            known: true,
            ..Ledger::default()
        },
    }
}

fn closing(number: u64) -> Plan {
    let applied = vec![Applied::Closed { rule: "rules.stale".into() }];
    plan(Subject::gitlab_issue(PROJECT, number), vec![Effect::Closed], applied, 2)
}

#[tokio::test]
async fn a_whole_plan_is_carried_out_in_order() {
    let stage = Stage::new().await;
    let plan = stage.whole().await;
    stage.sim.clear_requests();
    let done = stage.does(plan.clone()).await;
    assert_eq!(done.next, Next::Done);
    let seen = stage.request();
    assert_eq!((seen.assignees, seen.milestone), (vec!["anna".into()], Some("18.10".into())));
    assert_eq!(seen.state, forgesim::State::Closed);
    let statuses = stage.sim.statuses(PROJECT, &stage.head);
    assert_eq!(statuses.len(), 1);
    let status = (statuses[0].name.as_str(), statuses[0].state.as_str());
    assert_eq!(status, ("steward/docs", "pending"));
    assert_eq!(statuses[0].description.as_deref(), Some("a page is missing"));
    let requests = stage.sim.requests().latest;
    let writes: Vec<String> = requests
        .iter()
        .filter(|request| request.method != "GET")
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    let one = "/api/v4/projects/example%2Fproduct/merge_requests/1";
    let (put, post) = (format!("PUT {one}"), format!("POST {one}/notes"));
    let status = format!("POST /api/v4/projects/example%2Fproduct/statuses/{}", stage.head);
    assert_eq!(writes, [put.clone(), post, status, put]);
    let kinds = ["assigned", "milestone_set", "comment_posted", "status_set", "closed"];
    let applied = kinds.map(|kind| (kind.to_owned(), AuditState::Applied));
    assert_eq!(stage.states(&request()).await, applied);
    let rows = stage.store.audit(&request()).await.expect("rows");
    let targets: Vec<_> = rows.iter().filter_map(|row| row.target.as_deref()).collect();
    assert_eq!(targets, ["anna", "18.10", "rules", "steward/docs", "rules.stale"]);
    assert_eq!(rows[0].before, Some(json!({ "assignees": [] })));
    assert_eq!(rows[4].before, Some(json!({ "state": "open" })));
    let ledger = stage.store.ledger(&request()).await.expect("a ledger");
    assert_eq!(ledger.applied, plan.ledger_after.applied);

    // All of it again is the same, the status that GitLab refuses to set twice too.
    let mut again = stage.whole().await;
    again.actions.retain(|action| !matches!(action.effect, Effect::CommentPosted { .. }));
    assert_eq!(stage.does(again).await.next, Next::Done);
    assert_eq!(stage.sim.statuses(PROJECT, &stage.head).len(), 1);
}

#[tokio::test]
async fn nothing_is_tried_after_an_error_and_what_went_through_is_remembered() {
    let (item, status) = (("PUT", "/merge_requests/1"), ("POST", "/statuses/"));
    for (kind, (method, path), state, set) in [
        (FaultKind::BadGatewayBefore, item, AuditState::Unknown, 0),
        (FaultKind::CutAfter, item, AuditState::Unknown, 0),
        (FaultKind::TooManyRequests { retry_after: 1 }, status, AuditState::Failed, 2),
        (FaultKind::BadGatewayAfter, status, AuditState::Unknown, 2),
    ] {
        let stage = Stage::new().await;
        let plan = stage.whole().await;
        stage.sim.fails(Fault::new(kind.clone()).on(method).at(path));
        let done = stage.does(plan.clone()).await;
        assert!(matches!(done.next, Next::RetryAt { .. }), "{:?}", done.next);
        let states = stage.states(&request()).await;
        let states: Vec<AuditState> = states.into_iter().map(|(_, state)| state).collect();
        let (applied, failed) = (AuditState::Applied, AuditState::Failed);
        let expected = match set {
            0 => [state, state, failed, failed, failed],
            _ => [applied, applied, applied, state, failed],
        };
        assert_eq!(states, expected, "{kind:?} at {path}");
        let ledger = stage.store.ledger(&request()).await.expect("a ledger");
        assert_eq!(ledger.applied, plan.ledger_after.applied[..set], "{kind:?} at {path}");
        assert_eq!(stage.request().state, forgesim::State::Opened);
        let next = stage.claim(&request()).await.ledger;
        assert_eq!(next.uncertain, state == AuditState::Unknown);
        assert_eq!(next.closing, None, "a closing that was not tried");
    }
}

#[tokio::test]
async fn a_closing_without_an_answer_is_told_to_who_looks_next() {
    let stage = Stage::new().await;
    stage.sim.fails(Fault::new(FaultKind::CutAfter).on("PUT"));
    let plan = closing(1);
    let subject = plan.subject.clone();
    stage.does(plan).await;
    let snapshot = stage.forge.read(&subject).await.expect("read");
    assert_eq!(snapshot.state, State::Closed);
    let claim = stage.claim(&subject).await;
    assert!(claim.ledger.uncertain && claim.ledger.applied.is_empty());
    assert_eq!(claim.ledger.closing.as_deref(), Some("rules.stale"));
}

#[tokio::test]
async fn at_the_limit_all_else_is_done_and_the_item_is_looked_at_again() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        assert_eq!(stage.does(closing(number)).await.next, Next::Done);
    }
    let mut third = closing(3);
    let body = r#"Good bye.

<!-- steward:rules {"v":1,"applied":[{"kind":"closed","rule":"rules.stale"}]} -->"#;
    let says = Effect::CommentPosted { topic: Topic::RULES, body: body.into() };
    third.actions.insert(0, Action { effect: says, reason: reason() });
    let subject = third.subject.clone();
    let done = stage.does(third).await;
    let Next::LookAgain { due_at } = done.next else { panic!("{:?}", done.next) };
    let wait = due_at - Utc::now();
    let most = TimeDelta::days(1) + TimeDelta::hours(2);
    assert!(wait <= most && wait > TimeDelta::hours(23), "{wait}");
    let issue = stage.sim.issue(PROJECT, 3).expect("an issue");
    assert_eq!(issue.state, forgesim::State::Opened);
    let said = &issue.comments_of("steward-bot")[0].body;
    assert!(said.starts_with("Good bye.") && !said.contains("closed"), "{said}");
    let kinds = [("comment_posted", AuditState::Applied), ("held", AuditState::Held)];
    assert_eq!(stage.states(&subject).await, kinds.map(|(kind, state)| (kind.to_owned(), state)));
    let rows = stage.store.audit(&subject).await.expect("rows");
    assert!(rows[1].reason_text.contains("closed 2 items"), "{}", rows[1].reason_text);
    // Decided again on the same, it would be closed: that says nothing.
    let records = Records::open(&stage.folder.path().join("a.db")).await.expect("the database");
    let decided = records.of(&subject).await.expect("decisions");
    assert_eq!(decided.iter().map(|one| one.input.as_deref()).collect::<Vec<_>>(), [None]);
    let kept = records.of(&closing(1).subject).await.expect("decisions");
    assert_eq!(kept[0].input.as_deref(), Some("{}"));
    assert_eq!(stage.store.ledger(&subject).await.expect("one").applied, []);
}

#[tokio::test]
async fn the_simulated_gitlab_shows_what_was_set() {
    let stage = Stage::new().await;
    let plan = stage.whole().await;
    stage.does(plan).await;
    let url = format!("{}/{PROJECT}/-/merge_requests/1", stage.sim.url());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let page = client.get(url).send().await.expect("a page").text().await.expect("text");
    for shown in ["<b>anna</b>", "<b>18.10</b>", "<b>steward/docs</b>: pending a page is missing"] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
}

#[tokio::test]
async fn the_simulated_gitlab_tells_access_milestones_and_accounts() {
    let stage = Stage::new().await;
    let none = FacetValue::AuthorAccess(Access::None);
    assert_eq!(stage.read(Facet::AuthorAccess).await, none, "Anna is no member");
    let anna = stage.sim.add_user("anna", "Anna");
    stage.sim.add_group_member("example", &anna, access::MAINTAINER);
    let maintains = FacetValue::AuthorAccess(Access::Maintainer);
    assert_eq!(stage.read(Facet::AuthorAccess).await, maintains, "through the group");
    let milestone = stage.read(Facet::Milestone("18.1".into())).await;
    assert_eq!(milestone, FacetValue::Milestone(None));
    let account = stage.read(Facet::Account("nobody".into())).await;
    assert_eq!(account, FacetValue::Account(None));
}
