//! The exec provider: resources managed by commands
