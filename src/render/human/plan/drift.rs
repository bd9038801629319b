//! What refresh found changed outside: shown in full where the plan does something about it, counted where it
//! makes no difference.

use mpctl_provider::Value;

use super::Context;
use crate::plan::{Action, Drift, Mode, PlanBody};
use crate::render::human::diff::{Forces, Level};
use crate::render::human::paint::{Painter, Style, Symbol};
use crate::render::human::text;

/// How many objects are named of those whose drift makes no difference.
const FIRST_ADDRESSES: usize = 5;

/// Whether the plan does something to the object, or is about nothing but drift.
fn matters(body: &PlanBody, drift: &Drift) -> bool {
    body.mode == Mode::RefreshOnly
        || body
            .change(&drift.address.environment, &drift.address.local)
            .is_some_and(|change| change.action != Action::NoOp)
}

impl Painter<'_> {
    pub(super) fn drift(&mut self, context: &Context<'_>) {
        let body = context.body;
        let shown = |drift: &&Drift| context.options.expand || matters(body, drift);
        let (shown, folded): (Vec<&Drift>, Vec<&Drift>) = body.drift.iter().partition(shown);
        if !shown.is_empty() {
            self.styled(Style::Bold, |p| {
                p.put("Objects have changed outside of mpctl since they were last recorded:");
            });
            self.line().line();
            for drift in shown {
                if context.options.concise {
                    let gone = drift.after.is_none();
                    self.put(if gone { "  - " } else { "  ~ " }).show(&drift.address);
                    self.put(if gone { " is gone" } else { " has changed" }).line();
                } else {
                    self.drifted(context, drift);
                    self.line();
                }
            }
            if context.options.concise {
                self.line();
            }
        }
        if !folded.is_empty() {
            let number = folded.len();
            self.show(number).put(if number == 1 { " object has" } else { " objects have" });
            self.put(" changed outside of mpctl without effect on this plan: ");
            let names: Vec<String> =
                folded.iter().take(FIRST_ADDRESSES).map(|d| d.address.to_string()).collect();
            self.names(names.iter().map(String::as_str), FIRST_ADDRESSES);
            if number > FIRST_ADDRESSES {
                self.put(" and ").show(number - FIRST_ADDRESSES).put(" more");
            }
            self.put(" (shown with --expand).").line().line();
        }
    }

    fn drifted(&mut self, context: &Context<'_>, drift: &Drift) {
        let symbol = if drift.after.is_some() { Symbol::Update } else { Symbol::Delete };
        self.put("  # ");
        self.styled(Style::Bold, |p| {
            p.show(&drift.address);
        });
        self.put(if drift.after.is_some() { " has changed" } else { " has been deleted" }).line();
        self.styled(symbol.style(), |p| {
            p.put(symbol.wide());
        });
        self.put(" resource ");
        text::quoted(self.text(), &drift.resource_type);
        self.put(" ");
        text::quoted(self.text(), drift.address.local.subject.name());
        self.put(" {").line();
        let level = Level {
            map: false,
            schema: context.schemas.get(drift.resource_type.as_ref()).copied(),
            folded: false,
        };
        let before = drift.before.as_entries();
        let after = drift.after.as_ref().and_then(Value::as_entries);
        self.entries(before, after, level, 6, &Forces::default());
        self.put("    }").line();
    }
}
