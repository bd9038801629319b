//! States and the objects in them, as `show` and `state show` print them.

use std::sync::Arc;

use mpctl_provider::Value;

use super::outputs;
use super::paint::{Painter, Style, Symbol};
use super::text;
use super::value::{SENSITIVE, key_width};
use crate::address::{Address, LocalAddress, Subject};
use crate::render::{Options, Schemas, identity};
use crate::state::{Record, ResourceRecord, State, Status};

/// Everything in the state of one environment.
pub fn state(
    environment: &Arc<str>,
    state: &State,
    schemas: &Schemas<'_>,
    options: &Options,
) -> String {
    let mut out = String::new();
    let mut values = Vec::new();
    for (local, record) in &state.records {
        match record {
            Record::Resource(record) => {
                if !out.is_empty() {
                    out.push('\n');
                }
                resource(&mut out, &local.within(environment), record, schemas, options);
            }
            Record::Output(output) => values.push((local.subject.name(), &output.value)),
        }
    }
    if !values.is_empty() {
        out.push_str(if out.is_empty() { "Outputs:\n\n" } else { "\nOutputs:\n\n" });
        out.push_str(&outputs::outputs(values, options));
    }
    if out.is_empty() {
        out.push_str("The state is empty: no object is recorded.\n");
    }
    out
}

/// One record, as `state show ADDRESS` prints it.
pub fn state_record(
    environment: &Arc<str>,
    local: &LocalAddress,
    record: &Record,
    schemas: &Schemas<'_>,
    options: &Options,
) -> String {
    let mut out = String::new();
    match record {
        Record::Resource(record) => {
            resource(&mut out, &local.within(environment), record, schemas, options);
        }
        Record::Output(output) => {
            let one = [(local.subject.name(), &output.value)];
            out.push_str(&outputs::outputs(one, options));
        }
    }
    out
}

fn resource(
    out: &mut String,
    address: &Address,
    record: &ResourceRecord,
    schemas: &Schemas<'_>,
    options: &Options,
) {
    let mut painter = Painter::new(out, options);
    if let Some(object) = &record.object {
        let note = match record.status {
            Status::Ready => "",
            Status::Tainted => " (tainted: its creation failed half way)",
        };
        painter.object(address, record, &object.value, note, schemas);
    }
    for (at, deposed) in record.deposed.iter().enumerate() {
        if at > 0 || record.object.is_some() {
            painter.line();
        }
        let note = format!(" (deposed object {})", deposed.key);
        painter.object(address, record, &deposed.object.value, &note, schemas);
    }
}

impl Painter<'_> {
    fn object(
        &mut self,
        address: &Address,
        record: &ResourceRecord,
        value: &Value,
        note: &str,
        schemas: &Schemas<'_>,
    ) {
        self.styled(Style::Bold, |p| {
            p.put("# ").show(address).foreign(note).put(":");
        });
        let data = matches!(address.local.subject, Subject::Data(_));
        self.line().put(if data { "data " } else { "resource " });
        text::quoted(self.text(), &record.resource_type);
        self.put(" ");
        text::quoted(self.text(), address.local.subject.name());
        self.put(" {").line();
        let schema = schemas.get(record.resource_type.as_ref()).copied();
        let entries = || value.as_entries().into_iter().flat_map(|e| e.iter());
        let there = || entries().filter(|(_, value)| !value.is_null());
        let width = there().map(|(key, _)| key_width(key, false)).max().unwrap_or(0);
        for (key, value) in there() {
            self.pad(4).key(key, false, width);
            if identity::is_secret(key, schema) && !self.reveal {
                self.put(SENSITIVE);
            } else {
                self.whole(value, Symbol::Keep, 2);
            }
            self.line();
        }
        self.put("}").line();
    }
}
