//! Searching by meaning with servers over real sockets: one that works, one that is away and comes back, one that hangs, one
//! that changes its width, and a reranker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::{Hit, Patience, Query, RerankerChoice, SearchConfig, Workspace};
use fixture::{Scripted, ScriptedModel};
use models::ProviderConfig;
use serde_json::{Value, json};

use crate::check::{DEADLINE, World};

const FILES: &str = "
//- /lamp.py
def kindle(wick):
    return wick
//- /door.py
def shut(hinge):
    return hinge
";

/// What a server does with the next questions and texts.
#[derive(Default)]
struct Mood {
    /// 0: as it should; 1: away (503); 2: hangs on questions.
    mood: AtomicU64,
    /// Numbers in a vector beside the first three.
    more: AtomicUsize,
    n_asked: AtomicUsize,
}

/// Light, doors, the rest.
fn meaning(text: &str) -> [f32; 3] {
    let has = |words: &[&str]| f32::from(u8::from(words.iter().any(|word| text.contains(word))));
    [has(&["kindle", "illuminate"]), has(&["shut", "barricade"]), 0.1]
}

async fn server(mood: Arc<Mood>) -> ScriptedModel {
    ScriptedModel::start_with(Box::new(move |body| {
        mood.n_asked.fetch_add(1, Ordering::SeqCst);
        if let Some(texts) = body["documents"].as_array() {
            // Whatever is about doors.
            let rated = texts.iter().map(|text| meaning(text.as_str().unwrap())[1]).enumerate();
            let rated: Vec<Value> = rated
                .map(|(index, score)| json!({"index": index, "relevance_score": score}))
                .collect();
            return Scripted::json(&json!({"results": rated}));
        }
        let texts = body["input"].as_array().unwrap();
        let is_question = texts.len() == 1 && !texts[0].as_str().unwrap().contains(".py\n");
        match mood.mood.load(Ordering::SeqCst) {
            1 => return Scripted::status(503, "loading"),
            2 if is_question => return Scripted::Stall,
            _ => {}
        }
        if texts.iter().any(|text| text.as_str().unwrap().contains("unspeakable")) {
            return Scripted::status(400, "this text is not accepted");
        }
        let more = mood.more.load(Ordering::SeqCst);
        let vector =
            |text: &Value| [&meaning(text.as_str().unwrap())[..], &vec![0.0; more]].concat();
        let data: Vec<Value> =
            texts.iter().map(|text| json!({"embedding": vector(text)})).collect();
        Scripted::json(&json!({"data": data}))
    }))
    .await
}

/// Opens the workspace with `server` as its embedder.
async fn open(
    world: &World,
    server: &ScriptedModel,
    change: impl FnOnce(&mut SearchConfig),
) -> Workspace {
    let mut config = world.config(None);
    config.models.providers.push(ProviderConfig::open_ai("far", &server.base_url()));
    config.search.embedder = "far/meaning".parse().unwrap();
    config.search.wait = Duration::from_millis(500);
    change(&mut config.search);
    world.open_as(config).await
}

async fn search(workspace: &Workspace, text: &str) -> Vec<Hit> {
    workspace.search(Query::new(text), Patience::Complete).await.unwrap().hits
}

/// Searches until the first hit is as wanted.
async fn until(workspace: &Workspace, text: &str, is_wanted: impl Fn(&Hit) -> bool) -> Vec<Hit> {
    let found = async {
        loop {
            let hits = search(workspace, text).await;
            if hits.first().is_some_and(&is_wanted) {
                return hits;
            }
        }
    };
    tokio::time::timeout(DEADLINE, found).await.expect("it is found in time")
}

/// Searches until the first hit is found by its meaning.
async fn until_meant(workspace: &Workspace, text: &str) -> Vec<Hit> {
    until(workspace, text, |hit| hit.reason.contains("meaning")).await
}

#[tokio::test]
async fn what_no_word_says_is_found_by_its_meaning() {
    let mood = Arc::new(Mood::default());
    let (world, server) = (World::new(FILES).await, server(mood.clone()).await);
    let workspace = open(&world, &server, |_| {}).await;
    assert_eq!(search(&workspace, "shut").await[0].path.as_str(), "door.py");
    // Whoever has no time later waits for the vectors now.
    assert!(workspace.settle().await.unwrap().is_over());
    let hits = search(&workspace, "illuminate").await;
    assert!(hits[0].reason.contains("meaning"), "{hits:?}");
    assert_eq!(until_meant(&workspace, "illuminate").await[0].path.as_str(), "lamp.py");
    assert_eq!(search(&workspace, "barricade").await[0].path.as_str(), "door.py");
    workspace.shutdown().await;
    drop(workspace);
    // The vectors were saved: only the question is asked.
    let n_before = mood.n_asked.load(Ordering::SeqCst);
    let again = open(&world, &server, |_| {}).await;
    assert_eq!(search(&again, "illuminate").await[0].path.as_str(), "lamp.py");
    assert!(
        mood.n_asked.load(Ordering::SeqCst) <= n_before + 3,
        "the width, what the model is known by, and the question"
    );
    again.shutdown().await;
}

#[tokio::test]
async fn a_text_that_the_server_refuses_costs_nothing_but_its_own_vector() {
    let files = format!("//- /a.py\ndef unspeakable():\n    pass\n{FILES}");
    let (world, server) = (World::new(&files).await, server(Arc::default()).await);
    let workspace = open(&world, &server, |_| {}).await;
    assert_eq!(until_meant(&workspace, "illuminate").await[0].path.as_str(), "lamp.py");
    assert_eq!(search(&workspace, "barricade").await[0].path.as_str(), "door.py");
    assert_eq!(search(&workspace, "unspeakable").await[0].path.as_str(), "a.py");
    // A file that comes later alone is no other case.
    world.files.write("b.py", "def unspeakable_too():\n    pass\n").unwrap();
    until(&workspace, "unspeakable_too", |hit| hit.path.as_str() == "b.py").await;
    let settled = tokio::time::timeout(DEADLINE, workspace.settle()).await;
    assert!(settled.expect("nothing is tried for ever").unwrap().is_over());
    assert_eq!(search(&workspace, "illuminate").await[0].path.as_str(), "lamp.py");
    workspace.shutdown().await;
}

#[tokio::test]
async fn a_server_that_is_away_is_done_without_until_it_is_back() {
    let mood = Arc::new(Mood::default());
    mood.mood.store(1, Ordering::SeqCst);
    let (world, server) = (World::new(FILES).await, server(mood.clone()).await);
    let workspace = open(&world, &server, |search| search.wait = Duration::from_millis(100)).await;
    assert_eq!(search(&workspace, "shut").await[0].path.as_str(), "door.py");
    assert_eq!(search(&workspace, "illuminate").await, []);
    mood.mood.store(0, Ordering::SeqCst);
    assert_eq!(until_meant(&workspace, "illuminate").await[0].path.as_str(), "lamp.py");
    workspace.shutdown().await;
}

#[tokio::test]
async fn a_server_that_nobody_runs_holds_up_nothing() {
    let world = World::new(FILES).await;
    let gone = ScriptedModel::start(Vec::new()).await;
    let url = gone.base_url();
    gone.stop().await;
    let mut config = world.config(None);
    config.models.providers.push(ProviderConfig::open_ai("far", &url));
    config.search.embedder = "far/meaning".parse().unwrap();
    config.search.reranker = "far/order".parse().unwrap();
    let workspace = world.open_as(config).await;
    let found = workspace.search(Query::new("shut"), Patience::Complete).await.unwrap();
    assert_eq!(found.hits[0].path.as_str(), "door.py");
    let note = &found.searched.notes[0];
    assert!(note.starts_with("the best hits are in the order of the search: "), "{note}");
    assert!(note.contains(&url), "{note}");
    workspace.shutdown().await;
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_once() {
    let mood = Arc::new(Mood::default());
    let (world, server) = (World::new(FILES).await, server(mood.clone()).await);
    let workspace = open(&world, &server, |_| {}).await;
    until_meant(&workspace, "illuminate").await;
    mood.mood.store(2, Ordering::SeqCst);
    let started = Instant::now();
    assert_eq!(search(&workspace, "shut").await[0].path.as_str(), "door.py");
    assert!(Duration::from_millis(400) < started.elapsed() && started.elapsed() < DEADLINE);
    // It rests now, so the next search asks nobody.
    let n_before = mood.n_asked.load(Ordering::SeqCst);
    assert_eq!(search(&workspace, "hinge").await[0].path.as_str(), "door.py");
    assert_eq!(mood.n_asked.load(Ordering::SeqCst), n_before);
    // A question whose vector is known needs nobody.
    assert_eq!(search(&workspace, "illuminate").await[0].path.as_str(), "lamp.py");
    workspace.shutdown().await;
}

#[tokio::test]
async fn another_width_is_refused_now_and_taken_at_the_next_start() {
    let mood = Arc::new(Mood::default());
    let (world, server) = (World::new(FILES).await, server(mood.clone()).await);
    let workspace = open(&world, &server, |_| {}).await;
    until_meant(&workspace, "illuminate").await;
    mood.more.store(61, Ordering::SeqCst);
    let hits = search(&workspace, "shut the door").await;
    assert_eq!(hits[0].path.as_str(), "door.py");
    assert!(hits.iter().all(|hit| !hit.reason.contains("meaning")), "{hits:?}");
    workspace.shutdown().await;
    drop(workspace);
    let again = open(&world, &server, |_| {}).await;
    assert_eq!(until_meant(&again, "barricade").await[0].path.as_str(), "door.py");
    again.shutdown().await;
}

#[tokio::test]
async fn a_reranker_puts_the_best_in_order() {
    let (world, server) = (World::new(FILES).await, server(Arc::default()).await);
    let reranker: RerankerChoice = "far/order".parse().unwrap();
    let workspace = open(&world, &server, |search| {
        search.embedder = "none".parse().unwrap();
        search.reranker = reranker;
    })
    .await;
    let hits = search(&workspace, "kindle hinge wick").await;
    assert_eq!(hits[0].path.as_str(), "door.py");
    assert!(hits[0].reason.ends_with("reranked 1.00"), "{}", hits[0].reason);
    workspace.shutdown().await;
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_and_a_folder_that_is_not_there_is_done_without() {
    let world = World::new(FILES).await;
    let mut config = world.config(None);
    config.search.embedder = "nobody/x".parse().unwrap();
    let root = base::AbsPathBuf::try_from(world.files.path().canonicalize().unwrap()).unwrap();
    let error = Workspace::open(root, config).await.map(drop).unwrap_err().to_string();
    assert!(error.starts_with("there is no provider `nobody`"), "{error}");
    let mut config = world.config(None);
    config.search.embedder = "dir:/nonexistent/model".parse().unwrap();
    config.search.reranker = "dir:/nonexistent/model".parse().unwrap();
    let workspace = world.open_as(config).await;
    assert_eq!(search(&workspace, "shut").await[0].path.as_str(), "door.py");
    workspace.shutdown().await;
}
