//! What YAML and JSON texts become: values, places, and refusals that come quickly.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use super::*;
use crate::diagnostic::render::{Style, render};
use crate::source::{FileId, Sources};
use crate::spec::syntax::{Expr, ExprKind, ObjectKey, TemplatePart};

/// The tree in one line: literals as they print, `<…>` for what is an expression.
fn outline(expr: &Expr) -> String {
    let all = |parts: Vec<String>| parts.join(", ");
    match &expr.kind {
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Tuple(elements) => format!("[{}]", all(elements.iter().map(outline).collect())),
        ExprKind::Object(items) => {
            let item = |item: &crate::spec::syntax::ObjectItem| match &item.key {
                ObjectKey::Literal(name) => format!("{}: {}", name.text, outline(&item.value)),
                ObjectKey::Expr(_) => "?".into(),
            };
            format!("{{{}}}", all(items.iter().map(item).collect()))
        }
        ExprKind::Template(parts) => {
            let part = |part: &TemplatePart| match part {
                TemplatePart::Literal(text) => format!("{text:?}"),
                _ => "<…>".into(),
            };
            format!("template({})", all(parts.iter().map(part).collect()))
        }
        ExprKind::Malformed => "malformed".into(),
        _ => "<…>".into(),
    }
}

fn outlines(text: &str) -> String {
    documents(FileId(0), text)
        .map(|document| {
            let mistakes = document.diagnostics.iter().count();
            let mistakes =
                if mistakes > 0 { format!(" ({mistakes} mistakes)") } else { String::new() };
            document.root.map_or("malformed".into(), |root| outline(&root)) + &mistakes
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every mistake in a text, as a user sees them.
fn mistakes(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("shop.yaml", text);
    let mut all = Diagnostics::default();
    documents(file, text).for_each(|document| all.append(document.diagnostics));
    render(&all, &sources, Style::default())
}

/// What is refused at once may take this long: the tests run unoptimized, many at a time.
const PATIENCE: Duration = Duration::from_secs(10);

fn within(limit: Duration, what: impl FnOnce()) {
    let start = Instant::now();
    what();
    assert!(start.elapsed() < limit, "took {:?}", start.elapsed());
}

#[test]
fn scalars_follow_the_core_schema() {
    assert_snapshot!(
        outlines("[yes, on, true, False, ~, null, '', \"1\", 1, 1.50, 0x10, 0o10, 1e3, !!str 2]"),
        @r#"["yes", "on", true, false, null, null, "", "1", 1, 1.5, 16, 8, 1000, "2"]"#
    );
    assert_snapshot!(outlines("a:\nb: |\n  x\n  y\nc: >-\n  x\n  y\n"), @r#"{a: null, b: "x\ny\n", c: "x y"}"#);
}

#[test]
fn numbers_keep_every_digit() {
    assert_snapshot!(
        outlines("[9007199254740993, 123456789012345678901234567890, 0.1]"),
        @"[9007199254740993, 123456789012345678901234567890, 0.1]"
    );
}

#[test]
fn keys_are_literal_and_values_are_templates() {
    assert_snapshot!(
        outlines("\"${a}\": ${a}\nb: x${a}y\nc: $${a}\n8080: d\ntrue: e\n"),
        @r#"{${a}: template(<…>), b: template("x", <…>, "y"), c: "${a}", 8080: "d", true: "e"}"#
    );
}

#[test]
fn aliases_and_merge_keys_stand_for_what_they_name() {
    assert_snapshot!(
        outlines("base: &b {a: 1, b: 2}\nx: *b\ny:\n  <<: *b\n  b: 3\nz: {<<: [{c: 1}, {c: 2, d: 2}]}\n"),
        @"{base: {a: 1, b: 2}, x: {a: 1, b: 2}, y: {b: 3, a: 1}, z: {c: 1, d: 2}}"
    );
}

#[test]
fn documents_after_a_malformed_one_are_read() {
    assert_snapshot!(
        outlines("a: 1\n---\nb: [1\n---\n- 2\n---\nc: \"x\n---\nd: 4\n...\n---\n# empty\n---\ne: 5"),
        @"
    {a: 1}
    malformed (1 mistakes)
    [2]
    malformed (1 mistakes)
    {d: 4}
    null
    {e: 5}
    "
    );
}

#[test]
fn line_ends_and_marks_of_the_byte_order_change_nothing() {
    let text = "a: 1\nb: |\n  x ${y}\n  z\nc: \"p\n  q\"\n";
    let plain = outlines(text);
    assert_eq!(outlines(&text.replace('\n', "\r\n")), plain);
    assert_eq!(outlines(&format!("\u{feff}{text}")), plain);
}

/// The text that an expression's place covers, for every interpolation in the document.
fn interpolations(text: &str) -> Vec<String> {
    fn visit(expr: &Expr, found: &mut Vec<Span>) {
        match &expr.kind {
            ExprKind::Tuple(elements) => elements.iter().for_each(|e| visit(e, found)),
            ExprKind::Object(items) => items.iter().for_each(|i| visit(&i.value, found)),
            ExprKind::Template(parts) => parts.iter().for_each(|part| {
                if let TemplatePart::Interpolation(inner) = part {
                    found.push(inner.span);
                }
            }),
            _ => {}
        }
    }
    let mut sources = Sources::new();
    let file = sources.add("shop.yaml", text);
    let mut found = Vec::new();
    for document in documents(file, text) {
        visit(&document.root.unwrap(), &mut found);
    }
    found.into_iter().map(|span| sources.text(span).to_owned()).collect()
}

#[test]
fn places_are_exact_in_every_style() {
    for style in [
        "${var.name}",
        "a b ${var.name} c",
        "'it''s ${var.name}'",
        "\"tab\\t quote\\\" \\u00e4 ä ${var.name}\"",
        "\"folded\n\n    over \\\n    lines ${var.name}\"",
        "plain\n    over\n\n    lines ${var.name}",
        "|\n    one\n      two ${var.name}\n    three",
        "|2\n      indented ${var.name}",
        ">\n    one\n    two\n\n      more\n    three ${var.name}\n",
        ">+\n\n    one ü ${var.name}\n\n",
        "[x, \"${var.name}\"]",
        "!!str ${var.name}",
        "&x   'y ${var.name}'",
        "&x \u{85}${var.name}",
        "!!str &x |\n\n    one\n      two ${var.name}",
    ] {
        for line_end in ["\n", "\r\n"] {
            let text = format!("ä: x\nkey: {style}\nlast: x\n").replace('\n', line_end);
            assert_eq!(interpolations(&text), ["var.name"], "{text}");
        }
    }
}

#[test]
fn an_error_at_the_very_end_is_placed_within_the_file() {
    assert_snapshot!(mistakes("|\n  ä ${x"), @"
    error[MP0104]: this `${` is never closed
      --> shop.yaml:2:5
      |
    2 |   ä ${x
      |     ^^ - the end of the text comes first
      |     |
      |     opened here
    ");
}

#[test]
fn values_know_where_they_stand() {
    let text = "a: 'x'   # comment\nb: {c: [1, 2] }\nd:\n  - e: |\n      text\n\nf: g\n";
    let mut sources = Sources::new();
    let file = sources.add("shop.yaml", text);
    let root = documents(file, text).next().unwrap().root.unwrap();
    let ExprKind::Object(items) = &root.kind else { panic!("not a mapping") };
    let values: Vec<_> = items.iter().map(|item| sources.text(item.value.span)).collect();
    assert_eq!(values, ["'x'", "{c: [1, 2] }", "- e: |\n      text", "g"]);
}

#[test]
fn an_error_in_an_escaped_string_points_at_its_words() {
    assert_snapshot!(mistakes("env:\n  GREETING: \"\\tHello, ${var.na me}\"\n"), @r#"
    error[MP0104]: expected `}` after the expression, found `me`
      --> shop.yaml:2:32
      |
    2 |   GREETING: "\tHello, ${var.na me}"
      |                       --       ^^ expected `}` after the expression
      |                       |
      |                       opened here
      |
      = help: for a literal `${`, as in a shell script, write `$${`
    "#);
}

#[test]
fn both_places_of_a_duplicate_key_are_shown() {
    assert_snapshot!(mistakes("spec:\n  replicas: 1\n  image: x\n  env: {}\n  'replicas': 2\n"), @"
    error[MP0105]: key `replicas` stands twice in one mapping
      --> shop.yaml:5:3
      |
    2 |   replicas: 1
      |   -------- first here
      .
    5 |   'replicas': 2
      |   ^^^^^^^^^^ again here
      |
      = help: remove one of them
    ");
}

#[test]
fn an_expression_that_a_comment_cuts_off_must_be_quoted() {
    assert_snapshot!(mistakes("note: ${join(\" # \", var.names)}\n"), @r##"
    error[MP0103]: an expression that holds `: ` or ` #` must be quoted
      --> shop.yaml:1:7
      |
    1 | note: ${join(" # ", var.names)}
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^ YAML takes a part of this for its own
      |
      = help: write `'${join(" # ", var.names)}'`
    "##);
}

#[test]
fn control_characters_are_refused_and_shown_escaped() {
    assert_snapshot!(mistakes("a: x\u{1b}[31m\n"), @r"
    error[MP0103]: the file holds the control character 0x1b
      --> shop.yaml:1:5
      |
    1 | a: x\u{1b}[31m
      |     ^^^^^^ it cannot stand here
      |
      = help: in a double-quoted string it can be written as an escape, such as `\x00`
    ");
}

#[test]
fn an_alias_bomb_is_refused_at_once() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", before.trim_end_matches(", "));
    }
    within(PATIENCE, || {
        assert_snapshot!(mistakes(&bomb), @"
        error[MP0106]: aliases make this file too large
          --> shop.yaml:5:40
          |
        5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
          |                                        ^^^ what the aliases up to here stand for is too much
          |
          = help: write the values out, or keep them in a `Locals` document and refer to them by name
        ");
    });
}

#[test]
fn aliases_that_nest_are_refused_by_depth() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..500 {
        let _ = writeln!(text, "a{level}: &a{level} [*a{}]", level - 1);
    }
    assert!(mistakes(&text).contains("nesting is deeper than 128 levels"));
}

#[test]
fn deep_nesting_is_refused_at_once() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        (0..1000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
    ] {
        within(PATIENCE, || {
            let shown = mistakes(&text);
            assert!(shown.contains("MP0106") || shown.contains("nest too deeply"), "{shown}");
        });
    }
}

#[test]
fn large_and_odd_texts_end_in_time() {
    for text in [
        format!("a: \"{}\"", "x".repeat(1 << 18)),
        format!("a: |\n{}", "  x\n".repeat(1 << 18)),
        format!("a: |\n  ${{x}}\n{}  y", "\n".repeat(1 << 18)),
        format!("a: >\n  ${{x}}\n{}", "  y\n   z\n".repeat(1 << 18)),
        "a: 1\n".repeat(20_000),
        "---\n".repeat(75_000),
        "--- [\n".repeat(20_000),
        "---\na: ${\n".repeat(20_000),
        "a ".repeat(1 << 18),
        "#".repeat(1 << 18),
        "&a ".repeat(100_000),
        "!!str ".repeat(100_000),
        "\"\\".repeat(1 << 18),
        "- *a\n".repeat(20_000),
        format!("ä: &a {{x: 1}}\nb:\n{}", "  - *a\n".repeat(30_000)),
        format!("{{{}}}", "a, ".repeat(20_000)),
    ] {
        let start: String = text.chars().take(40).collect();
        let began = Instant::now();
        documents(FileId(0), &text).for_each(drop);
        assert!(began.elapsed() < PATIENCE, "{start:?}: {:?}", began.elapsed());
    }
}

mod json {
    use super::*;

    fn read(text: &str) -> String {
        let document = read_json(FileId(0), text);
        document.root.map_or("malformed".into(), |root| outline(&root))
    }

    #[test]
    fn json_is_read_strictly() {
        assert_snapshot!(
            read(r#"{"a": [1, -2.5e1, true, false, null], "b": "\u00e4\ud83d\ude00\/\n", "c": {}, "d": []}"#),
            @r#"{a: [1, -25, true, false, null], b: "ä😀/\n", c: {}, d: []}"#
        );
        for malformed in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a: 1}",
            "[1 2]",
            "01",
            "1.",
            "+1",
            "'a'",
            "\"\\ud800\"",
            "\"\\x41\"",
            "\"\u{1}\"",
            "[1] [2]",
            "// x\n1",
            "tru",
            "[}",
            "{\"a\"}",
            "NaN",
        ] {
            assert_eq!(read(malformed), "malformed", "{malformed}");
        }
    }

    #[test]
    fn strings_are_templates_with_exact_places() {
        let text = r#"{"a": "\u00e4\"\n ${var.na me}"}"#;
        let mut sources = Sources::new();
        let file = sources.add("shop.mpctl.json", text);
        let found = read_json(file, text).diagnostics;
        let span = found.iter().next().unwrap().span().unwrap();
        assert_eq!(sources.text(span), "me");
    }

    #[test]
    fn depth_has_a_limit() {
        within(PATIENCE, || assert_eq!(read(&"[".repeat(1 << 20)), "malformed"));
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Texts of the characters that mean something to YAML, so that most of the parser is reached.
    fn yaml_like() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "b: ",
            "- ",
            "? ",
            ": ",
            "\n",
            "\n  ",
            "\n    ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "\"",
            "'",
            "|\n",
            ">-\n",
            "&x ",
            "*x",
            "!!str ",
            "!",
            "#",
            " #",
            "---\n",
            "...\n",
            "${",
            "}",
            "%{",
            "<<: ",
            "\\",
            "\t",
            "ä",
            "\u{feff}",
            "\r\n",
            "1",
            "~",
            "%YAML 1.2\n",
            "\u{85}",
            "\u{2028}",
        ]);
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    fn check(text: &str) {
        let mut sources = Sources::new();
        let file = sources.add("any.yaml", text);
        let mut found = Diagnostics::default();
        for document in documents(file, text) {
            if document.root.is_none() {
                assert!(document.diagnostics.has_errors(), "malformed without a word: {text:?}");
            }
            found.append(document.diagnostics);
        }
        found.append(read_json(file, text).diagnostics);
        for diagnostic in found.iter() {
            for label in &diagnostic.labels {
                let range = label.span.start as usize..label.span.end as usize;
                assert!(text.get(range).is_some(), "{label:?} in {text:?}");
            }
        }
        let shown = render(&found, &sources, Style::default());
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{shown:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC*|[ -~\\n\\t]*") {
            check(&text);
        }

        #[test]
        fn no_yaml_like_text_makes_the_reader_panic(text in yaml_like()) {
            check(&text);
        }

        #[test]
        fn any_string_reads_back_from_json_and_from_yaml(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap().replace('$', "\\u0024").replace('%', "\\u0025");
            let value = read_json(FileId(0), &written).root.unwrap();
            let expected = text.replace("$${", "${").replace("%%{", "%{");
            prop_assume!(!text.contains("${") && !text.contains("%{"));
            prop_assert_eq!(outline(&value), format!("{expected:?}"));
        }
    }
}
