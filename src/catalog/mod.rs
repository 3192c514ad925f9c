//! Integrations, their labels and the groups that own them.
