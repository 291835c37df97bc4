//! Open buffers: what an editor typed is the truth, and a snapshot does not move.

use std::thread;

use base::{LineCol, PositionEncoding};
use vfs::{BufferChange, Error};

use crate::support::{Tree, list, rel};

fn range(
    start: (u32, u32),
    end: (u32, u32),
    encoding: PositionEncoding,
    text: &str,
) -> BufferChange {
    let at = |(line, col)| LineCol { line, col };
    BufferChange::Range { start: at(start), end: at(end), encoding, text: text.to_owned() }
}

#[test]
fn a_snapshot_keeps_the_text_of_its_moment() {
    let tree = Tree::new(&[("a.rs", "disk")]);
    let vfs = tree.open();
    let path = rel("a.rs");
    let on_disk = vfs.snapshot();
    vfs.open_buffer(path.clone(), 1, "one");
    let opened = vfs.snapshot();
    vfs.change_buffer(&path, 2, &[BufferChange::Full("two!".to_owned())]).unwrap();
    let changed = vfs.snapshot();
    vfs.close_buffer(&path);
    let closed = vfs.snapshot();
    let texts = [&on_disk, &opened, &changed, &closed].map(|snap| snap.read(&path).unwrap());
    assert_eq!(texts.each_ref().map(|text| &**text), ["disk", "one", "two!", "disk"]);
    let meta = changed.meta(&path).unwrap();
    assert_eq!((meta.len, meta.buffer_version), (4, Some(2)));
    assert_eq!(meta.modified_ns, on_disk.meta(&path).unwrap().modified_ns);
    assert!(on_disk.revision() < opened.revision() && changed.revision() < closed.revision());
    assert_eq!(closed.meta(&path).unwrap().buffer_version, None);
    assert!(vfs.buffer(&path).is_none());
}

#[test]
fn buffers_of_unknown_files_are_files() {
    let tree = Tree::new(&[(".gitignore", "ignored\n"), ("m", ""), ("ignored", "disk")]);
    let vfs = tree.open();
    for path in ["ignored", "new/file.rs", "m", ".git/COMMIT_EDITMSG", "z"] {
        vfs.open_buffer(rel(path), 1, "typed");
    }
    let snap = vfs.snapshot();
    assert_eq!(list(&snap), ".gitignore ignored m new/file.rs z");
    assert!(snap.contains(&rel("new/file.rs")));
    assert!(!snap.contains(&rel(".git/COMMIT_EDITMSG")));
    assert!(vfs.buffer(&rel(".git/COMMIT_EDITMSG")).is_some());
    assert_eq!(&*snap.read(&rel("new/file.rs")).unwrap(), "typed");
    // The disk is another question.
    assert_eq!(vfs.read_disk(&rel("new/file.rs")).unwrap(), None);
    assert_eq!(vfs.read_disk(&rel("ignored")).unwrap().as_deref(), Some("disk"));
}

#[test]
fn texts_laid_over_a_snapshot_are_seen_in_it_alone() {
    let tree = Tree::new(&[("a.rs", "disk"), ("b.rs", "disk")]);
    let vfs = tree.open();
    vfs.open_buffer(rel("b.rs"), 3, "typed");
    let plain = vfs.snapshot();
    let texts = [("a.rs", "laid"), ("b.rs", "laid too"), ("c/d.rs", "new")];
    let over = plain.over(texts.map(|(path, text)| (rel(path), text.into())));
    assert_eq!((list(&plain).as_str(), list(&over).as_str()), ("a.rs b.rs", "a.rs b.rs c/d.rs"));
    for (path, text) in texts {
        assert_eq!(&*over.read(&rel(path)).unwrap(), text);
    }
    assert_eq!(&*vfs.snapshot().read(&rel("b.rs")).unwrap(), "typed");
    assert_eq!(over.meta(&rel("a.rs")).unwrap().len, 4);
    assert_eq!(over.revision(), plain.revision());
}

#[test]
fn the_overlay_is_what_differs_from_disk() {
    let tree = Tree::new(&[("same", "text"), ("edited", "text"), ("binary", "\0")]);
    let vfs = tree.open();
    vfs.open_buffer(rel("same"), 1, "text");
    vfs.open_buffer(rel("edited"), 1, "text");
    vfs.open_buffer(rel("binary"), 1, "now text");
    vfs.open_buffer(rel("new"), 1, "");
    let append = range((0, 99), (0, 99), PositionEncoding::Utf8, " more");
    vfs.change_buffer(&rel("edited"), 2, &[append]).unwrap();
    let overlay = vfs.snapshot().overlay();
    let overlay: Vec<_> = overlay.iter().map(|(path, text)| (path.as_str(), &**text)).collect();
    assert_eq!(overlay, [("binary", "now text"), ("edited", "text more"), ("new", "")]);
}

#[test]
fn positions_count_in_the_clients_unit() {
    // The crab is 4 bytes, 2 UTF-16 units, 1 character; the umlaut 2, 1, 1.
    let text = "\u{feff}x\r\nü🦀y\r\nend";
    let units =
        [(PositionEncoding::Utf8, 6), (PositionEncoding::Utf16, 3), (PositionEncoding::Utf32, 2)];
    for (encoding, y) in units {
        let tree = Tree::new(&[]);
        let vfs = tree.open();
        let path = rel("t");
        vfs.open_buffer(path.clone(), 1, text);
        let changes = [
            range((1, y), (1, y + 1), encoding, "Z"),
            // Past the end of a line is before its break; past the end of the text is its end.
            range((1, 99), (1, 99), encoding, "!"),
            range((99, 0), (99, 9), encoding, "\r\n"),
            // Backwards, and over a line break.
            range((1, 0), (0, 99), encoding, "\n"),
        ];
        vfs.change_buffer(&path, 2, &changes).unwrap();
        let after = vfs.snapshot().read(&path).unwrap();
        assert_eq!(&*after, "\u{feff}x\nü🦀Z!\r\nend\r\n", "{encoding:?}");
    }
}

#[test]
fn thousands_of_changes_apply_in_order() {
    const ENCODINGS: [PositionEncoding; 3] =
        [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];
    let tree = Tree::new(&[]);
    let vfs = tree.open();
    let path = rel("long");
    let mut model = "fn main() {\n    // 🦀 ünïcode\n}\n".to_owned();
    vfs.open_buffer(path.clone(), 0, &model);
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    for version in 1..=2000 {
        let encoding = ENCODINGS[next(3)];
        let places: Vec<usize> =
            (0..=model.len()).filter(|&at| model.is_char_boundary(at)).collect();
        let start = next(places.len());
        let end = (start + next(4)).min(places.len() - 1);
        let (start, end) = (places[start], places[end]);
        let new = ["a", "🦀\n", "", "ß", "\n\n", "let x = 1;"][next(6)];
        let change = BufferChange::Range {
            start: position(&model, start, encoding),
            end: position(&model, end, encoding),
            encoding,
            text: new.to_owned(),
        };
        vfs.change_buffer(&path, version, &[change]).unwrap();
        model.replace_range(start..end, new);
    }
    let buffer = vfs.buffer(&path).unwrap();
    assert_eq!(buffer.version, 2000);
    assert_eq!(buffer.text.to_string(), model);
    assert_eq!(&*vfs.snapshot().read(&path).unwrap(), model);
}

/// The position of an offset, counted from the text itself.
fn position(text: &str, offset: usize, encoding: PositionEncoding) -> LineCol {
    let before = &text[..offset];
    let line = before.rsplit('\n').next().unwrap_or("");
    let col = match encoding {
        PositionEncoding::Utf8 => line.len(),
        PositionEncoding::Utf16 => line.encode_utf16().count(),
        PositionEncoding::Utf32 => line.chars().count(),
    };
    LineCol { line: before.matches('\n').count() as u32, col: col as u32 }
}

#[test]
fn a_change_without_an_open_is_refused() {
    let tree = Tree::new(&[("a", "")]);
    let vfs = tree.open();
    let revision = vfs.revision();
    let res = vfs.change_buffer(&rel("a"), 1, &[BufferChange::Full(String::new())]);
    assert!(matches!(res, Err(Error::NotOpen { .. })));
    vfs.close_buffer(&rel("a"));
    assert_eq!(vfs.revision(), revision);
    // A version that does not grow is the client's business.
    vfs.open_buffer(rel("a"), 5, "x");
    vfs.change_buffer(&rel("a"), 5, &[BufferChange::Full("y".to_owned())]).unwrap();
    assert_eq!(&*vfs.snapshot().read(&rel("a")).unwrap(), "y");
}

#[test]
fn readers_see_whole_changes_only() {
    let tree = Tree::new(&[]);
    let vfs = tree.open();
    let path = rel("a");
    vfs.open_buffer(path.clone(), 0, "0 0");
    thread::scope(|scope| {
        scope.spawn(|| {
            for version in 1..500 {
                let halves = [
                    BufferChange::Full(format!("{version} ")),
                    range((0, 99), (0, 99), PositionEncoding::Utf16, &version.to_string()),
                ];
                vfs.change_buffer(&path, version, &halves).unwrap();
            }
        });
        for _ in 0..500 {
            let snap = vfs.snapshot();
            let text = snap.read(&path).unwrap();
            let (one, two) = text.split_once(' ').unwrap();
            assert_eq!(one, two);
            assert_eq!(snap.meta(&path).unwrap().buffer_version.unwrap().to_string(), one);
        }
    });
}
