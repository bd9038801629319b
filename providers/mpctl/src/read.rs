//! What an `mpctl_data` is: what the state says.

use mpctl_provider::contract::{Object, ReadRequest};
use mpctl_provider::fault::Fault;

/// The recorded object.
pub(crate) fn read(request: ReadRequest) -> Result<Option<Object>, Fault> {
    if request.resource_type.as_ref() != crate::schema::DATA {
        return Err(crate::unknown_type(&request.resource_type));
    }
    Ok(Some(request.object))
}
