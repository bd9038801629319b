//! The store contract: heads, records, operations with their journal, and leases
