//! Which instances a workload has, and which ports each of them gets: the declared one plus the index, or, where
//! the choice was left open, one that is chosen once and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpctl_provider::Fault;
use mpctl_provider::contract::{Instance, InstancesRequest};
use mpctl_provider::value::Value;
use sha2::{Digest, Sha256};

use crate::ports;

/// Ports are chosen from here: below those that systems give to outgoing connections.
const CHOICE: std::ops::Range<u16> = 20_000..32_000;

/// More instances than that of one workload are taken for a mistake.
const MOST: u64 = 10_000;

/// What is remembered between asking for the instances and lowering them, and between workloads of one plan.
/// Losing it costs nothing but a second choice.
#[derive(Default)]
pub(crate) struct Shape {
    /// Ports that were chosen, by whom they were chosen for.
    chosen: BTreeMap<u16, Chooser>,
    /// Workloads whose ports move among their instances: one by one they would wait for each other for ever.
    shifting: BTreeSet<Arc<str>>,
}

/// Workload, index, and name of the port.
type Chooser = (Arc<str>, u64, Arc<str>);

impl Shape {
    /// Whether an instance of the workload is to get a port that another instance of it has now.
    pub(crate) fn is_shifting(&self, workload: &str) -> bool {
        self.shifting.contains(workload)
    }
}

/// The instances of one workload. `seed` tells the choice of ports of projects and environments apart.
pub(crate) fn instances(
    request: &InstancesRequest,
    seed: &str,
    shape: &mut Shape,
) -> Result<Vec<Instance>, Fault> {
    let workload = &request.workload;
    if request.replicas > MOST {
        return Err(Fault::permanent(format!(
            "{} instances of workload {workload:?} are more than this runtime starts ({MOST})",
            request.replicas
        )));
    }
    let recorded = recorded_ports(request);
    let mut used: BTreeMap<u16, (u64, Arc<str>)> = BTreeMap::new();
    let mut instances = Vec::new();
    for index in 0..request.replicas {
        let mut given = Vec::with_capacity(request.ports.len());
        for (name, declared) in request.ports.iter().filter(|(_, declared)| *declared > 0) {
            let port = shifted(workload, name, *declared, index)?;
            if let Some((other, other_name)) = used.insert(port, (index, name.clone())) {
                return Err(twice(workload, port, (other, &other_name), (index, name)));
            }
            given.push((name.clone(), port));
        }
        instances.push(Instance { index, ports: given });
    }
    for instance in &mut instances {
        for (name, _) in request.ports.iter().filter(|(_, declared)| *declared == 0) {
            let kept = recorded.get(&(instance.index, name.as_ref())).copied();
            let port = match kept.filter(|port| !used.contains_key(port)) {
                Some(port) => port,
                None => choose(workload, instance.index, name, seed, &used, shape)?,
            };
            shape.chosen.insert(port, (workload.clone(), instance.index, name.clone()));
            used.insert(port, (instance.index, name.clone()));
            instance.ports.push((name.clone(), port));
        }
    }
    note_shift(request, &recorded, &used, shape);
    Ok(instances)
}

fn shifted(workload: &str, name: &str, declared: u16, index: u64) -> Result<u16, Fault> {
    let port = u64::from(declared) + index;
    u16::try_from(port).map_err(|_| {
        Fault::permanent(format!(
            "instance {index} of workload {workload:?} would get port {port} ({name}), and ports end at 65535"
        ))
        .hint("instance i gets the declared port + i: declare a lower port or fewer replicas")
    })
}

fn twice(workload: &str, port: u16, first: (u64, &str), second: (u64, &str)) -> Fault {
    Fault::permanent(format!(
        "port {port} of workload {workload:?} would be given twice: as {:?} of instance {} and as {:?} of \
         instance {}",
        first.1, first.0, second.1, second.0
    ))
    .hint("instance i gets the declared port + i: keep the ports further apart than there are replicas")
}

/// The ports of the workload's recorded services, by index and name.
fn recorded_ports(request: &InstancesRequest) -> BTreeMap<(u64, &str), u16> {
    let services = request.recorded.iter().flat_map(|(index, value)| {
        let entries = value.get("ports").and_then(Value::as_entries).into_iter();
        entries.flat_map(|entries| entries.iter()).map(move |(name, port)| (*index, name, port))
    });
    let numbers = services.filter_map(|(index, name, port)| {
        let number = u16::try_from(port.as_number()?.as_i64()?).ok()?;
        Some(((index, name.as_ref()), number))
    });
    numbers.collect()
}

/// The first free port from a place that only depends on who asks, so that the same plan made twice chooses the
/// same port.
fn choose(
    workload: &Arc<str>,
    index: u64,
    name: &Arc<str>,
    seed: &str,
    used: &BTreeMap<u16, (u64, Arc<str>)>,
    shape: &Shape,
) -> Result<u16, Fault> {
    let me: Chooser = (workload.clone(), index, name.clone());
    let digest = Sha256::digest(format!("{seed}\0{workload}\0{index}\0{name}").as_bytes());
    let count = CHOICE.end - CHOICE.start;
    let start = u16::from_be_bytes([digest[0], digest[1]]) % count;
    (0..count)
        .map(|step| CHOICE.start + (start + step) % count)
        .filter(|port| !used.contains_key(port))
        .filter(|port| shape.chosen.get(port).is_none_or(|chooser| *chooser == me))
        .find(|port| ports::is_free(*port))
        .ok_or_else(|| {
            Fault::permanent(format!("there is no free port left for workload {workload:?}"))
                .hint("give it a port of its own")
        })
}

/// Notes whether a port moves from one instance to another.
fn note_shift(
    request: &InstancesRequest,
    recorded: &BTreeMap<(u64, &str), u16>,
    used: &BTreeMap<u16, (u64, Arc<str>)>,
    shape: &mut Shape,
) {
    let moves = recorded
        .iter()
        .any(|((index, _), port)| used.get(port).is_some_and(|(new_index, _)| new_index != index));
    if moves {
        shape.shifting.insert(request.workload.clone());
    } else {
        shape.shifting.remove(&request.workload);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is declared: no port is given twice, each declared one is shifted by the index.
        #[test]
        fn ports_are_distinct_and_shifted_by_the_index(
            replicas in 0..6_u64,
            declared in proptest::collection::vec(prop_oneof![Just(0_u16), 1..=65_535_u16], 0..4),
        ) {
            let names = ["a", "b", "c", "d"];
            let declared: Vec<(&str, u16)> = names.into_iter().zip(declared).collect();
            let Ok(instances) = shape_of(&request(replicas, &declared)) else { return Ok(()) };
            let mut seen = BTreeSet::new();
            for instance in &instances {
                prop_assert_eq!(instance.ports.len(), declared.len());
                for (name, port) in &instance.ports {
                    prop_assert!(*port > 0 && seen.insert(*port), "{} is given twice", port);
                    let (_, base) = declared.iter().find(|(n, _)| *n == name.as_ref()).unwrap();
                    let shifted = u64::from(*base) + instance.index;
                    prop_assert!(*base == 0 || u64::from(*port) == shifted);
                }
            }
        }
    }

    fn request(replicas: u64, ports: &[(&str, u16)]) -> InstancesRequest {
        InstancesRequest {
            workload: "web".into(),
            replicas,
            ports: ports.iter().map(|(name, port)| ((*name).into(), *port)).collect(),
            recorded: Vec::new(),
        }
    }

    fn recorded(index: u64, port: i64) -> (u64, Value) {
        (index, Value::object([("ports", Value::object([("http", Value::int(port))]))]))
    }

    fn shape_of(request: &InstancesRequest) -> Result<Vec<Instance>, Fault> {
        instances(request, "shop/dev", &mut Shape::default())
    }

    #[test]
    fn each_instance_gets_the_declared_port_plus_its_index() {
        let instances = shape_of(&request(3, &[("http", 8080), ("admin", 9000)])).unwrap();
        let ports: Vec<Vec<u16>> =
            instances.iter().map(|i| i.ports.iter().map(|(_, port)| *port).collect()).collect();
        assert_eq!(ports, [[8080, 9000], [8081, 9001], [8082, 9002]]);
    }

    #[test]
    fn ports_that_overlap_or_leave_the_range_are_refused() {
        let overlap = shape_of(&request(2, &[("admin", 8081), ("http", 8080)])).unwrap_err();
        insta::assert_snapshot!(overlap.summary, @r#"port 8081 of workload "web" would be given twice: as "admin" of instance 0 and as "http" of instance 1"#);
        let beyond = shape_of(&request(2, &[("http", 65535)])).unwrap_err();
        insta::assert_snapshot!(beyond.summary, @r#"instance 1 of workload "web" would get port 65536 (http), and ports end at 65535"#);
    }

    #[test]
    fn an_open_port_is_chosen_the_same_way_every_time_and_differs_per_instance() {
        let first = shape_of(&request(2, &[("http", 0)])).unwrap();
        assert_eq!(first, shape_of(&request(2, &[("http", 0)])).unwrap());
        assert_ne!(first[0].ports, first[1].ports);
        assert!(CHOICE.contains(&first[0].ports[0].1));
    }

    #[test]
    fn a_chosen_port_is_kept() {
        let mut again = request(1, &[("http", 0)]);
        again.recorded = vec![recorded(0, 25_555)];
        assert_eq!(shape_of(&again).unwrap()[0].ports, [("http".into(), 25_555)]);
    }

    #[test]
    fn two_workloads_of_one_plan_do_not_choose_the_same_port() {
        let mut shape = Shape::default();
        let web = instances(&request(1, &[("http", 0)]), "a", &mut shape).unwrap();
        let taken = web[0].ports[0].1;
        let mut api = request(1, &[("http", 0)]);
        api.workload = "api".into();
        let other = instances(&api, "a", &mut shape).unwrap();
        assert_ne!(other[0].ports[0].1, taken);
    }

    #[test]
    fn ports_that_move_among_the_instances_are_noticed() {
        let mut shape = Shape::default();
        let mut moved = request(2, &[("http", 8081)]);
        moved.recorded = vec![recorded(0, 8080), recorded(1, 8081)];
        instances(&moved, "a", &mut shape).unwrap();
        assert!(shape.is_shifting("web"));
        moved.recorded = vec![recorded(0, 8081), recorded(1, 8082)];
        instances(&moved, "a", &mut shape).unwrap();
        assert!(!shape.is_shifting("web"));
    }
}
