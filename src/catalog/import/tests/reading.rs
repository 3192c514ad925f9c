use proptest::prelude::*;

use super::*;
use crate::catalog::Lifecycle;
use crate::policy::render;

#[test]
fn a_page_that_agrees_makes_no_difference() {
    let page = page(PAGE);
    assert!(page.problems.is_empty(), "{}", page.problems);
    assert_eq!((page.rows.len(), page.tables), (3, 2));
    assert_eq!(page.rows[0].docs.as_deref(), Some("https://docs.test/jira"));
    assert_eq!((page.rows[0].span.line, page.rows[0].span.column), (11, 3));
    assert_eq!(difference(PAGE).to_string(), "3 integrations in 2 tables; no difference\n");
}

#[test]
fn windows_line_ends_and_a_missing_front_matter_are_taken() {
    let text = PAGE.split_once("---\n\n").map_or(PAGE, |(_, rest)| rest).replace('\n', "\r\n");
    assert!(page(&text).problems.is_empty(), "{}", page(&text).problems);
    assert!(difference(&text).is_empty(), "{}", difference(&text));
}

#[test]
fn a_difference_is_shown_field_by_field() {
    let text = PAGE
        .replace(
            "| Redmine | Project Management | Issues |",
            "| Linear | Project Management | Issues |",
        )
        .replace("(https://docs.test/jira) |", "(https://docs.test/jira/new) (deprecated) |")
        .replace("under group Verify:Pipeline Execution", "Plan:Project Management");
    insta::assert_snapshot!(difference(&text).to_string(), @r#"
    + Linear (page line 12)
        category: External Issue Trackers
        group: project_management
    - Redmine (policies/catalog/integrations/trackers.yml:16)
    ~ Jira issue integration (policies/catalog/integrations/trackers.yml:5, page line 11)
        docs: https://docs.test/jira → https://docs.test/jira/new
        lifecycle: active → deprecated
    ~ Jenkins (policies/catalog/integrations/ci_cd.yml:3, page line 22)
        group: pipeline_execution → project_management
    3 integrations in 2 tables; 1 added, 1 removed, 2 changed
    "#);
}

#[test]
fn a_row_with_the_same_link_or_label_is_a_rename() {
    let text =
        PAGE.replace("[Jira issue integration]", "[Jira work items]").replace("Redmine", "REDMINE");
    let difference = difference(&text);
    assert!(difference.added.is_empty() && difference.removed.is_empty(), "{difference}");
    assert_eq!(difference.changed.len(), 2);
    assert_eq!(difference.changed[0].fields[0].new.as_deref(), Some("Jira work items"));
}

#[test]
fn a_page_without_a_suffix_does_not_revive_what_is_deprecated() {
    let mut source = source();
    let text =
        TRACKERS.replace("    label: Redmine\n", "    label: Redmine\n    lifecycle: deprecated\n");
    source.insert(SourceFile::new("catalog/integrations/trackers.yml", Origin::BuiltIn, text));
    assert!(diff::compare(&page(PAGE), &catalog_of(&source)).is_empty());
}

#[test]
fn mistakes_on_the_page_are_named_with_their_place() {
    let text = "\
# Odd ones

| Integration | DRI Group | Rationale |
|---|---|---|
| A | group Project Managment | r |
| B | | r |
| C | Project Management |
| D | Project Management | r | more |
| E | Project Management | r |
| e | Project Management | r |
| [F](/relative) | Project Management | r |
| G \\| H | nobody at all | r |

| Integration | Rationale |
|---|---|
| I | r |

| Integration | DRI Group | Rationale |
|---|---|
| J | Project Management | r |
";
    insta::assert_snapshot!(page(text).problems.to_string(), @r#"
    page.md:5:7: there is no group `Project Managment`
    page.md:6:1: the cell DRI Group is empty
    page.md:7:1: the row has 2 cells, the table 3 columns
    page.md:8:1: the row has 4 cells, the table 3 columns
    page.md:10:3: `e` is listed twice
    page.md:11:3: `/relative` is not a web address
    page.md:12:12: there is no group `nobody at all`
    page.md:14:1: the table has no column DRI Group
    page.md:18:1: this looks like an ownership table, but is not one
    "#);
    insta::assert_snapshot!(page("# Nothing\n").problems.to_string(), @r#"
    page.md: the page has no ownership table
    "#);
}

#[test]
fn rows_parted_from_their_table_are_noticed() {
    let text = PAGE.replace("| Redmine |", "\n| Redmine |");
    let problems = page(&text).problems.to_string();
    assert_eq!(problems, "page.md:13:1: this looks like a row of the table above, but is not one");
}

#[test]
fn a_status_is_no_part_of_the_name_but_other_brackets_are() {
    let text = PAGE
        .replace("| Redmine |", "| Redmine (Deprecated) |")
        .replace("| Jenkins |", "| Jenkins (CI) |");
    let page = page(&text);
    assert_eq!(
        (page.rows[1].name.as_str(), page.rows[1].status),
        ("Redmine", Lifecycle::Deprecated)
    );
    assert_eq!(page.rows[2].name, "Jenkins (CI)");
}

proptest! {
    #[test]
    fn any_page_is_taken(text in "(\\| ?|Integration|DRI Group|Rationale|-|\n|\r|---\n|#+ |é|\\\\|\\[a\\]\\(b\\)|Jira|group |:|\t|> ){0,60}") {
        let read = page(&text);
        let _ = render(&read.problems, false, 80);
        let _ = diff::compare(&read, &catalog_of(&source())).to_string();
    }
}
