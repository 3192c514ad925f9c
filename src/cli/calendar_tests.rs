use super::*;
use crate::policy::PolicySource;

fn pack() -> Pack {
    app::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn args(removal: &[&str]) -> CalendarArgs {
    CalendarArgs {
        from: None,
        count: 9,
        removal: removal.iter().map(|text| text.parse().expect(text)).collect(),
        today: Some("2026-11-20".parse().expect("a day")),
        online: false,
        format: Format::Table,
    }
}

fn asked<'c>(args: &CalendarArgs, pack: &'c Pack) -> Result<Asked<'c>, CliError> {
    let now = "2000-01-01".parse().expect("a day");
    Asked::new(args, pack, calendar(pack)?, now)
}

const LOOK: Look = Look { colour: false, width: 80 };

#[test]
fn the_releases_around_today_and_the_last_announcements() {
    let pack = pack();
    let args = args(&["18.0", "17.0", "15.0", "20.0", "18.3", "18.1", "12.1"]);
    let told = asked(&args, &pack).expect("known");
    let table = told.table(LOOK);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn programs_get_the_same() {
    let pack = pack();
    let args = CalendarArgs { count: 2, ..args(&["20.0"]) };
    let told = asked(&args, &pack).expect("known");
    insta::assert_snapshot!(format!("{:#}", told.json()));
}

#[test]
fn what_is_no_release_is_told_with_its_neighbours() {
    let pack = pack();
    for (text, told) in [
        ("14.11", "there is no release 14.11: after 14.10 comes 15.0"),
        ("9.1", "there is no release 9.1: the calendar begins with 12.0"),
        ("99.0", "there is no release 99.0: the calendar ends with 30.11"),
    ] {
        let version = text.parse().expect(text);
        let from = CalendarArgs { from: Some(version), ..args(&[]) };
        for args in [args(&[text]), from] {
            let error = asked(&args, &pack).expect_err(text);
            assert_eq!(error.to_string(), told);
        }
    }
}

#[test]
fn behind_the_end_of_the_calendar_the_last_releases_are_told() {
    let pack = pack();
    let today = Some("2100-01-01".parse().expect("a day"));
    let args = CalendarArgs { today, count: 2, ..args(&[]) };
    let table = asked(&args, &pack).expect("known").table(LOOK);
    assert!(table.starts_with("30.10 "), "{table}");
    assert!(table.ends_with("the calendar has ended."), "{table}");
}

#[test]
fn without_a_calendar_nothing_is_told() {
    let pack = app::load(&PolicySource::pack("home-assistant").expect("built in"))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let error = asked(&args(&[]), &pack).expect_err("no calendar").to_string();
    assert!(error.contains("no release calendar: it stands in `calendar.yml`"), "{error}");
}
