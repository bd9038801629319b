//! `fmt`: the canonical layout.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::error::OpsError;
use mpctl::source::{FileId, Sources};
use mpctl::spec::hcl;
use similar::TextDiff;

use super::Context;
use crate::cli::Fmt;
use crate::report::{say, say_as_is};

pub(super) fn run(context: &Context, arguments: &Fmt) -> u8 {
    if arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(context, arguments);
    }
    let root = &context.surroundings.root;
    let given =
        if arguments.paths.is_empty() { vec![PathBuf::from(".")] } else { arguments.paths.clone() };
    let mut files = Vec::new();
    for path in given {
        let full = root.join(&path);
        if let Err(error) = collect(&full, &mut files) {
            return context.fail(
                &OpsError::Io { what: format!("cannot read {}", path.display()), error },
                false,
            );
        }
    }
    files.sort();
    files.dedup();
    let mut code = 0;
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_path_buf();
        code = code.max(one(context, &file, &name, arguments));
    }
    code
}

/// Every HCL file below a folder; a file that is named is taken whatever it is called.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !std::fs::metadata(path)?.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file()
            && entry.path().extension().is_some_and(|extension| extension == "hcl")
        {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn one(context: &Context, file: &Path, name: &Path, arguments: &Fmt) -> u8 {
    let read = match std::fs::read_to_string(file) {
        Ok(read) => read,
        Err(error) => {
            return context.fail(
                &OpsError::Io { what: format!("cannot read {}", name.display()), error },
                false,
            );
        }
    };
    let Some(formatted) = formatted(context, &name.to_string_lossy(), &read) else { return 1 };
    if formatted == read {
        return 0;
    }
    say(format_args!("{}", name.display()));
    if arguments.diff {
        print_diff(&name.to_string_lossy(), &read, &formatted);
    }
    if arguments.check {
        return 1;
    }
    match std::fs::write(file, formatted) {
        Ok(()) => 0,
        Err(error) => context
            .fail(&OpsError::Io { what: format!("cannot write {}", name.display()), error }, false),
    }
}

fn standard_input(context: &Context, arguments: &Fmt) -> u8 {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
        return context
            .fail(&OpsError::Io { what: "cannot read the standard input".into(), error }, false);
    }
    let Ok(read) = String::from_utf8(bytes) else {
        let diagnostic = Diagnostic::error(code::NOT_UTF8, "the standard input is not UTF-8");
        return context.fail(&OpsError::Diagnostics(Diagnostics::from(diagnostic)), false);
    };
    let Some(formatted) = formatted(context, "<stdin>", &read) else { return 1 };
    if arguments.diff {
        print_diff("<stdin>", &read, &formatted);
    } else if !arguments.check {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(formatted.as_bytes()).and_then(|()| out.flush());
    }
    u8::from(arguments.check && formatted != read)
}

fn formatted(context: &Context, name: &str, text: &str) -> Option<String> {
    match hcl::fmt(FileId(0), text) {
        Ok(formatted) => Some(formatted),
        Err(diagnostics) => {
            let mut sources = Sources::new();
            sources.add(name, text);
            context.reporter(&sources, false).diagnostics(&diagnostics);
            None
        }
    }
}

fn print_diff(name: &str, before: &str, after: &str) {
    let diff = TextDiff::from_lines(before, after);
    say_as_is(format_args!("{}", diff.unified_diff().header(name, name)));
}
