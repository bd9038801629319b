//! A picture that any browser shows, laid out here: no other program is needed.

use std::fmt::Write;

use super::layout::{COLUMN_GAP, Course, HEIGHT, Layout};
use super::{Class, Drawing};

/// Room around everything, in pixels.
const MARGIN: f64 = 24.0;
/// Room above for the title.
const HEADER: f64 = 44.0;
/// Room below for the explanation.
const FOOTER: f64 = 34.0;
/// The width of a character of the label's font.
const CHARACTER: f64 = 7.3;
/// Longer labels are cut; the whole is in the tool tip.
const LONGEST_LABEL: usize = 64;

/// The drawing as an SVG document; `None` if the graph has a cycle.
pub fn svg(drawing: &Drawing) -> Option<String> {
    let levels = drawing.dag.levels().ok()?;
    let widths: Vec<f64> =
        drawing.nodes.iter().map(|node| width_of(&node.text(), &node.group)).collect();
    let layout = Layout::new(&drawing.dag, &levels, &widths);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_svg(&mut out, drawing, &layout, &widths);
    Some(out)
}

fn width_of(label: &str, group: &str) -> f64 {
    let label = label.chars().count().min(LONGEST_LABEL);
    let group = group.chars().count().min(LONGEST_LABEL);
    (label as f64 * CHARACTER).max(group as f64 * CHARACTER * 0.8) + 24.0
}

fn write_svg(
    out: &mut String,
    drawing: &Drawing,
    layout: &Layout,
    widths: &[f64],
) -> std::fmt::Result {
    let title = escaped(&drawing.title, usize::MAX);
    let legend = legend(drawing);
    let title_width = drawing.title.chars().count() as f64 * 9.6;
    let legend_width = legend.chars().count() as f64 * 6.8;
    let width = layout.width.max(title_width).max(legend_width) + 2.0 * MARGIN;
    let height = layout.height + HEADER + FOOTER + MARGIN;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">"
    )?;
    writeln!(out, "<title>{title}</title>")?;
    style(out)?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")?;
    writeln!(out, "<text class=\"title\" x=\"{MARGIN}\" y=\"30\">{title}</text>")?;
    writeln!(out, "<g transform=\"translate({MARGIN} {HEADER})\">")?;
    for course in &layout.edges {
        edge(out, layout, widths, course)?;
    }
    for at in 0..drawing.nodes.len() {
        node(out, drawing, layout, widths, at)?;
    }
    writeln!(out, "</g>")?;
    let legend = escaped(&legend, usize::MAX);
    writeln!(
        out,
        "<text class=\"note\" xml:space=\"preserve\" x=\"{MARGIN}\" y=\"{:.1}\">{legend}</text>",
        height - 14.0
    )?;
    writeln!(out, "</svg>")
}

fn style(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "<style>text {{ font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12px; \
         fill: #1f2328 }} .title {{ font-size: 16px; font-weight: bold }} .group {{ font-size: 10px; \
         fill: #57606a }} .note {{ font-size: 11px; fill: #57606a; white-space: pre }} path {{ fill: none; stroke: \
         #8c959f; stroke-width: 1.2 }} rect {{ stroke-width: 1.4 }}</style>"
    )?;
    writeln!(
        out,
        "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" style=\"fill: #8c959f; \
         stroke: none\"/></marker></defs>"
    )
}

/// From the left side of a node to the right side of what it needs. In between it passes its waypoints level,
/// so that it stays clear of the nodes that stand there.
fn edge(out: &mut String, layout: &Layout, widths: &[f64], course: &Course) -> std::fmt::Result {
    let (node, needed) = (course.node as usize, course.needed as usize);
    let (layer, y) = layout.nodes[node];
    let (needed_layer, needed_y) = layout.nodes[needed];
    let end = layout.columns[needed_layer].0 + widths[needed];
    let mut x = layout.columns[layer].0;
    write!(out, "<path d=\"M{x:.1} {y:.1}")?;
    let mut last_y = y;
    for (column, y) in &course.via {
        let (left, width) = layout.columns[*column];
        curve(out, (x, last_y), (left + width, *y))?;
        write!(out, "H{left:.1}")?;
        (x, last_y) = (left, *y);
    }
    // Level as far as the column of what is needed goes, then at it.
    let (left, width) = layout.columns[needed_layer];
    let column_end = left + width;
    if column_end - end > 1.0 && x > column_end {
        curve(out, (x, last_y), (column_end, needed_y))?;
        write!(out, "H{end:.1}")?;
    } else {
        curve(out, (x, last_y), (end, needed_y))?;
    }
    writeln!(out, "\" marker-end=\"url(#head)\"/>")
}

fn curve(out: &mut String, from: (f64, f64), to: (f64, f64)) -> std::fmt::Result {
    let reach = (from.0 - to.0).abs().min(COLUMN_GAP) / 2.0;
    write!(
        out,
        "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
        from.0 - reach,
        from.1,
        to.0 + reach,
        to.1,
        to.0,
        to.1
    )
}

fn node(
    out: &mut String,
    drawing: &Drawing,
    layout: &Layout,
    widths: &[f64],
    at: usize,
) -> std::fmt::Result {
    let node = &drawing.nodes[at];
    let (layer, y) = layout.nodes[at];
    let (x, _) = layout.columns[layer];
    let (fill, line) = node.class.colours();
    let text = node.text();
    writeln!(
        out,
        "<g class=\"{}\"><title>{}</title>",
        node.class.name(),
        escaped(&text, usize::MAX)
    )?;
    writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" rx=\"6\" \
         fill=\"{fill}\" stroke=\"{line}\"/>",
        y - HEIGHT / 2.0,
        widths[at]
    )?;
    let label = escaped(&text, LONGEST_LABEL);
    if node.group.is_empty() {
        writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{label}</text></g>", x + 12.0, y + 4.0)
    } else {
        let group = escaped(&node.group, LONGEST_LABEL);
        let left = x + 12.0;
        writeln!(out, "<text class=\"group\" x=\"{left:.1}\" y=\"{:.1}\">{group}</text>", y - 4.5)?;
        writeln!(out, "<text x=\"{left:.1}\" y=\"{:.1}\">{label}</text></g>", y + 10.0)
    }
}

/// What arrows and signs mean, as far as they occur.
fn legend(drawing: &Drawing) -> String {
    let mut legend = String::from("An arrow points at what is needed.");
    for class in Class::ALL.into_iter().skip(1) {
        if drawing.nodes.iter().any(|node| node.class == class) {
            legend.push_str(&format!("   {} {}", class.sign(), class.name()));
        }
    }
    legend
}

/// Text for XML, cut to so many characters. What XML cannot hold becomes a replacement character.
fn escaped(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        if at + 1 >= longest && text.chars().count() > longest {
            out.push('…');
            break;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
