//! Words are the same whoever counted them.

use base::ContentHash;

use super::{SHARED_COUNTS, middle, stretch};
use crate::document::Document;
use crate::segment::postings::InPath;
use crate::testing::path;

#[test]
fn two_stretches_are_one() {
    let doc =
        |(at, text): (&str, &str)| Document::new(path(at), ContentHash::of(text.as_bytes()), text);
    let docs = [
        ("lib/count_words.py", "def count(words):\n    return len(words) + zebra(apple)\n"),
        ("lib/zebra.py", "import apple\n\n\ndef zebra(middle):\n    return middle.count()\n"),
    ]
    .map(doc);
    let count: usize = docs.iter().map(|doc| doc.counts.len()).sum();
    assert!(SHARED_COUNTS <= count);
    let paths = [
        ("zebra", InPath { doc: 1, in_stem: true }),
        ("lib", InPath { doc: 0, in_stem: false }),
        ("lib", InPath { doc: 1, in_stem: false }),
    ];
    let whole = stretch(&docs, &paths, &|_| true);
    assert!(whole.words.is_sorted());
    for (cut, _) in &whole.words {
        let halves = [
            stretch(&docs, &paths, &|word| word < *cut),
            stretch(&docs, &paths, &|word| *cut <= word),
        ];
        assert_eq!(halves.each_ref().map(|half| &*half.words).concat(), whole.words);
        assert_eq!(halves.each_ref().map(|half| &*half.postings).concat(), whole.postings);
    }
    // There is something on both sides.
    let middle = middle(&docs).expect("they are many enough in tests");
    let n_before = whole.words.iter().filter(|(word, _)| *word < middle).count();
    assert!((1..whole.words.len()).contains(&n_before), "{n_before}");
}
