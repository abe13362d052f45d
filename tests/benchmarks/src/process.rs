//! Programs, and what the kernel says that they use. Linux only.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};

/// Ticks of `/proc/<pid>/stat` in a second, on every processor that Linux runs on today.
const TICKS_PER_SECOND: u64 = 100;

/// Where the programs are: beside this one, where cargo puts them.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    anyhow::ensure!(path.exists(), "{name} is not built; tests/benchmarks/run builds what is needed");
    Ok(path)
}

/// A running program, which ends with this.
pub(crate) struct Running {
    child: Child,
    id: u32,
}

impl Running {
    /// Starts a program with these variables and no others, in a folder.
    pub(crate) fn start(
        name: &str,
        arguments: &[&str],
        variables: &[(String, String)],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let child = Command::new(program(name)?)
            .args(arguments)
            .env_clear()
            .envs(variables.iter().cloned())
            .current_dir(folder)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let id = child.id().context("it has ended")?;
        Ok(Self { child, id })
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The processor time of all its threads, to 10 ms.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        // The name, in parentheses, may hold anything.
        let (_, fields) = text.rsplit_once(')').context("a process has a name")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// The processor time of the threads that it has now, to the nanosecond.
    pub(crate) fn cpu_of_threads(&self) -> anyhow::Result<Duration> {
        let mut total = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.id))? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            total += text.split_whitespace().next().context("a thread has run")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// Its resident memory in MB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("it is resident")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}
