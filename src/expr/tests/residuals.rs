//! What is left of an expression gives, once the unknowns are known, what the expression would have given.

use std::cell::RefCell;

use mpctl_provider::value::UnknownId;
use mpctl_provider::value::codec::NoSeal;
use mpctl_provider::{Path, Type, Value};
use proptest::prelude::*;

use super::{TestScope, parse, world};
use crate::expr::references::references;
use crate::expr::{
    EvalContext, FileFault, Files, NoClock, evaluate, identify, residual, stored, substitute,
};
use crate::spec::syntax::{Expr, ExprKind};

/// What the unknowns of [`world`] become.
fn final_value(id: UnknownId) -> Option<Value> {
    Some(match id.0 {
        0 => Value::string("https://db"),
        1 => Value::int(5432),
        2 => Value::list(Type::String, vec![Value::string("a"), Value::string("b")]),
        _ => return None,
    })
}

/// The world after apply.
fn settled() -> TestScope {
    let mut scope = world();
    for root in scope.roots.values_mut() {
        let known = root.substitute(&mut final_value).unwrap();
        *root = known.map_leaves(&mut |leaf| match leaf {
            Value::Unknown(_) => Value::string("late"),
            other => other.clone(),
        });
    }
    scope
}

fn context() -> EvalContext<'static> {
    EvalContext::closed()
}

/// The residual once what is known has been put in.
fn settle(expr: &Expr) -> Value {
    let expr = substitute(expr, &mut final_value).unwrap();
    evaluate(&expr, &settled(), &context()).unwrap()
}

/// The residual in short: literals as their values, the rest by kind.
fn sketch(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Call { function, arguments, .. } => {
            let arguments: Vec<String> = arguments.iter().map(sketch).collect();
            format!("{}({})", function.text, arguments.join(", "))
        }
        ExprKind::Tuple(items) => {
            format!("[{}]", items.iter().map(sketch).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Access { of, steps } => format!("{}.+{}", sketch(of), steps.len()),
        ExprKind::Binary { operands, .. } => {
            format!("({} ∘ {})", sketch(&operands.0), sketch(&operands.1))
        }
        other => format!("{other:?}").chars().take_while(|c| c.is_alphanumeric()).collect(),
    }
}

fn residual_of(text: &str) -> String {
    sketch(&residual(&parse(text), &world(), &context()))
}

#[test]
fn known_parts_become_literals() {
    insta::assert_snapshot!(residual_of("upper(var.name)"), @r#""SHOP""#);
    insta::assert_snapshot!(residual_of("join(\"-\", [local.greeting, resource.db.url])"), @r#"join("-", ["hello shop", (unknown #0)])"#);
    insta::assert_snapshot!(residual_of("resource.db.port + var.count * 2"), @"((unknown #1) ∘ 6)");
    insta::assert_snapshot!(residual_of("resource.db.tags[var.count - 2]"), @"(unknown #2).+1");
    insta::assert_snapshot!(residual_of("upper(local.address)"), @"upper(Template)");
    insta::assert_snapshot!(residual_of("upper(resource.db.late)"), @"upper(resource.+2)");
    insta::assert_snapshot!(residual_of("try(resource.db.missing, tonumber(resource.db.url), 1)"), @"try(tonumber((unknown #0)), 1)");
}

/// Gives every unknown in the value an identity, and says what each will be computed from.
fn identified(text: &str) -> (Value, Vec<(Expr, Path)>) {
    let (expr, scope, assigned) = (parse(text), world(), RefCell::new(Vec::new()));
    let value = evaluate(&expr, &scope, &context()).unwrap();
    let value = identify(&value, &expr, &scope, &context(), &mut |expr, path| {
        assigned.borrow_mut().push((expr, path));
        UnknownId(99 + assigned.borrow().len() as u32)
    })
    .unwrap();
    (value, assigned.into_inner())
}

#[test]
fn unknown_leaves_are_tied_to_the_smallest_expression() {
    let (value, assigned) = identified(
        "{ a = resource.db.url, b = [1, upper(resource.db.url)], c = local.pair, d = { for x in [\"k\"] : x => \"${resource.db.port}!\" } }",
    );
    assert!(value.is_identified());
    insta::assert_snapshot!(format!("{value:?}"), @r#"{"a": (unknown #0), "b": [1, (unknown #100)], "c": ["shop", (unknown #0)], "d": {"k": (unknown #101)}}"#);
    let shown: Vec<String> =
        assigned.iter().map(|(expr, path)| format!("{} at {path:?}", sketch(expr))).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    upper((unknown #0)) at Path([])
    For at Path([Key("k")])
    "#);
}

#[test]
fn a_set_with_an_unknown_in_it_is_unknown_as_a_whole() {
    let (value, assigned) = identified("toset([upper(resource.db.url), \"a\"])");
    let Value::Unknown(unknown) = &value else { panic!("{value:?}") };
    assert_eq!(unknown.ty, Type::set(Type::String));
    assert_eq!(assigned.len(), 1);
}

#[test]
fn a_sensitive_unknown_stays_sensitive() {
    let (value, assigned) = identified("{ a = sensitive(upper(resource.db.url)) }");
    assert!(matches!(value.get("a"), Some(Value::Sensitive(_))));
    assert_eq!(assigned.len(), 1);
    let mut known = |id: UnknownId| {
        let (expr, path) = &assigned[id.0 as usize - 100];
        path.of(&settle(expr)).cloned()
    };
    let settled = value.substitute(&mut known).unwrap();
    assert_eq!(settled.get("a"), Some(&Value::string("HTTPS://DB").sensitive()));
}

#[test]
fn no_name_but_a_late_one_is_left() {
    let text = "[for x in var.regions : \"${x}-${local.address}-${var.count}\"]";
    let left = residual(&parse(text), &world(), &context());
    assert_eq!(references(&left).count(), 0);
}

/// One file, which is there while planning only.
struct Page;

impl Files for Page {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileFault> {
        match path {
            "page.tmpl" => Ok(b"%{ for n in names }${n}@${url} %{ endfor }".to_vec()),
            _ => Err(FileFault("does not exist".into())),
        }
    }
    fn exists(&self, path: &str) -> Result<bool, FileFault> {
        Ok(path == "page.tmpl")
    }
    fn absolute(&self, path: &str) -> Result<String, FileFault> {
        Ok(path.to_owned())
    }
    fn list(&self, _: &str) -> Result<Vec<String>, FileFault> {
        Ok(Vec::new())
    }
}

#[test]
fn a_template_file_is_put_in_so_that_apply_reads_none() {
    let text =
        "templatefile(\"${\"page\"}.tmpl\", { names = [var.name, \"x\"], url = resource.db.url })";
    let planning = EvalContext::new(&Page, &NoClock);
    let left = residual(&parse(text), &world(), &planning);
    assert_eq!(settle(&left), Value::string("shop@https://db x@https://db "));
}

/// Conditionals say their type, since that of a branch not taken may be open while planning, and is then taken
/// not to matter, as in Terraform.
///
/// Text, number, truth and list expressions over the names of [`world`], as source.
fn source(depth: u32) -> BoxedStrategy<(String, String, String, String)> {
    let text = prop::sample::select(vec![
        "\"x\"",
        "var.name",
        "resource.db.url",
        "resource.db.size",
        "local.address",
        "local.greeting",
        "\"${resource.db.port}\"",
    ]);
    let number = prop::sample::select(vec![
        "1",
        "2.5",
        "var.count",
        "resource.db.port",
        "length(local.pair)",
    ]);
    let truth = prop::sample::select(vec!["true", "var.on", "false"]);
    let list = prop::sample::select(vec![
        "var.regions",
        "resource.db.tags",
        "[\"p\", \"q\"]",
        "local.pair",
    ]);
    let leaf = (text, number, truth, list)
        .prop_map(|(t, n, b, l)| (t.to_owned(), n.to_owned(), b.to_owned(), l.to_owned()));
    leaf.prop_recursive(depth, 40, 2, |inner| {
        (inner.clone(), inner, 0..7usize).prop_map(|((t1, n1, b1, l1), (t2, n2, b2, l2), pick)| {
            let text = [
                format!("\"${{{t1}}}-${{{n1}}}\""),
                format!("upper({t1})"),
                format!("tostring({b1} ? {t1} : {t2})"),
                format!("join(\",\", {l1})"),
                format!("try({l1}[5], {t2})"),
                format!("\"%{{ for x in {l1} }}${{x}}${{{n2}}}%{{ endfor }}\""),
                format!("jsonencode({{ a = {t1}, b = {n2} }})"),
            ][pick]
                .clone();
            let number = [
                format!("({n1} + {n2})"),
                format!("length({l1})"),
                format!("max({n1}, {n2})"),
                format!("tonumber({b2} ? {n1} : {n2})"),
                format!("-{n1}"),
                format!("length({t1})"),
                format!("sum([for x in {l1} : {n2}])"),
            ][pick]
                .clone();
            let truth = [
                format!("({n1} > {n2})"),
                format!("({b1} && {b2})"),
                format!("({t1} == {t2})"),
                format!("contains({l1}, {t2})"),
                format!("can(tonumber({t1}))"),
                format!("!{b1}"),
                format!("startswith({t1}, {t2})"),
            ][pick]
                .clone();
            let list = [
                format!("[{t1}, {t2}]"),
                format!("[for x in {l1} : upper(x)]"),
                format!("[for i, x in {l1} : \"${{x}}${{i}}${{{t2}}}\" if {b1}]"),
                format!("concat({l1}, {l2})"),
                format!("reverse({l1})"),
                format!("[for x in {l1} : x if x != {t2}]"),
                format!("values({{ for x in {l1} : x => {t2}... }})[*][0]"),
            ][pick]
                .clone();
            (text, number, truth, list)
        })
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn a_residual_gives_what_the_expression_would((text, number, truth, list) in source(4)) {
        for source in [text, number, truth, list] {
            let expr = parse(&source);
            let now = evaluate(&expr, &world(), &context());
            let then = evaluate(&expr, &settled(), &context());
            let (Ok(now), Ok(then)) = (now, then) else { continue };
            // Knowing more never changes what is known.
            if now.is_wholly_known() {
                prop_assert_eq!(&now, &then, "{}", source);
            }
            let left = residual(&expr, &world(), &context());
            prop_assert_eq!(&settle(&left), &then, "{}", source);
            let back = stored::decode(&stored::encode(&left, &NoSeal).unwrap(), &NoSeal).unwrap();
            prop_assert_eq!(&back, &left);
            let (value, assigned) = identified(&source);
            let mut known = |id: UnknownId| match final_value(id) {
                Some(value) => Some(value),
                None => {
                    let (expr, path) = assigned.get(id.0 as usize - 100)?;
                    path.of(&settle(expr)).cloned()
                }
            };
            prop_assert_eq!(&value.substitute(&mut known).unwrap(), &then, "{}", source);
        }
    }
}

#[test]
fn deep_residuals_can_be_stored() {
    let mut text = "resource.db.url".to_owned();
    for _ in 0..60 {
        text = format!("upper({text})");
    }
    let left = residual(&parse(&text), &world(), &context());
    let json = stored::encode(&left, &NoSeal).unwrap().to_string();
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(stored::decode(&read, &NoSeal).unwrap(), left);
}
