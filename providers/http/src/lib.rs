//! The http provider: reads a URL as data
