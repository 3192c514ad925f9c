//! A believable project for the demo and the command.

use crate::forgesim::{Change, NewMergeRequest, Sim, SimError, access};

/// Path of the project that [`believable_project`] makes.
pub const PROJECT: &str = "example/product";

/// Makes the group `example` with the project [`PROJECT`], its people (anna triages,
/// ben contributes without being a member, carla is a product manager), the given
/// labels as labels of the group, and a few issues and merge requests.
///
/// # Errors
///
/// Only when the project already holds something that contradicts.
pub fn believable_project<L: AsRef<str>>(sim: &Sim, labels: &[L]) -> Result<(), SimError> {
    sim.add_project(PROJECT);
    for label in labels {
        sim.add_group_label("example", label.as_ref(), color(label.as_ref()));
    }
    for (username, name, level) in
        [("anna", "Anna Triager", access::PLANNER), ("carla", "Carla Product", access::DEVELOPER)]
    {
        let user = sim.add_user(username, name);
        sim.add_group_member("example", &user, level);
    }
    sim.add_user("ben", "Ben Contributor");
    let (anna, ben, carla) = (sim.person("anna"), sim.person("ben"), sim.person("carla"));
    sim.add_file(PROJECT, "README.md", "# Product\n\nIt integrates with other tools.\n");

    let jira = ben.opens_issue(
        PROJECT,
        "Jira: transitions fail when the workflow has spaces",
        "Moving an issue to **In review** answers 404 since the last update.",
        &[],
    )?;
    anna.on_issue(PROJECT, jira).comments("Thanks, I can reproduce this on our instance.")?;
    ben.opens_issue(
        PROJECT,
        "Slack notifications arrive twice",
        "Each pipeline posts two messages to the channel.",
        &[],
    )?;
    carla.opens_issue(
        PROJECT,
        "Proposal: an integration with Acme Chat",
        "Several customers ask for it. Who would own it?",
        &[],
    )?;
    ben.opens_merge_request(
        PROJECT,
        NewMergeRequest {
            title: "Add the Acme Chat integration".to_owned(),
            description: "First version: notifications only.".to_owned(),
            changes: vec![
                Change::added(
                    "app/models/integrations/acme_chat.rb",
                    "# frozen_string_literal: true\n\nmodule Integrations\n  \
                     class AcmeChat < Integration\n    def self.to_param\n      \
                     'acme_chat'\n    end\n  end\nend\n",
                ),
                Change::added(
                    "doc/user/project/integrations/acme_chat.md",
                    "---\ntitle: Acme Chat\n---\n\nSends notifications to Acme Chat.\n",
                ),
            ],
            ..NewMergeRequest::default()
        },
    )?;
    Ok(())
}

/// The colours that labels of these families have at GitLab.
fn color(label: &str) -> &'static str {
    if label.starts_with("group::") {
        "#A8D695"
    } else if label.starts_with("devops::") {
        "#E44D2A"
    } else {
        "#428BCA"
    }
}
