//! Many files of one merge request, and reactions, on a simulated GitLab.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use futures::poll;

use super::{
    Silent,
    fields::{PROJECT, Stage, plan, request},
};
use crate::{
    app::load_pack,
    forge::Forge,
    forgesim::{Change, Fault, FaultKind, NewMergeRequest},
    model::{Effect, Facet, FileAt, FileContent, MOST_FILES, Subject, Unreadable},
    pack::Pack,
    settings::Settings,
    store::{AuditState, Next},
    worker::{Sources, reading::read_more},
};

fn files(count: usize) -> BTreeSet<Facet> {
    (0..count).map(|number| Facet::File(FileAt::head(format!("{number:03}.rb")))).collect()
}

fn pack() -> Arc<Pack> {
    Arc::new(load_pack(&Settings::default()).expect("a pack"))
}

#[tokio::test]
async fn a_few_of_many_files_are_read_at_once() {
    let stage = Stage::new().await;
    let mut snapshot = stage.forge.read(&request()).await.expect("read");
    let forge = Silent::default();
    let mut facets = Vec::new();
    let (pack, sources) = (pack(), Sources { forge: &forge, beside: None });
    let mut read = Box::pin(read_more(sources, &pack, &mut snapshot, files(50), &mut facets));
    for _ in 0..3 {
        assert!(poll!(&mut read).is_pending());
        assert_eq!(forge.reading.load(Ordering::SeqCst), 8);
    }
}

#[tokio::test]
async fn of_one_merge_request_a_hundred_files_are_read_whatever_is_asked_for() {
    let stage = Stage::new().await;
    let anna = stage.sim.person("anna");
    let names = (0..MOST_FILES + 30).map(|number| format!("{number:03}.rb"));
    let new = NewMergeRequest {
        title: "many".to_owned(),
        changes: names.map(|name| Change::added(&name, format!("# {name}\n"))).collect(),
        ..NewMergeRequest::default()
    };
    let number = anna.opens_merge_request(PROJECT, new).expect("a merge request");
    let subject = Subject::gitlab_merge_request(PROJECT, number);
    let mut snapshot = stage.forge.read(&subject).await.expect("read");
    stage.sim.clear_requests();
    let pack = pack();
    let mut facets = Vec::new();
    for count in [60, MOST_FILES + 20, MOST_FILES + 30] {
        let mut needs = files(count);
        needs.retain(|facet| !snapshot.has(facet));
        let sources = Sources { forge: &*stage.forge, beside: None };
        read_more(sources, &pack, &mut snapshot, needs, &mut facets).await.expect("read");
    }
    assert_eq!(facets.len(), MOST_FILES + 30);
    assert_eq!(stage.sim.requests().latest.len(), MOST_FILES);
    for (place, (at, content)) in snapshot.facets.files.iter().enumerate() {
        let expected = match place < MOST_FILES {
            true => FileContent::text(&format!("# {}\n", at.path)),
            false => FileContent::Unreadable(Unreadable::TooMany { most: MOST_FILES }),
        };
        assert_eq!(*content, expected, "{at}");
    }
}

fn reacts(comment: u64) -> crate::model::Plan {
    let emoji = "white_check_mark".to_owned();
    plan(request(), vec![Effect::Reacted { comment, emoji }, Effect::Closed], Vec::new(), 9)
}

#[tokio::test]
async fn a_reaction_is_recorded_and_given_once() {
    let stage = Stage::new().await;
    let anna = stage.sim.person("anna");
    let said = anna.on_merge_request(PROJECT, 1).comments("@steward explain").expect("said");
    let comment = said.id().expect("a comment");
    for _ in 0..2 {
        assert_eq!(stage.does(reacts(comment)).await.next, Next::Done);
    }
    let shown = stage.sim.merge_request(PROJECT, 1).expect("one");
    let note = shown.notes.iter().find(|note| note.id == comment).expect("the comment");
    assert_eq!(note.reactions, [("steward-bot".to_owned(), "white_check_mark".to_owned())]);
    let rows = stage.store.audit(&request()).await.expect("rows");
    let row = &rows[0];
    assert_eq!((row.effect.as_str(), row.state), ("reacted", AuditState::Applied));
    assert_eq!((row.target.as_deref(), row.forge_id), (Some("white_check_mark"), Some(comment)));
}

#[tokio::test]
async fn a_comment_that_is_gone_stops_nothing_and_no_answer_stops_all() {
    for (fault, state, closes) in [
        (FaultKind::NotFound, AuditState::Failed, true),
        (FaultKind::BadGatewayAfter, AuditState::Unknown, false),
    ] {
        let stage = Stage::new().await;
        let said = stage.sim.person("anna").on_merge_request(PROJECT, 1).comments("a");
        let comment = said.expect("said").id().expect("a comment");
        stage.sim.fails(Fault::new(fault).on("POST").at("/award_emoji"));
        let done = stage.does(reacts(comment)).await;
        assert_eq!(done.next == Next::Done, closes, "{:?}", done.next);
        let last = if closes { AuditState::Applied } else { AuditState::Failed };
        let expected = [("reacted".to_owned(), state), ("closed".to_owned(), last)];
        assert_eq!(stage.states(&request()).await, expected);
    }
}
