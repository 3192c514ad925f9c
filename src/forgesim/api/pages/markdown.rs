//! Markdown as GitLab shows it, as far as comments need it: HTML only of a few harmless tags,
//! HTML comments hidden, labels as coloured chips, emoji.

use comrak::{
    Arena, Options, format_html,
    nodes::{AstNode, NodeValue},
    parse_document,
};

use super::escape;

/// Tags that GitLab's sanitizer lets through and that comments use.
const TAGS: [&str; 6] = ["<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"];

const EMOJI: [(&str, &str); 4] = [
    (":white_check_mark:", "✅"),
    (":raised_hand:", "✋"),
    (":grey_question:", "❔"),
    (":warning:", "⚠️"),
];

/// A text as HTML; `chip` shows a label.
pub(super) fn html(text: &str, chip: &dyn Fn(&str) -> String) -> String {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // Only what `tame` has let through is there by then.
    options.render.r#unsafe = true;
    let root = parse_document(&arena, text, &options);
    for node in root.descendants() {
        tame(node, chip);
    }
    let mut out = String::new();
    match format_html(root, &options, &mut out) {
        Ok(()) => out,
        Err(_) => format!("<pre>{}</pre>", escape(text)),
    }
}

fn tame<'a>(node: &'a AstNode<'a>, chip: &dyn Fn(&str) -> String) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::HtmlInline(raw) => *raw = harmless(raw),
        NodeValue::HtmlBlock(block) => block.literal = harmless(&block.literal),
        NodeValue::Link(link) | NodeValue::Image(link) => {
            let web = ["https://", "http://", "#", "/"];
            if !web.iter().any(|start| link.url.starts_with(start)) {
                link.url.clear();
            }
        }
        NodeValue::Text(text) => {
            let shown = with_chips(text, chip);
            data.value = NodeValue::HtmlInline(shown);
        }
        _ => {}
    }
}

/// Raw HTML with everything escaped but the known tags; HTML comments are not shown.
fn harmless(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        out.push_str(&escape(before));
        if let Some(known) = TAGS.iter().find(|known| tag.starts_with(**known)) {
            out.push_str(known);
            rest = &tag[known.len()..];
        } else if let Some(end) = tag.starts_with("<!--").then(|| tag.find("-->")).flatten() {
            rest = &tag[end + 3..];
        } else {
            out.push_str("&lt;");
            rest = &tag[1..];
        }
    }
    out.push_str(&escape(rest));
    out
}

/// Running text with `~"name"` as chips.
fn with_chips(text: &str, chip: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("~\"") {
        let Some(length) = rest[start + 2..].find('"') else { break };
        out.push_str(&escape(&rest[..start]));
        out.push_str(&chip(&rest[start + 2..start + 2 + length]));
        rest = &rest[start + 3 + length..];
    }
    out.push_str(&escape(rest));
    for (code, emoji) in EMOJI {
        out = out.replace(code, emoji);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        html(text, &|label| format!("[{label}]")).trim().to_owned()
    }

    #[test]
    fn only_known_tags_are_html() {
        assert_eq!(
            shown(
                "<details><summary>a</summary>\n\n*b* <script>x</script> <!-- c -->\n\n</details>"
            ),
            "<details><summary>a</summary>\n<p><em>b</em> &lt;script&gt;x&lt;/script&gt; </p>\n</details>"
        );
        assert!(!shown("[x](javascript:alert(1)) <img src=x onerror=y>").contains("<img"));
        assert!(!shown("[x](javascript:alert(1))").contains("javascript"));
    }

    #[test]
    fn labels_and_emoji_are_shown_and_code_is_not_touched() {
        assert_eq!(
            shown(":white_check_mark: ~\"group::a\" `~\"group::b\"`"),
            "<p>✅ [group::a] <code>~&quot;group::b&quot;</code></p>"
        );
    }
}
