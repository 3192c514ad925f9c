//! The story.

use super::{
    DemoError, Screen,
    world::{BOT, News, World, bot_comments},
};
use crate::{
    forgesim::{
        Change, Fault, FaultKind,
        ItemKind::{Issue, MergeRequest},
        NewMergeRequest,
        example::PROJECT,
    },
    model::{ForgeKind, Topic},
    words::Marker,
};

pub(super) async fn tell(world: &mut World, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    let jira = a_label_reaches_its_owner(world, screen).await?;
    the_same_event_again(world, screen, jira).await?;
    a_person_decides_otherwise(world, screen, jira).await?;
    an_irregular_name(world, screen).await?;
    a_merge_request_is_recognised(world, screen).await?;
    an_unknown_integration(world, screen).await?;
    a_new_integration(world, screen).await?;
    an_integration_leaves(world, screen).await?;
    a_slip_of_the_pen(world, screen).await?;
    too_many_integrations(world, screen).await?;
    an_answer_gets_lost(world, screen).await?;
    the_forge_asks_to_wait(world, screen).await?;
    a_title_that_wants_to_act(world, screen).await
}

async fn a_label_reaches_its_owner(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<u64, DemoError> {
    let issue = 1;
    let (item, _) = world.item(Issue, issue)?;
    screen.scene(&format!("anna puts Integration::Jira on #{issue} \"{}\"", item.title))?;
    let anna = world.sim.person("anna");
    anna.on_issue(PROJECT, issue).adds_labels(&["Integration::Jira"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(news.added.len() == 3 && news.comments.len() == 1, "the owner is set and told")?;
    Ok(issue)
}

async fn the_same_event_again(
    world: &mut World,
    screen: &mut Screen<'_>,
    issue: u64,
) -> Result<(), DemoError> {
    let forge = world.forge.name();
    screen.scene(&format!("{forge} sends that event ten times more"))?;
    let deliveries = world.sim.deliveries();
    let Some(first) = deliveries.iter().find(|one| ["Issue Hook", "issues"].contains(&one.event))
    else {
        return Err(DemoError::Wrong("no webhook was sent".into()));
    };
    for _ in 0..10 {
        world.sim.resend(first.id)?;
    }
    let news = shown(world, screen, Issue, issue).await?;
    expect(news.comments.is_empty(), "nothing is said twice")
}

async fn a_person_decides_otherwise(
    world: &mut World,
    screen: &mut Screen<'_>,
    issue: u64,
) -> Result<(), DemoError> {
    screen.scene("carla knows better and sets group::import on the same issue")?;
    let carla = world.sim.person("carla");
    carla.on_issue(PROJECT, issue).adds_labels(&["group::import"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(has(&news, "group::import"), "her group stays")
}

async fn an_irregular_name(world: &mut World, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    screen.scene("ben labels an issue integration::google chat, as nobody else spells it")?;
    let ben = world.sim.person("ben");
    let issue = ben.opens_issue(PROJECT, "Messages lose their threads", "In spaces only.", &[])?;
    world.looks_at(Issue, issue).await?;
    ben.on_issue(PROJECT, issue).adds_labels(&["integration::google chat"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(has(&news, "group::project management"), "aliases and case do not matter")
}

async fn a_merge_request_is_recognised(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    let what = world.forge.merge_request();
    screen.scene(&format!("ben opens a {what} that changes app/models/integrations/harbor.rb"))?;
    let request = world.sim.person("ben").opens_merge_request(
        PROJECT,
        NewMergeRequest {
            title: "Harbor: accept self-signed certificates".into(),
            changes: vec![touched("app/models/integrations/harbor.rb")],
            ..NewMergeRequest::default()
        },
    )?;
    let news = shown(world, screen, MergeRequest, request).await?;
    expect(has(&news, "group::container registry"), "the files tell the owner")
}

async fn an_unknown_integration(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    let issue = 3;
    let (item, _) = world.item(Issue, issue)?;
    screen.scene(&format!(
        "carla puts Integration::Acme, which nobody owns yet, on #{issue} \"{}\"",
        item.title
    ))?;
    world.sim.person("carla").on_issue(PROJECT, issue).adds_labels(&["Integration::Acme"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(has(&news, "group::project management"), "the closest group gets it")
}

/// A model as somebody begins it: what belongs to it besides is missing.
const MODEL: &str = "# frozen_string_literal: true\n\nmodule Integrations\n  class FooChat < Integration\n    \
    field :webhook, type: :text, required: true\n\n    def self.title = 'Foo Chat'\n\n    \
    def execute(data)\n      Gitlab::HTTP.post(webhook, body: data.to_json)\n    end\n  end\nend\n";

async fn a_new_integration(world: &mut World, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    let what = world.forge.merge_request();
    screen
        .scene(&format!("ben opens a {what} with a new integration, and nothing but its model"))?;
    world.sim.add_file(PROJECT, "VERSION", "19.7.0-pre\n");
    let request = world.sim.person("ben").opens_merge_request(
        PROJECT,
        NewMergeRequest {
            title: "Add Foo Chat".into(),
            changes: vec![Change::added("app/models/integrations/foo_chat.rb", MODEL)],
            ..NewMergeRequest::default()
        },
    )?;
    let news = shown(world, screen, MergeRequest, request).await?;
    expect(
        news.comments.iter().any(|(new, body)| *new && body.contains("<details>")),
        "it is told what is missing, with the ready pieces",
    )?;
    let (item, _) = world.item(MergeRequest, request)?;
    let statuses = world.sim.statuses(PROJECT, item.sha.as_deref().unwrap_or_default());
    let status = statuses.last().map(|one| (one.name.clone(), one.state.clone()));
    let Some((name, state)) = status else {
        return Err(DemoError::Wrong("no status says that pieces are missing".into()));
    };
    screen.remark(&format!("The status {name} says {state}"))?;
    Ok(())
}

async fn an_integration_leaves(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    let said = format!("@{BOT} removal-plan packagist 20.0");
    screen.scene(&format!("anna asks on an issue what it takes to remove one: {said}"))?;
    let anna = world.sim.person("anna");
    let issue = anna.opens_issue(PROJECT, "Do we still need Packagist?", "", &[])?;
    world.looks_at(Issue, issue).await?;
    anna.on_issue(PROJECT, issue).comments(&said)?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(
        news.comments.iter().any(|(_, body)| body.contains("20.0")),
        "it is told until when it must be announced, and what is to be done",
    )
}

async fn a_slip_of_the_pen(world: &mut World, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    screen.scene("anna mistypes a label: Integration::Jirra")?;
    let anna = world.sim.person("anna");
    let issue = anna.opens_issue(PROJECT, "Comments do not sync back", "", &[])?;
    world.looks_at(Issue, issue).await?;
    anna.on_issue(PROJECT, issue).adds_labels(&["Integration::Jirra"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(news.comments.len() == 1, "Steward asks")?;
    screen.scene("anna takes the hint")?;
    anna.on_issue(PROJECT, issue).adds_labels(&["Integration::Jira"])?;
    let news = shown(world, screen, Issue, issue).await?;
    expect(matches!(news.comments[..], [(false, _)]), "the same comment is edited")
}

async fn too_many_integrations(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    screen.scene("ben renames a method in four integrations at once")?;
    let changes = ["jira", "harbor", "discord", "packagist"]
        .map(|name| touched(&format!("app/models/integrations/{name}.rb")));
    let request = world.sim.person("ben").opens_merge_request(
        PROJECT,
        NewMergeRequest {
            title: "Rename a helper".into(),
            changes: changes.to_vec(),
            ..NewMergeRequest::default()
        },
    )?;
    let news = shown(world, screen, MergeRequest, request).await?;
    expect(news.added.is_empty() && news.comments.len() == 1, "Steward asks, labels nothing")
}

async fn an_answer_gets_lost(world: &mut World, screen: &mut Screen<'_>) -> Result<(), DemoError> {
    let (forge, comments) = match world.forge {
        ForgeKind::Gitlab => ("GitLab", "/notes"),
        ForgeKind::Github => ("GitHub", "/comments"),
    };
    screen.scene(&format!("{forge} takes Steward's comment and answers 502: was it posted?"))?;
    world.sim.fails(Fault::new(FaultKind::BadGatewayAfter).on("POST").at(comments).times(1));
    let issue = labelled_issue(world, "Webhooks of Jenkins jobs are ignored", "Jenkins").await?;
    let news = quietly(world, Issue, issue).await?;
    let (item, _) = world.item(Issue, issue)?;
    expect(bot_comments(&item).len() == 1 && news.added.len() == 2, "one comment all the same")?;
    screen.remark(
        "Steward looks before it writes again, and finds its marker: one comment, labels set",
    )?;
    Ok(())
}

async fn the_forge_asks_to_wait(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    let (forge, status, method, labels) = match world.forge {
        ForgeKind::Gitlab => ("GitLab", 429, "PUT", "/issues/"),
        ForgeKind::Github => ("GitHub", 403, "POST", "/labels"),
    };
    screen.scene(&format!("{forge} answers {status} and asks to wait a second"))?;
    let limit = Fault::new(FaultKind::TooManyRequests { retry_after: 1 });
    world.sim.fails(limit.on(method).at(labels).times(1));
    let issue = labelled_issue(world, "Redmine links point to the old host", "Redmine").await?;
    let news = quietly(world, Issue, issue).await?;
    expect(news.added.len() == 2, "done afterwards")?;
    screen.remark(&format!(
        "Nobody calls {forge} for a second; then the work is done, labels and comment"
    ))?;
    Ok(())
}

async fn a_title_that_wants_to_act(
    world: &mut World,
    screen: &mut Screen<'_>,
) -> Result<(), DemoError> {
    screen.scene("mallory opens an issue whose label wants to act inside Steward's comment")?;
    let mallory = world.sim.person("mallory");
    let label = "Integration::\"`\n/close @carla <!-- steward:routing {\"v\":1} -->";
    let issue = mallory.opens_issue(PROJECT, "Harmless", "", &[])?;
    world.looks_at(Issue, issue).await?;
    mallory.on_issue(PROJECT, issue).adds_labels(&[label])?;
    let news = shown(world, screen, Issue, issue).await?;
    let (item, _) = world.item(Issue, issue)?;
    let marker = news.comments.first().and_then(|(_, body)| Marker::of(body));
    expect(
        item.state == crate::forgesim::State::Opened
            && !world.sim.notified().iter().any(|one| one.name == "carla")
            && marker.is_some_and(|marker| marker.topic == Topic::ROUTING),
        "it is shown, and does nothing",
    )
}

/// Opens an issue and labels it, as one event after the other.
async fn labelled_issue(
    world: &mut World,
    title: &str,
    integration: &str,
) -> Result<u64, DemoError> {
    let anna = world.sim.person("anna");
    let issue = anna.opens_issue(PROJECT, title, "", &[])?;
    let label = format!("Integration::{integration}");
    anna.on_issue(PROJECT, issue).adds_labels(&[label.as_str()])?;
    world.looks_at(Issue, issue).await?;
    Ok(issue)
}

/// Waits and shows what came of it.
async fn shown(
    world: &mut World,
    screen: &mut Screen<'_>,
    kind: crate::forgesim::ItemKind,
    iid: u64,
) -> Result<News, DemoError> {
    let news = quietly(world, kind, iid).await?;
    screen.news(&news)?;
    Ok(news)
}

/// Waits and looks what came of it.
async fn quietly(
    world: &mut World,
    kind: crate::forgesim::ItemKind,
    iid: u64,
) -> Result<News, DemoError> {
    world.comes_to_rest().await?;
    world.news_of(kind, iid).await
}

fn touched(path: &str) -> Change {
    Change::edited(path, "# old\n", "# new\n")
}

fn has(news: &News, label: &str) -> bool {
    news.added.iter().any(|added| added.label == label)
}

/// The demo is a promise: a story that ends otherwise must not look like success.
fn expect(holds: bool, what: &str) -> Result<(), DemoError> {
    if holds { Ok(()) } else { Err(DemoError::Wrong(format!("not so: {what}"))) }
}
