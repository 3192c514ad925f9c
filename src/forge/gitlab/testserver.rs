//! Clients of the test server.

use std::time::Duration;

use super::{GitlabForge, GitlabSettings, Transport};
pub(super) use crate::forge::shared::testserver::{Reply, Seen, Server, reply, with};

pub(super) const TOKEN: &str = "glpat-very-secret";

impl Server {
    pub(super) fn forge(&self) -> GitlabForge {
        GitlabForge::new(settings(&self.url)).expect("settings")
    }

    pub(super) fn transport(&self) -> Transport {
        Transport::new(&settings(&self.url)).expect("settings")
    }
}

pub(super) fn settings(url: &str) -> GitlabSettings {
    GitlabSettings {
        timeout: Duration::from_millis(500),
        ..GitlabSettings::new(url, TOKEN.to_owned().into())
    }
}
