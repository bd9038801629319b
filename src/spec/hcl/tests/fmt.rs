//! `fmt` against what `terraform fmt` 1.11.4 made of the same text.
//!
//! The records lie in `records/`: `NAME.hcl` and `NAME.formatted` for whole files, `fmt.json` for small cases,
//! among them those whose bytes matter (`\r\n`, byte order marks, white space at the end).

use serde::Deserialize;

use super::{body_notation, file_errors};
use crate::source::FileId;
use crate::spec::hcl::{fmt, parse_file};

#[derive(Deserialize)]
struct Record {
    input: String,
    formatted: String,
}

fn formatted(text: &str) -> String {
    fmt(FileId(0), text).unwrap_or_else(|_| panic!("{text}\n{}", file_errors(text)))
}

fn small_records() -> Vec<Record> {
    serde_json::from_str(include_str!("records/fmt.json")).unwrap()
}

macro_rules! whole_files {
    ($($name:ident),*) => {
        const FILES: &[(&str, &str, &str)] = &[$((
            stringify!($name),
            include_str!(concat!("records/", stringify!($name), ".hcl")),
            include_str!(concat!("records/", stringify!($name), ".formatted")),
        )),*];
    };
}

whole_files!(alignment, blocks, comments, expressions, heredocs, network, policy, workload);

#[test]
fn whole_files_are_laid_out_as_terraform_does() {
    for (name, input, expected) in FILES {
        assert_eq!(formatted(input), *expected, "{name}");
    }
}

#[test]
fn small_texts_are_laid_out_as_terraform_does() {
    let records = small_records();
    assert!(records.len() > 140);
    for Record { input, formatted: expected } in records {
        assert_eq!(formatted(&input), expected, "{input:?}");
    }
}

#[test]
fn what_is_laid_out_stays_as_it_is() {
    // Terraform unwraps `"${…}"` one level at a time; nothing else takes two rounds.
    let nested = |input: &str| input.contains("\"${\"$") || input.contains("\"${\"nested");
    let small = small_records().into_iter().filter(|record| !nested(&record.input));
    let files = FILES.iter().filter(|(_, input, _)| !nested(input));
    let files = files.map(|(_, _, formatted)| (*formatted).to_owned());
    for text in small.map(|record| record.formatted).chain(files) {
        assert_eq!(formatted(&text), text);
    }
}

#[test]
fn what_is_meant_stays_as_it_is() {
    let tree = |text: &str| {
        // Old spellings aside, which are what `fmt` changes on purpose.
        body_notation(&parse_file(FileId(0), text).0)
    };
    for (name, input, formatted) in FILES {
        if !input.contains("\"${") && !input.contains("type") {
            assert_eq!(tree(input), tree(formatted), "{name}");
        }
    }
}

#[test]
fn errors_are_given_in_place_of_a_layout() {
    let errors = fmt(FileId(0), "a = [\nb = 1\n").unwrap_err();
    assert!(errors.has_errors());
}

#[test]
fn comments_and_signs_that_terraform_loses_are_kept() {
    assert_eq!(formatted("a /* x */ \"b\" /* y */ c {}\n"), "a /* x */ \"b\" /* y */ \"c\" {}\n");
    assert_eq!(formatted("a \"100%\" {}\n"), "a \"100%\" {}\n");
    assert_eq!(formatted("a \"$${b}\" {}\n"), "a \"$${b}\" {}\n");
    assert_eq!(formatted("a = \"${ # why\n b }\"\n"), "a = \"${ # why\nb}\"\n");
}
