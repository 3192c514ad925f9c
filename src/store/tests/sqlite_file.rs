//! What only a file can be: locked, foreign, damaged, out of reach, copied.

use std::{fs, path::Path};

use super::*;
use crate::store::StoreError;

fn impatient() -> StoreOptions {
    StoreOptions { lock_patience: Duration::ZERO, ..StoreOptions::default() }
}

async fn refused(path: &Path) -> StoreError {
    Store::open(path, impatient()).await.expect_err("refused")
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let home = SqliteHome::new();
    let store = home.open().await;
    let error = refused(&home.path()).await;
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("steward.db") && error.to_string().contains("lock"));
    accept(&store, "a", 1, 0).await;
    store.close().await;
    let store = Store::open(&home.path(), impatient()).await.expect("free as soon as closed");
    assert_eq!(store.stats(at(0)).await.expect("stats").ready, 1);
}

#[tokio::test]
async fn migrations_run_once() {
    let home = SqliteHome::new();
    for n in 0..3 {
        let store = home.open().await;
        accept(&store, &format!("k{n}"), n, 0).await;
        store.close().await;
    }
    assert_eq!(home.open().await.stats(at(0)).await.expect("stats").ready, 3);
}

#[tokio::test]
async fn the_database_of_a_newer_steward_is_refused() {
    use sqlx::{Connection, SqliteConnection};
    let home = SqliteHome::new();
    home.open().await.close().await;
    let url = format!("sqlite://{}", home.path().display());
    let mut db = SqliteConnection::connect(&url).await.expect("a connection");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut db)
    .await
    .expect("inserted");
    db.close().await.expect("closed");
    let error = refused(&home.path()).await;
    assert!(matches!(error, StoreError::Migrate { .. }), "{error}");
    assert!(error.to_string().contains("newer"), "{error}");
}

#[tokio::test]
async fn a_file_of_another_kind_is_named() {
    let home = SqliteHome::new();
    fs::create_dir_all(home.path().parent().expect("a folder")).expect("made");
    fs::write(home.path(), "integration: jira\n".repeat(500)).expect("written");
    let error = refused(&home.path()).await;
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
    assert!(error.to_string().contains("steward.db"), "{error}");
    let kept = fs::read_to_string(home.path()).expect("still there");
    assert!(kept.starts_with("integration: jira"), "it is not touched");
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let home = SqliteHome::new();
    home.open().await.close().await;
    let mut bytes = fs::read(home.path()).expect("read");
    bytes[100..].fill(0xa5);
    fs::write(home.path(), bytes).expect("written");
    let error = refused(&home.path()).await;
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
    assert!(error.to_string().contains("steward.db"), "{error}");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let home = SqliteHome::new();
    let file = home.0.path().join("file");
    fs::write(&file, "x").expect("written");
    let error = refused(&file.join("steward.db")).await;
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("file"), "{error}");
    // A folder where the database should be.
    let folder = home.0.path().join("folder.db");
    fs::create_dir(&folder).expect("made");
    let error = refused(&folder).await;
    assert!(error.to_string().contains("folder.db"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = SqliteHome::new();
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let folder = fs::read_dir(home.path().parent().expect("a folder")).expect("listed");
    for file in folder {
        let file = file.expect("a file");
        let mode = file.metadata().expect("its mode").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
    }
}

/// What a power cut or `kill -9` leaves: the files as they are, in the middle of everything.
#[tokio::test]
async fn a_copy_taken_midway_has_all_that_was_answered() {
    let home = SqliteHome::new();
    let store = home.open().await;
    for n in 0..30 {
        accept(&store, &format!("k{n}"), n, 0).await;
    }
    let claims = store.claim(10, LEASE, at(1)).await.expect("claims");
    store.finish(&claims[0], ended(2, Next::Done)).await.expect("finished");
    record(&store, &claims[1], Uuid::now_v7(), false).await.expect("recorded");

    let copy = SqliteHome::new();
    fs::create_dir_all(copy.path().parent().expect("a folder")).expect("made");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", home.path().display());
        fs::copy(from, format!("{}{suffix}", copy.path().display())).expect("copied");
    }
    drop(store);
    let store = copy.open().await;
    let stats = store.stats(at(2)).await.expect("stats");
    assert_eq!((stats.ready, stats.running), (29, 0));
    for n in 0..30 {
        let again = store.accept(delivery(&format!("k{n}"), n, 3)).await.expect("answered");
        assert_eq!(again, Accepted::Duplicate);
    }
    assert_eq!(store.audit(&claims[1].subject).await.expect("rows").len(), 3);
}

/// The runtime is torn down while the writer is busy: as near to a kill as a test can come.
#[test]
fn a_runtime_that_dies_at_work_loses_nothing_answered() {
    let home = SqliteHome::new();
    let answered = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let store = runtime.block_on(home.open());
    for sender in 0..8u64 {
        let (store, answered) = (store.clone(), answered.clone());
        runtime.spawn(async move {
            for n in 0.. {
                let key = format!("{sender}-{n}");
                if let Ok(Accepted::New) = store.accept(delivery(&key, n, 0)).await {
                    answered.lock().expect("a lock").push(key);
                }
            }
        });
    }
    while answered.lock().expect("a lock").len() < 100 {
        std::thread::yield_now();
    }
    runtime.shutdown_background();
    drop(store);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = home.open().await;
        let answered = answered.lock().expect("a lock").clone();
        for key in &answered {
            let again = store.accept(delivery(key, 1, 0)).await.expect("answered");
            assert_eq!(again, Accepted::Duplicate, "{key}");
        }
    });
}

/// Statements that update from JSON must look rows up by their keys: a scan would be unnoticed
/// in small tests and ruinous in a large table.
#[tokio::test]
async fn no_statement_scans_a_table() {
    use sqlx::{Connection, Row, SqliteConnection};
    let home = SqliteHome::new();
    home.open().await.close().await;
    let url = format!("sqlite://{}", home.path().display());
    let mut db = SqliteConnection::connect(&url).await.expect("a connection");
    for text in crate::store::hot_statements() {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let mut query = sqlx::query(explain).bind("[]");
        for _ in (2..=9).filter(|place| text.contains(&format!("${place}"))) {
            query = query.bind(1);
        }
        for row in query.fetch_all(&mut db).await.expect(text) {
            let step: String = row.get("detail");
            let scans = step.starts_with("SCAN") && !step.contains("json_each");
            assert!(!scans && !step.contains("AUTOMATIC"), "{step}\nin {text}");
        }
    }
}

#[tokio::test]
async fn another_version_tries_again_what_was_put_aside() {
    let home = SqliteHome::new();
    let open = async |version: &str| {
        let options = StoreOptions { version: version.to_owned(), ..StoreOptions::default() };
        Store::open(&home.path(), options).await.expect("a store")
    };
    let store = open("1 a").await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 1).await;
    store.finish(&claim, ended(2, park())).await.expect("finished");
    drop(store);
    let store = open("1 a").await;
    assert_eq!(store.stats(at(3)).await.expect("stats").parked, 1, "nothing has changed");
    drop(store);
    let store = open("1 b").await;
    let claim = claim_one(&store, 3).await;
    assert_eq!((claim.attempts, claim.error), (0, None));
}

#[tokio::test]
async fn whoever_looks_cannot_keep_the_worker_from_its_clock() {
    let home = SqliteHome::new();
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let looking = [store.readers.acquire().await, store.readers.acquire().await];
    let due = tokio::time::timeout(Duration::from_secs(5), store.next_due()).await;
    assert_eq!(due.expect("no wait").expect("an answer"), Some(at(0)));
    drop(looking);
}
