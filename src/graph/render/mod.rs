//! Graphs as text and pictures: DOT, Mermaid, SVG.
//!
//! An arrow goes from a node to what it needs, in all three. Labels are text from elsewhere: each format
//! escapes them, and no control character comes through.

mod dot;
mod layout;
mod mermaid;
mod svg;

use super::Dag;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

/// A graph to be drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// What it shows.
    pub title: String,
    /// The nodes, by number.
    pub nodes: Vec<Node>,
    /// Who needs whom; has as many nodes as there are in `nodes`, and no cycle.
    pub dag: Dag,
}

/// A node to be drawn.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub label: String,
    /// What it belongs to, by name; empty if to nothing.
    pub group: String,
    /// What is done to it.
    pub class: Class,
}

/// What is done to what a node stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Class {
    /// Nothing.
    #[default]
    Plain,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is made anew.
    Replace,
    /// It goes away.
    Delete,
    /// It is looked at.
    Read,
    /// It is left alone from now on.
    Forget,
}

impl Class {
    const ALL: [Class; 7] = [
        Class::Plain,
        Class::Create,
        Class::Update,
        Class::Replace,
        Class::Delete,
        Class::Read,
        Class::Forget,
    ];

    /// The sign that says the same as the colour.
    fn sign(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Create => "+",
            Class::Update => "~",
            Class::Replace => "-/+",
            Class::Delete => "-",
            Class::Read => "<=",
            Class::Forget => ".",
        }
    }

    /// A name for style sheets.
    fn name(self) -> &'static str {
        match self {
            Class::Plain => "plain",
            Class::Create => "create",
            Class::Update => "update",
            Class::Replace => "replace",
            Class::Delete => "delete",
            Class::Read => "read",
            Class::Forget => "forget",
        }
    }

    /// Fill and outline. The hues are told apart by people who do not see all colours.
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Class::Plain => ("#f6f8fa", "#8c959f"),
            Class::Create => ("#dff3e4", "#1a7f4b"),
            Class::Update => ("#fff4cc", "#9a6700"),
            Class::Replace => ("#fde3d0", "#bc4c00"),
            Class::Delete => ("#ffdfe0", "#b3202c"),
            Class::Read => ("#dceefb", "#0a5fa8"),
            Class::Forget => ("#e8e3f5", "#6639ba"),
        }
    }
}

impl Node {
    /// The label with its sign.
    fn text(&self) -> String {
        match self.class.sign() {
            "" => self.label.clone(),
            sign => format!("{sign} {}", self.label),
        }
    }
}

/// The nodes of each group, groups and nodes in the order of the first node of each.
fn groups(nodes: &[Node]) -> Vec<(&str, Vec<usize>)> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let group = *known.entry(node.group.as_str()).or_insert_with(|| {
            groups.push((&node.group, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(at);
    }
    groups
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
