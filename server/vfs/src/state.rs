//! All that a snapshot is made of, as it changes.
//!
//! It does no IO and takes no lock; `vfs` holds it under one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use base::{RelPath, Text};

use crate::buffer::OpenFile;
use crate::error::SkipReason;
use crate::listing::{Found, Listing};
use crate::reader::Sniffed;
use crate::snapshot::{FileMeta, Revision};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) revision: Revision,
    pub(crate) listing: Listing,
    /// Open buffers: entered by `open_buffer`, gone with `close_buffer`.
    pub(crate) buffers: Arc<BTreeMap<RelPath, Arc<OpenFile>>>,
    /// Listed files that are known not to be text, in the state in which they were read.
    known: HashMap<RelPath, Sniffed>,
}

impl State {
    pub(crate) fn put_buffer(&mut self, path: RelPath, version: i32, text: Text) {
        let modified_ns = self.listing.get(&path).map_or(0, |file| file.modified_ns);
        let meta = FileMeta { path: path.clone(), len: 0, modified_ns, buffer_version: None };
        let open = Arc::new(OpenFile::new(meta, version, text));
        Arc::make_mut(&mut self.buffers).insert(path, open);
    }

    pub(crate) fn take_in(&mut self, scope: &[String], found: Found) -> bool {
        if scope.iter().any(String::is_empty) {
            let here: BTreeSet<&RelPath> = found.files.iter().map(|file| &file.path).collect();
            self.known.retain(|path, _| here.contains(path));
        }
        let mut skipped = found.skipped;
        let mut files = found.files;
        files.retain(|file| match self.known.get(&file.path) {
            Some(known) if known.fits(file) => {
                skipped.push(known.skipped(&file.path));
                false
            }
            _ => true,
        });
        self.listing.replace(scope, files, skipped)
    }

    /// Moves listed files that are not text to those left out. Nothing on disk changed, so this is no new revision.
    pub(crate) fn leave_out(&mut self, sniffed: Vec<(RelPath, Sniffed)>) {
        if sniffed.is_empty() {
            return;
        }
        let mut scope = BTreeSet::new();
        let mut skipped = vec![];
        for (path, sniffed) in sniffed {
            let listed = self.listing.get(&path);
            if listed.is_some_and(|file| sniffed.fits(file))
                && scope.insert(path.as_str().to_owned())
            {
                skipped.push(sniffed.skipped(&path));
                // A file may become readable without a change to its content: that is not remembered past the next scan.
                if !matches!(sniffed.reason, SkipReason::Unreadable(_)) {
                    self.known.insert(path, sniffed);
                }
            }
        }
        let scope: Vec<String> = scope.into_iter().collect();
        self.listing.replace(&scope, vec![], skipped);
    }
}
