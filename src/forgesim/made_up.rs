//! Made-up items in any number, always the same ones: for benchmarks and stories.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;

use crate::forgesim::{
    Change, Sim, SimError,
    world::{
        World, next_item_id,
        repository::DEFAULT_BRANCH,
        types::{IssueType, Item, ItemKey, ItemKind, Merge, State},
    },
};

/// One in so many items is a merge request.
const MERGE_REQUESTS: u64 = 4;
const WORDS: [&str; 24] = [
    "the",
    "pipeline",
    "fails",
    "when",
    "webhook",
    "settings",
    "are",
    "saved",
    "without",
    "token",
    "after",
    "upgrade",
    "notifications",
    "arrive",
    "twice",
    "for",
    "private",
    "projects",
    "chat",
    "deployment",
    "user",
    "cannot",
    "see",
    "link",
];

/// What made-up items can carry.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The labels of items about an integration, the one that names it first; three in ten items
    /// carry one of these sets. One in ten of those only the first label: nobody has routed it.
    pub routed: Vec<Vec<String>>,
    /// Labels that have nothing to do with it.
    pub others: Vec<String>,
    /// The changes of merge requests, which take turns at them; without any they change nothing
    /// and have no files.
    pub changes: Vec<Vec<Change>>,
}

/// A made-up open item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeUp {
    /// Its title.
    pub title: String,
    /// Its description, from some ten to some thousand characters.
    pub description: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is a merge request.
    pub is_merge_request: bool,
}

impl MadeUp {
    /// The item with this number.
    pub fn number(number: u64, offer: &Offer) -> Self {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635);
        let mut labels = Vec::new();
        if let (true, Some(set)) = (dice.below(10) < 3, dice.of(&offer.routed)) {
            let whole = dice.below(10) > 0;
            labels.extend(set.iter().take(if whole { set.len() } else { 1 }).cloned());
        }
        for _ in 0..dice.below(4) {
            labels.extend(dice.of(&offer.others).cloned());
        }
        labels.sort_unstable();
        labels.dedup();
        let title_words = 3 + dice.below(9);
        // Most descriptions are short, some are long.
        let most = 20 << dice.below(6);
        let description_words = 2 + dice.below(most);
        let mut text = |words: u64| {
            let words: Vec<&str> = (0..words).filter_map(|_| dice.of(&WORDS).copied()).collect();
            words.join(" ")
        };
        let (title, description) = (text(title_words), text(description_words));
        Self {
            title: format!("{title} (case {number})"),
            description,
            labels,
            is_merge_request: number.is_multiple_of(MERGE_REQUESTS),
        }
    }
}

/// SplitMix64: enough for texts that look alike and are not.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len() as u64);
        all.get(usize::try_from(at).ok()?)
    }
}

/// What a made-up merge request is about. Those with the same changes share it.
#[derive(Clone)]
struct Commits {
    sha: String,
    base_sha: String,
    changes: Arc<Vec<Change>>,
}

impl Commits {
    /// Ids that are no commits of the repository.
    fn nothing(iid: u64) -> Self {
        Self {
            sha: format!("{iid:040x}"),
            base_sha: format!("{:040x}", 0),
            changes: Arc::default(),
        }
    }
}

fn commits(world: &mut World, project: u64, offer: &Offer) -> Result<Vec<Commits>, SimError> {
    let repository = &mut world.project_mut(project)?.repository;
    let commits = offer.changes.iter().enumerate().map(|(number, changes)| {
        let base_sha = repository.base_of(DEFAULT_BRANCH, changes);
        let sha = repository.rewrite(&format!("made-up-{number}"), &base_sha, changes);
        Commits { sha, base_sha, changes: Arc::new(changes.clone()) }
    });
    Ok(commits.collect())
}

impl Sim {
    /// Puts so many made-up open items into a project, at once and without any webhook. Each
    /// changed a second after the one before, the last one just now. Labels that the project does
    /// not have are made.
    ///
    /// # Errors
    ///
    /// When there is no such project.
    pub fn fill(
        &self,
        project: impl AsRef<str>,
        items: u64,
        offer: &Offer,
    ) -> Result<(), SimError> {
        let mut world = self.shared.world();
        let project = world.add_project(project.as_ref());
        let author = world.add_user("anna", "Anna Triager");
        let commits = commits(&mut world, project, offer)?;
        let begin = world.now() - TimeDelta::seconds(i64::try_from(items).unwrap_or(i64::MAX / 4));
        for number in 1..=items {
            let made = MadeUp::number(number, offer);
            let labels =
                world.resolve_labels(project, made.labels.iter().map(String::as_str), true);
            let kind = match made.is_merge_request {
                true => ItemKind::MergeRequest,
                false => ItemKind::Issue,
            };
            let id = next_item_id(&mut world);
            let at = begin + TimeDelta::seconds(i64::try_from(number).unwrap_or_default());
            let iid = world.next_number(project, kind)?;
            let items = world.project_mut(project)?.items_mut(kind);
            let merge = made.is_merge_request.then(|| {
                let turn = usize::try_from(iid).unwrap_or_default().checked_rem(commits.len());
                let Commits { sha, base_sha, changes } = turn
                    .and_then(|turn| commits.get(turn).cloned())
                    .unwrap_or_else(|| Commits::nothing(iid));
                Merge {
                    source_branch: format!("change-{iid}"),
                    target_branch: DEFAULT_BRANCH.to_owned(),
                    sha,
                    base_sha,
                    changes,
                    conflicts: false,
                    merged_at: None,
                    merged_by: None,
                }
            });
            items.insert(
                iid,
                Item {
                    id,
                    iid,
                    kind,
                    issue_type: IssueType::Issue,
                    title: made.title,
                    description: made.description,
                    state: State::Opened,
                    due: None,
                    links: Default::default(),
                    confidential: false,
                    author,
                    assignees: Vec::new(),
                    labels,
                    milestone: None,
                    created_at: at,
                    updated_at: at,
                    closed_at: None,
                    closed_by: None,
                    notes: BTreeMap::new(),
                    user_notes: 0,
                    label_events: Vec::new(),
                    awards: Vec::new(),
                    merge,
                },
            );
        }
        Ok(())
    }

    /// Sets when an item last changed, to the very microsecond: for stories about equal times.
    ///
    /// # Errors
    ///
    /// When there is no such item.
    pub fn set_updated_at(
        &self,
        project: impl AsRef<str>,
        kind: ItemKind,
        iid: u64,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), SimError> {
        let mut world = self.shared.world();
        let project = world.add_project(project.as_ref());
        let key = ItemKey { project, kind, iid };
        world.item_mut(key)?.updated_at = at;
        Ok(())
    }

    /// Deletes an item, as an owner of the project can.
    ///
    /// # Errors
    ///
    /// When there is no such item.
    pub fn removes_item(
        &self,
        project: impl AsRef<str>,
        kind: ItemKind,
        iid: u64,
    ) -> Result<(), SimError> {
        let mut world = self.shared.world();
        let project = world.add_project(project.as_ref());
        world.item(ItemKey { project, kind, iid })?;
        world.project_mut(project)?.items_mut(kind).remove(&iid);
        Ok(())
    }
}
