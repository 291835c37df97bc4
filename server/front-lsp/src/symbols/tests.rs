//! Kinds, containers and places, as clients are told them.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::ByteRange;
use expect_test::expect;
use tower_lsp::gen_lsp_types::Uri;

use super::*;

fn symbol(path: &str, kind: ChunkKind, name: &str, qualified: &str, at: usize) -> Symbol {
    let range = ByteRange::new(at, at + name.len());
    Symbol {
        path: path.parse().unwrap(),
        kind,
        name: name.into(),
        qualified: qualified.into(),
        signature: name.into(),
        lines: (1, 1),
        range,
        name_range: range,
        reason: String::new(),
    }
}

#[test]
fn positions_count_as_the_client_counts() {
    let text = "x = 1\n\"📐é\"; def area(): pass\n";
    let at = text.find("area").unwrap();
    let column = |encoding| {
        let symbols = vec![
            symbol("a.py", ChunkKind::Function, "area", "area", at),
            symbol("gone.py", ChunkKind::Function, "area", "area", at),
            symbol("a.py", ChunkKind::Function, "area", "area", 1_000),
        ];
        let read = |path: &RelPath| (path.as_str() == "a.py").then(|| Text::new(text));
        let places = places(symbols, encoding, &read);
        assert_eq!(places.len(), 1, "what is not there any more is left out");
        let Range { start, end } = places[0].1;
        assert_eq!((start.line, end.line, end.character - start.character), (1, 1, 4));
        start.character
    };
    assert_eq!(column(PositionEncoding::Utf8), 14);
    assert_eq!(column(PositionEncoding::Utf16), 11);
    assert_eq!(column(PositionEncoding::Utf32), 10);
}

#[test]
fn kinds_and_containers_are_the_protocols() {
    let mut told = String::new();
    for (kind, name, qualified) in [
        (ChunkKind::Method, "inner", "Outer.inner"),
        (ChunkKind::Struct, "Clock", "time::Clock"),
        (ChunkKind::Impl, "Clock", "Clock"),
        (ChunkKind::TypeAlias, "Zone", "Zone"),
        (ChunkKind::Trait, "Ticks", "Ticks"),
    ] {
        let symbol = symbol("a.rs", kind, name, qualified, 0);
        let location = Location { uri: Uri("file:///a.rs".into()), range: Range::default() };
        for newer in [true, false] {
            let value = to_proto(&symbol, location.clone(), newer);
            let mut value = serde_json::to_value(value).unwrap();
            value.as_object_mut().unwrap().remove("location");
            told.push_str(&format!("{value}\n"));
        }
    }
    expect![[r#"
        {"containerName":"Outer","kind":6,"name":"inner"}
        {"containerName":"Outer","kind":6,"name":"inner"}
        {"containerName":"time","kind":23,"name":"Clock"}
        {"containerName":"time","kind":5,"name":"Clock"}
        {"kind":19,"name":"Clock"}
        {"kind":5,"name":"Clock"}
        {"kind":26,"name":"Zone"}
        {"kind":5,"name":"Zone"}
        {"kind":11,"name":"Ticks"}
        {"kind":11,"name":"Ticks"}
    "#]]
    .assert_eq(&told);
}
