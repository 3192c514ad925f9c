//! A complete integration has a complete sheet.

use super::{cases, told};
use crate::model::{Need, RowStatus};

/// Advice that a complete integration need not follow, by case: `*` stands for all.
const NOT_FOLLOWED: &[(&str, &str)] = &[("*", "docs_navigation"), ("*", "feature_flag")];

#[test]
fn all_kinds_of_integrations_are_complete() {
    let cases = cases();
    assert!(cases.len() >= 8, "{}", cases.len());
    let mut wrong = Vec::new();
    for (case, change) in cases {
        let sheet = change.sheet();
        assert_eq!(sheet.checklist, "new-integration");
        assert_eq!((&sheet.name, &sheet.title), (&change.names.name, &change.names.title));
        for row in &sheet.rows {
            let is_advice = row.need == Need::Advice
                && NOT_FOLLOWED.iter().any(|(of, key)| ["*", case].contains(of) && *key == row.key);
            let fits = match row.status {
                RowStatus::Pass | RowStatus::NotApplicable => true,
                RowStatus::Missing => is_advice,
                RowStatus::CannotTell | RowStatus::Claimed | RowStatus::Waived => false,
            };
            if !fits {
                wrong.push(format!("{case}: {}", told(row)));
            }
        }
        assert_eq!(
            sheet
                .rows
                .iter()
                .filter(|row| row.cites.is_none())
                .map(|row| &*row.key)
                .collect::<Vec<_>>(),
            ["import_export", "table_docs", "owner"],
            "the other rows stand on the page"
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What does not concern an integration is left out, and for nothing else.
#[test]
fn rows_are_set_aside_where_they_do_not_concern() {
    let aside = |case: &str| -> Vec<String> {
        let rows = cases()[case].sheet().rows.into_iter();
        rows.filter(|row| row.status == RowStatus::NotApplicable).map(|row| row.key).collect()
    };
    for (case, rows) in [
        ("beacon", &["channel_masking"][..]),
        (
            "gatekeeper",
            &[
                "channel_masking",
                "api_class",
                "api_arguments",
                "api_docs_project",
                "api_docs_group",
            ],
        ),
        ("harbour_desk", &["channel_masking"]),
        ("lantern", &["channel_masking"]),
        ("mill_ci", &["channel_masking"]),
        ("parrot_chat", &[]),
        ("platform_cargo_bay", &["channel_masking", "api_docs_group"]),
        ("relay_hook", &["channel_masking"]),
    ] {
        assert_eq!(aside(case), rows, "{case}");
    }
}

#[test]
fn the_flag_of_a_case_is_found() {
    let flagged =
        cases().iter().filter(|(_, change)| change.statuses()["feature_flag"] == RowStatus::Pass);
    assert_eq!(flagged.map(|(case, _)| &**case).collect::<Vec<_>>(), ["beacon"]);
}
