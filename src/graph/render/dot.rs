//! The language of Graphviz.

use std::fmt::Write;

use super::{Class, Drawing, groups};

/// The drawing as a DOT digraph.
pub fn dot(drawing: &Drawing) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_dot(&mut out, drawing);
    out
}

fn write_dot(out: &mut String, drawing: &Drawing) -> std::fmt::Result {
    writeln!(out, "digraph {} {{", quoted(&drawing.title))?;
    writeln!(out, "  rankdir = \"RL\";")?;
    writeln!(
        out,
        "  node [shape = \"box\", style = \"rounded,filled\", fontname = \"monospace\"];"
    )?;
    for (number, (group, members)) in groups(&drawing.nodes).into_iter().enumerate() {
        let indent = if group.is_empty() { "  " } else { "    " };
        if !group.is_empty() {
            writeln!(out, "  subgraph \"cluster_{number}\" {{")?;
            writeln!(out, "    label = {};", quoted(group))?;
        }
        for at in members {
            let node = &drawing.nodes[at];
            let (fill, line) = node.class.colours();
            write!(out, "{indent}n{at} [label = {}", quoted(&node.text()))?;
            if node.class != Class::Plain {
                write!(out, ", class = \"{}\"", node.class.name())?;
            }
            writeln!(out, ", fillcolor = \"{fill}\", color = \"{line}\"];")?;
        }
        if !group.is_empty() {
            writeln!(out, "  }}")?;
        }
    }
    for (node, needed) in drawing.dag.edges() {
        writeln!(out, "  n{node} -> n{needed};")?;
    }
    writeln!(out, "}}")
}

/// A quoted string: only quotes and backslashes mean anything in it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
