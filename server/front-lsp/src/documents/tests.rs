//! Documents against the workspace's buffers, without a connection.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use serde_json::{Value, json};

use fixture::{Fixture, TempWorkspace};

use super::*;

struct Setup {
    documents: Documents,
    folder: TempWorkspace,
    root: AbsPathBuf,
}

impl Setup {
    fn new() -> Setup {
        let folder = TempWorkspace::new(&Fixture::parse("//- /a.py\ndisk\n")).unwrap();
        let root = AbsPathBuf::try_from(folder.path().to_owned()).unwrap();
        Setup { documents: Documents::default(), folder, root }
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.root)
    }

    fn open(&self, uri: &str, version: i32, text: &str) {
        let document =
            json!({"uri": uri, "languageId": "python", "version": version, "text": text});
        self.documents.opened(from(json!({"textDocument": document})));
    }

    fn insert(&self, uri: &str, version: i32, column: u32, text: &str) {
        let at = json!({"line": 0, "character": column});
        let change = json!({"range": {"start": at, "end": at}, "text": text});
        let document = json!({"uri": uri, "version": version});
        self.documents.changed(from(json!({"textDocument": document, "contentChanges": [change]})));
    }

    fn close(&self, uri: &str) {
        self.documents.closed(from(json!({"textDocument": {"uri": uri}})));
    }
}

fn from<T: serde::de::DeserializeOwned>(params: Value) -> T {
    serde_json::from_value(params).unwrap()
}

fn path(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn buffer(vfs: &Vfs, name: &str) -> Option<(i32, String)> {
    vfs.buffer(&path(name)).map(|buffer| (buffer.version, buffer.text.to_string()))
}

#[test]
fn what_comes_before_the_workspace_is_open_is_replayed_in_order() {
    let setup = Setup::new();
    setup.documents.expect(setup.root.clone(), PositionEncoding::Utf16);
    let a = setup.uri("a.py");
    setup.open(&a, 0, "😀b");
    setup.insert(&a, 1, 2, "a");
    setup.insert(&a, 2, 4, "c");
    setup.open(&setup.uri("gone.py"), 1, "x");
    setup.close(&setup.uri("gone.py"));
    let vfs = Vfs::open(setup.root.clone()).unwrap();
    setup.documents.attach(vfs.clone());
    assert_eq!(buffer(&vfs, "a.py"), Some((2, "😀abc".into())));
    assert_eq!(buffer(&vfs, "gone.py"), None);
    setup.insert(&a, 3, 0, "!");
    assert_eq!(buffer(&vfs, "a.py"), Some((3, "!😀abc".into())));
}

#[test]
fn a_file_has_one_path_and_the_clients_own_spelling() {
    let setup = Setup::new();
    setup.documents.expect(setup.root.clone(), PositionEncoding::Utf8);
    setup.documents.attach(Vfs::open(setup.root.clone()).unwrap());
    let spelled = setup.uri("d/%C3%BC%20x.py");
    setup.open(&spelled, 0, "");
    assert_eq!(setup.documents.uri_of(&path("d/ü x.py")), Some(Uri(spelled)));
    assert_eq!(setup.documents.path_of(&Uri(setup.uri("d/ü x.py"))).unwrap(), path("d/ü x.py"));
    // Closed under another spelling, it is closed.
    setup.close(&setup.uri("d/ü x.py"));
    assert_eq!(setup.documents.uri_of(&path("d/ü x.py")), None);
}

#[test]
fn a_root_behind_a_link_is_known_by_both_names() {
    let setup = Setup::new();
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("link");
    std::os::unix::fs::symlink(setup.folder.path(), &link).unwrap();
    let link = AbsPathBuf::try_from(link).unwrap();
    setup.documents.expect(link.clone(), PositionEncoding::Utf8);
    setup.documents.attach(Vfs::open(link.clone()).unwrap());
    for uri in [setup.uri("a.py"), format!("file://{link}/a.py")] {
        assert_eq!(setup.documents.path_of(&Uri(uri)).unwrap(), path("a.py"));
    }
}

#[test]
fn what_is_none_of_ours_is_ignored() {
    let setup = Setup::new();
    assert_eq!(setup.documents.path_of(&Uri("file:///x".into())), Err(UriError::NoWorkspace));
    setup.open(&setup.uri("early.py"), 0, "");
    setup.documents.expect(setup.root.clone(), PositionEncoding::Utf8);
    let vfs = Vfs::open(setup.root.clone()).unwrap();
    setup.documents.attach(vfs.clone());
    let before = vfs.revision();
    for uri in [
        "untitled:1",
        "file:///elsewhere/a.py",
        "git:/w/a.py",
        &setup.uri("../a.py"),
        &setup.uri(""),
    ] {
        setup.open(uri, 0, "");
        setup.insert(uri, 1, 0, "x");
        setup.close(uri);
    }
    // Never opened.
    setup.insert(&setup.uri("a.py"), 1, 0, "x");
    setup.close(&setup.uri("a.py"));
    assert_eq!(vfs.revision(), before);
}

#[test]
fn at_the_end_the_disk_is_the_truth_again() {
    let setup = Setup::new();
    setup.documents.expect(setup.root.clone(), PositionEncoding::Utf8);
    let vfs = Vfs::open(setup.root.clone()).unwrap();
    setup.documents.attach(vfs.clone());
    setup.open(&setup.uri("a.py"), 0, "unsaved");
    setup.documents.shut();
    assert_eq!(buffer(&vfs, "a.py"), None);
    setup.open(&setup.uri("a.py"), 1, "late");
    assert_eq!(buffer(&vfs, "a.py"), None);
}

#[tokio::test]
async fn a_handler_sees_the_documents_as_its_message_found_them() {
    let setup = Setup::new();
    setup.documents.expect(setup.root.clone(), PositionEncoding::Utf8);
    setup.documents.attach(Vfs::open(setup.root.clone()).unwrap());
    let a = setup.uri("a.py");
    setup.open(&a, 0, "then");
    let handler =
        async { Documents::snapshot_at_dispatch().map(|it| it.read(&path("a.py")).unwrap()) };
    let handler = setup.documents.at_dispatch(handler.boxed());
    setup.insert(&a, 1, 0, "not ");
    assert_eq!(handler.await.as_deref(), Some("then"));
    assert!(Documents::snapshot_at_dispatch().is_none());
}
