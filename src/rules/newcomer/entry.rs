//! What the entry that announces a removal says, read as `steward deprecations lint` reads it: with and
//! without quotes, with words in place of a milestone, whatever form people gave it.

use super::{
    check::{Answer, Asking},
    files::{proof, unreadable},
};
use crate::{
    evidence::deprecations::{
        Deprecation, Expected, File, Finding, Kind, Place, Said, When, lint, read,
    },
    model::{FileAt, FileContent, Proof, ProofKind},
    pack::{checklists::EntryIs, removals::Removal},
    policy::Severity,
};

/// So many findings of one entry are told.
const MOST_TOLD: usize = 6;

pub(super) fn entry(asking: &Asking<'_, '_, '_>, is: EntryIs) -> Answer {
    let view = asking.view;
    let names = asking.values.names();
    let Some(removal) = view.removal_of(&names.path) else {
        return Answer::no(proof(ProofKind::RemovalNotRecorded, names.name.as_str()));
    };
    let (Some(path), Some(expected)) = (&removal.entry, &view.pack.lifecycle.deprecations) else {
        return Answer::cannot_tell(proof(ProofKind::ValueUnknown, "entry"));
    };
    let text = match asking.files.read(&FileAt::head(path.as_str())) {
        Some(FileContent::Text(text)) => text,
        Some(FileContent::Absent) => {
            return Answer::no(proof(ProofKind::FileAbsent, path.as_str()));
        }
        Some(FileContent::Unreadable(why)) => return Answer::cannot_tell(unreadable(&why, path)),
        None => {
            return Answer::cannot_tell(proof(ProofKind::NotRecorded, "").in_file(path, None));
        }
    };
    match is {
        EntryIs::Milestones => milestones(path, &text, removal, expected),
        EntryIs::Clean => {
            let calendar = view.pack.calendar.as_ref().map(|one| &one.releases);
            let Some(calendar) = calendar else {
                let version = removal.removal.to_string();
                return Answer::cannot_tell(proof(ProofKind::NotInCalendar, version));
            };
            let folder = format!("{}/", expected.folder);
            let inner = path.strip_prefix(&folder).unwrap_or(path).to_owned();
            let file = File { path: inner, name: path.clone(), text: Some(text.to_string()) };
            let files = [file];
            let report = lint(&files, expected, calendar);
            let told = report.open().filter(|told| told.severity != Severity::Note);
            let told: Vec<Proof> =
                told.take(MOST_TOLD).map(|told| finding(path, &told.finding)).collect();
            match told.is_empty() {
                true => Answer::yes(proof(ProofKind::EntryClean, "").in_file(path, None)),
                false => Answer::new(false.into(), told),
            }
        }
    }
}

/// Whether one of the entries in the file names both milestones as they are recorded.
fn milestones(path: &str, text: &str, removal: &Removal, expected: &Expected) -> Answer {
    let (entries, findings) = read(path, text, expected);
    let mut wrong = None;
    for entry in &entries {
        let differs = differs(path, entry, removal);
        if differs.is_empty() {
            let at = entry.removal.as_ref().map(|said| said.at.line);
            let seen = proof(ProofKind::RemovalRecorded, removal.removal.to_string());
            let seen = Proof { found: Some(removal.announced.to_string()), ..seen };
            return Answer::yes(seen.in_file(path, at));
        }
        wrong.get_or_insert(differs);
    }
    if let Some(wrong) = wrong {
        return Answer::new(false.into(), wrong);
    }
    // A file that does not parse may say it all the same.
    let parses = findings.iter().all(|one| one.kind != Kind::DoesNotParse);
    let told: Vec<Proof> = findings.iter().take(MOST_TOLD).map(|one| finding(path, one)).collect();
    match parses {
        true => Answer::new(false.into(), told),
        false => Answer::new(crate::rules::declared::Truth::CannotTell, told),
    }
}

/// Where an entry says something else than what is recorded.
fn differs(path: &str, entry: &Deprecation, removal: &Removal) -> Vec<Proof> {
    let both = [
        ("announcement_milestone", &entry.announcement, removal.announced),
        ("removal_milestone", &entry.removal, removal.removal),
    ];
    let told = both.into_iter().filter_map(|(key, said, recorded)| {
        let wrong = |kind, what: String, found, at: &Place| {
            Some(Proof { found, ..proof(kind, what).in_file(path, Some(at.line)) })
        };
        let asked = || format!("{key}: \"{recorded}\"");
        match said {
            Some(Said { value: When::Version(version), at }) => (*version != recorded)
                .then(|| wrong(ProofKind::Differs, asked(), Some(version.to_string()), at))
                .flatten(),
            Some(Said { value: When::Pending, at }) => {
                wrong(ProofKind::EntryPending, recorded.to_string(), None, at)
            }
            Some(Said { value: When::Cancelled, at }) => {
                wrong(ProofKind::EntryCancelled, recorded.to_string(), None, at)
            }
            Some(Said { value: When::Unreadable(text), at }) => {
                wrong(ProofKind::Differs, asked(), Some(text.clone()), at)
            }
            None => absent(path, entry, asked()),
        }
    });
    told.collect()
}

fn absent(path: &str, entry: &Deprecation, asked: String) -> Option<Proof> {
    Some(proof(ProofKind::NotFound, asked).in_file(path, Some(entry.first_line)))
}

fn finding(path: &str, finding: &Finding) -> Proof {
    let told = proof(ProofKind::EntryFinding, finding.message.as_str());
    let found = Some(finding.expected.clone()).filter(|one| !one.is_empty());
    Proof { found, ..told.in_file(path, Some(finding.at.line)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::Pack, pack::removals::Removals, policy::PolicySource, rules::declared::Truth,
    };

    const PATH: &str = "data/deprecations/18-7-slack-slash-commands.yml";

    /// What was seen: its kind, what it is about, what was found, and the line.
    type Told = (ProofKind, String, Option<String>, Option<u32>);

    /// The built-in record: announced in 18.7, removed in 19.0.
    fn asks(text: &str) -> (Truth, Vec<Told>) {
        let pack = Pack::load(&PolicySource::built_in()).expect("right");
        let Removals { all, .. } = &pack.removals;
        let removal = all.iter().find(|one| one.entry.as_deref() == Some(PATH)).expect("there");
        let expected = pack.lifecycle.deprecations.as_ref().expect("there");
        let Answer { truth, proofs } = milestones(PATH, text, removal, expected);
        let told = proofs.into_iter().map(|one| (one.kind, one.what, one.found, one.line));
        (truth, told.collect())
    }

    #[test]
    fn odd_forms_are_read() {
        for text in [
            "- announcement_milestone: \"18.7\"\n  removal_milestone: '19.0'\n",
            "announcement_milestone: 18.7\nremoval_milestone: 19.0 # soon\n",
            "- removal_milestone:   19.0\n  title: x\n  announcement_milestone: 18.7\n",
            "---\n- {announcement_milestone: '18.7', removal_milestone: '19.0'}\n",
        ] {
            assert_eq!(asks(text).0, Truth::Yes, "{text}");
        }
    }

    #[test]
    fn what_says_something_else_is_told_with_its_line() {
        let (truth, told) =
            asks("- title: x\n  announcement_milestone: '18.7'\n  removal_milestone: Cancelled\n");
        assert_eq!(truth, Truth::No);
        assert_eq!(told, [(ProofKind::EntryCancelled, "19.0".into(), None, Some(3))]);
        let (truth, told) = asks("- announcement_milestone: 18.10\n  removal_milestone: pending\n");
        assert_eq!(truth, Truth::No);
        let differs = "announcement_milestone: \"18.7\"".to_owned();
        assert_eq!(
            told,
            [
                (ProofKind::Differs, differs, Some("18.10".into()), Some(1)),
                (ProofKind::EntryPending, "19.0".into(), None, Some(2)),
            ]
        );
        let (truth, told) = asks("- announcement_milestone: '18.7'\n");
        assert_eq!(truth, Truth::No);
        assert_eq!(told[0].0, ProofKind::NotFound);
        assert_eq!(told[0].1, "removal_milestone: \"19.0\"");
    }

    #[test]
    fn of_a_file_that_does_not_parse_nobody_can_tell() {
        let (truth, told) = asks("- announcement_milestone: \"18.7\n  removal_milestone: '19.0'\n");
        assert_eq!(truth, Truth::CannotTell);
        assert_eq!(told[0].0, ProofKind::EntryFinding);
        assert_eq!(asks("# nothing\n").0, Truth::No);
    }
}
