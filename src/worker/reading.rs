//! Reading a subject as far as the rules ask, and deciding.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::Utc;
use futures::{StreamExt, TryStreamExt, stream};

use super::beside::Sources;
use crate::{
    commands::Question,
    forge::ForgeError,
    model::{
        Facet, FacetValue, FileContent, LabelName, Ledger, MOST_FILES, Person, Plan, Snapshot,
        Subject, Unreadable,
    },
    pack::Pack,
    plan::{Decision, Detail, Explaining, Input, decide_input, explain, explain::Explanation},
    store::StoreError,
    words::WordsError,
};

/// More rounds than any rule needs: each round reads all that was asked for.
const ROUNDS: usize = 6;

/// So many facets of one subject are read at once: a check may ask for a hundred files, and there
/// are other subjects under way.
const AT_ONCE: usize = 8;

/// What was read and what was decided.
#[derive(Debug)]
pub struct Reading {
    /// The subject as it was read.
    pub snapshot: Snapshot,
    /// Steward's own account.
    pub me: Person,
    /// What shall be done.
    pub plan: Plan,
    /// The facets that the rules asked for.
    pub facets: Vec<Facet>,
}

/// What was read, and the way to a decision.
#[derive(Debug)]
pub struct Explained {
    /// The way.
    pub explanation: Explanation,
    /// What shall be done.
    pub plan: Plan,
    /// The facets that were asked for.
    pub facets: Vec<Facet>,
}

/// Why nothing could be decided.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The subject is gone or hidden.
    #[error(transparent)]
    Gone(ForgeError),
    /// The forge did not answer.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// What Steward keeps itself could not be read.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// The forge asked to be left alone in the meantime.
    #[error("the forge is not called before {} s are over", .0.as_secs())]
    Paused(Duration),
    /// The policies cannot be put into words.
    #[error("a text could not be made: {0}")]
    Words(#[from] WordsError),
    /// The rules asked again for what they had been given.
    #[error("the rules keep asking for {0:?}")]
    Restless(Vec<Facet>),
}

/// Reads a subject and decides; what the rules ask for is read, nothing else. Writes nothing.
///
/// # Errors
/// When the forge does not answer or a text cannot be made.
pub async fn decide_now(
    sources: Sources<'_>,
    pack: &Arc<Pack>,
    subject: &Subject,
    ledger: &Ledger,
) -> Result<Reading, ReadingError> {
    decide_unless(sources, pack, subject, ledger, &[], || None).await
}

/// As [`decide_now`], and stops between two rounds of calls when `paused` says that the forge is
/// not to be called, and for how long.
pub(super) async fn decide_unless(
    sources: Sources<'_>,
    pack: &Arc<Pack>,
    subject: &Subject,
    ledger: &Ledger,
    questions: &[Question],
    paused: impl Fn() -> Option<Duration>,
) -> Result<Reading, ReadingError> {
    let go_on = || paused().map_or(Ok(()), |left| Err(ReadingError::Paused(left)));
    let forge = sources.forge;
    let me = forge.me().await?;
    go_on()?;
    let mut snapshot = forge.read(subject).await.map_err(|error| match error {
        ForgeError::NotFound { .. } => ReadingError::Gone(error),
        error => ReadingError::Forge(error),
    })?;
    let mut facets = Vec::new();
    // One decision, one time: what is noted now must be the same in each round.
    let now = Utc::now();
    for _ in 0..ROUNDS {
        go_on()?;
        let input = Input { snapshot: &snapshot, ledger, me: &me, now, questions };
        match decide_input(Detail::Full, input, pack)? {
            Decision::Plan(plan) => return Ok(Reading { snapshot, me, plan: *plan, facets }),
            Decision::Needs(needs) => {
                read_more(sources, pack, &mut snapshot, needs, &mut facets).await?
            }
        }
    }
    Err(ReadingError::Restless(facets))
}

/// Reads a subject, decides, and tells the way to the decision. Writes nothing.
///
/// # Errors
/// As [`decide_now`].
pub async fn explain_now(
    sources: Sources<'_>,
    pack: &Arc<Pack>,
    subject: &Subject,
    ledger: &Ledger,
    about: &[LabelName],
) -> Result<Explained, ReadingError> {
    let forge = sources.forge;
    let me = forge.me().await?;
    let mut snapshot = forge.read(subject).await.map_err(|error| match error {
        ForgeError::NotFound { .. } => ReadingError::Gone(error),
        error => ReadingError::Forge(error),
    })?;
    let mut facets = Vec::new();
    let now = Utc::now();
    for _ in 0..ROUNDS {
        let input = Input { snapshot: &snapshot, ledger, me: &me, now, questions: &[] };
        match explain(input, pack, about)? {
            Explaining::Explained(explanation, plan) => {
                return Ok(Explained { explanation: *explanation, plan: *plan, facets });
            }
            Explaining::Needs(needs) => {
                read_more(sources, pack, &mut snapshot, needs, &mut facets).await?
            }
        }
    }
    Err(ReadingError::Restless(facets))
}

pub(super) async fn read_more(
    sources: Sources<'_>,
    pack: &Arc<Pack>,
    snapshot: &mut Snapshot,
    mut needs: BTreeSet<Facet>,
    facets: &mut Vec<Facet>,
) -> Result<(), ReadingError> {
    let beside: Vec<Facet> = needs.iter().filter(|facet| !facet.is_on_forge()).cloned().collect();
    for facet in beside {
        needs.remove(&facet);
        if let Some(value) = sources.read_beside(pack, &facet).await? {
            snapshot.fill(&facet, value);
        }
        facets.push(facet);
    }
    let forge = sources.forge;
    let mut left = MOST_FILES.saturating_sub(snapshot.facets.files.len());
    let (needs, surplus): (Vec<Facet>, Vec<Facet>) = needs.into_iter().partition(|facet| {
        let is_file = matches!(facet, Facet::File(_));
        let fits = !is_file || left > 0;
        left -= usize::from(is_file && fits);
        fits
    });
    // Collected first: a stream that borrows what it makes futures of cannot be sent.
    let reads: Vec<_> = needs.iter().map(|facet| forge.read_facet(snapshot, facet)).collect();
    let values: Vec<FacetValue> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    for (facet, value) in needs.iter().zip(values) {
        snapshot.fill(facet, value);
    }
    for facet in &surplus {
        let content = FileContent::Unreadable(Unreadable::TooMany { most: MOST_FILES });
        snapshot.fill(facet, FacetValue::File(content));
    }
    facets.extend(needs);
    facets.extend(surplus);
    Ok(())
}
