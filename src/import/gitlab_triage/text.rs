//! Comments of gitlab-triage to Handlebars: its placeholders become Steward's facts, and whatever
//! Handlebars would take for its own is escaped.

use super::report::Log;

/// Where a comment calls people.
pub(super) const MENTION: &str = "{{{mention}}}";

/// What a comment becomes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// The template; empty when nothing is left to say.
    pub(super) text: String,
    /// Whom it calls, as rules name people.
    pub(super) calls: Option<&'static str>,
}

/// Carries a comment. `line` is where it starts, and `plural` what gitlab-triage calls items of
/// this kind.
pub(super) fn carry(comment: &str, line: usize, plural: &str, log: &mut Log) -> Carried {
    let mut carried = Carried::default();
    let mut lines = Vec::new();
    for said in comment.lines() {
        match quick_action(said) {
            Some(action) => log.left(
                line,
                &format!("/{action}"),
                "Steward's comments run no quick actions",
                instead_of(action),
            ),
            None => lines.push(one_line(said, line, plural, &mut carried, log)),
        }
    }
    carried.text = lines.join("\n").trim().to_owned();
    carried
}

/// The name of a quick action, if the line is one.
fn quick_action(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix('/')?;
    let name = rest.split_whitespace().next()?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    plain.then_some(name)
}

fn instead_of(action: &str) -> &'static str {
    match action {
        "close" => "write `close: {at_most_a_day: 10}` under `then`",
        "label" => "write `labels: {add: [...], keep: true}` under `then`",
        "unlabel" | "remove_label" => "write `labels: {remove: [...]}` under `then`",
        "relabel" => "write `labels` under `then`",
        "assign" => "write `assign` under `then`",
        "milestone" => "write `milestone` under `then`",
        "cc" => "write `mention` under `then`",
        _ => "leave this rule with gitlab-triage",
    }
}

fn one_line(text: &str, line: usize, plural: &str, carried: &mut Carried, log: &mut Log) -> String {
    if text.contains("#{") {
        let why = "`#{...}` in it is a program in Ruby";
        log.left(line, "comment", why, "say it in other words");
    }
    // Braces that are escaped from Ruby.
    let text = text.replace("\\{", "{").replace("\\}", "}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        if after.starts_with('{') {
            // The last two of several braces are the ones that count.
            out.push('{');
            rest = &rest[before.len() + 1..];
            continue;
        }
        let name = after.split_once("}}").filter(|(name, _)| is_name(name.trim()));
        let Some((name, behind)) = name else {
            literal(&mut out);
            rest = after;
            continue;
        };
        let (typed, name) = (name, name.trim());
        match placeholder(name, plural, carried) {
            Ok(Fact::Word(word)) => out.push_str(word),
            Ok(Fact::Handlebars(fact)) => {
                guard(&mut out);
                out.push_str(fact);
                rest = behind;
                if let Some(behind) = rest.strip_prefix('}') {
                    out.push_str("&#125;");
                    rest = behind;
                }
                continue;
            }
            Err(why) => {
                // gitlab-triage leaves what it does not know as it is.
                if let Some(why) = why {
                    log.left(line, &format!("{{{{{name}}}}}"), why, "say it in other words");
                }
                literal(&mut out);
                out.push_str(&format!("{typed}}}}}"));
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
}

/// Two braces for the reader.
fn literal(out: &mut String) {
    guard(out);
    out.push_str("\\{{");
}

/// A backslash or a brace before what Handlebars reads would become part of it, so it is written
/// as Markdown's reference to the character.
fn guard(out: &mut String) {
    if out.ends_with('\\') {
        out.pop();
        out.push_str("&#92;");
    }
    let kept = out.trim_end_matches('{').len();
    let braces = out.len() - kept;
    out.truncate(kept);
    out.push_str(&"&#123;".repeat(braces));
}

/// What stands for a placeholder.
enum Fact<'a> {
    /// Always the same word.
    Word(&'a str),
    /// What Handlebars shows.
    Handlebars(&'static str),
}

/// The fact of a placeholder; `Err(Some(why))` if Steward has none, `Err(None)` if gitlab-triage
/// does not know it either.
fn placeholder<'a>(
    name: &str,
    plural: &'a str,
    carried: &mut Carried,
) -> Result<Fact<'a>, Option<&'static str>> {
    let mut call = |whom: &'static str| match carried.calls {
        Some(other) if other != whom => {
            Err(Some("Steward calls everybody at one place of a comment"))
        }
        _ => {
            carried.calls = Some(whom);
            Ok(Fact::Handlebars(MENTION))
        }
    };
    match name {
        "author" => call("author"),
        "assignee" | "assignees" => call("assignees"),
        "title" => Ok(Fact::Handlebars("{{title}}")),
        "type" => Ok(Fact::Word(plural)),
        "created_at" | "updated_at" | "closed_at" | "merged_at" | "state" | "reviewers"
        | "closed_by" | "merged_by" | "milestone" | "labels" | "upvotes" | "downvotes"
        | "web_url" | "full_reference" | "items" => Err(Some("Steward's comments do not know it")),
        _ => Err(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn shown(text: &str) -> (String, Log) {
        let mut log = Log::default();
        let carried = carry(text, 1, "issues", &mut log);
        let mut registry = handlebars::Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(handlebars::no_escape);
        let facts = json!({ "title": "<Title>", "mention": "@anna" });
        let shown = registry
            .render_template(&carried.text, &facts)
            .unwrap_or_else(|error| panic!("{:?}: {error}", carried.text));
        (shown, log)
    }

    #[rstest]
    #[case(
        "Hi {{author}}, {{ title }} is one of our {{type}}.",
        "Hi @anna, <Title> is one of our issues.",
        0
    )]
    #[case("{{ nobody }} knows {{this one}}", "{{ nobody }} knows {{this one}}", 0)]
    #[case("a {{{title}}} b", "a &#123;<Title>&#125; b", 0)]
    #[case("a {{{ b", "a &#123;{{ b", 0)]
    #[case("\\{ in Ruby \\}", "{ in Ruby }", 0)]
    #[case("{{labels}}", "{{labels}}", 1)]
    #[case("{{author}} and {{assignee}}", "@anna and {{assignee}}", 1)]
    #[case("by #{2.days.from_now}", "by #{2.days.from_now}", 1)]
    #[case("a\n/label ~x\nb", "a\nb", 1)]
    #[case("see /usr/lib", "see /usr/lib", 0)]
    fn placeholders_become_facts(#[case] text: &str, #[case] says: &str, #[case] left: usize) {
        let (shown, log) = shown(text);
        assert_eq!(shown, says);
        assert_eq!(log.left.len(), left, "{:?}", log.left);
    }

    proptest! {
        /// What is no placeholder is shown as it stands.
        #[test]
        fn other_text_stays(text in r"[ab{} \n!>~-]{0,30}") {
            let (shown, _) = shown(&text);
            let lines: Vec<&str> = text.lines().collect();
            let shown = shown.replace("&#123;", "{").replace("&#125;", "}");
            let typed = lines.join("\n");
            prop_assert_eq!(shown.as_str(), typed.trim());
        }
    }
}
