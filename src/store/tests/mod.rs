//! One suite for every database that a [`Store`] can stand on: each test is generic over a
//! [`Home`], and [`suite!`] runs all of them on one kind of home.

mod batches;
mod closings;
mod commands;
mod deliveries;
mod durability;
mod leases;
mod plans;
mod sqlite_file;
mod sweeps;

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    Accepted, ActionNote, AuditState, Claim, Delivery, Disposition, Finished, Next, PlanRecord,
    Settled, Store, StoreOptions, convert::time,
};
use crate::model::{
    Action, Because, Cite, Effect, ForgeKind, Held, LabelName, Ledger, LiveComment, Plan, Reason,
    Subject, Topic,
};

/// Where a store lives over several openings.
pub(super) trait Home {
    /// An empty one.
    fn new() -> Self;
    /// Opens what is there.
    async fn open(&self) -> Store;
}

/// A SQLite file in a folder of its own.
pub(super) struct SqliteHome(TempDir);

impl SqliteHome {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("data/steward.db")
    }
}

impl Home for SqliteHome {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    async fn open(&self) -> Store {
        Store::open(&self.path(), StoreOptions::default()).await.expect("a store")
    }
}

/// Runs tests, each a generic function, on one kind of home.
macro_rules! suite {
    ($home:ty: $($module:ident { $($test:ident),+ $(,)? })+) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $test() {
                use $crate::store::tests::Home as _;
                $crate::store::tests::$module::$test(&<$home>::new()).await;
            })+
        })+
    };
}

mod on_sqlite {
    suite! { crate::store::tests::SqliteHome:
        deliveries {
            a_second_delivery_changes_nothing,
            keys_are_compared_to_the_letter,
            a_thousand_at_once_of_a_hundred_keys,
            events_on_one_subject_coalesce,
            only_what_is_queued_becomes_work,
            an_impossible_subject_is_refused,
            old_deliveries_go_and_pending_ones_stay,
            any_bytes_are_kept,
        }
        leases {
            work_comes_in_the_order_of_its_due_times,
            an_event_while_running_brings_the_subject_back,
            a_claimed_subject_is_nobody_elses,
            a_lost_lease_refuses_a_late_finish,
            a_renewed_lease_holds,
            a_claim_that_nobody_awaits_goes_back,
            a_retry_waits_its_time_and_counts,
            an_event_does_not_cut_a_back_off_short,
            a_parked_subject_comes_back_with_an_event_and_not_with_a_sweep,
            a_parked_subject_can_be_unparked,
            an_event_while_running_revives_what_would_be_parked,
            sweeps_for_later_do_not_delay_events,
            a_second_finish_is_refused,
            waiting_workers_all_hear_of_new_work,
            stats_count_by_what_is_waited_for,
        }
        plans {
            a_plan_goes_from_intent_to_outcome,
            a_dry_run_leaves_nothing_uncertain,
            an_intent_without_outcome_makes_the_ledger_uncertain,
            an_unknown_outcome_is_uncertain_until_resolved,
            a_comment_is_unsure_only_while_no_answer_came,
            a_plan_needs_the_lease,
            notes_must_match_the_plan,
            the_ledger_reads_back,
        }
        closings {
            a_rule_closes_as_many_as_it_may_in_a_day,
            two_at_once_do_not_both_take_the_last_place,
            a_closing_without_an_outcome_is_told_with_the_claim,
            a_second_look_comes_in_time_or_with_an_event,
        }
        commands {
            a_question_comes_with_the_claim_once,
            only_new_lines_of_a_comment_are_asked,
            old_decisions_and_questions_go,
            the_last_decision_to_do_nothing_is_kept,
        }
        sweeps {
            a_moment_is_run_by_one,
            a_lost_run_is_taken_up,
            a_dead_process_leaves_its_runs,
            old_runs_go_and_the_last_stays,
        }
        batches {
            a_guilty_operation_does_not_disturb_its_neighbours,
            a_mixed_crowd_loses_nothing,
            operations_on_one_subject_keep_their_order,
        }
        durability {
            nothing_is_lost_when_the_store_is_dropped,
            work_of_a_dead_process_is_ready_at_once,
            a_crowd_is_not_blamed_for_a_crash,
            without_its_writer_a_store_is_not_well,
            a_closed_store_says_so,
        }
    }
}

/// Milliseconds after some fixed moment.
pub(super) fn at(millis: i64) -> DateTime<Utc> {
    time(1_760_000_000_000 + millis)
}

/// A minute: long against the times in these tests.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// Issue `number` of a project.
pub(super) fn issue(number: u64) -> Subject {
    Subject::gitlab_issue("group/project", number)
}

/// A delivery about issue `number`.
pub(super) fn delivery(key: &str, number: u64, received: i64) -> Delivery {
    Delivery {
        forge: ForgeKind::Gitlab,
        key: key.to_owned(),
        event: "Issue Hook".to_owned(),
        subject: Some(issue(number)),
        actor: Some("ada".to_owned()),
        disposition: Disposition::Queued,
        body: Bytes::from_static(br#"{"object_kind":"issue"}"#),
        received_at: at(received),
        asking: None,
    }
}

/// Accepts what must be new.
pub(super) async fn accept(store: &Store, key: &str, number: u64, received: i64) {
    let accepted = store.accept(delivery(key, number, received)).await;
    assert_eq!(accepted.expect("accepted"), Accepted::New, "{key}");
}

/// Claims what must be exactly one subject.
pub(super) async fn claim_one(store: &Store, now: i64) -> Claim {
    let mut claims = store.claim(10, LEASE, at(now)).await.expect("claims");
    assert_eq!(claims.len(), 1, "{claims:?}");
    claims.remove(0)
}

/// Whether there is nothing to claim.
pub(super) async fn nothing_at(store: &Store, now: i64) -> bool {
    store.claim(10, LEASE, at(now)).await.expect("claims").is_empty()
}

/// An ending without a plan.
pub(super) fn ended(now: i64, next: Next) -> Finished {
    Finished {
        at: at(now),
        plan: None,
        settled: vec![],
        ledger: None,
        next,
        resolved_uncertainty: false,
        answered: vec![],
        dropped: vec![],
        idle: None,
    }
}

/// A retry that counts.
pub(super) fn retry_at(due: i64) -> Next {
    Next::RetryAt { due_at: at(due), error: "502".to_owned(), count_attempt: true }
}

/// A park.
pub(super) fn park() -> Next {
    Next::Park { error: "403".to_owned(), count_attempt: true }
}

fn reason() -> Reason {
    Reason {
        rule: "routing.by_label".to_owned(),
        cite: Some(Cite { file: "catalog/groups.yml".to_owned(), line: 7 }),
        because: Because::TellsOwner,
    }
}

/// A ledger with something in it.
pub(super) fn some_ledger() -> Ledger {
    Ledger {
        comments: vec![LiveComment {
            topic: Topic::ROUTING,
            id: Some(77),
            body_hash: "“ä”\\\"\n".to_owned(),
            made_of: "abc".to_owned(),
            rules: Vec::new(),
        }],
        ..Ledger::default()
    }
}

/// A plan with two actions and one held finding.
pub(super) fn plan(subject: Subject) -> Plan {
    Plan {
        subject,
        policy_version: "abc".to_owned(),
        policy_commit: None,
        decided_at: at(5),
        shadow: Vec::new(),
        close_limit: None,
        idle: None,
        actions: vec![
            Action {
                effect: Effect::LabelPresent { label: LabelName::from("group::import") },
                reason: reason(),
            },
            Action {
                effect: Effect::CommentPosted {
                    topic: Topic::ROUTING,
                    body: "It's \"yours\" \u{0} ✓\n<!-- marker -->".to_owned(),
                },
                reason: reason(),
            },
        ],
        held: vec![Held { label: Some("group::other".into()), reason: reason() }],
        ledger_after: some_ledger(),
    }
}

/// Records [`plan`] under a claim.
pub(super) async fn record(
    store: &Store,
    claim: &Claim,
    id: Uuid,
    dry_run: bool,
) -> Result<super::Recorded, super::StoreError> {
    let plan = plan(claim.subject.clone());
    let actions = [
        ActionNote { reason: "because".to_owned(), before: Some(json!(["bug"])) },
        ActionNote { reason: "to tell".to_owned(), before: None },
    ];
    let held = ["a human said no".to_owned()];
    store
        .record_plan(
            claim,
            PlanRecord { id, plan: &plan, actions: &actions, held: &held, input: None, dry_run },
        )
        .await
}

/// Outcomes for both actions of [`plan`].
pub(super) fn settled(second: AuditState) -> Vec<Settled> {
    vec![
        Settled {
            position: 0,
            state: AuditState::Applied,
            error: None,
            forge_id: None,
            answered: true,
        },
        Settled {
            position: 1,
            state: second,
            error: (second != AuditState::Applied).then(|| "time-out".to_owned()),
            forge_id: (second == AuditState::Applied).then_some(77),
            answered: second == AuditState::Applied,
        },
    ]
}
