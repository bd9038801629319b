//! The parser against another one, hcl-edit: the same verdict over the corpus of records, the same attributes,
//! blocks, labels and literals.
//!
//! Where the two differ and Terraform agrees with us, the text is in a list below, so that the comparison is
//! complete.

use std::str::FromStr;

use ::hcl_edit::expr::{Expression, ObjectKey as EditKey};
use ::hcl_edit::structure::{Body as EditBody, Structure};
use ::hcl_edit::template::Element;
use mpctl_provider::{Number, Value};
use serde::Deserialize;

use crate::source::FileId;
use crate::spec::hcl::parse_file;
use crate::spec::syntax::{Body, Expr, ExprKind, ObjectKey, UnaryOperator};

#[derive(Deserialize)]
struct Case {
    input: String,
}

fn corpus() -> Vec<String> {
    let cases = |text| serde_json::from_str::<Vec<Case>>(text).unwrap();
    let files = [
        include_str!("records/alignment.hcl"),
        include_str!("records/blocks.hcl"),
        include_str!("records/comments.hcl"),
        include_str!("records/expressions.hcl"),
        include_str!("records/heredocs.hcl"),
        include_str!("records/network.hcl"),
        include_str!("records/policy.hcl"),
        include_str!("records/workload.hcl"),
    ];
    let small = cases(include_str!("records/fmt.json"));
    let rejected = cases(include_str!("records/rejected.json"));
    let small = small.into_iter().chain(rejected).map(|case| case.input);
    files.into_iter().map(str::to_owned).chain(small).collect()
}

/// Names and literals of a body; what is no literal shows as its kind.
fn our_shape(body: &Body) -> String {
    let mut items: Vec<(u32, String)> = Vec::new();
    for attribute in &body.attributes {
        let shape = format!("{}={}", attribute.name.text, our_value(&attribute.value));
        items.push((attribute.name.span.start, shape));
    }
    for block in &body.blocks {
        let labels: String =
            block.labels.iter().map(|label| format!(" {:?}", label.text)).collect();
        let shape = format!("{}{labels}{{{}}}", block.kind.text, our_shape(&block.body));
        items.push((block.kind.span.start, shape));
    }
    items.sort_unstable();
    items.into_iter().map(|(_, shape)| shape + ";").collect()
}

fn our_value(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => format!("{text:?}"),
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Template(_) => "template".into(),
        ExprKind::Tuple(items) => {
            format!("[{}]", items.iter().map(our_value).collect::<Vec<_>>().join(","))
        }
        ExprKind::Object(items) => {
            let item = |key: &ObjectKey| match key {
                ObjectKey::Literal(name) => name.text.to_string(),
                ObjectKey::Expr(_) => "expression".into(),
            };
            let items = items.iter().map(|i| format!("{}:{}", item(&i.key), our_value(&i.value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(","))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Call { function, arguments, .. } => format!(
            "{}({})",
            function.text,
            arguments.iter().map(our_value).collect::<Vec<_>>().join(",")
        ),
        ExprKind::Parenthesized(inner) => format!("({})", our_value(inner)),
        ExprKind::Conditional(_) => "conditional".into(),
        ExprKind::For(_) => "for".into(),
        ExprKind::Access { .. } | ExprKind::Splat { .. } => "access".into(),
        // It takes the sign for a part of the number.
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => match &operand.kind {
            ExprKind::Literal(number @ Value::Number(_)) => format!("-{number:?}"),
            _ => "operation".into(),
        },
        ExprKind::Unary { .. } | ExprKind::Binary { .. } => "operation".into(),
        ExprKind::Malformed => "malformed".into(),
    }
}

fn their_shape(body: &EditBody) -> String {
    let item = |structure: &Structure| match structure {
        Structure::Attribute(attribute) => {
            format!("{}={};", attribute.key.as_str(), their_value(&attribute.value))
        }
        Structure::Block(block) => {
            let labels: String =
                block.labels.iter().map(|label| format!(" {:?}", label.as_str())).collect();
            format!("{}{labels}{{{}}};", block.ident.as_str(), their_shape(&block.body))
        }
    };
    body.iter().map(item).collect()
}

fn their_value(expr: &Expression) -> String {
    match expr {
        Expression::Null(_) => "null".into(),
        Expression::Bool(truth) => truth.value().to_string(),
        Expression::Number(number) => {
            format!("{:?}", Number::from_str(&number.value().to_string()).unwrap())
        }
        Expression::String(text) => format!("{:?}", text.as_str()),
        Expression::StringTemplate(_) => "template".into(),
        // It keeps a heredoc apart from other text also where nothing is to be put in.
        Expression::HeredocTemplate(heredoc) => {
            let texts = heredoc.template.iter().map(|element| match element {
                Element::Literal(text) => Some(text.as_str()),
                _ => None,
            });
            texts.collect::<Option<String>>().map_or("template".into(), |text| format!("{text:?}"))
        }
        Expression::Array(items) => {
            format!("[{}]", items.iter().map(their_value).collect::<Vec<_>>().join(","))
        }
        Expression::Object(object) => {
            let key = |key: &EditKey| match key {
                EditKey::Ident(name) => name.as_str().to_owned(),
                EditKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
                EditKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
                EditKey::Expression(_) => "expression".to_owned(),
            };
            let items = object.iter().map(|(k, v)| format!("{}:{}", key(k), their_value(v.expr())));
            format!("{{{}}}", items.collect::<Vec<_>>().join(","))
        }
        Expression::Variable(name) => name.as_str().to_owned(),
        Expression::FuncCall(call) => {
            let namespace = call.name.namespace.iter().map(|n| format!("{}::", n.as_str()));
            let namespace: String = namespace.collect();
            let arguments = call.args.iter().map(their_value).collect::<Vec<_>>().join(",");
            format!("{namespace}{}({arguments})", call.name.name.as_str())
        }
        Expression::Parenthesis(inner) => format!("({})", their_value(inner.inner())),
        Expression::Conditional(_) => "conditional".into(),
        Expression::ForExpr(_) => "for".into(),
        Expression::Traversal(_) => "access".into(),
        Expression::UnaryOp(_) | Expression::BinaryOp(_) => "operation".into(),
    }
}

#[test]
fn both_parsers_read_the_corpus_alike() {
    let mut differences = Vec::new();
    for text in corpus() {
        let (body, errors) = parse_file(FileId(0), &text);
        let theirs = ::hcl_edit::parser::parse_body(&text);
        match (errors.has_errors(), theirs) {
            (true, Ok(_)) => differences.push(format!("only they accept {text:?}")),
            (false, Err(_)) => differences.push(format!("only we accept {text:?}")),
            (false, Ok(theirs)) if our_shape(&body) != their_shape(&theirs) => {
                let (ours, theirs) = (our_shape(&body), their_shape(&theirs));
                differences.push(format!("{text:?}\n  ours:   {ours}\n  theirs: {theirs}"));
            }
            _ => {}
        }
    }
    insta::assert_snapshot!(differences.join("\n"), @r##"
        only we accept "\u{feff}a  =  1\n"
        only they accept "# first line\nok = 1\na = \"x\ny\"\n"
        only they accept "# first line\nok = 1\na = <<EOT\nx\nEOT"
        only they accept "# first line\nok = 1\na = b.*.*.c\n"
        only they accept "# first line\nok = 1\na = b.0.1\n"
        only they accept "# first line\nok = 1\na = b.*.0.1\n"
        only they accept "# first line\nok = 1\na = 1.2.3\n"
        only they accept "# first line\nok = 1\nx \"a\nb\" {\n}\n"
        "##);
}
