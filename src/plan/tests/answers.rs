//! Questions in comments that would make long answers.

use super::*;
use crate::{
    commands::Question,
    plan::{Input, decide_input},
};

fn question(comment: u64, by_id: u64, lines: &[String]) -> Question {
    Question { id: 0, comment, nth: 0, by_id, by: "anna".into(), lately: 0, lines: lines.to_vec() }
}

/// The plan about an item with these labels and facets, and questions.
fn plan_of(labels: Vec<LabelName>, pack: &Pack, questions: &[Question]) -> Plan {
    let me = person(1, "steward");
    let mut snapshot = labelled(labels);
    for _ in 0..4 {
        let ledger = Ledger::default();
        let input = Input { snapshot: &snapshot, ledger: &ledger, me: &me, now: at(0), questions };
        match decide_input(Detail::Full, input, pack).expect("no answer fails a decision") {
            Decision::Plan(plan) => return *plan,
            Decision::Needs(needs) => needs.iter().for_each(|facet| {
                let value = match facet {
                    Facet::LabelHistory => FacetValue::LabelHistory(Vec::new()),
                    Facet::OwnComments => FacetValue::OwnComments(Vec::new()),
                    Facet::Label(name) => FacetValue::Label(Some(name.clone())),
                    Facet::AuthorAccess => FacetValue::AuthorAccess(Access::None),
                    other => panic!("{other:?} is not asked for here"),
                };
                snapshot.fill(facet, value);
            }),
        }
    }
    panic!("never decided");
}

fn labelled(labels: Vec<LabelName>) -> Snapshot {
    Snapshot {
        subject: Subject::gitlab_issue("example/product", 1),
        url: String::new(),
        title: "An item".into(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: person(7, "ben"),
        labels,
        milestone: None,
        created_at: at(0),
        updated_at: at(0),
        head: None,
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(Default::default()),
        weight: None,
        confidential: false,
        facets: Default::default(),
    }
}

fn answer(plan: &Plan) -> &str {
    let posted = plan.actions.iter().find_map(|action| match &action.effect {
        Effect::CommentPosted { topic, body } if topic.answers().is_some() => Some(body.as_str()),
        _ => None,
    });
    posted.expect("an answer")
}

#[test]
fn of_many_commands_a_few_are_answered() {
    let lines: Vec<String> = (0..20).map(|n| format!("@steward why ~a::{n}")).collect();
    let plan = plan_of(Vec::new(), &PACK, &[question(1, 7, &lines)]);
    let body = answer(&plan);
    assert!(body.contains("a::4") && !body.contains("a::5"), "{body}");
    assert!(body.contains("I answer 5 commands; 15 more are left out"), "{body}");
}

#[test]
fn long_lists_are_cut_short() {
    let labels = (0..3000).map(|n| LabelName::new(format!("Integration::Made up {n}"))).collect();
    let plan = plan_of(labels, &PACK, &[question(1, 7, &["@steward why".into()])]);
    let body = answer(&plan);
    assert!(body.contains("Made up 9") && !body.contains("Made up 11"), "{body}");
    assert!(body.contains("; and 2990 more"), "{body}");
}

#[test]
fn an_answer_that_is_too_long_is_given_in_short() {
    let mut source = PolicySource::built_in();
    let long = format!("{}{{{{#if mention}}}}{{{{/if}}}}", "word ".repeat(20_000));
    source.insert(crate::policy::SourceFile::new(
        "templates/answers/help.hbs",
        crate::policy::Origin::BuiltIn,
        long,
    ));
    let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = plan_of(Vec::new(), &pack, &[question(1, 7, &["@steward help".into()])]);
    let body = answer(&plan);
    assert!(body.contains("@anna The answer would be too long"), "{body}");
    let told = plan.held.iter().any(|held| {
        matches!(&held.reason.because, Because::AnswerFailed { error, .. } if error.contains("60000"))
    });
    assert!(told, "{:?}", plan.held);
    // Such policies are not taken in the first place.
    crate::plan::rehearse(&pack).expect_err("refused");
}

#[test]
fn who_asks_too_often_is_not_answered() {
    let ask = |comment| question(comment, 7, &["@steward help".into()]);
    let posted = |plan: &Plan| {
        let posts = |action: &&crate::model::Action| matches!(&action.effect, Effect::CommentPosted { topic, .. } if topic.answers().is_some());
        plan.actions.iter().filter(posts).count()
    };
    let dropped = |plan: &Plan| {
        let often = |held: &&crate::model::Held| {
            matches!(held.reason.because, Because::AskedTooOften { .. })
        };
        plan.held.iter().filter(often).count()
    };
    // Nine before, and two now: the tenth is answered, the next is not.
    let lately = |comment| Question { lately: 9, ..ask(comment) };
    let plan = plan_of(Vec::new(), &PACK, &[lately(1), lately(2)]);
    assert_eq!((posted(&plan), dropped(&plan)), (1, 1));
    // Somebody else is not in the way.
    let other = Question { by_id: 8, by: "carla".into(), ..ask(3) };
    let plan = plan_of(Vec::new(), &PACK, &[lately(1), lately(2), other]);
    assert_eq!((posted(&plan), dropped(&plan)), (2, 1));
    // One comment, edited again and again.
    let plan = plan_of(Vec::new(), &PACK, &[Question { nth: 20, ..ask(1) }]);
    assert_eq!((posted(&plan), dropped(&plan)), (0, 1));
}
