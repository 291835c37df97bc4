//! What holds of the documents of a part, in blocks: a copy in which one document changed shares all other blocks.

use std::sync::Arc;

use crate::part::DocState;

/// Documents that are copied for a change of one of them.
const BLOCK: usize = 512;

/// One state for each document.
#[derive(Clone, Debug)]
pub(crate) struct States {
    /// Invariant: each but the last has [`BLOCK`] states, and none is empty.
    blocks: Vec<Arc<[DocState]>>,
    /// A bit for each document that is alive: searches ask for each place of each word, and find all bits in the cache.
    alive: Vec<u64>,
}

impl States {
    pub(crate) fn new(states: &[DocState]) -> States {
        let bits = |some: &[DocState]| {
            let bit = |(at, state): (usize, &DocState)| u64::from(state.is_alive) << at;
            some.iter().enumerate().map(bit).sum()
        };
        States {
            blocks: states.chunks(BLOCK).map(Arc::from).collect(),
            alive: states.chunks(64).map(bits).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        let last = self.blocks.last().map_or(0, |block| block.len());
        self.blocks.len().saturating_sub(1) * BLOCK + last
    }

    #[inline]
    pub(crate) fn get(&self, doc: u32) -> Option<&DocState> {
        self.blocks.get(doc as usize / BLOCK)?.get(doc as usize % BLOCK)
    }

    #[inline]
    pub(crate) fn is_alive(&self, doc: u32) -> bool {
        self.alive.get(doc as usize / 64).is_some_and(|bits| bits >> (doc % 64) & 1 == 1)
    }

    /// In the order of the documents.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &DocState> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// Returns what held before; `None` if there is no such document.
    pub(crate) fn replace(&mut self, doc: u32, state: DocState) -> Option<DocState> {
        let block = Arc::make_mut(self.blocks.get_mut(doc as usize / BLOCK)?);
        let before = std::mem::replace(block.get_mut(doc as usize % BLOCK)?, state);
        let bits = self.alive.get_mut(doc as usize / 64)?;
        *bits = *bits & !(1 << (doc % 64)) | u64::from(state.is_alive) << (doc % 64);
        Some(before)
    }
}

#[cfg(test)]
mod tests;
