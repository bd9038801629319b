//! The outside of a document: `apiVersion`, `kind`, `metadata` and `spec` in YAML, the word and the labels of a
//! block in HCL; and whether a YAML document is ours at all.

use std::sync::Arc;

use mpctl_provider::Value;

use super::table::{Content, Table};
use super::{Context, Head, Kind};
use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;
use crate::spec::syntax::{Block, Expr, ExprKind, Name, ObjectItem, ObjectKey};

/// What every `apiVersion` of ours begins with.
pub(in crate::spec) const API_GROUP: &str = "mpctl/";

/// The `apiVersion` that is read.
const API_VERSION: &str = "mpctl/v1";

/// A YAML document with its envelope opened.
pub(super) enum Opened {
    /// One of ours.
    Ours(Head, Table),
    /// Ours, but not even its kind is known; reported.
    Bad,
    /// Somebody else's.
    NotOurs { reason: String, warning: Option<Diagnostic> },
}

/// Opens a YAML document.
pub(super) fn open(context: &mut Context<'_>, root: Option<Expr>, span: Span) -> Opened {
    let Some(root) = root else { return malformed(context, span) };
    let items = match root.kind {
        ExprKind::Object(items) => items,
        _ => return not_a_mapping(context, &root),
    };
    match text_of(&items, "apiVersion") {
        Some((version, at)) if version.starts_with(API_GROUP) => {
            if **version != *API_VERSION {
                context.report(
                    Diagnostic::error(
                        code::UNKNOWN_API_VERSION,
                        format!("unknown apiVersion `{version}`"),
                    )
                    .at(at, "this program does not read it")
                    .hint(format!("write `apiVersion: {API_VERSION}`")),
                );
                return Opened::Bad;
            }
        }
        found => return not_ours(context, &items, found, span),
    }
    let Some(kind) = kind_of(context, &items, root.span) else { return Opened::Bad };
    let mut table = Table::of_object(items, root.span, format!("this {}", kind.yaml()), context);
    table.take(context, "api_version");
    table.take(context, "kind");
    let (name, labels) = metadata(context, kind, &mut table);
    let head = Head { kind, name, type_label: None, labels, span: root.span };
    let what = describe(&head);
    let spec = table.take(context, "spec");
    // A project or an environment may well have a name and nothing else to say.
    if spec.is_none() && !matches!(kind, Kind::Project | Kind::Environment) {
        table.missing(context, "spec");
    }
    table.finish(context, &["api_version", "kind", "metadata", "spec"]);
    let spec = spec.map_or_else(
        || Content::Value(Expr::new(ExprKind::Object(Vec::new()), root.span)),
        |entry| entry.content,
    );
    match context.table(spec, what) {
        Some(table) => Opened::Ours(head, table),
        None => Opened::Bad,
    }
}

/// ``workload "api"``, or `locals`.
fn describe(head: &Head) -> String {
    match head.name.text.is_empty() {
        true => head.kind.word().to_owned(),
        false => format!("{} \"{}\"", head.kind.word(), head.name.text),
    }
}

fn malformed(context: &mut Context<'_>, span: Span) -> Opened {
    let text = context.origin.text.get(span.start as usize..span.end as usize).unwrap_or("");
    if context.origin.explicit || text.contains(API_GROUP) {
        return Opened::Bad;
    }
    Opened::NotOurs {
        reason: "malformed, and its apiVersion is none of ours".into(),
        warning: None,
    }
}

fn not_a_mapping(context: &mut Context<'_>, root: &Expr) -> Opened {
    let empty = matches!(root.kind, ExprKind::Literal(Value::Null(_)));
    if empty {
        return Opened::NotOurs { reason: "empty".into(), warning: None };
    }
    if context.origin.explicit {
        context.report(
            Diagnostic::error(code::WRONG_TYPE, "a document must be a mapping")
                .at(root.span, "this is none")
                .hint(format!("begin with `apiVersion: {API_VERSION}` and `kind: …`")),
        );
        return Opened::Bad;
    }
    Opened::NotOurs { reason: "not a mapping".into(), warning: None }
}

fn not_ours(
    context: &mut Context<'_>,
    items: &[ObjectItem],
    version: Option<(&Arc<str>, Span)>,
    span: Span,
) -> Opened {
    let kind = text_of(items, "kind");
    let start = context.first_word(span);
    if context.origin.explicit {
        let (summary, at) = match version {
            Some((version, at)) => (format!("`{version}` is not an apiVersion of mpctl"), at),
            None => ("this document has no `apiVersion` that is a string".into(), start),
        };
        context.report(
            Diagnostic::error(code::UNKNOWN_API_VERSION, summary)
                .at(at, "this document is no spec")
                .hint(format!("write `apiVersion: {API_VERSION}`")),
        );
        return Opened::Bad;
    }
    let ours = kind.and_then(|(kind, at)| Kind::from_yaml(kind).map(|kind| (kind, at)));
    let warning = ours.map(|(kind, at)| {
        let found = match version {
            Some((version, _)) => format!("its `apiVersion` is `{version}`"),
            None => "it has no `apiVersion`".into(),
        };
        let summary = format!("this {} is not read: {found}", kind.yaml());
        Diagnostic::warning(code::UNKNOWN_API_VERSION, summary)
            .at(at, "one of our kinds")
            .hint(format!("write `apiVersion: {API_VERSION}` if it is meant for mpctl"))
    });
    let reason = match version {
        Some((version, _)) => format!("apiVersion `{version}` is none of ours"),
        None => "no apiVersion".into(),
    };
    Opened::NotOurs { reason, warning }
}

fn kind_of(context: &mut Context<'_>, items: &[ObjectItem], span: Span) -> Option<Kind> {
    let Some((written, at)) = text_of(items, "kind") else {
        let start = context.first_word(span);
        let kinds: Vec<&str> = Kind::all().map(Kind::yaml).collect();
        context.report(
            Diagnostic::error(code::MISSING_KEY, "this document has no `kind` that is a string")
                .at(start, "`kind` is missing here")
                .hint(format!("the kinds are {}", kinds.join(", "))),
        );
        return None;
    };
    if let Some(kind) = Kind::from_yaml(written) {
        return Some(kind);
    }
    let kinds: Vec<&str> = Kind::all().map(Kind::yaml).collect();
    let hint = match nearest(written, kinds.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", kinds.join(", ")),
    };
    context.report(
        Diagnostic::error(code::UNKNOWN_KIND, format!("unknown kind `{written}`"))
            .at(at, "no kind of ours")
            .hint(hint),
    );
    None
}

fn metadata(context: &mut Context<'_>, kind: Kind, table: &mut Table) -> (Name, Option<Expr>) {
    let nameless = Name { text: "".into(), span: table.span };
    let Some(entry) = table.take(context, "metadata") else {
        if kind.is_named() {
            table.missing(context, "metadata");
        }
        return (nameless, None);
    };
    let what = format!("`metadata` of this {}", kind.yaml());
    let Some(mut metadata) = context.table(entry.content, what) else { return (nameless, None) };
    let name = match metadata.take_expr(context, "name") {
        Some(expr) => context.fixed_text("name", expr),
        None if kind.is_named() => {
            metadata.missing(context, "name");
            None
        }
        None => None,
    };
    if let Some(name) = name.as_ref().filter(|_| kind.is_named()) {
        context.check_name(kind.with_article(), name);
    }
    let labels = metadata.take_expr(context, "labels");
    // For people and other tools; it means nothing here.
    metadata.take(context, "annotations");
    metadata.finish(context, &["name", "labels", "annotations"]);
    (name.unwrap_or(nameless), labels)
}

/// The text under a literal key, if it is written out.
fn text_of<'a>(items: &'a [ObjectItem], wanted: &str) -> Option<(&'a Arc<str>, Span)> {
    items.iter().find_map(|item| match (&item.key, &item.value.kind) {
        (ObjectKey::Literal(key), ExprKind::Literal(Value::String(text)))
            if *key.text == *wanted =>
        {
            Some((text, item.value.span))
        }
        _ => None,
    })
}

/// Opens an HCL block that stands outside of any other.
pub(super) fn open_block(context: &mut Context<'_>, block: Block) -> Option<(Head, Table)> {
    let Some(kind) = Kind::from_hcl(&block.kind.text) else {
        unknown_block(context, &block);
        return None;
    };
    let wanted = kind.labels();
    if block.labels.len() != wanted.len() {
        let example: String = wanted.iter().map(|label| format!(" \"{label}\"")).collect();
        let found = block.labels.len();
        let summary = match wanted.len() {
            0 => format!("`{}` takes no label, and has {found}", kind.word()),
            1 => format!("`{}` needs one label, and has {found}", kind.word()),
            many => format!("`{}` needs {many} labels, and has {found}", kind.word()),
        };
        context.report(
            Diagnostic::error(code::WRONG_TYPE, summary)
                .at(block.kind.span, "this block")
                .hint(format!("write `{}{example} {{ … }}`", kind.word())),
        );
    }
    let too_few = block.labels.len() < wanted.len();
    let mut labels = block.labels.into_iter().take(wanted.len());
    let type_label = if wanted.len() == 2 && !too_few { labels.next() } else { None };
    let name = labels.next().filter(|_| !too_few);
    if let Some(name) = &name {
        context.check_name(kind.with_article(), name);
    }
    let name = name.unwrap_or(Name { text: "".into(), span: block.kind.span });
    let head = Head { kind, name, type_label, labels: None, span: block.span };
    let table = Table::of_body(block.body, block.span, describe(&head));
    Some((head, table))
}

fn unknown_block(context: &mut Context<'_>, block: &Block) {
    let word = &*block.kind.text;
    let kinds: Vec<&str> = Kind::all().map(Kind::word).collect();
    let hint = match word {
        "provider" => "providers are named in `project` and configured in `environment`, \
                       as `provider \"NAME\" { … }`"
            .into(),
        "terraform" => {
            "what stands there goes into `project \"NAME\" { … }`: providers and state".into()
        }
        "module" => {
            "there are no modules; files in any folder of the project are read together".into()
        }
        "override" => "an override stands in its workload".into(),
        _ => match nearest(word, kinds.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are {}", kinds.join(", ")),
        },
    };
    context.report(
        Diagnostic::error(code::UNKNOWN_KIND, format!("unknown block `{word}`"))
            .at(block.kind.span, "no kind of ours")
            .hint(hint),
    );
}
