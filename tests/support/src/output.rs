//! What a run of the program left: its exit code and its two streams.

use serde_json::Value as Json;

use crate::redact::Redactions;

/// How a run ended.
#[derive(Clone)]
pub struct Output {
    told: String,
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    redactions: Redactions,
}

impl Output {
    pub(crate) fn new(
        told: String,
        code: i32,
        stdout: String,
        stderr: String,
        redactions: Redactions,
    ) -> Output {
        Output { told, code, stdout, stderr, redactions }
    }

    /// It must have ended with this code; panics with all that it said if not.
    #[track_caller]
    pub fn exits(self, code: i32) -> Output {
        assert!(
            self.code == code,
            "mpctl {} ended with {}, not {code}\nstdout:\n{}\nstderr:\n{}",
            self.told,
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    /// It must have ended with 0.
    #[track_caller]
    pub fn succeeds(self) -> Output {
        self.exits(0)
    }

    /// One of its streams must hold these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Output {
        assert!(
            self.stdout.contains(words) || self.stderr.contains(words),
            "mpctl {} does not say {words:?}\nstdout:\n{}\nstderr:\n{}",
            self.told,
            self.stdout,
            self.stderr
        );
        self
    }

    /// None of its streams may hold these words.
    #[track_caller]
    pub fn never_says(self, words: &str) -> Output {
        assert!(
            !self.stdout.contains(words) && !self.stderr.contains(words),
            "mpctl {} says {words:?}\nstdout:\n{}\nstderr:\n{}",
            self.told,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output, without what differs from run to run.
    pub fn out(&self) -> String {
        self.redactions.redact(&self.stdout)
    }

    /// Standard error, without what differs from run to run.
    pub fn err(&self) -> String {
        self.redactions.redact(&self.stderr)
    }

    /// The last line of standard output that is not empty: where plans and applies have their summary.
    pub fn last_line(&self) -> String {
        let out = self.out();
        out.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "mpctl {} printed no JSON ({error}):\n{}\n{}",
                self.told, self.stdout, self.stderr
            )
        })
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn events(&self) -> Vec<Json> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| {
                panic!("mpctl {} printed a line that is no JSON ({error}): {line}", self.told)
            })
        };
        self.stdout.lines().map(parse).collect()
    }

    /// The events of one type.
    #[track_caller]
    pub fn events_of(&self, kind: &str) -> Vec<Json> {
        self.events().into_iter().filter(|event| event["type"] == kind).collect()
    }
}
