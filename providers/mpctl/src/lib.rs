//! The mpctl provider: mpctl_data
