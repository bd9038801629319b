//! Where things stand: spans of a file, and of a text that is not the file itself.

use crate::source::{FileId, Sources};
use crate::spec::hcl::{Places, parse_expression, parse_file, parse_template};
use crate::spec::syntax::{ExprKind, TemplatePart};

#[test]
fn every_node_knows_the_words_it_was_read_from() {
    let text = "resource \"db\" \"main\" {\n  size = var.sizes[\"a\"] # big\n}\n";
    let mut sources = Sources::new();
    let id = sources.add("a.hcl", text);
    let block = &parse_file(id, text).0.blocks[0];
    let words = |span| sources.text(span).to_owned();
    assert_eq!(words(block.kind.span), "resource");
    assert_eq!(words(block.labels[1].span), "\"main\"");
    assert_eq!(words(block.span), text.trim_end());
    let attribute = &block.body.attributes[0];
    assert_eq!(words(attribute.name.span), "size");
    assert_eq!(words(attribute.value.span), "var.sizes[\"a\"]");
    assert_eq!(sources.describe(attribute.value.span), "a.hcl:2:10");
}

#[test]
fn spans_of_compound_expressions_reach_from_their_first_to_their_last_word() {
    for text in ["a + b * c", "a ? b : c", "f(a)[*].b", "a.*.b[0]", "-a.b", "!x", "[a]", "\"${a}\""]
    {
        let (expr, _) = parse_expression(text, &Places::linear(FileId(0), 0));
        assert_eq!((expr.span.start, expr.span.end as usize), (0, text.len()), "{text}");
    }
}

#[test]
fn a_text_in_pieces_maps_back_to_its_source() {
    // The YAML string "a\t${b}" with its escape: one byte of the text is two of the source.
    let source = r#"key: "a\t${bcd} x""#;
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", source);
    let places = Places::piecewise(file, vec![(0, 6), (2, 9)]);
    let (expr, _) = parse_template("a\t${bcd} x", &places);
    assert_eq!(sources.text(expr.span), r"a\t${bcd} x");
    let ExprKind::Template(parts) = &expr.kind else { panic!("a template") };
    let TemplatePart::Interpolation(inner) = &parts[1] else { panic!("an interpolation") };
    assert_eq!(sources.text(inner.span), "bcd");
}

#[test]
fn errors_in_a_text_with_a_base_are_placed_in_the_file() {
    let (_, errors) = parse_template("${a b}", &Places::linear(FileId(3), 100));
    let span = errors.iter().next().unwrap().span().unwrap();
    assert_eq!((span.file, span.start), (FileId(3), 104));
}
