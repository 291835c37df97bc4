//! What reports say of new tests, and which code tests are about; the runners themselves are in the tests of the binary.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use base::{AbsPathBuf, ByteRange, FileChange, RelPath};
use expect_test::{Expect, expect};
use fixture::{Fixture, TempWorkspace};
use tools::tests::{Case, TestCommand};
use vfs::{Snapshot, Vfs};

use super::faults::{Noticed, noticed};
use super::*;
use crate::request::{Request, Selection};

use Status::{Failed, Passed};

fn report(cases: &[(&str, Status)]) -> TestReport {
    let case = |status| Case { status, message: String::new(), file: None, line: None };
    let cases: BTreeMap<String, Case> =
        cases.iter().map(|(id, status)| ((*id).to_owned(), case(*status))).collect();
    TestReport {
        cases,
        end: Some(End::Exit(0)),
        answered: Ok(()),
        ..TestReport::none(String::new())
    }
}

fn timeout() -> TestReport {
    let none = TestReport::none("too long".into());
    TestReport { end: Some(End::Timeout), ..none }
}

fn tested(report: TestReport) -> Tested {
    let command: TestCommand = serde_json::from_value(serde_json::json!({
        "runner": "pytest", "argv": ["pytest"], "dir": null, "source": "detected",
    }))
    .unwrap();
    Tested { command, report }
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn without_the_change_a_new_test_fails_or_nothing_is_built() {
    let before = tested(report(&[("old", Passed), ("broken", Failed)]));
    let of = |now: &TestReport, chosen: &[&str]| without::of(&before, now, Some(&ids(chosen)));
    let fails = |how: &str| Without::Fails(how.to_owned());
    assert_eq!(of(&report(&[("new", Failed)]), &["new"]), fails("fail without the change"));
    let some = report(&[("new", Failed), ("more", Passed)]);
    assert_eq!(of(&some, &["new", "more"]), fails("1 of them fail without the change"));
    let unbuilt = report(&[("build", Failed)]);
    assert_eq!(of(&unbuilt, &["new"]), fails("do not build without the change"));
    assert_eq!(of(&timeout(), &["new"]), fails("do not end without the change"));
    let unloaded = report(&[("test_a.py", Failed)]);
    assert_eq!(of(&unloaded, &["new"]), fails("cannot be loaded without the change"));
    assert_eq!(of(&report(&[("new", Passed)]), &["new"]), Without::Passes);
    // What has not run has not passed.
    let unknown = Without::Unknown("not all of them have run".into());
    assert_eq!(of(&report(&[("old", Passed)]), &["new"]), unknown);
    let none = TestReport::none("not installed".into());
    assert_eq!(of(&none, &["new"]), Without::Unknown("not installed".into()));
}

#[test]
fn without_the_change_all_tests_run_where_the_new_ones_are_not_known() {
    let before = tested(report(&[("old", Passed), ("broken", Failed)]));
    let of = |now: &TestReport| without::of(&before, now, None);
    let fails = Without::Fails("fail without the change".to_owned());
    assert_eq!(of(&report(&[("test_a.py", Failed)])), fails);
    // What failed before fails on.
    assert_eq!(of(&report(&[("broken", Failed), ("new", Passed)])), Without::Passes);
}

/// What is to be repaired may be that nothing builds, or that a file cannot be loaded.
#[test]
fn what_could_not_be_built_before_has_not_passed() {
    for failing in ["build", "test_a.py"] {
        let before = tested(report(&[(failing, Failed)]));
        let said = without::of(&before, &report(&[(failing, Failed)]), Some(&ids(&["new"])));
        assert!(matches!(said, Without::Fails(_)), "{failing}: {said:?}");
    }
}

#[test]
fn a_fault_is_noticed_by_a_failing_test_or_a_loop_alone() {
    let new = ids(&["a", "b"]);
    let of = |report: &TestReport| noticed(&new, report, 500, 12_000);
    assert_eq!(of(&report(&[("a", Passed), ("b", Failed)])), Noticed::Yes);
    assert_eq!(of(&report(&[("a", Passed), ("b", Passed)])), Noticed::No);
    assert_eq!(of(&timeout()), Noticed::Yes);
    // As slow without the fault: nothing can be said.
    assert_eq!(noticed(&new, &timeout(), 9_000, 12_000), Noticed::Unclear("too long".into()));
    for report in [report(&[("build", Failed)]), report(&[("test_a.py", Failed), ("a", Passed)])] {
        assert!(matches!(of(&report), Noticed::Unclear(_)), "{report:?}");
    }
}

#[test]
fn a_failing_new_test_is_told_as_such() {
    let before = Baseline { runs: vec![tested(report(&[("old", Passed)]))], targets: Vec::new() };
    let defect = |tests: &[&str]| Defect {
        tests: ids(tests),
        ..Defect::new(DefectKind::TestBroke, "breaks what passed before", "", "")
    };
    let kind = |tests: &[&str], asked| told(defect(tests), asked, &before).kind;
    assert_eq!(kind(&["new"], NewTests::Alone), DefectKind::WeakTest);
    assert_eq!(kind(&["build"], NewTests::Alone), DefectKind::WeakTest);
    assert_eq!(kind(&["new"], NewTests::OfRepair), DefectKind::WeakTest);
    assert_eq!(kind(&["new", "old"], NewTests::OfRepair), DefectKind::TestBroke);
    assert_eq!(kind(&["new"], NewTests::Unasked), DefectKind::TestBroke);
}

#[test]
fn only_tests_that_pass_and_are_new_count() {
    let patch = FileChange::Create { path: path("test_new.py"), text: "\n".into() };
    let patch = Patch::new(vec![patch]).unwrap();
    let before = tested(report(&[("old", Passed)]));
    let now = report(&[("old", Passed), ("new", Passed), ("bad", Failed), ("build", Passed)]);
    assert_eq!(new_ids(&before, &now, &patch), ["new"]);
    // Old tests that were not seen before are not new.
    let now = report(&[("tests::old", Passed), ("tests::fresh", Passed)]);
    let patch = FileChange::Create { path: path("lib.rs"), text: "fn fresh() {}\n".into() };
    let patch = Patch::new(vec![patch]).unwrap();
    for unseen in [report(&[("build", Failed)]), timeout()] {
        assert_eq!(new_ids(&tested(unseen), &now, &patch), ["tests::fresh"]);
    }
    // Where there were none, all are.
    let none = TestReport { end: Some(End::Exit(0)), ..TestReport::none("no test ran".into()) };
    assert_eq!(new_ids(&tested(none), &now, &patch).len(), 2);
}

#[test]
fn without_a_new_test_it_is_said_why() {
    let before = Baseline { runs: vec![tested(report(&[("old", Passed)]))], targets: Vec::new() };
    let of = |now: TestReport| none_ran(&before, &[now]).map_err(|defect| defect.summary);
    let none = "pytest found no new test that passes".to_owned();
    assert_eq!(of(report(&[("old", Passed)])), Err(none));
    assert_eq!(of(timeout()), Err("the new tests did not end in time".to_owned()));
    // Not the tests' fault.
    assert_eq!(of(TestReport::none("no".into())), Ok(Some("no".into())));
    let whole = of(report(&[("command", Passed)]));
    assert_eq!(whole, Ok(Some("the test command does not tell tests apart".into())));
}

const SHOP: &str = r#"
//- /shop.py
LIMIT = 3


class Cart:
    def total(self, prices):
        return sum(prices) * 2

    def clear(self):
        self.items = []


def helper(n):
    return n + 1
//- /other.py
def discount(price):
    return price - 1
//- /test_old.py
def test_old():
    assert 1 < 2
"#;

fn snapshot() -> (TempWorkspace, Snapshot) {
    let files = TempWorkspace::new(&Fixture::parse(SHOP)).unwrap();
    let root = AbsPathBuf::try_from(files.path().canonicalize().unwrap()).unwrap();
    let snapshot = Vfs::open(root).unwrap().snapshot();
    (files, snapshot)
}

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

/// Where faults are made for a request, with tests of this text.
fn check_places(request: &Request, test: &str, expected: Expect) {
    let (_files, snapshot) = snapshot();
    let test = FileChange::Create { path: path("test_new.py"), text: test.into() };
    let tests = Patch::new(vec![test]).unwrap();
    let mut said = String::new();
    for place in under_test::found(request, &snapshot, &tests) {
        for range in &place.ranges {
            let text = &place.text[range.as_range()];
            let first = text.lines().find(|line| !line.trim().is_empty()).unwrap().trim();
            let n_lines = text.lines().count();
            said.push_str(&format!("{}: {first} ({})\n", place.path, plural(n_lines, "line")));
        }
    }
    expected.assert_eq(&said);
}

#[test]
fn faults_are_made_where_the_request_points_and_the_tests_look() {
    let words = |text: &str| Request::new("test", text, "test");
    let at = |mark: &str| {
        let (_files, snapshot) = snapshot();
        let start = snapshot.read(&path("shop.py")).unwrap().find(mark).unwrap();
        let selection = Selection { path: path("shop.py"), range: ByteRange::at(start) };
        Request { selection: Some(selection), ..words("") }
    };
    let uses_cart = "from shop import Cart\n\ndef test_a():\n    assert Cart().total([1]) == 2\n";
    // A cursor stands for the definition around it, also where the tests use that through others.
    check_places(
        &at("return sum"),
        uses_cart,
        expect![[r#"
        shop.py: def total(self, prices): (2 lines)
    "#]],
    );
    check_places(
        &at("return n + 1"),
        uses_cart,
        expect![[r#"
        shop.py: def helper(n): (2 lines)
    "#]],
    );
    // A file: what the tests use of it.
    check_places(
        &words("test shop.py"),
        uses_cart,
        expect![[r#"
        shop.py: def total(self, prices): (2 lines)
    "#]],
    );
    check_places(
        &words("test shop.py"),
        "def test_a(): ...\n",
        expect![[r#"
        shop.py: LIMIT = 3 (13 lines)
    "#]],
    );
    // Neither a place nor a file: what the tests use.
    check_places(
        &words("the discount"),
        "import other\n\ndef test_a():\n    assert other.discount(2) == 1\n",
        expect![[r#"
            other.py: def discount(price): (2 lines)
        "#]],
    );
}

#[test]
fn code_beside_new_tests_is_found_where_it_is_with_them() {
    let old = "pub fn two() -> u32 {\n    2\n}\n";
    let new = "#[cfg(test)]\nmod early {\n    #[test]\n    fn two() {}\n}\n\npub fn two() -> u32 {\n    2\n}\n";
    let tests = Patch::new(vec![FileChange::edit(path("lib.rs"), old, new)]).unwrap();
    let place = Place {
        path: path("lib.rs"),
        text: old.into(),
        ranges: vec![ByteRange::new(0, old.len())],
    };
    let moved = under_test::with_tests(place, &tests);
    assert_eq!(moved.text, new);
    assert_eq!(&new[moved.ranges[0].as_range()], old);
}
