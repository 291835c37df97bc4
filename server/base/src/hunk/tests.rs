//! Tests of `hunk`.
