//! All mistakes of a file at once, although reading stops at the first: what is wrong is blanked
//! out and the rest is read again.
//!
//! Blanking may itself make the rest wrong: a field is missing that was there, a text breaks off.
//! Nothing is reported that could come from that; it shows when the others are mended.

use serde::de::DeserializeOwned;

use super::blocks::{Entry, around, blank, is_hollow, parent};
use super::error::{PolicyError, PolicyErrors};
use super::source::SourceFile;
use super::yaml::{parse, read, syntax};

/// The most mistakes that are looked for in one file.
const MOST: usize = 50;

/// Reads a file as one YAML document of type `T`.
///
/// # Errors
/// All mistakes that are certain, the first of them as [`parse`] tells it.
pub fn parse_all<T: DeserializeOwned>(file: &SourceFile) -> Result<T, PolicyErrors> {
    parse(file).map_err(|first| match first.line() {
        // The file as a whole: nothing else can be said about it.
        None => first.into(),
        Some(_) => all::<T>(file),
    })
}

fn all<T: DeserializeOwned>(file: &SourceFile) -> PolicyErrors {
    let same = |a: &PolicyError, b: &PolicyError| a.to_string() == b.to_string();
    let mut errors = PolicyErrors::default();
    let mut text = file.text.to_string();
    let mut blanked: Vec<Entry> = Vec::new();
    let broken = syntax(file, &text);
    for _ in 0..MOST {
        let Err(wrong) = read::<T>(file, &text) else { break };
        let is_syntax = broken.as_ref().is_some_and(|broken| same(broken, &wrong.error));
        // What was blanked may have been needed, such as a quote's end or an anchor.
        let torn = match (syntax(file, &text), &broken) {
            (Some(now), Some(before)) => !same(&now, before),
            (now, before) => now.is_some() != before.is_some(),
        };
        if is_syntax || torn {
            if is_syntax {
                errors.push(wrong.error);
            }
            break;
        }
        let Some(entry) = around(&text, wrong.error.span().offset) else {
            if errors.is_empty() {
                errors.push(wrong.error);
            }
            break;
        };
        // A missing field is told at the last key of the mapping that lacks it, when all else in
        // it was read. Of a mapping in braces the entry is around that, of any other it is the key's.
        let is_key = wrong.error.span().offset == entry.range.start;
        let lacking = match wrong.missing && is_key {
            true => parent(&file.text, &entry),
            false => Some(entry.clone()),
        };
        let known = errors.iter().any(|error| same(error, &wrong.error));
        let from_blanking = blanked.iter().any(|gone| match (wrong.missing, &lacking) {
            (true, Some(_)) => parent(&file.text, gone) == lacking,
            (true, None) => true,
            (false, _) => entry.range.contains(&gone.range.start),
        });
        let gone = match known || from_blanking {
            true if known => parent(&file.text, &entry),
            true => lacking,
            false => {
                errors.push(wrong.error);
                lacking
            }
        };
        let Some(gone) = gone else { break };
        remove(&file.text, &mut text, gone, &mut blanked);
    }
    errors
}

/// Blanks an entry, and what it stands in as far as nothing else is there.
fn remove(original: &str, text: &mut String, entry: Entry, blanked: &mut Vec<Entry>) {
    let mut next = Some(entry);
    while let Some(entry) = next {
        blank(text, &entry.range);
        next = parent(original, &entry).filter(|around| is_hollow(text, around));
        blanked.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::rules::RulesFile,
        policy::{Origin, PolicySource, code_quality, json, render},
    };

    fn file(text: &str) -> SourceFile {
        SourceFile::new("rules/all.yml", Origin::BuiltIn, text)
    }

    fn told(text: &str) -> Vec<String> {
        let errors = parse_all::<RulesFile>(&file(text)).map(|_| ()).err();
        let errors = errors.into_iter().flatten();
        errors.map(|e| format!("{}: {}", e.line().unwrap_or(0), e.message())).collect()
    }

    const SEVERAL: &str = "\
rules:
  first:
    abuot: A slip in a key
    when:
      lable: bug
    then:
      labels: { add: [a], remvoe: [b] }
  second:
    about: A number, a regular expression and a time
    when:
      all:
        - milestone: { title: 18.10 }
        - title:
            matches: '(oops'
        - not:
            age: { since: created, at_least: 30 dayz }
        - label: fine
    mode: soon
  third:
    about: Nothing is wrong here
    when: { label: x }
    then:
      labels: { add: [y] }
  fourth:
    about: A field is missing
    cites:
      sentence: It says so.
    then:
      status:
        name: steward/docs
        state: pending
      close: { at_most_a_day: many }
";

    #[test]
    fn all_mistakes_of_a_file_are_told_at_once() {
        let errors = parse_all::<RulesFile>(&file(SEVERAL)).map(|_| ()).expect_err("mistakes");
        insta::assert_snapshot!(render(&errors, false, 100));
    }

    #[test]
    fn machines_get_the_same() {
        let text = "rules:\n  a:\n    modee: on\n    when: { label: 18.10 }\n";
        let errors = parse_all::<RulesFile>(&file(text)).map(|_| ()).expect_err("mistakes");
        let findings = errors.findings();
        let both = [json(&findings), code_quality(&findings)];
        insta::assert_snapshot!(serde_json::to_string_pretty(&both).expect("JSON"));
    }

    /// Whatever is blanked, no mistake may be told that is not there.
    #[test]
    fn what_only_comes_from_blanking_is_not_told() {
        for (text, mistakes) in [
            // The misspelt field is not missing besides, nor does its entry become a mistake.
            (
                "rules:\n  a:\n    then:\n      status:\n        nmae: x\n        state: pending\n        text: x\n",
                1,
            ),
            ("rules:\n  a:\n    cites:\n      ulr: x\n", 1),
            ("rules:\n  a:\n    when:\n      any:\n        - lable: x\n", 1),
            ("rules:\n  a:\n    when:\n      label:\n        - ''\n", 1),
            ("rules:\n  a:\n    when:\n      not:\n        lable: x\n", 1),
            ("rule:\n  a: {}\n", 1),
            ("rules:\n  a:\n    when: {}\n  b:\n    when: []\n", 2),
            // An anchor that is needed elsewhere, and a quote that ends further left.
            ("rules:\n  a:\n    modee: &x on\n  b:\n    mode: *x\n", 1),
            ("rules:\n  a:\n    modee: \"on\n   \"\n  b: {}\n", 1),
            ("rules:\n  a:\n    modee: on\n  b:\n\tmode: on\n", 2),
            ("rules:\n  a:\n    modee: on\n  b: [\n", 2),
        ] {
            assert_eq!(told(text).len(), mistakes, "{text}{:#?}", told(text));
        }
    }

    /// Slips in each of the shipped files, one in every few lines.
    #[test]
    fn each_slip_in_a_shipped_file_is_told_once_at_its_line() {
        let source = PolicySource::built_in();
        for step in [3, 7, 20] {
            for file in source.files("catalog/integrations/") {
                let mut slips = Vec::new();
                let lines = file.text.lines().enumerate().map(|(index, line)| {
                    let slip = (index + 1) % step == 0 && line.starts_with("    kind: ");
                    slips.extend(slip.then_some(index + 1));
                    if slip { format!("{line}x\n") } else { format!("{line}\n") }
                });
                let text: String = lines.collect();
                let wrong = SourceFile::new(file.path.clone(), Origin::BuiltIn, text);
                let source = PolicySource::from_files([(wrong.path.clone(), &*wrong.text)]);
                let told: Vec<usize> = match crate::catalog::Catalog::load(&source) {
                    Ok(_) => Vec::new(),
                    Err(errors) => errors
                        .iter()
                        .filter(|error| error.message().starts_with("unknown value"))
                        .filter_map(|error| error.line())
                        .collect(),
                };
                assert_eq!(told, slips, "{} {step}", file.path);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_first_mistake_is_the_one_that_reading_stops_at(
            text in "(rules:|\n  a:|\n    when:|\n    then:|\n      label: |\n      - |\n        - |not: |all: |lable|name: |18.10|status: |\n      title:|matches: |'\\('| x|: |\t|&a |\\*a|\\{|\\}|\\[|\\]|\"|\n|é|\\||close: ){0,40}"
        ) {
            let file = file(&text);
            let first = parse::<RulesFile>(&file).err();
            let all = parse_all::<RulesFile>(&file).map(|_| ()).err();
            let again = all.as_ref().and_then(|all| all.iter().next());
            proptest::prop_assert_eq!(
                first.map(|error| error.to_string()),
                again.map(|error| error.to_string())
            );
            let told: Vec<String> = all.iter().flat_map(PolicyErrors::iter).map(|e| e.to_string()).collect();
            let mut once = told.clone();
            once.sort();
            once.dedup();
            proptest::prop_assert_eq!(once.len(), told.len());
        }
    }
}
