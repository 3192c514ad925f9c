//! All items, on all cores.

use std::sync::{Mutex, mpsc::Receiver};

use super::{Comparer, Raw, Sides, Totals};

/// Some items in a row, and the place of the first of them among all.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The place of the first.
    pub first: u64,
    /// The items.
    pub items: Vec<Raw>,
}

/// Compares all items that come in, on `threads` threads, until nobody sends any more. `moved` is
/// told how many were done each time. Memory is bounded by what waits to be taken.
pub fn run(
    sides: &Sides<'_>,
    chunks: Receiver<Chunk>,
    threads: usize,
    limit: usize,
    moved: &(dyn Fn(u64) + Sync),
) -> Totals {
    let chunks = Mutex::new(chunks);
    let next = || chunks.lock().unwrap_or_else(|poison| poison.into_inner()).recv().ok();
    let work = || {
        let mut comparer = Comparer::new(sides);
        let mut totals = Totals::default();
        while let Some(chunk) = next() {
            for (place, raw) in (chunk.first..).zip(&chunk.items) {
                totals.add(place, comparer.item(raw), limit);
            }
            moved(chunk.items.len() as u64);
        }
        totals.assumed = comparer.assumed;
        totals
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = Totals::default();
        for worker in workers {
            match worker.join() {
                Ok(totals) => all.merge(totals, limit),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
