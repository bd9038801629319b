//! Diagnostics as they are drawn, and as JSON.

use insta::assert_snapshot;

use super::render::{Style, render};
use super::{Diagnostic, Diagnostics, code, json};
use crate::source::{Sources, Span};

fn at(text: &str, part: &str, file: crate::source::FileId) -> Span {
    let start = text.find(part).unwrap() as u32;
    Span::new(file, start..start + part.len() as u32)
}

#[test]
fn places_in_several_files_are_shown_with_their_lines() {
    let mut sources = Sources::new();
    let (a, b) = ("one\ntwo\n\tthree ä four\nfive\n", "six\n");
    let (first, second) = (sources.add("a.yaml", a), sources.add("b.hcl", b));
    let diagnostic = Diagnostic::error(code::BAD_VALUE, "four is not six")
        .at(at(a, "four", first), "this")
        .at(at(b, "six", second), "that")
        .at(at(a, "one", first), "before")
        .detail("They differ.\nLook again, since what does not fit into the width is broken between words.")
        .hint("write `six`")
        .address("dev/resource.a");
    let style = Style { width: 60, ..Style::default() };
    assert_snapshot!(render(&diagnostic.into(), &sources, style), @"
    error[MP0208]: four is not six
      --> a.yaml:3:10
      |
    1 | one
      | --- before
    2 | two
    3 |     three ä four
      |             ^^^^ this
      |
      --> b.hcl:1:1
      |
    1 | six
      | --- that
      |
      = in dev/resource.a
      = They differ.
        Look again, since what does not fit into the width
        is broken between words.
      = help: write `six`
    ");
}

#[test]
fn a_line_of_a_megabyte_is_clipped_around_the_mark() {
    let mut sources = Sources::new();
    let text = format!("{}needle{}", "ä".repeat(500_000), "b".repeat(500_000));
    let file = sources.add("long.json", text.as_str());
    let diagnostic =
        Diagnostic::error(code::BAD_VALUE, "found").at(at(&text, "needle", file), "here");
    let shown = render(&diagnostic.into(), &sources, Style { width: 60, ..Style::default() });
    assert_snapshot!(shown, @"
    error[MP0208]: found
      --> long.json:1:500001
      |
    1 | ... äääääääääääneedlebbbbbbbbbbbbbbbbbbbbb ...
      |                ^^^^^^ here
    ");
}

#[test]
fn a_mark_over_many_lines_is_drawn_on_the_first() {
    let mut sources = Sources::new();
    let text = "a: [\n1,\n2]\n";
    let file = sources.add("a.yaml", text);
    let diagnostic =
        Diagnostic::warning(code::BAD_VALUE, "a list").at(at(text, "[\n1,\n2]", file), "all of it");
    assert_snapshot!(render(&diagnostic.into(), &sources, Style::default()), @"
    warning[MP0208]: a list
      --> a.yaml:1:4
      |
    1 | a: [
      |    ^ all of it
    ");
}

#[test]
fn nothing_of_the_users_acts_on_the_terminal() {
    let mut sources = Sources::new();
    let text = "x\u{1b}[2J\u{7}\u{202e}y\u{9b}z\n";
    let file = sources.add("a\u{1b}\n.yaml", text);
    let diagnostic = Diagnostic::error(code::BAD_VALUE, format!("bad {text}"))
        .at(at(text, "y", file), text)
        .detail(text)
        .hint(text)
        .address(text);
    let all: Diagnostics = diagnostic.into();
    let shown = render(&all, &sources, Style::default());
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    let shown = serde_json::to_string_pretty(&json::report(&all, &sources)).unwrap();
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
}

#[test]
fn colours_are_drawn_only_where_they_are_asked_for() {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", "a\n");
    let all: Diagnostics =
        Diagnostic::error(code::BAD_VALUE, "x").at(at("a\n", "a", file), "").into();
    assert!(render(&all, &sources, Style { color: true, ..Style::default() }).contains("\u{1b}["));
    assert!(!render(&all, &sources, Style::default()).contains('\u{1b}'));
}

#[test]
fn what_is_beyond_the_limit_is_counted() {
    let one = |number: u32| Diagnostic::error(code::BAD_VALUE, format!("number {number}"));
    let mut all: Diagnostics = (0..4).map(one).collect();
    all.push(Diagnostic::warning(code::BAD_VALUE, "a warning"));
    let shown = render(&all, &Sources::new(), Style { limit: 1, ..Style::default() });
    assert_snapshot!(shown, @"
    error[MP0208]: number 0

    ... and 3 more errors and 1 more warning
    ");
}

#[test]
fn places_that_do_not_exist_are_no_harm() {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", "ä\n");
    for (start, end) in [(0, 0), (1, 1), (0, 1), (2, 90), (70, 80), (3, 2), (u32::MAX, u32::MAX)] {
        let all: Diagnostics =
            Diagnostic::error(code::BAD_VALUE, "x").at(Span::new(file, start..end), "y").into();
        assert!(render(&all, &sources, Style::default()).contains("a.yaml"));
    }
    let unknown = Span::new(crate::source::FileId(9), 0..1);
    let all: Diagnostics = Diagnostic::error(code::BAD_VALUE, "x").at(unknown, "y").into();
    assert!(render(&all, &sources, Style::default()).contains("error[MP0208]: x"));
}

#[test]
fn json_has_the_documented_keys() {
    let mut sources = Sources::new();
    let text = "a: 1\nb: ü two\n";
    let file = sources.add("a.yaml", text);
    let diagnostic = Diagnostic::error(code::UNKNOWN_KEY, "unknown key `two`")
        .at(at(text, "two", file), "not known here")
        .hint("did you mean `too`?");
    let report = json::report(&diagnostic.into(), &sources);
    assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
    {
      "format_version": "1.0",
      "valid": false,
      "error_count": 1,
      "warning_count": 0,
      "diagnostics": [
        {
          "severity": "error",
          "code": "MP0203",
          "summary": "unknown key `two`",
          "detail": "",
          "hint": "did you mean `too`?",
          "range": {
            "filename": "a.yaml",
            "start": {
              "line": 2,
              "column": 6,
              "byte": 11
            },
            "end": {
              "line": 2,
              "column": 9,
              "byte": 14
            }
          },
          "snippet": "b: ü two"
        }
      ]
    }
    "#);
}
