use proptest::prelude::*;

use super::*;
use crate::model::LabelName;

fn found(body: &str) -> Vec<String> {
    lines(body, Some("steward"))
}

fn why(label: &str) -> Option<Command> {
    Some(Command::Why { label: (!label.is_empty()).then(|| LabelName::from(label)) })
}

#[test]
fn a_command_is_a_line_of_its_own() {
    assert_eq!(found("@steward why"), ["@steward why"]);
    assert_eq!(found("Hello\n@Steward: why bug \nand more"), ["@Steward: why bug"]);
    assert_eq!(
        found("@steward why\r\n\r\n@steward help\n@steward why"),
        ["@steward why", "@steward help"]
    );
    for none in [
        "Ask @steward why",
        "@steward-bot why",
        "@steward/team why",
        "@steward",
        " @anna why",
        "@anna why",
        "`@steward why`",
    ] {
        assert_eq!(found(none), [""; 0], "{none}");
    }
}

#[test]
fn an_approval_names_what_is_approved() {
    let id = |line: &str| match read(line, "steward") {
        Some(Command::ApproveCleanup { id }) => id,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(id("@steward approve-cleanup 1a2b3c4d"), "1a2b3c4d");
    assert_eq!(id("@Steward: Approve-Cleanup `1A2B3C4D` looks right"), "1a2b3c4d");
    assert_eq!(id("@steward approve-cleanup"), "");
    assert_eq!(read("@somebody approve-cleanup 1a2b3c4d", "steward"), None);
    assert_eq!(found("> @steward approve-cleanup 1a2b3c4d"), [""; 0]);
}

#[test]
fn what_is_said_about_removals_is_read_as_people_write_it() {
    let read = |line: &str| read(&format!("@steward {line}"), "steward").expect(line);
    let owned = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let deprecate = |integration: &str, options: &[(&str, &str)]| Command::Deprecate {
        integration: integration.into(),
        options: owned(options),
    };
    for (line, wanted) in [
        ("deprecate jira removal=20.0", deprecate("jira", &[("removal", "20.0")])),
        (
            "deprecate \"Slack slash commands\" removal=`20.0` announce=19.9",
            deprecate("Slack slash commands", &[("removal", "20.0"), ("announce", "19.9")]),
        ),
        (
            "deprecate ~\"Integration::Jira\" removal=20.0 by=now",
            deprecate("Integration::Jira", &[("removal", "20.0"), ("by", "now")]),
        ),
        ("deprecate", deprecate("", &[])),
        ("deprecate a=b", deprecate("", &[("a", "b")])),
        ("slip 20.1  too late ", Command::Slip { to: "20.1".into(), why: "too late".into() }),
        ("slip", Command::Slip { to: String::new(), why: String::new() }),
        ("cancel We keep it.", Command::Cancel { why: "We keep it.".into() }),
        ("approve-exception", Command::ApproveException { why: String::new() }),
        (
            "removal-plan Slack slash commands 20.0",
            Command::RemovalPlan {
                integration: "Slack slash commands".into(),
                version: "20.0".into(),
            },
        ),
        (
            "removal-plan jira removal=20.0",
            Command::RemovalPlan { integration: "jira".into(), version: "20.0".into() },
        ),
        (
            "removal-plan jira",
            Command::RemovalPlan { integration: "jira".into(), version: String::new() },
        ),
    ] {
        assert_eq!(read(line), wanted, "{line}");
    }
}

#[test]
fn nothing_is_found_where_nobody_speaks() {
    for body in [
        "```\n@steward why\n```",
        "~~~\n@steward why",
        "```\n@steward why\n~~~\n@steward why\n```",
        "    @steward why",
        "> said\n@steward why",
        "> @steward why",
        ">>>\n@steward why\n>>>",
        "<!--\n@steward why\n-->",
        "<pre>\n@steward why\n</pre>",
        "Look: `code\n@steward why\nmore`",
        "Look: <!--\n@steward why\n-->",
        "- ```\n  @steward why\n  ```",
        "- one\n@steward why",
    ] {
        assert_eq!(found(body), [""; 0], "{body}");
    }
    assert_eq!(found("```\ncode\n```\n@steward why"), ["@steward why"]);
    assert_eq!(found("> said\n\n@steward why"), ["@steward why"]);
    assert_eq!(found("`code` and\n@steward why"), ["@steward why"]);
}

#[test]
fn as_long_as_the_handle_is_not_known_every_address_is_kept() {
    assert_eq!(lines("@anna why\n@steward help", None), ["@anna why", "@steward help"]);
}

#[test]
fn labels_are_read_as_people_write_them() {
    let read = |line: &str| read(line, "steward");
    for (line, label) in [
        ("@steward why", ""),
        ("@steward WHY?", ""),
        ("@steward, why did you do that?", ""),
        ("@steward why ~bug", "bug"),
        ("@steward why bug?", "bug"),
        ("@steward why ~\"group::project management\" not?", "group::project management"),
        ("@steward why \"needs docs\"", "needs docs"),
        ("@steward why `~\"a b\"`", "a b"),
        ("@steward why group::project management", "group::project management"),
        ("@steward why ~\"", "\""),
    ] {
        assert_eq!(read(line), why(label), "{line}");
    }
    assert_eq!(read("@steward help"), Some(Command::Help));
    let unknown = |word: &str, near| Some(Command::Unknown { word: word.into(), near });
    assert_eq!(read("@steward wyh"), unknown("wyh", Some("why")));
    assert_eq!(read("@steward assign me"), unknown("assign", None));
    assert_eq!(read("@steward thank you for this one"), None);
    assert_eq!(read("@anna why"), None);
    assert_eq!(read("@steward"), None);
}

#[test]
fn bots_are_known_by_their_handles() {
    for bot in ["project_12_bot_ab", "group_3_bot", "service_account_x", "support-bot"] {
        assert!(is_bot(bot), "{bot}");
    }
    for person in ["anna", "project_manager", "project_1_bob", "group_bot"] {
        assert!(!is_bot(person), "{person}");
    }
}

#[test]
fn the_page_about_the_commands_is_up_to_date() {
    let page = include_str!("../../docs/commands.md");
    assert_eq!(page, document(), "write the output of `commands::document` to docs/commands.md");
}

proptest! {
    #[test]
    fn any_text_may_be_read(body in any::<String>(), handle in "[a-z]{0,3}") {
        for line in lines(&body, None) {
            let _ = read(&line, &handle);
        }
        let _ = read(&body, &handle);
    }

    #[test]
    fn markup_is_read_without_harm(body in r"([`~>< \-*\n\t@a!#\[\]()&|]|<!--|-->|@a why\n|```|>>>){0,40}") {
        for line in lines(&body, Some("a")) {
            prop_assert!(line.starts_with("@a"));
        }
    }

    #[test]
    fn nothing_is_found_in_a_block_of_code(
        before in "[a-z\n]{0,20}",
        code in "([a-z >`~\\-\n]|<!--|-->|@steward why\n){0,20}",
    ) {
        let fence = "`".repeat(50);
        let body = format!("{before}\n{fence}\n@steward why\n{code}\n{fence}\n");
        prop_assert_eq!(found(&body), Vec::<String>::new());
    }
}
