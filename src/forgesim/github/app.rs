//! GitHub Apps: their signatures, installations and tokens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{Router, routing};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::StatusCode;
use octocrab::jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    context::{Answer, Caller, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    HookSettings, Sim, User, access,
    sim::Shared,
    webhooks::NO_PROJECT,
    world::{World, types::Time},
};

/// How long the token of an installation is good (GitHub, "Generating an installation access
/// token").
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// The events that an App is told of.
const EVENTS: [&str; 5] = ["issues", "issue_comment", "pull_request", "check_run", "check_suite"];

/// A GitHub App of a simulation, installed in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its number.
    pub id: u64,
    /// The number of its installation.
    pub installation: u64,
    /// The account as which it writes.
    pub user: User,
}

/// All Apps of a world.
#[derive(Default)]
pub(crate) struct Apps {
    apps: BTreeMap<u64, Record>,
    /// Token, account and end. Real time: clients compare it with their clock.
    tokens: BTreeMap<String, (u64, DateTime<Utc>)>,
}

struct Record {
    slug: String,
    /// The organization in which it is installed, and whose it is.
    owner: String,
    created_at: Time,
    installation: u64,
    user: u64,
    /// Whether its installation may write check runs.
    checks: bool,
    /// Its webhook.
    hook: Option<u64>,
    /// Permissions that it was not given, and events of which it is not told.
    withheld: BTreeSet<String>,
    /// Whether it is installed at all, and since when that is suspended.
    installed: bool,
    suspended: Option<Time>,
    key: DecodingKey,
}

impl Record {
    fn account(&self, world: &World) -> Value {
        let group = world.group_id(&self.owner).and_then(|id| world.groups.get(&id));
        group.map_or(Value::Null, |group| entities::organization_account(world, group))
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: Value,
    iat: i64,
    exp: i64,
}

impl Apps {
    /// The App that signed a token, if the signature and its times are right: it may hold for ten
    /// minutes at the most.
    pub(super) fn signed_by(&self, token: &str) -> Option<u64> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        self.apps.iter().find_map(|(id, app)| {
            let claims = decode::<Claims>(token, &app.key, &validation).ok()?.claims;
            let issuer = claims.iss.as_u64().or_else(|| claims.iss.as_str()?.parse().ok());
            let now = Utc::now().timestamp();
            let in_time = claims.iat <= now && claims.exp - now <= 600;
            (issuer == Some(*id) && in_time).then_some(*id)
        })
    }

    /// The App that writes as an account, and whether it may write check runs.
    pub(super) fn app_of(&self, user: u64) -> Option<(u64, bool)> {
        let found = self.apps.iter().find(|(_, app)| app.user == user);
        found.map(|(id, app)| (*id, app.checks))
    }

    /// An App as GitHub shows it; null for one that does not exist.
    pub(super) fn shown(&self, world: &World, id: u64) -> Value {
        let Some(record) = self.apps.get(&id) else { return Value::Null };
        json!({
            "id": id,
            "slug": record.slug,
            "node_id": entities::node("A", id),
            "owner": record.account(world),
            "name": record.slug,
            "description": null,
            "external_url": format!("{}/{}", world.web_url, record.slug),
            "html_url": format!("{}/apps/{}", world.web_url, record.slug),
            "created_at": entities::stamp(record.created_at),
            "updated_at": entities::stamp(record.created_at),
            "permissions": permissions(record),
            "events": events(record),
        })
    }

    /// The webhook of an App, and the number of its installation.
    pub(super) fn hook_of(&self, id: u64) -> Option<(u64, u64)> {
        let app = self.apps.get(&id)?;
        Some((app.hook?, app.installation))
    }

    /// The account behind the token of an installation.
    pub(super) fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).filter(|(_, end)| *end > Utc::now()).map(|(user, _)| *user)
    }
}

impl Sim {
    /// Adds a GitHub App, whose public key is given in PEM, and installs it in an organization with
    /// the right to write there. `None` when that is no RSA key.
    pub fn add_app(&self, slug: &str, owner: &str, public_key: &str) -> Option<App> {
        let key = DecodingKey::from_rsa_pem(public_key.as_bytes()).ok()?;
        let user = self.add_user(&format!("{slug}[bot]"), slug);
        self.add_group_member(owner, &user, access::DEVELOPER);
        let mut world = self.shared.world();
        let id = 7_000 + world.apps.apps.len() as u64;
        let (installation, created_at) = (90_000 + id, world.now());
        let (slug, owner) = (slug.to_owned(), owner.to_owned());
        let record = Record {
            slug,
            owner,
            created_at,
            installation,
            user: user.id,
            checks: true,
            hook: None,
            withheld: BTreeSet::new(),
            installed: true,
            suspended: None,
            key,
        };
        world.apps.apps.insert(id, record);
        Some(App { id, installation, user })
    }

    /// Gives an App a webhook, which is told of all repositories that the organization has now; returns
    /// its number.
    pub fn add_app_hook(&self, app: &App, settings: HookSettings) -> u64 {
        let hook = self.shared.outbox.add_hook(NO_PROJECT, settings);
        let mut world = self.shared.world();
        let Some(record) = world.apps.apps.get_mut(&app.id) else { return hook };
        record.hook = Some(hook);
        let owner = format!("{}/", record.owner.to_ascii_lowercase());
        let its = world.projects.values_mut();
        its.filter(|project| project.path.to_ascii_lowercase().starts_with(&owner))
            .for_each(|project| project.hooks.push(hook));
        hook
    }

    /// Takes the permission to write check runs from all Apps, as when nobody has accepted it yet.
    pub fn forbids_checks(&self) {
        let mut world = self.shared.world();
        world.apps.apps.values_mut().for_each(|app| app.checks = false);
    }

    /// Gives it back to all Apps, as when an owner has accepted it.
    pub fn allows_checks(&self) {
        let mut world = self.shared.world();
        world.apps.apps.values_mut().for_each(|app| app.checks = true);
    }

    /// Leaves an App without a permission or without an event, by GitHub's name for it.
    pub fn withholds(&self, app: &App, what: &str) {
        let mut world = self.shared.world();
        if let Some(record) = world.apps.apps.get_mut(&app.id) {
            record.withheld.insert(what.to_owned());
        }
    }

    /// Suspends an App where it is installed, or lets it in again.
    pub fn suspends(&self, app: &App, suspended: bool) {
        let mut world = self.shared.world();
        let now = world.now();
        world.apps.tokens.clear();
        if let Some(record) = world.apps.apps.get_mut(&app.id) {
            record.suspended = suspended.then_some(now);
        }
    }

    /// Takes an App off the organization.
    pub fn uninstalls(&self, app: &App) {
        let mut world = self.shared.world();
        world.apps.tokens.clear();
        if let Some(record) = world.apps.apps.get_mut(&app.id) {
            record.installed = false;
        }
    }

    /// Installs an App that was taken off: as another installation, whose number is returned.
    pub fn installs_again(&self, app: &App) -> u64 {
        let mut world = self.shared.world();
        let Some(record) = world.apps.apps.get_mut(&app.id) else { return 0 };
        (record.installed, record.installation) = (true, record.installation + 1_000);
        record.installation
    }

    /// Makes all tokens of installations invalid, as when an App is suspended and let in again.
    pub fn revoke_installation_tokens(&self) {
        self.shared.world().apps.tokens.clear();
    }
}

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/app", routing::get(show))
        .route("/app/hook/config", routing::get(hook_config))
        .route("/app/installations", routing::get(installations))
        .route("/app/installations/{id}/access_tokens", routing::post(mint))
        .route("/repos/{owner}/{repo}/installation", routing::get(of_repository))
}

pub(super) fn app(cx: &Context) -> Result<u64, ApiError> {
    let message = "A JSON web token could not be decoded";
    match cx.caller {
        Caller::App(id) => Ok(id),
        Caller::User(_) => Err(ApiError::new(StatusCode::UNAUTHORIZED, message)),
    }
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    match world.apps.shown(&world, app(&cx)?) {
        Value::Null => Err(ApiError::unauthorized()),
        shown => Ok(Context::json(StatusCode::OK, &shown)),
    }
}

/// What the App was allowed when it was installed.
fn permissions(record: &Record) -> Value {
    let checks = if record.checks { "write" } else { "read" };
    [
        ("checks", checks),
        ("contents", "read"),
        ("issues", "write"),
        ("members", "read"),
        ("metadata", "read"),
        ("pull_requests", "write"),
        ("statuses", "write"),
    ]
    .into_iter()
    .filter(|(name, _)| !record.withheld.contains(*name))
    .map(|(name, level)| (name.to_owned(), level.into()))
    .collect::<serde_json::Map<_, _>>()
    .into()
}

fn events(record: &Record) -> Vec<&'static str> {
    EVENTS.into_iter().filter(|event| !record.withheld.contains(*event)).collect()
}

/// Where the App's webhook leads; its secret is never shown.
async fn hook_config(cx: Context) -> Answer {
    let world = cx.world();
    let (hook, _) = world.apps.hook_of(app(&cx)?).ok_or_else(ApiError::not_found)?;
    let shown = world.outbox.read_hooks(&[hook], |hook, _| {
        let mut shown = json!({
            "url": hook.settings.url, "content_type": "json", "insecure_ssl": "0",
        });
        if hook.settings.secret_token.is_some() {
            shown["secret"] = "********".into();
        }
        shown
    });
    let shown = shown.first().ok_or_else(ApiError::not_found)?;
    Ok(Context::json(StatusCode::OK, shown))
}

fn installation(world: &World, record: &Record, id: u64) -> Value {
    let number = record.installation;
    let account = record.account(world);
    json!({
        "id": number,
        "app_id": id,
        "app_slug": record.slug,
        "target_id": account["id"],
        "target_type": account["type"],
        "account": account,
        "repository_selection": "all",
        "access_tokens_url": entities::api(world, &format!("app/installations/{number}/access_tokens")),
        "repositories_url": entities::api(world, "installation/repositories"),
        "html_url": format!("{}/organizations/{}/settings/installations/{number}", world.web_url, record.owner),
        "permissions": permissions(record),
        "events": events(record),
        "single_file_name": null,
        "created_at": entities::stamp(record.created_at),
        "updated_at": entities::stamp(record.created_at),
        "suspended_by": null,
        "suspended_at": record.suspended.map(entities::stamp),
    })
}

async fn installations(cx: Context) -> Answer {
    let world = cx.world();
    let id = app(&cx)?;
    let all: Vec<&Record> =
        world.apps.apps.get(&id).into_iter().filter(|record| record.installed).collect();
    cx.list(&all, |record| installation(&world, record, id))
}

async fn of_repository(cx: Context) -> Answer {
    let world = cx.world();
    let id = app(&cx)?;
    let record = world.apps.apps.get(&id).ok_or_else(ApiError::unauthorized)?;
    if !record.installed || !record.owner.eq_ignore_ascii_case(cx.path("owner")) {
        return Err(ApiError::not_found());
    }
    Ok(Context::json(StatusCode::OK, &installation(&world, record, id)))
}

async fn mint(cx: Context) -> Answer {
    let mut world = cx.world();
    let id = app(&cx)?;
    let record = world.apps.apps.get(&id).ok_or_else(ApiError::unauthorized)?;
    if !record.installed || record.installation != cx.path_number("id")? {
        return Err(ApiError::not_found());
    }
    if record.suspended.is_some() {
        let message = "This installation has been suspended";
        return Err(ApiError::new(StatusCode::FORBIDDEN, message));
    }
    let (token, end) = (format!("ghs_{}", Uuid::new_v4().simple()), Utc::now() + LIFETIME);
    let (user, permissions) = (record.user, permissions(record));
    world.apps.tokens.insert(token.clone(), (user, end));
    Ok(Context::json(
        StatusCode::CREATED,
        &json!({
            "token": token,
            "expires_at": end.to_rfc3339_opts(SecondsFormat::Secs, true),
            "permissions": permissions,
            "repository_selection": "all",
        }),
    ))
}
