//! Asks the forge what files cannot tell of integrations that leave: what is still open with their
//! labels, and whether the labels are put away. A few calls for each, so only when somebody asks.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use futures::{StreamExt, stream};

use crate::{
    forge::{ForgeError, Housekeeping, LabelPlace},
    model::{
        Applied, Counted, ForgeKind, LabelState, Ledger, Mark, OnForge, OpenRequest, RemovalRecord,
        Snapshot, Subject,
    },
    pack::Pack,
    rules::lifecycle::{self, Begun},
    store::LedgerReader,
};

/// So many integrations are asked about at the same time.
const SIDE_BY_SIDE: usize = 4;
/// So many merge requests of an integration are named.
const MOST_NAMED: usize = 10;

/// What the forge told of integrations, by their keys; why nobody can tell, where it did not.
pub type Asked = BTreeMap<String, Result<OnForge, String>>;

/// Asks the forge about labels.
#[derive(Clone)]
pub struct Asker {
    /// The forge.
    pub forge: Arc<dyn Housekeeping>,
    /// Which one it is.
    pub kind: ForgeKind,
    /// The projects whose labels are meant.
    pub projects: Vec<String>,
    /// The database that knows of Steward's sheets on merge requests; none are told without it.
    pub database: Option<PathBuf>,
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").field("projects", &self.projects).finish_non_exhaustive()
    }
}

impl Asker {
    /// Asks about all integrations whose first step is due by a day, of those that leave: what is due
    /// later has no end to be proven yet. With `only` about this one at the most.
    pub async fn ask(
        &self,
        pack: &Pack,
        records: &[RemovalRecord],
        today: chrono::NaiveDate,
        only: Option<&str>,
    ) -> Asked {
        let begun: Vec<Begun> = lifecycle::begun(pack, records, today)
            .into_iter()
            .filter(|one| only.is_none_or(|only| only == one.integration))
            .collect();
        let told = stream::iter(begun).map(async |one| {
            let told = self.about(&one).await.inspect_err(|why| {
                tracing::warn!(label = %one.label, why, "the forge did not tell of a label");
            });
            (one.integration, told)
        });
        told.buffer_unordered(SIDE_BY_SIDE).collect().await
    }

    async fn about(&self, of: &Begun) -> Result<OnForge, String> {
        if self.projects.is_empty() {
            return Err("no project is named: `projects` of the forge in the settings".to_owned());
        }
        let mut told = self.on_forge(of).await.map_err(|error| error.to_string())?;
        self.sheets(&mut told).await;
        Ok(told.0)
    }

    async fn on_forge(&self, of: &Begun) -> Result<(OnForge, Vec<Subject>), ForgeError> {
        let label = &of.label;
        let me = self.forge.me().await?;
        // What tracks the removal is open until all else is closed.
        let tracks = |issue: &Snapshot| {
            let mark = Mark::of(&issue.description).filter(|_| issue.author.id == me.id);
            of.issue.as_ref() == Some(&issue.url)
                || mark.is_some_and(|mark| mark.integration == of.integration)
        };
        let mut places: Vec<(LabelPlace, LabelState)> = Vec::new();
        for project in &self.projects {
            let (place, state) = match self.forge.label_definition(project, label).await? {
                Some(one) if one.archived => (one.place, LabelState::Archived),
                Some(one) => (one.place, LabelState::There),
                // A project that Steward may not see has no labels either: its list tells.
                None => (LabelPlace::Project(project.clone()), LabelState::Gone),
            };
            if places.iter().all(|(had, _)| *had != place) {
                places.push((place, state));
            }
        }
        let (mut issues, mut merge_requests) = (Counted::default(), Counted::default());
        let (mut open, mut subjects) = (Vec::new(), Vec::new());
        for (place, _) in &places {
            let mut found = self.forge.open_labelled(place, label).await?;
            let own = found.issues_first.iter().filter(|issue| tracks(issue)).count() as u64;
            found.issues.number = found.issues.number.saturating_sub(own);
            (issues, merge_requests) =
                (issues.and(found.issues), merge_requests.and(found.merge_requests));
            for Snapshot { subject, url, .. } in found.merge_requests_first {
                let reference = subject.reference();
                open.push(OpenRequest { reference, url, sheets: Vec::new() });
                subjects.push(subject);
            }
        }
        open.truncate(MOST_NAMED);
        subjects.truncate(MOST_NAMED);
        let is = |state| places.iter().any(|(_, one)| *one == state);
        let state = match () {
            () if is(LabelState::There) => LabelState::There,
            () if is(LabelState::Archived) => LabelState::Archived,
            () => LabelState::Gone,
        };
        let archives = self.forge.archives_labels();
        let (forge, label) = (self.kind, label.clone());
        Ok((OnForge { forge, label, state, archives, issues, merge_requests, open }, subjects))
    }

    /// What Steward says on the open merge requests, which tells of which checklists they are.
    async fn sheets(&self, (told, subjects): &mut (OnForge, Vec<Subject>)) {
        let Some(path) = self.database.as_ref().filter(|path| path.exists()) else { return };
        let keys: Vec<String> = subjects.iter().map(Subject::to_string).collect();
        if keys.is_empty() {
            return;
        }
        let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
        let ledgers = match LedgerReader::open(path).await {
            Ok(mut reader) => reader.of(&asked).await,
            Err(error) => Err(error),
        };
        let ledgers = ledgers.unwrap_or_else(|error| {
            tracing::warn!(%error, "what Steward said on merge requests could not be read");
            Default::default()
        });
        for (one, key) in told.open.iter_mut().zip(&keys) {
            let ledger =
                ledgers.get(key).and_then(|data| serde_json::from_str::<Ledger>(data).ok());
            let ledger = ledger.unwrap_or_default();
            let statuses = ledger.applied.into_iter().filter_map(|applied| match applied {
                Applied::Status { name, .. } => Some(name),
                _ => None,
            });
            let live = ledger.comments.into_iter().filter(|comment| comment.id.is_some());
            let topics = live.map(|comment| comment.topic.as_str().to_owned());
            one.sheets = statuses.chain(topics).collect();
        }
    }
}
