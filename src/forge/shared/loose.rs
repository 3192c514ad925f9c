//! Values that are read when they are what they should be and passed over when they are not. A
//! webhook must never be refused because a field that Steward could do without changed its type.
//! Nothing is buffered, so that large bodies stay cheap.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// Texts go into keys and logs; none of those that are read is longer in earnest.
const LONGEST_TEXT: usize = 2048;
/// Nobody writes commands behind more, in bytes.
const LONGEST_PROSE: usize = 256 * 1024;

/// What a JSON value can be turned into.
pub(in crate::forge) trait Loose<'de>: Default {
    fn number(_: u64) -> Self {
        Self::default()
    }
    fn text(_: &str) -> Self {
        Self::default()
    }
    fn flag(_: bool) -> Self {
        Self::default()
    }
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct LooseVisitor<T>(PhantomData<T>);

impl<'de, T: Loose<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::flag(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::number(value))
    }
    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::text(value))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::list(seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }
}

/// A number that is not negative.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::forge) struct Num(pub(in crate::forge) Option<u64>);

impl Loose<'_> for Num {
    fn number(value: u64) -> Self {
        Self(Some(value))
    }
}

/// A text that is not empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::forge) struct Text(pub(in crate::forge) Option<String>);

impl Loose<'_> for Text {
    fn text(value: &str) -> Self {
        let fits = !value.is_empty()
            && value.len() <= LONGEST_TEXT
            && !value.contains(|c: char| c.is_control());
        Self(fits.then(|| value.to_owned()))
    }
}

/// What somebody wrote, over several lines.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::forge) struct Prose(pub(in crate::forge) String);

impl Loose<'_> for Prose {
    fn text(value: &str) -> Self {
        Self(if value.len() <= LONGEST_PROSE { value.to_owned() } else { String::new() })
    }
}

/// True or not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::forge) struct Flag(pub(in crate::forge) bool);

impl Loose<'_> for Flag {
    fn flag(value: bool) -> Self {
        Self(value)
    }
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::forge) struct Obj<T>(pub(in crate::forge) Option<T>);

impl<T> Default for Obj<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Loose<'de> for Obj<T> {
    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Self(Some(value)))
    }
}

/// The first of a list, if it is an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::forge) struct First<T>(pub(in crate::forge) Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Loose<'de> for First<T> {
    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let first = seq.next_element::<Obj<T>>()?.and_then(|first| first.0);
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(first))
    }
}

macro_rules! deserialize_loosely {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(LooseVisitor(PhantomData))
            }
        }
    )*};
}

deserialize_loosely!(Num, Text, Prose, Flag);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Obj<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(PhantomData))
    }
}
