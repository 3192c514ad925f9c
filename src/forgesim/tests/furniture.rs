//! The example project and the command that serves it.

use clap::Parser;

use super::{Stage, Story};
use crate::forgesim::{
    command::{self, ForgesimArgs},
    example,
};

#[tokio::test]
async fn the_example_is_peopled_and_uses_the_callers_labels() -> Story {
    let stage = Stage::new().await?;
    let labels = ["Integration::Jira", "group::import"];
    example::believable_project(&stage.sim, &labels)?;
    assert_eq!(stage.sim.labels(example::PROJECT), labels);
    assert_eq!(stage.sim.issue(example::PROJECT, 1)?.comments_of("anna").len(), 1);
    assert!(stage.sim.merge_request(example::PROJECT, 1)?.sha.is_some());
    Ok(())
}

/// The arguments, as the command line reads them.
#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: ForgesimArgs,
}

#[tokio::test]
async fn the_command_preloads_issues() -> Story {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let line = ["forgesim", "--listen", "127.0.0.1:0", "--issues", "30", "--token", "t0ken"];
    let sim = command::start(&Line::try_parse_from(line)?.args).await?;
    let list = format!("{}/api/v4/projects/example%2Fproduct/issues", sim.url());
    let answer = reqwest::Client::new()
        .get(format!("{list}?labels=Integration::Jira&per_page=100"))
        .header("PRIVATE-TOKEN", "t0ken")
        .send()
        .await?
        .error_for_status()?;
    assert_eq!(answer.json::<Vec<serde_json::Value>>().await?.len(), 30);
    Ok(())
}
