//! `steward --help`: the commands, ordered by what one wants to do.

use clap::Command;

/// Each command in one group.
pub(super) const GROUPS: [(&str, &[&str]); 7] = [
    ("Run it", &["serve", "sweeps", "doctor", "settings"]),
    ("Ask about an item", &["plan", "why", "replay"]),
    ("Check a change before it is pushed", &["check"]),
    ("Plan what leaves", &["removals", "calendar", "deprecations"]),
    ("Change the policies", &["lint", "sync", "preview", "schema", "import", "catalog"]),
    ("End an integration", &["cleanup", "restore"]),
    ("Try it out", &["demo", "forgesim", "bench"]),
];

/// The command with its subcommands listed in groups: clap itself knows only one list.
pub(super) fn grouped(command: Command) -> Command {
    let mut list = String::new();
    for (title, names) in GROUPS {
        list.push_str(&format!("{title}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            list.push_str(&format!("  {name:<13} {about}\n"));
        }
        list.push('\n');
    }
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}Options:\n{{options}}\n\n\
         `steward help <COMMAND>` tells more about each.\n"
    ))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_stands_in_one_group_on_one_line() {
        let command = super::super::Cli::command();
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.to_vec()).collect();
        let mut all: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        listed.sort_unstable();
        all.sort_unstable();
        assert_eq!(listed, all);
        let help = grouped(command).render_help().to_string();
        insta::assert_snapshot!(help);
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}
