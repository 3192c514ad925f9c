//! Versions of releases: two whole numbers, never a fraction.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// The version of a release. `18.10` is two whole numbers and comes after `18.9`; it is never `18.1`.
///
/// In files it is a text. A number is refused, since YAML and JSON make 18.1 of 18.10 before anybody
/// could see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

/// A text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version such as `18.10`")]
pub struct VersionError(pub String);

impl Version {
    /// A version of its two numbers.
    pub fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Whether it is the first of its major: breaking changes wait for these (semantic versioning).
    pub fn is_major(self) -> bool {
        self.minor == 0
    }
}

/// Strict: two whole numbers and a point, without signs, blanks, leading zeros and all else, so that
/// each version has one way to be written.
impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let part = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let plain = digits && (text == "0" || !text.starts_with('0'));
            plain.then(|| text.parse().ok()).flatten()
        };
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self { major: part(major)?, minor: part(minor)? }))
            .ok_or_else(|| VersionError(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Through a text, for columns: `{:<6}`.
        f.pad(&format!("{}.{}", self.major, self.minor))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What stands there is asked for, not a text: a reader that makes texts of numbers would
        // take a number.
        deserializer.deserialize_any(Text)
    }
}

struct Text;

impl Text {
    fn number<E: de::Error>() -> Result<Version, E> {
        Err(E::custom(
            "expected a version, found a number; write it in quotes, such as `\"18.10\"`",
        ))
    }
}

impl Visitor<'_> for Text {
    type Value = Version;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version in quotes, such as `\"18.10\"`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Version, E> {
        Self::number()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Version, E> {
        Self::number()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Version, E> {
        Self::number()
    }
}

impl JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$",
            "description": "The version of a release, in quotes, such as `\"18.10\"`",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect(text)
    }

    #[test]
    fn versions_are_pairs_and_never_fractions() {
        assert!(version("18.10") > version("18.9"));
        assert_ne!(version("18.10"), version("18.1"));
        assert!(version("19.0") > version("18.11"));
        assert_eq!(format!("{:<6}|", version("18.10")), "18.10 |");
    }

    #[rstest::rstest]
    #[case("")]
    #[case(".")]
    #[case("18")]
    #[case("18.")]
    #[case(".1")]
    #[case("18.1.2")]
    #[case("v18.1")]
    #[case("+1.2")]
    #[case("-1.2")]
    #[case("18,1")]
    #[case(" 18.1")]
    #[case("18.1 ")]
    #[case("18.01")]
    #[case("018.1")]
    #[case("18.00")]
    #[case("1e1.0")]
    #[case("١٨.١")]
    #[case("18.4294967296")]
    fn what_is_no_version_is_told(#[case] text: &str) {
        let told = text.parse::<Version>().expect_err(text).to_string();
        assert_eq!(told, format!("`{text}` is not a version such as `18.10`"));
    }

    #[test]
    fn a_number_is_refused_with_what_to_write() {
        for number in ["18.10", "18", "-18"] {
            let told = serde_json::from_str::<Version>(number).expect_err(number).to_string();
            assert!(told.contains("write it in quotes, such as `\"18.10\"`"), "{told}");
        }
        assert!(serde_json::from_str::<Version>("true").is_err());
    }

    proptest! {
        #[test]
        fn it_reads_back_from_its_text(major: u32, minor: u32) {
            let version = Version::new(major, minor);
            prop_assert_eq!(version.to_string().parse(), Ok(version));
            let json = serde_json::to_string(&version).expect("a text");
            prop_assert_eq!(&json, &format!("\"{version}\""));
            prop_assert_eq!(serde_json::from_str::<Version>(&json).expect("read"), version);
        }

        #[test]
        fn the_order_is_that_of_the_numbers(a in 0u32..40, b in 0u32..40, c in 0u32..40, d in 0u32..40) {
            let (one, other) = (Version::new(a, b), Version::new(c, d));
            prop_assert_eq!(one.cmp(&other), (a, b).cmp(&(c, d)));
            prop_assert_eq!(one == other, one.to_string() == other.to_string());
        }

        #[test]
        fn each_has_one_way_to_be_written(text in "[0-9.+ -]{0,8}|\\PC{0,8}") {
            if let Ok(version) = text.parse::<Version>() {
                prop_assert_eq!(version.to_string(), text);
            }
        }
    }
}
