//! Measures vectors: `cargo bench -p index`. Figures mean something only beside others of the same machine and hour.
//! It checks nothing.

use std::hint::black_box;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use index::embed::table::StaticTable;
use index::embed::{Embedder, Text};
use index::vector::clusters::Clusters;
use index::vector::quantized::Quantized;
use index::vector::{Rows, RowsBuf};

#[path = "../src/embed/testing.rs"]
mod table;
#[path = "../src/vector/testing.rs"]
mod vectors;

use table::table_bytes;
use vectors::{Random, clustered};

/// As many hits as a search takes from the vectors.
const K: usize = 50;

static ROWS_256: LazyLock<RowsBuf> = LazyLock::new(|| rows(100_000, 256, 2_000));
static ROWS_512: LazyLock<RowsBuf> = LazyLock::new(|| rows(100_000, 512, 2_000));
static MILLION: LazyLock<RowsBuf> = LazyLock::new(|| rows(1_000_000, 256, 20_000));
static TABLE: LazyLock<StaticTable> = LazyLock::new(table);

fn main() {
    divan::main();
}

#[divan::bench(args = [256, 512])]
fn exact_100k(bencher: Bencher<'_, '_>, dim: usize) {
    let rows = if dim == 256 { &ROWS_256 } else { &ROWS_512 }.as_rows();
    let query = near(&rows, 1);
    bencher.bench(|| rows.nearest(black_box(&query), K, &|_| true));
}

#[divan::bench]
fn clusters_100k_query(bencher: Bencher<'_, '_>) {
    query_clusters(bencher, &ROWS_256.as_rows(), |clusters| clusters.probes());
}

/// What a query costs if rows lie so that no list can be left out.
#[divan::bench]
fn clusters_100k_query_all(bencher: Bencher<'_, '_>) {
    query_clusters(bencher, &ROWS_256.as_rows(), |clusters| clusters.len());
}

#[divan::bench(sample_count = 5)]
fn clusters_100k_build(bencher: Bencher<'_, '_>) {
    let rows = ROWS_256.as_rows();
    bencher.bench(|| Clusters::build(&rows));
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn clusters_1m_build(bencher: Bencher<'_, '_>) {
    let rows = MILLION.as_rows();
    bencher.bench(|| Clusters::build(&rows));
}

#[divan::bench]
fn clusters_1m_query(bencher: Bencher<'_, '_>) {
    query_clusters(bencher, &MILLION.as_rows(), |clusters| clusters.probes());
}

#[divan::bench(sample_count = 10)]
fn exact_1m(bencher: Bencher<'_, '_>) {
    let rows = MILLION.as_rows();
    let query = near(&rows, 1);
    bencher.bench(|| rows.nearest(black_box(&query), K, &|_| true));
}

#[divan::bench]
fn add_row_256(bencher: Bencher<'_, '_>) {
    let vector = Random::new(3).vector(256);
    let mut rows = RowsBuf::new(256);
    bencher.bench_local(|| rows.push(black_box(&vector)));
}

#[divan::bench]
fn embed_query(bencher: Bencher<'_, '_>) {
    let text = Text::Query("where is the parseHttpDate helper that retries a request");
    let mut out = vec![0.0; TABLE.dim()];
    bencher.bench_local(|| TABLE.embed(black_box(text), &mut out));
}

/// 150 words, as an ordinary function has.
#[divan::bench]
fn embed_chunk(bencher: Bencher<'_, '_>) {
    let mut random = Random::new(5);
    // One word in nine is not in the table as a whole.
    let body: Vec<String> = (0..70).map(|_| word(random.draw() % 36_000)).collect();
    let body = body.join(" = self.");
    let text = Text::Chunk {
        path: "src/http/date.rs",
        qualified: "HttpDate.parse",
        signature: "fn parse(text: &str) -> Option<HttpDate>",
        doc: "",
        body: &body,
    };
    let mut out = vec![0.0; TABLE.dim()];
    let bencher = bencher.counter(ItemsCount::new(150usize));
    bencher.bench_local(|| TABLE.embed(black_box(text), &mut out));
}

#[divan::bench]
fn open_table(bencher: Bencher<'_, '_>) {
    let bytes: &'static [u8] = Box::leak(table_file().into_boxed_slice());
    bencher.bench(|| StaticTable::new(black_box(bytes)));
}

fn query_clusters(bencher: Bencher<'_, '_>, rows: &Rows<'_>, n_probe: fn(&Clusters<'_>) -> usize) {
    let bytes = Clusters::build(rows);
    let clusters = Clusters::parse(&bytes).expect("just built");
    let queries: Vec<_> = (0..64).map(|at| near(rows, at * 977)).collect();
    let mut turns = queries.iter().cycle();
    bencher.bench_local(|| {
        let query = turns.next().expect("a cycle has no end");
        clusters.nearest(rows, query, K, n_probe(&clusters), &|_| true)
    });
}

/// Vectors as texts have them: alike in groups, and these in larger ones.
fn rows(n: usize, dim: usize, n_centres: usize) -> RowsBuf {
    let mut rows = RowsBuf::new(dim);
    clustered(n, dim, n_centres, 0.7, &mut |vector| {
        rows.push(vector);
    });
    rows
}

/// A query some way from a row.
fn near(rows: &Rows<'_>, row: u32) -> Quantized {
    let mut random = Random::new(u64::from(row) + 11);
    let width = 0.75 / (rows.dim() as f32).sqrt();
    let vector: Vec<f32> =
        rows.vector(row).into_iter().map(|value| value + width * random.normal()).collect();
    Quantized::new(&vector)
}

fn table() -> StaticTable {
    StaticTable::new(Box::leak(table_file().into_boxed_slice())).expect("just written")
}

/// 32,000 words of 256 numbers: 8 MB, as the shipped table has.
fn table_file() -> Vec<u8> {
    let mut random = Random::new(9);
    let letters = (b'a'..=b'z').flat_map(|letter| {
        let letter = char::from(letter);
        [letter.to_string(), format!("##{letter}")]
    });
    let known = ["self", "http", "date", "src", "parse", "fn", "text", "option", "str", "request"];
    let words: Vec<String> =
        (0..32_000).map(word).chain(letters).chain(known.map(str::to_owned)).collect();
    let tokens: Vec<_> = words
        .iter()
        .map(|word| (word.as_str(), 0.01, (0..256).map(|_| random.draw() as i8).collect()))
        .collect();
    table_bytes(256, &tokens)
}

/// A word of three to nine letters, for nearly each number another.
fn word(number: u64) -> String {
    let mut random = Random::new(number + 1);
    let letter = |random: &mut Random| char::from(b'a' + (random.draw() >> 40) as u8 % 26);
    (0..3 + number % 7).map(|_| letter(&mut random)).collect()
}
