//! The `steward` command.

use std::process::ExitCode;

/// A fifth of the time of an event went into the system's allocator (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    steward::cli::main()
}
