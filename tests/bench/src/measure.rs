//! Running the program and taking its time and peak memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What was measured of a case.
pub(crate) struct Figure {
    /// The fastest run.
    pub(crate) fastest: Duration,
    /// The run in the middle.
    pub(crate) median: Duration,
    /// The largest resident size of any run, in KiB.
    pub(crate) peak: u64,
}

/// Runs the program.
pub(crate) struct Runner {
    /// The program.
    pub(crate) program: PathBuf,
    /// How often each case is run.
    pub(crate) runs: usize,
}

impl Runner {
    /// Runs a case as often as is asked, `before` before each run, untimed.
    pub(crate) fn time(
        &self,
        project: &Path,
        arguments: &[&str],
        before: impl Fn(&Path) -> Result<(), String>,
    ) -> Result<Figure, String> {
        let mut times = Vec::with_capacity(self.runs);
        let mut peak = 0;
        for _ in 0..self.runs {
            before(project)?;
            let (time, memory) = self.measured(project, arguments)?;
            times.push(time);
            peak = peak.max(memory);
        }
        times.sort();
        Ok(Figure { fastest: times[0], median: times[times.len() / 2], peak })
    }

    /// Runs the program once, untimed.
    pub(crate) fn once(&self, project: &Path, arguments: &[&str]) -> Result<(), String> {
        self.measured(project, arguments).map(|_| ())
    }

    fn measured(&self, project: &Path, arguments: &[&str]) -> Result<(Duration, u64), String> {
        let started = Instant::now();
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(project).env("MPCTL_IN_AUTOMATION", "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        // Its progress must be read, or it would wait for us.
        let stderr = child
            .stderr
            .take()
            .map(|stderr| std::thread::spawn(move || std::io::read_to_string(stderr)));
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        let ended = loop {
            if let Ok(text) = std::fs::read_to_string(&status) {
                peak = peak.max(high_water(&text));
            }
            if let Some(ended) = child.try_wait().map_err(|error| error.to_string())? {
                break ended;
            }
            std::thread::sleep(Duration::from_micros(500));
        };
        let time = started.elapsed();
        if !ended.success() {
            let said = stderr
                .and_then(|thread| thread.join().ok())
                .and_then(Result::ok)
                .unwrap_or_default();
            return Err(format!("mpctl {} ended with {ended}:\n{said}", arguments.join(" ")));
        }
        Ok((time, peak))
    }
}

/// The peak resident size in KiB that `/proc/PID/status` tells.
fn high_water(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
