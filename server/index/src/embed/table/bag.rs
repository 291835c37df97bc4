//! Counts tokens: how often each occurs, and what that is worth.
//! It does not know what a token is.

/// More different tokens than all fields of a chunk, or a query, can have.
const SLOTS: usize = 4096;

/// Tokens with their counts, in the order of their first occurrence.
pub(super) struct Bag {
    /// 0, or a position in `counts` plus one; a token is in the first free slot from its own on.
    slots: Box<[u16; SLOTS]>,
    counts: Vec<(u32, f32)>,
}

impl Default for Bag {
    fn default() -> Bag {
        Bag { slots: Box::new([0; SLOTS]), counts: Vec::with_capacity(256) }
    }
}

impl Bag {
    /// Counts an occurrence of `token` as `weight`. A new token in a bag that is half full is not counted: limits on
    /// texts are such that it never is.
    pub(super) fn add(&mut self, token: u32, weight: f32) {
        let mut slot = (token.wrapping_mul(0x9e37_79b1) >> 20) as usize;
        while let Some(at) = self.slots[slot].checked_sub(1) {
            let (known, count) = &mut self.counts[usize::from(at)];
            if *known == token {
                *count += weight;
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
        if self.counts.len() < SLOTS / 2 {
            self.counts.push((token, weight));
            self.slots[slot] = self.counts.len() as u16;
        }
    }

    /// Each token with its weight, which grows slower than its count: the tenth occurrence says little.
    pub(super) fn weights(&self) -> impl Iterator<Item = (u32, f32)> {
        self.counts.iter().map(|(token, count)| (*token, damped(*count)))
    }
}

fn damped(count: f32) -> f32 {
    if count <= 1.0 { count } else { 1.0 + count.ln() }
}
