//! Whether the model behind an embedder's name is still the one that the vectors were made with: a few texts are embedded
//! once more, and compared with what they were. It asks nobody; `fill` does.
//!
//! The file, little-endian: `BTNPRB1\0`, u64 checksum of the embedder's id, u64 era, u32 numbers of a vector, the vectors
//! of [`TEXTS`] as f32, u64 checksum of all that.

use crate::checksum::checksum;
use crate::embed::Text;

const MAGIC: &[u8; 8] = b"BTNPRB1\0";

/// The same model on another machine, or with its numbers rounded in another way, is nearer to itself than this; another
/// version of a model is further away.
const SAME: f32 = 0.99;

/// Never changed: they stand for all texts. A definition, prose, and data.
pub(super) const TEXTS: [Text<'static>; 3] = [
    Text::Chunk {
        path: "src/clock.py",
        qualified: "Clock.parse_time",
        signature: "def parse_time(self, text)",
        doc: "Reads a time of day.",
        body: "def parse_time(self, text):\n    hours, minutes = text.split(':')\n    return 60 * int(hours) + int(minutes)\n",
    },
    Text::Chunk {
        path: "docs/install.md",
        qualified: "",
        signature: "",
        doc: "",
        body: "# Install\n\nDownload the archive, unpack it, and put the folder on the path of your shell.\n",
    },
    Text::Chunk {
        path: "config/server.toml",
        qualified: "",
        signature: "",
        doc: "",
        body: "[server]\nport = 8080\nworkers = 4\nlog = \"warn\"\n",
    },
];

/// What [`TEXTS`] were, and how often the model has become another since the index was begun.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Probe {
    pub(crate) era: u64,
    /// One after the other; empty while nobody was asked.
    pub(crate) vectors: Vec<f32>,
}

impl Probe {
    /// The bytes of the file.
    pub(crate) fn write(&self, embedder: &str) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(checksum(embedder.as_bytes()).to_le_bytes());
        out.extend(self.era.to_le_bytes());
        out.extend((self.vectors.len() as u32).to_le_bytes());
        self.vectors.iter().for_each(|number| out.extend(number.to_le_bytes()));
        let sum = checksum(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// `None` if the bytes are not a whole file, or that of another embedder.
    pub(crate) fn read(bytes: &[u8], embedder: &str) -> Option<Probe> {
        let (bytes, sum) = bytes.split_last_chunk::<8>()?;
        if checksum(bytes) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (id, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
        let (era, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (numbers, rest) = rest.as_chunks::<4>();
        let is_whole = rest.is_empty() && numbers.len() == u32::from_le_bytes(*count) as usize;
        let vectors = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        (is_whole && u64::from_le_bytes(*id) == checksum(embedder.as_bytes()))
            .then_some(Probe { era: u64::from_le_bytes(*era), vectors })
    }

    /// What the embedder is known as in the recipe of its segments; 0 is no embedder.
    pub(crate) fn mark(&self, embedder: &str) -> u64 {
        let id = match self.era {
            0 => embedder.to_owned(),
            era => format!("{embedder}\0{era}"),
        };
        checksum(id.as_bytes()) | 1
    }

    /// Whether the same model can have made these vectors.
    pub(super) fn is_same(&self, now: &[f32]) -> bool {
        if self.vectors.len() != now.len() {
            return false;
        }
        let dim = (now.len() / TEXTS.len()).max(1);
        self.vectors.chunks(dim).zip(now.chunks(dim)).all(|(then, now)| cosine(then, now) >= SAME)
    }
}

/// 1 for two vectors without a direction.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    match norms {
        0.0 if dot(a, a) == dot(b, b) => 1.0,
        0.0 => 0.0,
        norms => dot(a, b) / norms,
    }
}

#[cfg(test)]
mod tests;
