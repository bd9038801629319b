//! The conformance suite against a provider that keeps every law, and against the same one with a defect of
//! each kind: a suite that cannot find them would be worth nothing.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use mpctl_provider::conformance::{Scenario, Setting, check};
use mpctl_provider::contract::{
    ApplyAction, ApplyContext, ApplyReply, ApplyRequest, ConfigureRequest, LookupRequest, Object,
    PlanReply, PlanRequest, Provider, ReadRequest,
};
use mpctl_provider::proposal::usual_plan;
use mpctl_provider::schema::{
    Abilities, Attribute, BlockSchema, Concurrency, ProviderSchema, ResourceSchema,
};
use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Type, Value};

/// What is wrong with a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Defect {
    None,
    DescribesNothing,
    PlansByDoing,
    NeverSettles,
    UpdatesByReplacing,
    ReplacesInPlace,
    PlansDeletesAsCreates,
    RefusesUnknowns,
    DropsMarks,
    MixesBatches,
    BreaksPromises,
    ReadsSomethingElse,
    DeletesOnlyOnce,
    LeavesLitter,
    TellsSecrets,
    Doubles,
    UpdatesTwice,
    LooksUpNothing,
}

/// Notes: files `NAME`, or `NAME-2` where that is taken, of a key and a text.
struct Notes {
    defect: Defect,
    schema: ProviderSchema,
    root: OnceLock<PathBuf>,
}

fn notes(defect: Defect) -> Arc<dyn Provider> {
    let words = if defect == Defect::DescribesNothing { "" } else { "Words." };
    let name = Attribute::required(Type::String, "Its name.");
    let block = BlockSchema::of(
        "A note.",
        [
            ("name", if defect == Defect::ReplacesInPlace { name } else { name.replacing() }),
            (
                "text",
                Attribute {
                    replace_on_change: defect == Defect::UpdatesByReplacing,
                    ..Attribute::optional(Type::String, words)
                },
            ),
            ("id", Attribute::computed(Type::String, "Its file.")),
            ("length", Attribute::computed(Type::Number, "How long it is.")),
        ],
    );
    let abilities = Abilities {
        read: true,
        lookup: true,
        import: false,
        host_bound: true,
        holds_data: false,
        stable_identity: true,
    };
    let schema = ProviderSchema {
        name: "desk".into(),
        version: 1,
        configuration: BlockSchema::default(),
        resources: BTreeMap::from([(
            "desk_note".into(),
            ResourceSchema { version: 0, block, abilities },
        )]),
        data_sources: BTreeMap::new(),
        runtime: false,
        concurrency: Concurrency::Parallelism,
    };
    Arc::new(Notes { defect, schema, root: OnceLock::new() })
}

impl Notes {
    fn path(&self, id: &str) -> PathBuf {
        self.root.get().unwrap().join(id)
    }

    fn text(value: &Value, name: &str) -> String {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The note made under a key.
    fn of_key(&self, key: &str) -> Option<String> {
        let mut found = fs::read_dir(self.root.get().unwrap()).unwrap().flatten().filter(|entry| {
            fs::read_to_string(entry.path()).is_ok_and(|note| note.lines().next() == Some(key))
        });
        found.next().map(|entry| entry.file_name().into_string().unwrap())
    }

    fn object(id: &str, planned: &Value) -> Object {
        let length = Self::text(planned, "text").len();
        let mut entries: Entries = planned.as_entries().unwrap().clone();
        entries.insert("id".into(), Value::string(id));
        entries.insert("length".into(), Value::int(i64::try_from(length).unwrap()));
        Object::new(Value::Object(Arc::new(entries)))
    }

    fn plan_one(&self, request: &PlanRequest) -> Result<PlanReply, Fault> {
        let resource = self.schema.resources.get(&request.resource_type);
        let resource = resource.ok_or_else(|| Fault::permanent("no such type"))?;
        let mut reply = usual_plan(&resource.block, request, &["length"]);
        match self.defect {
            Defect::PlansByDoing => fs::write(self.path("planned"), "").unwrap(),
            Defect::NeverSettles => set(&mut reply, "length", Value::unknown(Type::Number)),
            Defect::PlansDeletesAsCreates if reply.planned.is_null() => {
                reply.planned = request.prior.as_ref().unwrap().value.clone();
            }
            Defect::RefusesUnknowns if !request.config.is_wholly_known() => {
                return Err(Fault::permanent("not known"));
            }
            Defect::DropsMarks => reply.planned = reply.planned.unmark_deep().0,
            Defect::BreaksPromises if request.prior.is_none() => {
                set(&mut reply, "id", Value::string("promised"))
            }
            _ => {}
        }
        Ok(reply)
    }
}

fn set(reply: &mut PlanReply, name: &str, value: Value) {
    let mut entries: Entries = reply.planned.as_entries().cloned().unwrap_or_default();
    entries.insert(name.into(), value);
    reply.planned = Value::Object(Arc::new(entries));
}

#[async_trait]
impl Provider for Notes {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<(), Fault> {
        self.root.set(request.project.root.to_path_buf()).unwrap();
        Ok(())
    }

    async fn plan(&self, requests: Vec<PlanRequest>) -> Vec<Result<PlanReply, Fault>> {
        let mut replies: Vec<_> = requests.iter().map(|request| self.plan_one(request)).collect();
        if self.defect == Defect::MixesBatches {
            replies.reverse();
        }
        replies
    }

    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<Result<Option<Object>, Fault>> {
        let read = |request: ReadRequest| {
            if !self.schema.resources.contains_key(&request.resource_type) {
                return Err(Fault::permanent("no such type"));
            }
            let object = request.object;
            let there = self.path(&Self::text(&object.value, "id")).exists();
            Ok(there.then(|| match self.defect {
                Defect::ReadsSomethingElse => Self::object("else", &object.value),
                _ => object,
            }))
        };
        requests.into_iter().map(read).collect()
    }

    async fn apply(&self, request: ApplyRequest, _: ApplyContext) -> Result<ApplyReply, Fault> {
        if request.action == ApplyAction::Delete {
            let path = self.path(&Self::text(&request.prior.unwrap().value, "id"));
            let removed = fs::remove_file(&path);
            if self.defect == Defect::DeletesOnlyOnce && removed.is_err() {
                return Err(Fault::permanent("it is gone"));
            }
            return Ok(ApplyReply { object: None });
        }
        let planned = request.planned.unwrap();
        let (key, text) = (request.idempotency_key, Self::text(&planned, "text"));
        if text == "refused" {
            let secret = if self.defect == Defect::TellsSecrets { "refused" } else { "it" };
            return Err(Fault::permanent(format!("{secret} cannot be written")));
        }
        let known = match &request.prior {
            Some(prior) => Some(Self::text(&prior.value, "id")),
            None => self.of_key(&key).filter(|_| self.defect != Defect::Doubles),
        };
        let mut id = known.unwrap_or_else(|| Self::text(&planned, "name"));
        let own =
            |id: &str| self.defect != Defect::Doubles && self.of_key(&key).as_deref() == Some(id);
        if request.prior.is_none() && !own(&id) {
            while self.path(&id).exists() {
                id.push_str("-2");
            }
        }
        let mut note = format!("{key}\n{text}");
        if self.defect == Defect::UpdatesTwice {
            note.push_str(&fs::read_to_string(self.path(&id)).unwrap_or_default());
        }
        fs::write(self.path(&id), note).unwrap();
        if self.defect == Defect::LeavesLitter {
            fs::write(self.path("litter"), "").unwrap();
        }
        Ok(ApplyReply { object: Some(Self::object(&id, &planned)) })
    }

    async fn lookup(&self, request: LookupRequest) -> Result<Option<Object>, Fault> {
        let found = self.of_key(&request.idempotency_key);
        let found = found.filter(|_| self.defect != Defect::LooksUpNothing);
        Ok(found.map(|id| Self::object(&id, &request.config)))
    }
}

/// The laws that a provider with the defect breaks.
async fn broken(defect: Defect) -> String {
    let setting = || {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        Setting::new(notes(defect), &root, "/bin/false".as_ref(), folder)
    };
    let note = |name: &str, text: &str| {
        Value::object([("name", Value::string(name)), ("text", Value::string(text))])
    };
    let scenario = Scenario {
        update: Some(note("milk", "two litres")),
        replace: Some(note("bread", "one litre")),
        failing: Some(Value::object([
            ("name", Value::string("milk")),
            ("text", Value::string("refused").sensitive()),
        ])),
        ..Scenario::new("desk_note", note("milk", "one litre"))
    };
    let breaches = check(setting, &scenario).await;
    breaches.iter().map(|breach| breach.law).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_provider_that_keeps_every_law_is_found_to() {
    assert_eq!(broken(Defect::None).await, "");
}

#[tokio::test]
async fn every_defect_is_found_by_the_law_that_it_breaks() {
    use Defect::*;
    let all = [
        DescribesNothing,
        PlansByDoing,
        NeverSettles,
        UpdatesByReplacing,
        ReplacesInPlace,
        PlansDeletesAsCreates,
        RefusesUnknowns,
        DropsMarks,
        MixesBatches,
        BreaksPromises,
        ReadsSomethingElse,
        DeletesOnlyOnce,
        LeavesLitter,
        TellsSecrets,
        Doubles,
        UpdatesTwice,
        LooksUpNothing,
    ];
    let mut found = Vec::new();
    for defect in all {
        found.push(format!("{defect:?}\n    {}", broken(defect).await.replace('\n', "\n    ")));
    }
    insta::assert_snapshot!(found.join("\n"), @"
    DescribesNothing
        the schema makes sense
    PlansByDoing
        planning, validating and reading change nothing
        deleting leaves nothing behind
    NeverSettles
        what is planned again after an apply is what is there
        a delete is planned as it is asked for
    UpdatesByReplacing
        a change in place is planned as one
    ReplacesInPlace
        a replacing change is planned as one
    PlansDeletesAsCreates
        a delete is planned as it is asked for
    RefusesUnknowns
        what is unknown in the configuration is unknown in the plan
    DropsMarks
        marks of the configuration are kept in the plan and beyond
    MixesBatches
        batches are answered in order, faults in their place
    BreaksPromises
        an object becomes what was planned
    ReadsSomethingElse
        an object reads as what was made
    DeletesOnlyOnce
        a deleted object is gone, and deleting it again is no error
    LeavesLitter
        deleting leaves nothing behind
    TellsSecrets
        a fault tells nothing sensitive
    Doubles
        a create tried again with the same key makes nothing more
    UpdatesTwice
        a create tried again with the same key makes nothing more
        an update tried again with the same key changes nothing more
    LooksUpNothing
        an interrupted create can be looked up
    ");
}
