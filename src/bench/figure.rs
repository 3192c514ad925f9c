//! Figures, and what several rounds of them say together.

use serde::Serialize;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// So many a second.
    PerSecond,
    /// Milliseconds.
    Milliseconds,
    /// Megabytes of 1,000,000 bytes.
    Megabytes,
    /// A number of things.
    Count,
}

impl Unit {
    /// How it stands behind a value.
    pub fn short(self) -> &'static str {
        match self {
            Unit::PerSecond => "/s",
            Unit::Milliseconds => "ms",
            Unit::Megabytes => "MB",
            Unit::Count => "",
        }
    }

    fn decimals(self, value: f64) -> usize {
        match self {
            Unit::PerSecond | Unit::Count if value.fract() == 0.0 || value >= 100.0 => 0,
            Unit::Milliseconds if value < 2.0 => 3,
            _ => 1,
        }
    }
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured, for people.
    pub name: String,
    /// The value.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// What it must be: a value that is worse means that something is broken. Only for what must
    /// hold on every machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_be: Option<f64>,
}

impl Figure {
    /// A figure that is as it is.
    pub(super) fn new(name: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { name: name.into(), value, unit, must_be: None }
    }

    /// A count that must be this on every machine.
    pub(super) fn exactly(name: impl Into<String>, value: usize, must_be: usize) -> Self {
        let must_be = Some(must_be as f64);
        Self { must_be, ..Self::new(name, value as f64, Unit::Count) }
    }
}

/// The same figure of several rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// What was measured, for people.
    pub name: String,
    /// What the values count.
    pub unit: Unit,
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
    /// What every value must be, where that holds on every machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_be: Option<f64>,
}

impl Summary {
    /// Whether some value is not what it must be.
    pub fn is_wrong(&self) -> bool {
        self.must_be.is_some_and(|must| self.least != must || self.most != must)
    }

    /// The median as people read it.
    pub fn shown(&self) -> String {
        let decimals = self.unit.decimals(self.median);
        format!("{:.decimals$} {}", self.median, self.unit.short()).trim_end().to_owned()
    }

    /// From the smallest to the largest, as people read it; empty when all are the same.
    pub fn range(&self) -> String {
        if self.least == self.most {
            return String::new();
        }
        let decimals = self.unit.decimals(self.median);
        format!("{:.decimals$} to {:.decimals$}", self.least, self.most)
    }
}

/// Puts the rounds together, figure by figure, in the order in which they came first.
pub fn summarise(rounds: &[Vec<Figure>]) -> Vec<Summary> {
    let mut names: Vec<&Figure> = Vec::new();
    for figure in rounds.iter().flatten() {
        if !names.iter().any(|had| had.name == figure.name) {
            names.push(figure);
        }
    }
    let values = |name: &str| -> Vec<f64> {
        let same = rounds.iter().flatten().filter(|figure| figure.name == name);
        let mut values: Vec<f64> = same.map(|figure| figure.value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    names
        .into_iter()
        .filter_map(|figure| {
            let values = values(&figure.name);
            Some(Summary {
                name: figure.name.clone(),
                unit: figure.unit,
                median: percentile(&values, 0.5)?,
                least: *values.first()?,
                most: *values.last()?,
                must_be: figure.must_be,
            })
        })
        .collect()
}

/// The smallest value that at least this share of the sorted values does not exceed.
pub(super) fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&hundred, 0.5), Some(50.0));
        assert_eq!(percentile(&hundred, 0.99), Some(99.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn rounds_become_a_median_and_a_range() {
        let round = |value| vec![Figure::new("events", value, Unit::PerSecond)];
        let all = summarise(&[round(1600.0), round(1500.0), round(1700.5)]);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].shown(), all[0].range()), ("1600 /s".into(), "1500 to 1700".into()));
        assert!(!all[0].is_wrong());
    }

    #[test]
    fn a_count_that_must_hold_is_wrong_when_one_round_misses_it() {
        let round = |value| vec![Figure::exactly("doubled", value, 0)];
        assert!(summarise(&[round(0), round(1)])[0].is_wrong());
        assert!(!summarise(&[round(0), round(0)])[0].is_wrong());
    }
}
