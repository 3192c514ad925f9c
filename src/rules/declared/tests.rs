//! What rules ask for.
