//! Inserts of many rows whose values are bound one by one. For large values this is cheaper than
//! [`json_rows`](super::dialect::json_rows): nothing is escaped, parsed and unescaped on the way.

/// How many rows one insert takes; the largest that fits is used first. Few sizes keep the number
/// of prepared statements small.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// One insert in all sizes.
pub(super) struct Inserts([String; 4]);

impl Inserts {
    /// `head` ends before the word VALUES, `tail` comes after the last row.
    ///
    /// The places have no numbers: SQLite looks through all named places for each value that is
    /// bound, which for some hundreds of them took more time than storing the rows.
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        Self(SIZES.map(|rows| {
            let row = format!("({})", vec!["?"; columns].join(", "));
            format!("{head} VALUES {} {tail}", vec![row.as_str(); rows].join(", "))
        }))
    }

    /// Parts the rows into statements.
    pub(super) fn parts<'a, T>(
        &'static self,
        mut rest: &'a [T],
    ) -> impl Iterator<Item = (&'static str, &'a [T])> {
        std::iter::from_fn(move || {
            let at = SIZES.iter().position(|size| rest.len() >= *size)?;
            let (now, later) = rest.split_at(SIZES[at]);
            rest = later;
            Some((self.0[at].as_str(), now))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static PAIRS: LazyLock<Inserts> =
        LazyLock::new(|| Inserts::new("INSERT INTO t (a, b)", 2, "RETURNING a"));

    #[test]
    fn rows_are_parted_into_the_largest_statements_that_fit() {
        let rows: Vec<usize> = (0..87).collect();
        let parts: Vec<_> = PAIRS.parts(&rows).map(|(_, part)| part.len()).collect();
        assert_eq!(parts, [64, 16, 4, 1, 1, 1]);
        let all: Vec<_> = PAIRS.parts(&rows).flat_map(|(_, part)| part.to_vec()).collect();
        assert_eq!(all, rows);
        assert_eq!(PAIRS.parts::<usize>(&[]).count(), 0);
    }

    #[test]
    fn each_value_has_its_place() {
        let (text, _) = PAIRS.parts(&[(); 1]).next().expect("one row");
        assert_eq!(text, "INSERT INTO t (a, b) VALUES (?, ?) RETURNING a");
        let (text, _) = PAIRS.parts(&[(); 4]).next().expect("four rows");
        assert_eq!(text.matches("(?, ?)").count(), 4, "{text}");
    }
}
