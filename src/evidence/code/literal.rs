//! Literals of Ruby as values.

use super::tree::Node;

/// Parentheses around a literal, and names of one constant: nobody writes more, and whoever asks
/// about each node of a chain must not walk all of it each time.
const DEEPEST: usize = 32;

/// What a node stands for.
#[derive(Debug, PartialEq)]
pub(super) enum Literal<'t> {
    /// One value.
    Text(String),
    /// Values, each an element.
    List(Vec<Node<'t>>),
    /// Only running the program would tell.
    Unknown,
}

/// What a node stands for. `.freeze` and parentheses change nothing.
pub(super) fn of<'t>(node: Node<'t>, source: &str) -> Literal<'t> {
    let node = bare(node, source);
    match node.kind() {
        "array" | "string_array" | "symbol_array" | "argument_list" => {
            Literal::List(node.named_children().filter(|child| !child.is_extra()).collect())
        }
        _ => text_of(node, source).map_or(Literal::Unknown, Literal::Text),
    }
}

/// The value of a node that is one.
pub(super) fn text_of(node: Node<'_>, source: &str) -> Option<String> {
    let node = bare(node, source);
    let text = source.get(node.byte_range())?;
    match node.kind() {
        "simple_symbol" => Some(text.strip_prefix(':').unwrap_or(text).to_owned()),
        "string" | "bare_string" | "bare_symbol" | "delimited_symbol" => content(node, source),
        "chained_string" => node.named_children().map(|part| content(part, source)).collect(),
        "scope_resolution" => constant(node, source),
        "integer" | "float" => Some(text.replace('_', "")),
        "unary" => {
            let operand = node.child_by_field_name("operand")?;
            let is_number = matches!(operand.kind(), "integer" | "float" | "rational" | "complex");
            let is_plain = is_number && text.starts_with(['-', '+']);
            is_plain.then(|| text.replace([' ', '_'], ""))
        }
        "hash_key_symbol" | "rational" | "complex" | "true" | "false" | "nil" | "self"
        | "constant" | "identifier" | "instance_variable" | "class_variable"
        | "global_variable" | "setter" | "operator" => Some(text.to_owned()),
        _ => None,
    }
}

/// Without `.freeze` and parentheses around it.
fn bare<'t>(mut node: Node<'t>, source: &str) -> Node<'t> {
    for _ in 0..DEEPEST {
        let inner = match node.kind() {
            "parenthesized_statements" => only(node.named_children()),
            "call" => frozen(node, source),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    let first = of.next();
    if of.next().is_some() { None } else { first }
}

/// What `.freeze` is called on, if it is a literal.
fn frozen<'t>(call: Node<'t>, source: &str) -> Option<Node<'t>> {
    let method = call.child_by_field_name("method")?;
    let has_more =
        ["arguments", "block"].iter().any(|field| call.child_by_field_name(field).is_some());
    if has_more || source.get(method.byte_range()) != Some("freeze") {
        return None;
    }
    let literals = ["array", "string_array", "symbol_array", "string", "parenthesized_statements"];
    call.child_by_field_name("receiver").filter(|node| literals.contains(&node.kind()))
}

/// What stands between the quotes, if nothing is interpolated.
fn content(node: Node<'_>, source: &str) -> Option<String> {
    let mut out = String::new();
    let whole = source.get(node.byte_range())?;
    let is_raw = ["'", ":'", "%q"].iter().any(|start| whole.starts_with(start));
    for part in node.named_children() {
        let text = source.get(part.byte_range())?;
        match part.kind() {
            // In single quotes only these two are escaped, and no node says so.
            "string_content" if is_raw => {
                let mut chars = text.chars().peekable();
                while let Some(c) = chars.next() {
                    let escaped = chars.next_if(|next| c == '\\' && ['\'', '\\'].contains(next));
                    out.push(escaped.unwrap_or(c));
                }
            }
            "string_content" => out.push_str(text),
            "escape_sequence" => out.push_str(&unescaped(text)?),
            _ => return None,
        }
    }
    Some(out)
}

/// `\n` and its like; `None` where it stands for bytes that need not be a text.
fn unescaped(text: &str) -> Option<String> {
    let escaped = text.strip_prefix('\\')?;
    let first = escaped.chars().next()?;
    let c = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        's' => ' ',
        'e' => '\u{1b}',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        // The line goes on.
        '\n' => return Some(String::new()),
        'u' => {
            let digits = escaped[1..].trim_matches(['{', '}']);
            let code = |digits| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            return digits.split(' ').filter(|one| !one.is_empty()).map(code).collect();
        }
        'x' | 'c' | 'C' | 'M' | '0'..='7' => return None,
        other => other,
    };
    Some(c.to_string())
}

/// `Net::HTTP`, without the `::` that begins at the top; `None` where it hangs on a call.
fn constant(node: Node<'_>, source: &str) -> Option<String> {
    let mut names = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at.filter(|_| names.len() < DEEPEST) {
        at = match node.kind() {
            "scope_resolution" => {
                names.push(source.get(node.child_by_field_name("name")?.byte_range())?);
                node.child_by_field_name("scope")
            }
            "constant" => {
                names.push(source.get(node.byte_range())?);
                None
            }
            _ => return None,
        };
    }
    names.reverse();
    at.is_none().then(|| names.join("::"))
}
