//! What rules say: those with one topic share one comment, with a section each.

use std::borrow::Cow;

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
    sections: Vec<Section<'a>>,
    reason: Option<Reason>,
    /// Rules of the topic of which nobody can tell what they say.
    stay: Vec<String>,
}

impl<'a> Comments<'a> {
    fn of(&mut self, rule: &Rule) -> &mut OfTopic<'a> {
        let topic = topic(rule);
        let at = self.0.iter().position(|of| of.topic == topic).unwrap_or_else(|| {
            self.0.push(OfTopic { topic, sections: Vec::new(), reason: None, stay: Vec::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Notes the topic of a rule that may have spoken before.
    pub(super) fn may_speak(&mut self, rule: &Rule) {
        if rule.speaks() {
            self.of(rule);
        }
    }

    /// What a rule said before stays.
    pub(super) fn stays(&mut self, rule: &Rule) {
        if rule.speaks() {
            self.of(rule).stay.push(rule.name.clone());
        }
    }

    /// A rule that holds has its say.
    pub(super) fn says(&mut self, rule: &'a Rule, view: &View<'a>, reason: Reason) {
        let section = section(rule, view);
        let of = self.of(rule);
        of.sections.push(section);
        of.reason.get_or_insert(reason);
    }

    /// The comments that shall be there.
    pub(super) fn into_wanted(self, view: &View<'_>, wanted: &mut Wanted<'a>) {
        let orphans = self.orphans(view);
        for of in self.0 {
            // Where no rule speaks now, what is read anyway will do.
            let there = spoken(view, &of.topic, of.reason.is_some() && !of.stay.is_empty());
            // A section that may still be right must not get lost: the comment waits.
            if there.as_ref().is_some_and(|rules| rules.iter().any(|rule| of.stay.contains(rule))) {
                // Nor is an item closed that is not told why.
                wanted.close.take_if(|close| of.has_section(&close.reason.rule));
                continue;
            }
            match of.reason {
                Some(reason) => wanted.comments.push(CommentWanted {
                    topic: of.topic,
                    sections: of.sections,
                    frame: Some(FRAME),
                    post: Post::Always,
                    reason,
                }),
                None if there.is_some() => wanted.comments.push(settled(view, of.topic)),
                None => {}
            }
        }
        wanted.comments.extend(orphans.into_iter().map(|topic| settled(view, topic)));
    }

    /// Topics of comments that are there and that no rule claims any more: their rules were
    /// deleted, switched off or given another topic.
    fn orphans(&self, view: &View<'_>) -> Vec<Topic> {
        let ledger = view.ledger;
        let mut orphans = Vec::new();
        if view.snapshot.state != State::Open {
            return orphans;
        }
        let known = ledger.comments.iter().filter(|live| live.id.is_some());
        let known = known.map(|live| live.topic.clone());
        let read = view.snapshot.facets.own_comments.iter().flatten();
        let read = read.filter(|_| !ledger.known || ledger.uncertain);
        let read = read.filter_map(|comment| Marker::of(&comment.body)).map(|marker| marker.topic);
        let of_rules = |topic: &Topic| *topic != Topic::ROUTING && topic.answers().is_none();
        for topic in known.chain(read).filter(of_rules) {
            if !orphans.contains(&topic) && !self.0.iter().any(|of| of.topic == topic) {
                orphans.push(topic);
            }
        }
        orphans
    }
}

impl OfTopic<'_> {
    fn has_section(&self, rule: &str) -> bool {
        self.sections.iter().any(|section| section.rule.as_deref() == Some(rule))
    }
}

/// Nothing is left to say in a comment that is there.
fn settled(view: &View<'_>, topic: Topic) -> CommentWanted<'static> {
    let reason = Reason { rule: "rules".into(), cite: None, because: Because::NothingToSay };
    CommentWanted::whole(topic, SETTLED, facts::only_item(view), Post::Never, reason)
}

/// The rules that have a section in the comment on a topic, by the ledger or by what was read;
/// `ask` reads it where only the forge can tell. `None` where there is no comment.
fn spoken<'a>(view: &View<'a>, topic: &Topic, ask: bool) -> Option<Cow<'a, [String]>> {
    if let Some(live) = view.ledger.comment(topic) {
        return Some(Cow::Borrowed(&live.rules));
    }
    if view.ledger.known && !view.ledger.uncertain {
        return None;
    }
    if ask {
        view.own_comments();
    }
    let read = view.snapshot.facets.own_comments.iter().flatten();
    let mut markers = read.filter_map(|comment| Marker::of(&comment.body));
    markers.find(|marker| marker.topic == *topic).map(|marker| Cow::Owned(marker.rules))
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
    let mut had = std::collections::BTreeSet::new();
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
