use chrono::NaiveDate;
use rstest::rstest;

use super::*;
use crate::{
    model::Version,
    policy::{Origin, SourceFile},
};

fn gitlab() -> Calendar {
    let loaded = ReleaseCalendar::load(&PolicySource::built_in());
    loaded.unwrap_or_else(|errors| panic!("{errors}")).expect("a calendar").releases
}

fn version(text: &str) -> Version {
    text.parse().expect(text)
}

/// Days on which GitLab came out, and days that it has announced by its rule.
#[rstest]
#[case("13.0", "2020-05-22")]
#[case("13.12", "2021-05-22")]
#[case("14.0", "2021-06-22")]
#[case("14.10", "2022-04-22")]
#[case("15.0", "2022-05-22")]
#[case("15.7", "2022-12-22")]
#[case("15.9", "2023-02-22")]
#[case("15.11", "2023-04-22")]
#[case("16.0", "2023-05-22")]
#[case("16.5", "2023-10-22")]
#[case("16.6", "2023-11-16")]
#[case("16.7", "2023-12-21")]
#[case("16.8", "2024-01-18")]
#[case("16.9", "2024-02-15")]
#[case("16.10", "2024-03-21")]
#[case("16.11", "2024-04-18")]
#[case("17.0", "2024-05-16")]
#[case("17.1", "2024-06-20")]
#[case("17.2", "2024-07-18")]
#[case("17.3", "2024-08-15")]
#[case("17.4", "2024-09-19")]
#[case("17.5", "2024-10-17")]
#[case("17.6", "2024-11-21")]
#[case("17.7", "2024-12-19")]
#[case("17.8", "2025-01-16")]
#[case("17.9", "2025-02-20")]
#[case("17.10", "2025-03-20")]
#[case("17.11", "2025-04-17")]
#[case("18.0", "2025-05-15")]
#[case("18.1", "2025-06-19")]
#[case("18.2", "2025-07-17")]
#[case("18.3", "2025-08-21")]
#[case("18.4", "2025-09-18")]
#[case("18.5", "2025-10-16")]
#[case("18.6", "2025-11-20")]
#[case("18.7", "2025-12-18")]
#[case("18.8", "2026-01-15")]
#[case("18.9", "2026-02-19")]
#[case("18.10", "2026-03-19")]
#[case("18.11", "2026-04-16")]
#[case("19.0", "2026-05-21")]
#[case("19.1", "2026-06-18")]
#[case("19.2", "2026-07-16")]
#[case("19.3", "2026-08-20")]
#[case("19.4", "2026-09-17")]
#[case("19.5", "2026-10-15")]
#[case("19.6", "2026-11-19")]
#[case("19.7", "2026-12-17")]
#[case("19.8", "2027-01-21")]
#[case("19.9", "2027-02-18")]
#[case("19.10", "2027-03-18")]
#[case("19.11", "2027-04-15")]
#[case("20.0", "2027-05-20")]
fn a_release_comes_out_on_its_day(#[case] text: &str, #[case] day: &str) {
    let date = gitlab().release_date(version(text)).map(|date| date.to_string());
    assert_eq!(date.as_deref(), Some(day));
}

#[rstest]
#[case("12.10", "13.0")]
#[case("13.12", "14.0")]
#[case("14.10", "15.0")]
#[case("15.11", "16.0")]
#[case("16.11", "17.0")]
#[case("17.11", "18.0")]
#[case("18.11", "19.0")]
#[case("19.11", "20.0")]
fn after_the_last_minor_comes_the_major(#[case] last: &str, #[case] next: &str) {
    let found = gitlab().next(version(last)).map(|one| one.version);
    assert_eq!(found, Some(version(next)));
}

/// "Third milestone preceding", by GitLab's handbook and templates.
#[rstest]
#[case("18.0", "17.9")]
#[case("17.0", "16.9")]
#[case("16.0", "15.9")]
#[case("15.0", "14.8")]
#[case("19.0", "18.9")]
#[case("20.0", "19.9")]
#[case("18.3", "18.0")]
#[case("18.2", "17.11")]
#[case("18.1", "17.10")]
fn the_last_announcement_is_the_third_release_before(#[case] removal: &str, #[case] last: &str) {
    let calendar = gitlab();
    let found = calendar.last_legal_announcement(version(removal), 3).expect("known");
    assert_eq!(found.version, version(last));
    assert_eq!(Some(found.date), calendar.release_date(version(last)));
    assert_eq!(calendar.distance(version(last), version(removal)), Some(3));
}

#[test]
fn what_was_in_work_when_this_was_written() {
    let in_work = |day: &str| {
        let day: NaiveDate = day.parse().expect(day);
        gitlab().in_work(day).map(|one| one.version.to_string())
    };
    assert_eq!(in_work("2026-02-13").as_deref(), Some("18.9"));
    assert_eq!(in_work("2026-11-19").as_deref(), Some("19.6"));
    assert_eq!(in_work("2026-11-20").as_deref(), Some("19.7"));
}

fn over(text: &str) -> Result<Option<ReleaseCalendar>, PolicyErrors> {
    let mut own = PolicySource::default();
    own.insert(SourceFile::new(FILE, Origin::File("own/calendar.yml".into()), text));
    ReleaseCalendar::load(&PolicySource::built_in().overlaid(own))
}

#[test]
fn a_folder_changes_single_days_and_keeps_the_rest() {
    let own = over("dates:\n  \"19.7\": 2026-12-15\nmilestones_of: example\n");
    let calendar = own.unwrap_or_else(|errors| panic!("{errors}")).expect("a calendar");
    let day = |text: &str| calendar.releases.release_date(version(text)).map(|day| day.to_string());
    assert_eq!(day("19.7").as_deref(), Some("2026-12-15"));
    assert_eq!(day("19.6").as_deref(), Some("2026-11-19"));
    assert_eq!(calendar.milestones_of.as_deref(), Some("example"));
}

#[test]
fn a_pack_without_the_file_has_no_calendar() {
    let source = PolicySource::pack("home-assistant").expect("built in");
    assert_eq!(ReleaseCalendar::load(&source).map_err(|errors| errors.to_string()), Ok(None));
}

const WHOLE: &str = "\
first: { version: \"1.0\", month: 2026-01 }
last_major: 3
majors: { month: 5 }
last_minor: { usual: 3 }
days: [{ from: \"1.0\", day: 22 }]
";

#[rstest]
#[case(
    "version: \"1.0\"",
    "version: 1.10",
    "1:19: expected a version, found a number; write it in quotes, such as `\"18.10\"`"
)]
#[case("version: \"1.0\"", "version: \"1\"", "1:19: `1` is not a version such as `18.10`")]
#[case(
    "month: 2026-01",
    "month: January",
    "1:33: `January` is no month; expected something like `2021-06`"
)]
#[case("last_major: 3", "last_major: 0", "2:13: `last_major` is a number from 1 to 101, not 0")]
#[case(
    "last_major: 3",
    "last_major: 1000000",
    "2:13: `last_major` is a number from 1 to 101, not 1000000"
)]
#[case("{ month: 5 }", "{ month: 13 }", "3:18: a month is a number from 1 to 12, not 13")]
#[case("{ month: 5 }", "{ month: 5, except: { 2: 2026-04 } }", "3:34: 2.0 cannot come in 2026-04")]
#[case(
    "{ month: 5 }",
    "{ month: 5, except: { 9: 2026-04 } }",
    "3:31: `9` is no major of this calendar"
)]
#[case(
    "{ usual: 3 }",
    "{ usual: 3, except: { two: 1 } }",
    "4:35: `two` is no major of this calendar"
)]
#[case(
    "{ usual: 3 }",
    "{ usual: 3, except: { 2: 100 } }",
    "4:38: a last minor is a number from 0 to 99, not 100"
)]
#[case("from: \"1.0\"", "from: \"1.1\"", "5:7: no rule says on which day 1.0 came out")]
#[case("day: 22 }", "day: 22, week: 3 }", "5:16: the rule from 1.0 on does not name one day")]
#[case("day: 22 }", "day: 31 }", "5:28: a day of every month is a number from 1 to 28, not 31")]
#[case(
    "day: 22 }",
    "week: 5, weekday: monday }",
    "5:29: a week of every month is a number from 1 to 4, not 5"
)]
#[case("day: 22 }]", "day: 22 }, { from: \"1.0\", day: 1 }]", "5:42: 1.0 does not come after 1.0")]
#[case(
    "day: 22 }]",
    "day: 22 }]\ndates: { \"1.9\": 2026-01-05 }",
    "6:10: 1.9 is no release of this calendar"
)]
#[case(
    "day: 22 }]",
    "day: 22 }]\ndates: { \"1.1\": 2026-01-05 }",
    "6:10: 1.1 comes out on 2026-01-05, which is not after 1.0 on 2026-01-22"
)]
#[case(
    "day: 22 }]",
    "day: 22 }]\ndates: { \"1.1\": soon }",
    "6:17: `soon` is no day; expected something like `2021-06-22`"
)]
#[case(
    "day: 22 }]",
    "day: 22 }]\ndates: { next: 2026-01-05 }",
    "6:10: `next` is not a version such as `18.10`"
)]
fn a_mistake_is_told_at_its_place(#[case] right: &str, #[case] wrong: &str, #[case] told: &str) {
    let text = WHOLE.replace(right, wrong);
    assert_ne!(text, WHOLE);
    let source = PolicySource::from_files([(FILE, text)]);
    let errors = ReleaseCalendar::load(&source).expect_err(wrong);
    assert_eq!(errors.to_string(), format!("policies/calendar.yml:{told}"));
}

#[test]
fn the_example_of_the_page_loads() {
    let page = include_str!("../../../docs/lifecycle.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let source = PolicySource::from_files([(FILE, example.expect("an example"))]);
    let loaded = ReleaseCalendar::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let calendar = loaded.expect("a calendar").releases;
    let next = calendar.next(version("2.9")).expect("known");
    assert_eq!((next.version, next.date.to_string().as_str()), (version("3.0"), "2026-05-12"));
    assert_eq!(
        calendar.release_date(version("1.7")).map(|day| day.to_string()).as_deref(),
        Some("2024-10-04")
    );
}

#[test]
fn majors_wait_for_their_month() {
    let source = PolicySource::from_files([(FILE, WHOLE)]);
    let loaded = ReleaseCalendar::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let calendar = loaded.expect("a calendar").releases;
    let told: Vec<String> =
        calendar.releases().iter().map(|one| format!("{} {}", one.version, one.date)).collect();
    assert_eq!(told[3..5], ["1.3 2026-04-22", "2.0 2026-05-22"]);
    assert_eq!(told[7..9], ["2.3 2026-08-22", "3.0 2027-05-22"]);
    assert_eq!(told.len(), 12);
}

proptest::proptest! {
    #[test]
    fn whatever_numbers_say_it_loads_or_is_told(
        first in 0u32..40, minor in 0u32..20, last in 0u32..60, month in 0u32..14,
        usual in 0u32..110, except in 0u32..40, day in 0u32..33,
    ) {
        let text = format!(
            "first: {{ version: \"{first}.{minor}\", month: 2026-01 }}\nlast_major: {last}\n\
             majors: {{ month: {month} }}\nlast_minor: {{ usual: {usual}, except: {{ {except}: 0 }} }}\n\
             days: [{{ from: \"0.0\", day: {day} }}]\n"
        );
        match ReleaseCalendar::load(&PolicySource::from_files([(FILE, text)])) {
            Ok(calendar) => proptest::prop_assert!(calendar.is_some()),
            Err(errors) => proptest::prop_assert!(!errors.is_empty()),
        }
    }
}
