//! What no forge tells: what people recorded about integrations that leave, which Steward keeps, and
//! how far these are by the product's files, of which there is a copy.

use std::sync::Arc;

use chrono::Utc;

use crate::{
    forge::Forge,
    model::{Facet, FacetValue, RemovalRecord, Standing, StandingOf},
    pack::Pack,
    removals::{self, Asked, Asker, Code, RemovalsError},
    store::{Store, StoreError},
};

const NOBODY: &str = "nobody looks at the product's code here";

/// Where facets are read from that no forge tells.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What people recorded.
    pub kept: Kept,
    /// Where the product's code lies, if anywhere.
    pub code: Code,
    /// Asks the forge about the labels of integrations that leave; without it nobody does.
    pub asker: Option<Asker>,
}

/// What people recorded about integrations that leave.
#[derive(Debug, Clone)]
pub enum Kept {
    /// In a database, which may change.
    In(Store),
    /// These.
    These(Vec<RemovalRecord>),
}

/// Where facets are read from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// What the forge tells.
    pub forge: &'a dyn Forge,
    /// And what it does not; without it nothing is recorded and nobody can tell how far anything is.
    pub beside: Option<&'a Beside>,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("beside", &self.beside).finish_non_exhaustive()
    }
}

impl Sources<'_> {
    /// Reads a facet that no forge tells; `None` for all others.
    pub(super) async fn read_beside(
        &self,
        pack: &Arc<Pack>,
        facet: &Facet,
    ) -> Result<Option<FacetValue>, StoreError> {
        Ok(match facet {
            Facet::Removals => {
                let records = match self.beside {
                    Some(beside) => beside.records().await?,
                    None => Vec::new(),
                };
                Some(FacetValue::Removals(records))
            }
            Facet::Standings => {
                let all = match self.beside {
                    Some(beside) => beside.standings(pack).await?,
                    None => Err(NOBODY.to_owned()),
                };
                Some(FacetValue::Standings(all))
            }
            Facet::Standing(of) => {
                let standing = match self.beside {
                    Some(beside) => beside.standing(pack, of).await,
                    None => Err(NOBODY.to_owned()),
                };
                Some(FacetValue::Standing(Box::new(standing)))
            }
            _ => None,
        })
    }
}

impl Beside {
    async fn records(&self) -> Result<Vec<RemovalRecord>, StoreError> {
        match &self.kept {
            Kept::In(store) => store.removal_records().await,
            Kept::These(records) => Ok(records.clone()),
        }
    }

    async fn standings(
        &self,
        pack: &Arc<Pack>,
    ) -> Result<Result<Vec<Standing>, String>, StoreError> {
        let (code, pack, records) = (self.code.clone(), Arc::clone(pack), self.records().await?);
        let look = move || {
            let today = Utc::now().date_naive();
            // Of all that leave these would be many calls at once: each tracking issue makes its own.
            match removals::look(&code.tree()?, &pack, records, today, Asked::new()) {
                Ok(report) => Ok(report.removals),
                Err(RemovalsError::Nothing) => Ok(Vec::new()),
                Err(error) => Err(error.to_string()),
            }
        };
        Ok(looked(look).await)
    }

    async fn standing(&self, pack: &Arc<Pack>, of: &StandingOf) -> Result<Standing, String> {
        let (code, pack, of) = (self.code.clone(), Arc::clone(pack), of.clone());
        let today = Utc::now().date_naive();
        let asked = match &self.asker {
            Some(asker) if code.is_named() => {
                asker.ask(&pack, of.record.as_slice(), today, Some(&of.integration)).await
            }
            _ => Asked::new(),
        };
        let look = move || {
            let tree = code.tree()?;
            removals::standing(&tree, &pack, &of, today, asked).map_err(|error| error.to_string())
        };
        looked(look).await
    }
}

/// Git and files are read where they hold nobody up.
async fn looked<T: Send + 'static>(
    look: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let looked = tokio::task::spawn_blocking(look).await;
    let looked = looked.unwrap_or_else(|error| Err(error.to_string()));
    // Only here: it may name folders of this machine, which an issue need not show.
    looked.inspect_err(|why| tracing::warn!(why, "the product's code could not be looked at"))
}
