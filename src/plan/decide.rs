//! From prior and planned value to an action and its reason.

use mpctl_provider::contract::{Object, PlanReply};
use mpctl_provider::{Path, Value};

use crate::plan::{Action, Reason, ReplaceOrder};
use crate::state::Status;

/// What is known of an object when its fate is decided.
pub struct Situation<'a> {
    /// The object as it is; `None` if there is none.
    pub prior: Option<&'a Object>,
    /// The value as it was recorded, before refresh.
    pub recorded: Option<&'a Value>,
    /// Whether its creation succeeded.
    pub status: Status,
    /// Why it is replaced whatever changes, if it is: by name, or because something else changes.
    pub requested: Option<Reason>,
}

/// What happens to the object, why, and which attributes made it so.
pub fn decide(situation: &Situation<'_>, reply: &PlanReply) -> (Action, Option<Reason>, Vec<Path>) {
    let replace =
        |reason, paths| (Action::Replace(ReplaceOrder::DeleteThenCreate), Some(reason), paths);
    let Some(prior) = situation.prior else {
        let gone = situation.recorded.is_some().then_some(Reason::CreateBecauseGone);
        return (Action::Create, gone, Vec::new());
    };
    if situation.status == Status::Tainted {
        return replace(Reason::ReplaceBecauseTainted, Vec::new());
    }
    // A provider may name every path that would need a new object; only those that change count.
    let changed = |path: &&Path| path.of(&prior.value) != path.of(&reply.planned);
    let paths: Vec<Path> = reply.replace.iter().filter(changed).cloned().collect();
    if !paths.is_empty() {
        return replace(Reason::ReplaceBecauseCannotUpdate, paths);
    }
    if let Some(reason) = situation.requested {
        return replace(reason, Vec::new());
    }
    if prior.value == reply.planned {
        return (Action::NoOp, None, Vec::new());
    }
    let back = situation
        .recorded
        .is_some_and(|recorded| *recorded != prior.value && known_equal(recorded, &reply.planned));
    (Action::Update, back.then_some(Reason::UpdateBecauseDrift), Vec::new())
}

/// Whether the recorded value is what the plan arrives at, as far as that is known.
fn known_equal(recorded: &Value, planned: &Value) -> bool {
    match (recorded, planned) {
        (_, Value::Unknown(_)) => true,
        (Value::Object(a), Value::Object(b)) => b.iter().all(|(name, planned)| {
            a.get(name).is_some_and(|recorded| known_equal(recorded, planned))
        }),
        (a, b) => a == b,
    }
}
