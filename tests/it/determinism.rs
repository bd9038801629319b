//! The same inputs give the same plan, whatever the order in which they are written or read.

use mpctl_testkit::Sandbox;
use serde_json::Value as Json;

use crate::{project, sandbox};

const BLOCKS: [&str; 6] = [
    "variable \"size\" { default = \"small\" }\n",
    "locals {\n  tags = { team = \"shop\", tier = var.size }\n}\n",
    "resource \"mpctl_data\" \"network\" { input = local.tags }\n",
    "resource \"mpctl_data\" \"server\" {\n  count = 3\n  input = \"${resource.network.id}-${count.index}\"\n}\n",
    "resource \"local_file\" \"index\" {\n  for_each = toset([\"a\", \"b\"])\n  filename = \"out/${each.key}\"\n  content  = resource.network.output.team\n}\n",
    "output \"servers\" { value = resource.server[*].output }\n",
];

/// What a plan says, without its identity and the places that it points to.
fn body(mut plan: Json, places: bool) -> String {
    fn strip(json: &mut Json, names: &[&str]) {
        match json {
            Json::Object(members) => {
                members.retain(|key, _| !names.contains(&key.as_str()));
                members.values_mut().for_each(|member| strip(member, names));
            }
            Json::Array(items) => items.iter_mut().for_each(|item| strip(item, names)),
            _ => {}
        }
    }
    strip(&mut plan, &["timestamp", "plan_id"]);
    if !places {
        strip(&mut plan, &["range", "spec_digest"]);
    }
    serde_json::to_string_pretty(&plan).unwrap()
}

/// What a plan says to people, without the places that it points to.
fn text(sandbox: &Sandbox) -> String {
    let plan = sandbox.plan().stdout;
    let mut parts = plan.split(".hcl:");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        // The name of the file before, the number of the line after.
        let name = text.rfind('(').unwrap();
        text.truncate(name);
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}

#[test]
fn a_plan_made_twice_is_the_same_twice() {
    let sandbox = project(&BLOCKS.concat());
    let first = body(sandbox.plan_json([]), true);
    let text = sandbox.plan().stdout;
    for _ in 0..4 {
        assert_eq!(body(sandbox.plan_json([]), true), first);
        assert_eq!(sandbox.plan().stdout, text);
    }
}

#[test]
fn the_order_of_blocks_and_files_means_nothing() {
    let reference = project(&BLOCKS.concat());
    let expected = (body(reference.plan_json([]), false), text(&reference));
    for turn in 1..BLOCKS.len() {
        let mut blocks = BLOCKS;
        blocks.rotate_left(turn);
        blocks.swap(0, turn / 2);
        let in_one_file = project(&blocks.concat());
        let in_many = sandbox();
        for (at, block) in blocks.iter().enumerate() {
            in_many.write(format!("part-{}/{at}.hcl", at % 2), block);
        }
        for sandbox in [in_one_file, in_many] {
            assert_eq!(body(sandbox.plan_json([]), false), expected.0, "turn {turn}");
            assert_eq!(text(&sandbox), expected.1, "turn {turn}");
        }
    }
}

#[test]
fn what_was_applied_at_any_parallelism_is_recorded_in_the_same_way() {
    let states: Vec<String> = ["1", "16"]
        .iter()
        .map(|parallelism| {
            let sandbox = project(&BLOCKS.concat().replace("${resource.network.id}-", ""));
            sandbox.run(["apply", "--auto-approve", "--parallelism", parallelism]).succeeds();
            let list = sandbox.run(["state", "list", "--json"]).succeeds().json();
            let rows = list["resources"].as_array().unwrap().iter();
            let rows =
                rows.map(|row| format!("{} {} {}", row["address"], row["type"], row["status"]));
            rows.collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0].lines().count(), 6);
}
