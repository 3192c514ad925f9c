//! The rules. Pure: they look at a [`View`] and say what they want, with the reason. What is
//! then done, given what people did meanwhile, is `plan`'s business.

pub mod declared;
pub mod lifecycle;
pub mod newcomer;
pub mod routing;
mod trace;
mod view;
mod wanted;

pub use trace::{LabelSeen, PathSeen, Saw, Step};
pub use view::{Removal, View};
pub use wanted::{
    AssigneesWanted, CloseWanted, CommentWanted, DECLARED, DueWanted, IssueWanted, KeepRules,
    LabelUnwanted, LabelWanted, MilestoneWanted, Post, ReportWanted, Section, SectionWanted,
    StatusWanted, Told, Wanted,
};
