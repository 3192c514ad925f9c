//! Programs as they are read and tried.
