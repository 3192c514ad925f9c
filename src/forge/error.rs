//! What can go wrong at a forge, told by what Steward must do about it.

use std::time::Duration;

/// Whether a request that failed may have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The forge did not act on it.
    NotApplied,
    /// It may or may not have acted: look before writing again.
    Unknown,
}

/// What went wrong at a forge. No variant carries a secret: request headers never get in here,
/// and addresses are stripped of user names and queries.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ForgeError {
    /// It is not there, or hidden from Steward (the forges answer 404 for both).
    #[error("{request}: not found, or hidden from Steward's token")]
    NotFound {
        /// Method and path.
        request: String,
        /// What the forge said: which of the things that the path names is not there.
        message: String,
    },
    /// The token is missing, wrong, expired or revoked.
    #[error("{request}: the token was refused (401); check {check}")]
    Unauthorized {
        /// Method and path.
        request: String,
        /// The variable of the environment that it came from.
        check: &'static str,
    },
    /// The token is right and may not do this.
    #[error("{request}: forbidden (403): {message}")]
    Forbidden {
        /// Method and path.
        request: String,
        /// What the forge said.
        message: String,
    },
    /// Too many requests. Never retried inside a call.
    #[error("{request}: rate limited; the forge asks to wait {} s", seconds(*retry_after))]
    RateLimited {
        /// Method and path.
        request: String,
        /// How long the forge asks to wait.
        retry_after: Duration,
    },
    /// The forge refused the request as wrong: repeating it will not help.
    #[error("{request}: refused ({}): {message}", refused_by(*status))]
    Refused {
        /// Method and path.
        request: String,
        /// The HTTP status; 0 when Steward itself refused before anything was sent.
        status: u16,
        /// What the forge said.
        message: String,
    },
    /// No connection could be made: nothing was sent.
    #[error("{request}: no connection: {message}")]
    Unreachable {
        /// Method and path.
        request: String,
        /// What the network said.
        message: String,
    },
    /// A 5xx, a time-out or a cut connection after the request was sent.
    #[error("{request}: {message}; a write may or may not have gone through")]
    Broken {
        /// Method and path.
        request: String,
        /// What was seen.
        message: String,
        /// The status of a whole answer; `None` when none came.
        status: Option<u16>,
    },
    /// The answer was not what Steward understands.
    #[error("{request}: unexpected answer: {message}")]
    Unexpected {
        /// Method and path.
        request: String,
        /// What did not fit.
        message: String,
    },
    /// A request of several was refused after others had been taken: some of what was asked for is
    /// so now, and some is not.
    #[error("{error}; what was asked for beside it is done")]
    Partly {
        /// Why the rest was not done.
        error: Box<ForgeError>,
    },
    /// Steward does not handle this kind of subject on this forge.
    #[error("{what} is not something that Steward can read on this forge")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
}

/// Whole seconds, rounded up: nobody is told to wait for none.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn refused_by(status: u16) -> String {
    if status == 0 { "not sent".to_owned() } else { status.to_string() }
}

impl ForgeError {
    /// What was wrong: for [`ForgeError::Partly`], with the request that was refused.
    pub fn cause(&self) -> &ForgeError {
        match self {
            ForgeError::Partly { error } => error.cause(),
            other => other,
        }
    }

    /// Whether a write that failed so may have gone through all the same.
    pub fn outcome(&self) -> Outcome {
        match self {
            ForgeError::Broken { .. }
            | ForgeError::Unexpected { .. }
            | ForgeError::Partly { .. } => Outcome::Unknown,
            _ => Outcome::NotApplied,
        }
    }

    /// Whether the forge may still be at work on the request: there was no answer, or a proxy
    /// gave up waiting for one. Looking right away may then be too early.
    pub fn may_still_land(&self) -> bool {
        matches!(self.cause(), ForgeError::Broken { status: None | Some(504), .. })
    }

    /// Whether it is what a proxy says, or does, while the forge behind it is away. A 500 is not:
    /// that one the forge itself has made of this one request.
    pub fn tells_of_an_outage(&self) -> bool {
        match self.cause() {
            ForgeError::Broken { status, .. } => *status != Some(500),
            ForgeError::Unexpected { .. } => true,
            _ => false,
        }
    }

    /// Whether the token may not do at all what it is used for, whatever the subject.
    pub fn lacks_scope(&self) -> bool {
        // GitLab; GitHub says it of Apps ("by integration") and of fine-grained tokens.
        let says = ["insufficient_scope", "Resource not accessible by"];
        matches!(self.cause(), ForgeError::Forbidden { message, .. }
            if says.iter().any(|part| message.contains(part)))
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.cause(),
            ForgeError::RateLimited { .. }
                | ForgeError::Unreachable { .. }
                | ForgeError::Broken { .. }
                | ForgeError::Unexpected { .. }
        )
    }
}
