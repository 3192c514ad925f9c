//! The list of a cleanup, made once from made-up facts before policies are taken.

use serde_json::{Value, json};

use crate::{pack::Pack, policy::PolicyErrors};

/// The facts of the template `cleanup/list`, made up; `owners` are handles, or nothing.
pub(crate) fn sample(owners: &str, archives: bool) -> Value {
    json!({
        "label": "Integration::Flowdock",
        "open": 2,
        "closed": 1,
        "places": [{
            "project": "example/product",
            "issues": 1,
            "merge_requests": 1,
            "issues_url": "https://gitlab.example.com/example/product/-/issues",
            "merge_requests_url": "https://gitlab.example.com/example/product/-/merge_requests",
        }],
        "canary": 2,
        "pause": 60,
        "me": "steward",
        "archives": archives,
        "merge_request": "merge request",
        "delete_after": (!owners.is_empty()).then_some(30),
        "next_milestone": owners.is_empty(),
        "id": "1a2b3c4d",
        "until": "2027-03-01 12:00 UTC",
        "owners": owners,
        "managers": "example/managers",
    })
}

/// Makes the list with and without known owners, and labels that can be put aside, where there are cleanups.
pub(super) fn rehearse(pack: &Pack, errors: &mut PolicyErrors) {
    if pack.lifecycle.cleanup.is_none() {
        return;
    }
    for (owners, archives) in [("@example/owners", true), ("@example/owners", false), ("", false)] {
        if let Err(error) = pack.words.comment("cleanup/list", sample(owners, archives)) {
            errors.push(pack.words.mistake(&error));
        }
    }
}
