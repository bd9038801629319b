//! Every expression of the record gives the value and the type that Terraform 1.11.4 gave, and every erroneous
//! one is an error with a place.
//!
//! The record, `expressions/terraform.jsonl`, was made once with `terraform console`; `records_again` makes it
//! anew from its own expressions where a `terraform` is at hand. What differs on purpose is listed here, each
//! with the reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl::expr::describe::type_text;
use mpctl::expr::{EvalContext, Found, LookupFailure, Reference, Scope, evaluate};
use mpctl::source::FileId;
use mpctl::spec::hcl::{Places, parse_expression};
use mpctl_provider::Value;
use serde_json::Value as Json;

/// Expressions whose answer differs from Terraform's on purpose.
const DIFFERENT: &[(&str, &str)] = &[
    ("{ \"a b\" = 1 }", "a name that is no identifier is shown in quotes"),
    ("{ 1 = 2 }", "an attribute whose name begins with a digit is shown, not left out"),
    ("{ for k, v in { a = 1, b = 2 } : v => k }", "the same"),
    ("{ for i, v in [\"a\", \"b\"] : i => v }", "the same"),
    ("[for i in range(3) : { for j in range(i) : j => i * j }]", "the same"),
    ("pow(2, 64)", "powers of whole numbers are exact"),
    ("abspath(\"/a/../b\")", "files and paths are asked of the surroundings, which here have none"),
    ("yamldecode(\"a: 1\\na: 2\")", "a key that stands twice is a mistake"),
    ("yamldecode(\"!!int '5'\")", "a tag says what the scalar is, in quotes too"),
    ("yamldecode(\"!!null ''\")", "the same"),
    ("yamldecode(\"!!null x\")", "a tag that does not fit is a mistake"),
    ("yamldecode(\"!!bool 1\")", "the same"),
    (
        "yamldecode(\"a: |+\\n  x\\n\\nb: |-\\n  y\\n\")",
        "the text of a block is never a truth value",
    ),
    ("yamldecode(\"\\\"e\\\\u0301\\\"\")", "text stays as it is written, composed or not"),
    ("csvdecode(\"e\\u0301\\ne\\u0301\\n\")", "the same"),
    ("csvdecode(\"\\ufeffa\\n1\\n\")", "a mark of the byte order is no part of the first name"),
    ("yamldecode(\"[-0, -0.0, 00, 0.0]\")", "there is no negative zero"),
    ("yamldecode(\"x: [\\n1,\\n2\\n]\")", "what stands in brackets is indented, as YAML wants it"),
    ("yamldecode(\"%YAML 1.2\\n---\\na: 1\")", "YAML 1.2 is not refused"),
    ("yamldecode(\"\\tx: 1\")", "a tab may stand where no indentation matters"),
    ("yamldecode(\"[http://x/y?z=1#f]\")", "a question mark may stand within a word"),
    ("yamldecode(\"0x7fffffffffffffffff\")", "hexadecimal numbers have up to 128 bits"),
    ("base64gzip(\"hello\")", "another compressor: other bytes, the same content"),
    (
        "textencodebase64(\"é\", \"UTF-16\")",
        "encodings with a table or a mark of the byte order are left out",
    ),
    ("textencodebase64(\"€\", \"windows-1252\")", "the same"),
];

struct NoNames;

impl Scope for NoNames {
    fn lookup(&self, _: &Reference<'_>) -> Result<Found, LookupFailure> {
        Err(LookupFailure::UnknownRoot)
    }
    fn roots(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

fn value_of(text: &str) -> Result<Value, String> {
    let (expr, mistakes) = parse_expression(text, &Places::linear(FileId(0), 0));
    if mistakes.has_errors() {
        return Err(mistakes.iter().map(|d| d.summary.clone()).collect::<Vec<_>>().join("; "));
    }
    evaluate(&expr, &NoNames, &EvalContext::closed()).map_err(|mistakes| {
        assert!(mistakes.iter().all(|d| d.span().is_some()), "no place: {text}: {mistakes:?}");
        mistakes.iter().map(|d| d.summary.clone()).collect::<Vec<_>>().join("; ")
    })
}

fn record() -> Vec<BTreeMap<String, String>> {
    let text = include_str!("expressions/terraform.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_listed(expression: &str) -> bool {
    DIFFERENT.iter().any(|(listed, _)| *listed == expression)
}

#[test]
fn values_and_types_are_those_of_terraform() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in record() {
        let (expression, Some(result)) = (&row["expression"], row.get("result")) else { continue };
        if is_listed(expression) {
            continue;
        }
        compared += 1;
        let ours = value_of(expression).and_then(|value| {
            let json = value_of(&format!("jsonencode({expression})"))?;
            Ok((json.as_str().unwrap_or("(unknown)").to_owned(), type_text(&value.ty())))
        });
        match ours {
            Err(fault) => {
                wrong.push(format!("{expression}\n   error: {fault}\n   theirs {result}"))
            }
            Ok((json, _)) if json != *result => {
                wrong.push(format!("{expression}\n   ours   {json}\n   theirs {result}"));
            }
            Ok((_, ty)) if ty != row["type"] => {
                wrong.push(format!("{expression}\n   type   {ty}\n   theirs {}", row["type"]));
            }
            Ok(_) => {}
        }
    }
    assert!(compared >= 500, "only {compared} expressions were compared");
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_terraform_refuses_is_an_error_with_a_place() {
    let mut accepted = Vec::new();
    let mut compared = 0;
    for row in record() {
        let (expression, Some(theirs)) = (&row["expression"], row.get("error")) else { continue };
        if is_listed(expression) {
            continue;
        }
        compared += 1;
        if let Ok(value) = value_of(expression) {
            accepted.push(format!("{expression} gives {value:?}\n   theirs {theirs}"));
        }
    }
    assert!(compared >= 100, "only {compared} expressions were compared");
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
}

/// Everything listed as different really is, so that the list cannot go stale.
#[test]
fn the_list_of_differences_is_current() {
    let record = record();
    for (expression, _) in DIFFERENT {
        let row = record.iter().find(|row| row["expression"] == *expression);
        let theirs = row.unwrap_or_else(|| panic!("not in the record: {expression}")).get("result");
        let ours = value_of(&format!("jsonencode({expression})"));
        let ours = ours.ok().and_then(|json| json.as_str().map(str::to_owned));
        let same_type = || match (value_of(expression), row.and_then(|row| row.get("type"))) {
            (Ok(value), Some(theirs)) => type_text(&value.ty()) == *theirs,
            _ => true,
        };
        assert!(ours.as_ref() != theirs || !same_type(), "no longer different: {expression}");
    }
}

/// Makes the record anew. `cargo test --test it -- --ignored records_again`
#[test]
#[ignore = "needs terraform 1.11.4"]
fn records_again() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let ask = |text: &str| {
        let mut child = std::process::Command::new("terraform")
            .args(["console", "-no-color"])
            .current_dir(folder.path())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{text}").unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    };
    let mut lines = String::new();
    for row in record() {
        let expression = &row["expression"];
        let answers = ask(&format!("type({expression})"))
            .and_then(|ty| Ok((ty, ask(&format!("jsonencode({expression})"))?)));
        let row = match answers {
            // The answer is itself an HCL string.
            Ok((ty, json)) => Json::from_iter([
                ("expression", expression.as_str()),
                ("type", ty.as_str()),
                ("result", value_of(&json).unwrap().as_str().unwrap()),
            ]),
            Err(error) => {
                let words: Vec<&str> = error.split_whitespace().collect();
                let error = words.join(" ");
                let error =
                    error.replace("on <console-input> line 1: (source code not available) ", "");
                Json::from_iter([("expression", expression.as_str()), ("error", error.as_str())])
            }
        };
        lines.push_str(&format!("{row}\n"));
    }
    std::fs::write("tests/it/expressions/terraform.jsonl", lines).unwrap();
}
