//! What a template may cost.

use serde_json::json;

use super::{Words, WordsError, partials::DEEPEST};
use crate::policy::{Origin, PolicySource, SourceFile};

fn words(path: &str, text: &str) -> Result<Words, String> {
    let mut source = PolicySource::built_in();
    source.insert(SourceFile::new(path, Origin::File(path.into()), text));
    Words::load(&source).map_err(|errors| errors.to_string())
}

/// Made whole first, this would be eight gigabytes.
#[test]
fn a_text_that_goes_beyond_the_limit_is_not_made_further() {
    let (open, close) = ("{{#each @root.xs}}".repeat(5), "{{/each}}".repeat(6));
    let text = format!("{{{{#each xs}}}}{open}xx{close}");
    let words =
        words("templates/routing/withdrawn.hbs", &text).unwrap_or_else(|errors| panic!("{errors}"));
    let xs: Vec<u8> = vec![0; 40];
    let made = words.comment("routing/withdrawn", json!({ "xs": xs }));
    assert!(
        matches!(&made, Err(WordsError::TooLong(name)) if name == "routing/withdrawn"),
        "{made:?}"
    );
}

/// As deep as is allowed, on the stack of a test.
#[test]
fn the_deepest_template_can_be_rendered() {
    let (open, close) = ("{{#if a}}".repeat(DEEPEST - 1), "{{/if}}".repeat(DEEPEST - 1));
    let text = format!("{open}x{close}");
    let words =
        words("templates/routing/withdrawn.hbs", &text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(
        words.comment("routing/withdrawn", json!({ "a": true })).ok().as_deref(),
        Some("x\n")
    );
}

/// Called by its file's name it would be the sentence, and what that calls is not followed.
#[test]
fn a_file_does_not_take_the_name_of_a_sentence() {
    let error = words("templates/reason/state_not_looked_after.hbs", "x").expect_err("one name");
    assert!(error.contains("has the name of this text"), "{error}");
}
