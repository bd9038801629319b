//! Drawings, as text and by the laws that make them readable.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::layout::{Course, HEIGHT, Layout};
use super::*;

fn drawing() -> Drawing {
    let node =
        |label: &str, group: &str, class| Node { label: label.into(), group: group.into(), class };
    Drawing {
        title: "shop: dev & \"test\"".into(),
        nodes: vec![
            node("resource.db", "dev", Class::Create),
            node("workload.api/process_service.api[0]", "dev", Class::Update),
            node("resource.<odd>[\"a\\b`\u{1b}\"]", "", Class::Delete),
            node("output.url", "dev", Class::Plain),
        ],
        dag: Dag::new(4, [(1, 0), (3, 1), (3, 0), (0, 2)]),
    }
}

#[test]
fn dot_has_clusters_classes_and_escapes() {
    assert_snapshot!(dot(&drawing()), @r##"
digraph "shop: dev & \"test\"" {
  rankdir = "RL";
  node [shape = "box", style = "rounded,filled", fontname = "monospace"];
  subgraph "cluster_0" {
    label = "dev";
    n0 [label = "+ resource.db", class = "create", fillcolor = "#dff3e4", color = "#1a7f4b"];
    n1 [label = "~ workload.api/process_service.api[0]", class = "update", fillcolor = "#fff4cc", color = "#9a6700"];
    n3 [label = "output.url", fillcolor = "#f6f8fa", color = "#8c959f"];
  }
  n2 [label = "- resource.<odd>[\"a\\b`�\"]", class = "delete", fillcolor = "#ffdfe0", color = "#b3202c"];
  n0 -> n2;
  n1 -> n0;
  n3 -> n0;
  n3 -> n1;
}
"##);
}

#[test]
fn mermaid_has_subgraphs_classes_and_escapes() {
    assert_snapshot!(mermaid(&drawing()), @r#"
---
title: "shop: dev & \"test\""
---
flowchart RL
  subgraph g0["dev"]
    n0["+ resource.db"]:::create
    n1["~ workload.api/process_service.api[0]"]:::update
    n3["output.url"]
  end
  n2["- resource.#lt;odd#gt;[#quot;a#92;b#96;�#quot;]"]:::delete
  n0 --> n2
  n1 --> n0
  n3 --> n0
  n3 --> n1
  classDef create fill:#dff3e4,stroke:#1a7f4b,color:#1f2328
  classDef update fill:#fff4cc,stroke:#9a6700,color:#1f2328
  classDef delete fill:#ffdfe0,stroke:#b3202c,color:#1f2328
"#);
}

#[test]
fn svg_escapes_what_xml_means_and_drops_what_it_cannot_hold() {
    let svg = svg(&drawing()).unwrap();
    assert!(svg.contains("<title>shop: dev &amp; &quot;test&quot;</title>"), "{svg}");
    assert!(svg.contains("- resource.&lt;odd&gt;[&quot;a\\b`\u{fffd}&quot;]"), "{svg}");
    assert!(!svg.contains('\u{1b}'));
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert_eq!(svg.matches("marker-end").count(), 4, "one line an edge");
}

#[test]
fn a_graph_with_a_cycle_has_no_svg() {
    let node = || Node { label: "a".into(), group: String::new(), class: Class::Plain };
    let drawing = Drawing {
        title: String::new(),
        nodes: vec![node(), node()],
        dag: Dag::new(2, [(0, 1), (1, 0)]),
    };
    assert_eq!(svg(&drawing), None);
}

#[test]
fn an_empty_graph_is_a_picture_too() {
    let drawing = Drawing { title: "nothing".into(), nodes: vec![], dag: Dag::new(0, []) };
    assert!(svg(&drawing).unwrap().contains("nothing"));
    assert_snapshot!(mermaid(&drawing), @r#"
---
title: "nothing"
---
flowchart RL
"#);
}

proptest! {
    #[test]
    fn nodes_never_overlap_and_lines_pass_between_them(
        pairs in prop::collection::vec((0_u32..30, 0_u32..30), 0..90),
    ) {
        let dag = Dag::new(30, pairs.iter().filter(|(a, b)| a > b).copied());
        let levels = dag.levels().unwrap();
        let layout = Layout::new(&dag, &levels, &[100.0; 30]);
        for (a, (layer, y)) in layout.nodes.iter().enumerate() {
            prop_assert!(*y >= HEIGHT / 2.0 - 0.01 && *y + HEIGHT / 2.0 <= layout.height + 0.01);
            for (other, z) in &layout.nodes[a + 1..] {
                prop_assert!(layer != other || (y - z).abs() >= HEIGHT + 1.0, "{y} and {z}");
            }
        }
        for Course { node, needed, via } in &layout.edges {
            let (from, to) = (layout.nodes[*node as usize].0, layout.nodes[*needed as usize].0);
            prop_assert_eq!(via.len(), from - to - 1, "a waypoint in every layer between");
            for (layer, y) in via {
                let inside = |(other, z): &(usize, f64)| other == layer && (y - z).abs() < HEIGHT / 2.0;
                prop_assert!(!layout.nodes.iter().any(inside), "a line through a node");
            }
        }
    }
}
