//! Sending webhooks: as fast as they are taken, or at an even pace.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    time::Duration,
};

use chrono::Utc;
use futures::future::{join_all, try_join_all};

use super::{BenchError, hooks::Hook, http::Connection};

/// Connections from the forge: its background jobs send side by side.
const CONNECTIONS: usize = 32;

/// What came of sending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// When the first webhook was sent, in microseconds of Unix time.
    pub(super) first_micros: i64,
    /// From then until the last one was answered.
    pub(super) took: Duration,
}

/// Sends all, each as soon as a connection is free, and expects each to be taken.
pub(super) async fn burst(to: SocketAddr, hooks: &[Hook]) -> Result<Sent, BenchError> {
    let connections = open(to).await?;
    let next = Cell::new(0);
    let first_micros = Utc::now().timestamp_micros();
    let started = std::time::Instant::now();
    let (next, hooks) = (&next, hooks);
    try_join_all(connections.into_iter().map(|mut connection| async move {
        while let Some(hook) = hooks.get(next.replace(next.get() + 1)) {
            taken(&mut connection, hook).await?;
        }
        Ok::<_, BenchError>(())
    }))
    .await?;
    Ok(Sent { first_micros, took: started.elapsed() })
}

/// Sends all, each as soon as a connection is free, while the receiver may die. Answers which
/// were not taken, by their place.
pub(super) async fn burst_into_trouble(
    to: SocketAddr,
    hooks: &[Hook],
) -> Result<Vec<usize>, BenchError> {
    let connections = open(to).await?;
    let next = Cell::new(0);
    let lost = RefCell::new(Vec::new());
    let (next, failed, hooks) = (&next, &lost, hooks);
    join_all(connections.into_iter().map(|mut connection| async move {
        loop {
            let at = next.replace(next.get() + 1);
            let Some(hook) = hooks.get(at) else { break };
            if taken(&mut connection, hook).await.is_err() {
                failed.borrow_mut().push(at);
            }
        }
    }))
    .await;
    Ok(lost.into_inner())
}

/// Sends so many a second, each at its time whether or not the one before was answered. Answers
/// when each was sent, in microseconds of Unix time.
pub(super) async fn steadily(
    to: SocketAddr,
    hooks: &[Hook],
    rate: f64,
) -> Result<Vec<i64>, BenchError> {
    let connections = open(to).await?;
    let lanes = connections.len();
    let pause = Duration::from_secs_f64(1.0 / rate);
    let start = tokio::time::Instant::now();
    let lane = |(lane, mut connection): (usize, Connection)| async move {
        let mut sent = Vec::new();
        for (at, hook) in hooks.iter().enumerate().skip(lane).step_by(lanes) {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            tokio::time::sleep_until(start + pause * at).await;
            sent.push((at, Utc::now().timestamp_micros()));
            taken(&mut connection, hook).await?;
        }
        Ok::<_, BenchError>(sent)
    };
    let mut sent = try_join_all(connections.into_iter().enumerate().map(lane)).await?.concat();
    sent.sort_unstable();
    Ok(sent.into_iter().map(|(_, micros)| micros).collect())
}

async fn open(to: SocketAddr) -> Result<Vec<Connection>, BenchError> {
    let all = (0..CONNECTIONS).map(|_| Connection::open(to));
    try_join_all(all).await.map_err(BenchError::io("connecting to Steward"))
}

async fn taken(connection: &mut Connection, hook: &Hook) -> Result<(), BenchError> {
    let answer = connection.exchange(&hook.bytes).await;
    let status = answer.map_err(BenchError::io("sending a webhook"))?.status;
    if (200..300).contains(&status) {
        Ok(())
    } else {
        Err(BenchError::Refused { what: "a webhook".into(), status })
    }
}
