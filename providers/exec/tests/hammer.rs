//! Creates that are killed with mpctl at any instant, and settled as the contract says: nothing is lost,
//! nothing is made twice.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mpctl_provider::conformance::Subject;
use mpctl_provider::{Value, contract::Object};
use support::{setting, shell, with};

/// Makes a thing with a name of its own at every call, whatever the key: a create that must not be sent twice.
/// The effect is a grandchild's, which the death of the command alone would not stop; it comes after as many
/// seconds as `input` says.
const CREATE: &str = r#"
read -r request
key=$(echo "$request" | grep -o '"idempotency_key":"[^"]*"' | cut -d '"' -f 4)
seconds=$(echo "$request" | grep -o '"input":"[^"]*"' | cut -d '"' -f 4)
/bin/sh -c "sleep $seconds; echo $key > .mpctl/new-$$; mv .mpctl/new-$$ things/$$; sleep 0.03" &
wait
echo "{\"id\":\"$$\"}"
"#;
const LOOKUP: &str = r#"
key=$(grep -o '"idempotency_key":"[^"]*"' | cut -d '"' -f 4)
found=$(grep -lx -- "$key" things/* 2>/dev/null | head -n 1)
if [ -n "$found" ]; then echo "{\"id\":\"${found#things/}\"}"; else echo '{"found":false}'; fi
"#;

/// In every other round the effect would come long after the kill and the second look.
fn config(key: &str) -> Value {
    let late = key.ends_with(['1', '3', '5', '7', '9']);
    let seconds = Value::string(if late { "0.5" } else { "0.03" });
    with(&shell([("create", CREATE), ("lookup", LOOKUP)]), [("input", seconds)])
}

async fn subject(root: &Path) -> Subject {
    let mut setting = setting();
    setting.project.root = root.into();
    Subject::of(setting, "exec_command").await.unwrap()
}

/// Plays mpctl: one create under the key that `MPCTL_TEST_KEY` names.
#[tokio::test]
#[ignore = "started by the other test as a process of its own"]
async fn play_mpctl() {
    let Some(root) = std::env::var_os("MPCTL_TEST_FOLDER") else { return };
    let key = std::env::var("MPCTL_TEST_KEY").unwrap();
    let subject = subject(Path::new(&root)).await;
    let _ = subject.apply_as(key.as_str().into(), None, &config(&key)).await;
}

fn mpctl(root: &Path, key: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "play_mpctl", "--ignored"])
        .env("MPCTL_TEST_FOLDER", root)
        .env("MPCTL_TEST_KEY", key)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Looks twice before it believes that nothing was made, and then makes it, as `resume` does.
async fn settle(subject: &Subject, key: &str) -> (Object, bool) {
    for pause in [0, 150] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if let Some(found) = subject.lookup(key.into(), &config(key)).await.unwrap() {
            return (found, true);
        }
    }
    let applied = subject.apply_as(key.into(), None, &config(key)).await.unwrap();
    (applied.outcome.unwrap().unwrap(), false)
}

#[tokio::test]
async fn a_create_killed_at_any_instant_is_settled_to_exactly_one_thing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["things", ".mpctl"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    let subject = subject(root).await;
    let (mut adopted, mut made) = (0, 0);
    for round in 0..24_u64 {
        let key = format!("step-{round}");
        let mut process = mpctl(root, &key);
        // From before the command starts until after it has ended, each round a little later.
        tokio::time::sleep(Duration::from_millis(5 + round * 5)).await;
        process.kill().unwrap();
        process.wait().unwrap();
        let (object, was_there) = settle(&subject, &key).await;
        if was_there {
            adopted += 1
        } else {
            made += 1
        }
        let id = object.value.get("id").and_then(Value::as_str).unwrap();
        assert_eq!(fs::read_to_string(root.join("things").join(id)).unwrap().trim(), key);
    }
    // Whatever still went on would be done by now.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let things = fs::read_dir(root.join("things")).unwrap().count();
    assert_eq!(things, 24, "{adopted} were found and {made} made again");
    assert!(adopted > 0 && made > 0, "{adopted} were found and {made} made again");
}
