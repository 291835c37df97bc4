//! `baton doctor --vram`: which models Ollama servers have in memory, and how full the graphics cards are.

use std::path::Path;
use std::time::Duration;

use models::{Models, Resident};
use serde::Serialize;

use crate::render::out::Out;
use crate::render::safe::safe_line;
use crate::render::style;

/// From this share on little is left, and from this one on the next model will push another out.
const WARNING: f64 = 0.7;
const CRITICAL: f64 = 0.9;

const SERVER_TIMEOUT: Duration = Duration::from_secs(4);

/// Of one server.
#[derive(Debug, Serialize)]
pub(crate) struct Vram {
    provider: String,
    /// Why it did not say, if so.
    error: Option<String>,
    models: Vec<Resident>,
    used_bytes: u64,
    /// Absent where nobody knows it.
    total_bytes: Option<u64>,
    /// Of the total; 0 to 100.
    percent: Option<f64>,
    /// `ok`, `warning` from 70 %, `critical` from 90 %; absent where the total is not known.
    level: Option<&'static str>,
}

/// Asks a server. `total_bytes`: of its cards, if that is set.
pub(crate) async fn look(models: &Models, provider: &str, total_bytes: Option<u64>) -> Vram {
    match tokio::time::timeout(SERVER_TIMEOUT, models.residents(provider)).await {
        Ok(Ok(residents)) => {
            let cards = || cards().filter(|_| models.is_on_this_machine(provider));
            let total_bytes = total_bytes.or_else(cards);
            summed(provider, residents, total_bytes)
        }
        Ok(Err(error)) => silent(provider, error.to_string()),
        Err(_) => silent(provider, format!("no answer in {} s", SERVER_TIMEOUT.as_secs())),
    }
}

fn silent(provider: &str, error: String) -> Vram {
    Vram { error: Some(error), ..summed(provider, Vec::new(), None) }
}

fn summed(provider: &str, models: Vec<Resident>, total_bytes: Option<u64>) -> Vram {
    let used_bytes = models.iter().fold(0u64, |sum, it| it.vram_bytes.saturating_add(sum));
    let share = total_bytes.filter(|it| 0 < *it).map(|it| used_bytes as f64 / it as f64);
    let level = share.map(|share| match share {
        _ if CRITICAL <= share => "critical",
        _ if WARNING <= share => "warning",
        _ => "ok",
    });
    Vram {
        provider: provider.to_owned(),
        error: None,
        models,
        used_bytes,
        total_bytes,
        percent: share.map(|it| (it * 1000.0).round() / 10.0),
        level,
    }
}

/// Memory of this machine's cards, where the system says it. Source: Linux, `amdgpu`, `mem_info_vram_total`. Other drivers
/// have programs for it, which a setting saves from being started.
#[allow(
    clippy::disallowed_methods,
    reason = "what the system says of its cards is no file of the workspace"
)]
fn cards() -> Option<u64> {
    let cards = std::fs::read_dir(Path::new("/sys/class/drm")).ok()?;
    let total = |card: std::fs::DirEntry| {
        let text = std::fs::read_to_string(card.path().join("device/mem_info_vram_total")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let totals = cards.filter_map(Result::ok).filter(|it| {
        // `card0`, and not `card0-DP-1`.
        it.file_name()
            .to_string_lossy()
            .strip_prefix("card")
            .is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
    });
    Some(totals.filter_map(total).sum::<u64>()).filter(|it| 0 < *it)
}

/// # Errors
/// Output that cannot be written.
pub(crate) fn print(all: &[Vram], out: &mut Out) -> std::io::Result<()> {
    for vram in all {
        for line in lines(vram) {
            out.result(&line)?;
        }
    }
    Ok(())
}

fn lines(vram: &Vram) -> Vec<String> {
    let provider = safe_line(&vram.provider);
    if let Some(error) = &vram.error {
        return vec![format!("{} {provider}: {}", style::doubt("-"), safe_line(error))];
    }
    let used = gib(vram.used_bytes);
    let first = match (vram.total_bytes, vram.percent, vram.level) {
        (Some(total), Some(percent), Some(level)) => {
            let text = format!("{used} of {} ({percent} %)", gib(total));
            match level {
                "critical" => style::bad(format!(
                    "✗ {provider}: {text}: another model will push one of these out"
                )),
                "warning" => style::doubt(format!("! {provider}: {text}: little is left")),
                _ => format!("{} {provider}: {text}", style::good("✓")),
            }
        }
        _ => format!(
            "{} {provider}: {used}; set `vram_mb` of the provider to see of how much",
            style::good("✓")
        ),
    };
    let model = |it: &Resident| {
        let elsewhere = match it.bytes.saturating_sub(it.vram_bytes) {
            0 => String::new(),
            rest => format!(", {} in main memory, which is slow", gib(rest)),
        };
        format!("    {} {}{elsewhere}", safe_line(&it.name), gib(it.vram_bytes))
    };
    let models = vram.models.iter().map(model);
    let none = vram.models.is_empty().then(|| "    no model is loaded".to_owned());
    [first].into_iter().chain(models).chain(none).collect()
}

fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / (1u64 << 30) as f64)
}

#[cfg(test)]
mod tests;
