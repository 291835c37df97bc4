//! Numbers that look like chance and are the same each time. They are of no use for secrets.

/// Chance in other shapes than a test needs.
pub(crate) struct Random(fixture::Random);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(fixture::Random::new(seed))
    }

    /// 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of them; there is one at least.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// 0 to `n` - 1, each number as often as its place among them says: the second half as often as the first.
    ///
    /// Source: Zipf's law with exponent 1, by the inverse of its sum, which is close to a logarithm.
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        let rank = (self.unit() * ((n + 1) as f64).ln()).exp() as usize;
        rank.saturating_sub(1).min(n - 1)
    }

    /// Most numbers are near `median`, few are many times as large.
    ///
    /// Source: a log-normal distribution; the sum of twelve is close enough to a normal one.
    pub(crate) fn skewed(&mut self, median: f64, spread: f64) -> usize {
        let normal: f64 = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        (median * (spread * normal).exp()).round() as usize
    }
}
