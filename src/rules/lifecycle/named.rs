//! What people mean when they name an integration or a milestone in a command.

use crate::{
    catalog::Integration,
    model::{Calendar, Version},
    rules::View,
};

/// So many integrations are offered in place of one that there is not.
const NEAR: usize = 3;

/// The integration with this key, name, label or name in the code, or those that may be meant.
///
/// # Errors
/// The nearest ones when there is none; perhaps nothing is near.
pub(crate) fn find<'a>(
    view: &View<'a>,
    text: &str,
) -> Result<&'a Integration, Vec<&'a Integration>> {
    let catalog = &view.pack.catalog;
    let value = view.pack.routing.value_of(text).unwrap_or(text);
    let by_name = || {
        let mut all = catalog.integrations().iter();
        all.find(|one| one.name.to_lowercase() == text.to_lowercase())
    };
    let found = catalog
        .integration(text)
        .or_else(|| catalog.by_label_value(value))
        .or_else(|| catalog.by_code_name(text))
        .or_else(by_name);
    found.ok_or_else(|| catalog.nearest(value, NEAR))
}

/// The releases before and behind a version that is none.
pub(crate) fn near_releases(calendar: &Calendar, version: Version) -> Vec<Version> {
    let releases = calendar.releases();
    let at = releases.partition_point(|one| one.version < version);
    let near = [at.checked_sub(1), Some(at)].into_iter().flatten();
    near.filter_map(|at| releases.get(at)).map(|one| one.version).collect()
}
