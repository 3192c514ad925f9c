//! `steward forgesim`: the simulation as a server of its own.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

use crate::forgesim::{Face, HookSettings, Sim, SimError, SimSettings, access, example::PROJECT};

/// Labels that the command always offers.
const DEFAULT_LABELS: [&str; 3] =
    ["Integration::Jira", "group::project management", "devops::plan"];

/// Serve a simulated GitLab or GitHub, for trying Steward out and for benchmarks.
///
/// The group `example` has the labels Integration::Jira, group::project management and
/// devops::plan, and what --label adds. Nothing is kept when it ends.
#[derive(Debug, Clone, Args)]
pub struct ForgesimArgs {
    /// Where to listen; port 0 chooses a free one
    #[arg(long, default_value = "127.0.0.1:8929")]
    pub listen: SocketAddr,
    /// The forge that is simulated
    #[arg(long = "forge", value_enum, default_value_t = Face::Gitlab)]
    pub face: Face,
    /// Open this many issues with the label Integration::Jira in example/product
    #[arg(long, default_value_t = 0)]
    pub issues: u64,
    /// Add a label to the group example (repeatable)
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// Token of the user steward-bot
    #[arg(long, default_value = "glpat-sim-steward-bot")]
    pub token: String,
    /// Post webhooks to this address
    #[arg(long, value_name = "URL")]
    pub hook: Option<String>,
    /// Secret of the webhook: sent along by GitLab, signing on GitHub
    #[arg(long, requires = "hook", value_name = "TOKEN")]
    pub hook_secret: Option<String>,
    /// Signing token of a GitLab's webhook: whsec_ and a key in Base64
    #[arg(long, requires = "hook", value_name = "TOKEN")]
    pub hook_signing_token: Option<String>,
    /// Delay each API answer by this many milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub latency_ms: u64,
    /// How many deliveries may be under way at once; 1 keeps them in order
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub hook_concurrency: usize,
}

/// Starts the simulation that the arguments describe.
///
/// # Errors
///
/// When the address cannot be bound.
pub async fn start(args: &ForgesimArgs) -> Result<Sim, SimError> {
    let sim = Sim::start(SimSettings {
        listen: args.listen,
        face: args.face,
        latency: Duration::from_millis(args.latency_ms),
        hook_concurrency: args.hook_concurrency,
        ..SimSettings::default()
    })
    .await?;
    let bot = sim.add_user("steward-bot", "Steward");
    sim.add_token(&bot, &args.token, &["api"], None);
    sim.add_project(PROJECT);
    sim.add_group_member("example", &bot, access::MAINTAINER);
    for label in DEFAULT_LABELS.into_iter().chain(args.labels.iter().map(String::as_str)) {
        sim.add_group_label("example", label, "#428BCA");
    }
    let anna = sim.person("anna");
    for number in 1..=args.issues {
        let title = format!("Jira does not answer, case {number}");
        anna.opens_issue(PROJECT, &title, "Seen on our instance.", &["Integration::Jira"])?;
    }
    // The hook comes last: what was there before it is no news.
    if let Some(url) = &args.hook {
        let mut hook = HookSettings::new(url);
        hook.secret_token.clone_from(&args.hook_secret);
        hook.signing_token.clone_from(&args.hook_signing_token);
        sim.add_hook(PROJECT, hook);
    }
    Ok(sim)
}

/// What the operator is told when it listens.
fn ready(args: &ForgesimArgs, url: &str) -> String {
    let (name, prefix) = match args.face {
        Face::Gitlab => ("GitLab", "STEWARD_GITLAB"),
        Face::Github => ("GitHub", "STEWARD_GITHUB"),
    };
    let mut text = format!(
        "The simulated {name} listens on {url}\n  project {PROJECT}, {} issue{}\n",
        args.issues,
        if args.issues == 1 { "" } else { "s" }
    );
    if args.issues > 0 {
        text.push_str(&format!(
            "  try: {prefix}_URL={url} {prefix}_TOKEN={} steward plan '{PROJECT}#1'\n",
            args.token
        ));
    }
    text
}

/// Prints. Somebody who closed the output does not want the server to end for it.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Runs until SIGINT or SIGTERM.
///
/// # Errors
///
/// When the address cannot be bound.
pub async fn run(args: ForgesimArgs) -> Result<(), SimError> {
    let sim = start(&args).await?;
    print(&ready(&args, sim.url()));
    stop_signal().await;
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM will not be noticed");
            tokio::signal::ctrl_c().await.ok();
        }
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    tokio::signal::ctrl_c().await.ok();
}
