//! The local provider: files and directories
