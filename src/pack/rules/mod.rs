//! `rules/*.yml`: the rules that a team writes itself, as typed values. How they are asked is in
//! `rules::declared`.

mod condition;
mod file;
mod values;

pub use condition::{
    Age, Author, Clock, Condition, FilesChanged, IntegrationIs, LabelSet, MilestoneIs, Text, Voted,
    Who,
};
pub use file::{
    Canary, CheckItem, Cites, Mode, RuleFile, RulesFile, Target, Then, ThenClose, ThenComment,
    ThenLabels, ThenStatus,
};
pub use values::{PathGlob, Pattern, Range, Regexp, TimeSpan, Version, Versions};
