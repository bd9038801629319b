//! The grammar, by example.

use insta::assert_snapshot;

use super::{expression, file};

#[test]
fn operators_bind_as_in_arithmetic_and_group_from_the_left() {
    assert_snapshot!(expression("1 + 2 * 3 - 4"), @"(Subtract (Add 1 (Multiply 2 3)) 4)");
    assert_snapshot!(expression("a || b && c == d < e + f * g"), @"(Or a (And b (Equal c (Less d (Add e (Multiply f g))))))");
    assert_snapshot!(expression("10 - 4 - 3"), @"(Subtract (Subtract 10 4) 3)");
    assert_snapshot!(expression("-a.b + !c[0]"), @"(Add (- a.b) (! c[0]))");
    assert_snapshot!(expression("- - 1"), @"(- (- 1))");
}

#[test]
fn conditionals_reach_as_far_as_they_can() {
    assert_snapshot!(expression("a ? b : c ? d : e"), @"(if a b (if c d e))");
    assert_snapshot!(expression("a == b ? c || d : -e"), @"(if (Equal a b) (Or c d) (- e))");
    assert_snapshot!(expression("a ? b ? c : d : e"), @"(if a (if b c d) e)");
}

#[test]
fn access_and_index_form_one_row_of_steps() {
    assert_snapshot!(expression("resource.db.ports[0][\"x\"].y"), @r#"resource.db.ports[0]["x"].y"#);
    assert_snapshot!(expression("a[b.c].d"), @"a[b.c].d");
    assert_snapshot!(expression("f(x).y[\"${z}\"]"), @"f(x).y[(template ${z})]");
}

#[test]
fn a_number_after_a_dot_is_an_index_of_old() {
    assert_snapshot!(expression("a.0.b.12"), @"a[0].b[12]");
}

#[test]
fn a_full_splat_takes_all_steps_behind_it_and_an_attribute_splat_only_names() {
    assert_snapshot!(expression("a[*].b[0].c"), @"a[*](.b[0].c)");
    assert_snapshot!(expression("a.*.b.c[0].d"), @"a[*](.b.c)[0].d");
    assert_snapshot!(expression("a.*.b.0"), @"a[*](.b[0])");
    assert_snapshot!(expression("a[*]"), @"a[*]()");
    assert_snapshot!(expression("a[*].b[*].c"), @"a[*](.b[*](.c))");
    assert_snapshot!(expression("a[*].b.*.c[0]"), @"a[*](.b[*](.c)[0])");
    assert_snapshot!(expression("a.*.b[*].c"), @"a[*](.b)[*](.c)");
}

#[test]
fn calls_take_arguments_over_lines_and_expand_the_last() {
    assert_snapshot!(expression("max(1, f(), xs...)"), @"max(1, f(), xs...)");
    assert_snapshot!(expression("f(\n  1,\n  2,\n)"), @"f(1, 2)");
    assert_snapshot!(expression("provider::cloud::zone(\"a\")"), @r#"provider::cloud::zone("a")"#);
}

#[test]
fn collections_end_their_items_with_commas_or_lines() {
    assert_snapshot!(expression("[1, [2,\n 3], ]"), @"[1, [2, 3]]");
    assert_snapshot!(expression("{ a = 1, \"b\": 2\n (c) = 3\n \"d${e}\" = 4\n 5 = 6\n true = 7 }"), @r#"{"a": 1, "b": 2, <(paren c)>: 3, <(template "d" ${e})>: 4, <5>: 6, "true": 7}"#);
    assert_snapshot!(expression("{\n\n a = {}\n\n}"), @r#"{"a": {}}"#);
}

#[test]
fn for_expressions_make_lists_and_objects() {
    assert_snapshot!(expression("[for x in xs : x.name if x.on]"), @"(for x in xs : x.name if x.on)");
    assert_snapshot!(expression("{\n for k, v in m :\n k => v...\n if v != null }"), @"(for k, v in m : k => v... if (NotEqual v null))");
    assert_snapshot!(expression("[for in in [in] : in[0]]"), @"(for in in [in] : in[0])");
}

#[test]
fn words_are_names_and_literals() {
    assert_snapshot!(expression("[true, false, null, on-failure, größe, 名前, _x]"), @"[true, false, null, on-failure, größe, 名前, _x]");
}

#[test]
fn numbers_are_exact() {
    assert_snapshot!(
        expression("[0, 9007199254740993, 1.10, 1e3, 2.5E-1, 123456789012345678901234567890]"),
        @"[0, 9007199254740993, 1.1, 1000, 0.25, 123456789012345678901234567890]"
    );
}

#[test]
fn bodies_hold_attributes_and_blocks() {
    let text = r#"
# a comment
replicas = 2 // and one more
resource "cloud" name {
  size = "small" /* within */

  lifecycle { prevent_destroy = true }
  empty {}
}
"#;
    assert_snapshot!(file(text), @r#"
        replicas = 2
        resource "cloud" "name" {
          size = "small"
          lifecycle {
            prevent_destroy = true
          }
          empty {}
        }
        "#);
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark_change_nothing() {
    assert_snapshot!(file("\u{feff}a = 1\r\nb {\r\n  c = [\r\n    2\r\n  ]\r\n}\r\n"), @r"
        a = 1
        b {
          c = [2]
        }
        ");
}

#[test]
fn a_file_needs_no_line_break_at_its_end() {
    assert_snapshot!(file("a = 1"), @"a = 1");
    assert_snapshot!(file("a {}"), @"a {}");
    assert_snapshot!(file("# nothing"), @"");
}

#[test]
fn labels_may_have_escapes_and_be_empty() {
    assert_snapshot!(file(r#"a "x\"y" "" "$${z}" {}"#), @r#"a "x\"y" "" "${z}" {}"#);
}
