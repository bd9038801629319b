//! How things are called: scopes, projects, operations, plans, nonces.
//!
//! Names are kept as they were given: no case folding, no normalisation. They are never empty, hold
//! no NUL (PostgreSQL's text cannot) and have at most [`LONGEST_NAME`] bytes, so that every store
//! can keep every name.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};

/// The longest name or record key, in bytes.
pub const LONGEST_NAME: usize = 1024;

/// Checks a name or record key: not empty, no NUL, at most [`LONGEST_NAME`] bytes.
///
/// # Errors
/// [`StoreError::InvalidName`], saying which and why.
pub fn check_name(what: &'static str, name: &str) -> Result<()> {
    let why = if name.is_empty() {
        "is empty"
    } else if name.contains('\0') {
        "holds a NUL character"
    } else if name.len() > LONGEST_NAME {
        "is longer than 1024 bytes"
    } else {
        return Ok(());
    };
    Err(StoreError::InvalidName { what, name: name.chars().take(80).collect(), why })
}

/// A project of a tenant: what an identity is written for at first use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProjectKey {
    /// The tenant; `default` on the command line.
    pub tenant: Arc<str>,
    /// The project's name.
    pub project: Arc<str>,
}

impl ProjectKey {
    /// Names a project.
    ///
    /// # Errors
    /// [`StoreError::InvalidName`] where a store could not keep a part of it.
    pub fn new(tenant: &str, project: &str) -> Result<Self> {
        check_name("tenant", tenant)?;
        check_name("project", project)?;
        Ok(Self { tenant: tenant.into(), project: project.into() })
    }

    /// One of its environments.
    ///
    /// # Errors
    /// [`StoreError::InvalidName`] where a store could not keep the name.
    pub fn environment(&self, environment: &str) -> Result<Scope> {
        Scope::new(&self.tenant, &self.project, environment)
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.project)
    }
}

/// What everything in a store is keyed by. Ordered by tenant, project, environment: the order in
/// which leases and operation numbers are taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The tenant; `default` on the command line.
    pub tenant: Arc<str>,
    /// The project's name.
    pub project: Arc<str>,
    /// The environment's name.
    pub environment: Arc<str>,
}

impl Scope {
    /// Names an environment of a project.
    ///
    /// # Errors
    /// [`StoreError::InvalidName`] where a store could not keep a part of it.
    pub fn new(tenant: &str, project: &str, environment: &str) -> Result<Self> {
        check_name("tenant", tenant)?;
        check_name("project", project)?;
        check_name("environment", environment)?;
        Ok(Self { tenant: tenant.into(), project: project.into(), environment: environment.into() })
    }

    /// The project it belongs to.
    #[must_use]
    pub fn project_key(&self) -> ProjectKey {
        ProjectKey { tenant: self.tenant.clone(), project: self.project.clone() }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.tenant, self.project, self.environment)
    }
}

macro_rules! identifier {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id that the caller made.
            #[must_use]
            pub fn new(id: impl Into<Arc<str>>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// The identity of an operation: a UUID that the caller made.
    OperationId
}

identifier! {
    /// The identity of a plan. Opening an operation uses it up, once and for all.
    PlanId
}

/// A random number that marks a write as its writer's own. After a write of unknown outcome, the
/// nonce that is found decides whether the entry is one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Takes 16 random bytes; a UUID of version 4 will do.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A nonce from a stored slice; `None` where it has another length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_sort_by_tenant_then_project_then_environment() -> Result<()> {
        let mut scopes = [
            Scope::new("default", "shop", "prod")?,
            Scope::new("default", "blog", "staging")?,
            Scope::new("default", "blog", "dev")?,
        ];
        scopes.sort();
        let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["default/blog/dev", "default/blog/staging", "default/shop/prod"]);
        Ok(())
    }

    #[test]
    fn a_name_that_some_store_could_not_keep_is_refused() {
        assert!(Scope::new("default", "", "dev").is_err());
        assert!(Scope::new("default", "shop", "de\0v").is_err());
        assert!(Scope::new("default", "shop", &"x".repeat(LONGEST_NAME + 1)).is_err());
        assert!(Scope::new("default", "shop", "prod — Zürich/👩‍🚀 'quoted\"").is_ok());
    }
}
