//! A vector server as the index sees it: what it is given, what it is asked, and how it can fail.
//! No protocol is here, and no socket: the crate that speaks to a server implements [`Server`].

use std::fmt;

use base::ContentHash;

/// Keeps vectors and words of the files of many workspaces, and finds the nearest. Calls block for as long as the
/// server takes, and end by themselves where it hangs.
pub trait Server: Send + Sync {
    /// Where it is, for messages: without user, key or query.
    fn address(&self) -> &str;

    /// Makes what the server needs to keep vectors of `dim` numbers, and checks it where it is there already.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if what is there was made for other vectors.
    fn prepare(&self, dim: usize) -> Result<(), ServerError>;

    /// The files of a workspace that the server has, in no order.
    ///
    /// # Errors
    /// As [`ServerError`] says.
    fn files(&self, workspace: &str) -> Result<Vec<FileThere>, ServerError>;

    /// Takes files in with their units; one that is there is replaced. Requests are of bounded size. A file is
    /// [`FileThere::is_whole`] only when all of it is there.
    ///
    /// # Errors
    /// As [`ServerError`] says; some of the files may be there, and putting them again changes nothing.
    fn put(&self, workspace: &str, files: &[FilePoint]) -> Result<(), ServerError>;

    /// Removes files with their units; those that are not there count as removed.
    ///
    /// # Errors
    /// As [`ServerError`] says; some of the files may be gone.
    fn remove(&self, workspace: &str, files: &[PointId]) -> Result<(), ServerError>;

    /// The units with the greatest dot product, best first.
    ///
    /// # Errors
    /// As [`ServerError`] says.
    fn nearest(&self, question: &Question<'_>) -> Result<Vec<FoundUnit>, ServerError>;

    /// The files by their words and by the nearest of their units, joined by rank, best first: by the sum of
    /// `1 / (k + rank)` over both lists, ranks from 1.
    ///
    /// # Errors
    /// As [`ServerError`] says.
    fn fused(&self, question: &Question<'_>, by: &Fused<'_>) -> Result<Vec<PointId>, ServerError>;
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Only points of this workspace.
    pub workspace: &'a str,
    /// The query's vector.
    pub vector: &'a [f32],
    /// Only points for which this holds.
    pub conditions: Conditions,
    /// At most so many.
    pub limit: usize,
}

/// How words and meaning are joined.
#[derive(Clone, Copy, Debug)]
pub struct Fused<'a> {
    /// The query's words with their weights.
    pub words: &'a Sparse,
    /// Greater: the first places count less.
    pub k: u32,
    /// So many files have a rank by meaning.
    pub n_dense: usize,
    /// So many files have a rank by words.
    pub n_sparse: usize,
}

/// Which points count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// One of these holds of the path; no matter which if there is none.
    pub any: Vec<PathTest>,
    /// None of these holds of the path.
    pub none: Vec<PathTest>,
    /// In one of these languages, by id; in any if there is none.
    pub languages: Vec<String>,
    /// Only tests, or only what is none.
    pub is_test: Option<bool>,
    /// Not in these files.
    pub not_in: Vec<PointId>,
}

/// What can be asked of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathTest {
    /// It is this file, or lies in this folder.
    Under(String),
    /// A folder of it, or its file, has this name.
    Named(String),
    /// It ends with a dot and this.
    Ends(String),
}

/// A file as a server keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct FilePoint {
    /// From workspace, path and content: the same file again is the same point.
    pub id: PointId,
    /// With `/` between folders.
    pub path: String,
    /// The id of its language, if it has one.
    pub language: Option<String>,
    /// It is there to test other code.
    pub is_test: bool,
    /// What its words are worth, by BM25 without the part that says how rare they are.
    pub words: Sparse,
    /// Its definitions and windows.
    pub units: Vec<UnitPoint>,
}

/// A definition or a window as a server keeps it. Its text stays here.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitPoint {
    /// From its file's id and its number.
    pub id: PointId,
    /// Its number in the file.
    pub unit: u32,
    /// Its name with those around it.
    pub name: String,
    /// First and last line, from 1.
    pub lines: (u32, u32),
    /// It is a test, or lies among tests.
    pub is_test: bool,
    /// `None` if nothing in it is known to the embedder.
    pub vector: Option<Vec<f32>>,
    /// As those of the file, of its own text alone.
    pub words: Sparse,
}

/// Words as numbers, each once, ascending, with what they are worth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse {
    /// Which words.
    pub words: Vec<u32>,
    /// As many numbers.
    pub values: Vec<f32>,
}

/// A file that a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileThere {
    /// Which file.
    pub id: PointId,
    /// All its units are there; `false` if somebody was interrupted.
    pub is_whole: bool,
}

/// A unit that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundUnit {
    /// Its file.
    pub file: PointId,
    /// Its number in the file.
    pub unit: u32,
    /// Greater is nearer.
    pub score: f32,
}

/// The name of a point: 128 bits of a hash, written as a UUID of version 8.
///
/// Source: RFC 9562, section 5.8.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointId(u128);

impl PointId {
    /// The name of what these parts say together.
    pub(crate) fn of(parts: &[&[u8]]) -> PointId {
        let mut all = Vec::new();
        for part in parts {
            // With its length in front, so that no two lists of parts are the same bytes.
            all.extend_from_slice(&(part.len() as u64).to_le_bytes());
            all.extend_from_slice(part);
        }
        let hash = ContentHash::of(&all);
        let bytes = hash.as_bytes().first_chunk::<16>().expect("a hash has 32 bytes");
        let bits = u128::from_be_bytes(*bytes);
        let version = 8 << 76;
        let variant = 2 << 62;
        PointId(bits & !(0xf << 76) & !(3 << 62) | version | variant)
    }

    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// An id as it is written out; `None` if it is none.
    pub fn parse(text: &str) -> Option<PointId> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let is_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u128::from_str_radix(&digits, 16).ok())?.map(PointId)
    }
}

impl fmt::Display for PointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        f.write_str(&parts.join("-"))
    }
}

impl fmt::Debug for PointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PointId({self})")
    }
}

/// Why a server did not do what it was asked. No message holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// It may work later.
    #[error("{address} is away: {reason}; see that the server runs and can be reached")]
    Away {
        /// Where.
        address: String,
        /// What was tried, and what happened.
        reason: String,
    },
    /// It will not work as things are set up; the user has to do something.
    #[error("{address} cannot be used: {reason}")]
    Refused {
        /// Where.
        address: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// What was prepared is not there any more: prepare it and put everything again.
    #[error("{address} has lost its collections: {reason}")]
    Lost {
        /// Where.
        address: String,
        /// What the server said.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
