//! One field of a cron expression, as crontab(5) has it.

use std::collections::BTreeSet;

use super::ScheduleError;

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in crontab(5).
    pub(super) name: &'static str,
    first: u32,
    last: u32,
    /// Names of its values, from the first on.
    names: &'static [&'static str],
}

/// The fields in their order (crontab(5)).
pub(super) const FIELDS: [Field; 5] = [
    Field { name: "minute", first: 0, last: 59, names: &[] },
    Field { name: "hour", first: 0, last: 23, names: &[] },
    Field { name: "day of the month", first: 1, last: 31, names: &[] },
    Field { name: "month", first: 1, last: 12, names: &MONTHS },
    Field { name: "day of the week", first: 0, last: 7, names: &DAYS },
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// From 0 on; 7 is Sunday too.
pub(super) const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What a field asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The values that are meant.
    pub(super) values: BTreeSet<u32>,
    /// Whether it begins with `*`: it then leaves it to the other day field which days are meant
    /// (crontab(5), on the two fields for days).
    pub(super) star: bool,
}

impl Field {
    /// Reads a field.
    ///
    /// # Errors
    /// What is wrong, with the field's name and what was expected.
    pub(super) fn read(&self, text: &str) -> Result<Asked, ScheduleError> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(self.step(text, range, step)?)),
                None => (part, None),
            };
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (self.first, self.last),
                Some((from, to)) => (self.value(text, from)?, self.end(text, to)?),
                None => {
                    let value = self.value(text, range)?;
                    (value, value)
                }
            };
            if from > to {
                return Err(self.wrong(
                    text,
                    &format!("`{range}` runs backwards; write the earlier one first, or a list"),
                ));
            }
            values.extend((from..=to).step_by(step.unwrap_or(1)));
        }
        if self.is_week() && values.remove(&7) {
            values.insert(0);
        }
        Ok(Asked { values, star: text.starts_with('*') })
    }

    /// Whether every value is meant.
    pub(super) fn is_all(&self, asked: &Asked) -> bool {
        let all = self.last - self.first + u32::from(!self.is_week());
        asked.values.len() == usize::try_from(all).unwrap_or(usize::MAX)
    }

    fn is_week(&self) -> bool {
        self.last == 7
    }

    fn step(&self, text: &str, range: &str, step: &str) -> Result<usize, ScheduleError> {
        if range != "*" && !range.contains('-') {
            let message = format!("a step needs a range before it, as in `*/{step}`");
            return Err(self.wrong(text, &message));
        }
        digits(step)
            .filter(|step| (1..=self.last).contains(step))
            .and_then(|step| usize::try_from(step).ok())
            .ok_or_else(|| {
                let message = format!("`{step}` is no step; expected 1 to {}", self.last);
                self.wrong(text, &message)
            })
    }

    /// The end of a range, where `sun` may also be the week's end.
    fn end(&self, text: &str, word: &str) -> Result<u32, ScheduleError> {
        match self.is_week() && word.eq_ignore_ascii_case(DAYS[0]) {
            true => Ok(7),
            false => self.value(text, word),
        }
    }

    fn value(&self, text: &str, word: &str) -> Result<u32, ScheduleError> {
        let named = || self.names.iter().position(|name| word.eq_ignore_ascii_case(name));
        let named = || named().and_then(|at| u32::try_from(at).ok()).map(|at| at + self.first);
        digits(word)
            .or_else(named)
            .filter(|value| (self.first..=self.last).contains(value))
            .ok_or_else(|| self.wrong(text, &format!("`{word}` is none")))
    }

    fn wrong(&self, text: &str, why: &str) -> ScheduleError {
        let Self { name, first, last, names } = self;
        let names = match names {
            [from, .., to] => format!(" or {from} to {to}"),
            _ => String::new(),
        };
        ScheduleError {
            message: format!("the field for the {name}, `{text}`: {why}"),
            help: Some(format!(
                "expected `*`, a value ({first} to {last}{names}), a range `a-b`, a step `*/n`, or \
                 a list of these with commas and no blanks"
            )),
        }
    }
}

/// A number of at most two digits, without a sign.
fn digits(word: &str) -> Option<u32> {
    let plain = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(field: usize, text: &str) -> Vec<u32> {
        let asked = FIELDS[field].read(text).unwrap_or_else(|error| panic!("{error}"));
        asked.values.into_iter().collect()
    }

    fn wrong(field: usize, text: &str) -> String {
        FIELDS[field].read(text).expect_err(text).to_string()
    }

    #[test]
    fn days_of_the_week_are_numbered_as_cron_does() {
        assert_eq!(values(4, "0"), [0]);
        assert_eq!(values(4, "7"), [0]);
        assert_eq!(values(4, "Sun"), [0]);
        assert_eq!(values(4, "1"), [1]);
        assert_eq!(values(4, "mon-FRI"), [1, 2, 3, 4, 5]);
        assert_eq!(values(4, "5-7"), [0, 5, 6]);
        assert_eq!(values(4, "fri-sun"), [0, 5, 6]);
        assert_eq!(values(4, "*"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(values(4, "sun-tue"), [0, 1, 2]);
    }

    #[test]
    fn lists_ranges_and_steps_are_read() {
        assert_eq!(values(0, "*/20"), [0, 20, 40]);
        assert_eq!(values(0, "5-20/5,59"), [5, 10, 15, 20, 59]);
        assert_eq!(values(3, "jan,7-sep"), [1, 7, 8, 9]);
        for (at, field) in FIELDS.iter().enumerate() {
            let all = field.read("*").expect("all of them");
            assert!(field.is_all(&all) && all.star, "{at}");
            assert!(!field.is_all(&field.read("1").expect("one")), "{at}");
        }
    }

    #[test]
    fn what_is_wrong_names_the_field() {
        assert!(wrong(0, "60").starts_with("the field for the minute, `60`: `60` is none"));
        assert!(wrong(1, "5/2").contains("a step needs a range before it, as in `*/2`"));
        assert!(wrong(1, "*/0").contains("`0` is no step"));
        assert!(wrong(2, "0").contains("day of the month"));
        assert!(wrong(3, "juli").contains("month"));
        assert!(wrong(4, "sat-mon").contains("runs backwards"));
        assert!(wrong(4, "8").contains("day of the week"));
        for odd in ["", ",", "1,", "-", "1-", "-1", "+1", "?", "L", "5#2", "1.5", "007", "*-3", "/"]
        {
            for field in &FIELDS {
                assert!(field.read(odd).is_err(), "{} {odd}", field.name);
            }
        }
    }
}
