//! Which files of a pack are read.

use std::collections::BTreeSet;

use super::{calendar, checklists, lifecycle, removals, rules};
use crate::{catalog, policy::PolicySource, words::partials};

/// Files that are read besides the catalog's and the templates.
const FILES: [&str; 11] = [
    "routing.yml",
    "commands.yml",
    "schedules.yml",
    calendar::FILE,
    lifecycle::FILE,
    removals::FILE,
    "templates/reasons.yml",
    "templates/why.yml",
    "templates/proofs.yml",
    rules::FILES,
    checklists::FILES,
];
const FOLDER: &str = "templates/";
const END: &str = ".hbs";

/// The files that are read, for [`PolicySource::unread`]. Of the templates these are the ones
/// that rules render, which the built-in words all have, and what those call: with any other name
/// a template would lie there and never be used; and the ones that declared rules name, or any
/// while these cannot be read.
pub(super) fn known(source: &PolicySource, named: Option<Vec<&str>>) -> Vec<String> {
    let words = PolicySource::words();
    let mut rest: Vec<String> = words
        .files(FOLDER)
        .filter(|file| file.path.ends_with(END))
        .map(|file| file.path.clone())
        .collect();
    match named {
        Some(names) => rest.extend(names.iter().map(|name| format!("{FOLDER}{name}{END}"))),
        None => {
            let all = source.files(FOLDER).map(|file| file.path.clone());
            rest.extend(all.filter(|path| path.ends_with(END)));
        }
    }
    let mut templates = BTreeSet::new();
    while let Some(path) = rest.pop() {
        if templates.insert(path.clone())
            && let Some(file) = source.file(&path)
        {
            let called = partials::of(&file.text).into_iter();
            rest.extend(called.map(|name| format!("{FOLDER}{name}{END}")));
        }
    }
    let plain = FILES.iter().chain(catalog::FILES).map(|path| (*path).to_owned());
    plain.chain(catalog::codeowners_file(source)).chain(templates).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Origin, SourceFile};

    fn unread(files: &[(&str, &str)]) -> String {
        let mut source = PolicySource::built_in();
        for (path, text) in files {
            source.insert(SourceFile::new(*path, Origin::BuiltIn, *text));
        }
        let known = known(&source, Some(Vec::new()));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        format!("{:?}", source.unread(&known).0)
    }

    #[test]
    fn a_template_that_nothing_uses_is_told_with_the_nearest_name() {
        assert_eq!(unread(&[]), "[]");
        let told = unread(&[("templates/routing/ownd.hbs", "Hello")]);
        assert!(told.contains("templates/routing/ownd.hbs"), "{told}");
        assert!(told.contains("did you mean `templates/routing/owned.hbs`?"), "{told}");
    }

    #[test]
    fn a_template_that_a_used_one_calls_is_used() {
        let greeting = ("templates/team/greeting.hbs", "Hello");
        assert!(unread(&[greeting]).contains("greeting"));
        assert_eq!(unread(&[greeting, ("templates/footer.hbs", "{{> team/greeting}}")]), "[]");
        // Calling each other in a circle is told elsewhere, and ends here.
        let circle = ("templates/team/greeting.hbs", "{{> footer}}");
        assert_eq!(unread(&[circle, ("templates/footer.hbs", "{{> team/greeting}}")]), "[]");
    }
}
