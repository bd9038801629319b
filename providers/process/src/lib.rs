//! The process provider: supervised local processes, and the runtime that lowers workloads to them
