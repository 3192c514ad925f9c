//! `changes`: the merge request changes such files.

use super::{At, Predicate, Truth, few, written};
use crate::{
    model::{ChangedFile, SubjectKind},
    pack::rules::FilesChanged,
};

pub(super) struct Files<'c>(pub(super) &'c FilesChanged);

impl Files<'_> {
    /// A renamed file counts under both of its paths.
    fn fits(&self, file: &ChangedFile) -> bool {
        let status = self.0.status.as_ref();
        let paths = [Some(&file.path), file.previous_path.as_ref()];
        status.is_none_or(|any| any.contains(&file.status))
            && paths.into_iter().flatten().any(|path| self.0.paths.iter().any(|one| one.fits(path)))
    }
}

impl Predicate for Files<'_> {
    fn name(&self) -> &'static str {
        "changes"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        if at.view.snapshot.subject.kind != SubjectKind::MergeRequest {
            return Truth::No;
        }
        match at.changes() {
            None => Truth::CannotTell,
            Some(changes) if changes.files.iter().any(|file| self.fits(file)) => Truth::Yes,
            Some(changes) if changes.complete => Truth::No,
            Some(_) => Truth::CannotTell,
        }
    }

    fn asked(&self) -> String {
        let paths = few(self.0.paths.iter().map(|path| path.as_str()));
        match &self.0.status {
            Some(status) => format!("{paths} {}", few(status.iter().map(written))),
            None => paths,
        }
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match at.changes() {
            Some(changes) => {
                let fit: Vec<&str> = changes
                    .files
                    .iter()
                    .filter(|file| self.fits(file))
                    .map(|file| file.path.as_str())
                    .collect();
                match fit.is_empty() && !changes.complete {
                    true => format!("none of {} files; the list is cut", changes.files.len()),
                    false if fit.is_empty() => format!("none of {} files", changes.files.len()),
                    false => few(fit),
                }
            }
            None => "no files".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::{
        model::{Facet, FileStatus},
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("{ paths: 'doc/**' }", true, Yes, "doc/a/b.md")]
    #[case("{ paths: 'doc/*' }", true, No, "none of 2 files")]
    #[case("{ paths: ['x', '*.rb'] }", true, Yes, "a.rb")]
    #[case("{ paths: '*.rb', status: added }", true, No, "none of 2 files")]
    #[case("{ paths: '*.rb', status: [added, modified] }", true, Yes, "a.rb")]
    #[case("{ paths: '*.py' }", false, CannotTell, "none of 2 files; the list is cut")]
    #[case("{ paths: '*.rb' }", false, Yes, "a.rb")]
    fn changed_files_are_found(
        #[case] test: &str,
        #[case] complete: bool,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        let files = [("a.rb", FileStatus::Modified), ("doc/a/b.md", FileStatus::Added)];
        let item = Made::merge_request().files(&files, complete);
        assert_eq!(asks(&format!("changes: {test}"), &item), (truth, saw.to_owned()));
    }

    #[test]
    fn only_merge_requests_change_files_and_only_theirs_are_read() {
        let when = "changes: { paths: '**' }";
        let issue = Made::issue();
        assert_eq!((asks(when, &issue).0, issue.needs(when)), (No, vec![]));
        let request = Made::merge_request();
        assert_eq!(
            (asks(when, &request).0, request.needs(when)),
            (CannotTell, vec![Facet::Changes])
        );
    }
}
