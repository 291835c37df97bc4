//! Which languages are got ready, in which order, and that the thread ends when it is told.
#![allow(clippy::unwrap_used, reason = "tests")]

use base::AbsPathBuf;
use fixture::{Fixture, TempWorkspace};
use vfs::Vfs;

use crate::workspace::languages::{Languages, by_use};

#[tokio::test]
async fn the_most_used_language_is_first() {
    let files =
        "//- /a.go\n//- /b.rs\n//- /c.rs\n//- /d.toml\n//- /e/f.rs\n//- /e/g.go\n//- /h.lua\n";
    let disk = TempWorkspace::new(&Fixture::parse(files)).unwrap();
    let vfs =
        Vfs::open(AbsPathBuf::try_from(disk.path().canonicalize().unwrap()).unwrap()).unwrap();
    let ids: Vec<&str> = by_use(&vfs.snapshot()).iter().map(|lang| lang.id).collect();
    assert_eq!(ids, ["rust", "go", "lua"]);
    let languages = Languages::default();
    languages.prepare(vfs.snapshot());
    languages.finish().await.unwrap();
    // Nothing is left to wait for.
    languages.finish().await.unwrap();
}
