//! The one type that several types convert to: for conditionals, lists and maps.

use super::Type;

/// The type to which values of all the `types` convert, or `None` where there is no such type.
pub fn unify(types: &[Type]) -> Option<Type> {
    let first = types.first()?;
    types.iter().all(|ty| ty == first).then(|| first.clone())
}
