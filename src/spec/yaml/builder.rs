//! Builds the syntax tree of one document from its events, whichever spelling they come from.
//!
//! There is one stack of finished values and one of finished items for the whole document; a mapping or
//! sequence takes its own off the end when it closes, in a vector of exactly their number.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use mpctl_provider::Value;

use super::anchors::{AliasError, Anchors, Node, merge, merged_mappings};
use super::keys::Keys;
use super::{MAX_DEPTH, MAX_MISTAKES};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::syntax::{Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// The document cannot be read on; why has been reported.
#[derive(Debug)]
pub(super) struct Abandoned;

/// Up to so many keys a mapping is searched for duplicates pair by pair.
const FEW_KEYS: usize = 12;

pub(super) struct Builder {
    frames: Vec<Frame>,
    values: Vec<Expr>,
    items: Vec<ObjectItem>,
    root: Option<Expr>,
    pub(super) keys: Keys,
    pub(super) anchors: Anchors,
    pub(super) diagnostics: Diagnostics,
    mistakes: usize,
}

/// A mapping or sequence that is open.
struct Frame {
    container: Container,
    /// Where it begins.
    span: Span,
    /// Its first entry in `values` or `items`.
    first: usize,
    /// Its anchor, or 0.
    anchor: usize,
    nodes: usize,
    height: usize,
}

enum Container {
    Sequence,
    Mapping { key: Key, merged: Vec<Vec<ObjectItem>> },
}

/// What is known of the next entry's key.
enum Key {
    Awaited,
    Known(Name),
    /// `<<`
    Merge,
    /// It was reported; its value is dropped.
    Bad,
}

impl Builder {
    /// For a file of so many bytes.
    pub(super) fn new(bytes: usize) -> Builder {
        Builder {
            frames: Vec::new(),
            values: Vec::new(),
            items: Vec::new(),
            root: None,
            keys: Keys::new(),
            anchors: Anchors::new(bytes),
            diagnostics: Diagnostics::default(),
            mistakes: 0,
        }
    }

    /// Whether the next value is a mapping's key.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame { container: Container::Mapping { key: Key::Awaited, .. }, .. })
        )
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.mistakes += 1;
        if self.mistakes <= MAX_MISTAKES {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports what makes the document malformed, instead of what was said of the same words before: half of an
    /// expression is malformed too.
    pub(super) fn report_instead(&mut self, diagnostic: Diagnostic) {
        if let Some(fault) = diagnostic.span() {
            let kept = std::mem::take(&mut self.diagnostics).into_iter().filter(|earlier| {
                !earlier.span().is_some_and(|at| at.start <= fault.end && fault.start <= at.end)
            });
            self.diagnostics = kept.collect();
        }
        self.report(diagnostic);
    }

    fn refuse(
        &mut self,
        code: Code,
        summary: &str,
        at: Span,
        label: &str,
        hint: &str,
    ) -> Abandoned {
        self.report(Diagnostic::error(code, summary).at(at, label).hint(hint));
        Abandoned
    }

    /// A scalar where a key is awaited.
    pub(super) fn key(&mut self, text: &str, span: Span) {
        let text = self.keys.share(text);
        self.set_key(Key::Known(Name { text, span }));
    }

    /// `<<` where a key is awaited.
    pub(super) fn merge_key(&mut self) {
        self.set_key(Key::Merge);
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { container: Container::Mapping { key, .. }, .. }) =
            self.frames.last_mut()
        {
            *key = new;
        }
    }

    /// A scalar where a value is awaited.
    pub(super) fn scalar(&mut self, expr: Expr, anchor: usize) -> Result<(), Abandoned> {
        self.finished(Node { expr, nodes: 1, height: 0 }, anchor)
    }

    pub(super) fn open_sequence(&mut self, span: Span, anchor: usize) -> Result<(), Abandoned> {
        self.open(Container::Sequence, span, anchor, self.values.len())
    }

    pub(super) fn open_mapping(&mut self, span: Span, anchor: usize) -> Result<(), Abandoned> {
        let container = Container::Mapping { key: Key::Awaited, merged: Vec::new() };
        self.open(container, span, anchor, self.items.len())
    }

    fn open(
        &mut self,
        container: Container,
        span: Span,
        anchor: usize,
        first: usize,
    ) -> Result<(), Abandoned> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        self.frames.push(Frame { container, span, first, anchor, nodes: 1, height: 0 });
        Ok(())
    }

    fn too_deep(&mut self, span: Span) -> Abandoned {
        self.refuse(
            code::LIMIT,
            &format!("nesting is deeper than {MAX_DEPTH} levels"),
            span,
            "one level too many begins here",
            "flatten the structure; the rest of this document has not been read",
        )
    }

    /// Closes the innermost mapping or sequence, which ends at the byte `end`.
    pub(super) fn close(&mut self, end: u32) -> Result<(), Abandoned> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let span = Span { end: end.max(frame.span.start), ..frame.span };
        let kind = match frame.container {
            Container::Sequence => ExprKind::Tuple(self.values.split_off(frame.first)),
            Container::Mapping { merged, .. } => {
                let items = self.items.split_off(frame.first);
                ExprKind::Object(self.settle(items, merged))
            }
        };
        let expr = Expr::new(kind, span);
        self.finished(Node { expr, nodes: frame.nodes, height: frame.height + 1 }, frame.anchor)
    }

    /// An alias where a value is awaited.
    pub(super) fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Abandoned> {
        match self.anchors.expand(anchor) {
            Ok(node) => self.finished(node, 0),
            Err(AliasError::Budget) => Err(self.over_budget(span)),
            Err(AliasError::Unknown) => {
                let diagnostic = Diagnostic::error(
                    code::YAML_SYNTAX,
                    "this alias has nothing to stand for",
                )
                .at(span, "no anchor of this name ends before it in this document")
                .hint("an anchor (`&name`) is known in its own document only, after its value");
                self.report(diagnostic);
                self.scalar(Expr::new(ExprKind::Malformed, span), 0)
            }
        }
    }

    fn over_budget(&mut self, span: Span) -> Abandoned {
        self.refuse(
            code::LIMIT,
            "aliases make this file too large",
            span,
            "what the aliases up to here stand for is too much",
            "write the values out, or keep them in a `Locals` document and refer to them by name",
        )
    }

    /// A value is complete: it goes where it belongs.
    fn finished(&mut self, node: Node, anchor: usize) -> Result<(), Abandoned> {
        if anchor != 0 && self.anchors.define(anchor, &node).is_err() {
            return Err(self.over_budget(node.expr.span));
        }
        if self.frames.len() + node.height > MAX_DEPTH {
            return Err(self.too_deep(node.expr.span));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node.expr);
            return Ok(());
        };
        frame.nodes += node.nodes;
        frame.height = frame.height.max(node.height);
        match &mut frame.container {
            Container::Sequence => self.values.push(node.expr),
            Container::Mapping { key, merged } => match std::mem::replace(key, Key::Awaited) {
                Key::Known(name) => {
                    self.items.push(ObjectItem { key: ObjectKey::Literal(name), value: node.expr });
                }
                Key::Awaited => {
                    *key = Key::Bad;
                    self.complex_key(&node.expr);
                }
                Key::Bad => {}
                Key::Merge => {
                    let span = node.expr.span;
                    match merged_mappings(node.expr) {
                        Some(more) => merged.extend(more),
                        None => self.bad_merge(span),
                    }
                }
            },
        }
        Ok(())
    }

    fn complex_key(&mut self, key: &Expr) {
        let diagnostic = match key.kind {
            // `{{ name }}` is a mapping whose key is a mapping.
            ExprKind::Object(_) => {
                Diagnostic::error(code::YAML_SYNTAX, "a mapping cannot be a key")
                    .at(key.span, "this is read as the key of a mapping")
                    .hint("a value that is computed is written `\"${…}\"`, not `{{ … }}`")
            }
            _ => Diagnostic::error(code::YAML_SYNTAX, "a key must be a single word or string")
                .at(key.span, "this cannot be a key"),
        };
        self.report(diagnostic);
    }

    fn bad_merge(&mut self, span: Span) {
        let diagnostic = Diagnostic::error(code::YAML_SYNTAX, "`<<` can merge mappings only")
            .at(span, "this is neither a mapping nor a list of mappings")
            .hint("write `<<: *name`, where `&name` stands before a mapping");
        self.report(diagnostic);
    }

    /// Refuses duplicate keys, then adds what merge keys bring.
    fn settle(
        &mut self,
        mut items: Vec<ObjectItem>,
        merged: Vec<Vec<ObjectItem>>,
    ) -> Vec<ObjectItem> {
        let found = duplicates(&items);
        if !found.is_empty() {
            // The first one counts.
            let again: HashSet<Span> = found.iter().map(|(_, later)| later.span).collect();
            items.retain(|item| match &item.key {
                ObjectKey::Literal(name) => !again.contains(&name.span),
                ObjectKey::Expr(_) => true,
            });
        }
        for (earlier, later) in found {
            let diagnostic = Diagnostic::error(
                code::DUPLICATE_KEY,
                format!("key `{}` stands twice in one mapping", later.text),
            )
            .at(later.span, "again here")
            .at(earlier.span, "first here")
            .hint("remove one of them");
            self.report(diagnostic);
        }
        if !merged.is_empty() {
            merge(&mut items, merged);
        }
        items
    }

    /// The document's value, and everything that was reported; the builder is ready for the next one.
    pub(super) fn finish(&mut self) -> (Option<Expr>, Diagnostics) {
        let root = self.root.take();
        self.frames.clear();
        self.values.clear();
        self.items.clear();
        self.anchors.next_document();
        if self.mistakes > MAX_MISTAKES {
            let more = self.mistakes - MAX_MISTAKES;
            self.diagnostics.push(Diagnostic::error(
                code::LIMIT,
                format!("{more} more mistakes in this document are not shown"),
            ));
        }
        self.mistakes = 0;
        (root, std::mem::take(&mut self.diagnostics))
    }
}

/// Every literal key that stands again, with its first occurrence.
fn duplicates(items: &[ObjectItem]) -> Vec<(Name, Name)> {
    let names = || {
        items.iter().filter_map(|item| match &item.key {
            ObjectKey::Literal(name) => Some(name),
            ObjectKey::Expr(_) => None,
        })
    };
    let mut found = Vec::new();
    if items.len() <= FEW_KEYS {
        for (at, later) in names().enumerate() {
            if let Some(earlier) = names().take(at).find(|earlier| earlier.text == later.text) {
                found.push((earlier.clone(), later.clone()));
            }
        }
        return found;
    }
    let mut seen: HashMap<&str, &Name> = HashMap::with_capacity(items.len());
    for name in names() {
        if let Some(earlier) = seen.get(&*name.text) {
            found.push(((*earlier).clone(), name.clone()));
        } else {
            seen.insert(&name.text, name);
        }
    }
    found
}

/// A literal text as an expression.
pub(super) fn text(text: impl Into<Arc<str>>, span: Span) -> Expr {
    Expr::new(ExprKind::Literal(Value::String(text.into())), span)
}
