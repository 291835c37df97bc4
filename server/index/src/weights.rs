//! Every number of the ranking, in one place.
//! How they are combined is `search`'s part.

use crate::classify::Class;
use crate::document::Counts;
use crate::fusion::Fusion;
use crate::query::Wanted;
use crate::segment::postings::Sums;

/// How soon more of the same word stops to count.
///
/// Source: Robertson, Zaragoza 2009, the usual values of BM25.
pub(crate) const K1: f32 = 1.5;
/// How much a long text has to have more of a word.
pub(crate) const B: f32 = 0.75;

/// Files that the first phase hands to the second.
pub(crate) const MAX_FILES: usize = 50;
/// Units that are looked at for their meaning, whatever their words.
pub(crate) const MAX_NEAR: usize = 100;
/// How words and meaning are joined.
pub(crate) const FUSION: Fusion = Fusion::Weighted { dense: 0.1 };
/// Hits from one file, so that one file does not fill the list.
pub(crate) const MAX_HITS_PER_FILE: usize = 4;

/// How much a word in a path is worth beside one in the text: in the file's name, and in a folder's.
pub(crate) const IN_STEM: f32 = 4.5;
pub(crate) const IN_FOLDER: f32 = 1.5;
/// A name made of neighbouring words of the query, beside a word of it.
pub(crate) const JOINED: f32 = 1.0;

/// A word of the title, beside one of the text under it.
pub(crate) const TITLE: f32 = 2.0;
/// The title's part in the vector of both.
pub(crate) const TITLE_MEANS: f32 = 0.5;

/// Another form of a word of the query: `composition` for `compose`.
pub(crate) const OTHER_FORM: f32 = 0.5;

// What speaks for a file, beside the content of the best file, which is 1. Found by hill climbing on development
// questions and rounded; docs/retrieval.md has what each is worth.
/// All of the query's words in the file's name.
pub(crate) const FILE_STEM: f32 = 3.0;
/// Abbreviations of them.
pub(crate) const FILE_STEM_SHORT: f32 = 0.8;
/// All of them in the names of its folders.
pub(crate) const FILE_FOLDER: f32 = 1.5;
/// All of the query's words somewhere in the file, and in one unit of it.
pub(crate) const FILE_COVERED: f32 = 0.3;
pub(crate) const FILE_TOGETHER: f32 = 0.3;
/// All of them in one definition's name.
pub(crate) const FILE_NAMED: f32 = 0.65;
/// The definition of a name in the query.
pub(crate) const FILE_DEFINES: f32 = 0.3;
/// The definition of the name that the query is.
pub(crate) const FILE_IS_THE_NAME: f32 = 1.5;
/// The cosine of the query and the file's nearest definition.
pub(crate) const FILE_DEFINITION_MEANS: f32 = 1.0;
/// The mean cosine of the query and the nearest units of the file: so many, of the first ones.
pub(crate) const FILE_MEANS: f32 = 1.0;
pub(crate) const MEANT: usize = 8;
pub(crate) const MAX_MEANT: usize = 512;
/// The cosine of the query and the file's path.
pub(crate) const FILE_PATH_MEANS: f32 = 2.0;
/// The content of the best files beside it.
pub(crate) const FILE_NEIGHBOURS: f32 = 1.0;
/// A word in the file ten times more often: 0.23.
pub(crate) const FILE_SIZE: f32 = 0.1;
/// What is left of its file's score to the least of its units.
pub(crate) const UNIT_FLOOR: f32 = 0.7;

/// A definition of a name in the query, against the best text match there can be: written the same, and folded.
pub(crate) const DEFINES: f32 = 1.2;
pub(crate) const DEFINES_FOLDED: f32 = 0.7;
/// A definition that may only point at another one: a constant, an alias, an `impl` block.
pub(crate) const POINTS_ELSEWHERE: f32 = 0.8;
/// All of the query's words in a chunk's name.
pub(crate) const COVERS_NAME: f32 = 0.6;
/// A file that the caller named.
pub(crate) const BOOSTED: f32 = 1.5;
/// Loose lines among definitions.
pub(crate) const WINDOW: f32 = 0.85;
/// A window with nothing but imports.
pub(crate) const IMPORTS: f32 = 0.4;
/// A test among other code, when the query asks for no tests.
pub(crate) const TEST: f32 = 0.45;
/// The same when the query speaks of tests, which may still mean the code that they test.
pub(crate) const TEST_ASKED: f32 = 0.6;
/// A hit is as good as a copy of a better one from this cosine of their vectors, and this share of its length.
pub(crate) const COPY: f32 = 0.9;
pub(crate) const COPY_LENGTH: f32 = 0.7;
/// An inner chunk stays in place of the one around it from this share of its score.
pub(crate) const INNER_KEEPS: f32 = 0.6;

/// A word's count in a chunk, each part at its worth.
pub(crate) fn weighted(counts: Counts) -> f32 {
    let Counts { name, signature, doc, body } = counts;
    f32::from(body) + 3.0 * f32::from(name) + f32::from(signature) + f32::from(doc)
}

/// The same for the counts of several chunks together.
pub(crate) fn weighted_sums(sums: Sums) -> f32 {
    let Sums { name, signature, doc, body } = sums;
    body as f32 + 3.0 * name as f32 + signature as f32 + doc as f32
}

/// How rare a word is: found in `n_found` of `n_all`.
pub(crate) fn idf(n_found: usize, n_all: usize) -> f32 {
    let (found, all) = (n_found as f32, n_all as f32);
    (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
}

/// BM25's part for one word, without its idf.
///
/// `count`: weighted occurrences; `len` and `mean_len`: words in the text, and in the mean text.
pub(crate) fn saturate(count: f32, len: f32, mean_len: f32) -> f32 {
    // One division for each word: that by the mean length is the same for all, and made once.
    count * (K1 + 1.0) / (count + K1 * (1.0 - B) + len * (K1 * B / mean_len.max(1.0)))
}

/// What a class of files is worth to a query.
pub(crate) fn class(class: Class, wanted: &Wanted) -> f32 {
    match class {
        Class::Source => 1.0,
        Class::Test if wanted.tests => TEST_ASKED,
        Class::Test => TEST,
        Class::Example if wanted.examples => 1.0,
        Class::Example => 0.6,
        Class::Docs if wanted.docs => 1.1,
        Class::Docs => 0.55,
        Class::Data if wanted.data => 0.9,
        Class::Data => 0.5,
        Class::Legacy => 0.8,
        Class::Vendored => 0.35,
        Class::Generated => 0.35,
    }
}
