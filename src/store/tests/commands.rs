//! Questions in comments, and what is kept of decisions.

use super::*;
use crate::store::{Asking, IdleRecord};

fn asking(comment: u64, revision: &str, lines: &[&str]) -> Option<Asking> {
    Some(Asking {
        comment,
        revision: revision.to_owned(),
        by_id: 7,
        by: "ada".to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    })
}

async fn ask(store: &Store, key: &str, asking: Option<Asking>) -> Accepted {
    store.accept(Delivery { asking, ..delivery(key, 1, 0) }).await.expect("accepted")
}

pub(super) async fn a_question_comes_with_the_claim_once(home: &impl Home) {
    let store = home.open().await;
    let question = || asking(5, "1", &["@bot why"]);
    assert_eq!(ask(&store, "a", question()).await, Accepted::New);
    assert_eq!(ask(&store, "a", question()).await, Accepted::Duplicate);
    assert_eq!(ask(&store, "group hook", question()).await, Accepted::New);
    let claim = claim_one(&store, 1).await;
    let [question] = claim.questions.as_slice() else { panic!("{:?}", claim.questions) };
    assert_eq!((question.comment, question.nth, question.by.as_str()), (5, 0, "ada"));
    assert_eq!(question.lines, ["@bot why"]);

    // Not answered yet: it stays.
    store.finish(&claim, ended(2, retry_at(3))).await.expect("finished");
    let claim = claim_one(&store, 4).await;
    assert_eq!(claim.questions.len(), 1);
    let answered = claim.questions.iter().map(|question| question.id).collect();
    let finished = Finished { answered, ..ended(5, Next::Done) };
    store.finish(&claim, finished).await.expect("finished");
    accept(&store, "b", 1, 6).await;
    let claim = claim_one(&store, 7).await;
    assert_eq!(claim.questions, []);
    store.finish(&claim, ended(8, Next::Done)).await.expect("finished");

    // What was answered counts for an hour, what was dropped does not.
    ask(&store, "c", asking(6, "1", &["@bot why"])).await;
    let claim = claim_one(&store, 9).await;
    assert_eq!(claim.questions[0].lately, 1);
    let dropped = vec![claim.questions[0].id];
    let finished = Finished { dropped, ..ended(10, Next::Done) };
    store.finish(&claim, finished).await.expect("finished");
    ask(&store, "d", asking(7, "1", &["@bot why"])).await;
    let claim = claim_one(&store, 11).await;
    assert_eq!((claim.questions.len(), claim.questions[0].lately), (1, 1));
}

pub(super) async fn only_new_lines_of_a_comment_are_asked(home: &impl Home) {
    let store = home.open().await;
    ask(&store, "a", asking(5, "1", &["@bot why"])).await;
    ask(&store, "b", asking(5, "2", &["@bot why", "@bot help"])).await;
    ask(&store, "c", asking(5, "3", &["@bot help"])).await;
    ask(&store, "d", asking(6, "1", &["@bot why"])).await;
    let questions = claim_one(&store, 1).await.questions;
    let asked: Vec<_> =
        questions.iter().map(|one| (one.comment, one.nth, one.lines.join(" "))).collect();
    let line = |text: &str| text.to_owned();
    assert_eq!(
        asked,
        [(5, 0, line("@bot why")), (5, 1, line("@bot help")), (6, 0, line("@bot why"))]
    );
}

pub(super) async fn old_decisions_and_questions_go(home: &impl Home) {
    let store = home.open().await;
    let mut ids = Vec::new();
    for (number, second) in [(1, AuditState::Applied), (2, AuditState::Unknown)] {
        store
            .accept(Delivery {
                asking: asking(number, "1", &["@bot why"]),
                ..delivery(&format!("k{number}"), number, 0)
            })
            .await
            .expect("accepted");
        let claim = claim_one(&store, 1).await;
        // As it is made at the plan's own time.
        let millis = u64::try_from(at(5).timestamp_millis()).expect("after 1970");
        let id = uuid::Builder::from_unix_timestamp_millis(
            millis,
            &[u8::try_from(number).expect("small"); 10],
        )
        .into_uuid();
        record(&store, &claim, id, false).await.expect("recorded");
        let finished =
            Finished { plan: Some(id), settled: settled(second), ..ended(9, Next::Done) };
        store.finish(&claim, finished).await.expect("finished");
        ids.push(id);
    }
    store.prune(at(5), 100).await.expect("pruned");
    assert!(store.plan(ids[0]).await.expect("an answer").is_some(), "not old enough");
    while store.prune(at(100), 1).await.expect("pruned") > 0 {}
    assert!(store.plan(ids[0]).await.expect("an answer").is_none());
    assert_eq!(store.audit(&issue(1)).await.expect("rows"), []);
    // Nobody knows how it ended: it stays, or the comment would be doubled.
    assert!(store.plan(ids[1]).await.expect("an answer").is_some());
    assert_eq!(store.audit(&issue(2)).await.expect("rows").len(), 3);
    accept(&store, "later", 2, 10).await;
    let claim = claim_one(&store, 11).await;
    assert!(claim.ledger.uncertain);
    assert_eq!(claim.questions, [], "an old question is forgotten");
}

pub(super) async fn the_last_decision_to_do_nothing_is_kept(home: &impl Home) {
    let store = home.open().await;
    for (key, millis) in [("a", 0), ("b", 20)] {
        accept(&store, key, 1, millis).await;
        let claim = claim_one(&store, millis + 1).await;
        let decided = Plan { decided_at: at(millis + 2), actions: vec![], ..plan(issue(1)) };
        let idle = Some(IdleRecord::new(&decided, Some(key.to_owned())).expect("JSON"));
        let finished = Finished { idle, ..ended(millis + 3, Next::Done) };
        store.finish(&claim, finished).await.expect("finished");
    }
    let kept: Vec<(String, i64)> = sqlx::query_as("SELECT input, decided_at FROM idle")
        .fetch_all(&store.readers)
        .await
        .expect("rows");
    assert_eq!(kept, [("b".to_owned(), at(22).timestamp_millis())]);
    // The same again is not written, but once a day, and what is large is kept without its input.
    let day = 24 * 60 * 60 * 1000;
    for (millis, input, written) in [
        (100, "b".to_owned(), 22),
        (day + 50, "b".to_owned(), day + 50),
        (day + 60, "x".repeat(64 * 1024 + 1), day + 60),
    ] {
        accept(&store, &format!("at {millis}"), 1, millis - 2).await;
        let claim = claim_one(&store, millis - 1).await;
        let decided = Plan { decided_at: at(millis), actions: vec![], ..plan(issue(1)) };
        let idle = Some(IdleRecord::new(&decided, Some(input.clone())).expect("JSON"));
        let finished = Finished { idle, ..ended(millis + 1, Next::Done) };
        store.finish(&claim, finished).await.expect("finished");
        let kept: Vec<(Option<String>, i64)> = sqlx::query_as("SELECT input, decided_at FROM idle")
            .fetch_all(&store.readers)
            .await
            .expect("rows");
        let input = (input.len() <= 64 * 1024).then_some(input);
        assert_eq!(kept, [(input, at(written).timestamp_millis())]);
    }
    store.prune(at(day + 60), 10).await.expect("pruned");
    store.prune(at(day + 61), 10).await.expect("pruned");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM idle")
        .fetch_one(&store.readers)
        .await
        .expect("a count");
    assert_eq!(left, 0);
}
