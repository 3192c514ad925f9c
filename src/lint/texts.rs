//! Titles and descriptions.

use super::{cases::Literal, item::Item, parts::Part, sample, solve::Values};
use crate::pack::rules::{Condition, Pattern, Text};

/// The most texts that are tried.
const MOST: usize = 200;

fn test<'c>(one: &Literal<'c>) -> Option<&'c Text> {
    match one.condition {
        Condition::Title(text) | Condition::Description(text) => Some(text),
        _ => None,
    }
}

fn links<'c>(one: &Literal<'c>) -> Option<&'c [Pattern]> {
    match one.condition {
        Condition::Link(any) => Some(any),
        _ => None,
    }
}

/// Texts that have what is asked for. They never stand for all: [`exclude`] looks for contradictions.
pub(super) fn values(part: Part, item: &Item, own: &[Literal<'_>]) -> Values {
    let wanted = || own.iter().filter(|one| one.holds);
    let mut lists: Vec<Vec<String>> = Vec::new();
    for text in wanted().filter_map(test) {
        lists.extend(text.contains.as_ref().map(|any| any.0.clone()));
        lists.extend(text.matches.as_ref().map(|regex| guesses(regex.as_str())));
    }
    lists.extend(wanted().filter_map(links).map(|any| {
        let address = |pattern: &Pattern| match sample::of(pattern) {
            text if text.starts_with("http") => text,
            text => format!("https://{text}"),
        };
        any.iter().flat_map(|one| [sample::of(one), address(one)]).collect()
    }));
    let (choices, _) = sample::choices(&lists, MOST);
    let joined = choices.into_iter().filter(|all| !all.is_empty()).map(|all| all.join(" - "));
    let plain = ["", "An item", "Some text", "x"].map(str::to_owned);
    let texts: Vec<String> = joined.chain(plain).collect();
    let items = texts.into_iter().map(|text| {
        let mut item = item.clone();
        match part {
            Part::Title => item.snapshot.title = text,
            _ => item.snapshot.description = text,
        }
        item
    });
    Values { items: items.collect(), all: false }
}

/// Texts that a regular expression may fit: its plain parts. The engine tells which do.
fn guesses(regex: &str) -> Vec<String> {
    let plain = |text: &str| -> String {
        let mut chars = text.chars().peekable();
        let mut out = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('d') => out.push('1'),
                    Some('w') => out.push('x'),
                    Some('s') => out.push(' '),
                    Some('b' | 'B' | 'A' | 'z') | None => {}
                    Some(other) => out.push(other),
                },
                '^' | '$' | '(' | ')' | '+' | '*' | '?' => {}
                '.' => out.push('x'),
                other => out.push(other),
            }
        }
        out
    };
    let flags = regex.trim_start_matches("(?i)").replace("?:", "");
    let branches = flags.split('|').map(plain);
    branches.chain([plain(&flags.replace('|', ""))]).collect()
}

/// Whether literals about a text exclude each other, by proof: an empty text has nothing in it, and a
/// text has in it what each of its parts has in it.
pub(super) fn exclude(part: Part, own: &[Literal<'_>]) -> bool {
    if !matches!(part, Part::Title | Part::Description) {
        return false;
    }
    let wanted = || own.iter().filter(|one| one.holds);
    let lower = |text: &String| text.to_lowercase();
    // Of several fields in one test, not all hold: nothing can be concluded from that.
    let alone = |text: &Text| {
        [text.contains.is_some(), text.matches.is_some(), text.empty.is_some()]
            .iter()
            .filter(|there| **there)
            .count()
            == 1
    };
    let unwanted = || own.iter().filter(|one| !one.holds);
    let denied = || unwanted().filter_map(test).filter(|text| alone(text));
    let empty = wanted().filter_map(test).any(|text| text.empty == Some(true))
        || denied().any(|text| text.empty == Some(false));
    let filled = wanted().filter_map(test).any(|text| {
        text.empty == Some(false)
            || text.contains.as_ref().is_some_and(|any| any.iter().all(|one| !one.is_empty()))
            || text.matches.as_ref().is_some_and(|regex| !regex.is_match(""))
    }) || wanted().any(|one| links(one).is_some())
        || denied().any(|text| text.empty == Some(true));
    let forbidden: Vec<String> = denied()
        .flat_map(|text| text.contains.iter().flat_map(|any| any.iter().map(lower)))
        .collect();
    let impossible =
        wanted().filter_map(test).filter_map(|text| text.contains.as_ref()).any(|any| {
            any.iter().map(lower).all(|one| forbidden.iter().any(|no| one.contains(no.as_str())))
        });
    let no_links: Vec<&Pattern> = unwanted().filter_map(links).flatten().collect();
    let no_link = wanted().filter_map(links).any(|any| {
        any.iter().all(|one| {
            let text = sample::of(one).to_lowercase();
            no_links.iter().any(|no| no.fits_lower(&text))
        })
    });
    (empty && filled) || impossible || no_link
}
