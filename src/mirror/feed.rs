//! From the mirror into a preview.

use std::sync::mpsc::SyncSender;

use super::{MirrorError, MirrorReader, Row};
use crate::{
    preview::{Chunk, Raw},
    store::LedgerReader,
};

/// Hands over all items of a mirror, each with its ledger where there is one. Returns early when
/// nobody takes them any more.
///
/// # Errors
/// When the mirror or the ledgers cannot be read.
pub async fn feed(
    mirror: &mut MirrorReader,
    mut ledgers: Option<LedgerReader>,
    to: &SyncSender<Chunk>,
) -> Result<(), MirrorError> {
    let mut first = 0;
    loop {
        let rows = mirror.next().await?;
        if rows.is_empty() {
            return Ok(());
        }
        let subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
        let mut known = match &mut ledgers {
            Some(ledgers) => ledgers.of(&subjects).await.map_err(MirrorError::Ledgers)?,
            None => Default::default(),
        };
        let count = rows.len() as u64;
        let raw = |row: Row| Raw {
            ledger: known.remove(&row.subject),
            snapshot: row.snapshot,
            changes: row.changes,
        };
        let items = rows.into_iter().map(raw).collect();
        if to.send(Chunk { first, items }).is_err() {
            return Ok(());
        }
        first += count;
    }
}
