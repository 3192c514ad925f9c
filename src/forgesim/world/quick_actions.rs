//! Finding quick actions (`/close`, `/label ~x`) in a comment.
//!
//! GitLab executes a line that starts with a known command, unless it stands in
//! code, an HTML block or a `>>>` quote (`lib/gitlab/quick_actions/extractor.rb`).
//! Versions differ about lines inside lists and quotes; here every such line counts,
//! because the simulation must be the stricter judge of what Steward escapes.

use std::ops::RangeInclusive;

use comrak::{
    Arena, Options,
    arena_tree::NodeEdge,
    nodes::{AstNode, NodeValue},
    parse_document,
};

/// What a quick action asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuickAction {
    Close,
    Reopen,
    Label(Vec<String>),
    Unlabel(Vec<String>),
    Relabel(Vec<String>),
}

/// Splits a text into what is stored and what is executed.
pub(crate) fn extract(text: &str) -> (String, Vec<QuickAction>) {
    let candidate = |line: &str| line.trim_start_matches(' ').starts_with('/');
    if !text.lines().any(candidate) {
        return (text.to_owned(), Vec::new());
    }
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.multiline_block_quotes = true;
    let prose = prose_lines(parse_document(&arena, text, &options));

    let mut actions = Vec::new();
    let mut kept = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let in_prose = prose.iter().any(|range| range.contains(&(number + 1)));
        match in_prose.then(|| command(line.trim())).flatten() {
            Some(action) => actions.push(action),
            None => kept.push_str(line),
        }
    }
    (kept, actions)
}

/// The line numbers, from 1, of all paragraphs outside `>>>` quotes. Walks without
/// recursion: a text may nest deeper than the stack is long.
fn prose_lines<'a>(root: &'a AstNode<'a>) -> Vec<RangeInclusive<usize>> {
    let mut lines = Vec::new();
    let mut quotes = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => {
                let data = node.data();
                match data.value {
                    NodeValue::MultilineBlockQuote(_) => quotes += 1,
                    NodeValue::Paragraph if quotes == 0 => {
                        lines.push(data.sourcepos.start.line..=data.sourcepos.end.line);
                    }
                    _ => {}
                }
            }
            NodeEdge::End(node) => {
                if matches!(node.data().value, NodeValue::MultilineBlockQuote(_)) {
                    quotes = quotes.saturating_sub(1);
                }
            }
        }
    }
    lines
}

fn command(line: &str) -> Option<QuickAction> {
    let line = line.strip_prefix('/')?;
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match name.to_ascii_lowercase().as_str() {
        "close" => Some(QuickAction::Close),
        "reopen" => Some(QuickAction::Reopen),
        "label" | "labels" => Some(QuickAction::Label(titles(argument))),
        "unlabel" | "remove_label" => Some(QuickAction::Unlabel(titles(argument))),
        "relabel" => Some(QuickAction::Relabel(titles(argument))),
        _ => None,
    }
}

/// Reads `~bug ~"group::project management" plain`.
fn titles(argument: &str) -> Vec<String> {
    let mut titles = Vec::new();
    let mut rest = argument.trim_start();
    while !rest.is_empty() {
        let bare = rest.strip_prefix('~').unwrap_or(rest);
        let (title, after) = match bare.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => bare.split_once(char::is_whitespace).unwrap_or((bare, "")),
        };
        if !title.is_empty() {
            titles.push(title.to_owned());
        }
        rest = after.trim_start();
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::{QuickAction, extract};

    #[test]
    fn commands_in_prose_are_taken_out_of_the_text() {
        let (kept, actions) = extract("Done.\n/close\n/label ~bug ~\"group::project management\"");
        assert_eq!(kept, "Done.\n");
        let labels = ["bug", "group::project management"].map(str::to_owned);
        assert_eq!(actions, [QuickAction::Close, QuickAction::Label(labels.into())]);
        assert_eq!(extract("  /Close ").1, [QuickAction::Close]);
    }

    #[test]
    fn everything_else_is_text() {
        for text in [
            "see /close",
            "```\n/close\n```",
            "    /close",
            "\\/close",
            "> /close",
            "<!--\n/close\n-->",
            ">>>\n/close\n>>>",
            "/closed is no command",
            "/",
            "",
        ] {
            assert_eq!(extract(text), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        let deep = format!("{} text\n/close", ">".repeat(10_000));
        assert_eq!(extract(&deep).1, [QuickAction::Close]);
    }
}
