//! Policies of other programs, turned into Steward's rules. Nothing is read or written here: text
//! goes in, and text and a report come out.

pub mod gitlab_triage;
