//! What the clients of all forges have in common.

pub(in crate::forge) mod file_cache;
pub(in crate::forge) mod hunks;
pub(in crate::forge) mod label_cache;
pub(in crate::forge) mod link;
pub(in crate::forge) mod loose;
pub(in crate::forge) mod meter;
pub(in crate::forge) mod pause;
#[cfg(test)]
pub(in crate::forge) mod testserver;
pub(in crate::forge) mod tidy;

use sha2::{Digest, Sha256};

/// The key of a delivery that has none: the hash of its body, as `body:<hex>`.
pub(in crate::forge) fn key_of_body(body: &[u8]) -> String {
    let hex: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("body:{hex}")
}
