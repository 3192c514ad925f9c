//! GitLab: the `gitlab` crate's endpoints over a transport of our own.
