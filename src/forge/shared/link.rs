//! The `Link` header (RFC 8288), as far as paging needs it.

use http::{HeaderMap, header};

/// The target of the first link with `rel=next`, as it stands (it may be relative).
pub(in crate::forge) fn next_of(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|value| next_in(value).map(str::to_owned))
}

fn next_in(mut rest: &str) -> Option<&str> {
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let end = until(after, ',');
        if is_next(&after[..end]) {
            return Some(target);
        }
        rest = &after[end..];
    }
}

/// Where a part ends: at the given character outside quotes.
fn until(text: &str, end: char) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == end && !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_next(mut params: &str) -> bool {
    loop {
        let end = until(params, ';');
        if is_rel_next(&params[..end]) {
            return true;
        }
        match params.get(end + 1..) {
            Some(rest) => params = rest,
            None => return false,
        }
    }
}

fn is_rel_next(param: &str) -> bool {
    let Some((name, value)) = param.split_once('=') else { return false };
    let mut rels = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && rels.any(|rel| rel.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        for (value, next) in [
            (r#"<https://h/a?page=2>; rel="next""#, Some("https://h/a?page=2")),
            (r#"<https://h/a?x=1,2&page=2>;rel=next"#, Some("https://h/a?x=1,2&page=2")),
            (r#"<p1>; rel="first", <p3>; rel="next", <p9>; rel="last""#, Some("p3")),
            (r#"<p1>; title="a, <b>; rel=next"; rel="prev""#, None),
            (r#"<p3>; REL="prefetch Next""#, Some("p3")),
            (r#"<p1>; rel="prev""#, None),
            ("<p1", None),
            ("", None),
            ("rel=next", None),
        ] {
            assert_eq!(next_in(value), next, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_survived(text in ".*") {
            let _ = next_in(&text);
        }
    }
}
