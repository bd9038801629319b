//! The same project for Terraform and for mpctl: `terraform_data` there, `mpctl_data` here. Whatever the change from
//! one version to the next, both plan the same actions for the same reasons.
//!
//! Needs a `terraform` (1.11 was used); it is asked for nothing that it would have to fetch.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use mpctl_testkit::Sandbox;
use serde_json::Value as Json;

use crate::{sandbox, verdicts};

/// A generator of numbers that gives the same ones on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }
}

/// How often a resource is there.
#[derive(Clone, PartialEq)]
enum Repetition {
    Single,
    Count(u64),
    Each(Vec<&'static str>),
}

/// Where a value comes from.
#[derive(Clone)]
enum Source {
    Literal(u64),
    /// An attribute of an earlier resource.
    Reference(usize, &'static str),
}

#[derive(Clone)]
struct Resource {
    present: bool,
    repetition: Repetition,
    input: Option<Source>,
    trigger: Option<Source>,
    create_before_destroy: bool,
    ignores_input: bool,
    depends_on: Option<usize>,
}

fn earlier(numbers: &mut Numbers, at: usize) -> usize {
    usize::try_from(numbers.below(at as u64)).unwrap()
}

fn source(numbers: &mut Numbers, at: usize) -> Source {
    if at == 0 || numbers.one_in(3) {
        return Source::Literal(numbers.below(3));
    }
    let of = earlier(numbers, at);
    Source::Reference(of, if numbers.one_in(2) { "id" } else { "output" })
}

fn repetition(numbers: &mut Numbers) -> Repetition {
    match numbers.below(4) {
        0 => Repetition::Count(numbers.below(4)),
        1 => {
            let keys = ["a", "b", "c"].into_iter();
            Repetition::Each(keys.filter(|_| numbers.one_in(2)).collect())
        }
        _ => Repetition::Single,
    }
}

fn first_version(numbers: &mut Numbers) -> Vec<Resource> {
    let resource = |at| Resource {
        present: true,
        repetition: repetition(numbers),
        input: (!numbers.one_in(4)).then(|| source(numbers, at)),
        trigger: numbers.one_in(2).then(|| source(numbers, at)),
        create_before_destroy: numbers.one_in(4),
        ignores_input: numbers.one_in(6),
        depends_on: (at > 0 && numbers.one_in(4)).then(|| earlier(numbers, at)),
    };
    (0..6).map(resource).collect()
}

fn next_version(numbers: &mut Numbers, resources: &[Resource]) -> Vec<Resource> {
    let mut next = resources.to_vec();
    for (at, resource) in next.iter_mut().enumerate() {
        match numbers.below(10) {
            0 => resource.input = Some(source(numbers, at)),
            1 => resource.trigger = Some(source(numbers, at)),
            2 => resource.repetition = repetition(numbers),
            3 => resource.input = None,
            4 => resource.create_before_destroy = numbers.one_in(2),
            5 => resource.ignores_input = numbers.one_in(2),
            6 if at > 0 => resource.depends_on = Some(earlier(numbers, at)),
            _ => {}
        }
    }
    // Only what nobody refers to can go.
    let last = next.len() - 1;
    next[last].present = !numbers.one_in(3);
    next
}

/// The project in HCL, for a tool that calls the type `kind` and begins references with `root`.
fn spec(resources: &[Resource], kind: &str, root: &str) -> String {
    let value = |source: &Source| match source {
        Source::Literal(number) => format!("\"v{number}\""),
        Source::Reference(of, attribute) => match resources[*of].repetition {
            Repetition::Single => format!("{root}.r{of}.{attribute}"),
            Repetition::Count(_) => format!("{root}.r{of}[*].{attribute}"),
            Repetition::Each(_) => format!("[for one in {root}.r{of} : one.{attribute}]"),
        },
    };
    let mut text = String::new();
    for (at, resource) in resources.iter().enumerate().filter(|(_, resource)| resource.present) {
        writeln!(text, "resource \"{kind}\" \"r{at}\" {{").unwrap();
        match &resource.repetition {
            Repetition::Single => {}
            Repetition::Count(count) => writeln!(text, "  count = {count}").unwrap(),
            Repetition::Each(keys) => writeln!(text, "  for_each = toset({keys:?})").unwrap(),
        }
        if let Some(input) = &resource.input {
            writeln!(text, "  input = {}", value(input)).unwrap();
        }
        if let Some(trigger) = &resource.trigger {
            writeln!(text, "  triggers_replace = {}", value(trigger)).unwrap();
        }
        if let Some(needed) = resource.depends_on {
            writeln!(text, "  depends_on = [{root}.r{needed}]").unwrap();
        }
        writeln!(text, "  lifecycle {{").unwrap();
        writeln!(text, "    create_before_destroy = {}", resource.create_before_destroy).unwrap();
        if resource.ignores_input {
            writeln!(text, "    ignore_changes = [input]").unwrap();
        }
        writeln!(text, "  }}").unwrap();
        writeln!(text, "}}").unwrap();
    }
    text
}

/// What terraform says; `None` where it gives up since its own graph has a cycle, which happens when the order of
/// replacements changes together with what refers to what.
fn terraform(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("terraform")
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .expect("terraform is at hand");
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("Cycle: ") {
        return None;
    }
    assert!(output.status.success(), "terraform {arguments:?}: {errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The verdicts of a plan as both tools give them, in one order.
fn sorted(verdicts: &str) -> Vec<String> {
    let plain = verdicts.replace("default/resource.", "").replace("terraform_data.", "");
    let mut lines: Vec<String> = plain.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Whether there was something to compare.
fn compare(seed: u64) -> bool {
    let mut numbers = Numbers(seed);
    let first = first_version(&mut numbers);
    let second = next_version(&mut numbers, &first);
    let ours: Sandbox = sandbox();
    let theirs = ours.outside().join("terraform");
    fs::create_dir(&theirs).unwrap();
    let write = |version: &[Resource]| {
        ours.spec(&spec(version, "mpctl_data", "resource"));
        fs::write(theirs.join("main.tf"), spec(version, "terraform_data", "terraform_data"))
            .unwrap();
    };
    write(&first);
    terraform(&theirs, &["init", "-input=false"]).unwrap();
    terraform(&theirs, &["apply", "-auto-approve", "-input=false"]).unwrap();
    ours.apply();
    write(&second);
    let planned = terraform(&theirs, &["plan", "-out=plan", "-input=false"]);
    let plan = planned.and_then(|_| terraform(&theirs, &["show", "-json", "plan"]));
    let Some(plan) = plan else {
        ours.apply();
        return false;
    };
    let plan: Json = serde_json::from_str(&plan).unwrap();
    let (expected, found) = (sorted(&verdicts(&plan)), sorted(&verdicts(&ours.plan_json([]))));
    let (before, after) =
        (spec(&first, "mpctl_data", "resource"), spec(&second, "mpctl_data", "resource"));
    assert_eq!(found, expected, "seed {seed}, from\n{before}\nto\n{after}");
    ours.apply();
    ours.run(["plan", "--detailed-exitcode"]).succeeds();
    true
}

#[test]
#[ignore = "needs terraform, and a second for each comparison"]
fn any_change_is_judged_as_terraform_judges_it() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(40);
    let compared = (0..seeds).filter(|seed| compare(*seed)).count() as u64;
    assert!(compared * 10 >= seeds * 9, "only {compared} of {seeds} were comparable");
}
