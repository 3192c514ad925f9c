//! Checklists: one comment and one status, kept up to date, and rows that people waive.

use std::sync::LazyLock;

use crate::{
    commands::Question,
    model::{
        AddedLines, Applied, ChangedFile, Changes, Comment, Effect, Facet, FacetValue, FileContent,
        FileStatus, LabelName, Ledger, LineSpan, Membership, Person, Plan, Snapshot, State,
        StatusState, Subject, Topic,
    },
    pack::Pack,
    plan::{Decision, Detail, Input, decide_input, rehearse},
    policy::{Origin, PolicySource, SourceFile},
};

const CHECKLIST: &str = r#"
about: "A new integration comes with its parts."
cites: { url: "https://docs.example.com/integrations" }
status: { name: steward/parts }
waive: { owners: true, groups: [example/leads] }
find:
  added: ["app/models/integrations/{name}.rb"]
sets:
  fields:
    in: "app/models/integrations/{path}.rb"
    query: '(call method: (identifier) @_m arguments: (argument_list . (simple_symbol) @key) (#eq? @_m "field"))'
  documented: { in: "doc/{path}.md", markdown: codes }
rows:
  docs:
    title: "Each field of `{name}` is documented"
    section: Documentation
    check: { each: { of: fields, in: documented } }
    hint: "Write a page."
    cites: { url: "https://docs.example.com/integrations#docs" }
    ready:
      - file: "doc/{path}.md"
        text: |
          # {{title}}

          {{#each sets.fields}}
          - `{{this}}`
          {{/each}}
  spec:
    title: "The model has a spec"
    check: { file: { path: "spec/{path}_spec.rb" } }
  navigation:
    title: "It is in the navigation"
    need: advice
    tick: true
"#;

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let mut source = PolicySource::built_in();
    let all: Vec<String> = source.files("checklists/").map(|file| file.path.clone()).collect();
    for path in all {
        source.insert(SourceFile::new(path, Origin::BuiltIn, "about: Off\nmode: 'off'\nfind: { unknown: true }\nrows: { a: { title: A, tick: true } }\n"));
    }
    source.insert(SourceFile::new("checklists/parts.yml", Origin::BuiltIn, CHECKLIST));
    Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"))
});

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.into() }
}

/// A merge request on a forge that does what Steward decides.
struct Request {
    snapshot: Snapshot,
    ledger: Ledger,
    files: Vec<(String, String)>,
    comments: Vec<Comment>,
    members: Vec<(&'static str, u64)>,
    reactions: Vec<(u64, String)>,
    statuses: Vec<(StatusState, String)>,
}

const MODEL: &str = "app/models/integrations/foo_bar.rb";

impl Request {
    fn new() -> Self {
        let now = "2026-06-01T00:00:00Z".parse().expect("a date");
        let mut snapshot = Snapshot {
            subject: Subject::gitlab_merge_request("a/b", 1),
            url: "https://forge.example/a/b/-/merge_requests/1".into(),
            title: "Add it".into(),
            description: String::new(),
            state: State::Open,
            draft: false,
            author: person(2, "ben"),
            labels: vec![LabelName::new("group::import")],
            milestone: None,
            created_at: now,
            updated_at: now,
            head: Some("c0ffee".into()),
            assignees: Vec::new(),
            reviewers: None,
            votes: Some(Default::default()),
            weight: None,
            confidential: false,
            facets: Default::default(),
        };
        snapshot.facets.files_url = Some("https://forge.example/a/b/-/blob/c0ffee".into());
        let files = vec![(MODEL.to_owned(), "class FooBar\n  field :url\nend\n".to_owned())];
        Self {
            snapshot,
            ledger: Ledger::default(),
            files,
            comments: Vec::new(),
            members: Vec::new(),
            reactions: Vec::new(),
            statuses: Vec::new(),
        }
    }

    fn read(&self, facet: &Facet) -> FacetValue {
        match facet {
            Facet::LabelHistory => FacetValue::LabelHistory(Vec::new()),
            Facet::OwnComments => FacetValue::OwnComments(self.comments.clone()),
            Facet::Label(name) => FacetValue::Label(Some(name.clone())),
            Facet::Changes => FacetValue::Changes(Changes {
                files: self
                    .files
                    .iter()
                    .map(|(path, text)| ChangedFile {
                        path: path.clone(),
                        status: FileStatus::Added,
                        added: AddedLines::Lines(vec![LineSpan {
                            first: 1,
                            last: text.lines().count() as u32,
                        }]),
                        previous_path: None,
                    })
                    .collect(),
                complete: true,
            }),
            Facet::File(at) => {
                let found = self.files.iter().find(|(path, _)| *path == at.path);
                FacetValue::File(
                    found.map_or(FileContent::Absent, |(_, text)| FileContent::text(text)),
                )
            }
            Facet::Membership(Membership { group, person }) => FacetValue::Membership(
                self.members.iter().any(|(of, who)| of == group && who == person),
            ),
            other => panic!("nobody needs {other}"),
        }
    }

    fn steward(&mut self, asks: &[(u64, &str)]) -> Plan {
        let me = person(1, "steward");
        let questions: Vec<Question> = asks
            .iter()
            .enumerate()
            .map(|(at, (by, line))| Question {
                id: at as i64 + 1,
                comment: 100 + at as u64,
                nth: 0,
                by_id: *by,
                by: format!("person{by}"),
                lately: 0,
                lines: vec![(*line).to_owned()],
            })
            .collect();
        let mut snapshot = self.snapshot.clone();
        let now = "2026-06-02T00:00:00Z".parse().expect("a date");
        for _ in 0..8 {
            let ledger = &self.ledger;
            let input = Input { snapshot: &snapshot, ledger, me: &me, now, questions: &questions };
            match decide_input(Detail::Full, input, &PACK).expect("words") {
                Decision::Needs(needs) => {
                    needs.iter().for_each(|facet| snapshot.fill(facet, self.read(facet)));
                }
                Decision::Plan(plan) => {
                    self.carry_out(&plan);
                    return *plan;
                }
            }
        }
        panic!("it keeps asking")
    }

    fn carry_out(&mut self, plan: &Plan) {
        self.ledger = plan.ledger_after.clone();
        for action in &plan.actions {
            match action.effect.clone() {
                Effect::CommentPosted { topic, body } => {
                    let id = self.comments.len() as u64 + 1;
                    self.comments.push(Comment { id, body, created_at: self.snapshot.created_at });
                    for live in self.ledger.comments.iter_mut().filter(|live| live.topic == topic) {
                        live.id = Some(id);
                    }
                }
                Effect::CommentEdited { id, body, .. } => {
                    self.comments
                        .iter_mut()
                        .filter(|one| one.id == id)
                        .for_each(|one| one.body = body.clone());
                }
                Effect::StatusSet { state, text, .. } => self.statuses.push((state, text)),
                Effect::Reacted { comment, emoji } => self.reactions.push((comment, emoji)),
                other => panic!("nothing else is done: {other:?}"),
            }
        }
    }

    fn comment(&self, topic: &str) -> &str {
        let marker = format!("<!-- steward:{topic} ");
        let found = self.comments.iter().find(|comment| comment.body.contains(&marker));
        &found.unwrap_or_else(|| panic!("no comment on {topic}")).body
    }

    fn waivers(&self) -> Vec<(String, String)> {
        let waived = self.ledger.applied.iter().filter_map(|applied| match applied {
            Applied::Waived { waiver } => Some((waiver.row.clone(), waiver.why.clone())),
            _ => None,
        });
        waived.collect()
    }
}

#[test]
fn the_texts_are_rehearsed() {
    rehearse(&PACK).unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn one_comment_and_one_status_follow_the_pushes() {
    let mut request = Request::new();
    request.steward(&[]);
    insta::assert_snapshot!("sheet_with_missing_rows", request.comment("parts"));
    let told = "Foo Bar: missing docs and spec";
    assert_eq!(request.statuses, [(StatusState::Failed, told.to_owned())]);
    assert_eq!(request.steward(&[]).actions, [], "nothing is new");

    request.files.push(("doc/foo_bar.md".into(), "# Foo\n\n`url`\n".into()));
    request.files.push(("spec/foo_bar_spec.rb".into(), String::new()));
    request.snapshot.head = Some("beef".into());
    request.steward(&[]);
    assert_eq!(request.comments.len(), 1, "edited in place");
    insta::assert_snapshot!("sheet_that_is_complete", request.comment("parts"));
    let (state, _) = request.statuses.last().expect("one");
    assert_eq!(*state, StatusState::Success);

    request.files.clear();
    request.snapshot.head = Some("dead".into());
    request.steward(&[]);
    assert!(request.comment("parts").contains("adds no integration any more"));
    assert_eq!(request.steward(&[]).actions, []);
}

#[test]
fn whoever_is_entitled_waives_a_row_and_takes_it_back() {
    let mut request = Request::new();
    request.members.push(("example/leads", 7));
    request.steward(&[]);
    request.steward(&[(7, "@steward waive docs The service writes its own.")]);
    assert_eq!(request.reactions, [(100, "white_check_mark".to_owned())]);
    assert_eq!(request.waivers(), [("docs".to_owned(), "The service writes its own.".to_owned())]);
    assert!(request.comment("parts").contains("#### Waived"), "{}", request.comment("parts"));
    assert_eq!(request.comments.len(), 1, "no answer is needed");
    assert_eq!(request.steward(&[]).actions, []);
    // The database is lost: the comment remembers.
    request.ledger = Ledger::default();
    request.steward(&[]);
    assert_eq!(request.waivers().len(), 1);
    request.steward(&[(7, "@steward unwaive docs")]);
    assert_eq!(request.waivers(), []);
    assert!(!request.comment("parts").contains("#### Waived"));
}

#[test]
fn a_refusal_says_who_may() {
    let mut request = Request::new();
    request.members.push(("example/leads", 7));
    request.steward(&[]);
    for (at, (by, line, told)) in [
        (2, "@steward waive docs I am the author", "Members of `example/leads`"),
        (7, "@steward waive docs", "Why?"),
        (7, "@steward waive doc because", "Did you mean `docs`?"),
        (7, "@steward unwaive docs", "is not waived"),
    ]
    .into_iter()
    .enumerate()
    {
        request.steward(&[(by, line)]);
        assert_eq!(request.reactions.len(), at + 1);
        assert_eq!(request.reactions[at].1, "no_entry_sign");
        let answer = &request.comments.last().expect("an answer").body;
        assert!(answer.contains(told), "{line}: {answer}");
        assert_eq!(request.waivers(), []);
        // The next question is to another comment.
        request.comments.retain(|comment| !comment.body.contains("steward:answer."));
        request.ledger.comments.retain(|live| live.topic.answers().is_none());
    }
    let mut issue = Request::new();
    issue.files.clear();
    issue.steward(&[(7, "@steward waive docs because")]);
    assert!(issue.comment(Topic::answer(100).as_str()).contains("No checklist concerns"));
}

#[test]
fn recheck_looks_again_and_says_so_with_an_emoji() {
    let mut request = Request::new();
    request.steward(&[]);
    request.steward(&[(9, "@steward recheck")]);
    assert_eq!(request.reactions, [(100, "white_check_mark".to_owned())]);
    assert_eq!(request.comments.len(), 1);
}

#[test]
fn a_closed_change_is_left_as_it_is() {
    let mut request = Request::new();
    request.steward(&[]);
    let before = request.comment("parts").to_owned();
    request.snapshot.state = State::Merged;
    request.files.push(("spec/foo_bar_spec.rb".into(), String::new()));
    let plan = request.steward(&[]);
    assert!(plan.is_empty(), "{plan:#?}");
    assert_eq!(request.comment("parts"), before);
}
