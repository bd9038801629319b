//! `fileset`: the files below a folder whose names match a pattern.
//!
//! `*` and `?` stay within a name, `**` spans folders, `[…]` and `{…,…}` are alternatives; names that begin with
//! a dot are names like any other. What the patterns say without a wildcard is walked to, not searched for.

use globset::{GlobBuilder, GlobMatcher};
use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, text};
use crate::expr::describe::quote;
use crate::expr::{EvalContext, FileFault, MAX_ELEMENTS};

/// `fileset`
pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "fileset",
    parameters: &[Parameter::new("path", Kind::String), Parameter::new("pattern", Kind::String)],
    variadic: None,
    returns: Returns::Kind(Kind::Set(&Kind::String)),
    body: find,
}];

fn find(arguments: &[Value], context: &EvalContext<'_>) -> Result<Value, Fault> {
    let (path, pattern) = (text(arguments, 0), text(arguments, 1));
    let mut parts: Vec<&str> =
        pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(Fault::of(1, format!("the pattern {} leaves the folder", quote(pattern)))
            .hint("name the folder in the first argument; `..` can stand there"));
    }
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
    // The last part is the name of a file.
    let rest = parts.split_off(plain.min(parts.len().saturating_sub(1)));
    let below: String = parts.iter().flat_map(|part| [*part, "/"]).collect();
    let matcher = matcher(&rest.join("/"), pattern)?;
    let folder = match (path, below.trim_end_matches('/')) {
        ("", "") => ".".to_owned(),
        ("" | ".", below) if !below.is_empty() => below.to_owned(),
        (path, "") => path.to_owned(),
        (path, below) => format!("{path}/{below}"),
    };
    let wrong = |fault: FileFault| Fault::of(0, format!("{} {fault}", quote(&folder)));
    // What is not there, or is a file, has no files in it; only of a folder is this no answer.
    if context.files.exists(&folder).is_ok() {
        return Ok(Value::set(Type::String, Vec::new()));
    }
    let names = context.files.list(&folder).map_err(wrong)?;
    let found: Vec<Value> = names
        .iter()
        .filter(|name| matcher.is_match(name))
        .map(|name| Value::string(format!("{below}{name}")))
        .collect();
    if found.len() > MAX_ELEMENTS {
        return Err(Fault::of(1, format!("it matches more than {MAX_ELEMENTS} files")));
    }
    Ok(Value::set(Type::String, found))
}

fn matcher(glob: &str, pattern: &str) -> Result<GlobMatcher, Fault> {
    let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| {
        Fault::of(1, format!("{} is no pattern: {}", quote(pattern), error.kind()))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::{Files, NoClock};

    /// A folder with these files, and nothing else.
    struct Folder(&'static [&'static str]);

    impl Files for Folder {
        fn read(&self, _: &str) -> Result<Vec<u8>, FileFault> {
            Ok(Vec::new())
        }
        fn exists(&self, path: &str) -> Result<bool, FileFault> {
            if matches!(path, "." | "..")
                || self.0.iter().any(|file| file.starts_with(&format!("{path}/")))
            {
                return Err(FileFault("is not a regular file".into()));
            }
            Ok(self.0.contains(&path))
        }
        fn absolute(&self, path: &str) -> Result<String, FileFault> {
            Ok(format!("/{path}"))
        }
        fn list(&self, folder: &str) -> Result<Vec<String>, FileFault> {
            if folder.starts_with("..") {
                return Err(FileFault("lies outside of the project".into()));
            }
            let prefix = match folder {
                "." => String::new(),
                folder => format!("{folder}/"),
            };
            let below = self.0.iter().filter_map(|file| file.strip_prefix(&prefix));
            Ok(below.map(str::to_owned).collect())
        }
    }

    const FILES: Folder = Folder(&[
        ".dot",
        ".hid/z.txt",
        "[x].txt",
        "a b.txt",
        "a.txt",
        "b.txt",
        "c.md",
        "sub/a.txt",
        "sub/deep/x.txt",
        "sub/deep/y.md",
    ]);

    fn found(path: &str, pattern: &str) -> String {
        let context = EvalContext::new(&FILES, &NoClock);
        match find(&[Value::string(path), Value::string(pattern)], &context) {
            Ok(set) => set
                .as_items()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" "),
            Err(fault) => format!("error: {}", fault.message),
        }
    }

    /// Each as Terraform 1.11.4 answers in such a folder.
    #[test]
    fn patterns_find_what_they_find_in_terraform() {
        let all = ".dot .hid/z.txt [x].txt a b.txt a.txt b.txt c.md sub/a.txt sub/deep/x.txt sub/deep/y.md";
        for (path, pattern, expected) in [
            (".", "*.txt", "[x].txt a b.txt a.txt b.txt"),
            (".", "**", all),
            (".", "**/", all),
            (".", "**/*.txt", ".hid/z.txt [x].txt a b.txt a.txt b.txt sub/a.txt sub/deep/x.txt"),
            (".", "*", ".dot [x].txt a b.txt a.txt b.txt c.md"),
            (".", "sub/**", "sub/a.txt sub/deep/x.txt sub/deep/y.md"),
            (".", "sub/**/*.md", "sub/deep/y.md"),
            ("sub", "*", "a.txt"),
            ("sub", "**/*.{txt,md}", "a.txt deep/x.txt deep/y.md"),
            (".", "{a,b}.txt", "a.txt b.txt"),
            (".", "[ab].txt", "a.txt b.txt"),
            (".", "[^a].txt", "b.txt"),
            (".", "?.txt", "a.txt b.txt"),
            (".", "\\[x].txt", "[x].txt"),
            (".", "**.txt", "[x].txt a b.txt a.txt b.txt"),
            (".", "sub**/a.txt", "sub/a.txt"),
            (".", "nope/*", ""),
            ("nope", "*", ""),
            ("a.txt", "*", ""),
            (".", "", ""),
            (".", "sub", ""),
            (".", "sub/", ""),
            (".", "A.TXT", ""),
            (".", ".*", ".dot"),
            (".", "./*.md", "c.md"),
            (".", "*/*.txt", ".hid/z.txt sub/a.txt"),
            (".", "**/deep/*", "sub/deep/x.txt sub/deep/y.md"),
            (".", "sub//a.txt", "sub/a.txt"),
            (".", "/a.txt", "a.txt"),
        ] {
            assert_eq!(found(path, pattern), expected, "fileset({path:?}, {pattern:?})");
        }
    }

    #[test]
    fn what_is_no_pattern_or_leads_outside_is_refused() {
        assert_eq!(found(".", "../*"), "error: the pattern \"../*\" leaves the folder");
        assert_eq!(found("..", "*"), "error: \"..\" lies outside of the project");
        assert!(found(".", "[").starts_with("error: \"[\" is no pattern: "), "{}", found(".", "["));
        assert!(
            found(".", "{a").starts_with("error: \"{a\" is no pattern: "),
            "{}",
            found(".", "{a")
        );
    }
}
