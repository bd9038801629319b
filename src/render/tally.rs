//! How many objects a plan creates, updates, replaces and so on.

use crate::address::Subject;
use crate::plan::{Action, Change, PlanBody};

/// Numbers of objects by what is done to them. A moved object that is updated too counts in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// To be created, replacements aside.
    pub create: usize,
    /// To be updated in place.
    pub update: usize,
    /// To be replaced.
    pub replace: usize,
    /// To be destroyed, replacements aside.
    pub destroy: usize,
    /// To be left alone from now on.
    pub forget: usize,
    /// To get another address.
    pub moved: usize,
    /// To be adopted.
    pub import: usize,
    /// Data to be read during apply.
    pub read: usize,
}

impl Tally {
    /// The numbers of a whole plan.
    pub fn of(body: &PlanBody) -> Tally {
        Tally::over(&body.changes)
    }

    /// The numbers of some changes.
    pub fn over<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Tally {
        let mut tally = Tally::default();
        for change in changes {
            tally.moved += usize::from(change.previous_address.is_some());
            match change.action {
                Action::NoOp => {}
                Action::Create => tally.create += 1,
                Action::Read => tally.read += 1,
                Action::Update => tally.update += 1,
                Action::Replace(_) => tally.replace += 1,
                Action::Delete => tally.destroy += 1,
                Action::Forget => tally.forget += 1,
            }
        }
        tally
    }

    /// Objects that will be there and were not, as Terraform counts: replacements too.
    pub fn added(&self) -> usize {
        self.create + self.replace
    }

    /// Objects that were there and will not be, as Terraform counts: replacements too.
    pub fn destroyed(&self) -> usize {
        self.destroy + self.replace
    }

    /// Whether nothing at all is counted.
    pub fn is_empty(&self) -> bool {
        *self == Tally::default()
    }
}

/// Whether a reader wants to hear of the change: something is done, or its address changes.
pub(crate) fn is_shown(change: &Change) -> bool {
    change.action != Action::NoOp || change.previous_address.is_some()
}

/// Whether it is data rather than an object.
pub(crate) fn is_data(change: &Change) -> bool {
    matches!(change.address.local.subject, Subject::Data(_))
}
