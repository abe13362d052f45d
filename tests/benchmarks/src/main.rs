//! The benchmarks: `tests/benchmarks/run`, or some of them by name.
//!
//! What is compared is measured in one run, in turns, since machines differ and are busy. Nothing here is a test.

mod alerts;
mod functions;
mod lambda;
mod local;
mod process;
mod table;

use std::io::Write;

use anyhow::ensure;
use local::Local;

/// The parts, in the order in which they run.
const PARTS: [&str; 7] = ["start", "warm", "local", "code", "alerts", "size", "memory"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.is_empty() {
        wanted = PARTS.map(str::to_owned).into();
    }
    for part in &wanted {
        ensure!(PARTS.contains(&part.as_str()), "there is no part {part}, but {}", PARTS.join(", "));
    }
    let mut rows = Vec::new();
    let mut log = std::io::stderr();
    for part in PARTS.into_iter().filter(|part| wanted.iter().any(|wanted| wanted == part)) {
        writeln!(log, "{part} …")?;
        rows.extend(match part {
            "start" => functions::starts(&Local::start(true).await?).await?,
            "warm" => functions::warm(&Local::start(true).await?).await?,
            "local" => local::under_load(&Local::start(true).await?).await?,
            "code" => local::codes(&Local::start(true).await?).await?,
            "alerts" => alerts::told().await?,
            "size" => functions::sizes()?,
            _ => local::idle().await?,
        });
    }
    write!(std::io::stdout(), "{}", table::render(&rows))?;
    Ok(())
}
