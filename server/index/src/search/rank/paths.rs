//! What a path means, beside what its words are: `wire/response.rs` to somebody who asks for replies.
//! It reads no file.

use std::sync::LazyLock;

use crate::embed::Embedder;
use crate::embed::table::StaticTable;
use crate::query::vector::vector;

/// A path has few words and there is no time to ask a model for each: the table answers whichever embedder there is.
static TABLE: LazyLock<StaticTable> = LazyLock::new(StaticTable::shipped);

/// A query's vector, to compare paths with.
pub(crate) struct PathMeaning(Vec<f32>);

impl PathMeaning {
    pub(crate) fn of(text: &str) -> PathMeaning {
        PathMeaning(vector(text, &*TABLE).expect("the table makes a vector of any text"))
    }

    /// Of the query and a path, its folders and the name's ending included.
    pub(crate) fn cosine(&self, path: &str) -> f32 {
        let vector = TABLE.query(path).expect("the table makes a vector of any text");
        vector.iter().zip(&self.0).map(|(a, b)| a * b).sum()
    }
}
