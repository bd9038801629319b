//! Trees as short text, without places.

use mpctl_provider::Value;

use crate::spec::syntax::{
    Accessor, Body, Expr, ExprKind, ForExpr, ObjectItem, ObjectKey, TemplatePart, UnaryOperator,
};

/// An expression: `(name parts…)`, names and literals as themselves.
pub(super) fn notation(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => format!("{text:?}"),
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Template(parts) => format!("(template{})", template(parts)),
        ExprKind::Tuple(items) => format!("[{}]", row(items)),
        ExprKind::Object(items) => {
            format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Access { of, steps } => format!("{}{}", notation(of), accessors(steps)),
        ExprKind::Splat { of, each } => format!("{}[*]({})", notation(of), accessors(each)),
        ExprKind::Call { function, arguments, expand } => {
            let dots = if *expand { "..." } else { "" };
            format!("{}({}{dots})", function.text, row(arguments))
        }
        ExprKind::Unary { operator, operand } => {
            let sign = if *operator == UnaryOperator::Not { "!" } else { "-" };
            format!("({sign} {})", notation(operand))
        }
        ExprKind::Binary { operator, operands } => {
            format!("({operator:?} {} {})", notation(&operands.0), notation(&operands.1))
        }
        ExprKind::Conditional(parts) => {
            format!("(if {} {} {})", notation(&parts.0), notation(&parts.1), notation(&parts.2))
        }
        ExprKind::For(parts) => for_notation(parts),
        ExprKind::Parenthesized(inner) => format!("(paren {})", notation(inner)),
        ExprKind::Malformed => "MALFORMED".into(),
    }
}

/// A body: attributes first, then blocks.
pub(super) fn body_notation(body: &Body) -> String {
    let attributes =
        body.attributes.iter().map(|a| format!("{} = {}", a.name.text, notation(&a.value)));
    let blocks = body.blocks.iter().map(|block| {
        let labels: String = block.labels.iter().map(|l| format!(" {:?}", l.text)).collect();
        let inner = body_notation(&block.body).replace('\n', "\n  ");
        let inner = if inner.is_empty() { "{}".into() } else { format!("{{\n  {inner}\n}}") };
        format!("{}{labels} {inner}", block.kind.text)
    });
    attributes.chain(blocks).collect::<Vec<_>>().join("\n")
}

fn row(items: &[Expr]) -> String {
    items.iter().map(notation).collect::<Vec<_>>().join(", ")
}

fn item(item: &ObjectItem) -> String {
    match &item.key {
        ObjectKey::Literal(name) => format!("{:?}: {}", name.text, notation(&item.value)),
        ObjectKey::Expr(key) => format!("<{}>: {}", notation(key), notation(&item.value)),
    }
}

fn accessors(steps: &[Accessor]) -> String {
    let step = |step: &Accessor| match step {
        Accessor::Attribute(name) => format!(".{}", name.text),
        Accessor::Index(key) => format!("[{}]", notation(key)),
        Accessor::Splat(each) => format!("[*]({})", accessors(each)),
    };
    steps.iter().map(step).collect()
}

fn template(parts: &[TemplatePart]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => format!(" {text:?}"),
        TemplatePart::Interpolation(expr) => format!(" ${{{}}}", notation(expr)),
        TemplatePart::If { condition, then, otherwise } => {
            let (then, otherwise) = (template(then), template(otherwise));
            format!(" (if {} then{then} else{otherwise})", notation(condition))
        }
        TemplatePart::For { key, value, collection, body } => {
            let key = key.as_ref().map(|key| format!("{}, ", key.text)).unwrap_or_default();
            let collection = notation(collection);
            format!(" (for {key}{} in {collection} do{})", value.text, template(body))
        }
    };
    parts.iter().map(part).collect()
}

fn for_notation(parts: &ForExpr) -> String {
    let key_name = parts.key_name.as_ref().map(|k| format!("{}, ", k.text)).unwrap_or_default();
    let key = parts.key.as_ref().map(|key| format!("{} => ", notation(key))).unwrap_or_default();
    let group = if parts.group { "..." } else { "" };
    let condition =
        parts.condition.as_ref().map(|c| format!(" if {}", notation(c))).unwrap_or_default();
    format!(
        "(for {key_name}{} in {} : {key}{}{group}{condition})",
        parts.value_name.text,
        notation(&parts.collection),
        notation(&parts.value),
    )
}
