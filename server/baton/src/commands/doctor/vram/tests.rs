//! How full the cards are, in words.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use fixture::{Loaded, ScriptedModel};
use models::{Config, Models, ProviderConfig, Resident};

use super::{lines, look, silent, summed};

const GIB: u64 = 1 << 30;

fn resident(gib: u64, on_card: u64) -> Resident {
    Resident { name: "m:7b".to_owned(), bytes: gib * GIB, vram_bytes: on_card * GIB }
}

fn level(used: u64, total: u64) -> &'static str {
    summed("o", vec![resident(used, used)], Some(total * GIB)).level.unwrap()
}

#[test]
fn alerts_at_70_and_90_percent() {
    assert_eq!(
        [6, 7, 8, 9, 12].map(|it| level(it, 10)),
        ["ok", "warning", "warning", "critical", "critical"]
    );
    assert_eq!(summed("o", vec![resident(1, 1)], None).level, None);
    assert_eq!(summed("o", vec![], Some(0)).level, None);
}

#[test]
fn words() {
    let shown = |vram| anstream::adapter::strip_str(&lines(&vram).join("\n")).to_string();
    assert_eq!(
        shown(summed("o", vec![resident(9, 8)], Some(16 * GIB))),
        "✓ o: 8.0 GiB of 16.0 GiB (50 %)\n    m:7b 8.0 GiB, 1.0 GiB in main memory, which is slow"
    );
    assert_eq!(
        shown(summed("o", vec![], None)),
        "✓ o: 0.0 GiB; set `vram_mb` of the provider to see of how much\n    no model is loaded"
    );
    assert!(
        shown(summed("o", vec![resident(15, 15)], Some(16 * GIB)))
            .contains("will push one of these out")
    );
    assert_eq!(shown(silent("o", "it is away".to_owned())), "- o: it is away");
}

#[tokio::test]
async fn the_server_is_asked() {
    let loaded = Loaded { name: "m:7b".to_owned(), size: 4 * GIB, size_vram: 3 * GIB };
    let server = ScriptedModel::start(vec![]).await.having_loaded(vec![loaded]);
    let mut config = Config::new(|_| None);
    config.providers = vec![ProviderConfig::ollama("o", &server.ollama_url())];
    let models = Models::from_config(&config).unwrap();
    let vram = look(&models, "o", Some(12 * GIB)).await;
    assert_eq!((vram.used_bytes, vram.percent, vram.level), (3 * GIB, Some(25.0), Some("ok")));
    drop(server);
    assert!(look(&models, "o", None).await.error.is_some());
}
