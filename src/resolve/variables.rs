//! Variables: who gives a value, who wins, and whether it fits.
//!
//! In rising precedence: the declaration's default, `*.auto.vars.*`, the environment's `variables`,
//! `*.ENV.auto.vars.*`, `MPCTL_VAR_name`, `--var-file`, `--var`. An environment's `variables` also declare
//! what no document does; such a variable has the type of the value given there.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpctl_provider::{Type, Value};

use crate::diagnostic::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::expr;
use crate::resolve::scope::NoNames;
use crate::source::{FileId, Span};
use crate::spec::document::{Documents, Environment, Variable};
use crate::spec::hcl::{Places, parse_expression};
use crate::spec::syntax::Attribute;
use crate::spec::variables::VariableFile;

/// Values of variables from outside the documents.
#[derive(Debug, Default)]
pub struct VariableInputs {
    /// `*.auto.vars.*` files in the order of their names; those of one environment name it.
    pub auto_files: Vec<VariableFile>,
    /// `MPCTL_VAR_name`, name and text.
    pub from_process: Vec<(String, String)>,
    /// `--var-file`, in the order given.
    pub files: Vec<VariableFile>,
    /// `--var`, in the order given: name and text.
    pub flags: Vec<(String, String)>,
}

/// A variable's value in one environment, and where it came from.
#[derive(Clone, Debug)]
pub struct Given {
    /// The value, converted and marked.
    pub value: Value,
    /// Where it is written; a flag or process variable has no place.
    pub origin: Origin,
}

/// Who gave a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The declaration's default, a values file or the environment.
    Spec(Span),
    /// `MPCTL_VAR_name`
    Process,
    /// `--var`
    Flag,
}

/// The variables of an environment by name.
pub type Variables = BTreeMap<Arc<str>, Given>;

/// The values of all variables in `environment` (`None`: the implied one, `default`).
pub fn resolve(
    documents: &Documents,
    environment: Option<&Environment>,
    inputs: &VariableInputs,
    diagnostics: &mut Diagnostics,
) -> Variables {
    let mut candidates = Candidates { documents, found: BTreeMap::new(), diagnostics };
    candidates.collect(environment, inputs);
    let found = candidates.found;
    let mut variables = Variables::new();
    for variable in &documents.variables {
        let candidate = found.get(&variable.name.text);
        if let Some(given) = declared(variable, candidate, environment, diagnostics) {
            variables.insert(variable.name.text.clone(), given);
        }
    }
    for (name, candidate) in found {
        if !documents.variables.iter().any(|v| v.name.text == name) {
            variables.insert(name, implied(candidate, diagnostics));
        }
    }
    variables
}

/// The winning value of a variable, before its declaration has been asked.
struct Candidate {
    given: Raw,
    origin: Origin,
    /// The type of the environment's value, for variables that no document declares.
    implied: Option<Type>,
}

/// A value as it was given.
enum Raw {
    Value(Value),
    /// The text of a flag or process variable: what it means depends on the variable's type.
    Text(String),
}

struct Candidates<'a> {
    documents: &'a Documents,
    found: BTreeMap<Arc<str>, Candidate>,
    diagnostics: &'a mut Diagnostics,
}

impl Candidates<'_> {
    fn collect(&mut self, environment: Option<&Environment>, inputs: &VariableInputs) {
        let name = environment.map_or("default", |e| e.name.text.as_ref());
        let (of_all, of_one): (Vec<_>, Vec<_>) =
            inputs.auto_files.iter().partition(|file| file.environment.is_none());
        // What the environment declares has to be known before files and flags can be checked against it.
        let own = environment.map_or(&[][..], |e| &e.variables);
        for attribute in own {
            self.value(attribute, true);
        }
        let environments_own = std::mem::take(&mut self.found);
        let implied: BTreeMap<Arc<str>, Type> = environments_own
            .iter()
            .filter_map(|(n, c)| Some((n.clone(), c.implied.clone()?)))
            .collect();
        of_all.iter().for_each(|file| self.file(file, &implied));
        self.found.extend(environments_own);
        let for_here = |file: &&&VariableFile| file.environment.as_deref() == Some(name);
        of_one.iter().filter(for_here).for_each(|file| self.file(file, &implied));
        for (variable, text) in &inputs.from_process {
            // As with Terraform's TF_VAR_: one that nothing declares is somebody else's business.
            if self.is_declared(variable, &implied) {
                self.text(variable, text, Origin::Process, &implied);
            }
        }
        inputs.files.iter().for_each(|file| self.file(file, &implied));
        for (variable, text) in &inputs.flags {
            if self.is_declared(variable, &implied) {
                self.text(variable, text, Origin::Flag, &implied);
            } else {
                self.undeclared_flag(variable, &implied);
            }
        }
    }

    fn is_declared(&self, name: &str, implied: &BTreeMap<Arc<str>, Type>) -> bool {
        implied.contains_key(name)
            || self.documents.variables.iter().any(|v| v.name.text.as_ref() == name)
    }

    fn text(&mut self, name: &str, text: &str, origin: Origin, implied: &BTreeMap<Arc<str>, Type>) {
        let candidate = Candidate {
            given: Raw::Text(text.to_owned()),
            origin,
            implied: implied.get(name).cloned(),
        };
        self.found.insert(name.into(), candidate);
    }

    fn value(&mut self, attribute: &Attribute, declares: bool) {
        match expr::evaluate(&attribute.value, &NoNames, &expr::EvalContext::closed()) {
            Ok(value) => {
                let implied = declares.then(|| value.ty());
                let origin = Origin::Spec(attribute.value.span);
                let candidate = Candidate { given: Raw::Value(value), origin, implied };
                self.found.insert(attribute.name.text.clone(), candidate);
            }
            Err(errors) => self.diagnostics.append(errors),
        }
    }

    fn file(&mut self, file: &VariableFile, implied: &BTreeMap<Arc<str>, Type>) {
        for attribute in &file.entries {
            if !self.is_declared(&attribute.name.text, implied) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        code::UNDECLARED_VARIABLE,
                        format!(
                            "a value is given for the undeclared variable `{}`",
                            attribute.name.text
                        ),
                    )
                    .at(attribute.name.span, "no variable has this name"),
                );
                continue;
            }
            self.value(attribute, false);
            if let Some(candidate) = self.found.get_mut(&attribute.name.text) {
                candidate.implied = implied.get(&attribute.name.text).cloned();
            }
        }
    }

    fn undeclared_flag(&mut self, name: &str, implied: &BTreeMap<Arc<str>, Type>) {
        let declared = self.documents.variables.iter().map(|v| v.name.text.as_ref());
        let names = declared.chain(implied.keys().map(AsRef::as_ref));
        let hint = match nearest(name, names) {
            Some(close) => format!("did you mean `--var {close}=…`?"),
            None => {
                "declare it with a Variable document, or in the environment's variables".to_owned()
            }
        };
        let summary = format!("`--var {name}` gives a value to a variable that nothing declares");
        self.diagnostics.push(Diagnostic::error(code::UNDECLARED_VARIABLE, summary).hint(hint));
    }
}

/// The value of a variable that a document declares.
fn declared(
    variable: &Variable,
    candidate: Option<&Candidate>,
    environment: Option<&Environment>,
    diagnostics: &mut Diagnostics,
) -> Option<Given> {
    let name = &variable.name.text;
    let constraint = match &variable.type_constraint {
        None => expr::type_expr::TypeConstraint::any(),
        Some(constraint) => match expr::type_expr::type_constraint(constraint) {
            Ok(constraint) => constraint,
            Err(errors) => {
                diagnostics.append(errors);
                return None;
            }
        },
    };
    let (value, origin) = match (candidate, &variable.default) {
        (Some(candidate), _) => (
            raw_value(name, &candidate.given, &constraint.ty, diagnostics)?,
            candidate.origin.clone(),
        ),
        (None, Some(default)) => {
            match expr::evaluate(default, &NoNames, &expr::EvalContext::closed()) {
                Ok(value) => (value, Origin::Spec(default.span)),
                Err(errors) => {
                    diagnostics.append(errors);
                    return None;
                }
            }
        }
        (None, None) => {
            let place =
                environment.map_or(String::new(), |e| format!(" in environment {}", e.name.text));
            diagnostics.push(
                Diagnostic::error(code::VARIABLE_UNSET, format!("variable `{name}` has no value{place}"))
                    .at(variable.span, "declared here, without a default")
                    .hint(format!("give one with `--var {name}=…`, MPCTL_VAR_{name}, or in the environment's variables")),
            );
            return None;
        }
    };
    let value = match constraint.apply(&value) {
        Ok(value) => value,
        Err(error) => {
            let summary = format!("the value of variable `{name}` does not fit its type: {error}");
            diagnostics.push(at_origin(
                Diagnostic::error(code::WRONG_TYPE, summary),
                &origin,
                variable.span,
            ));
            return None;
        }
    };
    if value.is_null() && !variable.nullable {
        let summary = format!("variable `{name}` must not be null");
        diagnostics.push(at_origin(
            Diagnostic::error(code::VARIABLE_INVALID, summary),
            &origin,
            variable.span,
        ));
        return None;
    }
    Some(Given { value: value.sensitive_if(variable.sensitive), origin })
}

/// The value of a variable that only the environment declares.
fn implied(candidate: Candidate, diagnostics: &mut Diagnostics) -> Given {
    let Candidate { given, origin, implied } = candidate;
    let ty = implied.unwrap_or(Type::Dynamic);
    let value = match given {
        Raw::Value(value) => value,
        Raw::Text(text) => match text_value(&text, &ty) {
            Ok(value) => value,
            Err(errors) => {
                diagnostics.append(errors);
                Value::NULL
            }
        },
    };
    // A tuple of another length is still a list of the same kind of thing, so only primitives are converted.
    let value = if ty.is_primitive() { value.convert(&ty).unwrap_or(value) } else { value };
    Given { value, origin }
}

fn raw_value(name: &str, raw: &Raw, ty: &Type, diagnostics: &mut Diagnostics) -> Option<Value> {
    match raw {
        Raw::Value(value) => Some(value.clone()),
        Raw::Text(text) => {
            match text_value(text, ty) {
                Ok(value) => Some(value),
                Err(_) => {
                    let summary = format!(
                        "the value given for variable `{name}` is not a valid {}",
                        ty.friendly_name()
                    );
                    diagnostics.push(Diagnostic::error(code::WRONG_TYPE, summary).hint(
                        "values of lists and maps are written as expressions: '[\"a\", \"b\"]'",
                    ));
                    None
                }
            }
        }
    }
}

/// What a text from the command line means: itself for primitives and `any`, an expression otherwise.
fn text_value(text: &str, ty: &Type) -> Result<Value, Diagnostics> {
    if ty.is_primitive() || *ty == Type::Dynamic {
        return Ok(Value::string(text));
    }
    let (expression, diagnostics) = parse_expression(text, &Places::linear(FileId(u32::MAX), 0));
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    expr::evaluate(&expression, &NoNames, &expr::EvalContext::closed())
}

fn at_origin(diagnostic: Diagnostic, origin: &Origin, declaration: Span) -> Diagnostic {
    match origin {
        Origin::Spec(span) => {
            let diagnostic = diagnostic.at(*span, "this value");
            if *span == declaration {
                diagnostic
            } else {
                diagnostic.at(declaration, "declared here")
            }
        }
        Origin::Process => {
            diagnostic.at(declaration, "declared here; the value comes from MPCTL_VAR_")
        }
        Origin::Flag => diagnostic.at(declaration, "declared here; the value comes from --var"),
    }
}

/// Checks the `validation` rules of every variable against the values.
pub fn validate(
    documents: &Documents,
    variables: &Variables,
    scope: &dyn expr::Scope,
    context: &expr::EvalContext<'_>,
    diagnostics: &mut Diagnostics,
) {
    for variable in &documents.variables {
        let Some(given) = variables.get(&variable.name.text) else { continue };
        for rule in &variable.validations {
            let verdict = expr::evaluate(&rule.condition, scope, context);
            match verdict.map(|v| v.as_bool()) {
                Ok(Some(false)) => {
                    let message = expr::evaluate(&rule.error_message, scope, context);
                    let words = message.ok().and_then(|m| m.as_str().map(str::to_owned));
                    let summary = format!("variable `{}` has an invalid value", variable.name.text);
                    let diagnostic = Diagnostic::error(code::VARIABLE_INVALID, summary)
                        .detail(words.unwrap_or_else(|| "a validation rule does not hold".into()))
                        .at(rule.span, "this rule does not hold");
                    diagnostics.push(match &given.origin {
                        Origin::Spec(span) => diagnostic.at(*span, "the value"),
                        Origin::Process | Origin::Flag => diagnostic,
                    });
                }
                Ok(_) => {}
                Err(errors) => diagnostics.append(errors),
            }
        }
    }
}
