//! `--forge`, where a forge is simulated.

use clap::ValueEnum;

use crate::model::ForgeKind;

/// The forge that is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ForgeArg {
    Gitlab,
    Github,
}

impl From<ForgeArg> for ForgeKind {
    fn from(arg: ForgeArg) -> Self {
        match arg {
            ForgeArg::Gitlab => ForgeKind::Gitlab,
            ForgeArg::Github => ForgeKind::Github,
        }
    }
}
