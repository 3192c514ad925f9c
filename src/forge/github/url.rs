//! From what people paste to a subject: web addresses and references.

use url::Url;

use super::{settings::root, tidy::tidy};
use crate::model::{ForgeKind, LabelName, Subject, SubjectKind};

/// A text that names no subject of this GitHub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// An address somewhere else.
    #[error("`{text}` is not on {host}, the GitHub that Steward is configured for")]
    OtherHost {
        /// What was given.
        text: String,
        /// The configured GitHub.
        host: String,
    },
    /// An address of this GitHub that shows something else.
    #[error(
        "`{0}` is no issue or pull request; expected something like \
         `https://github.com/owner/project/issues/12`"
    )]
    NotAnItem(String),
    /// Neither an address nor a reference.
    #[error(
        "`{0}` names no item; expected a web address, `owner/project#12` for an issue or \
         `owner/project!12` for a pull request"
    )]
    Unclear(String),
}

/// The subject that somebody means. `root` is the address of the configured GitHub, ending in a
/// slash.
///
/// # Errors
/// What is wrong with the text, for the person who typed it.
pub fn parse_subject(root: &Url, text: &str) -> Result<Subject, SubjectError> {
    let text = text.trim();
    if !text.starts_with("https://") && !text.starts_with("http://") {
        let key =
            if text.starts_with("github:") { text.to_owned() } else { format!("github:{text}") };
        return match key.parse::<Subject>() {
            Ok(subject)
                if is_project(&subject.project)
                    && subject.number > 0
                    && subject.kind != SubjectKind::Epic =>
            {
                Ok(subject)
            }
            _ => Err(SubjectError::Unclear(tidy(text))),
        };
    }
    // A pasted address may hold a password; it is not repeated to anybody.
    let url = Url::parse(text).map_err(|_| SubjectError::Unclear("this address".to_owned()))?;
    let place = tidy(&format!("{}{}", url.origin().ascii_serialization(), url.path()));
    // People paste http:// for https://; the host is what tells one GitHub from another.
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

/// As [`parse_subject`], for those who have no credentials: `github` is the address of the GitHub.
///
/// # Errors
/// What is wrong with it, for the person who typed it.
pub fn parse_subject_at(github: &str, text: &str) -> Result<Subject, SubjectError> {
    match root(github) {
        Ok(root) => parse_subject(&root, text),
        Err(_) => Err(SubjectError::Unclear(tidy(text))),
    }
}

/// The subject at a path below GitHub's root, such as `owner/project/pull/12/files`.
fn subject_of_path(path: &str) -> Option<Subject> {
    let mut segments = path.split('/');
    let (owner, name) = (segments.next()?, segments.next()?);
    let kind = match segments.next()? {
        "issues" => SubjectKind::Issue,
        "pull" | "pulls" => SubjectKind::MergeRequest,
        _ => return None,
    };
    let number = segments.next()?.parse().ok().filter(|number| *number > 0)?;
    let project = format!("{owner}/{name}");
    is_project(&project).then_some(Subject { forge: ForgeKind::Github, project, kind, number })
}

/// Where people see the open items of a kind that carry a label.
pub(super) fn labelled(root: &Url, project: &str, kind: SubjectKind, label: &LabelName) -> String {
    let (page, kind) = match kind {
        SubjectKind::MergeRequest => ("pulls", "pr"),
        SubjectKind::Issue | SubjectKind::Epic => ("issues", "issue"),
    };
    // No label of GitHub's own page has a quotation mark in it.
    let name = label.as_str().replace('"', "");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", &format!("is:{kind} is:open label:\"{name}\""));
    format!("{root}{project}/{page}?{}", query.finish())
}

/// Whether a text can be the full name of a repository: owner and name, of letters, digits, `_`,
/// `-` and `.`. Subjects are keys in the database and parts of addresses, so nothing else gets in.
pub(super) fn is_project(text: &str) -> bool {
    let good = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    text.len() <= 256 && text.split_once('/').is_some_and(|(owner, name)| good(owner) && good(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, SubjectError> {
        parse_subject_at("https://github.com", text).map(|subject| subject.to_string())
    }

    #[test]
    fn what_people_paste_is_understood() {
        for (text, key) in [
            ("https://github.com/o/p/issues/12", "github:o/p#12"),
            (" http://github.com/o/p.rs/issues/12#issuecomment-1 ", "github:o/p.rs#12"),
            ("https://github.com/o/p/pull/3/files?x=1", "github:o/p!3"),
            ("o/p#12", "github:o/p#12"),
            ("o/p!3", "github:o/p!3"),
            ("github:o/p#12", "github:o/p#12"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(key), "{text}");
        }
        let own = parse_subject_at("https://h:8443/git", "https://h:8443/git/o/p/issues/1");
        assert_eq!(own.expect("an issue").to_string(), "github:o/p#1");
    }

    #[test]
    fn the_rest_is_refused_with_the_reason() {
        for other in ["https://gitlab.com/o/p/issues/1", "https://github.com:8443/o/p/issues/1"] {
            assert!(matches!(parse(other), Err(SubjectError::OtherHost { .. })), "{other}");
        }
        for wrong in [
            "https://github.com/",
            "https://github.com/o/p/issues",
            "https://github.com/o/p/issues/new",
            "https://github.com/o/p/issues/0",
            "https://github.com/o/p/actions/1",
            "https://github.com/o%2Fx/p/issues/1",
        ] {
            assert!(matches!(parse(wrong), Err(SubjectError::NotAnItem(_))), "{wrong}");
        }
        for wrong in ["", "o/p", "#1", "o/../p#1", "o/p/q#1", "o p#1", "o/p#0", "o/p&1", "https://"]
        {
            assert!(matches!(parse(wrong), Err(SubjectError::Unclear(_))), "{wrong}");
        }
        let error = parse("https://u:hunter2@elsewhere/x?token=hunter2").expect_err("elsewhere");
        assert!(!error.to_string().contains("hunter2"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in ".*", tail in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("https://github.com/{tail}"));
        }
    }
}
