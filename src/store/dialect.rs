//! The few fragments of SQL that differ between databases. Everything else in this room is
//! written so that PostgreSQL understands it too: `$n` placeholders, `RETURNING`, `ON CONFLICT`,
//! `UPDATE … FROM`, `CASE` instead of a two-valued `min`, and explicit casts out of JSON.

/// The rows of a JSON array of arrays bound as `$1`, each as a column `value`. This turns many
/// rows into one statement with one static text.
macro_rules! json_rows {
    () => {
        "json_each($1)"
    };
}

pub(super) use json_rows;

/// The statement that opens a transaction which is going to write. SQLite's deferred default
/// would fail with "busy" on the first write after a read, and no time-out cures that.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// How a commit waits for the disk (SQLite, `PRAGMA synchronous`; set between transactions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    /// It is on the disk when the commit has returned.
    Always,
    /// The system writes it when it likes. It outlives the process, not a power failure, and
    /// with the next flushed commit it is on the disk too.
    Later,
}

impl Flush {
    pub(super) fn statement(self) -> &'static str {
        match self {
            Flush::Always => "PRAGMA synchronous = FULL",
            Flush::Later => "PRAGMA synchronous = NORMAL",
        }
    }
}

/// Whether the error says that the file is no database at all, or a damaged one
/// (`SQLITE_NOTADB`, `SQLITE_CORRUPT` and its extended codes).
pub(super) fn is_corrupt(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let primary = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
    matches!(primary, Some(11 | 26))
}
