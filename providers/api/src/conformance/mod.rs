//! The laws of the provider contract, to be run against any provider.
//!
//! A [`Scenario`] names a resource type and configurations of it; [`check`] takes the type through its life in
//! a [`Setting`] of its own for every law, and answers with the [`Breach`]es that it found. The laws know
//! nothing of the provider but its schema, so the same suite serves in-process and remote ones.
//!
//! The real world, as far as the suite can see it, is the project's folder without its private one.

mod laws_of_data;
mod laws_of_life;
mod laws_of_planning;
mod laws_of_schema;
mod laws_of_settling;
mod subject;
mod world;

use std::any::Any;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::contract::{ProjectContext, Provider};
use crate::value::Value;

pub use subject::{Applied, Subject, complete};

/// A provider that nobody has configured yet, and the project that it is to work in.
pub struct Setting {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// The project.
    pub project: ProjectContext,
    /// What must live as long: the temporary folder, a server.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl Setting {
    /// A setting whose project is the folder `root`, named `conformance`.
    pub fn new(
        provider: Arc<dyn Provider>,
        root: &Path,
        executable: &Path,
        keep: impl Any + Send + Sync,
    ) -> Setting {
        Setting {
            provider,
            project: ProjectContext {
                root: root.into(),
                private: root.join(".mpctl").into(),
                project: "conformance".into(),
                environment: "default".into(),
                executable: executable.into(),
            },
            keep: Box::new(keep),
        }
    }
}

/// Configurations of one resource type. Attributes that are left out are null.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The resource type.
    pub resource_type: &'static str,
    /// A configuration to create an object with.
    pub create: Value,
    /// Another one, to which the object of `create` can be changed in place.
    pub update: Option<Value>,
    /// Another one, which needs a new object.
    pub replace: Option<Value>,
    /// One whose create fails at apply. Sensitive parts of it must not appear in what is said about that.
    pub failing: Option<Value>,
    /// Nothing exists outside the state: reading gives back what is recorded, whatever happened.
    pub in_memory: bool,
}

impl Scenario {
    /// A scenario of a create only.
    pub fn new(resource_type: &'static str, create: Value) -> Scenario {
        Scenario {
            resource_type,
            create,
            update: None,
            replace: None,
            failing: None,
            in_memory: false,
        }
    }
}

/// Configurations of one data source. Attributes that are left out are null.
#[derive(Clone, Debug)]
pub struct DataScenario {
    /// The data source.
    pub source_type: &'static str,
    /// A configuration that can be read.
    pub good: Value,
    /// One that cannot. Sensitive parts of it must not appear in what is said about that.
    pub failing: Option<Value>,
}

/// A law that does not hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Breach {
    /// The law, in words.
    pub law: &'static str,
    /// What was seen instead.
    pub seen: String,
}

impl fmt::Debug for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.seen)
    }
}

/// What a law answers: nothing, or what was seen instead.
type Verdict = Result<(), String>;

/// Runs every law that applies to the scenario, each in a setting of its own, and names those that do not
/// hold.
pub async fn check(setting: impl Fn() -> Setting, scenario: &Scenario) -> Vec<Breach> {
    let mut breaches = Vec::new();
    macro_rules! laws {
        ($($words:literal => $law:path;)*) => {$(
            let given = setting();
            let subject = Subject::start(given, scenario).await;
            let verdict = match subject {
                Ok(subject) => $law(&subject, scenario).await,
                Err(fault) => Err(format!("the provider refused its configuration: {fault}")),
            };
            if let Err(seen) = verdict {
                breaches.push(Breach { law: $words, seen });
            }
        )*};
    }
    laws! {
        "the schema makes sense" => laws_of_schema::schema_makes_sense;
        "planning, validating and reading change nothing" => laws_of_planning::asking_is_pure;
        "what is planned again after an apply is what is there" => laws_of_planning::planning_settles;
        "a change in place is planned as one" => laws_of_planning::in_place_change_is_not_a_replacement;
        "a replacing change is planned as one" => laws_of_planning::replacing_change_is_one;
        "a delete is planned as it is asked for" => laws_of_planning::delete_can_be_planned;
        "what is unknown in the configuration is unknown in the plan" => laws_of_planning::unknowns_stay_unknown;
        "marks of the configuration are kept in the plan and beyond" => laws_of_planning::marks_are_kept;
        "batches are answered in order, faults in their place" => laws_of_planning::batches_keep_their_order;
        "an object becomes what was planned" => laws_of_life::becomes_what_was_planned;
        "an object reads as what was made" => laws_of_life::reads_as_made;
        "a deleted object is gone, and deleting it again is no error" => laws_of_life::deleted_is_gone;
        "deleting leaves nothing behind" => laws_of_life::delete_leaves_nothing;
        "a fault tells nothing sensitive" => laws_of_life::faults_keep_secrets;
        "a create tried again with the same key makes nothing more" => laws_of_settling::same_key_makes_one;
        "an update tried again with the same key changes nothing more" => laws_of_settling::same_update_twice_is_once;
        "an interrupted create can be looked up" => laws_of_settling::lookup_finds_what_was_made;
    }
    breaches
}

/// Runs every law of data sources, each in a setting of its own, and names those that do not hold.
pub async fn check_data(setting: impl Fn() -> Setting, scenario: &DataScenario) -> Vec<Breach> {
    let mut breaches = Vec::new();
    macro_rules! laws {
        ($($words:literal => $law:path;)*) => {$(
            let verdict = match Subject::of(setting(), scenario.source_type).await {
                Ok(subject) => $law(&subject, scenario).await,
                Err(fault) => Err(format!("the provider refused its configuration: {fault}")),
            };
            if let Err(seen) = verdict {
                breaches.push(Breach { law: $words, seen });
            }
        )*};
    }
    laws! {
        "the schema makes sense" => laws_of_schema::data_makes_sense;
        "reading changes nothing and gives the same again" => laws_of_data::reading_is_pure;
        "what is read has the schema's attributes, wholly known" => laws_of_data::data_has_its_attributes;
        "batches are answered in order, faults in their place" => laws_of_data::batches_keep_their_order;
        "marks of the configuration are kept" => laws_of_data::marks_are_kept;
        "a fault tells nothing sensitive" => laws_of_data::faults_keep_secrets;
    }
    breaches
}
