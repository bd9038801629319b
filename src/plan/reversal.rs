//! Whether a change can be undone, and what would be lost: said before anything is approved.

use mpctl_provider::schema::Abilities;

use crate::plan::{Action, Change, Reversibility, ReversibilityClass};

/// Classifies a change. `abilities` are those of the object; one whose type is not known any more has none.
pub fn classify(change: &Change, abilities: Option<Abilities>) -> Reversibility {
    let stable = abilities.is_some_and(|a| a.stable_identity);
    let holds_data = abilities.is_some_and(|a| a.holds_data);
    match change.action {
        Action::NoOp | Action::Read | Action::Create | Action::Forget => Reversibility::default(),
        Action::Update => Reversibility::default(),
        Action::Delete | Action::Replace(_) if holds_data => Reversibility {
            class: ReversibilityClass::Irreversible,
            loses: vec!["the data that it holds".into()],
        },
        Action::Delete | Action::Replace(_) if stable => Reversibility::default(),
        Action::Delete | Action::Replace(_) => {
            let id = change
                .before
                .as_ref()
                .and_then(|object| object.value.get("id")?.as_str().map(str::to_owned));
            let loses = match id {
                Some(id) => format!("its identity (id {id})"),
                None => "its identity".into(),
            };
            Reversibility { class: ReversibilityClass::Lossy, loses: vec![loses] }
        }
    }
}
