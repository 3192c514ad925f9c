//! Two files of one kind, one laid over the other key by key.

use super::{PolicyError, PolicyErrors, SourceFile, Span};

/// A file with what it does not say taken from the one beneath it. It is one text, so that it is
/// read as one: the upper file whole, and below it the lower one with the keys blanked that the
/// upper one has. So every line still is a line of one of the two.
#[derive(Debug, Clone)]
pub(crate) struct Layered {
    merged: SourceFile,
    /// The file beneath, and where its text begins in the merged one.
    beneath: Option<(SourceFile, Start)>,
}

#[derive(Debug, Clone, Copy)]
struct Start {
    line: usize,
    offset: usize,
}

impl Layered {
    /// The upper file over the lower one, by keys of the topmost mapping.
    pub(crate) fn new(upper: &SourceFile, beneath: Option<&SourceFile>) -> Self {
        let has = keys(&upper.text);
        // Written as `{...}`, on one line or several, a mapping has no lines of its own for keys.
        let Some(beneath) = beneath.filter(|_| !has.is_empty()) else {
            return Self { merged: upper.clone(), beneath: None };
        };
        let mut text = upper.text.to_string();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let start = Start { line: text.matches('\n').count(), offset: text.len() };
        let mut blanked = false;
        for line in beneath.text.split_inclusive('\n') {
            if let Some(key) = key_of(line) {
                blanked = has.contains(&key);
            }
            match blanked {
                true => text.extend(line.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })),
                false => text.push_str(line),
            }
        }
        let merged = SourceFile::new(upper.path.clone(), upper.origin.clone(), text);
        Self { merged, beneath: Some((beneath.clone(), start)) }
    }

    /// What is to be read.
    pub(crate) fn file(&self) -> &SourceFile {
        &self.merged
    }

    /// The file that says what stands on a line of the merged text, and the line there.
    pub(crate) fn place(&self, line: usize) -> (String, usize) {
        match &self.beneath {
            Some((beneath, start)) if line > start.line => {
                (beneath.display_name(), line - start.line)
            }
            _ => (self.merged.display_name(), line),
        }
    }

    /// Mistakes in the merged text, each at its place in the file that has it.
    pub(crate) fn errors(&self, errors: PolicyErrors) -> PolicyErrors {
        let Some((beneath, start)) = &self.beneath else { return errors };
        let moved = |error: PolicyError| match error.line() {
            Some(line) if line > start.line => {
                let span = error.span();
                let there = Span {
                    line: span.line - start.line,
                    offset: span.offset.saturating_sub(start.offset),
                    ..span
                };
                PolicyError::new(beneath, there, error.message())
                    .with_help(error.help_text().map(str::to_owned))
            }
            _ => error,
        };
        PolicyErrors(errors.into_iter().map(moved).collect())
    }
}

fn keys(text: &str) -> Vec<&str> {
    text.lines().filter_map(key_of).collect()
}

/// The key of the topmost mapping that begins on a line.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!key.is_empty() && key.chars().all(plain)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LocatedMap, Origin, parse};

    fn file(name: &str, text: &str) -> SourceFile {
        SourceFile::new("routing.yml", Origin::File(name.into()), text)
    }

    #[test]
    fn what_the_upper_file_does_not_say_is_as_below_and_keeps_its_place() {
        let below = file("below", "# About\na: 1\nb:\n  - x\n\n  - y\nc: 3\n");
        let layered = Layered::new(&file("above", "b: 2\nd: 4"), Some(&below));
        let read: LocatedMap<serde_json::Value> = parse(layered.file()).expect("valid");
        let told: Vec<String> = read
            .0
            .iter()
            .map(|(key, value)| {
                let (file, line) = layered.place(key.line());
                format!("{}={value} {file}:{line}", **key)
            })
            .collect();
        assert_eq!(told, ["b=2 above:1", "d=4 above:2", "a=1 below:2", "c=3 below:7"]);
    }

    #[test]
    fn a_mistake_is_told_in_the_file_that_has_it() {
        let below = file("below", "a: 1\nb: [\n");
        let layered = Layered::new(&file("above", "c: 1\n"), Some(&below));
        let error = parse::<LocatedMap<serde_json::Value>>(layered.file()).expect_err("broken");
        let told = layered.errors(error.into()).to_string();
        assert!(told.starts_with("below:2:") || told.starts_with("below:3:"), "{told}");
    }

    #[test]
    fn a_mapping_on_one_line_stands_alone() {
        let below = file("below", "a: 1\n");
        let layered = Layered::new(&file("above", "{ b: 2 }\n"), Some(&below));
        assert_eq!(&*layered.file().text, "{ b: 2 }\n");
    }
}
