//! What an environment declares, as nodes of a graph, and what each refers to.
//!
//! One node for each local, data source, resource, workload, output and check; a reference or a `depends_on`
//! is an edge. Edges are between declarations, not instances, so there are as many as the text has
//! references. A reference to what is not declared is reported here, all of them at once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::address::Subject;
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr::references::{FreeReference, References, references, references_in_body};
use crate::source::Span;
use crate::spec::document::{Condition, Documents, Repetition, Resource, Workload};
use crate::spec::syntax::{Accessor, Expr, ExprKind, Name};

/// A declaration within the documents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Declaration {
    /// `locals`, by position.
    Local(u32),
    /// `data`
    Data(u32),
    /// `resources`
    Resource(u32),
    /// `workloads`
    Workload(u32),
    /// `outputs`
    Output(u32),
    /// `checks`
    Check(u32),
}

/// The number of a declaration; the same in every environment.
pub type NodeId = u32;

/// All declarations of a project with their direct dependencies.
#[derive(Debug)]
pub struct Nodes {
    /// Every declaration, sorted by kind and name, so that nothing depends on the order of files.
    pub declarations: Vec<Declaration>,
    /// What each refers to directly, sorted, each once.
    pub dependencies: Vec<Vec<NodeId>>,
    /// Those of the dependencies that `depends_on` names.
    pub explicit: Vec<Vec<NodeId>>,
    /// Whether it refers to something that is not there.
    pub broken: Vec<bool>,
    by_name: HashMap<Kind, HashMap<Arc<str>, NodeId>>,
}

/// Kinds of declarations that expressions can name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// `local.NAME`
    Local,
    /// `data.NAME`
    Data,
    /// `resource.NAME`
    Resource,
    /// `workload.NAME`
    Workload,
    /// No expression can name it.
    Output,
    /// No expression can name it.
    Check,
}

impl Kind {
    /// The kind that a root name stands for.
    pub fn of_root(root: &str) -> Option<Kind> {
        match root {
            "local" => Some(Kind::Local),
            "data" => Some(Kind::Data),
            "resource" => Some(Kind::Resource),
            "workload" => Some(Kind::Workload),
            _ => None,
        }
    }

    /// The root name of its references.
    pub fn root(self) -> &'static str {
        match self {
            Kind::Local => "local",
            Kind::Data => "data",
            Kind::Resource => "resource",
            Kind::Workload => "workload",
            Kind::Output => "output",
            Kind::Check => "check",
        }
    }
}

impl Declaration {
    /// Its kind.
    pub fn kind(self) -> Kind {
        match self {
            Declaration::Local(_) => Kind::Local,
            Declaration::Data(_) => Kind::Data,
            Declaration::Resource(_) => Kind::Resource,
            Declaration::Workload(_) => Kind::Workload,
            Declaration::Output(_) => Kind::Output,
            Declaration::Check(_) => Kind::Check,
        }
    }

    /// Its name and where it stands.
    pub fn name(self, documents: &Documents) -> &Name {
        match self {
            Declaration::Local(at) => &documents.locals[at as usize].name,
            Declaration::Data(at) => &documents.data[at as usize].name,
            Declaration::Resource(at) => &documents.resources[at as usize].name,
            Declaration::Workload(at) => &documents.workloads[at as usize].name,
            Declaration::Output(at) => &documents.outputs[at as usize].name,
            Declaration::Check(at) => &documents.checks[at as usize].name,
        }
    }

    /// What it is recorded as; locals and checks are not.
    pub fn subject(self, documents: &Documents) -> Option<Subject> {
        let name = self.name(documents).text.clone();
        match self {
            Declaration::Data(_) => Some(Subject::Data(name)),
            Declaration::Resource(_) => Some(Subject::Resource(name)),
            Declaration::Workload(_) => Some(Subject::Workload(name)),
            Declaration::Output(_) => Some(Subject::Output(name)),
            Declaration::Local(_) | Declaration::Check(_) => None,
        }
    }
}

impl Nodes {
    /// Finds every declaration and what it refers to.
    pub fn build(documents: &Documents, diagnostics: &mut Diagnostics) -> Nodes {
        let range = |len: usize| 0..len as u32;
        let mut declarations: Vec<Declaration> = range(documents.locals.len())
            .map(Declaration::Local)
            .chain(range(documents.data.len()).map(Declaration::Data))
            .chain(range(documents.resources.len()).map(Declaration::Resource))
            .chain(range(documents.workloads.len()).map(Declaration::Workload))
            .chain(range(documents.outputs.len()).map(Declaration::Output))
            .chain(range(documents.checks.len()).map(Declaration::Check))
            .collect();
        declarations.sort_by(|a, b| {
            a.kind()
                .cmp(&b.kind())
                .then_with(|| a.name(documents).text.cmp(&b.name(documents).text))
        });
        let mut by_name: HashMap<Kind, HashMap<Arc<str>, NodeId>> = HashMap::new();
        for (at, declaration) in declarations.iter().enumerate() {
            let name = declaration.name(documents).text.clone();
            by_name.entry(declaration.kind()).or_default().insert(name, at as NodeId);
        }
        let mut nodes = Nodes {
            declarations,
            dependencies: Vec::new(),
            explicit: Vec::new(),
            broken: Vec::new(),
            by_name,
        };
        for at in 0..nodes.declarations.len() {
            let mut found = Diagnostics::default();
            let (all, explicit) = nodes.edges_of(nodes.declarations[at], documents, &mut found);
            nodes.dependencies.push(all);
            nodes.explicit.push(explicit);
            nodes.broken.push(found.has_errors());
            diagnostics.append(found);
        }
        nodes
    }

    /// The declaration of a kind and name.
    pub fn find(&self, kind: Kind, name: &str) -> Option<NodeId> {
        self.by_name.get(&kind)?.get(name).copied()
    }

    /// How many declarations there are.
    pub fn len(&self) -> usize {
        self.declarations.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.declarations.is_empty()
    }

    /// The names of a kind, for suggestions.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.by_name.get(&kind).into_iter().flat_map(HashMap::keys).map(AsRef::as_ref)
    }

    fn edges_of(
        &self,
        declaration: Declaration,
        documents: &Documents,
        diagnostics: &mut Diagnostics,
    ) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut edges = Edges { nodes: self, documents, found: Vec::new(), diagnostics };
        let mut explicit = Vec::new();
        match declaration {
            Declaration::Local(at) => edges.expr(&documents.locals[at as usize].value),
            Declaration::Data(at) => explicit = edges.resource(&documents.data[at as usize]),
            Declaration::Resource(at) => {
                explicit = edges.resource(&documents.resources[at as usize])
            }
            Declaration::Workload(at) => {
                explicit = edges.workload(&documents.workloads[at as usize])
            }
            Declaration::Output(at) => {
                let output = &documents.outputs[at as usize];
                edges.expr(&output.value);
                edges.conditions(&output.preconditions);
                explicit = edges.explicit(&output.depends_on);
            }
            Declaration::Check(at) => edges.conditions(&documents.checks[at as usize].assertions),
        }
        let mut found = edges.found;
        found.extend(&explicit);
        found.sort_unstable();
        found.dedup();
        (found, explicit)
    }
}

/// Collects what one declaration refers to.
struct Edges<'a> {
    nodes: &'a Nodes,
    documents: &'a Documents,
    found: Vec<NodeId>,
    diagnostics: &'a mut Diagnostics,
}

impl Edges<'_> {
    fn expr(&mut self, expr: &Expr) {
        self.all(references(expr));
    }

    fn resource(&mut self, resource: &Resource) -> Vec<NodeId> {
        self.all(references_in_body(&resource.config));
        match &resource.repetition {
            Some(Repetition::Count(expr) | Repetition::ForEach(expr)) => self.expr(expr),
            None => {}
        }
        if let Some(enabled) = &resource.enabled {
            self.expr(enabled);
        }
        let lifecycle = &resource.lifecycle;
        lifecycle.replace_triggered_by.iter().for_each(|expr| self.expr(expr));
        self.conditions(&lifecycle.preconditions);
        self.conditions(&lifecycle.postconditions);
        // `ignore_changes` names the resource's own attributes and refers to nothing else.
        self.explicit(&resource.depends_on)
    }

    fn workload(&mut self, workload: &Workload) -> Vec<NodeId> {
        let overrides = workload.overrides.iter().flat_map(|o| &o.attributes);
        workload
            .attributes
            .iter()
            .chain(overrides)
            .for_each(|attribute| self.expr(&attribute.value));
        if let Some(enabled) = &workload.enabled {
            self.expr(enabled);
        }
        self.explicit(&workload.depends_on)
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.expr(&condition.condition);
            self.expr(&condition.error_message);
        }
    }

    /// `depends_on` entries: references and nothing else.
    fn explicit(&mut self, entries: &[Expr]) -> Vec<NodeId> {
        let mut found = Vec::new();
        for entry in entries {
            match static_reference(entry) {
                Some((kind, name)) => match self.nodes.find(kind, &name.text) {
                    Some(node) => found.push(node),
                    None => self.undeclared(kind, &name.text, name.span),
                },
                None => self.diagnostics.push(
                    Diagnostic::error(code::WRONG_TYPE, "`depends_on` takes references only")
                        .at(entry.span, "not a reference")
                        .hint("write them like `resource.db`, `workload.api` or `data.image`"),
                ),
            }
        }
        found
    }

    fn all(&mut self, references: References<'_>) {
        references.for_each(|reference| self.reference(&reference));
    }

    fn reference(&mut self, reference: &FreeReference<'_>) {
        let Some(kind) = Kind::of_root(reference.root) else { return };
        let Some(name) = reference.name(0) else { return self.incomplete(kind, reference.span) };
        match self.nodes.find(kind, name) {
            Some(node) => self.found.push(node),
            None => {
                let span = match reference.steps.first() {
                    Some(Accessor::Attribute(name)) => name.span,
                    _ => reference.span,
                };
                self.undeclared(kind, name, span);
            }
        }
    }

    fn incomplete(&mut self, kind: Kind, span: Span) {
        let root = kind.root();
        self.diagnostics.push(
            Diagnostic::error(code::UNDECLARED, format!("`{root}` alone is not a reference"))
                .at(span, "a name has to follow")
                .hint(format!("write `{root}.NAME`")),
        );
    }

    fn undeclared(&mut self, kind: Kind, name: &str, span: Span) {
        let root = kind.root();
        let mut diagnostic =
            Diagnostic::error(code::UNDECLARED, format!("there is no {root} named `{name}`"))
                .at(span, "not declared");
        // Terraform's form of a reference: TYPE.NAME. Somebody may write resource.TYPE.NAME here.
        let is_type = kind == Kind::Resource
            && self.documents.resources.iter().any(|r| r.resource_type.text.as_ref() == name);
        if is_type {
            diagnostic = diagnostic.hint("references leave the type out: `resource.NAME`");
        } else if let Some(close) = nearest(name, self.nodes.names(kind)) {
            diagnostic = diagnostic.hint(format!("did you mean `{root}.{close}`?"));
        }
        self.diagnostics.push(diagnostic);
    }
}

/// `KIND.NAME`, with or without an instance key, as a `depends_on` entry names it.
pub fn static_reference(expr: &Expr) -> Option<(Kind, &Name)> {
    let ExprKind::Access { of, steps } = &expr.kind else { return None };
    let (ExprKind::Variable(root), Some(Accessor::Attribute(name))) = (&of.kind, steps.first())
    else {
        return None;
    };
    Kind::of_root(root).map(|kind| (kind, name))
}
