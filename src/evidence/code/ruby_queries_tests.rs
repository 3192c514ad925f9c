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
pub(super) struct Case {
    name: String,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default, rename = "not_caught")]
    _not_caught: Option<String>,
    pub(super) query: String,
    pub(super) code: String,
    finds: Vec<String>,
}

pub(super) fn cases() -> Vec<Case> {
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
