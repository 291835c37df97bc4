//! Tests of `edit`.
