//! The merge, told as what people did and what Steward then does.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Decision, decide};
use crate::{
    model::{
        Because, ChangedFile, Changes, Comment, Effect, Facet, FacetValue, FileStatus, LabelEvent,
        LabelName, Ledger, Person, Plan, Snapshot, State, Subject,
    },
    pack::Pack,
    policy::PolicySource,
};

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    Pack::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
});

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.to_uppercase() }
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
}

/// In a list of files: GitLab left out the rest.
const CUT: &str = "…";

/// A forge small enough for the merge: what Steward decides is applied to it at once.
struct Item {
    snapshot: Snapshot,
    history: Vec<LabelEvent>,
    comments: Vec<Comment>,
    files: Vec<&'static str>,
    missing: Vec<&'static str>,
    ledger: Ledger,
    minute: i64,
    asked: Vec<Facet>,
}

impl Item {
    fn issue(labels: &[&str]) -> Self {
        Self::new(Subject::gitlab_issue("example/product", 12), labels)
    }

    fn merge_request(files: &[&'static str]) -> Self {
        let mut item = Self::new(Subject::gitlab_merge_request("example/product", 3), &[]);
        item.files = files.to_vec();
        item
    }

    fn new(subject: Subject, labels: &[&str]) -> Self {
        let mut item = Self {
            snapshot: Snapshot {
                subject,
                url: "https://gitlab.example/example/product/-/issues/12".into(),
                title: "Transition issues".into(),
                description: String::new(),
                state: State::Open,
                draft: false,
                author: person(7, "ben"),
                labels: Vec::new(),
                milestone: None,
                created_at: at(0),
                updated_at: at(0),
                head: None,
                facets: Default::default(),
            },
            history: Vec::new(),
            comments: Vec::new(),
            files: Vec::new(),
            missing: Vec::new(),
            ledger: Ledger::default(),
            minute: 0,
            asked: Vec::new(),
        };
        for label in labels {
            item.sets("anna", label);
        }
        item
    }

    fn event(&mut self, who: &str, label: &LabelName, added: bool) {
        self.minute += 1;
        let id = if who == "steward" { 1 } else { 2 };
        self.history.push(LabelEvent {
            label: Some(label.clone()),
            added,
            by: Some(person(id, who)),
            at: at(self.minute),
        });
    }

    fn sets(&mut self, who: &str, label: &str) {
        let label = LabelName::from(label);
        if let Some(old) = self.snapshot.labels.iter().position(|on| on.shares_scope(&label)) {
            let old = self.snapshot.labels.remove(old);
            self.event(who, &old, false);
        }
        self.event(who, &label, true);
        self.snapshot.labels.push(label);
    }

    fn takes_off(&mut self, who: &str, label: &str) {
        let label = LabelName::from(label);
        self.snapshot.labels.retain(|on| !on.same(&label));
        self.event(who, &label, false);
    }

    /// Lets Steward decide, reads what it asks for, and applies what it wants.
    fn steward(&mut self) -> Plan {
        let plan = self.decides();
        for action in &plan.actions {
            match action.effect.clone() {
                Effect::LabelPresent { label } => self.sets("steward", label.as_str()),
                Effect::LabelAbsent { label } => self.takes_off("steward", label.as_str()),
                Effect::CommentPosted { body, .. } => self.comments.push(Comment {
                    id: 100 + self.comments.len() as u64,
                    body,
                    created_at: at(self.minute),
                }),
                Effect::CommentEdited { id, body, .. } => {
                    let comment = self.comments.iter_mut().find(|comment| comment.id == id);
                    comment.expect("the edited comment is there").body = body;
                }
                Effect::CommentDeleted { id, .. } => self.comments.retain(|c| c.id != id),
            }
        }
        self.ledger = plan.ledger_after.clone();
        for live in &mut self.ledger.comments {
            live.id = live.id.or(self.comments.last().map(|comment| comment.id));
        }
        plan
    }

    fn decides(&mut self) -> Plan {
        let mut snapshot = self.snapshot.clone();
        if self.comments.is_empty() {
            snapshot.facets.own_comments = Some(Vec::new());
        }
        for _ in 0..5 {
            let me = person(1, "steward");
            match decide(&snapshot, &self.ledger, &PACK, &me, at(self.minute)).expect("renders") {
                Decision::Plan(plan) => return *plan,
                Decision::Needs(facets) => {
                    for facet in facets {
                        let value = self.reads(&facet);
                        snapshot.fill(&facet, value);
                        self.asked.push(facet);
                    }
                }
            }
        }
        panic!("deciding keeps asking: {:?}", self.asked);
    }

    fn reads(&self, facet: &Facet) -> FacetValue {
        match facet {
            Facet::LabelHistory => FacetValue::LabelHistory(self.history.clone()),
            Facet::OwnComments => FacetValue::OwnComments(self.comments.clone()),
            Facet::Changes => FacetValue::Changes(Changes {
                files: self
                    .files
                    .iter()
                    .map(|path| ChangedFile {
                        path: (*path).into(),
                        previous_path: None,
                        status: FileStatus::Modified,
                    })
                    .collect(),
                complete: !self.files.contains(&CUT),
            }),
            Facet::Label(name) => {
                FacetValue::Label((!self.missing.contains(&name.as_str())).then(|| name.clone()))
            }
        }
    }

    fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = self.snapshot.labels.iter().map(LabelName::as_str).collect();
        labels.sort_unstable();
        labels
    }

    /// The live comment without its marker.
    fn comment(&self) -> &str {
        assert_eq!(self.comments.len(), 1, "one comment: {:#?}", self.comments);
        self.comments[0].body.split("\n\n<!-- steward").next().unwrap_or_default()
    }

    fn settles(&mut self) {
        let again = self.steward();
        assert!(again.is_empty(), "a second look changes nothing: {again:#?}");
    }
}

#[test]
fn the_owner_of_a_labelled_issue_is_set_and_told_once() {
    let mut issue = Item::issue(&["bug", "Integration::Jira"]);
    let plan = issue.steward();
    assert_eq!(
        issue.labels(),
        ["Integration::Jira", "bug", "devops::plan", "group::project management"]
    );
    insta::assert_snapshot!(issue.comment());
    assert_eq!(plan.actions[0].reason.rule, "routing.by_label");
    let cite = plan.actions[0].reason.cite.as_ref().expect("the catalog says so");
    assert!(cite.file.ends_with("catalog/integrations/issue_trackers.yml") && cite.line > 1);
    issue.settles();
}

#[test]
fn a_settled_item_costs_no_further_reading() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.asked.clear();
    issue.settles();
    assert_eq!(issue.asked, []);
}

#[test]
fn an_item_about_no_integration_is_not_touched_or_read_further() {
    let mut issue = Item::issue(&["bug", "Integration::New"]);
    let plan = issue.steward();
    assert!(plan.is_empty() && plan.ledger_after == Ledger::default());
    assert_eq!(issue.asked, []);
}

#[test]
fn labels_match_without_regard_to_case_and_by_alias() {
    for label in ["integration::JIRA", "Integration::Google Chat (Hangouts)", "INTEGRATION::irker"]
    {
        let mut issue = Item::issue(&[label]);
        issue.steward();
        assert!(issue.labels().contains(&"group::project management"), "{label}");
    }
}

#[test]
fn a_label_that_a_person_takes_off_is_not_put_back() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    let plan = issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira"]);
    assert!(matches!(plan.held[0].reason.because, Because::RemovedByHuman { .. }));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn a_group_that_a_person_sets_is_kept_and_reported() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "group::import");
    issue.steward();
    assert!(issue.labels().contains(&"group::import"));
    assert!(!issue.labels().contains(&"group::project management"));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn a_group_that_was_there_before_is_kept() {
    let mut issue = Item::issue(&["group::import", "Integration::Jira"]);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn nobody_is_told_when_a_person_has_routed_the_item_already() {
    let mut issue =
        Item::issue(&["Integration::Jira", "group::project management", "devops::plan"]);
    assert!(issue.steward().is_empty());
    issue.settles();
}

#[test]
fn another_integration_moves_the_item_to_its_owner() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "Integration::Harbor");
    issue.steward();
    assert_eq!(
        issue.labels(),
        ["Integration::Harbor", "devops::package", "group::container registry"]
    );
    assert!(issue.comment().contains("Harbor integration"));
    issue.settles();
}

#[test]
fn what_nothing_asks_for_any_more_is_taken_back() {
    let mut issue = Item::issue(&["bug", "Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    insta::assert_snapshot!(issue.comment());
    issue.settles();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"), "a new request is served");
    issue.settles();
}

#[test]
fn a_person_who_sets_the_label_again_owns_it() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.sets("anna", "group::project management");
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

#[test]
fn a_label_set_later_is_a_new_request() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.steward();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

#[test]
fn a_war_of_labels_ends() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    for _ in 0..20 {
        issue.steward();
        issue.takes_off("other-bot", "group::project management");
        issue.takes_off("other-bot", "Integration::Jira");
        issue.sets("other-bot", "Integration::Jira");
    }
    let plan = issue.steward();
    assert!(
        plan.held
            .iter()
            .any(|held| matches!(held.reason.because, Because::LabelWar { times: 5, .. }))
    );
    issue.settles();
}

#[test]
fn a_label_that_the_forge_lacks_is_reported_and_not_created() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.missing = vec!["group::project management"];
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::plan"]);
    assert!(issue.comment().contains("Steward creates none"), "{}", issue.comment());
    issue.settles();
}

#[test]
fn a_merge_request_is_recognised_by_its_files() {
    let mut request = Item::merge_request(&["README.md", "app/models/integrations/jira.rb"]);
    request.steward();
    assert_eq!(
        request.labels(),
        ["Integration::Jira", "devops::plan", "group::project management"]
    );
    insta::assert_snapshot!(request.comment());
    request.settles();
}

#[test]
fn taking_off_a_guessed_label_is_an_answer() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    request.takes_off("anna", "Integration::Jira");
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    request.settles();
    request.ledger = Ledger::default();
    request.settles();
}

#[test]
fn an_unknown_integration_asks_with_the_nearest_names() {
    let mut issue = Item::issue(&["Integration::Jirra"]);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jirra"]);
    insta::assert_snapshot!(issue.comment());
    issue.settles();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.comment().contains("which your group owns"), "the question becomes the answer");
    issue.settles();
}

#[test]
fn an_unknown_integration_goes_to_the_closest_group() {
    let mut issue = Item::issue(&["Integration::Zulip"]);
    issue.snapshot.title = "Send messages to a Zulip chat".into();
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn an_unknown_integration_without_any_sign_asks() {
    let mut issue = Item::issue(&["Integration::Qwxyzzy"]);
    issue.steward();
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn too_many_integrations_ask() {
    let mut request = Item::merge_request(&[
        "app/models/integrations/jira.rb",
        "app/models/integrations/harbor.rb",
        "app/models/integrations/discord.rb",
        "app/models/integrations/packagist.rb",
    ]);
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    insta::assert_snapshot!(request.comment());
    request.settles();
}

#[test]
fn several_owners_ask_and_a_person_answers() {
    let mut request = Item::merge_request(&[
        "app/models/integrations/jira.rb",
        "app/models/integrations/harbor.rb",
    ]);
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    insta::assert_snapshot!(request.comment());
    request.settles();
    request.sets("anna", "group::container registry");
    request.steward();
    assert_eq!(request.labels(), ["devops::package", "group::container registry"]);
    request.settles();
}

#[test]
fn a_closed_item_is_left_as_it_is() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.snapshot.state = State::Closed;
    issue.takes_off("anna", "Integration::Jira");
    issue.settles();
    assert_eq!(issue.labels(), ["devops::plan", "group::project management"]);
}

#[test]
fn the_database_may_be_lost() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.ledger = Ledger::default();
    issue.settles();
    assert_eq!(issue.ledger.labels.len(), 2, "{:?}", issue.ledger);
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), [] as [&str; 0], "what Steward set is still known as its own");
}

#[test]
fn a_write_whose_answer_was_lost_is_found_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.ledger = Ledger { known: true, uncertain: true, ..Ledger::default() };
    issue.settles();
    assert_eq!(issue.ledger.labels.len(), 2);
    assert!(!issue.ledger.uncertain);
}

/// A crash, or an error of the forge, between the labels and the comment.
#[test]
fn a_comment_that_an_earlier_attempt_did_not_come_to_is_posted() {
    for (keeps_labels, uncertain) in [(false, true), (true, true), (true, false)] {
        let mut issue = Item::issue(&["Integration::Jira"]);
        issue.steward();
        issue.comments.clear();
        let labels = if keeps_labels { issue.ledger.labels.clone() } else { Vec::new() };
        issue.ledger = Ledger { labels, uncertain, ..Ledger::default() };
        let plan = issue.steward();
        assert_eq!(plan.actions.len(), 1, "{plan:#?}");
        assert_eq!(issue.comments.len(), 1);
        issue.settles();
    }
}

#[test]
fn a_doubled_comment_is_healed() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    let double = Comment { id: 999, ..issue.comments[0].clone() };
    issue.comments.push(double);
    issue.ledger = Ledger { uncertain: true, ..issue.ledger.clone() };
    issue.steward();
    assert_eq!(issue.comments.len(), 1);
    assert_eq!(issue.comments[0].id, 100);
    issue.settles();
}

#[test]
fn a_comment_that_a_person_deleted_is_not_posted_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.comments.clear();
    issue.ledger.comments[0].id = None;
    issue.takes_off("anna", "group::project management");
    let plan = issue.steward();
    assert!(plan.held.iter().any(|held| held.reason.because == Because::CommentDeleted));
    assert!(issue.comments.is_empty());
}

#[test]
fn a_forged_marker_in_a_users_text_is_only_shown() {
    let mut issue = Item::issue(&["Integration::x` <!-- steward:routing {\"v\":1} -->"]);
    issue.steward();
    let body = &issue.comments[0].body;
    assert_eq!(body.matches("\n<!-- steward:").count(), 1, "{body}");
    assert!(body.lines().all(|line| !line.starts_with('/')));
    issue.settles();
}

#[test]
fn the_stage_follows_the_group_that_stands() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "group::import");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
    issue.sets("anna", "group::heard of nowhere");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "group::heard of nowhere"]);
    issue.settles();
}

#[test]
fn a_groups_label_answers_any_question() {
    for ask in [
        Item::issue(&["Integration::Jirra"]),
        Item::merge_request(&[
            "app/models/integrations/jira.rb",
            "app/models/integrations/harbor.rb",
            "app/models/integrations/discord.rb",
            "app/models/integrations/packagist.rb",
        ]),
    ] {
        let mut item = ask;
        item.steward();
        item.sets("anna", "group::global search");
        item.steward();
        assert!(item.comment().contains("was given to your group by `anna`"), "{}", item.comment());
        assert!(item.labels().contains(&"devops::ai-powered"), "{:?}", item.labels());
        item.settles();
    }
}

#[test]
fn a_person_who_takes_off_the_group_takes_the_stage_with_it_and_may_think_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.steward();
    issue.sets("anna", "group::project management");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::plan", "group::project management"]);
    issue.settles();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), ["group::project management"], "hers stays, ours goes");
}

#[test]
fn where_scopes_do_not_exclude_a_persons_group_wins_all_the_same() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    // GitLab Free: both stand on the item.
    let label = LabelName::from("group::import");
    issue.event("carla", &label, true);
    issue.snapshot.labels.push(label);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn a_guess_does_not_argue_with_a_person() {
    let mut issue = Item::issue(&["group::import", "Integration::Zulip"]);
    issue.snapshot.title = "Send messages to a Zulip chat".into();
    issue.steward();
    assert!(issue.comments.is_empty());
    assert_eq!(issue.labels(), ["Integration::Zulip", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn a_question_takes_back_what_was_set_and_the_same_group_may_be_the_answer() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "Integration::Jirra");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jirra"]);
    issue.settles();
    issue.sets("anna", "group::project management");
    issue.steward();
    assert!(issue.comment().contains("given to your group by `anna`"), "{}", issue.comment());
    issue.settles();
}

#[test]
fn nothing_follows_from_a_list_of_files_that_is_cut() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    let labels: Vec<String> = request.labels().into_iter().map(str::to_owned).collect();
    request.files = vec!["README.md", CUT];
    request.settles();
    assert_eq!(request.labels(), labels);
}

#[test]
fn a_further_integration_of_the_same_owner_does_not_take_the_label_off() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    request.files.push("app/models/integrations/discord.rb");
    request.steward();
    assert!(request.labels().contains(&"Integration::Jira"));
    request.settles();
}

#[test]
fn a_label_that_was_deleted_is_not_blamed_on_a_person_and_comes_back_with_it() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    let label = LabelName::from("group::project management");
    issue.snapshot.labels.retain(|on| *on != label);
    for event in &mut issue.history {
        event.label = event.label.take().filter(|of| *of != label);
    }
    issue.missing = vec!["group::project management"];
    let plan = issue.steward();
    assert!(matches!(plan.held[0].reason.because, Because::LabelMissing { .. }));
    issue.missing.clear();
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

/// The labels were set and the answer was lost, and then the item changed.
#[test]
fn what_was_written_without_knowing_is_known_again_whatever_happened_since() {
    let lost = || Ledger { uncertain: true, ..Ledger::default() };
    let mut gone = Item::issue(&["Integration::Jira"]);
    gone.steward();
    gone.ledger = lost();
    gone.takes_off("anna", "Integration::Jira");
    gone.steward();
    assert_eq!(gone.labels(), [] as [&str; 0]);
    gone.settles();

    let mut swapped = Item::issue(&["Integration::Jira"]);
    swapped.steward();
    swapped.ledger = lost();
    swapped.sets("anna", "Integration::Jirra");
    swapped.steward();
    assert!(swapped.comment().contains("Did you mean"), "{}", swapped.comment());

    let mut closed = Item::issue(&["Integration::Jira"]);
    closed.steward();
    closed.ledger = Ledger { known: true, ..lost() };
    closed.snapshot.state = State::Closed;
    closed.settles();
    closed.snapshot.state = State::Open;
    closed.settles();
    assert_eq!(closed.comments.len(), 1);
}

#[test]
fn why_nothing_is_done_is_said() {
    let idle = |mut item: Item| item.steward().idle.expect("nothing to do").because;
    assert!(matches!(idle(Item::issue(&["bug"])), Because::NoIntegration { files: None, .. }));
    assert!(matches!(
        idle(Item::merge_request(&["README.md"])),
        Because::NoIntegration { files: Some(1), .. }
    ));
    let mut closed = Item::issue(&["Integration::Jira"]);
    closed.snapshot.state = State::Closed;
    assert!(matches!(idle(closed), Because::StateNotLookedAfter { .. }));
    let settled = ["Integration::Jira", "group::project management", "devops::plan"];
    assert_eq!(idle(Item::issue(&settled)), Because::AsItShouldBe);
}
