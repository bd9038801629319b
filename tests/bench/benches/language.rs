//! Reading specs and evaluating expressions: throughput of the parts.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpctl::expr::{EvalContext, Found, LookupFailure, Reference, Scope, evaluate};
use mpctl::source::FileId;
use mpctl::spec::decode::Origin;
use mpctl::spec::form::{Content, Form, Syntax};
use mpctl::spec::hcl::{Places, parse_expression, parse_file};
use mpctl::spec::read::Reader;

fn hcl(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let _ = writeln!(text, "resource \"mpctl_data\" \"r{at}\" {{\n  input = \"v-{at}\"\n}}\n");
    }
    text
}

fn yaml(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let _ = writeln!(
            text,
            "---\napiVersion: mpctl/v1\nkind: Resource\nmetadata: {{ name: r{at} }}\nspec:\n  type: mpctl_data\n  \
             config: {{ input: v-{at} }}"
        );
    }
    text
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    let text = hcl(10_000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse HCL", |bencher| {
        bencher.iter(|| parse_file(FileId(0), black_box(&text)))
    });
    group.bench_function("HCL to documents", |bencher| bencher.iter(|| read(&text, Syntax::Hcl)));
    let text = yaml(10_000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("YAML to documents", |bencher| bencher.iter(|| read(&text, Syntax::Yaml)));
    group.finish();
}

fn read(text: &str, syntax: Syntax) -> mpctl::spec::read::Read {
    let mut reader = Reader::new();
    let form = Form { content: Content::Documents, syntax };
    reader.add(Origin { file: FileId(0), text, explicit: false }, &form);
    reader.finish()
}

/// A scope with one variable.
struct One(mpctl_provider::Value);

impl Scope for One {
    fn lookup(&self, reference: &Reference<'_>) -> Result<Found, LookupFailure> {
        match reference.root {
            "var" => Ok(Found { value: self.0.clone(), consumed: 1 }),
            _ => Err(LookupFailure::UnknownRoot),
        }
    }

    fn roots(&self) -> Vec<std::sync::Arc<str>> {
        vec!["var".into()]
    }
}

fn evaluating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate");
    let scope = One(mpctl_provider::Value::int(41));
    for text in ["var.x + 1", "\"name-${var.x}\"", "[for i in range(1000) : i * 2]"] {
        let (expression, _) = parse_expression(text, &Places::linear(FileId(0), 0));
        group.throughput(Throughput::Elements(1));
        group.bench_function(text, |bencher| {
            bencher.iter(|| evaluate(black_box(&expression), &scope, &EvalContext::closed()));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, evaluating);
criterion_main!(benches);
