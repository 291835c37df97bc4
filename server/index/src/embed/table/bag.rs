//! Counts tokens: how often each occurs, and what that is worth.
//! It does not know what a token is.

/// More different tokens than all fields of a chunk, or a query, can have.
const SLOTS: usize = 4096;

/// Up to so many tokens are found by looking through all: a path or a short question has no more.
const FEW: usize = 24;

/// Tokens with their counts, in the order of their first occurrence.
#[derive(Default)]
pub(super) struct Bag {
    /// `None` for few tokens. 0, or a position in `counts` plus one; a token is in the first free slot from its own on.
    slots: Option<Box<[u16; SLOTS]>>,
    counts: Vec<(u32, f32)>,
}

impl Bag {
    /// Counts an occurrence of `token` as `weight`. A new token in a bag that is half full is not counted: limits on
    /// texts are such that it never is.
    pub(super) fn add(&mut self, token: u32, weight: f32) {
        let Some(slots) = &mut self.slots else {
            return self.add_to_few(token, weight);
        };
        let mut slot = first_slot(token);
        while let Some(at) = slots[slot].checked_sub(1) {
            let (known, count) = &mut self.counts[usize::from(at)];
            if *known == token {
                *count += weight;
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
        if self.counts.len() < SLOTS / 2 {
            self.counts.push((token, weight));
            slots[slot] = self.counts.len() as u16;
        }
    }

    fn add_to_few(&mut self, token: u32, weight: f32) {
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| *known == token) {
            *count += weight;
            return;
        }
        self.counts.push((token, weight));
        if FEW < self.counts.len() {
            let mut slots = Box::new([0; SLOTS]);
            for (at, (token, _)) in (1..).zip(&self.counts) {
                let mut slot = first_slot(*token);
                while slots[slot] != 0 {
                    slot = (slot + 1) % SLOTS;
                }
                slots[slot] = at;
            }
            self.slots = Some(slots);
            self.counts.reserve(256);
        }
    }

    /// Each token with its weight, which grows slower than its count: the tenth occurrence says little.
    pub(super) fn weights(&self) -> impl Iterator<Item = (u32, f32)> {
        self.counts.iter().map(|(token, count)| (*token, damped(*count)))
    }
}

fn first_slot(token: u32) -> usize {
    (token.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

fn damped(count: f32) -> f32 {
    if count <= 1.0 { count } else { 1.0 + count.ln() }
}
