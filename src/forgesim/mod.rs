//! A simulated GitLab that speaks the real HTTP API, for the demo, benchmarks and tests.
