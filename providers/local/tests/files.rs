//! What happens to files and directories, seen from outside.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use mpctl_provider::conformance::{Setting, Subject};
use mpctl_provider::contract::{ImportRequest, Object, ValidateRequest};
use mpctl_provider::{FaultKind, Value};

struct Folder {
    root: PathBuf,
    subject: Subject,
}

async fn folder(resource_type: &str) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let setting =
        Setting::new(mpctl_provider_local::provider(), &root, "/bin/false".as_ref(), folder);
    Folder { root, subject: Subject::of(setting, resource_type).await.unwrap() }
}

fn text<const N: usize>(attributes: [(&str, &str); N]) -> Value {
    Value::object(attributes.map(|(name, text)| (name, Value::string(text))))
}

fn config(content: &str) -> Value {
    text([("filename", "etc/api.toml"), ("content", content)])
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The attributes of `object` that `names` lists.
fn attributes(object: &Object, names: &[&str]) -> String {
    let all = names.iter().map(|name| format!("{name}={:?}", object.value.get(name).unwrap()));
    all.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_new_file_is_wholly_known_before_it_is_written() {
    let Folder { root, subject } = folder("local_file").await;
    let planned = subject.plan(None, &config("port = 8080\n")).await.unwrap().planned;
    assert!(planned.is_wholly_known());
    assert!(names(&root).is_empty());
    let object = subject.apply(None, &config("port = 8080\n")).await.unwrap();
    assert_eq!(object.value, planned);
    assert_eq!(fs::read_to_string(root.join("etc/api.toml")).unwrap(), "port = 8080\n");
    assert_eq!(names(&root.join("etc")), ["api.toml"]);
    insta::assert_snapshot!(
        attributes(&object, &["id", "size", "content_sha256", "file_permission"]),
        @r#"id="etc/api.toml" size=12 content_sha256="37107a4e5ea873399e16cc41781ede69752273d4232675d990fda44a0603dfa2" file_permission="0777""#
    );
}

#[tokio::test]
async fn an_edit_by_hand_is_drift_that_is_planned_back() {
    let Folder { root, subject } = folder("local_file").await;
    let object = subject.apply(None, &config("port = 8080\n")).await.unwrap();
    fs::write(root.join("etc/api.toml"), "port = 9\n").unwrap();

    let found = subject.read(&object).await.unwrap().unwrap();
    insta::assert_snapshot!(attributes(&found, &["content", "size"]), @r#"content="port = 9\n" size=9"#);
    let reply = subject.plan(Some(&found), &config("port = 8080\n")).await.unwrap();
    assert_eq!((&reply.planned, reply.replace.len()), (&object.value, 0));

    // And the edit can be brought back, as a rollback of the overwriting would.
    let fixed = subject.apply(Some(&found), &config("port = 8080\n")).await.unwrap();
    assert_eq!(fixed.value, object.value);
    subject.apply(Some(&fixed), &found.value).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("etc/api.toml")).unwrap(), "port = 9\n");
}

#[tokio::test]
async fn an_edit_that_is_no_text_shows_in_base64_and_a_huge_one_by_digest() {
    let Folder { root, subject } = folder("local_file").await;
    let object = subject.apply(None, &config("port = 8080\n")).await.unwrap();
    fs::write(root.join("etc/api.toml"), [0, 255]).unwrap();
    let found = subject.read(&object).await.unwrap().unwrap();
    insta::assert_snapshot!(
        attributes(&found, &["content", "content_base64", "size"]),
        @r#"content=null content_base64="AP8=" size=2"#
    );
    fs::write(root.join("etc/api.toml"), vec![b'x'; (1 << 20) + 1]).unwrap();
    let found = subject.read(&object).await.unwrap().unwrap();
    insta::assert_snapshot!(
        attributes(&found, &["content", "content_base64", "size"]),
        @"content=null content_base64=null size=1048577"
    );
    assert_eq!(subject.read(&found).await.unwrap().unwrap(), found);
}

#[tokio::test]
async fn a_file_deleted_by_hand_or_replaced_by_something_else_is_gone() {
    let Folder { root, subject } = folder("local_file").await;
    let object = subject.apply(None, &config("")).await.unwrap();
    let path = root.join("etc/api.toml");
    fs::remove_file(&path).unwrap();
    assert_eq!(subject.read(&object).await.unwrap(), None);
    fs::create_dir(&path).unwrap();
    assert_eq!(subject.read(&object).await.unwrap(), None);
    fs::remove_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc"), "").unwrap();
    assert_eq!(subject.read(&object).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_that_mpctl_did_not_make_is_never_overwritten_by_a_create() {
    let Folder { root, subject } = folder("local_file").await;
    fs::create_dir(root.join("etc")).unwrap();
    fs::write(root.join("etc/api.toml"), "precious").unwrap();
    let fault = subject.apply(None, &config("port = 8080\n")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permanent);
    insta::assert_snapshot!(
        fault.to_string().replace(&root.display().to_string(), "."),
        @"./etc/api.toml is there already: a file with other content that mpctl did not make"
    );
    assert_eq!(fs::read_to_string(root.join("etc/api.toml")).unwrap(), "precious");
    assert_eq!(names(&root.join("etc")), ["api.toml"]);
}

#[tokio::test]
async fn an_interrupted_create_is_found_and_its_litter_cleared_away() {
    let Folder { root, subject } = folder("local_file").await;
    let object = subject.apply(None, &config("port = 8080\n")).await.unwrap();
    // As if killed between the write of the temporary file and the rename.
    subject.delete(&object).await.unwrap();
    let litter = root.join("etc/.mpctl-e63adcdc515e844f.tmp");
    fs::write(&litter, "port = ").unwrap();
    assert_eq!(subject.lookup("k".into(), &config("port = 8080\n")).await.unwrap(), None);
    let again = subject.apply(None, &config("port = 8080\n")).await.unwrap();
    assert_eq!(names(&root.join("etc")), ["api.toml"]);
    let found = subject.lookup("k".into(), &config("port = 8080\n")).await.unwrap();
    assert_eq!(found, Some(again));
    assert_eq!(subject.lookup("k".into(), &config("other")).await.unwrap(), None);
}

#[tokio::test]
async fn a_mode_is_kept_exactly_and_watched() {
    let Folder { root, subject } = folder("local_file").await;
    let with_mode =
        |mode: &str| text([("filename", "etc/key"), ("content", "k"), ("file_permission", mode)]);
    let object = subject.apply(None, &with_mode("0666")).await.unwrap();
    let path = root.join("etc/key");
    assert_eq!(mode(&path), 0o666);
    let object = subject.apply(Some(&object), &with_mode("600")).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let found = subject.read(&object).await.unwrap().unwrap();
    insta::assert_snapshot!(attributes(&found, &["file_permission", "content"]), @r#"file_permission="0644" content="k""#);
}

#[tokio::test]
async fn sensitive_content_stays_marked_and_is_for_its_owner_alone() {
    let Folder { root, subject } = folder("local_file").await;
    let secret = Value::object([
        ("filename", Value::string("token")),
        ("content", Value::string("hunter2").sensitive()),
    ]);
    let object = subject.apply(None, &secret).await.unwrap();
    assert_eq!(mode(&root.join("token")), 0o700);
    fs::write(root.join("token"), "hunter3").unwrap();
    let found = subject.read(&object).await.unwrap().unwrap();
    insta::assert_snapshot!(
        attributes(&found, &["content", "content_sha256", "size", "file_permission"]),
        @r#"content=(sensitive) content_sha256=(sensitive) size=(sensitive) file_permission="0700""#
    );
}

#[tokio::test]
async fn a_symbolic_link_is_replaced_never_followed() {
    let Folder { root, subject } = folder("local_file").await;
    let object = subject.apply(None, &config("ours")).await.unwrap();
    let elsewhere = root.join("elsewhere");
    fs::write(&elsewhere, "theirs").unwrap();
    let path = root.join("etc/api.toml");
    fs::remove_file(&path).unwrap();
    symlink(&elsewhere, &path).unwrap();
    let found = subject.read(&object).await.unwrap().unwrap();
    let updated = subject.apply(Some(&found), &config("ours")).await.unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs");
    assert!(path.symlink_metadata().unwrap().is_file());
    fs::remove_file(&path).unwrap();
    symlink(&elsewhere, &path).unwrap();
    subject.delete(&updated).await.unwrap();
    assert_eq!(names(&root), ["elsewhere", "etc"]);
    assert!(names(&root.join("etc")).is_empty());
}

#[tokio::test]
async fn a_dangling_link_in_the_way_of_a_create_is_left_alone() {
    let Folder { root, subject } = folder("local_file").await;
    fs::create_dir(root.join("etc")).unwrap();
    symlink(root.join("nowhere"), root.join("etc/api.toml")).unwrap();
    subject.apply(None, &config("ours")).await.unwrap_err();
    assert_eq!(names(&root), ["etc"]);
}

#[tokio::test]
async fn a_source_is_written_as_it_was_planned() {
    let Folder { root, subject } = folder("local_file").await;
    let copy = text([("filename", "b"), ("source", "a")]);
    fs::write(root.join("a"), "one").unwrap();
    let request = subject.apply_request("k".into(), None, &copy).await.unwrap();
    fs::write(root.join("a"), "two").unwrap();
    let applied = subject.run(request, Default::default()).await;
    let object = applied.outcome.unwrap().unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "one");

    let reply = subject.plan(Some(&object), &copy).await.unwrap();
    assert_ne!(reply.planned, object.value, "the source has changed, so there is something to do");
    let updated = subject.apply(Some(&object), &copy).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "two");

    // Back to what was recorded, whatever the source is now.
    let mut back = subject.apply_request("r".into(), Some(&updated), &copy).await.unwrap();
    back.planned = Some(object.value.clone());
    back.private = object.private.clone();
    subject.run(back, Default::default()).await.outcome.unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "one");
}

#[tokio::test]
async fn a_large_source_that_changed_after_the_plan_is_not_written() {
    let Folder { root, subject } = folder("local_file").await;
    let copy = text([("filename", "b"), ("source", "a")]);
    fs::write(root.join("a"), vec![b'1'; (1 << 20) + 1]).unwrap();
    let request = subject.apply_request("k".into(), None, &copy).await.unwrap();
    fs::write(root.join("a"), "two").unwrap();
    let fault = subject.run(request, Default::default()).await.outcome.unwrap_err();
    assert!(fault.to_string().ends_with("a is not what it was at plan time"), "{fault}");
    assert_eq!(names(&root), ["a"]);
}

#[tokio::test]
async fn a_source_that_is_not_there_yet_leaves_digest_and_size_open() {
    let Folder { root, subject } = folder("local_file").await;
    let copy = text([("filename", "b"), ("source", "a")]);
    let request = subject.apply_request("k".into(), None, &copy).await.unwrap();
    assert!(request.planned.as_ref().unwrap().get("size").unwrap().is_unknown());
    fs::write(root.join("a"), "one").unwrap();
    subject.run(request, Default::default()).await.outcome.unwrap();
    assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "one");
}

#[tokio::test]
async fn an_existing_file_is_imported_by_its_path() {
    let Folder { root, subject } = folder("local_file").await;
    fs::create_dir(root.join("etc")).unwrap();
    fs::write(root.join("etc/api.toml"), "port = 1\n").unwrap();
    let import = |id: &str| ImportRequest { resource_type: "local_file".into(), id: id.into() };
    let object = subject.provider().import(import("etc/api.toml")).await.unwrap().unwrap();
    let reply = subject.plan(Some(&object), &config("port = 1\n")).await.unwrap();
    assert_eq!((&reply.planned, reply.replace.len()), (&object.value, 0));
    assert_eq!(subject.provider().import(import("etc/none")).await.unwrap(), None);
}

#[tokio::test]
async fn a_directory_is_made_with_its_parents_and_deleted_only_when_empty() {
    let Folder { root, subject } = folder("local_directory").await;
    let object = subject.apply(None, &text([("path", "var/lib/shop")])).await.unwrap();
    let path = root.join("var/lib/shop");
    for index in 0..7 {
        fs::write(path.join(format!("order-{index}")), "").unwrap();
    }
    let fault = subject.delete(&object).await.unwrap_err();
    insta::assert_snapshot!(
        fault.detail.unwrap(),
        @"it holds order-0, order-1, order-2, order-3, order-4 and 2 more"
    );
    assert_eq!(names(&path).len(), 7);
    fs::remove_dir_all(&path).unwrap();
    fs::create_dir(&path).unwrap();
    subject.delete(&object).await.unwrap();
    assert!(names(&root.join("var/lib")).is_empty());
}

#[tokio::test]
async fn mistakes_in_a_configuration_are_all_named_before_anything_is_planned() {
    let Folder { subject, .. } = folder("local_file").await;
    let faults = |given: Value| {
        let config = subject.plan_request(None, &given).unwrap().config;
        let request = ValidateRequest { resource_type: "local_file".into(), config };
        let provider = subject.provider();
        async move {
            let faults = provider.validate(vec![request]).await.remove(0);
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
    };
    insta::assert_snapshot!(
        faults(text([("filename", ""), ("file_permission", "rw-r--r--")])).await,
        @r#"
    nothing says what the file holds
    `file_permission` is "rw-r--r--", which is no mode
    `filename` is no path
    "#
    );
    insta::assert_snapshot!(
        faults(text([("filename", "f"), ("content", "a"), ("source", "b")])).await,
        @"both `content` and `source` say what the file holds"
    );
    insta::assert_snapshot!(
        faults(text([("filename", "f"), ("content_base64", "%%%")])).await,
        @"`content_base64` is not base64"
    );
}

#[tokio::test]
async fn a_file_is_read_as_data() {
    let Folder { root, subject } = folder("local_file").await;
    fs::write(root.join("motd"), "hello\n").unwrap();
    let data = subject.data("local_file", &text([("filename", "motd")])).await.unwrap();
    insta::assert_debug_snapshot!(data, @r#"
    {
        "content": "hello\n",
        "content_base64": "aGVsbG8K",
        "content_base64sha256": "WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=",
        "content_base64sha512": "58IrmUxZ2c8rSOVJseJGZmNgRZMNPafBrLKZ0cO3+TH5Sq5B7dosKyB6NuEPi8uNRSI+VIePWzFufOO2vAGWKQ==",
        "content_md5": "b1946ac92492d2347c6235b4d2611184",
        "content_sha1": "f572d396fae9206628714fb2ce00f72e94f2258f",
        "content_sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        "content_sha512": "e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629",
        "filename": "motd",
        "id": "motd",
        "size": 6,
    }
    "#);
    let fault = subject.data("local_file", &text([("filename", "none")])).await.unwrap_err();
    assert!(fault.to_string().contains("cannot read"), "{fault}");
}
