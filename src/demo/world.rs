//! The stage: a simulated GitLab or GitHub with a believable project, and Steward connected to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use chrono::Utc;
use secrecy::SecretString;

use super::{DemoError, PATIENCE};
use crate::{
    app::{self, App, StartError},
    forgesim::{
        Face, HookSettings, ItemKind, ItemView, NoteView, Sim, SimSettings, access,
        example::{PROJECT, believable_project},
        signing_token,
    },
    model::{ForgeKind, Subject, Topic},
    settings::{Secrets, Settings},
    store::AuditRow,
    temp_folder::TempFolder,
    words::Marker,
};

/// Steward's account in the story.
pub(super) const BOT: &str = "steward-bot";

#[derive(Debug)]
pub(super) struct World {
    pub(super) forge: ForgeKind,
    pub(super) sim: Sim,
    pub(super) app: App,
    seen: BTreeMap<Subject, Seen>,
    // The database's folder: removed when the demo ends.
    _folder: TempFolder,
}

/// What had been seen of an item when it was looked at last.
#[derive(Debug, Default)]
struct Seen {
    labels: Vec<String>,
    comments: Vec<(u64, String)>,
    audit: usize,
}

/// What came of a scene on one item.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) added: Vec<Touched>,
    pub(super) removed: Vec<Touched>,
    /// Steward's comments that are new or changed; whether each is new.
    pub(super) comments: Vec<(bool, String)>,
    pub(super) audit: Vec<AuditRow>,
}

/// A label that came or went.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) label: String,
    /// By whom.
    pub(super) by: String,
}

/// What came of the whole story.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) deliveries: usize,
    pub(super) calls: u64,
    pub(super) items: usize,
    pub(super) comments: usize,
}

impl World {
    pub(super) async fn set_up(forge: ForgeKind) -> Result<Self, DemoError> {
        let folder = TempFolder::new("steward-demo")?;
        let mut settings = Settings::default();
        settings.server.listen.set_port(0);
        settings.database.path = folder.path().join("steward.db");
        settings.worker.first_retry_ms = std::num::NonZeroU64::MIN.saturating_add(299);

        let face = match forge {
            ForgeKind::Gitlab => Face::Gitlab,
            ForgeKind::Github => Face::Github,
        };
        let sim = Sim::start(SimSettings { face, ..SimSettings::default() }).await?;
        let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
        let mut labels: BTreeSet<String> = BTreeSet::new();
        for integration in pack.catalog.integrations() {
            labels.insert(format!("{}{}", *pack.routing.label_prefix, integration.label));
        }
        labels.extend(pack.catalog.groups().filter_map(|group| group.label.clone()));
        labels.extend(pack.catalog.stages().map(|stage| stage.label.clone()));
        believable_project(&sim, &labels.into_iter().collect::<Vec<_>>())?;
        let bot = sim.add_user(BOT, "Steward");
        sim.add_group_member("example", &bot, access::DEVELOPER);

        settings.gitlab.url = sim.url().to_owned();
        settings.github.url = sim.url().to_owned();
        let signing = signing_token(b"a key that only the demo's GitLab and Steward know");
        let (token, key) = (SecretString::from(bot.token), SecretString::from(signing.clone()));
        let secrets = match forge {
            ForgeKind::Gitlab => Secrets {
                gitlab_token: Some(token),
                gitlab_signing_tokens: vec![key],
                ..Secrets::default()
            },
            ForgeKind::Github => Secrets {
                github_token: Some(token),
                github_webhook_secrets: vec![key],
                ..Secrets::default()
            },
        };
        let app = App::start(&settings, secrets).await?;
        let hook = HookSettings::new(format!("http://{}/hooks/{forge}", app.address()));
        let hook = match forge {
            ForgeKind::Gitlab => hook.signed_with(signing),
            ForgeKind::Github => hook.with_secret(signing),
        };
        sim.add_hook(PROJECT, hook);
        Ok(Self { forge, sim, app, seen: BTreeMap::new(), _folder: folder })
    }

    /// Waits until every webhook is delivered and Steward has nothing left to do.
    pub(super) async fn comes_to_rest(&self) -> Result<(), DemoError> {
        let started = Instant::now();
        loop {
            self.sim.settle().await;
            let stats = self.app.store().stats(Utc::now()).await?;
            if stats.ready + stats.waiting + stats.running == 0 {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                return Err(DemoError::Stuck);
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// What has come of an item since it was looked at last.
    pub(super) async fn news_of(&mut self, kind: ItemKind, iid: u64) -> Result<News, DemoError> {
        let (item, subject) = self.item(kind, iid)?;
        let audit = self.app.store().audit(&subject).await?;
        let comments: Vec<(u64, String)> =
            bot_comments(&item).into_iter().map(|note| (note.id, note.body.clone())).collect();
        let seen = self.seen.entry(subject).or_default();
        let missing = |from: &[String], of: &[String]| -> Vec<Touched> {
            of.iter()
                .filter(|label| !from.contains(label))
                .map(|label| Touched { label: label.clone(), by: last_hand(&item, label) })
                .collect()
        };
        let news = News {
            added: missing(&seen.labels, &item.labels),
            removed: missing(&item.labels, &seen.labels),
            comments: comments
                .iter()
                .filter(|comment| !seen.comments.contains(comment))
                .map(|(id, body)| (!seen.comments.iter().any(|(had, _)| had == id), body.clone()))
                .collect(),
            audit: audit.get(seen.audit..).unwrap_or_default().to_vec(),
        };
        *seen = Seen { labels: item.labels, comments, audit: audit.len() };
        Ok(news)
    }

    /// Looks at an item without telling: what people did to it is no news.
    pub(super) async fn looks_at(&mut self, kind: ItemKind, iid: u64) -> Result<(), DemoError> {
        self.news_of(kind, iid).await.map(drop)
    }

    pub(super) fn item(&self, kind: ItemKind, iid: u64) -> Result<(ItemView, Subject), DemoError> {
        let (item, subject) = match kind {
            ItemKind::Issue => (self.sim.issue(PROJECT, iid)?, Subject::gitlab_issue(PROJECT, iid)),
            ItemKind::MergeRequest => {
                (self.sim.merge_request(PROJECT, iid)?, Subject::gitlab_merge_request(PROJECT, iid))
            }
        };
        Ok((item, Subject { forge: self.forge, ..subject }))
    }

    pub(super) async fn sum(&self) -> Result<Sum, DemoError> {
        let inbox = self.app.store().inbox_counts().await?;
        let calls = self.sim.requests().counts.values().sum();
        let mut comments = 0;
        for subject in self.seen.keys() {
            let kind = match subject.kind {
                crate::model::SubjectKind::MergeRequest => ItemKind::MergeRequest,
                _ => ItemKind::Issue,
            };
            let (item, _) = self.item(kind, subject.number)?;
            let said = bot_comments(&item);
            let topic = |note: &&NoteView| Marker::of(&note.body).map(|marker| marker.topic);
            let topics: BTreeSet<Topic> = said.iter().filter_map(topic).collect();
            if topics.len() < said.len() {
                return Err(DemoError::Wrong(format!("a comment on {subject} is there twice")));
            }
            comments += said.len();
        }
        Ok(Sum {
            deliveries: usize::try_from(inbox.iter().map(|(_, count)| count).sum::<u64>())
                .unwrap_or(usize::MAX),
            calls,
            items: self.seen.len(),
            comments,
        })
    }
}

/// Who touched a label last.
fn last_hand(item: &ItemView, label: &str) -> String {
    let mut events = item.label_events.iter();
    let event = events.rfind(|event| event.label.as_deref() == Some(label));
    event.map(|event| event.user.clone()).unwrap_or_default()
}

pub(super) fn bot_comments(item: &ItemView) -> Vec<&NoteView> {
    item.comments_of(BOT)
}
