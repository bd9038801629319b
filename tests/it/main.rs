//! Integration tests: the real program, in sandboxes, by behaviour.

#![allow(clippy::unwrap_used, missing_docs)]

mod architecture;
mod bad_input;
mod command_line;
mod commands;
mod determinism;
mod examples;
mod expressions;
mod files;
mod interruptions;
mod lifecycle;
mod plan_files;
mod processes;
mod quickstart;
mod sensitive;
mod state;
mod terraform;

use mpctl_testkit::Sandbox;
use serde_json::Value as Json;

/// An empty project.
fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_mpctl"))
}

/// A project of one file.
fn project(spec: &str) -> Sandbox {
    Sandbox::with(env!("CARGO_BIN_EXE_mpctl"), spec)
}

/// What a plan does, one line an object that it touches: symbol-like actions, address, reason.
fn verdicts(plan: &Json) -> String {
    let line = |change: &Json| {
        let actions = change["change"]["actions"].as_array().unwrap();
        let actions: Vec<&str> = actions.iter().map(|action| action.as_str().unwrap()).collect();
        let address = change["address"].as_str().unwrap();
        let reason = change["action_reason"].as_str().map(|reason| format!(" ({reason})"));
        (actions != ["no-op"])
            .then(|| format!("{} {address}{}\n", actions.join("+"), reason.unwrap_or_default()))
    };
    plan["resource_changes"].as_array().into_iter().flatten().filter_map(line).collect()
}

/// What a plan or the events of an apply say of one address.
#[track_caller]
fn change<'a>(plan: &'a Json, address: &str) -> &'a Json {
    let changes = plan["resource_changes"].as_array().unwrap();
    changes
        .iter()
        .find(|change| change["address"] == address)
        .unwrap_or_else(|| panic!("the plan has no change of {address}: {plan:#}"))
}

/// The addresses of all recorded resources.
#[track_caller]
fn recorded(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.run(["state", "list"]).succeeds().stdout;
    list.lines().map(str::to_owned).collect()
}
