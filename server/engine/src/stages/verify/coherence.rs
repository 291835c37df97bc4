//! Whether a change does what was asked, in the eyes of a model that has not written it. It comes last, as only what is proved is worth
//! a look; and it is an opinion: where the builder has no attempt left, it is for the person to see.

use std::time::Instant;

use base::{Check, Defect, DefectKind, Patch, Tokens, Verdict, unified};
use models::Tier;
use serde_json::json;

use crate::agents::VERIFIER;
use crate::agents::conversation::Conversation;
use crate::agents::fragment::Fragment;
use crate::config::When;
use crate::cx::Cx;
use crate::error::Error;
use crate::packet::{BatonPacket, shortened};
use crate::replies::Coherence;
use crate::stages::verify::{Log, check, elapsed_ms, proposal};

/// A sentence of an opinion is shown so far.
const SENTENCE_CHARS: usize = 300;
/// So many sentences are read.
const SENTENCES: usize = 10;

/// What a change was made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The task as its builder was told it.
    pub(crate) task: &'a str,
    /// What the builder says.
    pub(crate) packet: &'a BatonPacket,
    /// The builder can try again.
    pub(crate) may_refuse: bool,
}

/// Room for the task in the prompt.
pub(crate) const TASK: Tokens = Tokens(3_000);

/// Whether another model looks at what passed. Left open, it does at tasks of a plan: a person sees them only together.
pub(crate) fn is_looked_at(cx: &Cx) -> bool {
    match cx.workspace.config().coherence {
        When::Always => true,
        When::Auto => !cx.task_id().is_empty(),
        When::Never => false,
    }
}

pub(super) async fn check_coherence(
    cx: &Cx,
    patch: &Patch,
    asked: Asked<'_>,
    log: &mut Log<'_>,
) -> Result<Result<(), Defect>, Error> {
    let started = Instant::now();
    let prompt = cx.prompt(VERIFIER)?;
    let room = Tokens(prompt.front.context.0.saturating_sub(TASK.0));
    let change = unified(patch);
    if room < models::count_tokens(&change) {
        // Whoever has seen a half finds the other half missing.
        let why = format!("the change has more than {} tokens", room.0);
        log.add(check("coherence", Verdict::NoAnswer(why), started, Vec::new()))?;
        return Ok(Ok(()));
    }
    let hints = asked.packet.verification_hints.iter();
    let said: Vec<&str> =
        std::iter::once(&asked.packet.summary).chain(hints).map(String::as_str).collect();
    let values = json!({
        "task": asked.task,
        "summary": Fragment::data("Not checked", said.join("\n"), TASK).render(),
        "change": Fragment::data("The lines", change, room).render(),
        "checks": proposal::checks_line(&log.checks),
    });
    let tier = cx.request().tier.or(prompt.tier()).unwrap_or(Tier::Balanced);
    let talk = Conversation::begin(prompt, tier, &values)?;
    let told = cx.ask_for::<Coherence>(&talk, |_| Ok(()));
    let told = match cx.step("coherence", &talk.messages, told).await {
        Ok(told) => told.value,
        // What is proved does not wait for an opinion.
        Err(Error::Model(error)) => {
            log.add(check("coherence", Verdict::NoAnswer(error.to_string()), started, Vec::new()))?;
            return Ok(Ok(()));
        }
        Err(error) => return Err(error),
    };
    let findings = sentences(&told);
    let verdict = match (told.is_coherent, findings.is_empty()) {
        (false, true) => Verdict::NoAnswer("it was said not to be, and not why".into()),
        _ => Verdict::of(findings.clone()),
    };
    log.add(Check::new("coherence", verdict, elapsed_ms(started)))?;
    if told.is_coherent || findings.is_empty() || !asked.may_refuse {
        return Ok(Ok(()));
    }
    let summary = format!("it is not what was asked for: {}", findings[0]);
    let mut defect = Defect::new(DefectKind::Incoherent, &summary, &findings.join("\n"), "");
    defect.paths = patch.files();
    Ok(Err(defect))
}

fn sentences(told: &Coherence) -> Vec<String> {
    let line = |what: &str, said: &String| {
        let said = base::visible_line(said.trim());
        (!said.is_empty()).then(|| format!("{what}: {}", shortened(&said, SENTENCE_CHARS)))
    };
    let missing = told.missing.iter().filter_map(|said| line("missing", said));
    let unasked = told.unasked.iter().filter_map(|said| line("not asked for", said));
    missing.chain(unasked).take(SENTENCES).collect()
}
