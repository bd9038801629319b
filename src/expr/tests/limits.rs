//! Hostile expressions end quickly with a clear error.

use std::time::{Duration, Instant};

use super::{eval, parse, world};
use crate::expr::{EvalContext, evaluate};
use crate::source::{FileId, Span};
use crate::spec::syntax::{Expr, ExprKind, UnaryOperator};

#[test]
fn what_would_take_all_memory_is_refused() {
    for text in [
        "range(0, 1e9)",
        "pow(10, 1e9)",
        "1e999999999",
        "pow(2, 60000) * pow(2, 60000)",
        "format(\"%999999999d\", 1)",
        "indent(1e9, \"a\\nb\")",
        "setproduct(range(2000), range(2000))",
        "replace(join(\"\", [for x in range(100000) : \"aaaaaaaaaa\"]), \"a\", \"0123456789012345678901234567890123456789\")",
    ] {
        let start = Instant::now();
        let (expr, mistakes) = crate::spec::hcl::parse_expression(
            text,
            &crate::spec::hcl::Places::linear(FileId(0), 0),
        );
        let refused =
            mistakes.has_errors() || evaluate(&expr, &world(), &EvalContext::closed()).is_err();
        assert!(refused, "{text}");
        assert!(start.elapsed() < Duration::from_secs(5), "{text} took {:?}", start.elapsed());
    }
}

#[test]
fn deep_trees_are_refused() {
    let place = Span::new(FileId(0), 0..0);
    let mut expr = parse("true");
    for _ in 0..10_000 {
        let kind = ExprKind::Unary { operator: UnaryOperator::Not, operand: Box::new(expr) };
        expr = Expr::new(kind, place);
    }
    let mistakes = evaluate(&expr, &world(), &EvalContext::closed()).unwrap_err();
    assert_eq!(mistakes.iter().next().unwrap().code, crate::diagnostic::code::LIMIT);
    // Dropping the tree by recursion is not what is tested here.
    std::mem::forget(expr);
}

#[test]
fn what_the_parser_lets_through_can_be_evaluated() {
    let depth = 90;
    let text = format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(eval(&text).is_ok());
    let text = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(eval(&text).is_ok());
    for (open, close) in [
        ("try(", ")"),
        ("upper(\"${", "}\")"),
        ("[for x in ", " : x]"),
        ("{ a = ", " }"),
        ("(true ? ", " : 1)"),
        ("\"%{ for x in [1] }${", "}%{ endfor }\""),
    ] {
        for depth in [20, 60, 90, 180] {
            let text = format!("{}[]{}", open.repeat(depth), close.repeat(depth));
            let (expr, mistakes) = crate::spec::hcl::parse_expression(
                &text,
                &crate::spec::hcl::Places::linear(FileId(0), 0),
            );
            // That it ends is enough: some of these have no value.
            if !mistakes.has_errors() {
                let _ = evaluate(&expr, &world(), &EvalContext::closed());
            }
        }
    }
}

#[test]
fn a_loop_over_many_elements_is_linear() {
    let start = Instant::now();
    let result = eval("length([for x in range(200000) : x if x % 2 == 0])").unwrap();
    assert_eq!(result, mpctl_provider::Value::int(100_000));
    assert!(start.elapsed() < Duration::from_secs(20));
}
