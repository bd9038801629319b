//! What a spec says that has no effect, said as warnings: settings that this version reads and does not act
//! on, and environments that nothing declares. Silence would let a user believe otherwise until it hurts.

use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::Span;
use crate::spec::document::{Documents, Resource};
use crate::spec::syntax::Name;

/// Everything in the documents that has no effect. `declared`: the names of the environments that there are.
pub fn notices(documents: &Documents, declared: &[&str]) -> Diagnostics {
    let mut found = Diagnostics::default();
    not_acted_on(documents, &mut found);
    let unknown = named_environments(documents)
        .filter(|name| !declared.contains(&name.text.as_ref()))
        .map(|name| unknown_environment(name, declared));
    unknown.for_each(|diagnostic| found.push(diagnostic));
    found
}

fn not_acted_on(documents: &Documents, found: &mut Diagnostics) {
    let mut warn = |what: &str, span: Span, hint: &str| {
        let summary = format!("{what} is not acted on by this version");
        found.push(
            Diagnostic::warning(code::BAD_VALUE, summary).at(span, "no effect yet").hint(hint),
        );
    };
    for Resource { lifecycle, .. } in &documents.data {
        if let Some(first) = lifecycle.postconditions.first() {
            warn("`postcondition`", first.span, "a `check` warns of what does not hold");
        }
    }
}

/// Every mention of an environment by name.
fn named_environments(documents: &Documents) -> impl Iterator<Item = &Name> {
    let lists = documents
        .workloads
        .iter()
        .map(|workload| &workload.environments)
        .chain(documents.resources.iter().chain(&documents.data).map(|r| &r.environments))
        .chain(documents.moved.iter().map(|moved| &moved.environments))
        .chain(documents.imports.iter().map(|import| &import.environments));
    let overrides = documents.workloads.iter().flat_map(|workload| &workload.overrides);
    lists.flatten().flatten().chain(overrides.map(|entry| &entry.environment))
}

fn unknown_environment(name: &Name, declared: &[&str]) -> Diagnostic {
    let hint = match nearest(&name.text, declared.iter().copied()) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("there are: {}", declared.join(", ")),
    };
    Diagnostic::warning(code::ENVIRONMENT, format!("no environment is called `{}`", name.text))
        .at(name.span, "nothing declares it")
        .hint(hint)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::diagnostic::render;
    use crate::source::Sources;
    use crate::spec::decode::Origin;
    use crate::spec::form::Form;
    use crate::spec::read::Reader;

    /// The notices of a spec in HCL, as a user sees them.
    fn notices_of(text: &str, declared: &[&str]) -> String {
        let mut sources = Sources::new();
        let file = sources.add("main.hcl", text);
        let mut reader = Reader::new();
        let origin = Origin { file, text, explicit: false };
        reader.add(origin, &Form::of_found("main.hcl").unwrap());
        let documents = reader.finish().documents;
        render::render(&notices(&documents, declared), &sources, render::Style::default())
    }

    #[test]
    fn what_has_no_effect_is_said() {
        let text = "data \"local_file\" \"b\" {\n  lifecycle {\n    postcondition {\n      condition = self.id != \"\"\n      \
                    error_message = \"none\"\n    }\n  }\n}\n";
        let said = notices_of(text, &["default"]);
        assert!(said.contains("`postcondition` is not acted on by this version"), "{said}");
        assert!(said.contains("main.hcl:3:5"), "{said}");
    }

    #[test]
    fn an_environment_that_nothing_declares_is_probably_a_slip() {
        let text = "workload \"web\" {\n  environments = [\"prod\", \"stagin\"]\n\n  \
                    override \"qa\" { replicas = 2 }\n}\n";
        insta::assert_snapshot!(notices_of(text, &["dev", "prod", "staging"]), @r#"
        warning[MP0408]: no environment is called `stagin`
          --> main.hcl:2:27
          |
        2 |   environments = ["prod", "stagin"]
          |                           ^^^^^^^^ nothing declares it
          |
          = help: did you mean `staging`?

        warning[MP0408]: no environment is called `qa`
          --> main.hcl:4:12
          |
        4 |   override "qa" { replicas = 2 }
          |            ^^^^ nothing declares it
          |
          = help: there are: dev, prod, staging
        "#);
    }
}
