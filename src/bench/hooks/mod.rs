//! Webhooks as a forge sends them when somebody edits an issue: signed, some 12 KB. All bytes are made
//! before the clock runs.

mod github;
mod gitlab;

use std::net::SocketAddr;

use super::http::request;
use crate::model::ForgeKind;

/// Bytes of the description; it is in GitLab's payload three times, and in GitHub's twice.
const DESCRIPTION: usize = 3_000;

/// A delivery, ready to be sent as often as one likes.
#[derive(Debug)]
pub(super) struct Hook {
    /// The issue that it is about.
    pub(super) iid: u64,
    /// The whole request.
    pub(super) bytes: Vec<u8>,
}

/// One delivery for each of these issues, signed now.
pub(super) fn hooks(
    kind: ForgeKind,
    issues: impl IntoIterator<Item = u64>,
    forge: SocketAddr,
    secret: &str,
) -> Vec<Hook> {
    let hook = |iid| {
        let (headers, body) = match kind {
            ForgeKind::Gitlab => gitlab::delivery(iid, forge, secret),
            ForgeKind::Github => github::delivery(iid, forge, secret),
        };
        let path = format!("/hooks/{}", kind.as_str());
        Hook { iid, bytes: request("POST", &path, &headers, body.as_bytes()) }
    };
    issues.into_iter().map(hook).collect()
}

/// Text as people write it: paragraphs, code and quotes, so that JSON has to escape some.
fn description(iid: u64, remark: &str) -> String {
    const LINES: [&str; 4] = [
        "Transitions of issues fail when the \"workflow\" has spaces in its name.\n\n",
        "```\nPOST /rest/api/2/issue/KEY-7/transitions\n{\"transition\": {\"id\": \"31\"}}\n```\n",
        "- [ ] reproduced on a fresh instance\n- [x] logs attached\n",
        "> We see this with about one in three of our projects, always in the morning.\n\n",
    ];
    let mut text = format!("Case {iid}: {remark}\n\n");
    for line in LINES.iter().cycle() {
        if text.len() + line.len() > DESCRIPTION {
            break;
        }
        text.push_str(line);
    }
    text
}
