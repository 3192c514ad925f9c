//! `tracking` in `removals.yml`: how removals are recorded and tracked on issues.

use schemars::JsonSchema;
use serde::Deserialize;

use super::removals::Step;
use crate::{
    model::LabelName,
    policy::{Located, PolicyErrors, SourceFile, nearest},
};

/// How removals are recorded and tracked on issues.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingFile {
    /// Full paths of groups whose members may record, move and cancel every removal, and approve
    /// that the rules about milestones are not kept.
    pub managers: Vec<Located<String>>,
    /// Whether members of the group that owns an integration may record, move and cancel its removal.
    #[serde(default = "yes")]
    pub owners: bool,
    /// So many days before the last day of a step its owner is called once more.
    pub remind_days_before: u32,
    /// The address of an issue that shows all removals, and tells the managers once a milestone what is
    /// due and what is overdue; left out, there is none.
    #[serde(default)]
    pub digest: Option<Located<String>>,
    /// The issues that Steward opens itself; left out, it opens none.
    #[serde(default)]
    pub open: Option<OpenFile>,
}

/// The issues that Steward opens itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenFile {
    /// Whether `digest` opens one beside it for each removal of `removals.yml` that names none and that
    /// nobody has recorded on one.
    #[serde(default)]
    pub removals: Option<Located<bool>>,
    /// The steps that have an issue of their own beside the one that tracks the removal, by their keys.
    /// One is opened for each that is not done.
    #[serde(default)]
    pub steps: Vec<Located<String>>,
    /// Labels that they get besides the integration's own; one that the forge does not have is left out.
    #[serde(default)]
    pub labels: Vec<String>,
    /// So many are opened at one look at the most, and so many closed in a day.
    pub at_most: u32,
}

fn yes() -> bool {
    true
}

/// How removals are recorded and tracked on issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    /// Full paths of groups whose members may say all about every removal.
    pub managers: Vec<String>,
    /// Whether members of the group that owns an integration may record, move and cancel its removal.
    pub owners: bool,
    /// So many days before the last day of a step its owner is called once more.
    pub remind_days_before: u32,
    /// The address of the issue that shows all removals.
    pub digest: Option<String>,
    /// The issues that Steward opens itself.
    pub open: Opens,
}

/// The issues that Steward opens itself; by default none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opens {
    /// Whether there is one for each removal that nobody tracks.
    pub removals: bool,
    /// Keys of the steps that have one of their own.
    pub steps: Vec<String>,
    /// Labels that they get besides the integration's own.
    pub labels: Vec<LabelName>,
    /// So many are opened at one look at the most, and so many closed in a day.
    pub at_most: u32,
}

/// Reads what it says.
pub(super) fn tracking(
    file: &SourceFile,
    read: &TrackingFile,
    steps: &[Step],
    errors: &mut PolicyErrors,
) -> Tracking {
    let managers = read.managers.iter().map(|group| {
        let path = group.trim().trim_start_matches('@');
        if path.is_empty() || path.contains(char::is_whitespace) {
            let help = "expected the full path of one, such as group/managers".to_owned();
            errors.push(group.error(file, "`managers` names no group").with_help(help));
        }
        path.to_owned()
    });
    Tracking {
        managers: managers.collect(),
        owners: read.owners,
        remind_days_before: read.remind_days_before,
        digest: read.digest.as_ref().map(|url| url.trim().to_owned()),
        open: read.open.as_ref().map_or_else(Opens::default, |open| {
            opens(file, open, (read.digest.is_some(), steps), errors)
        }),
    }
}

fn opens(
    file: &SourceFile,
    read: &OpenFile,
    (has_digest, steps): (bool, &[Step]),
    errors: &mut PolicyErrors,
) -> Opens {
    let removals = read.removals.as_ref().filter(|wanted| wanted.value);
    if let Some(wanted) = removals.filter(|_| !has_digest) {
        let help = "name the issue beside which they are opened: `digest`".to_owned();
        let message = "there is no issue beside which those of removals could be opened";
        errors.push(wanted.error(file, message).with_help(help));
    }
    for key in &read.steps {
        if !steps.iter().any(|step| step.key == key.value) {
            let near = nearest(key, steps.iter().map(|step| step.key.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no step `{}`", key.value);
            errors.push(key.error(file, message).with_help(help));
        }
    }
    Opens {
        removals: removals.is_some(),
        steps: read.steps.iter().map(|key| key.value.clone()).collect(),
        labels: read.labels.iter().map(LabelName::new).collect(),
        at_most: read.at_most,
    }
}
