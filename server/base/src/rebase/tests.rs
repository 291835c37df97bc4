//! Tests of `rebase`.
