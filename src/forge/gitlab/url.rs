//! From what people paste to a subject: web addresses and references.

use url::Url;

use crate::model::{ForgeKind, LabelName, Subject, SubjectKind};

/// A text that names no subject of this GitLab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// An address somewhere else.
    #[error("`{text}` is not on {host}, the GitLab that Steward is configured for")]
    OtherHost {
        /// What was given.
        text: String,
        /// The configured GitLab.
        host: String,
    },
    /// An address of this GitLab that shows something else.
    #[error(
        "`{0}` is no issue, merge request or epic; expected something like \
         `https://gitlab.example.com/group/project/-/issues/12`"
    )]
    NotAnItem(String),
    /// Neither an address nor a reference.
    #[error(
        "`{0}` names no item; expected a web address, `group/project#12` for an issue or \
         `group/project!3` for a merge request"
    )]
    Unclear(String),
}

/// The subject that somebody means. `root` is the address of the configured GitLab, ending in a
/// slash.
///
/// # Errors
/// What is wrong with the text, for the person who typed it.
pub fn parse_subject(root: &Url, text: &str) -> Result<Subject, SubjectError> {
    let text = text.trim();
    let shown = || super::tidy::tidy(text);
    if !text.starts_with("https://") && !text.starts_with("http://") {
        let key =
            if text.starts_with("gitlab:") { text.to_owned() } else { format!("gitlab:{text}") };
        return match key.parse::<Subject>() {
            Ok(subject) if is_path(&subject.project) && subject.number > 0 => Ok(subject),
            _ => Err(SubjectError::Unclear(shown())),
        };
    }
    // A pasted address may hold a password; it is not repeated to anybody.
    let url = Url::parse(text).map_err(|_| SubjectError::Unclear("this address".to_owned()))?;
    let place = super::tidy::tidy(&format!("{}{}", url.origin().ascii_serialization(), url.path()));
    // People paste http:// for https://; the host is what tells one GitLab from another.
    let rest = if url.host() == root.host() && url.port() == root.port() {
        url.path().strip_prefix(root.path())
    } else {
        None
    };
    let Some(rest) = rest else {
        return Err(SubjectError::OtherHost { text: place, host: root.to_string() });
    };
    subject_of_path(rest).ok_or(SubjectError::NotAnItem(place))
}

/// The subject at a path below GitLab's root, such as `group/project/-/issues/12/designs`.
pub(super) fn subject_of_path(path: &str) -> Option<Subject> {
    let (place, item) = path.trim_start_matches('/').split_once("/-/")?;
    let mut segments = item.split('/');
    let (kind, mut number) = (segments.next()?, segments.next()?);
    if kind == "issues" && number == "incident" {
        number = segments.next()?;
    }
    let number = number.parse().ok().filter(|number| *number > 0)?;
    let (kind, project) = match (kind, place.strip_prefix("groups/")) {
        ("epics" | "work_items", Some(group)) => (SubjectKind::Epic, group),
        ("issues" | "work_items", None) => (SubjectKind::Issue, place),
        ("merge_requests", None) => (SubjectKind::MergeRequest, place),
        _ => return None,
    };
    is_path(project).then(|| Subject {
        forge: ForgeKind::Gitlab,
        project: project.to_owned(),
        kind,
        number,
    })
}

/// Where people see the open items of a kind that carry a label.
pub(super) fn labelled(root: &Url, project: &str, kind: SubjectKind, label: &LabelName) -> String {
    let page = match kind {
        SubjectKind::MergeRequest => "merge_requests",
        SubjectKind::Issue | SubjectKind::Epic => "issues",
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("label_name[]", label.as_str());
    format!("{root}{project}/-/{page}?{}", query.finish())
}

/// Whether a text can be the full path of a project or group (GitLab, "Reserved names": letters,
/// digits, `_`, `-` and `.`). Subjects are keys in the database and parts of addresses, so
/// nothing else gets in.
pub(super) fn is_path(text: &str) -> bool {
    text.len() <= 1024
        && text.split('/').all(|segment| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, SubjectError> {
        let root = Url::parse("https://gitlab.example.com/").expect("url");
        parse_subject(&root, text).map(|subject| subject.to_string())
    }

    #[test]
    fn what_people_paste_is_understood() {
        for (text, key) in [
            ("https://gitlab.example.com/g/p/-/issues/12", "gitlab:g/p#12"),
            ("  http://gitlab.example.com/g/s/p/-/issues/12#note_1 ", "gitlab:g/s/p#12"),
            ("https://gitlab.example.com/g/p/-/issues/12/designs?x=1", "gitlab:g/p#12"),
            ("https://gitlab.example.com/g/p/-/issues/incident/12", "gitlab:g/p#12"),
            ("https://gitlab.example.com/g/p/-/work_items/5", "gitlab:g/p#5"),
            ("https://gitlab.example.com/g/p/-/merge_requests/3/diffs#a", "gitlab:g/p!3"),
            ("https://gitlab.example.com/groups/g/s/-/epics/7", "gitlab:g/s&7"),
            ("https://gitlab.example.com/groups/g/-/work_items/7", "gitlab:g&7"),
            ("g/p#12", "gitlab:g/p#12"),
            ("g/p!3", "gitlab:g/p!3"),
            ("gitlab:g/p.js_x-1#12", "gitlab:g/p.js_x-1#12"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(key), "{text}");
        }
    }

    #[test]
    fn the_rest_is_refused_with_the_reason() {
        for other in
            ["https://gitlab.com/g/p/-/issues/1", "https://gitlab.example.com:8443/g/p/-/issues/1"]
        {
            assert!(matches!(parse(other), Err(SubjectError::OtherHost { .. })), "{other}");
        }
        for wrong in [
            "https://gitlab.example.com/",
            "https://gitlab.example.com/g/p/-/issues",
            "https://gitlab.example.com/g/p/-/issues/new",
            "https://gitlab.example.com/g/p/-/issues/0",
            "https://gitlab.example.com/g/p/-/pipelines/1",
            "https://gitlab.example.com/-/issues/1",
            "https://gitlab.example.com/g%2Fx/-/issues/1",
            "https://gitlab.example.com/g/p/-/epics/1",
        ] {
            assert!(matches!(parse(wrong), Err(SubjectError::NotAnItem(_))), "{wrong}");
        }
        for wrong in ["", "g/p", "#1", "g/../p#1", "g p#1", "g/p#-1", "g/p#0", "https://"] {
            assert!(matches!(parse(wrong), Err(SubjectError::Unclear(_))), "{wrong}");
        }
        let error = parse("https://u:hunter2@elsewhere/x?token=hunter2").expect_err("elsewhere");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn gitlab_may_live_below_a_path() {
        let root = Url::parse("http://example.com:8080/git/").expect("url");
        let parse = |text| parse_subject(&root, text).map(|subject| subject.to_string());
        let ours = "http://example.com:8080/git/g/p/-/issues/1";
        assert_eq!(parse(ours).as_deref(), Ok("gitlab:g/p#1"));
        let beside = "http://example.com:8080/g/p/-/issues/1";
        assert!(matches!(parse(beside), Err(SubjectError::OtherHost { .. })));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in ".*", tail in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("https://gitlab.example.com/{tail}"));
        }
    }
}
