//! Hostile text: nothing here may panic, overflow the stack or take long. Tests run on threads with a small
//! stack, as servers do.

use std::time::{Duration, Instant};

use super::{file_errors, notation};
use crate::diagnostic::code;
use crate::source::FileId;
use crate::spec::hcl::{
    MAX_DEPTH, MAX_ERRORS, MAX_SOURCE_BYTES, Places, parse_file, parse_template,
};

const MANY: usize = 100_000;

/// Far more than is needed even unoptimised on a busy machine, far less than anything quadratic takes.
const SOON: Duration = Duration::from_secs(20);

#[track_caller]
fn limited(text: &str) {
    let start = Instant::now();
    let (_, errors) = parse_file(FileId(0), text);
    let shown: String = text.chars().take(20).collect();
    assert!(errors.iter().any(|e| e.code == code::LIMIT), "no limit for {shown}");
    assert!(errors.iter().len() <= MAX_ERRORS + 1);
    assert!(start.elapsed() < SOON, "{shown} took {:?}", start.elapsed());
}

#[test]
fn nesting_of_every_kind_ends_at_the_depth_limit() {
    for opening in [
        "(",
        "[",
        "{",
        "!",
        "-",
        "f(",
        "x[",
        "{ a = ",
        "[for x in ",
        "x ? ",
        "x ? 1 : ",
        "1 + ",
        "\"${",
        "\"%{ if ",
        "({a = [",
        "<<A\n${",
    ] {
        limited(&format!("a = {}", opening.repeat(MANY)));
    }
    limited(&"a {\n".repeat(MANY));
    limited(&format!("a = x{}", "[*]".repeat(MANY)));
    limited(&format!("a = x{}", ".*[0]".repeat(MANY)));
    limited(&format!("a = \"{}\"", "%{ if x }".repeat(MANY)));
    limited(&format!("a = 1{}", " + 1".repeat(MANY)));
}

#[test]
fn a_chain_within_brackets_counts_with_them() {
    let inner = (MAX_DEPTH / 2) as usize;
    limited(&format!("a = {}1{}", "(".repeat(inner), " + 1)".repeat(inner + 2)));
}

#[test]
fn what_is_just_within_the_limit_is_read() {
    let depth = MAX_DEPTH as usize - 1;
    let text = format!("a = {}1{}", "(".repeat(depth), ")".repeat(depth));
    let (body, errors) = parse_file(FileId(0), &text);
    assert!(errors.is_empty());
    assert_eq!(notation(&body.attributes[0].value).matches("paren").count(), depth);
    assert_eq!(body.clone(), body);
}

#[test]
fn long_rows_are_no_nesting() {
    for text in [
        format!("a = x{}", ".b".repeat(MANY)),
        format!("a = [{}]", "1,".repeat(MANY)),
        format!("a = \"{}\"", "${x}".repeat(MANY)),
        format!("a {}{{}}", "b ".repeat(MANY)),
        (0..MANY).map(|n| format!("a{n} = 1\n")).collect(),
        format!("a = <<E\n{}E\n", "\n".repeat(MANY)),
    ] {
        let start = Instant::now();
        assert!(parse_file(FileId(0), &text).1.is_empty());
        assert!(start.elapsed() < SOON);
    }
}

#[test]
fn errors_without_end_are_cut() {
    let errors = parse_file(FileId(0), &"a = \n".repeat(MANY)).1;
    assert_eq!(errors.iter().len(), MAX_ERRORS + 1);
}

#[test]
fn a_text_beyond_the_size_limit_is_not_read() {
    let text = "#".repeat(MAX_SOURCE_BYTES + 1);
    let (body, errors) = parse_file(FileId(0), &text);
    assert!(body.attributes.is_empty() && errors.has_errors());
    let (_, errors) = parse_template(&format!("${{{text}"), &Places::linear(FileId(0), 0));
    assert_eq!(errors.iter().next().unwrap().code, code::LIMIT);
}

#[test]
fn control_characters_are_shown_escaped() {
    for text in [
        "a = \u{1b}[31m\n",
        "\u{0} = 1\n",
        "a = \"\\\u{1b}\"\n",
        "a = b \u{202e}c\n",
        "a = b \\ c\n",
    ] {
        let (_, errors) = parse_file(FileId(0), text);
        let unprintable = |c: char| c.is_control() || c == '\u{202e}';
        for error in errors.iter() {
            assert!(!error.summary.contains(unprintable), "{:?}", error.summary);
        }
        assert!(errors.has_errors());
    }
    insta::assert_snapshot!(file_errors("a = \\ \u{7}\n").lines().next().unwrap(), @r"MP0104: expected a value, found the character `\`");
}
