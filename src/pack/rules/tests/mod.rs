//! Rules as they are read.
