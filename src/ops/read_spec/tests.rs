//! Which files are read, in which order, and what is said of those that cannot be.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::*;
use crate::diagnostic::render::{Style, render};

struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn request(&self) -> Request {
        Request::folder(self.0.path())
    }

    fn read(&self) -> ReadSpec {
        read_spec(&self.request(), &mut std::io::empty())
    }

    /// All that is said, with the folder's name taken out.
    fn said(&self, read: &ReadSpec) -> String {
        // Wide, since the folder's name would decide where lines break.
        let style = Style { width: 400, ..Style::default() };
        let text = render(&read.diagnostics, &read.sources, style);
        let real = self.0.path().canonicalize().unwrap();
        text.replace(&real.display().to_string(), "ROOT")
            .replace(&self.0.path().display().to_string(), "ROOT")
    }
}

fn resource(name: &str) -> String {
    format!("resource \"mpctl_data\" \"{name}\" {{}}\n")
}

fn names(read: &ReadSpec) -> Vec<&str> {
    read.documents.resources.iter().map(|resource| &*resource.name.text).collect()
}

#[test]
fn files_are_read_in_the_order_of_their_names_whatever_the_spelling() {
    let yaml =
        "apiVersion: mpctl/v1\nkind: Resource\nmetadata: { name: b }\nspec: { type: mpctl_data }\n";
    let folder = Folder::new(&[
        ("c/deep/er.hcl", &resource("d")),
        ("b.yaml", yaml),
        ("a.hcl", &resource("a")),
        ("c/a.yml", &yaml.replace("name: b", "name: c")),
        ("README.md", "# nothing"),
        (".hidden/x.hcl", "malformed {"),
        (".x.hcl", "malformed {"),
    ]);
    let read = folder.read();
    assert_eq!(folder.said(&read), "");
    assert_eq!(names(&read), ["a", "b", "c", "d"]);
}

#[test]
fn an_ignore_file_leaves_out_what_its_patterns_name() {
    let folder = Folder::new(&[
        (".mpctlignore", "# build output\n/target/\n*.tmp.hcl\n!keep.tmp.hcl\nvendor/**/x.hcl\n"),
        ("target/x.hcl", "malformed {"),
        ("a.tmp.hcl", "malformed {"),
        ("keep.tmp.hcl", &resource("kept")),
        ("vendor/one/two/x.hcl", "malformed {"),
        ("deep/target/y.hcl", &resource("deep")),
    ]);
    let read = folder.read();
    assert_eq!(folder.said(&read), "");
    assert_eq!(names(&read), ["deep", "kept"]);
}

#[test]
fn an_empty_folder_says_what_was_looked_for() {
    let folder = Folder::new(&[]);
    assert_snapshot!(folder.said(&folder.read()), @"
    error[MP0107]: there is no spec in ROOT
     = Looked for `*.yaml`, `*.yml`, `*.hcl` and `*.mpctl.json`, in this folder and those below it, but not names that begin with `.` or what `.mpctlignore` names. No such file was found.
     = help: go to the project's folder, name it with `-C`, or write a first document
    ");
}

#[test]
fn a_folder_of_other_peoples_files_says_what_was_found() {
    let folder = Folder::new(&[
        ("deploy.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("compose.yaml", "services: {}\n"),
    ]);
    let read = folder.read();
    assert_eq!(read.skipped.len(), 2);
    let said = folder.said(&read).split_whitespace().collect::<Vec<_>>().join(" ");
    let found =
        "2 such files were found, none with a document of ours (compose.yaml: no apiVersion).";
    assert!(said.contains(found), "{said}");
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_the_byte() {
    let folder = Folder::new(&[]);
    folder.write("a.yaml", b"apiVersion: mpctl/v1\nkind: \xFF\n");
    folder.write("b.yaml", b"\xFF\xFEa\0");
    assert_snapshot!(folder.said(&folder.read()), @r#"
    error[MP0102]: a.yaml is not UTF-8
      --> a.yaml:2:7
      |
    2 | kind: �
      |       ^ the byte 0xff, at offset 27, cannot stand here
      |
      = help: save it as UTF-8

    error[MP0102]: b.yaml is not UTF-8
      --> b.yaml:1:1
      |
    1 | ��a\u{0}
      | ^ the byte 0xff, at offset 0, cannot stand here
      |
      = help: it looks like UTF-16: save it as UTF-8
    "#);
}

#[test]
fn a_link_that_leaves_the_folder_is_refused_and_one_that_stays_is_followed() {
    let outside = Folder::new(&[("x.hcl", "malformed {")]);
    let folder = Folder::new(&[(".data/a.hcl", &resource("a")), ("b.hcl", &resource("b"))]);
    let root = folder.0.path();
    symlink(outside.0.path().join("x.hcl"), root.join("out.hcl")).unwrap();
    symlink(".data/a.hcl", root.join("a.hcl")).unwrap();
    // Found where it is, so not read twice.
    symlink("b.hcl", root.join("again.hcl")).unwrap();
    symlink("nowhere.hcl", root.join("broken.hcl")).unwrap();
    symlink("loop.hcl", root.join("loop.hcl")).unwrap();
    symlink(root, root.join("round")).unwrap();
    symlink(outside.0.path(), root.join("outside")).unwrap();
    let read = folder.read();
    assert_eq!(names(&read), ["a", "b"]);
    let said = folder.said(&read).replace(&outside.0.path().display().to_string(), "OUTSIDE");
    assert!(said.contains("out.hcl is a link to a file outside of the project's folder"), "{said}");
    assert!(said.contains("cannot follow the link broken.hcl: it leads nowhere"), "{said}");
    assert!(said.contains("cannot follow the link loop.hcl"), "{said}");
    assert_eq!(read.diagnostics.iter().count(), 3, "{said}");
}

#[test]
fn a_pipe_is_refused_and_never_opened() {
    let folder = Folder::new(&[]);
    let path = folder.0.path().join("pipe.yaml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    assert_snapshot!(folder.said(&folder.read()), @"
    error[MP0101]: pipe.yaml is not a regular file
     = Pipes, sockets, devices and folders are not read as specs.
     = help: remove it, or leave it out with a `.mpctlignore` file
    ");
}

#[test]
fn limits_are_named() {
    let folder = Folder::new(&[]);
    for number in 0..6 {
        folder.write(&format!("{number}.hcl"), resource(&format!("r{number}")).as_bytes());
    }
    let with = |limits: Limits| {
        let read = read_spec(&Request { limits, ..folder.request() }, &mut std::io::empty());
        folder.said(&read)
    };
    let said = with(Limits { files: 5, ..Limits::default() });
    assert!(said.contains("ROOT has more than 5 spec files"), "{said}");
    let said = with(Limits { entries: 5, ..Limits::default() });
    assert!(said.contains("ROOT has more than 5 entries of folders"), "{said}");
    let said = with(Limits { file_bytes: 10, ..Limits::default() });
    assert!(said.contains("0.hcl is 0 MiB large; at most 0 MiB are read"), "{said}");
    let said = with(Limits { total_bytes: 40, ..Limits::default() });
    assert!(said.contains("2.hcl and the files after it have not been read"), "{said}");
}

#[test]
fn a_sparse_gigabyte_is_refused_at_once() {
    let folder = Folder::new(&[]);
    fs::File::create(folder.0.path().join("big.yaml")).unwrap().set_len(1 << 30).unwrap();
    assert_snapshot!(folder.said(&folder.read()), @"
    error[MP0106]: big.yaml is 1024 MiB large; at most 64 MiB are read
     = help: split it, or leave it out with a `.mpctlignore` file if it is no spec
    ");
}

#[test]
fn named_files_and_the_standard_input_are_read_instead_of_the_folder() {
    let folder = Folder::new(&[
        ("a.hcl", &resource("a")),
        ("b.hcl", &resource("b")),
        ("sub/c.hcl", &resource("c")),
    ]);
    let files = ["b.hcl", "-", "sub"].map(PathBuf::from).to_vec();
    let request = Request { files, hcl: true, ..folder.request() };
    let read = read_spec(&request, &mut resource("stdin").as_bytes());
    assert_eq!(folder.said(&read), "");
    assert_eq!(names(&read), ["b", "stdin", "c"]);
}

#[test]
fn a_named_file_must_be_there_and_ours() {
    let folder = Folder::new(&[("compose.yaml", "services: {}\n")]);
    let files = ["none.yaml", "compose.yaml"].map(PathBuf::from).to_vec();
    let read = read_spec(&Request { files, ..folder.request() }, &mut std::io::empty());
    assert_snapshot!(folder.said(&read), @"
    error[MP0101]: cannot read none.yaml: there is no such file
     = help: check the name

    error[MP0202]: this document has no `apiVersion` that is a string
      --> compose.yaml:1:1
      |
    1 | services: {}
      | ^^^^^^^^ this document is no spec
      |
      = help: write `apiVersion: mpctl/v1`
    ");
}

#[test]
fn files_of_variables_are_values() {
    let folder = Folder::new(&[
        ("a.hcl", &resource("a")),
        ("all.auto.vars.yaml", "replicas: 2\nregions: [eu, us]\n"),
        ("all.prod.auto.vars.hcl", "replicas = 5\n"),
    ]);
    let read = folder.read();
    assert_eq!(folder.said(&read), "");
    let files: Vec<(Option<&str>, usize)> =
        read.variable_files.iter().map(|f| (f.environment.as_deref(), f.entries.len())).collect();
    assert_eq!(files, [(None, 2), (Some("prod"), 1)]);
}

#[test]
fn a_named_file_of_variables_is_read_by_its_ending() {
    let folder = Folder::new(&[("prod.tfvars", "replicas = 5\n"), ("prod.yaml", "- 1\n")]);
    let mut sources = Sources::new();
    let mut read = |name: &str| {
        read_variable_file(&folder.0.path().join(name), &Limits::default(), &mut sources)
    };
    let (file, found) = read("prod.tfvars");
    assert!(found.is_empty());
    assert_eq!(file.unwrap().entries.len(), 1);
    assert!(read("prod.yaml").1.has_errors());
    assert!(read("none.yaml").0.is_none());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Words of specs in any order, so that the decoders of all kinds are reached.
    fn spec_like() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "apiVersion: mpctl/v1\nkind: Workload\nmetadata: { name: a }\nspec:\n",
            "  health: ",
            "  overrides: ",
            "apiVersion: mpctl/v1\nkind: Resource\nmetadata: { name: a }\nspec:\n",
            "  lifecycle: ",
            "  type: x\n",
            "apiVersion: mpctl/v1\nkind: Environment\nmetadata: { name: a }\nspec:\n",
            "  providers: ",
            "  count: 1\n",
            "---\n",
            "{ http: 1 }\n",
            "[a, [b]]\n",
            "{ a: { b: c } }\n",
            "null\n",
            "\"${x}\"\n",
            "  dependsOn: ",
            "resource \"a\" \"b\" {\n",
            "workload \"w\" {\n",
            "health {\n",
            "}\n",
            "override \"p\" {\n",
            "env = {\n",
            "lifecycle {\n",
            "x = 1\n",
            "config {\n",
            "environment e {\n",
            "provider \"p\" {\n",
            "locals {\n",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(
            bytes in prop_oneof![spec_like(), prop::collection::vec(any::<u8>(), 0..200)],
            hcl in any::<bool>(),
        ) {
            let request = Request { files: vec!["-".into()], hcl, ..Request::folder(".") };
            let read = read_spec(&request, &mut &bytes[..]);
            let shown = render(&read.diagnostics, &read.sources, Style::default());
            prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
        }
    }
}
