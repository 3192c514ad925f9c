//! Policies: what a team may want to change, as YAML, loaded with errors that point at the token.
