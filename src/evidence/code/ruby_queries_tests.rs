//! The queries of the checklist for GitLab.
