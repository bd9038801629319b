use super::*;

fn drawing() -> Drawing {
    let node =
        |label: &str, group: &str, class| Node { label: label.into(), group: group.into(), class };
    Drawing {
        title: "shop: dev & \"test\"".into(),
        nodes: vec![
            node("resource.db", "dev", Class::Create),
            node("workload.api/process_service.api[0]", "dev", Class::Update),
            node("workload.api/process_service.api[1]", "dev", Class::Replace),
            node("resource.<odd>[\"a\\b\"]", "", Class::Delete),
            node("data.image", "dev", Class::Read),
            node("output.url", "dev", Class::Plain),
            node("resource.conf", "dev", Class::Forget),
        ],
        dag: Dag::new(7, [(1, 0), (2, 0), (5, 1), (5, 0), (1, 4), (0, 3), (5, 6), (6, 4)]),
    }
}

#[test]
fn write_for_looking() {
    if let Ok(folder) = std::env::var("LOOK") {
        std::fs::write(format!("{folder}/a.svg"), svg(&drawing()).unwrap()).unwrap();
        let n = 60;
        let nodes = (0..n)
            .map(|i| Node {
                label: format!("resource.thing_{i}"),
                group: if i % 3 == 0 { "dev" } else { "prod" }.into(),
                class: Class::ALL[i % 7],
            })
            .collect();
        let mut edges = vec![];
        for i in 8..n as u32 {
            for k in 1..4u32 {
                edges.push((i, (i * 7 * k + k) % (i - i % 8).max(1)));
            }
        }
        let big = Drawing { title: "a layered one".into(), nodes, dag: Dag::new(n, edges) };
        std::fs::write(format!("{folder}/b.svg"), svg(&big).unwrap()).unwrap();
        std::fs::write(format!("{folder}/a.dot"), dot(&drawing())).unwrap();
        std::fs::write(format!("{folder}/a.mmd"), mermaid(&drawing())).unwrap();
    }
}
