//! The queries of `tests/data/ruby-queries.yml` find what stands beside them.

use serde::Deserialize;

use super::tests::shown;
use super::{Language, Limits, Parsed, Query};
use crate::policy::{Origin, SourceFile, parse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    queries: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default, rename = "not_caught")]
    _not_caught: Option<String>,
    query: String,
    code: String,
    finds: Vec<String>,
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ruby-queries.yml");
    let text = std::fs::read_to_string(path).expect("valid");
    parse::<Cases>(&SourceFile::new("ruby-queries.yml", Origin::BuiltIn, text))
        .expect("valid")
        .queries
}

#[test]
fn every_query_finds_what_stands_beside_it() {
    let cases = cases();
    assert!(cases.len() > 20);
    let mut wrong = Vec::new();
    for case in cases {
        let found = match Query::new(Language::Ruby, &case.query) {
            Ok(query) => match Parsed::new(Language::Ruby, case.code, Limits::default()) {
                Ok(parsed) => shown(&parsed.ask(&query)),
                Err(open) => vec![format!("the code: {open:?}")],
            },
            Err(mistake) => vec![mistake.to_string()],
        };
        if found != case.finds {
            wrong.push(format!("{}: found {found:#?}, not {:#?}", case.name, case.finds));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Figures for a person, no assertion: `cargo test --lib -- --ignored --nocapture the_cost_of`.
#[test]
#[ignore = "prints figures"]
fn the_cost_of_a_change() {
    let cases = cases();
    let queries: Vec<_> =
        cases.iter().map(|case| Query::new(Language::Ruby, &case.query).expect("valid")).collect();
    let all: String = cases.iter().map(|case| case.code.as_str()).collect();
    let method = "def z\n  x = 1\nend\n";
    let text: String = all + &method.repeat(19);
    println!("{} queries, {} lines", queries.len(), text.lines().count());
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let mut parsed = Vec::new();
        for case in &cases {
            parsed.push(Parsed::new(Language::Ruby, case.code.as_str(), Limits::default()));
        }
        let whole = Parsed::new(Language::Ruby, text.as_str(), Limits::default());
        let parsing = start.elapsed();
        let start = std::time::Instant::now();
        let asked = whole
            .as_ref()
            .map(|whole| queries.iter().map(|query| whole.ask(query).entries.len()).sum::<usize>());
        println!("parsed in {parsing:?}, asked in {:?}: {asked:?}", start.elapsed());
    }
}
