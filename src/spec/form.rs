//! Which files are read, and as what, judged by their names alone.

use std::sync::Arc;

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// How it is written.
    pub syntax: Syntax,
    /// What is in it.
    pub content: Content,
}

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    /// YAML: `*.yaml`, `*.yml`
    Yaml,
    /// JSON, read strictly: `*.json`
    Json,
    /// HCL: `*.hcl`
    Hcl,
}

/// What is in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Documents.
    Documents,
    /// Values of variables, for one environment or for all.
    Variables {
        /// The environment, from the file's name.
        environment: Option<Arc<str>>,
    },
}

impl Form {
    /// What a file of this name in a project's folder is; `None` if it is nothing for us.
    ///
    /// `*.auto.vars.*` are values, `NAME.ENV.auto.vars.*` those of one environment. JSON is read where its name
    /// says that it is for us: `*.mpctl.json`.
    pub fn of_found(name: &str) -> Option<Form> {
        let (stem, syntax) = split(name)?;
        if let Some(stem) = stem.strip_suffix(".auto.vars") {
            let environment = stem.rsplit_once('.').map(|(_, environment)| environment.into());
            return Some(Form { syntax, content: Content::Variables { environment } });
        }
        let ours = syntax != Syntax::Json || stem.ends_with(".mpctl");
        ours.then_some(Form { syntax, content: Content::Documents })
    }

    /// What a file is that the user named: by its ending, YAML if that says nothing.
    pub fn of_named(name: &str) -> Form {
        Form::of_found(name).unwrap_or_else(|| {
            let syntax = split(name).map_or(Syntax::Yaml, |(_, syntax)| syntax);
            Form { syntax, content: Content::Documents }
        })
    }

    /// How a file of variables that the user named is written: by its ending, HCL if that says nothing (a
    /// `.tfvars` file is that).
    pub fn of_variables(name: &str) -> Syntax {
        split(name).map_or(Syntax::Hcl, |(_, syntax)| syntax)
    }
}

fn split(name: &str) -> Option<(&str, Syntax)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let syntax = match ending {
        "yaml" | "yml" => Syntax::Yaml,
        "json" => Syntax::Json,
        "hcl" => Syntax::Hcl,
        _ => return None,
    };
    (!stem.is_empty()).then_some((stem, syntax))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(syntax: Syntax, environment: Option<&str>) -> Option<Form> {
        let environment = environment.map(Arc::from);
        Some(Form { syntax, content: Content::Variables { environment } })
    }

    fn documents(syntax: Syntax) -> Option<Form> {
        Some(Form { syntax, content: Content::Documents })
    }

    #[test]
    fn names_say_what_a_file_is() {
        assert_eq!(Form::of_found("shop.yaml"), documents(Syntax::Yaml));
        assert_eq!(Form::of_found("shop.prod.yml"), documents(Syntax::Yaml));
        assert_eq!(Form::of_found("shop.hcl"), documents(Syntax::Hcl));
        assert_eq!(Form::of_found("shop.mpctl.json"), documents(Syntax::Json));
        assert_eq!(Form::of_found("package.json"), None);
        assert_eq!(Form::of_found("main.rs"), None);
        assert_eq!(Form::of_found("yaml"), None);
        assert_eq!(Form::of_found("all.auto.vars.yaml"), variables(Syntax::Yaml, None));
        assert_eq!(Form::of_found("all.prod.auto.vars.hcl"), variables(Syntax::Hcl, Some("prod")));
        assert_eq!(
            Form::of_found("a.b.prod.auto.vars.json"),
            variables(Syntax::Json, Some("prod"))
        );
    }

    #[test]
    fn a_named_file_is_read_whatever_it_is_called() {
        assert_eq!(Some(Form::of_named("63")), documents(Syntax::Yaml));
        assert_eq!(Some(Form::of_named("shop.json")), documents(Syntax::Json));
        assert_eq!(Form::of_variables("prod.tfvars"), Syntax::Hcl);
        assert_eq!(Form::of_variables("prod.yaml"), Syntax::Yaml);
    }
}
