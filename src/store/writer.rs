//! The one writer. SQLite takes one writer at a time anyway; with one task that owns the
//! connection, operations that come in while a commit waits for the disk are gathered and
//! committed together, so that the disk is asked once for many. Nothing waits when all is quiet.

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    StoreError,
    batch::Batch,
    dialect::{BEGIN_WRITE, Flush},
    lock::FileLock,
    op::Op,
};

/// The most operations in one transaction: enough to spread the cost of a commit thin, few
/// enough that none waits long.
const MOST: usize = 256;

/// Owns the connection that writes, and the lock on the file.
pub(super) struct Writer {
    pub(super) db: SqliteConnection,
    pub(super) lock: FileLock,
    pub(super) ops: mpsc::Receiver<Op>,
    pub(super) back: mpsc::WeakSender<Op>,
    /// Counts how often work has become available.
    pub(super) ready: watch::Sender<u64>,
    /// How the connection's commits wait for the disk at present.
    pub(super) flush: Flush,
}

impl Writer {
    /// Works until it is told to close or until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut gathered = Vec::with_capacity(MOST);
        let mut closing: Vec<oneshot::Sender<()>> = Vec::new();
        while self.ops.recv_many(&mut gathered, MOST).await > 0 {
            self.gather(&mut gathered).await;
            let mut ops = Vec::with_capacity(gathered.len());
            for op in gathered.drain(..) {
                match op {
                    Op::Close(done) => {
                        closing.push(done);
                        // What was sent before is still carried out.
                        self.ops.close();
                    }
                    op => ops.push(op),
                }
            }
            if !ops.is_empty() {
                self.commit(Batch::new(ops)).await;
            }
        }
        if let Err(error) = self.db.close().await {
            tracing::warn!(%error, "the database did not close cleanly; nothing is lost");
        }
        drop(self.lock);
        for done in closing {
            let _ = done.send(());
        }
    }

    /// Lets those who were just answered ask again before the next transaction begins, as long
    /// as some do: else they would take turns with those who asked meanwhile, in batches of half
    /// the size. Nothing waits for a clock; when all is quiet this is one turn of the scheduler.
    async fn gather(&mut self, gathered: &mut Vec<Op>) {
        let mut before = 0;
        while before < gathered.len() && gathered.len() < MOST {
            before = gathered.len();
            tokio::task::yield_now().await;
            while gathered.len() < MOST
                && let Ok(op) = self.ops.try_recv()
            {
                gathered.push(op);
            }
        }
    }

    /// Carries a batch out in one transaction; when that fails, each operation in its own, so
    /// that only the guilty one learns of an error.
    async fn commit(&mut self, batch: Batch) {
        let Err((batch, error)) = self.attempt(batch).await else { return };
        if batch.is_single() {
            batch.fail(&error);
            return;
        }
        tracing::warn!(%error, "a batch was rolled back; trying its operations one by one");
        for single in batch.split() {
            if let Err((single, error)) = self.attempt(single).await {
                single.fail(&error);
            }
        }
    }

    async fn flush_as(&mut self, flush: Flush) -> Result<(), StoreError> {
        if self.flush != flush {
            sqlx::query(flush.statement()).execute(&mut self.db).await?;
            self.flush = flush;
        }
        Ok(())
    }

    /// One transaction. On success everybody has been answered.
    async fn attempt(&mut self, mut batch: Batch) -> Result<(), (Batch, StoreError)> {
        if let Err(error) = self.flush_as(batch.flush()).await {
            return Err((batch, error));
        }
        let mut transaction = match self.db.begin_with(BEGIN_WRITE).await {
            Ok(transaction) => transaction,
            Err(error) => return Err((batch, error.into())),
        };
        let ready = match batch.run(&mut transaction, &self.back).await {
            Ok(ready) => ready,
            Err(error) => {
                // SQLite has rolled back by itself on some errors, a full disk for one.
                if let Err(error) = transaction.rollback().await {
                    tracing::debug!(%error, "roll-back");
                }
                return Err((batch, error));
            }
        };
        if let Err(error) = transaction.commit().await {
            return Err((batch, error.into()));
        }
        batch.answer();
        if ready {
            self.ready.send_modify(|count| *count = count.wrapping_add(1));
        }
        Ok(())
    }
}
