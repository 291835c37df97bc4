//! The only crate that starts a process: policy, limits, overlay view.
