//! Files and questions that are odd: each gets a clear word or an answer, and all else is indexed.

use std::fs;
use std::path::Path;

use index::Query;

use crate::support::{Place, answers, fresh, index, vfs};

fn put(root: &Path, at: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join("workspace").join(at);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A workspace with some plain files and all that is odd.
fn odd() -> Place {
    let place = Place::new(3);
    let root = place.root();
    put(root, "unparsable.py", "def broken((:\n  class ]]\n\"\"\" never closed findme_unparsable");
    put(root, "nested.rs", "fn findme_nested() {".to_owned() + &"{".repeat(20_000));
    let minified = "function a(b,c){return b+c};var findme_minified=a(1,2);".repeat(4_000);
    put(root, "app.min.js", minified);
    put(root, "line.py", "x = '".to_owned() + &"findme_line ".repeat(850_000) + "'\n");
    put(root, "line.txt", "findme_long ".repeat(40_000));
    put(root, "binary.py", b"def findme_binary():\0\x01\x02\x03\n");
    put(root, "latin.rs", b"fn findme_latin() { \"\xe9t\xe9\" }\n");
    put(root, "empty.go", "");
    put(root, "none", "");
    // A submodule is files like others; what git keeps of it is not.
    put(root, "deps/sub/.git", "gitdir: ../../.git/modules/sub\n");
    put(root, "deps/sub/.gitignore", "*.gen.py\n");
    put(root, "deps/sub/lib.py", "def findme_submodule():\n    pass\n");
    put(root, "deps/sub/lib.gen.py", "def findme_ignored():\n    pass\n");
    put(root, "deps/.git/config", "findme_git = 1\n");
    #[cfg(unix)]
    {
        let link = |to: &str, at: &str| {
            std::os::unix::fs::symlink(to, root.join("workspace").join(at)).unwrap();
        };
        link("..", "deps/up");
        link("round", "round");
        link("sub", "deps/again");
        link("/dev/zero", "endless.py");
    }
    place
}

#[test]
fn what_cannot_be_indexed_is_named_and_the_rest_is_found() {
    let place = odd();
    let (vfs, index) = (vfs(place.root()), index(place.root()));
    let updated = index.update(&vfs.snapshot());
    assert!(updated.is_complete);
    let skipped: Vec<String> =
        updated.skipped.iter().map(|one| format!("{}: {}", one.path, one.reason)).collect();
    let expected =
        ["binary.py: binary", "latin.rs: not UTF-8", "line.py: 10200007 bytes, more than 512000"];
    assert_eq!(skipped, expected);
    for (word, path) in [
        ("findme_unparsable", "unparsable.py"),
        ("findme_nested", "nested.rs"),
        ("findme_minified", "app.min.js"),
        ("findme_long", "line.txt"),
        ("findme_submodule", "deps/sub/lib.py"),
        ("alpha_1", "src/m1.py"),
    ] {
        let found = index.search(&Query::new(word));
        assert_eq!(found.first().map(|hit| hit.path.as_str()), Some(path), "{word}");
    }
    for word in ["findme_ignored", "findme_git", "findme_binary", "findme_latin", "findme_line"] {
        let found = index.search(&Query::new(word));
        assert!(found.iter().all(|hit| !hit.text.contains(word)), "{word}: {found:?}");
    }
    index.save().unwrap();
    drop(index);
    place.check();
}

#[test]
fn odd_questions_are_answered() {
    let place = Place::new(3);
    let (vfs, index) = (vfs(place.root()), index(place.root()));
    index.update(&vfs.snapshot());
    let long = format!("alpha_1 {}", "zeit 🎉 é ".repeat(90_000));
    assert!(1_000_000 < long.len());
    for text in ["", " \n\t", "🎉", "в файле", "日付を解析する", "\0\u{feff}\u{202e}", "::", "*"]
    {
        assert!(index.search(&Query::new(text)).len() <= 20, "{text:?}");
        assert_eq!(index.symbols(text, 5), [], "{text:?}");
    }
    assert_eq!(index.search(&Query::new(long))[0].path.as_str(), "src/m1.py");
    assert_eq!(index.search(&Query { limit: 0, ..Query::new("alpha_1") }), []);
    // Nothing was changed by a question.
    assert_eq!(answers(&index), fresh(&vfs));
}
