//! Mermaid's flowcharts, which many forges draw inside Markdown.

use std::fmt::Write;

use super::{Class, Drawing, groups};

/// The drawing as a Mermaid flowchart.
pub fn mermaid(drawing: &Drawing) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_mermaid(&mut out, drawing);
    out
}

fn write_mermaid(out: &mut String, drawing: &Drawing) -> std::fmt::Result {
    if !drawing.title.is_empty() {
        // The title stands in a YAML header; a JSON string is a YAML string.
        let title: String = drawing.title.chars().filter(|c| !c.is_control()).collect();
        writeln!(out, "---\ntitle: {}\n---", serde_json::Value::String(title))?;
    }
    writeln!(out, "flowchart RL")?;
    for (number, (group, members)) in groups(&drawing.nodes).into_iter().enumerate() {
        let indent = if group.is_empty() { "  " } else { "    " };
        if !group.is_empty() {
            writeln!(out, "  subgraph g{number}[\"{}\"]", escaped(group))?;
        }
        for at in members {
            let node = &drawing.nodes[at];
            write!(out, "{indent}n{at}[\"{}\"]", escaped(&node.text()))?;
            match node.class {
                Class::Plain => writeln!(out)?,
                class => writeln!(out, ":::{}", class.name())?,
            }
        }
        if !group.is_empty() {
            writeln!(out, "  end")?;
        }
    }
    for (node, needed) in drawing.dag.edges() {
        writeln!(out, "  n{node} --> n{needed}")?;
    }
    for class in Class::ALL.into_iter().skip(1) {
        if drawing.nodes.iter().any(|node| node.class == class) {
            let (fill, line) = class.colours();
            writeln!(out, "  classDef {} fill:{fill},stroke:{line},color:#1f2328", class.name())?;
        }
    }
    Ok(())
}

/// Inside a quoted label Mermaid reads entities, and Markdown after a backtick.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '&' => out.push_str("#amp;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '`' => out.push_str("#96;"),
            '\\' => out.push_str("#92;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
