//! The state of a simulated GitLab, and the rules by which it changes.
//!
//! Everything that changes the world is a method here, used alike by the HTTP API
//! and by the people of a test, so that both have the same consequences: label
//! events, executed quick actions, notifications and webhooks.

pub mod access;
pub(crate) mod changes;
pub(crate) mod checks;
pub(crate) mod clock;
pub(crate) mod emoji;
pub(crate) mod items;
pub(crate) mod labels;
pub(crate) mod mentions;
pub(crate) mod merge_requests;
pub(crate) mod milestones;
pub(crate) mod notes;
pub(crate) mod order;
pub(crate) mod places;
pub(crate) mod quick_actions;
pub(crate) mod repository;
pub(crate) mod statuses;
pub(crate) mod types;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, VecDeque},
};

use crate::forgesim::{
    Face,
    error::SimError,
    github::Apps,
    webhooks::Outbox,
    world::{
        clock::Clock,
        types::{
            Group, Item, ItemKey, Label, Mention, Milestone, Project, Time, Token, UserRecord,
        },
    },
};

/// How many mentions are remembered; enough for any story, bounded for benchmarks.
const MENTIONS_KEPT: usize = 10_000;

/// All state of one simulated GitLab.
pub(crate) struct World {
    /// Which forge it looks like.
    pub(crate) face: Face,
    /// What only a GitHub has.
    pub(crate) apps: Apps,
    /// The address under which the server is reached, without trailing slash.
    pub(crate) web_url: String,
    pub(crate) clock: Clock,
    ids: Ids,
    pub(crate) users: BTreeMap<u64, UserRecord>,
    usernames: HashMap<String, u64>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) groups: BTreeMap<u64, Group>,
    group_paths: HashMap<String, u64>,
    pub(crate) projects: BTreeMap<u64, Project>,
    project_paths: HashMap<String, u64>,
    pub(crate) labels: HashMap<u64, Label>,
    pub(crate) milestones: BTreeMap<u64, Milestone>,
    pub(crate) mentions: VecDeque<Mention>,
    pub(crate) outbox: Outbox,
    /// Counts what may have changed the order of a list.
    changes: u64,
    orders: RefCell<order::Orders>,
}

/// Counters for ids. Each table starts somewhere else, so that code which
/// confuses an `iid` with an `id`, or a user with a project, is found out.
#[derive(Debug)]
struct Ids {
    user: u64,
    group: u64,
    project: u64,
    label: u64,
    milestone: u64,
    item: u64,
    note: u64,
    event: u64,
}

impl World {
    /// An empty world.
    pub(crate) fn new(face: Face, web_url: String, clock: Clock, outbox: Outbox) -> Self {
        Self {
            face,
            apps: Apps::default(),
            web_url,
            clock,
            ids: Ids {
                user: 100,
                group: 900,
                project: 40,
                label: 3_000,
                milestone: 600,
                item: 50_000,
                note: 700_000,
                event: 20_000,
            },
            users: BTreeMap::new(),
            usernames: HashMap::new(),
            tokens: HashMap::new(),
            groups: BTreeMap::new(),
            group_paths: HashMap::new(),
            projects: BTreeMap::new(),
            project_paths: HashMap::new(),
            labels: HashMap::new(),
            milestones: BTreeMap::new(),
            mentions: VecDeque::new(),
            outbox,
            changes: 0,
            orders: RefCell::default(),
        }
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Finds a project by numeric id or full path (in any case, as GitLab does).
    pub(crate) fn project_id(&self, reference: &str) -> Option<u64> {
        if let Ok(id) = reference.parse::<u64>() {
            return self.projects.contains_key(&id).then_some(id);
        }
        self.project_paths
            .get(reference)
            .or_else(|| self.project_paths.get(&reference.to_lowercase()))
            .copied()
    }

    /// Finds a group by numeric id or full path.
    pub(crate) fn group_id(&self, reference: &str) -> Option<u64> {
        if let Ok(id) = reference.parse::<u64>() {
            return self.groups.contains_key(&id).then_some(id);
        }
        self.group_paths.get(&reference.to_lowercase()).copied()
    }

    /// Finds a user by name, with or without the `@`.
    pub(crate) fn user_id(&self, username: &str) -> Option<u64> {
        let name = username.strip_prefix('@').unwrap_or(username);
        self.usernames.get(&name.to_lowercase()).copied()
    }

    pub(crate) fn item(&self, key: ItemKey) -> Result<&Item, SimError> {
        self.projects
            .get(&key.project)
            .and_then(|project| project.items(key.kind).get(&key.iid))
            .ok_or_else(|| self.no_item(key))
    }

    pub(crate) fn item_mut(&mut self, key: ItemKey) -> Result<&mut Item, SimError> {
        if self.item(key).is_err() {
            return Err(self.no_item(key));
        }
        self.changes += 1;
        self.projects
            .get_mut(&key.project)
            .and_then(|project| project.items_mut(key.kind).get_mut(&key.iid))
            .ok_or(SimError::NoProject(key.project.to_string()))
    }

    pub(crate) fn project(&self, id: u64) -> Result<&Project, SimError> {
        self.projects.get(&id).ok_or_else(|| SimError::NoProject(id.to_string()))
    }

    pub(crate) fn project_mut(&mut self, id: u64) -> Result<&mut Project, SimError> {
        self.changes += 1;
        self.projects.get_mut(&id).ok_or_else(|| SimError::NoProject(id.to_string()))
    }

    fn no_item(&self, key: ItemKey) -> SimError {
        SimError::NoItem {
            project: self
                .projects
                .get(&key.project)
                .map_or_else(|| key.project.to_string(), |project| project.path.clone()),
            kind: key.kind,
            iid: key.iid,
        }
    }

    fn remember_mention(&mut self, mention: Mention) {
        if self.mentions.len() == MENTIONS_KEPT {
            self.mentions.pop_front();
        }
        self.mentions.push_back(mention);
    }
}

/// Hands out the next number of a counter.
fn next(counter: &mut u64) -> u64 {
    *counter += 1;
    *counter
}

/// The id of one more item.
pub(crate) fn next_item_id(world: &mut World) -> u64 {
    next(&mut world.ids.item)
}
