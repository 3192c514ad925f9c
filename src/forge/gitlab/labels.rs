//! Looking a label up.

use gitlab::api::projects::labels::{Label, Labels};

use super::{built, payload, transport::Transport};
use crate::{
    forge::{ForgeError, shared::label_cache::Found},
    model::LabelName,
};

/// Asks GitLab for a label of a project or of the groups above it: the exact name first, since
/// that is one cheap call; when there is none, a search finds it in another spelling of case.
pub(super) async fn look_up(transport: Transport, project: String, name: LabelName) -> Found {
    // A name of dots only cannot stand in a path.
    if !name.as_str().is_empty() && name.as_str().chars().any(|c| c != '.') {
        let endpoint = built(Label::builder().project(&project).label(name.as_str()).build())?;
        match transport.get_json::<payload::Label>(&endpoint).await {
            // GitLab takes a number for an id first: `42` may answer with another label.
            Ok(label) if label.name == name.as_str() => {
                return Ok(Some(label.name.as_str().into()));
            }
            Ok(_) | Err(ForgeError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let endpoint = built(Labels::builder().project(&project).search(name.as_str()).build())?;
    let mut pages = transport.pages::<payload::Label>(&endpoint)?;
    let mut like = None;
    while let Some(page) = pages.next().await? {
        for label in page {
            let label = LabelName::new(label.name);
            if label == name {
                return Ok(Some(label));
            }
            if like.is_none() && label.same(&name) {
                like = Some(label);
            }
        }
    }
    Ok(like)
}
