//! The same question twice, and everything that must not be kept.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "looks into a temporary folder")]

use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{Config, Delta, Message, Models, ProviderConfig, Request};

const KEY: &str = "sk-very-secret-123456";

async fn ask(models: &Models, text: &str) -> String {
    let request = Request::of(vec![Message::user(text)]);
    let stream = models.stream(&"o/m".parse().unwrap(), request, &CancellationToken::new());
    let items: Vec<_> = stream.collect().await;
    let text = items.into_iter().map(|it| match it {
        Ok(Delta::Text(text)) => text,
        Ok(_) => String::new(),
        Err(error) => error.kind().to_owned(),
    });
    text.collect()
}

#[tokio::test]
async fn whole_answers_are_kept_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let server = ScriptedModel::start(vec![
        Scripted::Text(format!("your key {KEY}")),
        Scripted::Cut { text_before: String::new() },
        Scripted::Length("half".to_owned()),
        Scripted::Text("whole".to_owned()),
        Scripted::Text("again".to_owned()),
    ])
    .await;
    let mut config = Config::new(|_| Some(KEY.to_owned()));
    let api_key_env = Some("KEY".to_owned());
    config.providers =
        vec![ProviderConfig { api_key_env, ..ProviderConfig::open_ai("o", &server.base_url()) }];
    config.cache_dir = Some(dir.path().join("answers"));
    let models = Models::from_config(&config).unwrap();
    assert_eq!(ask(&models, "a").await, "your key [secret]");
    assert_eq!(ask(&models, "a").await, "your key [secret]");
    assert_eq!(ask(&models, "b").await, "cut");
    assert_eq!(ask(&models, "b").await, "half");
    assert_eq!(ask(&models, "b").await, "whole");
    assert_eq!(ask(&Models::from_config(&config).unwrap(), "b").await, "whole");
    assert_eq!(server.requests().len(), 4);

    let files: Vec<_> = std::fs::read_dir(dir.path().join("answers"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(KEY), "{text}");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        // What is damaged is asked for anew.
        std::fs::write(&file, "[{").unwrap();
    }
    assert_eq!(ask(&models, "b").await, "again");
}
