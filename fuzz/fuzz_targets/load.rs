//! Loading policies of any text must end, without a panic, in a pack or in mistakes.
//!
//! The first byte says which file of the built-in pack the rest replaces:
//!
//! ```sh
//! cargo +nightly fuzz run load -- -max_len=20000
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;
use steward::{
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile, json, render},
};

const FILES: [&str; 6] = [
    "rules/fuzz.yml",
    "routing.yml",
    "catalog/groups.yml",
    "catalog/integrations/fuzz.yml",
    "templates/reasons.yml",
    "templates/footer.hbs",
];

fuzz_target!(|data: &[u8]| {
    let Some((pick, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut source = PolicySource::built_in();
    let path = FILES[usize::from(*pick) % FILES.len()];
    source.insert(SourceFile::new(path, Origin::BuiltIn, text));
    if let Err(errors) = Pack::load(&source) {
        assert!(!errors.is_empty());
        render(&errors, false, 80);
        json(&errors.findings());
    }
});
