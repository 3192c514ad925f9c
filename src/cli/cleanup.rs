//! `steward cleanup` and `steward restore`: the end of an integration, and the way back.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use chrono::Utc;
use clap::{Args, Subcommand};

use super::{
    CliError,
    out::{counted, say},
    serve::stop_signal,
};
use crate::{
    app::{self, Client, StartError},
    catalog::Integration,
    cleanup::{self, CleanupError, Folder, Kept, OnForge, Proposal, Steps},
    forge::{LabelDefinition, LabelPlace},
    model::{ForgeKind, LabelName, State, Subject},
    pack::{Pack, lifecycle::CleanupPolicy},
    policy::{nearest, sanitize},
    settings::{Secrets, Settings},
};

#[derive(Debug, Subcommand)]
pub(super) enum CleanupCommand {
    /// What carries the label of an integration. Writes nothing
    List(ListArgs),
    /// Post that list on the integration's tracking issue, to be approved there
    Propose(ProposeArgs),
    /// Close what was listed and archive the label, once two people have approved
    ///
    /// Closes what was listed and archives the label, once two people have approved; where labels
    /// cannot be archived, it stays. Can be stopped at any time: run again, it goes on where it was.
    Run(IdArgs),
    /// Delete the label of a cleanup that has been done for a milestone
    DeleteLabel(IdArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Its key in the catalog, or the value of its label
    integration: String,
    /// Full path of a project that knows the label [default: `projects` of the forge]
    #[arg(long)]
    project: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ProposeArgs {
    #[command(flatten)]
    list: ListArgs,
    /// The tracking issue: its web address, or `group/project#12`
    #[arg(long)]
    issue: String,
}

#[derive(Debug, Args)]
pub(super) struct IdArgs {
    /// The name that `propose` gave it
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The restore file of a cleanup: <ID>.restore.json
    file: PathBuf,
}

/// What all of them need.
struct Desk {
    pack: Pack,
    policy: CleanupPolicy,
    client: Client,
    folder: Folder,
    settle: Duration,
    projects: Vec<String>,
    dry_run: bool,
}

impl Desk {
    fn new(settings: &Settings, secrets: &Secrets) -> Result<Self, CliError> {
        let pack = app::load_pack(settings).map_err(StartError::Policies)?;
        let policy = pack.lifecycle.cleanup.clone().ok_or_else(|| {
            CliError::Other("the policies have no `cleanup` in lifecycle.yml".to_owned())
        })?;
        let client = app::client(settings, secrets)?;
        Ok(Self {
            pack,
            policy,
            folder: Folder::beside(&settings.database.path),
            settle: Duration::from_secs(settings.worker.settle_seconds),
            projects: settings.projects(client.kind()).to_vec(),
            client,
            dry_run: settings.worker.dry_run,
        })
    }

    /// Refuses what would write to the forge while nothing may.
    fn may_write(&self) -> Result<(), CliError> {
        match self.dry_run {
            true => Err(CliError::Other(
                "`dry_run` in [worker] is on: nothing may be written to the forge".to_owned(),
            )),
            false => Ok(()),
        }
    }

    fn steps(&self) -> Steps<'_> {
        let (per_minute, settle) = (self.policy.per_minute, self.settle);
        let forge = self.client.housekeeping();
        Steps::new(forge, per_minute, settle, &Utc::now, &|line| say!("{}", sanitize(&line)))
    }

    fn integration(&self, name: &str) -> Result<&Integration, CliError> {
        let catalog = &self.pack.catalog;
        let found = catalog.integration(name).or_else(|| catalog.by_label_value(name));
        found.ok_or_else(|| {
            let keys = catalog.integrations().iter().map(|one| one.key.as_str());
            let near = nearest(name, keys).map(|near| format!("; did you mean `{near}`?"));
            CliError::Other(format!(
                "the catalog has no integration `{}`{}",
                sanitize(name),
                near.unwrap_or_default()
            ))
        })
    }

    /// The handles of the group that owns an integration.
    fn owners(&self, integration: &Integration) -> Vec<String> {
        let owner = self.pack.catalog.owner(integration);
        owner.map(|group| group.handles().map(str::to_owned).collect()).unwrap_or_default()
    }

    async fn listed(
        &self,
        args: &ListArgs,
    ) -> Result<(&Integration, LabelDefinition, Vec<Kept>), CliError> {
        let integration = self.integration(&args.integration)?;
        let prefix: &str = &self.pack.routing.label_prefix;
        let label = LabelName::new(format!("{prefix}{}", integration.label));
        let projects = match &args.project {
            Some(project) => vec![project.clone()],
            None => self.projects.clone(),
        };
        let steps = self.steps();
        let label = cleanup::definition(&steps, &projects, &label).await.map_err(told)?;
        let items = cleanup::list(&steps, &label).await.map_err(told)?;
        Ok((integration, label, items))
    }
}

pub(super) async fn run(
    command: CleanupCommand,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let desk = Desk::new(&settings, &secrets)?;
    if !matches!(command, CleanupCommand::List(_)) {
        desk.may_write()?;
    }
    match command {
        CleanupCommand::List(args) => list(&desk, &args).await?,
        CleanupCommand::Propose(args) => propose(&desk, &args).await?,
        CleanupCommand::Run(args) => tokio::select! {
            ended = carry_out(&desk, &args.id) => ended?,
            signal = stop_signal() => return Err(stopped(signal?)),
        },
        CleanupCommand::DeleteLabel(args) => {
            let calendar = desk.pack.calendar.as_ref().map(|one| &one.releases);
            let policy = (&desk.policy, calendar);
            cleanup::delete_label(&desk.folder, &args.id, policy, &mut desk.steps())
                .await
                .map_err(told)?;
            say!("The label is deleted. `steward restore` makes it anew, and sets it again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(desk: &Desk, args: &ListArgs) -> Result<(), CliError> {
    let (_, label, items) = desk.listed(args).await?;
    let open: Vec<&Kept> = items.iter().filter(|item| item.state == State::Open).collect();
    for item in &open {
        say!("{}  {}", item.subject.reference(), sanitize(&item.url));
    }
    let place = match &label.place {
        LabelPlace::Project(path) => format!("the project {path}"),
        LabelPlace::Group(path) => format!("the group {path}"),
    };
    say!(
        "{} open, of {} with the label `{}` of {place}.{}",
        counted(open.len(), "item is", "items are"),
        items.len(),
        sanitize(label.name.as_str()),
        match desk.client.kind() {
            ForgeKind::Gitlab => " Epics are not among them.",
            ForgeKind::Github => "",
        },
    );
    say!("Nothing was written.");
    Ok(())
}

async fn propose(desk: &Desk, args: &ProposeArgs) -> Result<(), CliError> {
    let tracking: Subject = desk.client.parse_subject(&args.issue).map_err(CliError::Other)?;
    let (integration, label, items) = desk.listed(&args.list).await?;
    let owners = desk.owners(integration);
    let posted_at = Utc::now();
    let proposal = Proposal::new(integration.key.as_str(), label, tracking, posted_at, items);
    let failed = |error: crate::forge::ForgeError| CliError::Other(error.to_string());
    let forge = desk.client.housekeeping();
    let me = forge.me().await.map_err(failed)?;
    let name = &proposal.label.name;
    let on_forge = OnForge {
        me: &me.username,
        archives: forge.archives_labels(),
        list: &|project, kind| forge.labelled_url(project, kind, name),
    };
    let facts = cleanup::facts(&proposal, &desk.policy, &owners, &on_forge);
    let text = desk
        .pack
        .words
        .comment_on(proposal.tracking.forge, "cleanup/list", facts)
        .map_err(|error| CliError::Other(error.to_string()))?;
    desk.folder.put_proposal(&proposal).map_err(told)?;
    forge.post_comment(&proposal.tracking, &text).await.map_err(failed)?;
    say!(
        "Posted on {}: {} to close. When two people have approved: steward cleanup run {}",
        proposal.tracking.reference(),
        counted(proposal.open().count(), "item", "items"),
        proposal.id,
    );
    Ok(())
}

async fn carry_out(desk: &Desk, id: &str) -> Result<(), CliError> {
    let proposal = desk.folder.proposal_of(id).map_err(told)?;
    let owners = desk.owners(desk.integration(&proposal.integration)?);
    let mut steps = desk.steps();
    let ended =
        cleanup::run(&desk.folder, id, &desk.policy, &owners, &mut steps).await.map_err(told)?;
    let archived = match (ended.archived, desk.client.housekeeping().archives_labels()) {
        (true, _) => "The label is archived.".to_owned(),
        (false, true) => "The label could not be archived; the journal says why.".to_owned(),
        (false, false) => format!(
            "{} archives no labels: it stays until `steward cleanup delete-label {id}`, from {} on.",
            desk.client.kind().name(),
            match desk.policy.delete_after.days() {
                Some(days) => {
                    let days = usize::try_from(days).unwrap_or(0);
                    format!("{} after this day", counted(days, "day", "days"))
                }
                None => "the beginning of the next milestone".to_owned(),
            },
        ),
    };
    say!(
        "{} closed, {} left alone, {} labelled since the list was posted. {archived}",
        ended.closed,
        ended.left,
        ended.since,
    );
    say!("To bring it all back: steward restore {}", ended.restore.display());
    Ok(())
}

pub(super) async fn restore(
    args: RestoreArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let desk = Desk::new(&settings, &secrets)?;
    desk.may_write()?;
    let mut steps = desk.steps();
    let restored = tokio::select! {
        restored = cleanup::restore(&args.file, &mut steps) => restored.map_err(told)?,
        signal = stop_signal() => return Err(stopped(signal?)),
    };
    for (subject, why) in &restored.failed {
        say!("{}: {}", subject.reference(), sanitize(why));
    }
    say!("{} brought back.", counted(restored.items, "item", "items"));
    Ok(if restored.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stopped(signal: &str) -> CliError {
    CliError::Other(format!("stopped by {signal}; the same command goes on where it was"))
}

fn told(error: CleanupError) -> CliError {
    CliError::Other(error.to_string())
}
