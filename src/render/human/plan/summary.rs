//! The end of a plan: what is counted, in which order it happens, what can be undone, what was left out.

use super::Context;
use crate::plan::{Change, PlanBody, ReversibilityClass, StepKind};
use crate::render::Tally;
use crate::render::human::paint::{Painter, Style};

/// How many names a list in the summary has.
const NAMES: usize = 3;
/// How many of what a partial plan leaves out are named.
const LEFT_OUT_NAMES: usize = 10;

impl Painter<'_> {
    pub(super) fn summary(&mut self, context: &Context<'_>, shown: &[&Change]) {
        let tally = Tally::over(shown.iter().copied());
        self.plan_line(&tally);
        if tally.replace + tally.moved + tally.read + tally.import > 0 {
            self.put("Objects: ");
            self.tally(&tally, &mut true);
            self.put(".").line();
        }
        self.touched(context.body, shown);
        self.order(context, shown);
        self.undo(context.body, shown);
        self.protected(context.body, shown);
    }

    /// In Terraform's words, which eyes and scripts know: a replacement is one to add and one to destroy.
    fn plan_line(&mut self, tally: &Tally) {
        self.styled(Style::Bold, |p| {
            p.put("Plan:");
        });
        self.put(" ");
        if tally.import > 0 {
            self.show(tally.import).put(" to import, ");
        }
        self.show(tally.added()).put(" to add, ").show(tally.update).put(" to change, ");
        self.show(tally.destroyed()).put(" to destroy");
        if tally.forget > 0 {
            self.put(", ").show(tally.forget).put(" to forget");
        }
        self.put(".").line();
    }

    fn touched(&mut self, body: &PlanBody, shown: &[&Change]) {
        if body.environments.len() < 2 {
            return;
        }
        // Sorted by address, so that equal environments stand together.
        let mut names: Vec<&str> = shown.iter().map(|c| c.address.environment.as_ref()).collect();
        names.dedup();
        self.put("Environments touched: ");
        let most = names.len();
        self.names(names.into_iter(), most);
        self.put(".").line();
    }

    /// How many waves, what comes first, what last.
    fn order(&mut self, context: &Context<'_>, shown: &[&Change]) {
        if context.waves < 2 {
            return;
        }
        let first = shown.iter().map(|change| change.wave).filter(|wave| *wave > 0).min();
        self.put("Order: ").show(context.waves).put(" waves; first ");
        self.wave(shown, first.unwrap_or(1));
        self.put(", last ");
        self.wave(shown, context.waves);
        self.put(".").line();
    }

    fn wave(&mut self, shown: &[&Change], wave: u32) {
        let members = shown.iter().filter(|change| change.wave == wave);
        let total = members.clone().count();
        for (at, change) in members.take(NAMES).enumerate() {
            self.put(if at > 0 { ", " } else { "" }).show(&change.address);
        }
        if total > NAMES {
            self.put(" and ").show(total - NAMES).put(" more");
        }
    }

    /// `38 of 41 steps reversible, 2 lossy, 1 irreversible`
    fn undo(&mut self, body: &PlanBody, shown: &[&Change]) {
        let mut classes = [0_usize; 3];
        let mut add = |change: &Change| classes[change.reversibility.class as usize] += 1;
        let acts = |kind: StepKind| !matches!(kind, StepKind::Join | StepKind::Read);
        let steps = body.steps.iter().filter(|step| acts(step.kind));
        if body.steps.is_empty() {
            shown.iter().filter(|change| change.action.is_change()).for_each(|c| add(c));
        } else {
            steps.filter_map(|step| body.changes.get(step.change? as usize)).for_each(add);
        }
        let [reversible, lossy, irreversible] = classes;
        let total = reversible + lossy + irreversible;
        if total == 0 {
            return;
        }
        self.put("Rollback: ");
        if reversible == total {
            self.put(if total == 1 { "the one step is" } else { "all " });
            if total > 1 {
                self.show(total).put(" steps are");
            }
            self.put(" reversible.").line();
            return;
        }
        self.show(reversible).put(" of ").count(total, "step", "steps").put(" reversible");
        let rest = [
            (ReversibilityClass::Lossy, lossy, Style::Yellow),
            (ReversibilityClass::Irreversible, irreversible, Style::Red),
        ];
        for (class, number, style) in rest.into_iter().filter(|(_, number, _)| *number > 0) {
            self.put(", ").styled(style, |p| {
                p.show(number).put(match class {
                    ReversibilityClass::Lossy => " lossy",
                    _ => " irreversible",
                });
            });
        }
        self.put(".").line();
    }

    fn protected(&mut self, body: &PlanBody, shown: &[&Change]) {
        for (name, _) in body.environments.iter().filter(|(_, e)| e.protect) {
            let destroys = |c: &&Change| c.action.destroys() && c.address.environment == *name;
            if shown.iter().any(destroys) {
                self.put("Environment ").show(name).put(" is protected, and objects in it are ");
                self.put("destroyed or replaced: this needs --approve ").show(name);
                self.put(".").line();
            }
        }
    }

    /// What a targeted plan does not look at.
    pub(super) fn left_out(&mut self, body: &PlanBody) {
        let Some(left_out) = &body.left_out else { return };
        self.line();
        self.styled(Style::Yellow, |p| {
            p.put("This plan is partial");
        });
        if left_out.is_empty() {
            self.put(", though nothing was left out.").line();
            return;
        }
        let number = left_out.len();
        self.put(": it leaves out ");
        self.count(number, "object", "objects").put(": ");
        for (at, address) in left_out.iter().take(LEFT_OUT_NAMES).enumerate() {
            self.put(if at > 0 { ", " } else { "" }).show(address);
        }
        if number > LEFT_OUT_NAMES {
            self.put(" and ").show(number - LEFT_OUT_NAMES).put(" more");
        }
        self.put(".").line();
    }
}
