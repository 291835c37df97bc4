//! Values shared by every crate: paths, ranges, text, edits, patches, hunks, evidence; no IO.
