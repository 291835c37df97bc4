//! Ranking: what comes first, and what is said about it.

use std::sync::Arc;

use expect_test::{Expect, expect};

use crate::embed::table::StaticTable;
use crate::embed::{EmbedError, Embedder, Text};
use crate::testing::{Groups, World, path, show};
use crate::{Hit, Index, Query};

fn check(files: &str, query: &str, expected: Expect) {
    expected.assert_eq(&show(&World::new(files).search(query)));
}

const DATES: &str = r#"
//- /dates.py
"""Date helpers."""

def parse_date(text, zone=None):
    """Reads a date."""
    return text

def format_date(date):
    return str(date)
//- /report.py
from dates import parse_date

def report(lines):
    for line in lines:
        date = parse_date(line)
        print(date, parse_date(line, zone=1))
//- /tests/test_dates.py
from dates import parse_date

def test_parse_date():
    assert parse_date("1") == parse_date("1")
//- /README.md
# Dates

Use `parse_date` to parse a date.
"#;

#[test]
fn a_definition_beats_mentions() {
    check(
        DATES,
        "parse_date",
        expect![[r#"
            dates.py:3-5 parse_date | name match `parse_date`; path: date
            dates.py:7-8 format_date | name: date; path: date
            dates.py:1-1 """Date helpers.""" | signature: date; path: date
            report.py:3-6 report | body: parse, date, parse_date
            report.py:1-1 from dates import parse_date | signature: parse, date, parse_date
            tests/test_dates.py:3-4 test_parse_date | name: parse, date; body: parse_date; path: date
            README.md:1-3 # Dates | signature: date; body: parse, parse_date
            tests/test_dates.py:1-1 from dates import parse_date | signature: parse, date, parse_date; path: date
        "#]],
    );
    check(
        DATES,
        "how is a date parsed with a zone",
        expect![[r#"
            dates.py:3-5 parse_date | name: date, parse; signature: zone; path: date
            dates.py:7-8 format_date | name: date; path: date
            dates.py:1-1 """Date helpers.""" | signature: date; path: date
            report.py:3-6 report | body: date, zone, parse
            report.py:1-1 from dates import parse_date | signature: date, parse
            README.md:1-3 # Dates | signature: date; body: parse
            tests/test_dates.py:3-4 test_parse_date | name: date, parse; path: date
            tests/test_dates.py:1-1 from dates import parse_date | signature: date, parse; path: date
        "#]],
    );
}

#[test]
fn tests_and_documents_come_first_when_asked_for() {
    let world = World::new(DATES);
    let first = |text: &str| world.search(text).first().map(|hit| hit.path.to_string());
    assert_eq!(first("test_parse_date").as_deref(), Some("tests/test_dates.py"));
    assert_eq!(first("documentation readme of dates").as_deref(), Some("README.md"));
}

#[test]
fn paths_are_evidence() {
    check(
        r#"
//- /net/retry.py
LIMIT = 3

def again(call):
    return call()
//- /net/other.py
def other(call):
    return call()
"#,
        "retry",
        expect![[r#"
            net/retry.py:1-1 LIMIT | path: retry
        "#]],
    );
}

#[test]
fn a_method_stands_for_its_class() {
    check(
        r#"
//- /queue.ts
/** Holds jobs until a worker is free. */
export class JobQueue {
  jobs: Job[] = [];
  /** Takes the oldest job out. */
  takeOldest(): Job | undefined {
    return this.jobs.shift();
  }
  /** Puts a job in. */
  put(job: Job) {
    this.jobs.push(job);
  }
}
"#,
        "take the oldest job",
        expect![[r#"
            queue.ts:4-7 JobQueue.takeOldest | name: take, oldest, takeoldest; signature: job
            queue.ts:8-11 JobQueue.put | signature: job
        "#]],
    );
}

#[test]
fn qualified_names_choose_among_equal_ones() {
    let files = r#"
//- /a.rs
impl Clock { fn reset(&self) {} }
impl Queue { fn reset(&self) {} }
//- /b.rs
fn reset() {}
"#;
    check(
        files,
        "Queue::reset",
        expect![[r#"
        a.rs:2-2 Queue::reset | name match `reset`; signature: queue
        a.rs:1-1 Clock::reset | name: reset
        b.rs:1-1 reset | name: reset
    "#]],
    );
}

#[test]
fn a_type_comes_before_what_points_at_it() {
    let files = r#"
//- /a.rs
impl Clock { fn tick(&self) {} }
//- /b.rs
pub type Clock = other::Clock;
//- /c.rs
pub struct Clock { at: u64 }
"#;
    let first = World::new(files).search("Clock").first().map(|hit| hit.path.clone());
    assert_eq!(first, Some(path("c.rs")));
}

#[test]
fn words_side_by_side_are_a_name() {
    check(
        r#"
//- /JsonArray.as
public final class JsonArray {
  public int size() {
    return 0;
  }
}
//- /Json.as
public final class Json {
  // json array, json array
  public int array() {
    return 0;
  }
}
"#,
        "json array",
        expect![[r#"
            JsonArray.as:1-5 public final class JsonArray { | name: json, array, jsonarray; path: json, array, jsonarray
            Json.as:1-6 public final class Json { | name: json, array; path: json
        "#]],
    );
}

#[test]
fn vendored_generated_and_minified_code_comes_last() {
    let files = r#"
//- /node_modules/pad/index.js
export function leftPad(text) { return text; }
//- /dist/app.min.js
function leftPad(a){return a}
//- /src/pad.js
export function leftPad(text) { return text; }
"#;
    check(
        files,
        "leftPad",
        expect![[r#"
            src/pad.js:1-1 leftPad | name match `leftPad`; path: pad
            node_modules/pad/index.js:1-1 leftPad | name match `leftPad`; path: pad
            dist/app.min.js:1-1 leftPad | name match `leftPad`
        "#]],
    );
}

#[test]
fn one_file_does_not_fill_the_list() {
    let many: String =
        (0..30).map(|idx| format!("def load_config_{idx}():\n    return {idx}\n\n")).collect();
    let world =
        World::new(&format!("//- /big.py\n{many}//- /small.py\ndef load():\n    config = 1\n"));
    let hits = world.search("load config");
    assert_eq!(hits.iter().filter(|hit| hit.path == path("big.py")).count(), 4);
    assert!(hits.iter().any(|hit| hit.path == path("small.py")));
}

#[test]
fn limits_filters_and_boosts_hold() {
    let world = World::new(DATES);
    let search = |change: &dyn Fn(&mut Query)| -> Vec<Hit> {
        let mut query = Query::new("parse_date");
        change(&mut query);
        world.index.search(&query)
    };
    assert_eq!(search(&|query| query.limit = 0).len(), 0);
    assert_eq!(search(&|query| query.limit = 1).len(), 1);
    let filtered = search(&|query| query.paths = vec!["tests/".to_owned()]);
    assert!(
        !filtered.is_empty() && filtered.iter().all(|hit| hit.path == path("tests/test_dates.py"))
    );
    assert_eq!(search(&|query| query.paths = vec!["nothing/**".to_owned()]).len(), 0);
    let boosted = search(&|query| {
        query.text = "print".to_owned();
        query.boost = vec![path("dates.py"), path("absent.py")];
    });
    expect![[r#"
        report.py:3-6 report | body: print
        dates.py:1-1 """Date helpers.""" | named by the request
    "#]]
    .assert_eq(&show(&boosted));
}

#[test]
fn a_path_in_the_text_names_its_file() {
    let world = World::new(DATES);
    let first = |text: &str| {
        world.search(text).first().map(|hit| (hit.path.to_string(), hit.reason.clone()))
    };
    for text in [
        "why does report.py:3 print",
        "print in `./report.py`.",
        "File \"/home/me/dates/report.py\", line 3, in print",
    ] {
        let (path, reason) = first(text).expect("the file is there");
        assert_eq!(path, "report.py", "{text}");
        assert!(reason.ends_with("named by the request"), "{reason}");
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let world = World::new(DATES);
    for text in ["", "   ", "the", "zzzz", "🎉", "\0", "((("] {
        assert_eq!(world.search(text), [], "{text:?}");
    }
}

#[test]
fn hits_have_whole_lines_and_the_order_is_always_the_same() {
    let first = World::new(DATES).search("date");
    for hit in &first {
        let (start, end) = hit.chunk.lines;
        assert_eq!(hit.text.lines().count() as u32, end - start + 1, "{}", hit.render());
    }
    for _ in 0..5 {
        assert_eq!(World::new(DATES).search("date"), first);
    }
    let twins = World::new("//- /b.py\ndef same():\n    pass\n//- /a.py\ndef same():\n    pass\n")
        .search("same");
    let paths: Vec<String> = twins.iter().map(|hit| hit.path.to_string()).collect();
    assert_eq!(paths, ["a.py", "b.py"]);
}

#[test]
fn the_least_of_what_has_the_words_is_found_too() {
    // The least of all scores is 0 once they are brought between 0 and 1.
    let files = "//- /clock.py\ndef parse_time(text):\n    return text\n//- /main.py\nfrom clock import parse_time\n";
    let world = World::with(files, Index::with_embedder(Arc::new(Groups)));
    assert_eq!(world.search("parse_time").len(), 2);
}

#[test]
fn what_nothing_speaks_for_is_not_found() {
    let files = "//- /a.py\ndef alpha():\n    return 1\n//- /b.py\ndef beta():\n    return 2\n";
    let world = World::with(files, Index::with_embedder(Arc::new(Groups)));
    for hit in world.search("zyxwvu") {
        assert!(!hit.reason.is_empty(), "{hit:?}");
    }
    assert!(world.search("alpha").iter().all(|hit| !hit.reason.is_empty()));
}

#[test]
fn what_a_path_means_orders_files_of_the_same_words() {
    let files = "//- /wire/gardens.py\ndef read(line):\n    pass\n//- /wire/response.py\ndef read(line):\n    pass\n";
    let first = |world: World| world.search("where are replies read")[0].path.to_string();
    assert_eq!(first(World::new(files)), "wire/gardens.py", "by words both are the same");
    let embedder = Arc::new(StaticTable::shipped());
    assert_eq!(first(World::with(files, Index::with_embedder(embedder))), "wire/response.py");
    // Whichever embedder there is: paths are compared by the table.
    assert_eq!(
        first(World::with(files, Index::with_embedder(Arc::new(Alike)))),
        "wire/response.py"
    );
}

/// To it, all means the same.
struct Alike;

impl Embedder for Alike {
    fn id(&self) -> &str {
        "alike-1-32"
    }

    fn dim(&self) -> usize {
        32
    }

    fn embed(&self, _text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        out.fill(0.125);
        Ok(())
    }
}
