//! The one type that several types convert to: for conditionals, lists and maps.
//!
//! The order of preference is Terraform's: a type among the given ones to which all others convert without
//! loss; for objects and tuples, attribute by attribute; objects with different attributes become a map,
//! tuples of different lengths a list, where all their parts unify.

use std::sync::Arc;

use super::Type;

/// The type to which values of all the `types` convert, or `None` where there is no such type.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let count = |is: fn(&Type) -> bool| types.iter().filter(|ty| is(ty)).count();
    let dynamic = count(|ty| *ty == Type::Dynamic);
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let all = types.len();
    if objects > 0 && tuples > 0 {
        return None;
    }
    let of_one_kind = [lists, sets, maps, tuples, objects].iter().any(|kind| kind + dynamic == all);
    if of_one_kind && dynamic > 0 && dynamic < all {
        return Some(Type::Dynamic);
    }
    if lists == all || (lists > 0 && lists + tuples + dynamic == all) {
        return elements(types).map(Type::list).or_else(|| by_preference(types));
    }
    if maps == all || (maps > 0 && maps + objects + dynamic == all) {
        return elements(types).map(Type::map).or_else(|| by_preference(types));
    }
    if sets == all {
        return elements(types).map(Type::set);
    }
    if objects == all {
        return unify_objects(types);
    }
    if tuples == all {
        return unify_tuples(types);
    }
    by_preference(types)
}

/// What all elements of all the types unify to.
fn elements(types: &[Type]) -> Option<Type> {
    let mut parts: Vec<Type> = Vec::new();
    for ty in types {
        match ty {
            Type::List(t) | Type::Set(t) | Type::Map(t) => parts.push((**t).clone()),
            Type::Tuple(items) => parts.extend(items.iter().cloned()),
            Type::Object(object) => parts.extend(object.attributes.values().cloned()),
            other => parts.push(other.clone()),
        }
    }
    parts.dedup();
    unify(&parts)
}

fn unify_objects(types: &[Type]) -> Option<Type> {
    let objects: Vec<_> = types
        .iter()
        .filter_map(|ty| if let Type::Object(object) = ty { Some(object) } else { None })
        .collect();
    let (first, rest) = objects.split_first()?;
    let same_names = |other: &&Arc<super::ObjectType>| {
        other.attributes.len() == first.attributes.len()
            && other.attributes.keys().eq(first.attributes.keys())
    };
    if !rest.iter().all(same_names) {
        return elements(types).map(Type::map);
    }
    let attribute = |name: &Arc<str>| {
        let column: Vec<Type> = objects.iter().map(|o| o.attributes[name].clone()).collect();
        unify(&column).map(|ty| (name.clone(), ty))
    };
    first.attributes.keys().map(attribute).collect::<Option<Vec<_>>>().map(Type::object)
}

fn unify_tuples(types: &[Type]) -> Option<Type> {
    let tuples: Vec<&Arc<[Type]>> = types
        .iter()
        .filter_map(|ty| if let Type::Tuple(items) = ty { Some(items) } else { None })
        .collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|items| items.len() != length) {
        return elements(types).map(Type::list);
    }
    let position = |at: usize| {
        let column: Vec<Type> = tuples.iter().map(|items| items[at].clone()).collect();
        unify(&column)
    };
    (0..length).map(position).collect::<Option<Arc<[Type]>>>().map(Type::Tuple)
}

/// The first of the types, the most general ones first, to which all the others convert safely.
fn by_preference(types: &[Type]) -> Option<Type> {
    let mut order: Vec<&Type> = types.iter().collect();
    order.sort_by_key(|ty| match ty {
        Type::String | Type::List(_) | Type::Map(_) => 0,
        Type::Dynamic => 3,
        Type::Tuple(_) | Type::Object(_) => 2,
        _ => 1,
    });
    order.into_iter().find(|wanted| types.iter().all(|ty| ty.converts_safely_to(wanted))).cloned()
}
