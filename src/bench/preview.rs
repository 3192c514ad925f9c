//! What a preview takes: made-up open items in a mirror of their own, and one-line changes of the
//! built-in policies. One process, no forge: nothing but the mirror and deciding is measured.

use std::{
    sync::mpsc::sync_channel,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};

use super::{BenchError, Figure, Unit, process};
use crate::{
    forgesim::{MadeUp, Offer},
    mirror::{Cursor, Mirror, MirrorReader, NewItem, Place, feed},
    model::{
        ChangedFile, Changes, ForgeKind, LabelName, Person, Snapshot, State, Subject, SubjectKind,
    },
    pack::Pack,
    policy::{Origin, PolicySource, SourceFile},
    preview::{self, Comparer, Ledgers, Sides, Totals},
    temp_folder::TempFolder,
};

const PROJECT: &str = "example/product";
/// Items that are put into the mirror in one transaction.
const PAGE: u64 = 1000;
/// Items of which deciding alone is measured: they are held in memory.
const DECIDED: usize = 20_000;
/// Chunks that wait, as in the command.
const WAITING: usize = 8;
/// One-line changes: what they are, the file, and what stands there before and after.
const LINES: [(&str, &str, &str, &str); 2] = [
    (
        "an integration's group",
        "catalog/integrations/issue_trackers.yml",
        "    name: Jira issue integration\n    group: project_management",
        "    name: Jira issue integration\n    group: source_code",
    ),
    (
        "the closest group of a category",
        "routing.yml",
        "category: Notification Integrations\n      group: project_management",
        "category: Notification Integrations\n      group: source_code",
    ),
];

/// Measures previews of so many items.
///
/// # Errors
/// When the mirror cannot be made or read.
pub async fn preview(items: u64) -> Result<Vec<Figure>, BenchError> {
    let folder = TempFolder::new("steward-preview").map_err(BenchError::io("a folder"))?;
    let path = folder.path().join("mirror.db");
    let old = built_in(None)?;
    let named = |name: &str| format!("{name}, {items} items");
    let began = Instant::now();
    fill(&path, items, &old).await?;
    let mut figures = vec![seconds(named("filling the mirror"), began.elapsed())];

    let began = Instant::now();
    let mut reader = MirrorReader::open(&path, None).await.map_err(mirror)?;
    let projects = reader.projects().await.map_err(mirror)?;
    let mut bytes = 0;
    let mut some = Vec::new();
    loop {
        let rows = reader.next().await.map_err(mirror)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let snapshot: Snapshot = serde_json::from_str(&row.snapshot)
                .map_err(|error| BenchError::Json { what: row.subject.clone(), error })?;
            bytes += row.snapshot.len();
            if some.len() < DECIDED {
                let changes = row.changes.and_then(|text| serde_json::from_str(&text).ok());
                let facets = crate::model::Facets { changes, ..Default::default() };
                some.push(Snapshot { facets, ..snapshot });
            }
        }
    }
    figures.push(seconds(named("loading and parsing, one thread"), began.elapsed()));
    figures.push(Figure::new(
        named("size of a snapshot, bytes"),
        bytes as f64 / items.max(1) as f64,
        Unit::Count,
    ));

    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for (what, file, from, to) in LINES {
        let new = built_in(Some((file, from, to)))?;
        let mut sides = Sides::new(&old, &new, Utc::now(), Ledgers::Assumed);
        for project in &projects {
            sides.knows_labels(&project.project, project.labels.iter().cloned());
        }
        let rate = decisions(&sides, &some, threads);
        figures.push(Figure::new(
            named(&format!("decisions on {threads} threads, {what}")),
            rate,
            Unit::PerSecond,
        ));
        let began = Instant::now();
        let totals = whole(&path, &sides, threads).await?;
        figures.push(seconds(named(&format!("preview in all, {what}")), began.elapsed()));
        figures.push(Figure::new(
            named(&format!("items that change, {what}")),
            totals.changed as f64,
            Unit::Count,
        ));
    }
    if let Some(memory) = process::memory(std::process::id()) {
        figures.push(Figure::new(
            named("memory at most"),
            memory.peak as f64 / 1e6,
            Unit::Megabytes,
        ));
    }
    Ok(figures)
}

/// Decisions in a second on all cores: what is compared is in memory and parsed.
fn decisions(sides: &Sides<'_>, items: &[Snapshot], threads: usize) -> f64 {
    let share = items.len().div_ceil(threads.max(1)).max(1);
    let began = Instant::now();
    let made: u64 = std::thread::scope(|scope| {
        let compare = |items: Vec<Snapshot>| {
            let mut comparer = Comparer::new(sides);
            for item in items {
                // What was seen is measured elsewhere.
                drop(comparer.compare(item, None));
            }
            comparer.decided
        };
        let workers: Vec<_> = items
            .chunks(share)
            .map(|part| part.to_vec())
            .map(|part| scope.spawn(move || compare(part)))
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_default()).sum()
    });
    made as f64 / began.elapsed().as_secs_f64()
}

/// A preview as the command makes it, from the file to the totals.
async fn whole(
    path: &std::path::Path,
    sides: &Sides<'_>,
    threads: usize,
) -> Result<Totals, BenchError> {
    let mut reader = MirrorReader::open(path, None).await.map_err(mirror)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("a runtime"))?;
    let (sender, chunks) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let fed = scope.spawn(move || runtime.block_on(feed(&mut reader, None, &sender)));
        let totals = preview::run(sides, chunks, threads, 20, &|_| ());
        match fed.join() {
            Ok(fed) => fed.map(|()| totals).map_err(mirror),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The forge of the made-up items.
fn place() -> Place {
    Place::made_up(ForgeKind::Gitlab)
}

async fn fill(path: &std::path::Path, items: u64, pack: &Pack) -> Result<(), BenchError> {
    let offer = offer(pack);
    let file = Mirror::open(path, place()).await.map_err(mirror)?;
    let mut labels: Vec<LabelName> = offer
        .routed
        .iter()
        .flatten()
        .chain(&offer.others)
        .map(|label| LabelName::new(label.as_str()))
        .chain(pack.catalog.groups().filter_map(|group| group.label_name()))
        .chain(pack.catalog.stages().map(|stage| LabelName::new(stage.label.as_str())))
        .collect();
    labels.sort();
    labels.dedup();
    file.put_labels(PROJECT, &labels).await.map_err(mirror)?;
    let now = Utc::now();
    for first in (1..=items).step_by(PAGE as usize) {
        let numbers = first..=items.min(first + PAGE - 1);
        let cursor = Cursor { generation: 1, full: true, ..Cursor::default() };
        for kind in [SubjectKind::Issue, SubjectKind::MergeRequest] {
            let made = numbers.clone().map(|number| (number, MadeUp::number(number, &offer)));
            let made: Vec<Snapshot> = made
                .filter(|(_, item)| item.is_merge_request == (kind == SubjectKind::MergeRequest))
                .map(|(number, item)| snapshot(kind, number, item, now))
                .collect();
            if kind == SubjectKind::MergeRequest {
                for snapshot in &made {
                    file.put_changes(snapshot, &files(snapshot)).await.map_err(mirror)?;
                }
            }
            let page: Result<Vec<NewItem>, _> = made.into_iter().map(NewItem::of).collect();
            let page = page.map_err(mirror)?;
            file.save_page(PROJECT, kind, &page, &cursor).await.map_err(mirror)?;
        }
    }
    file.put_synced(PROJECT, now).await.map_err(mirror)?;
    file.close().await;
    Ok(())
}

/// All integrations of the pack with their owners' labels, some names that it does not know, and
/// labels that have nothing to do with it.
fn offer(pack: &Pack) -> Offer {
    let prefix: &str = &pack.routing.label_prefix;
    let mut routed: Vec<Vec<String>> = pack
        .catalog
        .integrations()
        .iter()
        .map(|integration| {
            let owner = pack.catalog.owner(integration);
            let stage = owner.and_then(|owner| pack.catalog.stage_of(&owner.key));
            [format!("{prefix}{}", integration.label)]
                .into_iter()
                .chain(owner.and_then(|owner| owner.label.clone()))
                .chain(stage.map(|stage| stage.label.clone()))
                .collect()
        })
        .collect();
    for unknown in ["Zorgle", "Quuxly", "Wibblenet"] {
        routed.push(vec![format!("{prefix}{unknown}")]);
    }
    let others = ["bug", "feature", "frontend", "backend", "severity::3", "priority::2", "docs"];
    Offer { routed, others: others.map(str::to_owned).to_vec(), ..Offer::default() }
}

fn snapshot(kind: SubjectKind, number: u64, item: MadeUp, now: chrono::DateTime<Utc>) -> Snapshot {
    let subject = Subject { kind, ..Subject::gitlab_issue(PROJECT, number) };
    let at = now - TimeDelta::minutes(i64::try_from(number % 500_000).unwrap_or_default());
    Snapshot {
        url: format!("https://gitlab.example.com/{PROJECT}/-/issues/{number}"),
        subject,
        title: item.title,
        description: item.description,
        state: State::Open,
        draft: false,
        author: Person { id: 7, username: "ben".into(), name: "Ben Contributor".into() },
        labels: item.labels.into_iter().map(LabelName::new).collect(),
        milestone: None,
        created_at: at,
        updated_at: at,
        head: (kind == SubjectKind::MergeRequest).then(|| format!("{number:040x}")),
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(Default::default()),
        weight: None,
        confidential: false,
        facets: Default::default(),
    }
}

/// A few files, none of an integration.
fn files(snapshot: &Snapshot) -> Changes {
    let number = snapshot.subject.number;
    let file = |at: u64| ChangedFile {
        path: format!("app/models/part_{}/file_{at}.rb", number % 97),
        ..ChangedFile::default()
    };
    Changes { files: (0..1 + number % 7).map(file).collect(), complete: true }
}

fn built_in(line: Option<(&str, &str, &str)>) -> Result<Pack, BenchError> {
    let mut source = PolicySource::built_in();
    if let Some((path, from, to)) = line {
        let text = source.file(path).map(|file| file.text.replacen(from, to, 1));
        let text = text.unwrap_or_default();
        source.insert(SourceFile::new(path, Origin::BuiltIn, text));
    }
    crate::app::load(&source).map_err(|errors| BenchError::Other(errors.to_string()))
}

fn seconds(name: String, took: Duration) -> Figure {
    Figure::new(name, took.as_secs_f64() * 1e3, Unit::Milliseconds)
}

fn mirror(error: crate::mirror::MirrorError) -> BenchError {
    BenchError::Other(error.to_string())
}
