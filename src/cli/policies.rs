//! The policies that a command reads, where it need not be those of the settings.

use std::path::PathBuf;

use clap::Args;

use crate::{
    app::{self, StartError},
    pack::Pack,
    settings::Settings,
};

#[derive(Debug, Clone, Args)]
pub(super) struct PolicyArgs {
    /// The folder of policies [default: `dir` in [policies]]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// The folder is all there is; it is not laid over the built-in policies
    #[arg(long, requires = "policies")]
    alone: bool,
}

impl PolicyArgs {
    /// Loads them, by the settings where nothing else is named.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub(super) fn load(self, mut settings: Settings) -> Result<Pack, StartError> {
        if let Some(dir) = self.policies {
            settings.policies.dir = dir;
            settings.policies.built_in = settings.policies.built_in && !self.alone;
        }
        app::load_pack(&settings).map_err(StartError::Policies)
    }
}
