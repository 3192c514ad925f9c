//! Who is mentioned in a Markdown text.
//!
//! GitLab looks for references in the rendered page, outside code and links, and
//! treats a backslash before the `@` as an escape (`Banzai` reference filters). An
//! HTML entity for `@`, on the other hand, is decoded first and does mention.

use comrak::{
    Arena, Options,
    arena_tree::NodeEdge,
    nodes::{AstNode, NodeValue},
    parse_document,
};

use crate::forgesim::world::{
    World,
    types::{ItemKey, Mention},
};

/// The names after each `@` that would notify somebody, without doubles.
pub(crate) fn mentioned(text: &str) -> Vec<String> {
    // Most texts mention nobody; parsing them would be the dearest part of a comment.
    if !text.contains(['@', '&']) {
        return Vec::new();
    }
    let arena = Arena::new();
    let mut options = Options::default();
    options.parse.escaped_char_spans = true;
    let mut plain = String::with_capacity(text.len());
    visible_text(parse_document(&arena, text, &options), &mut plain);

    let mut names: Vec<String> = Vec::new();
    let mut before = None;
    for (at, sign) in plain.char_indices() {
        let starts_word = before.is_none_or(|c: char| !c.is_alphanumeric() && c != '_');
        before = Some(sign);
        if sign != '@' || !starts_word {
            continue;
        }
        let rest = &plain[at + 1..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_-./".contains(c)))
            .unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['.', '/', '-']);
        let valid = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if valid && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Collects the text in which references count; what interrupts it becomes white space.
/// Walks without recursion: a text may nest deeper than the stack is long.
fn visible_text<'a>(root: &'a AstNode<'a>, into: &mut String) {
    let mut hidden_below: Option<&AstNode<'a>> = None;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) if hidden_below.is_some() => {}
            NodeEdge::Start(node) => match &node.data().value {
                NodeValue::Text(text) => into.push_str(text),
                NodeValue::Escaped | NodeValue::Link(_) | NodeValue::Image(_) => {
                    into.push(' ');
                    hidden_below = Some(node);
                }
                NodeValue::Code(_) | NodeValue::HtmlInline(_) => into.push(' '),
                value if value.block() => into.push('\n'),
                NodeValue::SoftBreak | NodeValue::LineBreak => into.push('\n'),
                _ => {}
            },
            NodeEdge::End(node) => {
                if hidden_below.is_some_and(|hidden| std::ptr::eq(hidden, node)) {
                    hidden_below = None;
                }
            }
        }
    }
}

impl World {
    /// Records the people whom `new` mentions and `old` did not.
    pub(crate) fn notify(&mut self, key: ItemKey, note: Option<u64>, old: &str, new: &str) {
        let names = mentioned(new);
        if names.is_empty() {
            return;
        }
        let known = mentioned(old);
        let Some(project) = self.projects.get(&key.project).map(|p| p.path.clone()) else {
            return;
        };
        for name in names.into_iter().filter(|name| !known.contains(name)) {
            self.remember_mention(Mention {
                name,
                project: project.clone(),
                kind: key.kind.segment().to_owned(),
                iid: key.iid,
                note,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mentioned;

    #[test]
    fn names_count_outside_code_links_and_escapes() {
        assert_eq!(mentioned("ping @anna, and @ben."), ["anna", "ben"]);
        assert_eq!(mentioned("@example/planners look"), ["example/planners"]);
        assert_eq!(mentioned("an entity: &#64;carla"), ["carla"]);
        for silent in [
            "`@anna`",
            "```\n@anna\n```",
            "\\@anna",
            "mail anna@example.com",
            "[@anna](https://example.com)",
            "<!-- @anna -->",
            "@",
        ] {
            assert!(mentioned(silent).is_empty(), "{silent}");
        }
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        let deep = format!("{} @anna", ">".repeat(10_000));
        assert_eq!(mentioned(&deep), ["anna"]);
    }
}
