//! The projects that are measured.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder(parent: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = parent.join(name);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    std::fs::write(folder.join(name), text).map_err(|error| error.to_string())
}

/// Nothing.
pub(crate) fn empty(parent: &Path) -> Result<PathBuf, String> {
    folder(parent, "empty")
}

/// Resources that do not depend on each other, one block each, in one HCL file.
pub(crate) fn flat(parent: &Path, count: usize) -> Result<PathBuf, String> {
    let folder = folder(parent, &format!("flat-{count}"))?;
    let mut text = String::new();
    for at in 0..count {
        let _ = writeln!(text, "resource \"mpctl_data\" \"r{at}\" {{\n  input = \"v-{at}\"\n}}\n");
    }
    write(&folder, "main.hcl", &text)?;
    Ok(folder)
}

/// The same in YAML.
pub(crate) fn flat_yaml(parent: &Path, count: usize) -> Result<PathBuf, String> {
    let folder = folder(parent, &format!("flat-yaml-{count}"))?;
    let mut text = String::new();
    for at in 0..count {
        let _ = writeln!(
            text,
            "---\napiVersion: mpctl/v1\nkind: Resource\nmetadata: {{ name: r{at} }}\nspec:\n  type: mpctl_data\n  \
             config: {{ input: v-{at} }}"
        );
    }
    write(&folder, "main.yaml", &text)?;
    Ok(folder)
}

/// Resources in ten layers, each referring to `references` of the layer below.
pub(crate) fn layered(parent: &Path, count: usize, references: usize) -> Result<PathBuf, String> {
    let folder = folder(parent, &format!("layered-{count}"))?;
    let width = count / 10;
    let mut text = String::new();
    for at in 0..count {
        let (layer, place) = (at / width, at % width);
        let _ = write!(text, "resource \"mpctl_data\" \"r{at}\" {{\n  input = ");
        if layer == 0 {
            let _ = write!(text, "\"v-{at}\"");
        } else {
            let below = (0..references).map(|k| (layer - 1) * width + (place * 7 + k * 13) % width);
            let names: Vec<String> = below.map(|needed| format!("resource.r{needed}.id")).collect();
            let _ = write!(text, "[{}]", names.join(", "));
        }
        text.push_str("\n}\n\n");
    }
    write(&folder, "main.hcl", &text)?;
    Ok(folder)
}

/// Takes the state away, so that the next apply starts from nothing.
pub(crate) fn forget_state(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder.join(".mpctl")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
        _ => Ok(()),
    }
}
