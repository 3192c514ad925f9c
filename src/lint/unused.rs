//! What nothing uses: groups that own nothing, and signs of `routing.yml` that no item reaches.

use crate::{
    model::Cite,
    pack::Pack,
    policy::{Finding, Severity},
};

/// What can be said about catalog and routing.
pub(super) fn check(pack: &Pack) -> Vec<Finding> {
    let mut findings = groups(pack);
    findings.extend(signs(pack));
    findings
}

fn groups(pack: &Pack) -> Vec<Finding> {
    let owns = |key: &crate::catalog::GroupKey| {
        pack.catalog.integrations().iter().any(|one| one.group == *key)
            || pack.routing.unknown.closest.iter().any(|one| *one.group == *key)
    };
    pack.catalog
        .groups()
        .filter(|group| !owns(&group.key))
        .map(|group| {
            let place = &group.place;
            let cite = Cite { file: place.file.to_string(), line: place.line };
            let message = format!("the group `{}` owns nothing", group.key);
            let help = "give it an integration, or remove it from the catalog";
            Finding::at(Severity::Note, "group_without_use", &cite, message, help)
        })
        .collect()
}

/// Entries of `closest` whose every sign an earlier entry has: the first that fits wins.
fn signs(pack: &Pack) -> Vec<Finding> {
    let closest = &pack.routing.unknown.closest;
    let mut findings = Vec::new();
    for (at, entry) in closest.iter().enumerate() {
        let before = &closest[..at];
        let known = |sign: &String, of: fn(&crate::pack::Closest) -> &Vec<String>| {
            before
                .iter()
                .any(|earlier| of(earlier).iter().any(|one| one.eq_ignore_ascii_case(sign)))
        };
        let reached = entry.labels.iter().any(|label| !known(label, |one| &one.labels))
            || entry.words.iter().any(|word| !known(word, |one| &one.words));
        if reached {
            continue;
        }
        let cite = pack.routing.cite(entry.category.line());
        let message = format!(
            "nothing leads to this entry for `{}`: {}",
            entry.category.value,
            match entry.labels.is_empty() && entry.words.is_empty() {
                true => "it has neither labels nor words",
                false => "entries before it have all its labels and words",
            }
        );
        let help = "give it a label or a word of its own, or remove it";
        findings.push(Finding::at(Severity::Warning, "unreachable_sign", &cite, message, help));
    }
    findings
}
