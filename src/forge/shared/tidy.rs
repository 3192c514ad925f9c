//! Texts from outside, made fit for errors and logs.

/// Enough for a sentence of the forge, too little to flood a log. In characters.
pub(in crate::forge) const LONGEST_MESSAGE: usize = 300;

/// Shortens a text from outside and takes out what could break or forge a log line.
pub(in crate::forge) fn tidy(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    match clean.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.to_owned(),
    }
}
