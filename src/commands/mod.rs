//! Commands to Steward in comments. Pure: finding them in a comment, reading them, and the help.
//!
//! ```text
//! command  = "@" handle [ ":" | "," ] blanks
//!            ( why | waive | unwaive | approve | removal | "recheck" | "help" )
//! why      = "why" [ blanks label ]
//! waive    = "waive" blanks row blanks reason
//! unwaive  = "unwaive" blanks row
//! approve  = "approve-cleanup" blanks id
//! removal  = "deprecate" blanks integration { blanks option } | "slip" blanks version blanks reason
//!          | "cancel" blanks reason | "approve-exception" blanks reason
//!          | "removal-plan" blanks integration blanks version
//! option   = ( "removal" | "announce" ) "=" version | ( "entry" | "page" ) "=" path
//! row      = [ integration "/" ] key
//! label    = "~" name | [ "~" ] ( '"' name '"' | '`' name '`' )
//!          | name                    ; one word, or anything with "::" in it
//! ```
//!
//! A command is a line of its own, at the start of a line, in a paragraph of the comment: not in a
//! block of code, a quotation, a list or an HTML comment. Case makes no difference.
//!
//! A command in a comment is the one exception to "a webhook is a hint": it carries intent, so it
//! is stored by comment and revision, and runs once.

mod document;
mod find;
mod read;

#[cfg(test)]
mod tests;

pub use document::document;
pub use find::{is_bot, lines};
pub use read::{Command, read};

use serde::{Deserialize, Serialize};

/// What a person asked in one comment and has no answer to yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The store's number for it.
    pub id: i64,
    /// The forge's number for the comment.
    pub comment: u64,
    /// Which answer to the comment it gets, from 0: commands that are added to a comment later get
    /// an answer of their own.
    pub nth: u32,
    /// The asker's account.
    pub by_id: u64,
    /// The asker's handle.
    pub by: String,
    /// So many answers the account got on the item in the hour before.
    #[serde(default)]
    pub lately: u32,
    /// The lines that may be commands, as they stand in the comment: whose they are is known only
    /// when Steward knows its own handle.
    pub lines: Vec<String>,
}

/// What people are told of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Help {
    /// The word.
    pub name: &'static str,
    /// How it is written, behind the handle.
    pub usage: &'static [&'static str],
    /// What it does.
    pub does: &'static str,
    /// Who may use it.
    pub who: &'static str,
}

/// All commands.
pub const COMMANDS: [Help; 11] = [
    Help {
        name: "why",
        usage: &["why", "why ~\"label\""],
        does: "Tells what Steward did on the item and what it left alone, and why: what the \
               policies saw, and the line of the policy. With a label only what concerns it.",
        who: "anybody who can comment",
    },
    Help {
        name: "waive",
        usage: &["waive ROW REASON"],
        does: "Notes that a row of the checklist on a merge request need not be, and why; the \
               status then counts it as done. Where the change is about several integrations, \
               write `integration/ROW`.",
        who: "whom the checklist names under `waive`: members of the group that owns the \
              integration, as the forge knows them at that moment",
    },
    Help {
        name: "unwaive",
        usage: &["unwaive ROW"],
        does: "Takes a waiver back.",
        who: "whoever may waive",
    },
    Help {
        name: "recheck",
        usage: &["recheck"],
        does: "Looks at the item again, as after a push.",
        who: "anybody who can comment",
    },
    Help {
        name: "approve-cleanup",
        usage: &["approve-cleanup ID"],
        does: "Approves that the open items of an integration are closed and its label goes, as listed \
               on the item. Steward counts it when the cleanup is run.",
        who: "a member of the group that owns the integration, and a release manager; both must, and \
              they must be two people",
    },
    Help {
        name: "deprecate",
        usage: &[
            "deprecate INTEGRATION removal=20.0",
            "deprecate INTEGRATION removal=20.0 announce=19.9",
        ],
        does: "Records that an integration leaves, and makes this issue its tracking issue: its \
               description then shows how far it is, and whoever must act is called in time. Without \
               `announce` it is announced in the milestone in work. `entry=PATH` and `page=PATH` name \
               the entry and the page of the documentation, where they are not found otherwise.",
        who: "members of the group that owns the integration, and of the groups under `tracking` in \
              `removals.yml`",
    },
    Help {
        name: "slip",
        usage: &["slip 20.1 REASON"],
        does: "Moves the removal that is tracked on this issue to another milestone. The earlier one \
               stays on record.",
        who: "whoever may `deprecate`",
    },
    Help {
        name: "cancel",
        usage: &["cancel REASON"],
        does: "Records that the integration stays after all.",
        who: "whoever may `deprecate`",
    },
    Help {
        name: "approve-exception",
        usage: &["approve-exception REASON"],
        does: "Records that the removal need not keep the rules about milestones, as it stands now: \
               that it is announced early enough, and comes with a major. With other milestones the \
               rules hold again.",
        who: "members of the groups under `tracking` in `removals.yml`",
    },
    Help {
        name: "removal-plan",
        usage: &["removal-plan INTEGRATION 20.0"],
        does: "Tells what removing an integration in that milestone takes: when it must be announced, \
               who has to do what by when, and a draft of the entry. Records nothing.",
        who: "anybody who can comment",
    },
    Help {
        name: "help",
        usage: &["help"],
        does: "Lists the commands.",
        who: "anybody who can comment",
    },
];
