//! One change, or several that are shown as one: what happens, why, what it costs, and the attributes.

use std::borrow::Cow;

use mpctl_provider::Value;

use super::fold::{Group, without_id};
use super::{Context, cause, symbol_of};
use crate::address::{Key, Subject};
use crate::plan::{Action, Change, Mode, Reason, ReversibilityClass};
use crate::render::human::diff::{Forces, Level};
use crate::render::human::paint::{Painter, Style, Symbol};
use crate::render::human::text;

/// However narrow the terminal, so much of a cause is shown.
const SHORTEST_CAUSE: usize = 20;
/// How many addresses a folded change names.
const FIRST_ADDRESSES: usize = 3;

impl Painter<'_> {
    /// The change with everything that is to be said of it.
    pub(super) fn change_of(&mut self, context: &Context<'_>, group: &Group<'_>) {
        let change = group.first();
        self.heading(group);
        self.reason(context.body.mode, change, group.is_folded());
        let last = group.members.iter().map(|change| change.wave).max().unwrap_or(0);
        self.causes(change, (last, context.waves), context.options.why);
        for effect in &change.effects {
            self.put("  # ").foreign(effect).line();
        }
        self.reversibility(change, group.is_folded());
        self.block(context, group);
    }

    /// `# dev/resource.web will be created`
    fn heading(&mut self, group: &Group<'_>) {
        let change = group.first();
        let style = if change.action.destroys() { Style::Red } else { Style::Plain };
        self.put("  # ");
        if let (Action::NoOp, Some(previous)) = (change.action, &change.previous_address) {
            self.show(previous).put(" has moved to ");
            self.styled(Style::Bold, |p| p.addresses(group));
            self.line();
            return;
        }
        self.styled(Style::Bold, |p| p.addresses(group));
        self.put(" ");
        self.styled(style, |p| {
            p.put(verb(change));
        });
        self.line();
        if let Some(previous) = &change.previous_address {
            self.put("  # (moved from ").show(previous).put(")").line();
        }
    }

    /// The address, or how many there are with the first of them.
    fn addresses(&mut self, group: &Group<'_>) {
        let change = group.first();
        if group.is_folded() {
            self.show(group.members.len()).put(" × ").foreign(&change.resource_type).put(": ");
        }
        let mut before: Option<&Subject> = None;
        for (at, member) in group.members.iter().take(FIRST_ADDRESSES).enumerate() {
            self.put(if at > 0 { ", " } else { "" });
            let local = &member.address.local;
            if before == Some(&local.subject) && local.key != Key::None {
                self.show(&local.key);
            } else {
                self.show(&member.address);
            }
            before = Some(&local.subject);
        }
        if group.members.len() > FIRST_ADDRESSES {
            self.put(" and ").show(group.members.len() - FIRST_ADDRESSES).put(" more");
        }
        if let Some(key) = &change.deposed {
            self.put(" (deposed object ").foreign(key).put(")");
        }
    }

    fn reason(&mut self, mode: Mode, change: &Change, folded: bool) {
        let Some(reason) = change.reason else { return };
        if mode == Mode::Destroy && reason == Reason::DeleteBecauseDestroy {
            return;
        }
        let start = self.text().len();
        self.put("  # (");
        let written = self.reason_words(reason, change, folded);
        if written {
            self.put(")").line();
        } else {
            self.text().truncate(start);
        }
    }

    /// The reason in words; `false` where the heading or the attributes have said it.
    fn reason_words(&mut self, reason: Reason, change: &Change, folded: bool) -> bool {
        let local = &change.address.local;
        match reason {
            Reason::ReplaceBecauseCannotUpdate if !change.replace_paths.is_empty() => return false,
            Reason::ReplaceByRequest => return false,
            Reason::DeleteBecauseCountIndex if !folded => {
                self.put("because index ").show(&local.key).put(" is out of range for count");
            }
            Reason::DeleteBecauseEachKey if !folded => {
                self.put("because key ").show(&local.key).put(" is not in for_each any more");
            }
            Reason::DeleteBecauseNoResourceConfig if !folded => {
                self.put("because ").show(&local.subject).put(" is not declared any more");
            }
            Reason::DeleteBecauseNoEnvironment => {
                self.put("because environment ").show(&change.address.environment);
                self.put(" is not declared any more");
            }
            reason => {
                self.put(words(reason));
            }
        }
        true
    }

    /// Whether it can be undone, where that is not without loss.
    fn reversibility(&mut self, change: &Change, folded: bool) {
        let (word, style) = match change.reversibility.class {
            ReversibilityClass::Reversible => return,
            ReversibilityClass::Lossy => ("lossy to undo", Style::Yellow),
            ReversibilityClass::Irreversible => ("irreversible", Style::Red),
        };
        self.put("  # ");
        self.styled(style, |p| {
            p.put("! ").put(word);
        });
        for (at, lost) in change.reversibility.loses.iter().enumerate() {
            let lost = if folded { without_id(lost, change) } else { Cow::Borrowed(lost.as_str()) };
            self.put(if at == 0 { ": " } else { ", " }).foreign(&lost);
        }
        self.line();
    }

    /// `+ resource "type" "name" {`, the attributes, `}`.
    fn block(&mut self, context: &Context<'_>, group: &Group<'_>) {
        let change = group.first();
        let symbol = symbol_of(change.action);
        self.styled(symbol.style(), |p| {
            p.put(symbol.wide());
        });
        let kind = match &change.address.local.subject {
            Subject::Data(_) => "data",
            _ => "resource",
        };
        self.put(" ").put(kind).put(" ");
        text::quoted(self.text(), &change.resource_type);
        self.put(" ");
        text::quoted(self.text(), change.address.local.subject.name());
        self.put(" {").line();
        let before = change.before.as_ref().map(|object| &object.value);
        let after = change.after.as_ref();
        let (before, after) = match change.action {
            Action::Create | Action::Read => (None, after),
            Action::Delete => (before, None),
            Action::Forget => (before, before),
            Action::NoOp | Action::Update | Action::Replace(_) => (before, after),
        };
        let level = Level {
            map: false,
            schema: context.schemas.get(change.resource_type.as_ref()).copied(),
            folded: group.is_folded(),
        };
        let (old, new) = (before.and_then(Value::as_entries), after.and_then(Value::as_entries));
        self.entries(old, new, level, 6, &Forces::new(&change.replace_paths));
        self.put("    }").line();
    }

    /// `~ dev/resource.web  because … [irreversible]`
    pub(super) fn concise(&mut self, context: &Context<'_>, group: &Group<'_>) {
        let change = group.first();
        let symbol = symbol_of(change.action);
        let symbol = if symbol == Symbol::Keep { Symbol::Update } else { symbol };
        self.styled(symbol.style(), |p| {
            p.put(symbol.wide());
        });
        self.put(" ");
        self.addresses(group);
        if let Some(previous) = &change.previous_address {
            self.put(" (moved from ").show(previous).put(")");
        }
        let mark = match change.reversibility.class {
            ReversibilityClass::Reversible => "",
            ReversibilityClass::Lossy => "  [lossy]",
            ReversibilityClass::Irreversible => "  [irreversible]",
        };
        // Only the cause is cut: the address and the mark are what the line is for.
        let line_start = self.text().rfind('\n').map_or(0, |at| at + 1);
        let before = visible_width(&self.text()[line_start..]) + "  ".len();
        let room = context.options.width.saturating_sub(before + mark.len());
        if !change.cause.is_empty() {
            self.put("  ");
            cause::line_within(self.text(), change, room, SHORTEST_CAUSE);
        } else if let Some(reason) = change.reason
            && !(context.body.mode == Mode::Destroy && reason == Reason::DeleteBecauseDestroy)
        {
            self.put("  ");
            let start = self.text().len();
            self.put(words(reason));
            text::cut(self.text(), start, room.max(SHORTEST_CAUSE));
        }
        self.put(mark).line();
    }
}

/// Columns that a text takes, colours aside.
fn visible_width(text: &str) -> usize {
    let mut width = 0;
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => width += 1,
        }
    }
    width
}

/// What happens, after the address.
fn verb(change: &Change) -> &'static str {
    match (change.action, change.reason) {
        (Action::NoOp, _) => "stays as it is",
        (Action::Create, _) => "will be created",
        (Action::Read, _) => "will be read during apply",
        (Action::Update, _) => "will be updated in-place",
        (Action::Replace(_), Some(Reason::ReplaceBecauseTainted)) => {
            "is tainted, so must be replaced"
        }
        (Action::Replace(_), Some(Reason::ReplaceByRequest)) => "will be replaced, as requested",
        (Action::Replace(_), _) => "must be replaced",
        (Action::Delete, _) => "will be destroyed",
        (Action::Forget, _) => "will no longer be managed by mpctl, but will not be destroyed",
    }
}

/// The reason in words that hold for any address.
fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::ReplaceBecauseCannotUpdate => "an attribute changes that cannot change in place",
        Reason::ReplaceBecauseTainted => "its creation failed half way",
        Reason::ReplaceByRequest => "as requested",
        Reason::ReplaceByTriggers => "because something in its replace_triggered_by changes",
        Reason::DeleteBecauseNoResourceConfig => "because it is not declared any more",
        Reason::DeleteBecauseWrongRepetition => "because count or for_each was added or taken away",
        Reason::DeleteBecauseCountIndex => "because its index is out of range for count",
        Reason::DeleteBecauseEachKey => "because its key is not in for_each any more",
        Reason::DeleteBecauseDisabled => "because it is disabled or not in this environment",
        Reason::DeleteBecauseNoEnvironment => "because its environment is not declared any more",
        Reason::DeleteBecauseDestroy => "because everything is to be destroyed",
        Reason::DeleteBecauseDeposed => "because a replacement left it behind",
        Reason::ReadBecauseConfigUnknown => "its configuration is not known before apply",
        Reason::ReadBecauseDependencyPending => "something that it depends on changes in this plan",
        Reason::CreateBecauseGone => "it is gone, though mpctl did not destroy it",
        Reason::UpdateBecauseDrift => "it was changed outside of mpctl",
    }
}
