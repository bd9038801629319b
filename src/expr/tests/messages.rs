//! Messages say what, where, with the words of the user, and never a secret.

use super::{covered, eval};

/// `CODE summary [marked text: label] (hint)` of each mistake.
fn message(text: &str) -> String {
    let mistakes = eval(text).unwrap_err();
    let line = |d: &crate::diagnostic::Diagnostic| {
        let marked = covered(text, d.span().unwrap());
        let hint = d.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{} {} [{marked}: {}]{hint}", d.code, d.summary, d.labels[0].text)
    };
    mistakes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn names() {
    insta::assert_snapshot!(message("vr.name"), @"MP0306 `vr` means nothing here [vr: not a name in this place] (did you mean `var`?)");
    insta::assert_snapshot!(message("local.greting"), @"MP0306 there is no local `greting` [greting: no such local] (did you mean `greeting`?)");
    insta::assert_snapshot!(message("var.nmae"), @"MP0304 there is no attribute `nmae` [nmae: looked for in an object with count, name, on, password, regions] (did you mean `name`?)");
    insta::assert_snapshot!(message("uper(\"a\")"), @"MP0301 there is no function `uper` [uper: not a function] (did you mean `upper`?)");
    insta::assert_snapshot!(message("provider::x::y(1)"), @"MP0301 there is no function `provider::x::y` [provider::x::y: namespaced functions are not available] (only the built-in functions can be called, by their plain names)");
}

#[test]
fn operands() {
    insta::assert_snapshot!(message("\"a\" + 1"), @r#"MP0303 `+` needs a number ["a": this is "a", a string] (text is joined in a template: "${a}${b}")"#);
    insta::assert_snapshot!(message("var.regions + 1"), @"MP0303 `+` needs a number [var.regions: this is a list of 2] (lists are joined with concat(a, b))");
    insta::assert_snapshot!(message("1 / 0"), @"MP0303 `/`: division by zero [1 / 0: in this calculation]");
    insta::assert_snapshot!(message("null && true"), @"MP0303 `&&` needs a bool, not null [null: this is null]");
    insta::assert_snapshot!(message("var.on ? [1] : 2"), @"MP0305 the branches of the conditional have no common type [var.on ? [1] : 2: both branches have to give one type]");
}

#[test]
fn elements() {
    insta::assert_snapshot!(message("var.regions[2]"), @"MP0304 there is no element 2 in this list [2: it has 2 elements, [0] to [1]]");
    insta::assert_snapshot!(message("var.regions[-1]"), @"MP0304 an index cannot be negative [-1: this is -1, a number] (to count from the end write [length(list) - 1], or use element(list, -1))");
    insta::assert_snapshot!(message("[{ a = 1 }].a"), @"MP0304 there is no attribute `a` in a tuple [a: the value before this is a tuple of 1] (to take `a` of every element write [*].a, of one [0].a)");
    insta::assert_snapshot!(message("tomap({ eu = 1 })[\"ue\"]"), @r#"MP0304 there is no element with the key "ue" ["ue": looked for in a map with eu] (did you mean `eu`?)"#);
}

#[test]
fn arguments() {
    insta::assert_snapshot!(message("upper([])"), @"MP0302 `str` of `upper`: a string is required [[]: this is a tuple of 0]");
    insta::assert_snapshot!(message("join(\",\")"), @r#"MP0302 `join`: at least one list is required [join(","): called here]"#);
    insta::assert_snapshot!(message("substr(\"a\")"), @r#"MP0302 `substr` takes 3 arguments, not 1 [substr("a"): called here] (write it as substr(str, offset, length))"#);
    insta::assert_snapshot!(message("tolist([1, [2]])"), @"MP0302 `v` of `tolist`: all list elements must have the same type [[1, [2]]: this argument]");
    insta::assert_snapshot!(message("tonumber(\"12x\")"), @r#"MP0302 `v` of `tonumber`: a number is required, not "12x" ["12x": this argument]"#);
}

#[test]
fn a_secret_is_never_quoted() {
    for text in [
        "tonumber(var.password)",
        "var.password + 1",
        "{ a = 1 }[var.password]",
        "parseint(var.password, 10)",
        "index([\"a\"], var.password)",
        "{ hunter3 = 1 }[var.password]",
        "jsondecode(var.password)",
        "regex(\"x\", var.password)",
        "base64decode(var.password)",
        "tobool(var.password)",
        "formatdate(\"YYYY\", var.password)",
        "file(var.password)",
        "lookup({ a = 1 }, var.password)",
        "timeadd(\"2017-11-22T00:00:00Z\", var.password)",
        "[for x in var.password : x]",
        "var.password ? 1 : 2",
        "{ for x in [1, 2] : var.password => x }",
        "format(\"%d\", var.password)",
        "sum([var.password])",
        "max(var.password)",
        "tolist([1, var.password])[var.password]",
    ] {
        let mistakes = eval(text).unwrap_err();
        assert!(!format!("{mistakes:?}").contains("hunter2"), "{text}: {mistakes:?}");
    }
}

#[test]
fn control_characters_are_escaped() {
    for text in [
        "tonumber(\"\\u001b[31m\")",
        "1 + \"\\u0007\"",
        "{ a = 1 }[\"\\u001b\"]",
        "{ \"\\u001b\" = 1 }.b",
    ] {
        let mistakes = eval(text).unwrap_err();
        let shown: String =
            mistakes.iter().map(|d| format!("{} {}", d.summary, d.labels[0].text)).collect();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
}
