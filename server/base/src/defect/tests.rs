//! Tests of `defect`.
