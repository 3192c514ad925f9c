//! `docs/commands.md`, from the same data as the help in a comment.

use std::fmt::Write;

use super::COMMANDS;

const HEAD: &str = "\
# Commands

Write a command into a comment on an issue or merge request that Steward looks after, on a line of
its own that begins with Steward's handle:

```
@steward why ~\"group::import\"
```

| Command | What it does | Who may use it |
| --- | --- | --- |
";

const TAIL: &str = "
Commands that note something are acknowledged by an emoji on your comment; a refusal says why, and who
may. To `why`, `removal-plan` and `help` Steward answers in a comment of its own, which calls nobody but
you. Each command runs once, however often GitLab delivers the comment. Commands that you add to a comment
later run too; to ask the same again, write another comment.

- `INTEGRATION` may be its name, its key in the catalog, its label or its name in the code, in quotes
  or not.
- `label` may be written as `~\"group::import\"`, `~bug`, `` `group::import` `` or `group::import`.
- Not read as commands: lines in blocks of code, quotations, lists and HTML comments, lines that do
  not begin with the handle, internal comments (the answer would be public), and comments of bots.
- An item has room for a few unanswered questions at the same time (`most_unanswered` in
  `commands.yml` of the policies); further ones are dropped until those are answered.
- An account gets so many answers on one item in an hour (`most_an_hour`), and a comment so many
  however often it is edited (`most_for_a_comment`); of one comment five commands are answered at a
  time. What is asked beyond is dropped.

The same on the command line, for those who have the token: `steward why URL --label NAME`.
";

/// The page about the commands.
pub fn document() -> String {
    let mut page = HEAD.to_owned();
    for command in COMMANDS {
        let usage: Vec<String> =
            command.usage.iter().map(|usage| format!("`@steward {usage}`")).collect();
        // Into a text nothing can fail.
        let _ = writeln!(page, "| {} | {} | {} |", usage.join("<br>"), command.does, command.who);
    }
    page + TAIL
}
