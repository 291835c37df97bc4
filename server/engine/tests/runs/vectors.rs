//! A vector server in the settings: what is refused when the workspace is opened, and what a search says of one that does
//! not help. What it does when it helps is tested where it is spoken to.

use engine::{EmbedderChoice, EngineChoice, Error, Patience, QdrantConfig, Query, Workspace};

use crate::check::{DEADLINE, World};

const FILES: &str = "//- /clock.py\ndef parse_time(text):\n    return text\n";

fn qdrant(url: &str, api_key_env: Option<&str>) -> EngineChoice {
    let api_key_env = api_key_env.map(str::to_owned);
    EngineChoice::Qdrant(QdrantConfig { url: url.to_owned(), api_key_env, prefix: String::new() })
}

async fn refusal(url: &str, api_key_env: Option<&str>) -> String {
    let world = World::new(FILES).await;
    let mut config = world.config(None);
    config.models = models::Config::new(|name| (name == "KEY").then(|| "s3cret-key".to_owned()));
    config.models.keyring = false;
    config.search.engine = qdrant(url, api_key_env);
    match Workspace::open(world.root(), config).await {
        Ok(_) => String::new(),
        Err(Error::BadRequest(text)) => text,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused() {
    let said = [
        refusal("qdrant.example", None).await,
        refusal("http://qdrant.example:6334", Some("KEY")).await,
        refusal("http://127.0.0.1:6334", Some("OTHER_KEY")).await,
    ];
    let expected = [
        "it starts with neither http:// nor https://",
        "http://qdrant.example:6334 would get the API key unencrypted",
        "names `OTHER_KEY`, which is not set",
    ];
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected) && !said.contains("s3cret"), "{said}");
    }
    assert_eq!(refusal("https://qdrant.example:6334", Some("KEY")).await, "");
}

/// What a search says of a server that nobody runs, once it was tried.
async fn note(embedder: EmbedderChoice) -> String {
    let world = World::new(FILES).await;
    let mut config = world.config(None);
    config.search.embedder = embedder;
    config.search.engine = qdrant("http://127.0.0.1:1", None);
    let workspace = world.open_as(config).await;
    let told = async {
        loop {
            let found =
                workspace.search(Query::new("parse_time"), Patience::Complete).await.unwrap();
            assert_eq!(found.hits[0].path.as_str(), "clock.py");
            if let [note] = found.searched.notes.as_slice() {
                return note.clone();
            }
        }
    };
    let note = tokio::time::timeout(DEADLINE, told).await.unwrap();
    // There is nothing to wait for, and it is not waited for.
    let left = workspace.settle().await.unwrap();
    assert!(left.problem.is_some_and(|problem| note.starts_with(&problem)), "{note}");
    workspace.shutdown().await;
    note
}

#[tokio::test]
async fn a_server_that_is_no_help_is_told_and_done_without() {
    assert_eq!(
        note(EmbedderChoice::Static).await,
        "http://127.0.0.1:1 is away: no connection; see that the server runs and can be reached; until then this machine's \
         own index answers"
    );
    assert_eq!(
        note(EmbedderChoice::None).await,
        "http://127.0.0.1:1 cannot be used: there is no embedder to make vectors; choose one; until then this machine's own \
         index answers"
    );
}
