//! The house keeps its shape: which module may use which, which crate may depend on which, and how large a file
//! may grow. An edge that the tables here do not allow fails a test; who wants it has to allow it here first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Data moves one way: `spec ← expr ← resolve ← plan ← {apply, rollback} ← ops ← {server, bin}`. Each module of the
/// library, and the modules that it may use.
const MODULES: &[(&str, &[&str])] = &[
    // Leaves: what everybody speaks of.
    ("source", &[]),
    ("address", &[]),
    ("graph", &[]),
    ("diagnostic", &["source"]),
    ("state", &["address"]),
    // From text to plan.
    ("spec", &["diagnostic", "source"]),
    ("expr", &["diagnostic", "source", "spec"]),
    ("resolve", &["address", "diagnostic", "expr", "graph", "source", "spec", "state"]),
    ("refresh", &["address", "diagnostic", "state"]),
    (
        "plan",
        &[
            "address",
            "diagnostic",
            "expr",
            "graph",
            "refresh",
            "resolve",
            "source",
            "spec",
            "state",
        ],
    ),
    // What is done with a plan. These two never use each other.
    (
        "apply",
        &["address", "diagnostic", "expr", "graph", "plan", "resolve", "source", "spec", "state"],
    ),
    (
        "rollback",
        &["address", "diagnostic", "expr", "graph", "plan", "resolve", "source", "spec", "state"],
    ),
    // What users see of it.
    (
        "render",
        &[
            "address",
            "apply",
            "diagnostic",
            "expr",
            "graph",
            "plan",
            "resolve",
            "rollback",
            "source",
            "state",
        ],
    ),
    // Where the parts meet.
    (
        "ops",
        &[
            "address",
            "apply",
            "diagnostic",
            "expr",
            "graph",
            "plan",
            "refresh",
            "resolve",
            "rollback",
            "source",
            "spec",
            "state",
        ],
    ),
    (
        "server",
        &[
            "address",
            "apply",
            "diagnostic",
            "expr",
            "graph",
            "ops",
            "plan",
            "refresh",
            "render",
            "resolve",
            "rollback",
            "source",
            "spec",
            "state",
        ],
    ),
];

/// The modules that know nothing of the outside: no files, clock, randomness, network, processes, environment.
const PURE: &[&str] =
    &["source", "address", "graph", "diagnostic", "state", "spec", "expr", "resolve", "plan"];

/// What only modules with effects may name.
const EFFECTS: &[&str] = &[
    "std::fs::",
    "std::env::",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::process::",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio::",
    "Timestamp::now",
    "Zoned::now",
    "new_v4",
    "now_v7",
    "getrandom::",
];

/// The contract crates, which depend on nothing of ours.
const CONTRACTS: &[&str] = &["mpctl-provider", "mpctl-state"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The code of a file: without comments and without what strings hold.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let mut inside = false;
        let mut characters = line.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' if inside => {
                    characters.next();
                }
                '"' if !line[..at].ends_with('\'') => inside = !inside,
                '/' if !inside && line[at..].starts_with("//") => break,
                _ if !inside => code.push(character),
                _ => {}
            }
        }
        code.push('\n');
    }
    code
}

/// The modules of the library that a text names: after `crate::` or `mpctl::`, in groups too.
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for start in ["crate::", "mpctl::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &code[at + start.len()..];
            match rest.strip_prefix('{') {
                Some(group) => found.extend(first_steps(group)),
                None => found.extend(first_word(rest)),
            }
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The first steps of the paths of a group: `plan::{A, B}, source` of `{plan::{A, B}, source}`.
fn first_steps(group: &str) -> Vec<String> {
    let (mut depth, mut at_start, mut found) = (0, true, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if depth == 0 && at_start && !character.is_whitespace() => {
                found.extend(first_word(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    found
}

/// The top-level module that a file of `src` belongs to; none for `lib.rs` and the binary.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (module != "lib" && module != "bin").then(|| module.to_owned())
}

/// The edges between modules that the files make and the table forbids.
fn forbidden_edges<'f>(files: impl Iterator<Item = (String, &'f str)>) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = MODULES.iter().copied().collect();
    let mut forbidden = Vec::new();
    for (module, text) in files {
        let Some(allowed) = table.get(module.as_str()) else {
            forbidden.push(format!("{module} is not in the table"));
            continue;
        };
        for used in named_modules(&code(text)) {
            let known = table.contains_key(used.as_str());
            if known && used != module && !allowed.contains(&used.as_str()) {
                forbidden.push(format!("{module} uses {used}"));
            }
        }
    }
    forbidden.sort();
    forbidden.dedup();
    forbidden
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let files: Vec<(String, String)> = rust_files(&root().join("src"))
        .iter()
        .filter_map(|path| Some((module_of(path)?, fs::read_to_string(path).unwrap())))
        .collect();
    assert!(files.len() > 100, "the scan has found next to nothing");
    let read = files.iter().map(|(module, text)| (module.clone(), text.as_str()));
    assert_eq!(forbidden_edges(read), [""; 0]);
}

#[test]
fn the_scan_sees_an_edge_however_it_is_written() {
    let of = |module: &str, text: &str| forbidden_edges([(module.to_owned(), text)].into_iter());
    assert_eq!(of("spec", "use crate::plan::Plan;"), ["spec uses plan"]);
    assert_eq!(of("resolve", "fn f() -> crate::plan::Plan {}"), ["resolve uses plan"]);
    assert_eq!(of("apply", "use crate::{plan::{Plan, Step}, rollback};"), ["apply uses rollback"]);
    assert_eq!(of("rollback", "use crate::{\n    apply::{self},\n};"), ["rollback uses apply"]);
    assert_eq!(of("graph", "use crate::address::Address;"), ["graph uses address"]);
    assert_eq!(of("ops", "pub(crate) use crate::server::Server;"), ["ops uses server"]);
    assert_eq!(of("plan", "use crate::spec::Kind; // not crate::apply::Event"), [""; 0]);
    assert_eq!(of("plan", "/// See [`crate::apply`].\nlet text = \"crate::apply\";"), [""; 0]);
    assert_eq!(of("attic", ""), ["attic is not in the table"]);
}

#[test]
fn the_table_has_no_circle() {
    let place = |name: &str| MODULES.iter().position(|(module, _)| *module == name);
    for (module, allowed) in MODULES {
        for used in *allowed {
            assert!(place(used) < place(module), "{module} may use {used}, which stands after it");
        }
    }
    let uses = |module: &str, used: &str| {
        MODULES.iter().any(|(name, allowed)| *name == module && allowed.contains(&used))
    };
    assert!(!uses("apply", "rollback") && !uses("rollback", "apply"));
}

#[test]
fn effects_stay_out_of_the_core() {
    let mut found = Vec::new();
    for path in rust_files(&root().join("src")) {
        let Some(module) = module_of(&path).filter(|module| PURE.contains(&module.as_str())) else {
            continue;
        };
        if path.components().any(|step| step.as_os_str() == "tests") || path.ends_with("tests.rs") {
            continue;
        }
        let text = code(&fs::read_to_string(&path).unwrap());
        // Tests within a file stand at its end.
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for effect in EFFECTS.iter().filter(|effect| text.contains(**effect)) {
            let file = path.strip_prefix(root()).unwrap().display();
            found.push(format!("{module}: {file} names {effect}"));
        }
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn adapters_are_named_where_they_are_wired_and_nowhere_else() {
    let adapters: BTreeSet<String> = crates()
        .into_keys()
        .filter(|name| is_adapter(name))
        .map(|name| name.replace('-', "_"))
        .collect();
    assert!(adapters.len() >= 6, "{adapters:?}");
    let allowed =
        ["src/bin/mpctl/wiring.rs", "src/bin/mpctl/main.rs"].map(|file| root().join(file));
    let mut found = Vec::new();
    for path in rust_files(&root().join("src")) {
        let text = code(&fs::read_to_string(&path).unwrap());
        let named = adapters.iter().filter(|adapter| text.contains(&format!("{adapter}::")));
        for adapter in named.filter(|_| !allowed.contains(&path)) {
            found.push(format!("{} names {adapter}", path.display()));
        }
    }
    assert_eq!(found, [""; 0]);
    // `main` needs them for one purpose: processes that run a part of an adapter instead of a command.
    let main = code(&fs::read_to_string(root().join("src/bin/mpctl/main.rs")).unwrap());
    for line in main.lines().filter(|line| line.contains("mpctl_provider_")) {
        let hidden = line.contains("_main(arguments)") || line.contains("::SU");
        assert!(hidden, "main.rs does more with adapters than starting their processes: {line}");
    }
}

fn is_adapter(name: &str) -> bool {
    name.starts_with("mpctl-provider-") || name.starts_with("mpctl-state-")
}

/// The crates of the workspace, each with those of ours that it depends on to be built, not to be tested.
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for group in ["providers", "state"] {
        for entry in fs::read_dir(root().join(group)).unwrap().flatten() {
            let Ok(manifest) = fs::read_to_string(entry.path().join("Cargo.toml")) else {
                continue;
            };
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
                .unwrap();
            found.insert(name.to_owned(), dependencies(&manifest));
        }
    }
    found
}

/// Those of ours under `[dependencies]`, `[build-dependencies]` and their forms for targets.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut section = String::new();
    let mut found = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']').to_owned();
        }
        let counts = section.contains("dependencies") && !section.contains("dev-dependencies");
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if counts && (name == "mpctl" || name.starts_with("mpctl-")) {
            found.insert(name.to_owned());
        }
    }
    found
}

#[test]
fn contracts_depend_on_nothing_of_ours_and_adapters_on_their_contract() {
    let crates = crates();
    let mut wrong = Vec::new();
    for (name, needs) in &crates {
        let allowed: &[&str] = match name.as_str() {
            name if CONTRACTS.contains(&name) => &[],
            name if name.starts_with("mpctl-provider-") => &["mpctl-provider"],
            name if name.starts_with("mpctl-state-") => &["mpctl-state"],
            _ => panic!("{name} is neither a contract nor an adapter"),
        };
        let other = needs.iter().filter(|need| !allowed.contains(&need.as_str()));
        wrong.extend(other.map(|need| format!("{name} depends on {need}")));
    }
    assert_eq!(wrong, [""; 0]);
    for contract in CONTRACTS {
        assert!(crates.contains_key(*contract), "{contract} is gone");
    }
    let bad = "[dev-dependencies]\nmpctl.workspace = true\n[dependencies]\nmpctl-state = { path = \"x\" }";
    assert_eq!(dependencies(bad), BTreeSet::from(["mpctl-state".to_owned()]));
}

#[test]
fn files_stay_small_and_say_what_they_are() {
    let mut sizes = Vec::new();
    let mut wrong = Vec::new();
    for folder in ["src", "providers", "state", "tests"] {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().count();
            sizes.push(lines);
            let file = path.strip_prefix(root()).unwrap().display();
            if lines > 700 {
                wrong.push(format!("{file} has {lines} lines; split it by meaning"));
            }
            if !text.starts_with("//!") && lines > 20 {
                wrong.push(format!("{file} does not begin with what it is for"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    sizes.sort_unstable();
    let (median, ninth) = (sizes[sizes.len() / 2], sizes[sizes.len() * 9 / 10]);
    assert!(median <= 150 && ninth <= 400, "median {median}, ninth decile {ninth} lines a file");
}
