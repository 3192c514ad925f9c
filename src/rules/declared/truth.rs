//! Whether something holds, as far as that can be told.

use serde::{Deserialize, Serialize};

/// Whether something holds. What cannot be told leaves everything as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// Nobody can tell: the forge left something out, or it was not read yet.
    CannotTell,
}

impl Truth {
    /// Both hold.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::CannotTell,
        }
    }

    /// At least one holds.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::CannotTell,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::CannotTell => Self::CannotTell,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Truth::{self, *};

    #[rstest]
    #[case(Yes, Yes, Yes, Yes)]
    #[case(Yes, No, No, Yes)]
    #[case(No, CannotTell, No, CannotTell)]
    #[case(Yes, CannotTell, CannotTell, Yes)]
    #[case(CannotTell, CannotTell, CannotTell, CannotTell)]
    #[case(No, No, No, No)]
    fn what_cannot_be_told_matters_only_where_the_rest_does_not_decide(
        #[case] a: Truth,
        #[case] b: Truth,
        #[case] both: Truth,
        #[case] either: Truth,
    ) {
        assert_eq!((a.and(b), b.and(a)), (both, both));
        assert_eq!((a.or(b), b.or(a)), (either, either));
        assert_eq!(!(a.and(b)), (!a).or(!b));
    }
}
