//! `rules/*.yml`: the rules that a team writes itself, as typed values. How they are asked is in
//! `rules::declared`.

mod check;
mod check_condition;
mod check_review;
mod condition;
mod expr;
mod file;
mod known;
mod load;
mod rule;
mod values;

#[cfg(test)]
mod tests;

pub use condition::{
    Age, Author, Clock, Condition, FilesChanged, IntegrationIs, LabelSet, MilestoneIs, Text, Voted,
    Who,
};
pub use expr::{Expr, ExprFacts, ExprIntegration, ExprItem, ExprVotes};
pub use file::{
    Canary, CheckItem, Cites, Mode, RuleFile, RulesFile, Target, Then, ThenClose, ThenComment,
    ThenLabels, ThenReview, ThenStatus,
};
pub use load::FILES;
pub use rule::{DECLARED, Rule, Rules};
pub use values::{PathGlob, Pattern, Range, Regexp, TimeSpan, Versions};

pub(in crate::pack) use check::is_key;
pub(in crate::pack) use known::Known;
pub(in crate::pack) use load::Files;
