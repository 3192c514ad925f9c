//! Whether a webhook comes from our GitHub.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What a webhook is checked against. Several are valid at once, so that they can be rotated
/// without losing a delivery.
#[derive(Clone, Default)]
pub struct Secrets(Vec<SecretString>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secrets").field(&self.0.len()).finish()
    }
}

/// A secret that can check nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is empty")]
pub struct SecretsError;

impl Secrets {
    /// Takes the secrets with which GitHub may sign.
    ///
    /// # Errors
    /// When one is empty: whoever signs with nothing would be let in.
    pub fn new(secrets: Vec<SecretString>) -> Result<Self, SecretsError> {
        match secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
            true => Err(SecretsError),
            false => Ok(Self(secrets)),
        }
    }
}

/// Why a webhook is not taken: for the log, without any secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Steward has nothing to check it against.
    #[error("no webhook secret is configured")]
    NotConfigured,
    /// It is not signed.
    #[error("`X-Hub-Signature-256` is missing: set a secret in the webhook's settings")]
    MissingSignature,
    /// Not what GitHub sends.
    #[error("`X-Hub-Signature-256` is malformed")]
    MalformedSignature,
    /// It fits no secret.
    #[error("the signature does not fit")]
    WrongSignature,
}

/// What [`verify`] finds without the body: whoever has no signature to show need not be listened to.
///
/// # Errors
/// Why it must not be taken.
pub fn verify_head(headers: &HeaderMap, secrets: &Secrets) -> Result<(), Rejection> {
    signature(headers, secrets).map(drop)
}

/// Checks where a webhook comes from, by its signature: HMAC with SHA-256 over the body as it came
/// (GitHub, "Validating webhook deliveries"). All secrets are tried, each in constant time. The older
/// header `X-Hub-Signature`, with SHA-1, counts for nothing.
///
/// # Errors
/// Why it must not be taken.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> Result<(), Rejection> {
    let signature = signature(headers, secrets)?;
    let fits = secrets.0.iter().fold(false, |fits, secret| {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            return fits;
        };
        mac.update(body);
        mac.verify_slice(&signature).is_ok() || fits
    });
    if fits { Ok(()) } else { Err(Rejection::WrongSignature) }
}

fn signature(headers: &HeaderMap, secrets: &Secrets) -> Result<[u8; 32], Rejection> {
    if secrets.0.is_empty() {
        return Err(Rejection::NotConfigured);
    }
    let header = headers.get("x-hub-signature-256").ok_or(Rejection::MissingSignature)?;
    let hex = header.to_str().ok().and_then(|text| text.trim().strip_prefix("sha256="));
    hex.and_then(from_hex).ok_or(Rejection::MalformedSignature)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| pair.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn secrets(texts: &[&str]) -> Secrets {
        Secrets::new(texts.iter().map(|text| (*text).into()).collect()).expect("secrets")
    }

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-hub-signature-256", signature.parse().expect("a value"));
        headers
    }

    fn sign(secret: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(body);
        let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        format!("sha256={hex}")
    }

    /// The example of GitHub's page "Validating webhook deliveries", as an oracle from outside.
    #[test]
    fn the_example_of_the_documentation_is_accepted() {
        let headers =
            headers("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
        let secrets = secrets(&["It's a Secret to Everybody"]);
        assert_eq!(verify(&headers, b"Hello, World!", &secrets), Ok(()));
    }

    #[rstest]
    #[case::right(sign("new", b"body"), Ok(()))]
    #[case::rotated(sign("old", b"body"), Ok(()))]
    #[case::upper_case(sign("new", b"body").to_uppercase().replace("SHA256", "sha256"), Ok(()))]
    #[case::other_secret(sign("other", b"body"), Err(Rejection::WrongSignature))]
    #[case::other_body(sign("new", b"bodY"), Err(Rejection::WrongSignature))]
    #[case::sha1("sha1=0000".to_owned(), Err(Rejection::MalformedSignature))]
    #[case::short("sha256=00".to_owned(), Err(Rejection::MalformedSignature))]
    #[case::no_hex(format!("sha256={}", "x".repeat(64)), Err(Rejection::MalformedSignature))]
    #[case::empty(String::new(), Err(Rejection::MalformedSignature))]
    fn a_signature_must_be_right(
        #[case] signature: String,
        #[case] expected: Result<(), Rejection>,
    ) {
        let (headers, secrets) = (headers(&signature), secrets(&["old", "new"]));
        assert_eq!(verify(&headers, b"body", &secrets), expected);
        let by_head = verify_head(&headers, &secrets);
        assert_eq!(by_head.is_err(), expected == Err(Rejection::MalformedSignature));
    }

    #[test]
    fn without_signature_or_secret_nobody_is_let_in() {
        let none = verify(&HeaderMap::new(), b"", &secrets(&["s"]));
        assert_eq!(none, Err(Rejection::MissingSignature));
        let unset = verify(&headers(&sign("", b"")), b"", &Secrets::default());
        assert_eq!(unset, Err(Rejection::NotConfigured));
        assert_eq!(Secrets::new(vec!["".into()]).err(), Some(SecretsError));
        assert!(!format!("{:?}", secrets(&["hunter2"])).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_header_and_body_are_survived_and_rejected(
            value in proptest::collection::vec(any::<u8>(), 0..100),
            body in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                headers.insert("x-hub-signature-256", value);
            }
            prop_assert!(verify(&headers, &body, &secrets(&["a long secret"])).is_err());
        }
    }
}
