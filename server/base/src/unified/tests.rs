//! Tests of `unified`.
