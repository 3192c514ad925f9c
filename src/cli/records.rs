//! What people recorded about integrations that leave, from the database that a server may hold.

use crate::{
    app::{self, StartError},
    model::RemovalRecord,
    settings::{Secrets, Settings},
    store::{Records, StoreError},
    worker::{Beside, Kept},
};

/// What the database of these settings has; nothing where there is none.
///
/// # Errors
/// When it is there and cannot be read.
pub(super) async fn removals(settings: &Settings) -> Result<Vec<RemovalRecord>, StoreError> {
    if !settings.database.path.exists() {
        return Ok(Vec::new());
    }
    Records::open(&settings.database.path).await?.removal_records().await
}

/// What no forge tells, for a command that decides by itself.
///
/// # Errors
/// As [`removals`], and as [`app::client`].
pub(super) async fn beside(settings: &Settings, secrets: &Secrets) -> Result<Beside, StartError> {
    let kept = Kept::These(removals(settings).await?);
    Ok(Beside { kept, code: app::code_of(settings), asker: Some(app::asker(settings, secrets)?) })
}
