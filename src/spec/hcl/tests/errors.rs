//! Mistakes: each is found at its place, explained, and hides no other.

use insta::assert_snapshot;
use serde::Deserialize;

use super::file_errors;
use crate::source::{FileId, Sources};
use crate::spec::hcl::parse_file;

/// A text that Terraform 1.11.4 rejects, and the line of its first error.
#[derive(Deserialize)]
struct Rejection {
    input: String,
    line: u32,
    /// For what is never closed, Terraform may name the line where the text ends; we name that of the opening.
    opened: Option<u32>,
}

#[test]
fn what_terraform_rejects_is_rejected_at_the_same_line() {
    let records: Vec<Rejection> =
        serde_json::from_str(include_str!("records/rejected.json")).unwrap();
    assert!(records.len() > 180);
    for Rejection { input, line, opened } in records {
        let (_, errors) = parse_file(FileId(0), &input);
        let Some(first) = errors.iter().next() else { panic!("{input:?} is accepted") };
        let mut sources = Sources::new();
        sources.add("a.hcl", input.as_str());
        let found = sources.position(first.span().unwrap()).line;
        assert_eq!(found, opened.unwrap_or(line), "{input:?}: {}", first.summary);
    }
}

#[test]
fn one_mistake_hides_no_other() {
    let text = r#"resource "cloud" "a" {
  first = 1 +
  second = [1, 2
  third = 'single'
  fine = true
  fourth: 4
  fifth "5"
}
sixth = "never closed
seventh = f(1 2)
"#;
    assert_snapshot!(file_errors(text), @r#"
        MP0104: expected a value, found the end of the line
          2:14 "": expected a value
          = a value begins in the line of its `=`; within ( ) it may span lines
        MP0104: expected `,` or `]` after the element, found `third`
          4:3 "third": expected `,` or `]` after the element
          3:12 "[": opened here
        MP0104: text is written in double quotes
          4:11 "'": single quote
          = write "…" in place of '…'
        MP0104: expected `=` or `{` after `fourth`, found `:`
          6:9 ":": expected `=` or `{`
          6:3 "fourth": after this name
          = an attribute is set with `=`: fourth = …
        MP0104: expected a label or `{` of the block `fifth`, found the end of the line
          7:12 "": expected `{`
          7:3 "fifth": the block begins here
          = write `fifth = …` to set an attribute; a block's `{` stands in its line
        MP0104: this text is not closed in its line
          9:9 "\"": opened here
          9:22 "": the line ends here
          = close it with ", write \n for a line break, or use a heredoc: <<EOT
        MP0104: expected `,` or `)` after the argument, found `2`
          10:15 "2": expected `,` or `)` after the argument
          10:12 "(": opened here
        "#);
}

#[test]
fn damage_leaves_the_rest_of_the_file_readable() {
    let text = "a = [1, 2\nb {\n  c = {\n    d = \n  }\n  e = 1\n}\nf = 2\n";
    let (body, _) = parse_file(FileId(0), text);
    assert_snapshot!(super::body_notation(&body), @r"
        a = MALFORMED
        f = 2
        b {
          c = MALFORMED
          e = 1
        }
        ");
}

#[test]
fn unclosed_things_name_where_they_opened() {
    assert_snapshot!(file_errors("a {\n  b {\n    c = 1\n  }\n"), @r#"
        MP0104: the block `a` is never closed
          1:3 "{": opened here
          5:1 "": the text ends here
          = add the missing `}`
        "#);
    assert_snapshot!(file_errors("a {\n  b {\n    c = 1\n}\nd {\n  e = 1\n}\n"), @r#"
        MP0104: the block `a` is never closed
          1:3 "{": opened here
          8:1 "": the text ends here
          2:3 "b": perhaps this is what is not closed
          4:1 "}": this closes `b`, though it is indented less
          = add the missing `}`
        "#);
    assert_snapshot!(file_errors("a = f(\n  1,\n"), @r#"
        MP0104: this `(` is never closed
          1:6 "(": opened here
          3:1 "": the end of the text comes first
        "#);
    assert_snapshot!(file_errors("a = <<EOT\n  text\n"), @r#"
        MP0104: the heredoc `<<EOT` is never closed
          1:5 "<<EOT": opened here
          = end it with a line that holds only EOT, and a line break after it
        "#);
    assert_snapshot!(file_errors("a = \"${b\"\nc = 1\n"), @r#"
        MP0104: expected `}` after the expression, found a quote
          1:9 "\"": expected `}` after the expression
          1:6 "${": opened here
          = for a literal `${`, as in a shell script, write `$${`
        "#);
    assert_snapshot!(file_errors("a = 1 /* x\nb = 2\n"), @r#"
        MP0104: this comment is not closed
          1:7 "/*": begins here
          = close it with `*/`
        "#);
}

#[test]
fn words_of_other_languages_are_recognised() {
    assert_snapshot!(file_errors("a = 'x'\n"), @r#"
        MP0104: text is written in double quotes
          1:5 "'": single quote
          = write "…" in place of '…'
        "#);
    assert_snapshot!(file_errors("a = \u{201c}x\u{201d}\n"), @r#"
        MP0104: this is a typographic quote
          1:5 "“": not a quote that programs know
          = write a plain " in its place
        "#);
    assert_snapshot!(file_errors("a = b & c\n"), @r#"
        MP0104: `&` is not an operator
          1:7 "&": unexpected
          = the logical operator is `&&`
        "#);
    assert_snapshot!(file_errors("a = 1;\n"), @r#"
        MP0104: `;` has no meaning here
          1:6 ";": unexpected
          = end attributes with a line break, elements of a list with a comma
        "#);
    assert_snapshot!(file_errors("a = 1, b = 2\n"), @r#"
        MP0104: expected a line break after the attribute, found `,`
          1:6 ",": expected a line break before this
          1:1 "a = 1": the attribute
          = attributes and blocks are separated by line breaks, not by commas
        "#);
    assert_snapshot!(file_errors("\"a\" = 1\n"), @r#"
        MP0104: names of attributes and blocks are written without quotes
          1:1 "\"": quoted name
          = take the quotes away
        "#);
    assert_snapshot!(file_errors("a = 2 ** 3\n"), @r#"
        MP0104: expected a value, found `*`
          1:8 "*": expected a value
          = there is no operator `**`; use pow(base, exponent)
        "#);
    assert_snapshot!(file_errors("a = ${b}\n"), @r#"
        MP0104: `${…}` stands within quotes
          1:5 "$": unexpected
          = outside quotes an expression is written as it is, without `${ }`
        "#);
    assert_snapshot!(file_errors("a = <<EOT \nx\nEOT\n"), @r#"
        MP0104: expected a value, found `<`
          1:5 "<": expected a value
          = a heredoc begins with <<NAME and a line break right behind it
        MP0104: expected `=` or `{` after `x`, found the end of the line
          2:2 "": expected `=` or `{`
          2:1 "x": after this name
          = write `x = …` for an attribute, `x { … }` for a block
        MP0104: expected `=` or `{` after `EOT`, found the end of the line
          3:4 "": expected `=` or `{`
          3:1 "EOT": after this name
          = write `EOT = …` for an attribute, `EOT { … }` for a block
        "#);
    assert_snapshot!(file_errors("a = b = c\n"), @r#"
        MP0104: expected a line break after the attribute, found `=`
          1:7 "=": expected a line break before this
          1:1 "a = b": the attribute
          = begin a new line after the attribute
        "#);
}

#[test]
fn blocks_say_how_they_are_written() {
    assert_snapshot!(file_errors("a\n{\n}\n"), @r#"
        MP0104: the `{` of the block `a` must stand in its line
          1:2 "": expected `{` here
          1:1 "a": the block begins here
          = move the `{` up to the end of this line
        "#);
    assert_snapshot!(file_errors("a { b = 1, c = 2 }\n"), @r#"
        MP0104: expected `}` in the same line, found `,`
          1:10 ",": expected `}` in the same line
          = a block in one line holds one attribute; write several on lines of their own
        "#);
    assert_snapshot!(file_errors("a { b { } }\n"), @r#"
        MP0104: a block in one line can hold one attribute, no block
          1:5 "b {": this is a block
          = write it over several lines
        "#);
    assert_snapshot!(file_errors("a \"${x}\" {}\n"), @r#"
        MP0104: a label is fixed text
          1:4 "${": no template can stand here
          = double the sign for a literal `${` or `%{`: `$${`, `%%{`
        "#);
    assert_snapshot!(file_errors("a {} b {}\n"), @r#"
        MP0104: expected a line break after the block, found `b`
          1:6 "b": expected a line break before this
          1:1 "a {}": the block
          = begin a new line after the block
        "#);
    assert_snapshot!(file_errors("a {\n}\n}\n"), @r#"
        MP0104: this `}` closes nothing
          3:1 "}": no block is open here
          = take it away, or look for a block before it that was closed too early
        "#);
}

#[test]
fn templates_say_what_is_wrong_with_them() {
    assert_snapshot!(file_errors(r#"a = "\q \u12 ${b c}""#), @r#"
        MP0104: `\q` is not an escape
          1:6 "\\q": unknown escape
          = the escapes are \n \r \t \" \\ \uNNNN and \UNNNNNNNN; a backslash itself is \\
        MP0104: `\u12` is not an escape
          1:9 "\\u12": unknown escape
          = `\u` takes four hexadecimal digits of a character, as in `\u00e9`
        MP0104: expected `}` after the expression, found `c`
          1:18 "c": expected `}` after the expression
          1:14 "${": opened here
          = for a literal `${`, as in a shell script, write `$${`
        "#);
    assert_snapshot!(file_errors(r#"a = "%{ iff b }x%{ endif }""#), @r#"
        MP0104: expected `if`, `else`, `endif`, `for` or `endfor`, found `iff`
          1:9 "iff": expected `if`, `else`, `endif`, `for` or `endfor`
          = did you mean `if`? For a literal `%{` write `%%{`
        "#);
    assert_snapshot!(file_errors(r#"a = "%{ if b }x""#), @r#"
        MP0104: expected `%{endif}`, found the end of the template
          1:17 "": expected `%{endif}` before this
          1:6 "%{ if b }": for this directive
        "#);
    assert_snapshot!(file_errors(r#"a = "%{ for x in xs }%{ endif }""#), @r#"
        MP0104: expected `%{endfor}`, found `%{endif}`
          1:22 "%{ endif }": expected `%{endfor}` before this
          1:6 "%{ for x in xs }": for this directive
        "#);
    assert_snapshot!(file_errors(r#"a = "%{ endif }""#), @r#"
        MP0104: this `%{endif}` belongs to nothing
          1:6 "%{ endif }": nothing to end here
        "#);
}

#[test]
fn expressions_say_what_was_expected() {
    assert_snapshot!(file_errors("a = b ? c\n"), @r#"
        MP0104: expected `:` of the conditional, found the end of the line
          1:10 "": expected `:`
          1:5 "b": the condition
          = a conditional has both sides: condition ? yes : no
        "#);
    assert_snapshot!(file_errors("a = x.0.1\n"), @r#"
        MP0104: `.0.1` is read as one number
          1:7 "0.1": two indexes in a row
          = write [0][1]
        "#);
    assert_snapshot!(file_errors("a = x.*.y.*.z\n"), @r#"
        MP0104: `.*` cannot stand within another `.*`
          1:11 "*": second splat
          = write `[*]` in place of `.*`
        "#);
    assert_snapshot!(file_errors("a = 1.2.3\n"), @r#"
        MP0104: `1.2.3` is not a number
          1:5 "1.2.3": not a number
          = write a text with dots, such as a version, in quotes
        "#);
    assert_snapshot!(file_errors("a = { b 1 }\n"), @r#"
        MP0104: expected `=` and a value after the key, found `1`
          1:9 "1": expected `=`
          1:7 "b": the key
          = a key with dots or spaces is written in quotes
        "#);
    assert_snapshot!(file_errors("a = [for x in y : x => 1]\n"), @r#"
        MP0104: a `for` in brackets makes a list, which has no keys
          1:19 "x": this is a key
          = write { for … : key => value } to make an object
        "#);
    assert_snapshot!(file_errors("a = {for x in y : x}\n"), @r#"
        MP0104: a `for` in braces makes an object, which needs keys
          1:19 "x": expected key => value
          = write [for … : value] to make a list
        "#);
}

#[test]
fn an_attribute_set_twice_names_both_places() {
    assert_snapshot!(file_errors("a {\n  b = 1\n  c = 2\n  b = 3\n}\n"), @r#"
        MP0105: `b` is set twice in one block
          4:3 "b": set again here
          2:3 "b": set here first
          = keep one of them
        "#);
    let many: String = (0..40).map(|n| format!("a{n} = 1\n")).collect();
    assert_snapshot!(file_errors(&format!("{many}a7 = 2\n")), @r#"
        MP0105: `a7` is set twice in one block
          41:1 "a7": set again here
          8:1 "a7": set here first
          = keep one of them
        "#);
}
