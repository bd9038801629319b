//! What every schema must be like.

use super::{DataScenario, Scenario, Subject, Verdict};
use crate::schema::{Attribute, BlockSchema, Presence};
use crate::value::Type;

/// Names, presences, defaults and replacements fit together.
pub(super) async fn schema_makes_sense(subject: &Subject, _scenario: &Scenario) -> Verdict {
    makes_sense(subject)
}

/// The same, for whoever offers data alone.
pub(super) async fn data_makes_sense(subject: &Subject, _scenario: &DataScenario) -> Verdict {
    makes_sense(subject)
}

fn makes_sense(subject: &Subject) -> Verdict {
    let schema = subject.provider().schema();
    let types = schema.resources.keys().chain(schema.data_sources.keys());
    for name in types {
        let own = name.strip_prefix(schema.name.as_ref()).is_some_and(|rest| rest.starts_with('_'));
        // A data source may have the name of the provider itself, as `http` has.
        if !own && name != &schema.name {
            return Err(format!("{name} does not begin with {}_", schema.name));
        }
    }
    block("the provider's configuration", &schema.configuration)?;
    for (name, resource) in &schema.resources {
        block(name, &resource.block)?;
    }
    for (name, data) in &schema.data_sources {
        block(name, data)?;
        if let Some(name) = data.attributes.iter().find(|(_, a)| a.replace_on_change) {
            return Err(format!("{} replaces, in a data source", name.0));
        }
    }
    Ok(())
}

fn block(of: &str, block: &BlockSchema) -> Verdict {
    for (name, schema) in &block.attributes {
        attribute(schema).map_err(|what| format!("{of}.{name} {what}"))?;
        snake_case(name)?;
    }
    for (name, nested) in &block.blocks {
        snake_case(name)?;
        if nested.max_items.is_some_and(|max| max < nested.min_items) {
            return Err(format!("{of}.{name} allows fewer than it demands"));
        }
        if block.attributes.contains_key(name) {
            return Err(format!("{of}.{name} is both an attribute and a block"));
        }
        self::block(&format!("{of}.{name}"), &nested.block)?;
    }
    Ok(())
}

fn attribute(attribute: &Attribute) -> Result<(), &'static str> {
    let given = attribute.presence != Presence::Computed;
    if attribute.description.trim().is_empty() {
        return Err("has no description");
    }
    if attribute.replace_on_change && !given {
        return Err("replaces when it changes, but nobody can change it");
    }
    if attribute.write_only && !given {
        return Err("is only written, but nobody can write it");
    }
    if attribute.gives.is_some() && !given {
        return Err("gives an ability, but nobody can set it");
    }
    match &attribute.default {
        Some(_) if matches!(attribute.presence, Presence::Required | Presence::Computed) => {
            Err("has a default that can never stand")
        }
        Some(default)
            if attribute.ty != Type::Dynamic && default.convert(&attribute.ty).is_err() =>
        {
            Err("has a default of another type")
        }
        _ => Ok(()),
    }
}

fn snake_case(name: &str) -> Verdict {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !name.starts_with(|c: char| c.is_ascii_digit()) {
        Ok(())
    } else {
        Err(format!("{name} is not in snake_case"))
    }
}
