//! What a run leaves behind, and what a later one is told of it.

use std::collections::BTreeMap;

use engine::{Event, Forget, MemoryForm, MemorySummary, Request, Review, TurnStatus};

use crate::check::{World, finish, log};

const FILES: &str = r#"
//- /cart.py
def total(prices):
    return sum(prices)
//- /log.py
def write(line):
    print(line)
//- reply coder
The total is rounded as banks do: half to even.
CHECK: a total of 0.125

cart.py
<<<<<<< SEARCH
    return sum(prices)
=======
    return round(sum(prices), 2)
>>>>>>> REPLACE

COMMIT: fix: round totals
//- reply coder
log.py
<<<<<<< SEARCH
    print(line)
=======
    print(line, flush=True)
>>>>>>> REPLACE
//- reply coder
There is nothing to do.
//- reply coder
cart.py
<<<<<<< SEARCH
def total(prices):
=======
def total(prices, digits=2):
>>>>>>> REPLACE
"#;

fn accepted(text: &str) -> Request {
    Request { review: Review::AcceptAll, ..Request::new("implement", text, "test") }
}

fn recalled(events: &[Event]) -> Vec<MemorySummary> {
    let memories = events.iter().filter_map(|event| match event {
        Event::Recalled { memories } => Some(memories.clone()),
        _ => None,
    });
    memories.flatten().collect()
}

const ROUND: &str = "round the total of the cart's prices to two decimals";
const FLUSH: &str = "write each log line at once";
const DIGITS: &str = "let callers say to how many decimals the cart's total is rounded";

#[tokio::test]
async fn a_later_run_about_the_same_matter_is_told_what_was_done() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    let mut told = BTreeMap::new();
    for text in [ROUND, FLUSH, DIGITS] {
        let run = workspace.start(accepted(text)).unwrap();
        finish(&run).await;
        told.insert(text, recalled(&run.events(0)));
    }
    assert!(told[ROUND].is_empty() && told[FLUSH].is_empty(), "{told:?}");
    let [memory] = told[DIGITS].as_slice() else { panic!("{told:?}") };
    assert_eq!((memory.subject.as_str(), memory.passed), (ROUND, true));
    assert_eq!(memory.files, "as it left them (cart.py)");
    let asked = world.model.requests()[2]["messages"][1]["content"].as_str().unwrap().to_owned();
    assert!(asked.contains("## From memory: coder in run "), "{asked}");
    assert!(asked.contains("The total is rounded as banks do: half to even."), "{asked}");
    assert!(!asked.contains("flush=True"), "{asked}");
}

/// A refusal is told as long as nobody has found what passes; it is gone from what is told, not from what is kept.
#[tokio::test]
async fn what_was_refused_is_resolved_by_what_passes() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    for text in [ROUND, FLUSH] {
        finish(&workspace.start(accepted(text)).unwrap()).await;
    }
    let run = workspace.start(accepted(DIGITS)).unwrap();
    finish(&run).await;
    let store = workspace.store();
    let turns = store.turns(0, 10).unwrap();
    let became: Vec<(u32, TurnStatus)> = turns
        .iter()
        .filter(|it| it.run_id == run.id().0)
        .map(|it| (it.turn_number, it.status))
        .collect();
    assert_eq!(
        became,
        [(2, TurnStatus::Passed), (1, TurnStatus::Failed)],
        "{}",
        log(&run.events(0))
    );
    let [defect] = store.defects().unwrap().try_into().unwrap();
    assert!(defect.is_resolved, "{defect:?}");
    assert_eq!(
        (defect.defect_type.as_str(), defect.severity.as_str()),
        ("malformed_reply", "medium")
    );
    assert_eq!(store.checkpoints().unwrap().len(), 3);
    let first = turns.last().unwrap();
    assert_eq!(first.form, MemoryForm::Full);
    assert_eq!(first.metadata["verification_hints"][0], "a total of 0.125");
    // One that is gone on with keeps nothing twice, and forgetting is for good.
    assert_eq!(store.forget(Forget::Run(&run.id().0)).unwrap(), 2);
    assert!(store.defects().unwrap().is_empty());
    assert_eq!(store.turns(0, 10).unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_files_no_longer_say_is_told_as_such_or_not_at_all() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    for text in [ROUND, FLUSH] {
        finish(&workspace.start(accepted(text)).unwrap()).await;
    }
    world.files.write("cart.py", "def total(prices):\n    return 0\n").unwrap();
    let run = workspace.start(accepted(DIGITS)).unwrap();
    finish(&run).await;
    let memories = recalled(&run.events(0));
    assert_eq!(memories[0].files, "changed since (cart.py)");
    world.files.remove("cart.py").unwrap();
    let run = workspace.start(accepted(ROUND)).unwrap();
    finish(&run).await;
    assert!(recalled(&run.events(0)).is_empty(), "{}", log(&run.events(0)));
}

#[tokio::test]
async fn nothing_is_kept_or_told_where_memory_is_off() {
    let world = World::new(FILES).await;
    let mut config = world.config(Some("scripted/model".parse().unwrap()));
    config.remember = false;
    let workspace = world.open_as(config).await;
    finish(&workspace.start(accepted(ROUND)).unwrap()).await;
    assert!(workspace.store().turns(0, 10).unwrap().is_empty());
}

/// Tasks that are built beside each other know nothing of each other, or it would count who is quicker; a later item knows them.
#[tokio::test]
async fn a_later_item_is_told_and_a_task_beside_is_not() {
    let plan = |n: u32| {
        format!(
            r#"{{"analysis": {{"components": [], "dependencies": [], "architecture_type": "library", "complexity": "simple",
             "summary": "Plurals."}}, "structure": {{"files": {{"a{n}.py": "plurals"}}}}, "tasks": [
             {{"id": "a", "role": "coder", "instruction": "Write the plural of words {n} in a{n}.py.", "files": ["a{n}.py"]}},
             {{"id": "b", "role": "coder", "instruction": "Write the plural of words {n} in b{n}.py.", "files": ["b{n}.py"]}}]}}"#
        )
    };
    let mut text = "//- /readme.txt\nWords.\n".to_owned();
    for n in 1..=2 {
        text.push_str(&format!("//- reply architect\n{}\n", plan(n)));
        for file in ["a", "b"] {
            text.push_str(&format!(
                "//- reply coder in {file}{n}.py.\n{file}{n}.py\n<<<<<<< FILE\ndef plural(word):\n    return word + \"s\"\n>>>>>>> FILE\n"
            ));
        }
    }
    let world = World::by_agent(&fixture::Fixture::parse(&text)).await;
    let mut config = world.config(Some("scripted/model".parse().unwrap()));
    config.debate.when = engine::When::Never;
    let workspace = world.open_as(config).await;
    let request = Request {
        review: Review::AcceptAll,
        roadmap: vec!["The plural of words 1".into(), "The plural of words 2".into()],
        ..Request::new("mission", "", "test")
    };
    let run = workspace.start(request).unwrap();
    finish(&run).await;
    let events = run.events(0);
    let second = events
        .iter()
        .position(|it| matches!(it, Event::Item { number: 2, .. }))
        .unwrap_or_else(|| panic!("{}", log(&events)));
    let in_task = |event: &Event| match event {
        Event::InTask { what, .. } => recalled(std::slice::from_ref(what)),
        event => recalled(std::slice::from_ref(event)),
    };
    let told = |events: &[Event]| events.iter().flat_map(in_task).collect::<Vec<_>>();
    assert!(told(&events[..second]).is_empty(), "{}", log(&events));
    let later = told(&events[second..]);
    assert!(!later.is_empty(), "{}", log(&events));
    assert!(later.iter().all(|it| it.subject.contains("words 1")), "{later:?}");
}
