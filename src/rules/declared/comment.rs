//! What rules say: those with one topic share one comment, with a section each.

use std::{borrow::Cow, collections::BTreeSet};

use serde::Serialize;

use super::{At, Truth, holds::truth};
use crate::{
    model::{Because, Reason, State, Topic},
    pack::rules::{Rule, Target},
    rules::{
        CommentWanted, Post, Section, Told, View, Wanted,
        routing::facts::{self, GroupFacts, IntegrationFacts},
    },
    words::Marker,
};

/// The template around the sections.
pub(crate) const FRAME: &str = "rules/comment";
/// What a comment says when no rule has anything to say any more.
pub(crate) const SETTLED: &str = "rules/settled";
/// What a rule says that has no text of its own.
const PLAIN: &str = "rules/plain";

/// The comments of all rules, topic by topic.
#[derive(Default)]
pub(super) struct Comments<'a>(Vec<OfTopic<'a>>);

struct OfTopic<'a> {
    topic: Topic,
    /// Its rules, in the order in which they are asked.
    rules: Vec<(&'a Rule, Says)>,
}

/// What a rule has to say.
enum Says {
    /// It holds.
    Speaks(Reason),
    /// What it said before stays.
    Stays,
    /// Nothing.
    Nothing,
}

impl<'a> Comments<'a> {
    fn add(&mut self, rule: &'a Rule, says: Says) {
        if !rule.speaks() {
            return;
        }
        let topic = topic(rule);
        match self.0.iter_mut().find(|of| of.topic == topic) {
            Some(of) => of.rules.push((rule, says)),
            None => self.0.push(OfTopic { topic, rules: vec![(rule, says)] }),
        }
    }

    /// A rule has nothing to say.
    pub(super) fn rests(&mut self, rule: &'a Rule) {
        self.add(rule, Says::Nothing);
    }

    /// What a rule said before stays.
    pub(super) fn stays(&mut self, rule: &'a Rule) {
        self.add(rule, Says::Stays);
    }

    /// A rule that holds has its say.
    pub(super) fn says(&mut self, rule: &'a Rule, reason: Reason) {
        self.add(rule, Says::Speaks(reason));
    }

    /// The comments that shall be there.
    pub(super) fn into_wanted(mut self, view: &View<'a>, wanted: &mut Wanted<'a>) {
        if view.snapshot.state == State::Open {
            // Rules that spoke there are no more.
            for topic in topics(view) {
                if !self.0.iter().any(|of| of.topic == topic) {
                    self.0.push(OfTopic { topic, rules: Vec::new() });
                }
            }
        }
        wanted.comments.extend(self.0.into_iter().filter_map(|of| of.wanted(view)));
    }
}

impl<'a> OfTopic<'a> {
    /// The comment that shall be there; `None` leaves what is there as it is.
    fn wanted(self, view: &View<'a>) -> Option<CommentWanted<'a>> {
        let speaks = self.rules.iter().any(|(_, says)| matches!(says, Says::Speaks(_)));
        let stays = self.rules.iter().any(|(_, says)| matches!(says, Says::Stays));
        // Only where it makes a difference is it worth a call.
        let said = match speaks && !stays {
            true => None,
            false => said(view, &self.topic, speaks),
        };
        let spoke = |rule: &Rule| said.iter().flatten().any(|name| *name == rule.name);
        let is_gone = |name: &String| match self.rules.iter().find(|(rule, _)| rule.name == *name) {
            Some((_, says)) => matches!(says, Says::Nothing),
            None => view.snapshot.state == State::Open,
        };
        if !speaks {
            let said = said.as_ref()?;
            if stays && !said.iter().any(is_gone) {
                return None;
            }
            if !self.rules.iter().any(|(rule, says)| matches!(says, Says::Stays) && spoke(rule)) {
                return Some(settled(view, self.topic));
            }
        }
        // A section that may still be right must not get lost.
        let mut sections = Vec::new();
        let mut first = None;
        for (rule, says) in self.rules.iter().filter(|(rule, says)| match says {
            Says::Speaks(_) => true,
            Says::Stays => spoke(rule),
            Says::Nothing => false,
        }) {
            sections.push(section(rule, view));
            if let (None, Says::Speaks(reason)) = (&first, says) {
                first = Some(reason.clone());
            }
        }
        let reason = first.unwrap_or_else(nothing_to_say);
        let (topic, frame, post) = (self.topic, Some(FRAME), Post::Always);
        Some(CommentWanted { topic, sections, frame, post, reason })
    }
}

/// Nothing is left to say in a comment that is there.
fn settled(view: &View<'_>, topic: Topic) -> CommentWanted<'static> {
    let facts = facts::only_item(view);
    CommentWanted::whole(topic, SETTLED, facts, Post::Never, nothing_to_say())
}

fn nothing_to_say() -> Reason {
    Reason { rule: "rules".into(), cite: None, because: Because::NothingToSay }
}

/// The rules that have a section in the comment on a topic, by the ledger or by what was read;
/// `None` where there is no comment. `ask` reads it where only the forge can tell.
fn said(view: &View<'_>, topic: &Topic, ask: bool) -> Option<Vec<String>> {
    if let Some(live) = view.ledger.comment(topic) {
        // In one that a person deleted nobody says anything.
        return live.id.map(|_| live.rules.clone());
    }
    if view.ledger.known && !view.ledger.uncertain {
        return None;
    }
    if ask {
        view.own_comments();
    }
    markers(view).find(|marker| marker.topic == *topic).map(|marker| marker.rules)
}

/// The topics of Steward's comments, by the ledger or by what was read, that belong to rules.
fn topics(view: &View<'_>) -> BTreeSet<Topic> {
    let there = view.ledger.comments.iter().filter(|live| live.id.is_some());
    let by_ledger = there.map(|live| live.topic.clone());
    let known = view.ledger.known && !view.ledger.uncertain;
    let read = markers(view).filter(|_| !known).map(|marker| marker.topic);
    let all = by_ledger.chain(read);
    let is_checklist = |topic: &Topic| view.pack.checklists.iter().any(|one| one.topic == *topic);
    all.filter(|topic| !topic.is_reserved() && !is_checklist(topic)).collect()
}

fn markers<'a>(view: &View<'a>) -> impl Iterator<Item = Marker> + use<'a> {
    let read = view.snapshot.facets.own_comments.iter().flatten();
    read.filter_map(|comment| Marker::of(&comment.body))
}

/// The topic of what a rule says.
pub(crate) fn topic(rule: &Rule) -> Topic {
    let named = rule.then.comment.as_ref().and_then(|comment| comment.topic.as_ref());
    // Topics are checked when rules are read.
    named.and_then(|topic| topic.parse().ok()).unwrap_or(Topic::RULES)
}

/// The template that makes what a rule says.
pub(crate) fn template(rule: &Rule) -> Cow<'static, str> {
    rule.template().map_or(Cow::Borrowed(PLAIN), Cow::Owned)
}

/// What a rule says about an item.
fn section<'a>(rule: &'a Rule, view: &View<'a>) -> Section<'a> {
    let about = view.about();
    let owners = || about.found.iter().map(|one| one.owner);
    // Of several owners none is meant more than the others.
    let owner = owners().next().filter(|first| owners().all(|owner| owner.key == first.key));
    let at = At::deciding(view, rule);
    let checklist = rule.then.checklist.iter().map(|item| Step {
        text: &item.text.value,
        done: match item.done.as_ref().map(|done| truth(done, &at)) {
            Some(Truth::Yes) => Some(true),
            Some(Truth::No) => Some(false),
            Some(Truth::CannotTell) | None => None,
        },
    });
    let facts = Facts {
        item: facts::noun(view),
        title: &view.snapshot.title,
        author: &view.snapshot.author.username,
        about: &rule.about,
        integrations: about
            .found
            .iter()
            .map(|one| facts::integration(view, one.integration))
            .collect(),
        group: owner.map(|owner| facts::group(view, owner)),
        mention: mention(rule, view),
        checklist: checklist.collect(),
        cites: rule
            .cites
            .as_ref()
            .map(|cites| Cites { url: &cites.url.value, sentence: cites.sentence.as_deref() }),
    };
    Section { template: template(rule), facts: Told::new(facts), rule: Some(rule.name.clone()) }
}

/// What a section is told.
#[derive(Debug, Serialize)]
struct Facts<'a> {
    item: &'static str,
    title: &'a str,
    author: &'a str,
    about: &'a str,
    integrations: Vec<IntegrationFacts<'a>>,
    group: Option<GroupFacts<'a>>,
    mention: Option<String>,
    checklist: Vec<Step<'a>>,
    cites: Option<Cites<'a>>,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    text: &'a str,
    /// `None` where nobody can tell.
    done: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Cites<'a> {
    url: &'a str,
    sentence: Option<&'a str>,
}

/// The text that calls those whom the rule mentions.
fn mention(rule: &Rule, view: &View<'_>) -> Option<String> {
    let mut called: Vec<Cow<'_, str>> = Vec::new();
    let person = |handle: &str| is_handle(handle).then(|| Cow::Owned(format!("@{handle}")));
    for target in rule.then.mention.as_ref()?.iter() {
        match target {
            Target::Author => called.extend(person(&view.snapshot.author.username)),
            Target::Assignees => {
                let people = view.snapshot.assignees.iter();
                called.extend(people.filter_map(|one| person(&one.username)));
            }
            Target::Handle(handle) => called.push(Cow::Owned(format!("@{handle}"))),
            Target::Owners => {
                let owners = view.about().found.iter().map(|one| one.owner);
                called.extend(owners.filter_map(|owner| owner.mention.as_deref()).map(Into::into));
            }
        }
    }
    let mut had = BTreeSet::new();
    called.retain(|one| had.insert(one.clone()));
    (!called.is_empty()).then(|| called.join(" "))
}

/// Whether a forge user's name can be called without letting anything else through.
fn is_handle(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// The handles in a text that calls people, without `@`.
pub(super) fn handles(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    words.filter_map(|word| word.strip_prefix('@')).filter(|handle| !handle.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_handles_call_people() {
        assert!(is_handle("anna_b.c-d"));
        for bad in ["", "a b", "a\n/close", "a@b", "<a>", "a/b", "ä"] {
            assert!(!is_handle(bad), "{bad}");
        }
        assert_eq!(handles("@org/team, @anna and bob @").collect::<Vec<_>>(), ["org/team", "anna"]);
    }
}
