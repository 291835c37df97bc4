//! What a path means, beside what its words are: `wire/response.rs` to somebody who asks for replies.
//! It reads no file. A path has few words, and each file has one: the table answers here, whichever embedder there is.

use std::sync::LazyLock;

use crate::embed::Embedder;
use crate::embed::table::StaticTable;
use crate::query::vector::vector;
use crate::vector::RowsBuf;
use crate::vector::quantized::Quantized;

static TABLE: LazyLock<StaticTable> = LazyLock::new(StaticTable::shipped);

const ANSWERS: &str = "the table makes a vector of any text";

/// A query's vector, to compare rows of paths with.
pub(crate) fn query(text: &str) -> Quantized {
    Quantized::new(&vector(text, &*TABLE).expect(ANSWERS))
}

/// No rows of paths yet.
pub(crate) fn no_rows() -> RowsBuf {
    RowsBuf::new(TABLE.dim())
}

/// Adds the row of a path, its folders and the name's ending included.
pub(crate) fn push(rows: &mut RowsBuf, path: &str) {
    rows.push(&TABLE.query(path).expect(ANSWERS));
}

/// Tells which table it is.
pub(crate) fn id() -> &'static str {
    TABLE.id()
}
