//! Whether a webhook comes from our GitLab.

use std::fmt;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How far the sender's clock may be off, which also bounds how long a recorded delivery can be
/// replayed (Standard Webhooks, "Verifying webhook authenticity").
const TOLERANCE_SECONDS: u64 = 5 * 60;
/// A sender that rotates has two or three; more is somebody keeping us busy.
const MOST_SIGNATURES: usize = 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a webhook is checked against. Several of each are valid at once, so that they can be
/// rotated without losing a delivery.
#[derive(Clone, Default)]
pub struct Secrets {
    secret_tokens: Vec<SecretString>,
    signing_keys: Vec<SecretSlice<u8>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("secret_tokens", &self.secret_tokens.len())
            .field("signing_tokens", &self.signing_keys.len())
            .finish()
    }
}

/// Secrets that can check nothing. The message never holds one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// An empty secret token would let in whoever sends an empty header.
    #[error("a webhook secret token is empty")]
    EmptyToken,
    /// Not what GitLab shows as a signing token.
    #[error("a webhook signing token is not `whsec_` followed by Base64")]
    SigningToken,
}

impl Secrets {
    /// Takes the secret tokens (`X-Gitlab-Token`) and the signing tokens (`whsec_…`).
    ///
    /// # Errors
    /// When one is empty or is not what it should be, so that this shows at start and not as
    /// rejected deliveries, after which GitLab switches the hook off.
    pub fn new(
        secret_tokens: Vec<SecretString>,
        signing_tokens: Vec<SecretString>,
    ) -> Result<Self, SecretsError> {
        if secret_tokens.iter().any(|token| token.expose_secret().is_empty()) {
            return Err(SecretsError::EmptyToken);
        }
        let key = |token: &SecretString| {
            // Without the prefix it is most likely the plain secret in the wrong place, and much
            // of what people choose happens to be Base64.
            let text = token.expose_secret().trim().strip_prefix("whsec_")?;
            let key = BASE64.decode(text).ok()?;
            (!key.is_empty()).then(|| key.into())
        };
        let signing_keys = signing_tokens
            .iter()
            .map(|token| key(token).ok_or(SecretsError::SigningToken))
            .collect::<Result<_, _>>()?;
        Ok(Self { secret_tokens, signing_keys })
    }
}

/// Why a webhook is not taken: for the log, without any secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Steward has nothing to check it against.
    #[error("no webhook secret is configured")]
    NotConfigured,
    /// It is signed and Steward has no signing token; the token beside it is not enough then.
    #[error("it is signed, and no signing token is configured")]
    NoSigningToken,
    /// It is not signed and only signing tokens are configured.
    #[error("it is not signed, and only signing tokens are configured")]
    MissingSignature,
    /// A header that belongs to the signature is missing or is not what it should be.
    #[error("`webhook-id` or `webhook-timestamp` is missing or malformed")]
    MalformedSignature,
    /// Signed too long ago, or in the future.
    #[error("its timestamp is more than five minutes off")]
    Stale,
    /// No signature fits any signing token.
    #[error("no signature fits")]
    WrongSignature,
    /// It has no secret token.
    #[error("`X-Gitlab-Token` is missing")]
    MissingToken,
    /// The secret token is none of ours.
    #[error("`X-Gitlab-Token` is wrong")]
    WrongToken,
}

/// What [`verify`] finds without the body: whoever has no secret to show need not be listened to.
///
/// # Errors
/// Why it must not be taken.
pub fn verify_head(
    headers: &HeaderMap,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    match verify(headers, b"", secrets, now) {
        // Whether the signature fits is known with the body.
        Err(Rejection::WrongSignature) => Ok(()),
        other => other,
    }
}

/// Checks where a webhook comes from: by its signature (GitLab 19.0, which follows Standard
/// Webhooks), else by its secret token. When a signature is there it must be right; the token
/// never makes up for it, or else taking the signature off would be all that a forger must do.
///
/// `body` is the body as it came, byte by byte.
///
/// # Errors
/// Why it must not be taken.
pub fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    if secrets.secret_tokens.is_empty() && secrets.signing_keys.is_empty() {
        return Err(Rejection::NotConfigured);
    }
    if headers.contains_key("webhook-signature") {
        return verify_signature(headers, body, &secrets.signing_keys, now);
    }
    if secrets.secret_tokens.is_empty() {
        return Err(Rejection::MissingSignature);
    }
    let given = headers.get("x-gitlab-token").ok_or(Rejection::MissingToken)?;
    // Digests have one length, so that the time taken tells nothing about the token's length.
    let given = Sha256::digest(given.as_bytes());
    let fits = secrets.secret_tokens.iter().fold(subtle::Choice::from(0), |fits, token| {
        fits | given.as_slice().ct_eq(Sha256::digest(token.expose_secret().as_bytes()).as_slice())
    });
    if bool::from(fits) { Ok(()) } else { Err(Rejection::WrongToken) }
}

fn verify_signature(
    headers: &HeaderMap,
    body: &[u8],
    keys: &[SecretSlice<u8>],
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    if keys.is_empty() {
        return Err(Rejection::NoSigningToken);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = text("webhook-id").filter(|id| !id.is_empty()).ok_or(Rejection::MalformedSignature)?;
    let timestamp = text("webhook-timestamp").ok_or(Rejection::MalformedSignature)?;
    let seconds: i64 = timestamp.parse().map_err(|_| Rejection::MalformedSignature)?;
    if seconds.abs_diff(now.timestamp()) > TOLERANCE_SECONDS {
        return Err(Rejection::Stale);
    }
    let signatures: Vec<Vec<u8>> = headers
        .get_all("webhook-signature")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(str::split_ascii_whitespace)
        .take(MOST_SIGNATURES)
        .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?).ok())
        .collect();
    let fits = keys.iter().any(|key| {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret()) else { return false };
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    });
    if fits { Ok(()) } else { Err(Rejection::WrongSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    const BODY: &[u8] = br#"{"object_kind":"issue"}"#;
    const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    const OLD_KEY: &str = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk";

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_176_000, 0).expect("a time")
    }

    fn secrets(tokens: &[&str], signing: &[&str]) -> Secrets {
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned().into()).collect();
        Secrets::new(all(tokens), all(signing)).expect("secrets")
    }

    fn sign(key: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
        let key = BASE64.decode(key.trim_start_matches("whsec_")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("key");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    fn signed(signature: &str, age: TimeDelta) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let timestamp = (now() - age).timestamp();
        headers.insert("webhook-id", HeaderValue::from_static("d1"));
        headers.insert("webhook-timestamp", HeaderValue::from(timestamp));
        headers.insert("webhook-signature", signature.parse().expect("value"));
        headers
    }

    fn good(key: &str, age: TimeDelta) -> String {
        sign(key, "d1", (now() - age).timestamp(), BODY)
    }

    fn with_token(mut headers: HeaderMap, token: &str) -> HeaderMap {
        headers.insert("x-gitlab-token", token.parse().expect("value"));
        headers
    }

    /// The example of the Standard Webhooks specification, as an oracle from outside.
    #[test]
    fn the_specifications_example_is_accepted() {
        let secrets = secrets(&[], &["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let then = DateTime::from_timestamp(1_614_265_330, 0).expect("a time");
        assert_eq!(verify(&headers, br#"{"test": 2432232314}"#, &secrets, then), Ok(()));
    }

    #[rstest]
    #[case::good(good(KEY, TimeDelta::zero()), 0, Ok(()))]
    #[case::five_minutes_old(good(KEY, TimeDelta::seconds(300)), 300, Ok(()))]
    #[case::too_old(good(KEY, TimeDelta::seconds(301)), 301, Err(Rejection::Stale))]
    #[case::from_the_future(good(KEY, TimeDelta::seconds(-301)), -301, Err(Rejection::Stale))]
    #[case::rotated(good(OLD_KEY, TimeDelta::zero()), 0, Ok(()))]
    #[case::several(format!("v1a,x v1,AAAA {}", good(KEY, TimeDelta::zero())), 0, Ok(()))]
    #[case::other_timestamp(good(KEY, TimeDelta::zero()), 1, Err(Rejection::WrongSignature))]
    #[case::other_key(
        sign("whsec_AAAA", "d1", now().timestamp(), BODY), 0, Err(Rejection::WrongSignature))]
    #[case::other_body(
        sign(KEY, "d1", now().timestamp(), b"{}"), 0, Err(Rejection::WrongSignature))]
    #[case::other_id(
        sign(KEY, "d2", now().timestamp(), BODY), 0, Err(Rejection::WrongSignature))]
    #[case::no_base64("v1,???".to_owned(), 0, Err(Rejection::WrongSignature))]
    #[case::no_version(
        good(KEY, TimeDelta::zero())[3..].to_owned(), 0, Err(Rejection::WrongSignature))]
    #[case::empty(String::new(), 0, Err(Rejection::WrongSignature))]
    fn a_signature_must_be_right(
        #[case] signature: String,
        #[case] age: i64,
        #[case] expected: Result<(), Rejection>,
    ) {
        let headers = signed(&signature, TimeDelta::seconds(age));
        let only_signed = secrets(&[], &[KEY, OLD_KEY]);
        assert_eq!(verify(&headers, BODY, &only_signed, now()), expected);
        // The right token beside it changes nothing.
        let both = secrets(&["token"], &[KEY, OLD_KEY]);
        assert_eq!(verify(&with_token(headers, "token"), BODY, &both, now()), expected);
    }

    #[test]
    fn a_signature_needs_its_other_headers() {
        for missing in ["webhook-id", "webhook-timestamp"] {
            let mut headers = signed(&good(KEY, TimeDelta::zero()), TimeDelta::zero());
            headers.remove(missing);
            let result = verify(&headers, BODY, &secrets(&[], &[KEY]), now());
            assert_eq!(result, Err(Rejection::MalformedSignature), "{missing}");
        }
    }

    #[rstest]
    #[case::right(Some("new"), &["old", "new"], &[], Ok(()))]
    #[case::rotated(Some("old"), &["old", "new"], &[], Ok(()))]
    #[case::beside_signing(Some("new"), &["new"], &[KEY], Ok(()))]
    #[case::wrong(Some("nev"), &["old", "new"], &[], Err(Rejection::WrongToken))]
    #[case::empty(Some(""), &["old"], &[], Err(Rejection::WrongToken))]
    #[case::missing(None, &["old"], &[], Err(Rejection::MissingToken))]
    #[case::only_signing(Some("new"), &[], &[KEY], Err(Rejection::MissingSignature))]
    #[case::nothing(Some("new"), &[], &[], Err(Rejection::NotConfigured))]
    fn a_token_counts_where_nothing_is_signed(
        #[case] given: Option<&str>,
        #[case] tokens: &[&str],
        #[case] signing: &[&str],
        #[case] expected: Result<(), Rejection>,
    ) {
        let headers = given.map_or_else(HeaderMap::new, |t| with_token(HeaderMap::new(), t));
        assert_eq!(verify(&headers, BODY, &secrets(tokens, signing), now()), expected);
    }

    #[test]
    fn a_signature_without_a_signing_token_is_not_ignored() {
        let headers = with_token(signed(&good(KEY, TimeDelta::zero()), TimeDelta::zero()), "token");
        let result = verify(&headers, BODY, &secrets(&["token"], &[]), now());
        assert_eq!(result, Err(Rejection::NoSigningToken));
    }

    #[test]
    fn useless_secrets_are_refused_and_none_is_shown() {
        let new = |token: &str, signing: &str| {
            let signing = vec![signing.to_owned().into()];
            Secrets::new(vec![token.to_owned().into()], signing)
        };
        assert_eq!(new("", KEY).err(), Some(SecretsError::EmptyToken));
        for wrong in ["", "abc", "whsec_", "whsec_not base64!"] {
            assert_eq!(new("t", wrong).err(), Some(SecretsError::SigningToken), "{wrong}");
        }
        let shown = format!("{:?}", new("hunter2", KEY).expect("secrets"));
        assert!(!shown.contains("hunter2") && !shown.contains("MDEy"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_headers_and_body_are_survived_and_rejected(
            values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 4),
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-gitlab-token"];
            let mut headers = HeaderMap::new();
            for (name, value) in names.into_iter().zip(&values) {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.insert(name, value);
                }
            }
            let secrets = secrets(&["a long secret token"], &[KEY]);
            prop_assert!(verify(&headers, &body, &secrets, now()).is_err());
        }
    }
}
