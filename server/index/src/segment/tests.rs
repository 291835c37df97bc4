//! A segment gives back what was put into it, alone and merged.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::path::Path;

use base::ContentHash;

use crate::checksum::checksum;
use crate::crew::Crew;
use crate::document::Document;
use crate::embed;
use crate::segment::build::build;
use crate::segment::bytes::Damaged;
use crate::segment::layout::HEADER_BYTES;
use crate::segment::merge::{Pick, Source, merge, merge_into};
use crate::segment::sections::SPILLED;
use crate::segment::{Failed, Recipe, Segment, Stub};
use crate::testing::{Folder, Groups, path};

const RECIPE: Recipe = Recipe { cut: 1, embedder: 2 };

fn documents(texts: &[(&str, &str)]) -> Vec<Document> {
    let document = |(at, text): &(&str, &str)| {
        let hash = ContentHash::of(text.as_bytes());
        let (doc, error) = Document::embedded(path(at), hash, text, &Groups, &Crew::of(0));
        assert!(error.is_none());
        doc
    };
    texts.iter().map(document).collect()
}

fn segment(texts: &[(&str, &str)]) -> Segment {
    build(&documents(texts), RECIPE)
}

const TEXTS: &[(&str, &str)] = &[
    (
        "a/one.py",
        "import os\n\n\nclass One:\n    \"\"\"Says one.\"\"\"\n    def say(self):\n        return os.path.join(str(1))\n",
    ),
    ("b.py", ""),
    ("c.md", "# Größe\n\nText.\n"),
    (
        "src/two.rs",
        "/// Adds.\npub fn add(a: Num, b: Num) -> Num { a + b }\n\n#[cfg(test)]\nmod tests { fn t() {} }\n",
    ),
];

/// Everything that a segment says.
fn show(segment: &Segment) -> String {
    let mut shown = String::new();
    for doc in 0..segment.n_docs() {
        let alone = embed::paths::rows(std::iter::once(segment.path(doc)));
        let rows = segment.path_rows().unwrap();
        assert_eq!(rows.written(doc), alone.as_rows().written(0));
        shown += &format!(
            "{} {:?} {} {} {:?} {:?}\n",
            segment.path(doc),
            segment.class(doc),
            segment.n_words(doc),
            segment.text_len(doc),
            segment.hash(doc),
            segment.path_rows().unwrap().vector(doc)
        );
        for unit in segment.units(doc) {
            assert_eq!(segment.doc_of(unit), doc);
            let vector = segment.rows().unwrap().unwrap().vector(unit);
            let chunk = segment.chunk(unit).unwrap();
            let record = segment.unit(unit).unwrap();
            shown += &format!("  {record:?} {chunk:?} {vector:?}\n");
        }
    }
    let mut keys = segment.words().all().unwrap();
    while let Some(value) = keys.next().unwrap() {
        let postings = segment.postings(value).unwrap();
        shown += &String::from_utf8_lossy(keys.key());
        for found in postings.docs() {
            let units: Vec<_> = postings.units(&found).collect();
            shown += &format!(" {} {:?} {units:?}", found.doc, found.sums);
        }
        shown += &format!(" {:?}\n", postings.paths().collect::<Vec<_>>());
    }
    for (dict, read) in [
        (segment.names(), Segment::named as fn(&Segment, _) -> Result<Vec<u32>, Damaged>),
        (segment.refs(), Segment::referring),
    ] {
        let mut keys = dict.all().unwrap();
        while let Some(value) = keys.next().unwrap() {
            let places = read(segment, value).unwrap();
            shown += &format!("{} {places:?}\n", String::from_utf8_lossy(keys.key()));
        }
    }
    shown
}

#[test]
fn chunks_come_back() {
    let segment = segment(TEXTS);
    for (doc, document) in (0..).zip(documents(TEXTS)) {
        assert_eq!(segment.path(doc), document.path.as_str());
        assert_eq!(segment.hash(doc), document.hash.as_bytes());
        let chunks: Vec<_> = segment.units(doc).map(|unit| segment.chunk(unit).unwrap()).collect();
        let expected: Vec<_> = document.units.into_iter().map(|unit| unit.chunk).collect();
        assert_eq!(chunks, expected);
    }
    assert_eq!(segment.with_path("c.md").collect::<Vec<_>>(), [2]);
    assert_eq!(segment.with_path("c").count(), 0);
    assert_eq!(segment.with_file_name("two.rs").collect::<Vec<_>>(), [3]);
    assert_eq!(segment.with_hash(ContentHash::of(b"").as_bytes()).collect::<Vec<_>>(), [1]);
    assert_eq!(segment.with_hash(ContentHash::of(b"?").as_bytes()).count(), 0);
    // What is not there is empty, and no panic.
    let rows = segment.path_rows().unwrap();
    assert_eq!((rows.len(), rows.dot(0, &rows.query(0)) > 0.9), (TEXTS.len(), true));
    assert_eq!((segment.path(9), segment.units(9), segment.n_words(9)), ("", 0..0, 0));
    assert_eq!(segment.unit(99), Err(Damaged(0)));
}

#[test]
fn merged_is_as_built_at_once() {
    for split in 0..=TEXTS.len() {
        let (first, second) = (segment(&TEXTS[..split]), segment(&TEXTS[split..]));
        let all = |segment: &Segment| {
            (0..segment.n_docs()).map(|doc| Pick { doc, moved: None }).collect::<Vec<_>>()
        };
        let merged = merge(
            &[
                Source { segment: &second, picks: all(&second) },
                Source { segment: &first, picks: all(&first) },
            ],
            RECIPE,
        );
        assert_eq!(show(&merged.unwrap().segment), show(&segment(TEXTS)));
    }
}

/// Much more than what a section keeps in memory on its way to the file.
fn long_texts() -> Vec<(String, String)> {
    let text = |file: usize| {
        (0..20).map(|idx| {
            format!("def name_{file}_{idx}(one_{idx}):\n    \"\"\"Says {idx} of {file}, at some length, so that there is much.\"\"\"\n    return two_{file}_{idx}(one_{idx})\n\n\n")
        }).collect::<String>()
    };
    (0..12).map(|file| (format!("src/m{file:02}.py"), text(file))).collect()
}

#[test]
fn a_file_holds_what_memory_would() {
    let texts = long_texts();
    let texts: Vec<(&str, &str)> =
        texts.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    let (odd, even): (Vec<_>, Vec<_>) = (0..).zip(texts).partition(|(idx, _)| idx % 2 == 1);
    let segments = [odd, even].map(|some: Vec<(usize, (&str, &str))>| {
        segment(&some.into_iter().map(|(_, text)| text).collect::<Vec<_>>())
    });
    let sources = || {
        let all = |segment: &Segment| (0..segment.n_docs()).filter(|doc| *doc != 3);
        let picks = |segment| all(segment).map(|doc| Pick { doc, moved: None }).collect();
        segments.iter().map(|segment| Source { segment, picks: picks(segment) }).collect::<Vec<_>>()
    };
    let in_memory = merge(&sources(), RECIPE).unwrap();
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().as_std_path()).unwrap();
    let path = folder.path().as_std_path().join("7.seg");
    let in_file = merge_into(&path, 7, &sources(), RECIPE).unwrap();
    assert_eq!(in_file.places, in_memory.places);
    assert!(4 * SPILLED < in_file.segment.len_postings());
    for segment in [in_file.segment, Segment::open(&path, stub(&path), RECIPE).unwrap()] {
        assert!(show(&segment) == show(&in_memory.segment));
        segment.release();
        assert!(show(&segment) == show(&in_memory.segment));
    }
    // A file that is there already is another's.
    assert!(matches!(merge_into(&path, 7, &sources(), RECIPE), Err(Failed::Disk(_))));
}

#[test]
fn what_is_whole_is_written_as_it_is() {
    let texts = long_texts();
    let texts: Vec<(&str, &str)> =
        texts.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    let whole = segment(&texts);
    let source = || {
        let picks = (0..whole.n_docs()).map(|doc| Pick { doc, moved: None }).collect();
        [Source { segment: &whole, picks }]
    };
    let in_memory = merge(&source(), RECIPE).unwrap();
    assert_eq!(in_memory.places, [(0..whole.n_docs()).collect::<Vec<_>>()]);
    assert!(show(&in_memory.segment) == show(&whole));
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().as_std_path()).unwrap();
    let path = folder.path().as_std_path().join("7.seg");
    let in_file = merge_into(&path, 7, &source(), RECIPE).unwrap();
    assert_eq!(in_file.places, in_memory.places);
    for segment in [in_file.segment, Segment::open(&path, stub(&path), RECIPE).unwrap()] {
        assert!(show(&segment) == show(&whole));
    }
}

/// What a manifest would say of a file.
fn stub(path: &Path) -> Stub {
    let bytes = std::fs::read(path).unwrap();
    Stub { id: 7, head_sum: checksum(&bytes[..HEADER_BYTES]) }
}

#[test]
fn a_merge_leaves_out_what_is_not_picked() {
    let whole = segment(TEXTS);
    let picks = vec![Pick { doc: 0, moved: None }, Pick { doc: 2, moved: None }];
    let merged = merge(&[Source { segment: &whole, picks }], RECIPE).unwrap();
    assert_eq!(merged.places, [[0, 1]]);
    assert_eq!(show(&merged.segment), show(&segment(&[TEXTS[0], TEXTS[2]])));
    let nothing = merge(&[Source { segment: &whole, picks: Vec::new() }], RECIPE).unwrap();
    assert_eq!((nothing.segment.n_docs(), nothing.segment.n_units()), (0, 0));
}
