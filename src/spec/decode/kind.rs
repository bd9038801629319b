//! The kinds of documents.

/// A kind of document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// The project as a whole.
    Project,
    /// Where things run.
    Environment,
    /// A declared deployable.
    Workload,
    /// A resource.
    Resource,
    /// A data source.
    Data,
    /// A declared variable.
    Variable,
    /// Named expressions.
    Locals,
    /// An output.
    Output,
    /// A reference to a secret.
    Secret,
    /// Something has a new address.
    Moved,
    /// Something is no longer declared.
    Removed,
    /// Something that exists is to be managed.
    Import,
    /// Conditions that are watched.
    Check,
}

/// A row: the kind, as YAML's `kind`, as the word that an HCL block begins with, and the block's labels.
type Row = (Kind, &'static str, &'static str, &'static [&'static str]);

const ROWS: [Row; 13] = [
    (Kind::Project, "Project", "project", &["NAME"]),
    (Kind::Environment, "Environment", "environment", &["NAME"]),
    (Kind::Workload, "Workload", "workload", &["NAME"]),
    (Kind::Resource, "Resource", "resource", &["TYPE", "NAME"]),
    (Kind::Data, "Data", "data", &["TYPE", "NAME"]),
    (Kind::Variable, "Variable", "variable", &["NAME"]),
    (Kind::Locals, "Locals", "locals", &[]),
    (Kind::Output, "Output", "output", &["NAME"]),
    (Kind::Secret, "Secret", "secret", &["NAME"]),
    (Kind::Moved, "Moved", "moved", &[]),
    (Kind::Removed, "Removed", "removed", &[]),
    (Kind::Import, "Import", "import", &[]),
    (Kind::Check, "Check", "check", &["NAME"]),
];

impl Kind {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The kind that YAML calls this.
    pub fn from_yaml(name: &str) -> Option<Kind> {
        ROWS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The kind whose HCL block begins with this word.
    pub fn from_hcl(word: &str) -> Option<Kind> {
        ROWS.iter().find(|row| row.2 == word).map(|row| row.0)
    }

    /// What YAML calls it: `Workload`.
    pub fn yaml(self) -> &'static str {
        self.row().1
    }

    /// What it is called in messages and in HCL: `workload`.
    pub fn word(self) -> &'static str {
        self.row().2
    }

    /// What one of them is called in messages: `a workload`.
    pub(super) fn with_article(self) -> &'static str {
        match self {
            Kind::Project => "a project",
            Kind::Environment => "an environment",
            Kind::Workload => "a workload",
            Kind::Resource => "a resource",
            Kind::Data => "a data source",
            Kind::Variable => "a variable",
            Kind::Locals => "locals",
            Kind::Output => "an output",
            Kind::Secret => "a secret",
            Kind::Moved => "a move",
            Kind::Removed => "a removal",
            Kind::Import => "an import",
            Kind::Check => "a check",
        }
    }

    /// The labels of its HCL block.
    pub(super) fn labels(self) -> &'static [&'static str] {
        self.row().3
    }

    /// Whether each document of the kind has a name.
    pub(super) fn is_named(self) -> bool {
        !self.labels().is_empty()
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Kind> {
        ROWS.iter().map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_kinds() {
        for kind in Kind::all() {
            assert_eq!(Kind::from_yaml(kind.yaml()), Some(kind));
            assert_eq!(Kind::from_hcl(kind.word()), Some(kind));
            assert_eq!(kind.row().0, kind);
        }
    }
}
