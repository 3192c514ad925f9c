//! Issues, comments, accounts, repositories, … as GitHub's API shows them, with all the fields that
//! its OpenAPI description requires (held against it by `tests/contract/openapi.mjs`).

mod items;
mod people;
mod repository;

use chrono::SecondsFormat;
use serde_json::Value;

pub(super) use items::{comment, event, issue, label, lines, milestone, pull, reaction};
pub(super) use people::{account, collaborator, organization, organization_account, user};
pub(super) use repository::{commit, repository, whole_repository};

use crate::forgesim::world::{World, types::Time};

/// A time as GitHub writes it: whole seconds.
pub(super) fn stamp(time: Time) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Secs, true).into()
}

fn stamp_option(time: Option<Time>) -> Value {
    time.map_or(Value::Null, stamp)
}

/// What stands for a thing beside its number, so that no two are equal.
pub(super) fn node(kind: &str, id: u64) -> String {
    format!("{kind}_{id}")
}

/// Where the API shows something.
pub(super) fn api(world: &World, rest: &str) -> String {
    format!("{}/api/v3/{rest}", world.web_url)
}

pub(super) fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}
