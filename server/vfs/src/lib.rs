//! Unsaved buffers over disk: revisions, snapshots, watching, ignore rules.
