//! Signing a delivery with a signing token (GitLab 19.0, Standard Webhooks).

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `webhook-signature` header: HMAC-SHA256 of id, time and body under the key
/// that follows `whsec_` in Base64. Fails with what is wrong with the token.
pub(crate) fn sign(
    token: &str,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Result<String, &'static str> {
    let encoded = token.strip_prefix("whsec_").ok_or("the signing token lacks whsec_")?;
    let key = STANDARD.decode(encoded).map_err(|_| "the signing token is not Base64")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "the key has a bad length")?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// GitHub's `X-Hub-Signature-256` header: HMAC-SHA256 of the body under the webhook's secret.
pub(crate) fn sign_for_github(secret: &str, body: &[u8]) -> Result<String, &'static str> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|_| "the key has a bad length")?;
    mac.update(body);
    let hex: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("sha256={hex}"))
}
