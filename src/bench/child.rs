//! A `steward` of our own as a child process. It is killed when its owner lets go of it, however
//! that comes.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    BenchError,
    http::{Connection, request},
};

/// How long a process may take to answer its first request.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of a log is shown when something went wrong.
const TAIL: u64 = 2000;

/// A running child.
#[derive(Debug)]
pub(super) struct Child {
    name: &'static str,
    process: std::process::Child,
    log: PathBuf,
    pub(super) address: SocketAddr,
}

impl Child {
    /// Starts `steward <name>` in a folder, with its log there, and waits until `path` answers.
    /// Of the environment it sees only what is given. Answers how long it took.
    pub(super) async fn start(
        name: &'static str,
        address: SocketAddr,
        path: &str,
        folder: &Path,
        set_up: impl FnOnce(&mut Command),
    ) -> Result<(Self, Duration), BenchError> {
        let program = std::env::current_exe().map_err(BenchError::io("looking for myself"))?;
        let log = folder.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log);
        let file = file.map_err(BenchError::io("making a log"))?;
        let mut command = Command::new(&program);
        command.arg(name).env_clear().current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        set_up(&mut command);
        let started = Instant::now();
        let process = command.spawn().map_err(|error| BenchError::Spawn { program, error })?;
        let mut child = Self { name, process, log, address };
        child.answers(path, started).await?;
        Ok((child, started.elapsed()))
    }

    async fn answers(&mut self, path: &str, started: Instant) -> Result<(), BenchError> {
        let request = request("GET", path, "", b"");
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && let Ok(answer) = connection.exchange(&request).await
                && answer.status == 200
            {
                return Ok(());
            }
            self.is_alive()?;
            if started.elapsed() > PATIENCE {
                let log = self.said();
                return Err(BenchError::NotUp { command: self.name, waited: PATIENCE, log });
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// # Errors
    /// When it has ended.
    pub(super) fn is_alive(&mut self) -> Result<(), BenchError> {
        match self.process.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(BenchError::Ended {
                command: self.name,
                status: status.to_string(),
                log: self.said(),
            }),
            Err(error) => Err(BenchError::io("looking after a child")(error)),
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The end of its log.
    pub(super) fn said(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }

    /// Ends it at once, with a signal that it cannot see coming (SIGKILL).
    pub(super) fn kill(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An address that nobody listens on.
pub(super) fn free_address() -> Result<SocketAddr, BenchError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(BenchError::io("looking for a free port"))
}
