//! The provider contract: values, schemas and the trait that every provider implements
