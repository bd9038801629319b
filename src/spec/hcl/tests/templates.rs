//! Templates: quoted, as heredoc, and as the text of a YAML string.

use insta::assert_snapshot;

use super::{expression, file, template};

#[test]
fn text_without_sequences_is_a_literal() {
    assert_snapshot!(expression(r#""plain""#), @r#""plain""#);
    assert_snapshot!(expression(r#""""#), @r#""""#);
    assert_snapshot!(expression(r#""tab \t quote \" back \\ \u00e9 \U0001F600""#), @r#""tab \t quote \" back \\ é 😀""#);
    assert_snapshot!(template("plain"), @r#""plain""#);
}

#[test]
fn doubled_signs_are_literal() {
    assert_snapshot!(expression(r#""$${a} %%{b} $c 100% $$ $$${d}""#), @r#""${a} %{b} $c 100% $$ $${d}""#);
    assert_snapshot!(template(r"$${a} \n %%{b}"), @r#""${a} \\n %{b}""#);
}

#[test]
fn one_interpolation_alone_keeps_its_type_and_stays_a_template_of_one_part() {
    assert_snapshot!(expression(r#""${a}""#), @"(template ${a})");
    assert_snapshot!(template("${var.replicas}"), @"(template ${var.replicas})");
    // The text beside it is empty only after it has been stripped: this is a string.
    assert_snapshot!(template("${a ~} "), @r#"(template ${a} "")"#);
}

#[test]
fn templates_nest() {
    assert_snapshot!(expression(r#""a${f("b${c}")}d""#), @r#"(template "a" ${f((template "b" ${c}))} "d")"#);
    assert_snapshot!(expression(r#""${ { a = "}" }["a"] }""#), @r#"(template ${{"a": "}"}["a"]})"#);
}

#[test]
fn directives_nest_in_each_other() {
    assert_snapshot!(
        expression(r#""%{ if a }x%{ else }%{ for k, v in m }${k}=${v};%{ endfor }%{ endif }""#),
        @r#"(template (if a then "x" else (for k, v in m do ${k} "=" ${v} ";")))"#
    );
    assert_snapshot!(expression(r#""%{ if a }%{ endif }""#), @"(template (if a then else))");
}

#[test]
fn markers_strip_white_space_towards_them() {
    assert_snapshot!(expression(r#""a  ${~ b ~}  c""#), @r#"(template "a" ${b} "c")"#);
    assert_snapshot!(expression(r#""a \n ${~ b }""#), @r#"(template "a" ${b})"#);
}

#[test]
fn outside_quotes_markers_strip_no_more_than_one_line() {
    assert_snapshot!(template("a\n\n  ${~ b ~}\n\n  c"), @r#"(template "a\n\n" ${b} "\n  c")"#);
    assert_snapshot!(template("%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\nend"), @r#"(template (for x in xs do "- " ${x} "\n") "end")"#);
}

#[test]
fn heredocs_keep_their_lines_and_end_with_one() {
    assert_snapshot!(file("a = <<EOT\n  x\n\n\ty \"quoted\" \\n\n  EOT\nb = 1\n"), @r#"
        a = "  x\n\n\ty \"quoted\" \\n\n"
        b = 1
        "#);
    assert_snapshot!(file("a = <<EOT\nEOT\n"), @r#"a = """#);
    assert_snapshot!(file("a = <<EOT\nEOTX\nx EOT\n${b}EOT\nEOT\n"), @r#"a = (template "EOTX\nx EOT\n" ${b} "EOT\n")"#);
}

#[test]
fn indented_heredocs_lose_what_all_lines_have_in_common() {
    assert_snapshot!(file("a = <<-EOT\n    x\n      y\n\n    z\n    EOT\n"), @r#"a = "x\n  y\n\nz\n""#);
    assert_snapshot!(file("a = <<-EOT\n    x\n  ${b}\n    EOT\n"), @r#"a = (template "  x\n" ${b} "\n")"#);
    assert_snapshot!(file("a = <<-EOT\n    x\n${b}\n    EOT\n"), @r#"a = (template "    x\n" ${b} "\n")"#);
    assert_snapshot!(file("a = <<-EOT\n\tx\n\t\ty\n\tEOT\n"), @r#"a = "x\n\ty\n""#);
}

#[test]
fn heredocs_stand_in_calls_and_lists() {
    assert_snapshot!(file("a = f(<<A\nx\nA\n, [<<B\ny\nB\n])\n"), @r#"a = f("x\n", ["y\n"])"#);
}

#[test]
fn a_carriage_return_stays_in_a_heredoc() {
    assert_snapshot!(file("a = <<E\r\n x\r\nE\r\nb = 1\r\n"), @r#"
        a = " x\r\n"
        b = 1
        "#);
}
