//! Packs: the budget holds, whole chunks come first, a cut is said.

use base::Tokens;
use expect_test::expect;

use crate::embed::table::StaticTable;
use crate::pack::ContextPack;
use crate::testing::World;
use crate::{Index, Query};

/// Four bytes are a token, as in a rough estimate of a real counter.
fn count(text: &str) -> Tokens {
    Tokens(text.len().div_ceil(4))
}

fn pack(world: &World, text: &str, budget: usize) -> ContextPack {
    let pack = world.index.pack(&Query::new(text), Tokens(budget), &count);
    let total: usize = pack.hits.iter().map(|hit| count(&hit.render()).0).sum();
    assert_eq!(Tokens(total), pack.tokens);
    assert!(total <= budget, "{total} of {budget}");
    pack
}

fn world() -> World {
    let filler: String = (0..80).map(|idx| format!("    step_{idx} = work({idx})\n")).collect();
    let small: String = (0..12)
        .map(|idx| format!("//- /small_{idx}.py\ndef rotate_{idx}(key):\n    return key\n"))
        .collect();
    World::new(&format!(
        "//- /long.py\n# Rotates.\ndef rotate_everything(keys):\n{filler}    secret = rotate(keys)\n{filler}    return secret\n{small}"
    ))
}

#[test]
fn whole_chunks_fit() {
    let pack = pack(&world(), "rotate key", 100_000);
    assert_eq!(pack.left_out, 0);
    assert!(pack.hits.iter().all(|hit| !hit.text.contains("left out")));
}

#[test]
fn a_long_chunk_is_cut_around_its_best_lines() {
    let pack = pack(&world(), "rotate secret", 220);
    let cut: Vec<_> = pack.hits.iter().filter(|hit| hit.text.contains("left out")).collect();
    assert_eq!(cut.len(), 1);
    expect![[r#"
        long.py:1-164
        # Rotates.
        def rotate_everything(keys):
            step_0 = work(0)
            step_1 = work(1)
        [... 75 lines left out ...]
            step_77 = work(77)
            step_78 = work(78)
            step_79 = work(79)
            secret = rotate(keys)
            step_0 = work(0)
            step_1 = work(1)
            step_2 = work(2)
        [... 76 lines left out ...]
            step_79 = work(79)
            return secret
    "#]]
    .assert_eq(&cut[0].render());
    expect!["name: rotate; body: secret; cut to fit, 151 of 164 lines left out"]
        .assert_eq(&cut[0].reason);
}

#[test]
fn the_budget_holds_at_every_size() {
    let world = world();
    let all = world.search("rotate key secret").len();
    for budget in (0..600).step_by(7).chain([1_000, 2_500, 5_000]) {
        let pack = pack(&world, "rotate key secret", budget);
        assert_eq!(pack.hits.len() + pack.left_out, all);
    }
}

#[test]
fn a_single_endless_line_is_left_out() {
    let world = World::new("");
    world.put("data.txt", &format!("needle {}", "x ".repeat(1_900)));
    world.update();
    let pack = pack(&world, "needle", 50);
    assert_eq!((pack.hits.len(), pack.left_out), (0, 1));
}

#[test]
fn nothing_packs_to_nothing() {
    let pack = pack(&World::new(""), "anything", 2_500);
    assert_eq!((pack.hits.len(), pack.tokens, pack.left_out), (0, Tokens(0), 0));
}

#[test]
fn copies_are_packed_once() {
    let same = "def parse_date(text):\n    parts = text.split('-')\n    return date(*parts)\n";
    let near = same.replace("parts", "pieces");
    let other =
        "def parse_date_range(text):\n    return [parse_date(end) for end in text.split('..')]\n";
    let files =
        format!("//- /a.py\n{same}//- /b/a.py\n{same}//- /near.py\n{near}//- /other.py\n{other}");
    let paths = |pack: &ContextPack| -> Vec<String> {
        pack.hits.iter().map(|hit| hit.path.to_string()).collect()
    };
    // Without vectors only what is the same is a copy.
    let words = World::new(&files);
    assert_eq!(paths(&pack(&words, "parse_date", 1000)), ["a.py", "near.py", "other.py"]);
    let table = std::sync::Arc::new(StaticTable::shipped());
    let meaning = World::with(&files, Index::with_embedder(table));
    assert_eq!(paths(&pack(&meaning, "parse_date", 1000)), ["near.py", "other.py"]);
    // A search shows all of them.
    assert_eq!(meaning.index.search(&Query::new("parse_date")).len(), 4);
}
