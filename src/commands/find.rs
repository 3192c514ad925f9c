//! Finding the lines of a comment that may be commands.

use comrak::{Arena, Options, nodes::NodeValue, parse_document};

/// Nobody writes commands behind so much text, in bytes.
const LONGEST_COMMENT: usize = 256 * 1024;
/// A command is short; a longer line is none. In characters.
const LONGEST_LINE: usize = 300;
/// So many lines of one comment are looked at.
const MOST_LINES: usize = 20;

/// The lines of a comment that are addressed to somebody and may be commands, in order and each
/// once. With Steward's handle, when it is known, only those addressed to Steward.
pub fn lines(body: &str, handle: Option<&str>) -> Vec<String> {
    let body = body.get(..LONGEST_COMMENT).unwrap_or(body);
    let candidates = || body.lines().enumerate().filter(|(_, line)| is_candidate(line, handle));
    // Most comments have none, and need not be taken apart.
    if body.len() > LONGEST_COMMENT || candidates().next().is_none() {
        return Vec::new();
    }
    let plain = plain_lines(body);
    let mut found: Vec<String> = Vec::new();
    for (number, line) in candidates() {
        let line = line.trim_end();
        let in_text = plain.iter().any(|(from, to)| (*from..=*to).contains(&(number + 1)));
        if in_text && !found.iter().any(|had| had == line) {
            found.push(line.to_owned());
        }
    }
    found.truncate(MOST_LINES);
    found
}

/// Whether a line begins as a command does.
fn is_candidate(line: &str, handle: Option<&str>) -> bool {
    let Some((to, rest)) = super::read::addressed(line) else { return false };
    !rest.is_empty()
        && line.chars().count() <= LONGEST_LINE
        && handle.is_none_or(|handle| handle.eq_ignore_ascii_case(to))
}

/// The lines, from 1, of the comment's own paragraphs: neither code nor quotation nor list nor
/// HTML, without lines that a span of code or an HTML comment runs through.
fn plain_lines(body: &str) -> Vec<(usize, usize)> {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.multiline_block_quotes = true;
    options.extension.table = true;
    let document = parse_document(&arena, body, &options);
    let mut plain = Vec::new();
    for block in document.children() {
        let (is_text, place) = {
            let data = block.data.borrow();
            (matches!(data.value, NodeValue::Paragraph), data.sourcepos)
        };
        if !is_text {
            continue;
        }
        let mut from = place.start.line;
        for inline in block.descendants() {
            let data = inline.data.borrow();
            if matches!(data.value, NodeValue::Code(_) | NodeValue::HtmlInline(_)) {
                let (first, last) = (data.sourcepos.start.line, data.sourcepos.end.line);
                if last > first {
                    // It runs from within one line into another: those after the first are not
                    // begun by the writer.
                    if first >= from {
                        plain.push((from, first));
                    }
                    from = last + 1;
                }
            }
        }
        if from <= place.end.line {
            plain.push((from, place.end.line));
        }
    }
    plain
}

/// Whether a handle is that of an account without a person behind it, by the names that GitLab gives
/// to the accounts of access tokens and services (GitLab, "Bot users for projects", "Service
/// accounts"). Answers of bots to bots never end.
pub fn is_bot(handle: &str) -> bool {
    let numbered = |start: &str| {
        let rest = handle.strip_prefix(start)?;
        let (number, rest) = rest.split_once('_')?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(rest)
    };
    let token = numbered("project_").or_else(|| numbered("group_"));
    token.is_some_and(|rest| rest.starts_with("bot"))
        || handle.starts_with("service_account_")
        || ["alert-bot", "support-bot", "ghost", "GitLabDuo"].contains(&handle)
}
