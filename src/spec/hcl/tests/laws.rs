//! Laws: what holds for every text and every tree.

use std::sync::Arc;

use mpctl_provider::Value;
use proptest::prelude::*;

use super::notation::{body_notation, notation};
use crate::source::{FileId, Span};
use crate::spec::hcl::lexer::{Entry, tokens};
use crate::spec::hcl::{Places, fmt, parse_expression, parse_file, parse_template};
use crate::spec::syntax::{
    Accessor, BinaryOperator, Expr, ExprKind, ForExpr, Name, ObjectItem, ObjectKey, TemplatePart,
    UnaryOperator,
};

const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

fn expr(kind: ExprKind) -> Expr {
    Expr::new(kind, NOWHERE)
}

fn name() -> impl Strategy<Value = Name> {
    let word = "[a-z_é][a-z0-9_-]{0,5}".prop_filter("a word of the language", |word| {
        !["true", "false", "null", "for", "in", "if"].contains(&word.as_str())
    });
    word.prop_map(|word| Name { text: Arc::from(word), span: NOWHERE })
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["[a-z ]{1,4}", "[\\\\\"$%{}~#\n\t é😀]{1,3}", Just("${".to_owned())];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn operator() -> impl Strategy<Value = BinaryOperator> {
    use BinaryOperator::*;
    proptest::sample::select(vec![
        Or,
        And,
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
    ])
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        any::<u32>().prop_map(|n| expr(ExprKind::Literal(Value::int(i64::from(n))))),
        any::<bool>().prop_map(|truth| expr(ExprKind::Literal(Value::Bool(truth)))),
        Just(expr(ExprKind::Literal(Value::NULL))),
        text().prop_map(|text| expr(ExprKind::Literal(Value::string(text)))),
        name().prop_map(|name| expr(ExprKind::Variable(name.text))),
    ]
}

fn any_expr() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(4, 40, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            list.clone().prop_map(|items| expr(ExprKind::Tuple(items))),
            proptest::collection::vec((object_key(inner.clone()), inner.clone()), 0..3).prop_map(
                |items| {
                    let item = |(key, value)| ObjectItem { key, value };
                    expr(ExprKind::Object(items.into_iter().map(item).collect()))
                }
            ),
            (operator(), inner.clone(), inner.clone()).prop_map(|(operator, a, b)| {
                expr(ExprKind::Binary { operator, operands: Box::new((a, b)) })
            }),
            (any::<bool>(), inner.clone()).prop_map(|(not, operand)| {
                let operator = if not { UnaryOperator::Not } else { UnaryOperator::Negate };
                expr(ExprKind::Unary { operator, operand: Box::new(operand) })
            }),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|parts| expr(ExprKind::Conditional(Box::new(parts)))),
            (name(), list, any::<bool>()).prop_map(|(function, arguments, expand)| {
                let expand = expand && !arguments.is_empty();
                expr(ExprKind::Call { function, arguments, expand })
            }),
            (inner.clone(), proptest::collection::vec(accessor(inner.clone()), 1..3))
                .prop_map(|(of, steps)| expr(ExprKind::Access { of: Box::new(of), steps })),
            (inner.clone(), proptest::collection::vec(accessor(inner.clone()), 0..3))
                .prop_map(|(of, each)| expr(ExprKind::Splat { of: Box::new(of), each })),
            for_expr(inner.clone()),
            template(inner),
        ]
    })
}

fn object_key(inner: impl Strategy<Value = Expr>) -> impl Strategy<Value = ObjectKey> {
    let computed = |key| ObjectKey::Expr(expr(ExprKind::Parenthesized(Box::new(key))));
    prop_oneof![name().prop_map(ObjectKey::Literal), inner.prop_map(computed)]
}

fn accessor(inner: impl Strategy<Value = Expr>) -> impl Strategy<Value = Accessor> {
    prop_oneof![name().prop_map(Accessor::Attribute), inner.prop_map(Accessor::Index)]
}

fn for_expr(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Expr> {
    let option = || proptest::option::of(inner.clone());
    let parts = (proptest::option::of(name()), name(), inner.clone(), option(), inner.clone());
    (parts, option(), any::<bool>()).prop_map(
        |((key_name, value_name, collection, key, value), condition, group)| {
            let group = group && key.is_some();
            let parts = ForExpr { key_name, value_name, collection, key, value, condition, group };
            expr(ExprKind::For(Box::new(parts)))
        },
    )
}

/// A template in which no two texts are neighbours and at least one part is no text.
fn template(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Expr> {
    let literal = text().prop_filter("it would escape what follows", |text| {
        !text.is_empty() && !text.ends_with(['$', '%'])
    });
    let literal = literal.prop_map(|text| TemplatePart::Literal(Arc::from(text))).boxed();
    let run = || proptest::collection::vec(literal.clone(), 0..2);
    let sequence = prop_oneof![
        inner.clone().prop_map(TemplatePart::Interpolation),
        (inner.clone(), run(), run()).prop_map(|(condition, then, otherwise)| {
            TemplatePart::If { condition, then, otherwise }
        }),
        (proptest::option::of(name()), name(), inner, run()).prop_map(
            |(key, value, collection, body)| TemplatePart::For { key, value, collection, body }
        ),
    ];
    (run(), proptest::collection::vec((sequence, run()), 1..3)).prop_map(|(mut parts, rest)| {
        for (sequence, text) in rest {
            parts.push(sequence);
            parts.extend(text);
        }
        expr(ExprKind::Template(parts))
    })
}

/// How tightly an expression binds: an operand that binds less tightly needs parentheses.
fn level(kind: &ExprKind) -> u8 {
    use BinaryOperator::*;
    match kind {
        ExprKind::Conditional(_) => 0,
        ExprKind::Binary { operator, .. } => match operator {
            Or => 1,
            And => 2,
            Equal | NotEqual => 3,
            Less | LessOrEqual | Greater | GreaterOrEqual => 4,
            Add | Subtract => 5,
            Multiply | Divide | Modulo => 6,
        },
        ExprKind::Unary { .. } => 7,
        // A splat takes all steps behind it.
        ExprKind::Access { .. } | ExprKind::Splat { .. } => 8,
        _ => 9,
    }
}

fn symbol(operator: BinaryOperator) -> &'static str {
    use BinaryOperator::*;
    match operator {
        Or => "||",
        And => "&&",
        Equal => "==",
        NotEqual => "!=",
        Less => "<",
        LessOrEqual => "<=",
        Greater => ">",
        GreaterOrEqual => ">=",
        Add => "+",
        Subtract => "-",
        Multiply => "*",
        Divide => "/",
        Modulo => "%",
    }
}

/// The expression as text with as few parentheses as the grammar allows.
fn print(expr: &Expr) -> String {
    let at = |operand: &Expr, least| match level(&operand.kind) >= least {
        true => print(operand),
        false => format!("({})", print(operand)),
    };
    let list = |items: &[Expr]| items.iter().map(print).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => format!("\"{}\"", quoted(text)),
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Template(parts) => format!("\"{}\"", print_parts(parts)),
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let key = |key: &ObjectKey| match key {
                ObjectKey::Literal(name) => name.text.to_string(),
                ObjectKey::Expr(key) => print(key),
            };
            let items =
                items.iter().map(|item| format!("{} = {}", key(&item.key), print(&item.value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Access { of, steps } => format!("{}{}", at(of, 9), print_steps(steps)),
        ExprKind::Splat { of, each } => format!("{}[*]{}", at(of, 9), print_steps(each)),
        ExprKind::Call { function, arguments, expand } => {
            format!("{}({}{})", function.text, list(arguments), if *expand { "..." } else { "" })
        }
        ExprKind::Unary { operator, operand } => {
            let sign = if *operator == UnaryOperator::Not { "!" } else { "-" };
            format!("{sign}{}", at(operand, 7))
        }
        ExprKind::Binary { operator, operands } => {
            let own = level(&expr.kind);
            let (left, right) = (at(&operands.0, own), at(&operands.1, own + 1));
            format!("{left} {} {right}", symbol(*operator))
        }
        ExprKind::Conditional(parts) => {
            format!("{} ? {} : {}", at(&parts.0, 1), print(&parts.1), print(&parts.2))
        }
        ExprKind::For(parts) => print_for(parts),
        ExprKind::Parenthesized(inner) => format!("({})", print(inner)),
        ExprKind::Malformed => unreachable!("never generated"),
    }
}

fn print_for(parts: &ForExpr) -> String {
    let key_name = parts.key_name.as_ref().map(|k| format!("{}, ", k.text)).unwrap_or_default();
    let key = parts.key.as_ref().map(|key| format!("{} => ", print(key))).unwrap_or_default();
    let group = if parts.group { "..." } else { "" };
    let condition = parts.condition.as_ref().map(|c| format!(" if {}", print(c)));
    let inner = format!(
        "for {key_name}{} in {} : {key}{}{group}{}",
        parts.value_name.text,
        print(&parts.collection),
        print(&parts.value),
        condition.unwrap_or_default(),
    );
    if parts.key.is_some() { format!("{{{inner}}}") } else { format!("[{inner}]") }
}

fn print_steps(steps: &[Accessor]) -> String {
    let step = |step: &Accessor| match step {
        Accessor::Attribute(name) => format!(".{}", name.text),
        Accessor::Index(key) => format!("[{}]", print(key)),
        Accessor::Splat(each) => format!("[*]{}", print_steps(each)),
    };
    steps.iter().map(step).collect()
}

fn print_parts(parts: &[TemplatePart]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => quoted(text),
        TemplatePart::Interpolation(expr) => format!("${{{}}}", print(expr)),
        TemplatePart::If { condition, then, otherwise } => {
            let (then, otherwise) = (print_parts(then), print_parts(otherwise));
            format!("%{{if {}}}{then}%{{else}}{otherwise}%{{endif}}", print(condition))
        }
        TemplatePart::For { key, value, collection, body } => {
            let key = key.as_ref().map(|key| format!("{}, ", key.text)).unwrap_or_default();
            let (collection, body) = (print(collection), print_parts(body));
            format!("%{{for {key}{} in {collection}}}{body}%{{endfor}}", value.text)
        }
    };
    parts.iter().map(part).collect()
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    text.replace('\t', "\\t").replace("${", "$${").replace("%{", "%%{")
}

/// The notation without the parentheses that printing has added.
fn without_parentheses(expr: &Expr) -> String {
    let mut text = notation(expr);
    while let Some(at) = text.find("(paren ") {
        let mut depth = 0;
        let close = text[at..].char_indices().find(|(_, c)| {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            depth == 0
        });
        let close = at + close.map_or(text.len() - at - 1, |(offset, _)| offset);
        text.replace_range(close..=close, "");
        text.replace_range(at..at + "(paren ".len(), "");
    }
    text
}

/// Words and signs of the language, joined at random.
fn soup() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "a", "b.c", "1", "1.5", "\"", "\"x\"", "${", "%{", "~}", "}", "{", "(", ")", "[", "]", "=",
        "==", "=>", ":", "::", ",", ".", "...", "*", "-", "!", "?", "\n", "\r\n", " ", "\t", "#",
        "//", "/*", "*/", "<<E\n", "<<-E\n", "E\n", "  E\n", "for", " in ", "if", "else", "endif",
        "endfor", "\\", "$${", "'", "é", "\u{feff}", "\0", "true", "null", "[*]", "&&", "|", ";",
    ]);
    proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_expression_is_read_back_as_it_was(tree in any_expr()) {
        let text = print(&tree);
        let (read, errors) = parse_expression(&text, &Places::linear(FileId(0), 0));
        prop_assert!(errors.is_empty(), "{}\n{}", text, super::complaints(&text, &errors));
        prop_assert_eq!(without_parentheses(&read), without_parentheses(&tree), "{}", text);
    }

    #[test]
    fn tokens_joined_are_the_text(text in soup(), any in any::<String>()) {
        for text in [text, any] {
            for entry in [Entry::Code, Entry::Template] {
                let tokens = tokens(&text, entry);
                prop_assert_eq!(tokens.first().map(|t| t.start), Some(0));
                prop_assert!(tokens.windows(2).all(|pair| pair[0].start <= pair[1].start));
                prop_assert_eq!(tokens.last().map(|t| t.start as usize), Some(text.len()));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(soup in soup(), any in any::<String>()) {
        for text in [soup, any] {
            let places = Places::linear(FileId(0), 0);
            let (_, errors) = parse_file(FileId(0), &text);
            for error in errors.iter() {
                for label in &error.labels {
                    prop_assert!(label.span.start <= label.span.end);
                    prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
                }
            }
            let _ = parse_expression(&text, &places);
            let _ = parse_template(&text, &places);
            let _ = fmt(FileId(0), &text);
        }
    }

    #[test]
    fn fmt_changes_the_layout_and_nothing_else(text in soup(), tree in any_expr()) {
        let printed = format!("a {{\n b   =1 # x\ncc = {}\n}}\n", print(&tree));
        for text in [text, printed] {
            let Ok(once) = fmt(FileId(0), &text) else { continue };
            let (before, _) = parse_file(FileId(0), &text);
            let (after, errors) = parse_file(FileId(0), &once);
            prop_assert!(errors.is_empty(), "{}\n{}", text, once);
            // `"${x}"` alone becomes `x`, on purpose and one level at a time.
            if !text.contains("\"${") {
                prop_assert_eq!(body_notation(&before), body_notation(&after));
                prop_assert_eq!(fmt(FileId(0), &once).ok(), Some(once));
            }
        }
    }
}
