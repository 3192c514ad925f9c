//! People in a story. What they do always works.

use steward::forgesim::{Change, Comment, ItemKind, NewMergeRequest, Person};

use crate::world::{Item, PROJECT};

pub(crate) struct Someone(pub(crate) Person);

impl Someone {
    pub(crate) fn opens_issue(&self, title: &str) -> Item {
        self.opens_labelled(title, &[])
    }

    pub(crate) fn opens_labelled(&self, title: &str, labels: &[&str]) -> Item {
        self.opens_in(PROJECT, title, "", labels)
    }

    pub(crate) fn opens_in(
        &self,
        project: &'static str,
        title: &str,
        text: &str,
        labels: &[&str],
    ) -> Item {
        let iid = self.0.opens_issue(project, title, text, labels).expect("it is opened");
        Item { face: self.0.face(), project, kind: ItemKind::Issue, iid }
    }

    /// Opens a merge request that changes these files.
    pub(crate) fn opens_merge_request(&self, title: &str, paths: &[&str]) -> Item {
        let edited = |path: &&str| Change::edited(*path, "# old\n", "# new\n");
        self.opens_with_changes(title, paths.iter().map(edited).collect())
    }

    /// Opens a merge request with these changes.
    pub(crate) fn opens_with_changes(&self, title: &str, changes: Vec<Change>) -> Item {
        let new = NewMergeRequest { title: title.into(), changes, ..NewMergeRequest::default() };
        let iid = self.0.opens_merge_request(PROJECT, new).expect("it is opened");
        Item { face: self.0.face(), project: PROJECT, kind: ItemKind::MergeRequest, iid }
    }

    pub(crate) fn labels(&self, item: Item, label: &str) {
        self.on(item).adds_labels(&[label]).expect("the label is set");
    }

    pub(crate) fn unlabels(&self, item: Item, label: &str) {
        self.on(item).removes_labels(&[label]).expect("the label is taken off");
    }

    pub(crate) fn renames(&self, item: Item, title: &str) {
        self.on(item).renames(title).expect("it is renamed");
    }

    pub(crate) fn comments(&self, item: Item, text: &str) {
        let written = self.on(item).comments(text).expect("the comment is written");
        assert!(matches!(written, Comment::Stored(_)), "only quick actions: {text}");
    }

    /// Comments, and answers the number of the comment.
    pub(crate) fn says(&self, item: Item, text: &str) -> u64 {
        let written = self.on(item).comments(text).expect("the comment is written");
        written.id().expect("it is stored")
    }

    pub(crate) fn edits_comment(&self, item: Item, id: u64, text: &str) {
        self.on(item).edits_comment(id, text).expect("the comment is edited");
    }

    pub(crate) fn deletes_comment(&self, item: Item, id: u64) {
        self.on(item).deletes_comment(id).expect("the comment is deleted");
    }

    pub(crate) fn closes(&self, item: Item) {
        self.on(item).closes().expect("it is closed");
    }

    pub(crate) fn reopens(&self, item: Item) {
        self.on(item).reopens().expect("it is opened again");
    }

    pub(crate) fn describes(&self, item: Item, text: &str) {
        self.on(item).describes(text).expect("it is described");
    }

    pub(crate) fn on(&self, item: Item) -> steward::forgesim::Acting<'_> {
        match item.kind {
            ItemKind::Issue => self.0.on_issue(item.project, item.iid),
            ItemKind::MergeRequest => self.0.on_merge_request(item.project, item.iid),
        }
    }
}
