//! People ask Steward in comments: each question is answered once, whatever happens.

use std::num::NonZeroU64;

use rstest::rstest;
use steward::{
    forgesim::{Face, Fault, FaultKind, NoteView},
    words::Marker,
};

use crate::{
    process::Serve,
    world::{BOT, Item, World, until},
};

/// Steward's answers on an item, the oldest first.
fn answers(gitlab: &World, item: Item) -> Vec<NoteView> {
    let shown = gitlab.shows(item);
    let comments = shown.0.comments_of(BOT).into_iter();
    let is_answer = |note: &&NoteView| {
        Marker::of(&note.body).is_some_and(|marker| marker.topic.answers().is_some())
    };
    comments.filter(is_answer).cloned().collect()
}

#[track_caller]
fn one_answer(gitlab: &World, item: Item) -> String {
    let answers = answers(gitlab, item);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    answers[0].body.clone()
}

#[track_caller]
fn says(text: &str, part: &str) {
    assert!(text.contains(part), "not said: {part}\n\n{text}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_once_though_it_is_delivered_ten_times(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.ben().comments(issue, "Hello\n\n@steward-bot why");
    let delivery = gitlab.sim.deliveries().last().expect("the webhook").id;
    for _ in 0..9 {
        gitlab.sim.resend(delivery).expect("it is sent again");
    }
    gitlab.rests().await;
    let answer = one_answer(&gitlab, issue);
    says(&answer, "@ben About this issue:");
    says(
        &answer,
        &format!(
            "{}: it is on the item: Steward set it on",
            gitlab.label("group::project management")
        ),
    );
    let named = gitlab.label("Integration::Jira");
    says(&answer, &format!("the label {named}, set by `anna`, names Jira"));
    says(&answer, "<details>");
    says(&answer, "routing.by_label");
    // The question calls Steward, the answer nobody but the asker.
    assert_eq!(gitlab.disturbed(), [BOT, "ben"]);
    // And nothing more when something else happens.
    gitlab.anna().renames(issue, "Jira is still down");
    gitlab.rests().await;
    one_answer(&gitlab, issue);
    gitlab.shows(issue).has_labels(&["group::project management"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_about_a_label_is_answered_for_that_label(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.carla().unlabels(issue, "group::project management");
    gitlab.rests().await;
    gitlab.anna().comments(issue, "@steward-bot why ~\"group::project management\"");
    gitlab.rests().await;
    let answer = one_answer(&gitlab, issue);
    says(&answer, "it was asked for and is left alone; `carla` took it off");
    says(&answer, "was removed by `carla`");

    gitlab.anna().comments(issue, "@steward-bot why ~\"group::importt\"");
    gitlab.rests().await;
    let answer = answers(&gitlab, issue).pop().expect("an answer").body;
    says(&answer, "it is not on the item, and no rule asks for it");
    says(&answer, &format!("similar: {}", gitlab.label("group::import")));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_new_commands_of_an_edited_comment_are_answered(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let comment = gitlab.anna().says(issue, "Hm.");
    gitlab.rests().await;
    assert_eq!(answers(&gitlab, issue).len(), 0);
    gitlab.anna().edits_comment(issue, comment, "Hm.\n\n@steward-bot why");
    gitlab.rests().await;
    one_answer(&gitlab, issue);
    gitlab.anna().edits_comment(issue, comment, "Well.\n\n@steward-bot why");
    gitlab.rests().await;
    one_answer(&gitlab, issue);
    gitlab.anna().edits_comment(issue, comment, "@steward-bot why\n@steward-bot hlep");
    gitlab.rests().await;
    let answers = answers(&gitlab, issue);
    assert_eq!(answers.len(), 2, "{answers:#?}");
    says(&answers[1].body, "`hlep` is no command of mine. Did you mean `help`?");
    says(&answers[1].body, "`why`");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_answered_who_did_not_ask(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    for text in [
        "```\n@steward-bot why\n```",
        "> @steward-bot why",
        "Did @steward-bot why this?",
        "<!--\n@steward-bot why\n-->",
        "@anna why",
    ] {
        gitlab.ben().comments(issue, text);
    }
    // What Steward itself writes is no question.
    gitlab.person(BOT).comments(issue, "@steward-bot why");
    gitlab.rests().await;
    assert_eq!(answers(&gitlab, issue).len(), 0);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_from_before_steward_knew_its_name_is_answered(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.sim.settle().await;
    gitlab.sim.fails(Fault::new(FaultKind::BadGatewayBefore).on("GET").at("/user").times(1));
    gitlab.steward_starts().await;
    gitlab.ben().comments(issue, "@steward-bot why");
    gitlab.person(BOT).comments(issue, "@steward-bot why");
    gitlab.ben().comments(issue, "@anna why");
    gitlab.rests().await;
    says(&one_answer(&gitlab, issue), "@ben ");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_questions_at_a_time_are_answered(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let mut gitlab = gitlab;
    gitlab.steward_stops().await;
    for number in 0..9 {
        gitlab.ben().comments(issue, &format!("@steward-bot why ~label{number}"));
    }
    gitlab.sim.settle().await;
    gitlab.steward_starts().await;
    for delivery in gitlab.sim.deliveries().iter().filter(|one| !one.outcome.is_success()) {
        gitlab.sim.resend(delivery.id).expect("it is sent again");
    }
    gitlab.sim.settle().await;
    gitlab.rests().await;
    let given = answers(&gitlab, issue).len();
    // Some comments may find the webhook paused already: GitLab does so after four failures.
    assert!((4..=9).contains(&given), "{given}");
}

/// An answer whose own answer is lost is not posted again.
async fn an_answer_is_lost(face: Face, kind: FaultKind) {
    let gitlab = World::on_with(face, |settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
        settings.github.timeout_seconds = NonZeroU64::MIN;
        settings.worker.settle_seconds = 3;
    })
    .await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.sim.clear_requests();
    gitlab.sim.fails(Fault::new(kind).on("POST").at(gitlab.comments_path()));
    gitlab.ben().comments(issue, "@steward-bot why");
    gitlab.rests().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    gitlab.rests().await;
    one_answer(&gitlab, issue);
    assert_eq!(gitlab.calls_of("POST", gitlab.comments_path()), 1, "{:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_went_through_unheard_is_not_given_again(#[case] face: Face) {
    an_answer_is_lost(face, FaultKind::BadGatewayAfter).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_late_is_waited_for(#[case] face: Face) {
    an_answer_is_lost(face, FaultKind::CutAndLate { ms: 1000 }).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_given_once_though_steward_was_killed(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    gitlab.settings.worker.settle_seconds = 4;
    let mut serve = Serve::starts(&gitlab, &[]).await;
    let issue = gitlab.anna().opens_issue("Nothing here");
    gitlab.sim.settle().await;
    gitlab.sim.fails(
        Fault::new(FaultKind::HangAndLate { ms: 2000 }).on("POST").at(gitlab.comments_path()),
    );
    gitlab.ben().comments(issue, "@steward-bot why");
    until("the answer is under way", async || gitlab.calls_of("POST", gitlab.comments_path()) == 1)
        .await;
    serve.is_killed();

    let mut next = Serve::starts(&gitlab, &[]).await;
    let health = gitlab.steward_url("/healthz");
    until("nothing is left to do", async || {
        let text = reqwest::get(&health).await.expect("an answer").text().await.expect("a text");
        let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        ["ready", "waiting", "running"].iter().all(|state| health["work"][state] == 0)
    })
    .await;
    next.ends().await;
    says(&one_answer(&gitlab, issue), "Nothing is done here: no label starts with");
    assert_eq!(gitlab.calls_of("POST", gitlab.comments_path()), 1, "{:#?}", gitlab.calls());
}
