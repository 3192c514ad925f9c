//! The ways in which the forge fails on request.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use super::{Form, Stage, Story, header};
use crate::forgesim::{Fault, FaultKind, SimSettings, State};

const ISSUE: &str = "/projects/example%2Fproduct/issues/1";
const CLOSE: [(&str, &str); 1] = [("state_event", "close")];

async fn stage() -> Result<Stage, Box<dyn std::error::Error>> {
    let stage = Stage::new().await?;
    stage.sim.person("anna").opens_issue(&stage.product, "T", "", &[])?;
    Ok(stage)
}

#[tokio::test]
async fn too_many_requests_for_a_while() -> Story {
    let stage = stage().await?;
    let kind = FaultKind::TooManyRequests { retry_after: 7 };
    stage.sim.fails(Fault::new(kind).on("PUT").at("/issues/").times(2));
    assert_eq!(stage.get(ISSUE).send().await?.status(), 200);
    for _ in 0..2 {
        let refused = stage.put(ISSUE).form(&CLOSE).send().await?;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header(&refused, "retry-after"), "7");
    }
    assert_eq!(stage.sim.issue(&stage.product, 1)?.state, State::Opened);
    assert_eq!(stage.put(ISSUE).form(&CLOSE).send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn bad_gateway_before_and_after() -> Story {
    let stage = stage().await?;
    stage.sim.fails(Fault::new(FaultKind::BadGatewayBefore));
    assert_eq!(stage.put(ISSUE).form(&CLOSE).send().await?.status(), 502);
    assert_eq!(stage.sim.issue(&stage.product, 1)?.state, State::Opened);
    stage.sim.fails(Fault::new(FaultKind::BadGatewayAfter).on("put").at("*/issues/*"));
    assert_eq!(stage.get(ISSUE).send().await?.status(), 200);
    assert_eq!(stage.put(ISSUE).form(&CLOSE).send().await?.status(), 502);
    assert_eq!(stage.sim.issue(&stage.product, 1)?.state, State::Closed);
    Ok(())
}

#[tokio::test]
async fn cut_connections_before_and_after() -> Story {
    let stage = stage().await?;
    for (kind, state) in
        [(FaultKind::CutBefore, State::Opened), (FaultKind::CutAfter, State::Closed)]
    {
        stage.sim.fails(Fault::new(kind));
        let error = stage.put(ISSUE).form(&CLOSE).send().await.err().ok_or("it was answered")?;
        assert!(error.is_request() && error.status().is_none(), "{error:?}");
        assert_eq!(stage.sim.issue(&stage.product, 1)?.state, state);
    }
    assert_eq!(stage.get(ISSUE).send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn hanging_and_slow_answers() -> Story {
    let stage = stage().await?;
    stage.sim.fails(Fault::new(FaultKind::Hang).forever());
    let soon = Duration::from_millis(150);
    let error = stage.get(ISSUE).timeout(soon).send().await.err().ok_or("it was answered")?;
    assert!(error.is_timeout());
    stage.sim.clear_faults();
    stage.sim.fails(Fault::new(FaultKind::Latency { ms: 60 }));
    let start = Instant::now();
    stage.get(ISSUE).send().await?.error_for_status()?;
    assert!(start.elapsed() >= Duration::from_millis(60));
    stage.sim.set_latency(Duration::from_millis(40));
    let start = Instant::now();
    stage.get(ISSUE).send().await?.error_for_status()?;
    assert!(start.elapsed() >= Duration::from_millis(40));
    Ok(())
}

#[tokio::test]
async fn faults_are_switched_over_http() -> Story {
    let stage = stage().await?;
    let url = format!("{}/_sim/faults", stage.sim.url());
    let fault =
        json!({ "path": "/issues/", "kind": { "too_many_requests": { "retry_after": 1 } } });
    assert_eq!(stage.client.post(&url).json(&fault).send().await?.status(), 201);
    assert_eq!(stage.get(ISSUE).send().await?.status(), 429);
    assert_eq!(stage.client.delete(&url).send().await?.status(), 204);
    assert_eq!(stage.get(ISSUE).send().await?.status(), 200);
    let bad = stage.client.post(&url).json(&json!({ "kind": "explode" })).send().await?;
    assert!(bad.status().is_client_error());
    let requests = stage.client.get(format!("{}/_sim/requests", stage.sim.url())).send().await?;
    let requests: serde_json::Value = requests.json().await?;
    assert_eq!(requests["counts"]["GET /api/v4/projects/{id}/issues/{iid}"], 2);
    Ok(())
}

#[tokio::test]
async fn the_rate_limit_can_be_enforced() -> Story {
    let settings =
        SimSettings { rate_limit: 2, rate_limit_enforced: true, ..SimSettings::default() };
    let stage = Stage::with(settings).await?;
    let first = stage.get("/user").send().await?;
    assert_eq!(header(&first, "ratelimit-remaining"), "1");
    assert_eq!(stage.get("/user").send().await?.status(), 200);
    let refused = stage.get("/user").send().await?;
    assert_eq!(refused.status(), 429);
    assert!(!header(&refused, "retry-after").is_empty());
    Ok(())
}
