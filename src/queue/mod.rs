//! When work is tried again, and when it is given up: the policy over the work table of
//! [`store`](crate::store). Pure: no clock, no database, no chance inside.
