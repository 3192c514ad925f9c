//! What checklists cost: `cargo bench --bench checks [-- FILES]`.
//!
//! A repository of 90,000 files (or as many as are named) is made in a folder of its own, with the
//! base of `tests/cases/newcomers` in it and a branch that adds one of its integrations and changes
//! other files, sixty in all. Measured are `steward check` as a person runs it, and the way from a
//! snapshot to a plan as a server goes it, and the removal ledger of 100 integrations that leave. Times
//! are printed and never judged.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use chrono::Utc;
use serde::Deserialize;
use steward::{
    checkout::{Checkout, Told},
    model::{Ledger, Person, Plan, Snapshot},
    pack::Pack,
    plan::{self, Decision},
    policy::{Origin, PolicySource, SourceFile, parse},
};

/// Files of the repository, but for those that name another number.
const FILES: usize = 90_000;
/// Files that the change touches.
const CHANGED: usize = 60;
/// Integrations that leave.
const LEAVING: usize = 100;
/// Files that the integration itself brings or changes are told by its case.
const CASE: &str = "beacon";
const ROUNDS: usize = 11;
const MERGE_REQUEST: &str = "https://gitlab.example.com/gitlab-org/gitlab/-/merge_requests/42";

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    let files = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(FILES);
    let folder = std::env::temp_dir().join(format!("steward-checks-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = measure(&folder, files);
    fs::remove_dir_all(&folder)?;
    outcome
}

fn measure(folder: &Path, files: usize) -> Done<()> {
    let changed = make(folder, files)?;
    println!("a repository of {files} files, {changed} of them changed; {ROUNDS} rounds each\n");
    told("git status", rounds(|| run(folder, "git", &["status", "--short"]))?);
    let binary = env!("CARGO_BIN_EXE_steward");
    let check = ["check", "--merge-request", MERGE_REQUEST, "--milestone", "18.10"];
    told("steward check", rounds(|| run(folder, binary, &check))?);
    let no_file = ["check", "--base", "HEAD"];
    told("steward check, only what is not committed", rounds(|| run(folder, binary, &no_file))?);

    let policies = folder.join("policies");
    record(&policies)?;
    let policies = policies.display().to_string();
    let ledger = ["removals", "--policies", &policies, "--format", "json"];
    told("steward removals, 100 integrations", rounds(|| run(folder, binary, &ledger))?);

    let pack = Pack::load(&PolicySource::built_in()).map_err(|errors| errors.to_string())?;
    let (snapshot, first) = filled(folder, &pack)?;
    told("snapshot to plan, the first of a process", vec![first]);
    let sheet = rounds(|| decide(&snapshot, &pack).map(drop))?;
    told("snapshot to plan, later ones", sheet);
    if let Decision::Plan(plan) = decide(&snapshot, &pack)? {
        println!("\nthe plan: {} actions, {}", plan.actions.len(), size(&plan));
    }
    Ok(())
}

fn size(plan: &Plan) -> String {
    let bytes = format!("{plan:?}").len();
    format!("{} kB in words", bytes / 1000)
}

fn rounds(mut one: impl FnMut() -> Done<()>) -> Done<Vec<Duration>> {
    one()?;
    (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            one()?;
            Ok(began.elapsed())
        })
        .collect()
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
    if let (Some(first), Some(last), Some(median)) =
        (times.first(), times.last(), times.get(times.len() / 2))
    {
        println!("{what:<48} {:8.1} ms ({:.1} to {:.1})", ms(median), ms(first), ms(last));
    }
}

/// An exit code of 1 says that something is missing, not that it failed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Done<()> {
    let output = Command::new(program).args(arguments).current_dir(folder).output()?;
    match output.status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!("{program} {arguments:?}: {output:?}").into()),
    }
}

/// The change as a server has it when it decides: all that was asked for is read.
fn filled(folder: &Path, pack: &Pack) -> Done<(Snapshot, Duration)> {
    let mut checkout = Checkout::open(folder, Some("main"), false)?;
    let told = Told {
        url: Some(MERGE_REQUEST.to_owned()),
        milestone: Some("18.10".to_owned()),
        labels: Vec::new(),
    };
    let mut snapshot = checkout.snapshot(&told);
    let mut first = Duration::ZERO;
    loop {
        let began = Instant::now();
        let decision = decide(&snapshot, pack)?;
        first += began.elapsed();
        match decision {
            Decision::Plan(_) => return Ok((snapshot, first)),
            Decision::Needs(facets) => {
                for (facet, value) in checkout.read(&facets)? {
                    snapshot.fill(&facet, value);
                }
            }
        }
    }
}

fn decide(snapshot: &Snapshot, pack: &Pack) -> Done<Decision> {
    let me = Person { id: 1, username: "steward".to_owned(), name: "Steward".to_owned() };
    let ledger = Ledger { known: true, ..Ledger::default() };
    Ok(plan::decide(snapshot, &ledger, pack, &me, Utc::now())?)
}

#[derive(Deserialize)]
struct Case {
    metrics: String,
    adds: BTreeMap<String, String>,
    inserts: Vec<Insert>,
}

#[derive(Deserialize)]
struct Insert {
    file: String,
    before: String,
    text: String,
}

#[derive(Deserialize)]
struct Metric {
    kinds: BTreeMap<String, String>,
    text: String,
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Done<T> {
    let text = fs::read_to_string(path)?;
    let file = SourceFile::new(path.display().to_string(), Origin::BuiltIn, text);
    Ok(parse(&file).map_err(|error| error.to_string())?)
}

/// Makes the repository and the change, and tells how many files it touches.
fn make(folder: &Path, files: usize) -> Done<usize> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/newcomers");
    let mut base = BTreeMap::new();
    collect(&cases.join("base"), &cases.join("base"), &mut base)?;
    let class =
        "class Thing\n  def call(argument)\n    argument.to_s.strip\n  end\nend\n".repeat(8);
    for number in 0..LEAVING {
        base.extend(leaving(&format!("leaving_{number}"), &format!("Leaving{number}")));
    }
    for number in 0..files.saturating_sub(base.len()) {
        let path =
            format!("lib/part{}/group{}/thing_{number}.rb", number / 1000, number / 10 % 100);
        base.insert(path, format!("# {number}\n{class}"));
    }
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    import(folder, &base)?;
    git(folder, &["reset", "--quiet", "--hard", "main"])?;
    git(folder, &["checkout", "--quiet", "-b", "change"])?;

    let mut change = newcomer(&cases, &base)?;
    let others = base.keys().filter(|path| path.starts_with("lib/part"));
    for path in others.take(CHANGED.saturating_sub(change.len())) {
        let text = base.get(path).cloned().unwrap_or_default();
        change.insert(path.clone(), text.replace("to_s.strip", "to_s.strip.freeze"));
    }
    for (path, text) in &change {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message=Add an integration"])?;
    Ok(change.len())
}

/// The files of an integration that was removed and is to be cleaned up.
fn leaving(name: &str, class: &str) -> BTreeMap<String, String> {
    let page = "---\nstage: none\ntitle: The one (removed)\n---\n\nText.\n";
    let entry =
        "- title: The one\n  announcement_milestone: \"18.7\"\n  removal_milestone: \"19.0\"\n";
    let mut files = BTreeMap::from([
        (
            format!("app/models/integrations/{name}.rb"),
            format!("module Integrations\n  class {class} < Integration\n  end\nend\n"),
        ),
        (format!("doc/user/project/integrations/{name}.md"), page.to_owned()),
        (format!("data/deprecations/18-7-{name}.yml"), entry.to_owned()),
        (
            format!("db/post_migrate/20260501000000_remove_{name}_records.rb"),
            "class X\nend\n".to_owned(),
        ),
        (
            format!("spec/models/integrations/{name}_spec.rb"),
            format!("RSpec.describe Integrations::{class} do\nend\n"),
        ),
    ]);
    for kind in ["projects", "projects_inheriting", "groups", "groups_inheriting", "instances"] {
        let path = format!("config/metrics/counts_all/20210216175600_{kind}_{name}_active.yml");
        let text = format!(
            "---\nkey_path: counts.{kind}_{name}_active\nstatus: removed\nmilestone_removed: '19.0'\n\
             removed_by_url: https://gitlab.example.com/-/merge_requests/1\n"
        );
        files.insert(path, text);
    }
    files
}

/// Policies that record them, laid over the built-in ones.
fn record(folder: &Path) -> Done<()> {
    let mut catalog = String::from("category: Leaving\nintegrations:\n");
    let mut removals = String::from("removals:\n");
    for number in 0..LEAVING {
        let name = format!("leaving_{number}");
        writeln!(
            catalog,
            "  {name}: {{ name: Leaving {number}, group: project_management, rationale: It leaves, \
             kind: model, label: Leaving{number}, code_names: [{name}] }}"
        )?;
        writeln!(
            removals,
            "  {name}: {{ announced: \"18.7\", removal: \"19.0\", \
             entry: data/deprecations/18-7-{name}.yml }}"
        )?;
    }
    fs::create_dir_all(folder.join("catalog/integrations"))?;
    fs::write(folder.join("catalog/integrations/leaving.yml"), catalog)?;
    fs::write(folder.join("removals.yml"), removals)?;
    Ok(())
}

/// The files of the integration, as its case tells them.
fn newcomer(cases: &Path, base: &BTreeMap<String, String>) -> Done<BTreeMap<String, String>> {
    let case: Case = read(&cases.join(CASE).join("case.yml"))?;
    let metric: Metric = read(&cases.join("metric.yml"))?;
    let fill = |text: &str| text.replace("{name}", CASE).replace("{title}", "Beacon");
    let mut change = case.adds;
    for (kind, class) in &metric.kinds {
        let path = format!("{}/20260601120000_{kind}_{{name}}_active.yml", case.metrics);
        let text = metric.text.replace("{kind}", kind).replace("{metric}", class);
        change.insert(fill(&path), fill(&text));
    }
    for insert in case.inserts {
        let had = change.get(&insert.file).or_else(|| base.get(&insert.file));
        let text = had.ok_or_else(|| format!("no file {}", insert.file))?;
        let before = format!("{}\n", insert.before);
        let text = text.replacen(&before, &format!("{}{before}", insert.text), 1);
        change.insert(insert.file, text);
    }
    Ok(change)
}

fn collect(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) -> Done<()> {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            collect(root, &path, into)?;
        } else {
            let name = path.strip_prefix(root)?.display().to_string();
            into.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// One commit of all files, without touching the working tree.
fn import(folder: &Path, files: &BTreeMap<String, String>) -> Done<()> {
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()?;
    let mut stream = String::from(
        "commit refs/heads/main\ncommitter A <a@example.com> 1760000000 +0000\ndata 4\nBase\n",
    );
    for (path, text) in files {
        write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
    }
    let mut input = child.stdin.take().ok_or("no way to write to git")?;
    input.write_all(stream.as_bytes())?;
    drop(input);
    if child.wait()?.success() { Ok(()) } else { Err("git fast-import failed".into()) }
}

fn git(folder: &Path, arguments: &[&str]) -> Done<()> {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let status = Command::new("git").args(who).args(arguments).current_dir(folder).status()?;
    if status.success() { Ok(()) } else { Err(format!("git {arguments:?} failed").into()) }
}
