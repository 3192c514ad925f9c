//! The sheet for a change that touches an integration that is there already.

use super::{Change, base, cases};
use crate::{evidence::names::Names, model::RowStatus};
