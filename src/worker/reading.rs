//! Reading a subject as far as the rules ask, and deciding.

use std::time::Duration;

use chrono::Utc;
use futures::future::try_join_all;

use crate::{
    forge::{Forge, ForgeError},
    model::{Facet, Ledger, Plan, Snapshot, Subject},
    pack::Pack,
    plan::{Decision, decide},
    words::WordsError,
};

/// More rounds than any rule needs: each round reads all that was asked for.
const ROUNDS: usize = 6;

/// What was read and what was decided.
#[derive(Debug)]
pub struct Reading {
    /// The subject as it was read.
    pub snapshot: Snapshot,
    /// What shall be done.
    pub plan: Plan,
    /// The facets that the rules asked for.
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
    forge: &dyn Forge,
    pack: &Pack,
    subject: &Subject,
    ledger: &Ledger,
) -> Result<Reading, ReadingError> {
    decide_unless(forge, pack, subject, ledger, || None).await
}

/// As [`decide_now`], and stops between two rounds of calls when `paused` says that the forge is
/// not to be called, and for how long.
pub(super) async fn decide_unless(
    forge: &dyn Forge,
    pack: &Pack,
    subject: &Subject,
    ledger: &Ledger,
    paused: impl Fn() -> Option<Duration>,
) -> Result<Reading, ReadingError> {
    let go_on = || paused().map_or(Ok(()), |left| Err(ReadingError::Paused(left)));
    let me = forge.me().await?;
    go_on()?;
    let mut snapshot = forge.read(subject).await.map_err(|error| match error {
        ForgeError::NotFound { .. } => ReadingError::Gone(error),
        error => ReadingError::Forge(error),
    })?;
    let mut facets = Vec::new();
    for _ in 0..ROUNDS {
        go_on()?;
        match decide(&snapshot, ledger, pack, &me, Utc::now())? {
            Decision::Plan(plan) => return Ok(Reading { snapshot, plan: *plan, facets }),
            Decision::Needs(needs) => {
                let needs: Vec<Facet> = needs.into_iter().collect();
                let reads = needs.iter().map(|facet| forge.read_facet(&snapshot, facet));
                let values = try_join_all(reads).await?;
                for (facet, value) in needs.iter().zip(values) {
                    snapshot.fill(facet, value);
                }
                facets.extend(needs);
            }
        }
    }
    Err(ReadingError::Restless(facets))
}
