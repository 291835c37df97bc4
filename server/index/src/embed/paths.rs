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

/// A row for each path, its folders and the name's ending included.
pub(crate) fn rows<'a>(paths: impl Iterator<Item = &'a str>) -> RowsBuf {
    let mut rows = RowsBuf::new(TABLE.dim());
    for path in paths {
        rows.push(&TABLE.query(path).expect(ANSWERS));
    }
    rows
}

/// Tells which table it is.
pub(crate) fn id() -> &'static str {
    TABLE.id()
}
