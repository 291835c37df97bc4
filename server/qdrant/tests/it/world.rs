//! A workspace with an index beside a server, and an embedder small enough to know by heart.
//! It asserts nothing by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base::{AbsPathBuf, RelPath};
use fixture::{Fixture, TempWorkspace};
use index::embed::{EmbedError, Embedder, Text};
use index::{Fusion, Index, Query, Synced, Updated};
use qdrant::{Address, Qdrant};
use vfs::Vfs;

use crate::stand_in::StandIn;

pub(crate) const DIM: usize = 64;

/// Knows groups of words: a text's vector is how many of its words are in each.
pub(crate) struct Groups(pub(crate) usize);

impl Embedder for Groups {
    fn id(&self) -> &str {
        "groups"
    }

    fn dim(&self) -> usize {
        self.0
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        out.fill(0.0);
        let text = match text {
            Text::Query(text) => text.to_owned(),
            Text::Chunk { qualified, signature, doc, body, .. } => {
                [qualified, signature, doc, body].join(" ")
            }
        };
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        for word in words {
            let group = word.bytes().fold(7_usize, |sum, byte| sum * 31 + usize::from(byte));
            // Not all alike, so that hardly any two texts are equally near.
            out[group % self.0] += 1.0 + (group % 13) as f32 / 16.0;
        }
        let norm = out.iter().map(|number| number * number).sum::<f32>().sqrt();
        if 0.0 < norm {
            out.iter_mut().for_each(|number| *number /= norm);
        }
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) vfs: Vfs,
    pub(crate) index: Index,
    disk: TempWorkspace,
    folder: TempWorkspace,
}

impl World {
    /// A workspace of these files, indexed, beside a server that was not told anything yet.
    pub(crate) fn new(files: &str, server: Option<Qdrant>) -> World {
        World::with_dim(files, server, DIM)
    }

    pub(crate) fn with_dim(files: &str, server: Option<Qdrant>, dim: usize) -> World {
        let disk = TempWorkspace::new(&Fixture::parse(files)).unwrap();
        let folder = TempWorkspace::new(&Fixture::parse("")).unwrap();
        let root = std::fs::canonicalize(disk.path()).unwrap();
        let vfs = Vfs::open(AbsPathBuf::try_from(root).unwrap()).unwrap();
        let index = open(&folder, server, dim);
        let world = World { vfs, index, disk, folder };
        world.update();
        world
    }

    /// The same after a start of the program.
    pub(crate) fn started_again(self, server: Option<Qdrant>) -> World {
        self.index.save().unwrap();
        let World { vfs, index, disk, folder } = self;
        drop(index);
        let index = open(&folder, server, DIM);
        let world = World { vfs, index, disk, folder };
        world.update();
        world
    }

    pub(crate) fn with_fusion(self, fusion: Fusion) -> World {
        World { index: self.index.with_fusion(fusion), ..self }
    }

    pub(crate) fn put(&self, at: &str, text: &str) {
        self.disk.write(at, text).unwrap();
        self.vfs.refresh().unwrap();
    }

    pub(crate) fn delete(&self, at: &str) {
        std::fs::remove_file(self.disk.path().join(at)).unwrap();
        self.vfs.refresh().unwrap();
    }

    pub(crate) fn update(&self) -> Updated {
        self.index.update(&self.vfs.snapshot())
    }

    pub(crate) fn sync(&self) -> Synced {
        self.index.sync(&|| false)
    }

    /// Brings index and server up to the files.
    pub(crate) fn settle(&self) -> Synced {
        self.update();
        self.sync()
    }

    /// What the server knows the workspace by.
    pub(crate) fn name(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("index/name")).unwrap()
    }

    /// What an index that never had a server answers.
    pub(crate) fn local(&self, fusion: Option<Fusion>) -> Index {
        let mut index = Index::with_embedder(Arc::new(Groups(DIM)));
        if let Some(fusion) = fusion {
            index = index.with_fusion(fusion);
        }
        index.update(&self.vfs.snapshot());
        index
    }
}

fn open(folder: &TempWorkspace, server: Option<Qdrant>, dim: usize) -> Index {
    let at = AbsPathBuf::try_from(folder.path().join("index")).unwrap();
    let index = Index::open(&at, Some(Arc::new(Groups(dim))));
    match server {
        Some(server) => index.with_server(Arc::new(server)),
        None => index,
    }
}

/// Every bit of what an index answers.
pub(crate) fn answers(index: &Index, queries: &[Query]) -> String {
    let mut all = String::new();
    for query in queries {
        all += &format!("{query:?}\n");
        for hit in index.search(query) {
            let bits = hit.score.to_bits();
            all += &format!("  {bits:08x} {}:{:?} {}\n", hit.path, hit.chunk.lines, hit.reason);
        }
    }
    all
}

/// Files with words in common, each with some of its own.
pub(crate) fn files(count: usize) -> String {
    const WORDS: [&str; 12] = [
        "parse", "date", "cache", "request", "retry", "token", "socket", "window", "render",
        "index", "merge", "budget",
    ];
    let file = |idx: usize| {
        let word = |step: usize| WORDS[(idx * step + idx / 5) % WORDS.len()];
        let (a, b, c) = (word(1), word(5), word(7));
        let folder = ["src", "src/net", "lib", "tests"][idx % 4];
        let end = if idx.is_multiple_of(3) { "rs" } else { "py" };
        match end {
            "rs" => format!(
                "//- /{folder}/{a}_{idx}.rs\n/// Makes the {b} of a {c}.\npub fn {b}_{c}_{idx}({a}: u32) -> u32 {{\n    let {c} = {a} + {idx};\n    {c} * {b}({c})\n}}\n"
            ),
            _ => format!(
                "//- /{folder}/{a}_{idx}.py\nclass {b}{idx}:\n    \"\"\"Keeps a {a} for each {c}.\"\"\"\n\n    def {c}_{a}(self, {b}):\n        return self.{a}({b}, {idx})\n\n\ndef {a}_all_{idx}({b}):\n    return [{c} for {c} in {b}]\n"
            ),
        }
    };
    (0..count).map(file).collect()
}

pub(crate) fn queries() -> Vec<Query> {
    let texts = [
        "parse date",
        "how is the cache of a request made",
        "retry socket",
        "render_window_7",
        "token budget merge index",
        "keeps a window for each token",
        "zzz",
        "",
    ];
    let mut all: Vec<Query> = texts.iter().map(|&text| Query::new(text)).collect();
    let places: &[&[&str]] = &[
        &["src"],
        &["src/net"],
        &["*.py"],
        &["!tests", "!*.rs"],
        &["src/**/*.rs"],
        &["none/such"],
    ];
    for paths in places {
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        all.push(Query { paths, ..Query::new("request cache for a date") });
    }
    all
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

pub(crate) fn at(stand_in: &StandIn) -> Qdrant {
    Qdrant::new(Address::new(&stand_in.url(), None, "").unwrap()).unwrap()
}

/// Runs a test against the stand-in, and against a real server where one is named. `test` gets the means to connect.
pub(crate) fn on_each_server(test: impl Fn(&dyn Fn() -> Qdrant)) {
    let stand_in = StandIn::start();
    test(&|| at(&stand_in));
    let Ok(url) = std::env::var("QDRANT_URL") else { return };
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let prefix = format!("baton_test_{}_{number}_", std::process::id());
    let key = std::env::var("QDRANT_API_KEY").ok();
    let connect = || {
        let key = key.clone().map(Into::into);
        Qdrant::new(Address::new(&url, key, &prefix).unwrap()).unwrap()
    };
    test(&connect);
    let client = qdrant_client::Qdrant::from_url(&url).skip_compatibility_check();
    let client = client.api_key(key.clone()).build().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for name in ["workspace_files", "workspace_functions"] {
        runtime.block_on(client.delete_collection(format!("{prefix}{name}"))).unwrap();
    }
}
