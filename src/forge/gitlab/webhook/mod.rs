//! Webhooks from GitLab: whether one is genuine, whether it was seen before, and which subject
//! it hints at. All pure: no clock, no network.

mod hint;
mod verify;

use http::HeaderMap;

use crate::forge::shared::key_of_body;

pub use hint::read;
pub use verify::{Rejection, Secrets, SecretsError, verify, verify_head};

/// A header longer than this is not GitLab's, and the key goes into a database index.
const LONGEST_KEY: usize = 200;

/// What tells a delivery from others and a repetition from its first: `Idempotency-Key`, the
/// same on retries and resends (GitLab 17.4); else `webhook-id`, which is equal to it (19.0);
/// else the hash of the body, as `body:<hex>`.
///
/// Never `X-Gitlab-Event-UUID`: deliveries that one change sets off share it.
pub fn delivery_key(headers: &HeaderMap, body: &[u8]) -> String {
    ["idempotency-key", "webhook-id"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .map(str::trim)
        .find(|key| !key.is_empty() && key.len() <= LONGEST_KEY)
        .map_or_else(|| key_of_body(body), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repetition_has_the_key_of_its_first() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| {
                    let name = http::HeaderName::from_static(name);
                    (name, http::HeaderValue::from_static(value))
                })
                .collect()
        };
        let of_body = "body:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (pairs, key) in [
            (&[("idempotency-key", "k1"), ("webhook-id", "w1")][..], "k1"),
            (&[("webhook-id", "w1"), ("x-gitlab-event-uuid", "e1")], "w1"),
            (&[("x-gitlab-event-uuid", "e1")], of_body),
            (&[("idempotency-key", " ")], of_body),
        ] {
            assert_eq!(delivery_key(&headers(pairs), b"abc"), key, "{pairs:?}");
        }
        let mut long = HeaderMap::new();
        long.insert("idempotency-key", "k".repeat(5000).parse().expect("value"));
        assert_eq!(delivery_key(&long, b"abc"), of_body);
    }
}
