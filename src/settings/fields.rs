//! Options whose text must have a form, each with a mistake's message in people's words. The
//! file's reader and the environment's come through here alike, so that either place is named.

use std::{fmt, net::SocketAddr, num::NonZeroU64};

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};
use tracing_subscriber::EnvFilter;

/// Address and port.
pub(super) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    deserializer.deserialize_str(Text {
        expected: "address:port, such as 127.0.0.1:8080",
        take: |text| text.trim().parse().ok(),
    })
}

/// The address of a forge. What else it must not have is for the forge's client to say.
pub(super) fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_str(Text {
        expected: "an address such as https://gitlab.com",
        take: |text| {
            let url = url::Url::parse(text.trim()).ok()?;
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            web.then(|| text.to_owned())
        },
    })
}

/// What is logged.
pub(super) fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_str(Text {
        expected: "error, warn, info, debug, trace or off, or directives such as \
                   `steward=debug,info`",
        take: |text| is_filter(text).then(|| text.to_owned()),
    })
}

/// A whole number from 1.
pub(super) fn count<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<NonZeroU64>,
{
    let count = deserializer.deserialize_i64(Count)?;
    T::try_from(count)
        .map_err(|_| D::Error::invalid_value(Unexpected::Unsigned(count.get()), &Count))
}

/// Whether the log's filter takes the text as it was meant: to the library a bare word that is no
/// level is the name of a module, and everything else falls silent.
fn is_filter(text: &str) -> bool {
    let mut directives = text.split(',').map(str::trim).filter(|one| !one.is_empty()).peekable();
    directives.peek().is_some()
        && directives.all(|one| {
            one.contains(['=', '[', ']', '{', '}'])
                || ["error", "warn", "info", "debug", "trace", "off"]
                    .iter()
                    .any(|level| level.eq_ignore_ascii_case(one))
        })
        && EnvFilter::try_new(text).is_ok()
}

/// A text of some form.
struct Text<T> {
    expected: &'static str,
    take: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The text itself is not repeated: an address may hold a password, and the file's reader
        // shows the line anyway.
        (self.take)(text).ok_or_else(|| E::custom(format_args!("expected {}", self.expected)))
    }
}

struct Count;

impl Visitor<'_> for Count {
    type Value = NonZeroU64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<NonZeroU64, E> {
        u64::try_from(number)
            .ok()
            .and_then(NonZeroU64::new)
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<NonZeroU64, E> {
        NonZeroU64::new(number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}
