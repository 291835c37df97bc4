//! What is kept across runs, and what of it is put before a model again: turns, what was proved, what was refused, what was given
//! up. Nothing remembered is believed: it says where it comes from, and its files are compared with the present ones first.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use base::{ContentHash, Defect, DefectKind, RelPath, Tokens};
use index::embed::{Embedder, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{CheckpointRow, DefectRow, EscalationRow, Form, TurnRow, TurnStatus, Vector};
use vfs::Snapshot;

use crate::adapt::Focus;
use crate::agents::fragment::{Fragment, cut};
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, MemorySummary};
use crate::packet::{BatonPacket, FileHashes, shortened};
use crate::run::RunId;
use crate::workspace::{Workspace, blocking};

/// So many turns are kept as they were said; older ones in a smaller form.
const FULL: usize = 24;
const COMPRESSED: usize = 36;
const SUMMARY: usize = 48;
/// What is kept of a turn as it was said, and of one that is compressed.
const FULL_TOKENS: Tokens = Tokens(4_000);
const COMPRESSED_TOKENS: Tokens = Tokens(300);

/// Turns that are looked through; older ones are not found any more.
const LOOKED_THROUGH: usize = 10_000;
/// Turns that are put before a model.
const RECALLED: usize = 4;
/// Turns that are less alike are not the same matter. Measured with the shipped table: pairs of requests about one thing lie above,
/// about different things of one project below.
const ALIKE: f32 = 0.5;
/// What a file in common counts for beside that.
const SHARED_FILE: f32 = 0.2;
/// What was to be done is kept in so many characters.
const SUBJECT_CHARS: usize = 400;
/// Room for what is recalled in a prompt.
const RECALL: Tokens = Tokens(1_000);
/// The likeliest turns whose files are compared with the present ones.
const CHECKED: usize = 50;

/// What a run is told again of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recollection {
    told: Vec<String>,
    /// For those who watch.
    summaries: Vec<MemorySummary>,
}

impl Cx {
    /// Keeps what was said, before it is known what it is worth.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn remember_said(&self, packet: &BatonPacket) -> Result<(), Error> {
        self.remember(packet, TurnStatus::Pending, async {
            let store = self.workspace.store();
            self.keep(packet, TurnStatus::Pending, None)?;
            store.compress(FULL, Form::Compressed, |it| cut(&it.content, COMPRESSED_TOKENS))?;
            store.compress(COMPRESSED, Form::Summary, |it| {
                it.metadata["summary"].as_str().unwrap_or_default().to_owned()
            })?;
            Ok(store.compress(SUMMARY, Form::Vector, |_| String::new())?)
        })
        .await
    }

    /// Keeps that it was proved. `evidence`: one line.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn remember_passed(
        &self,
        packet: &BatonPacket,
        evidence: &str,
    ) -> Result<(), Error> {
        self.remember(packet, TurnStatus::Passed, async {
            let vector = self.workspace.embed(passage(packet)).await?;
            let id = self.keep(packet, TurnStatus::Passed, vector.clone())?;
            self.workspace.store().put_checkpoint(&CheckpointRow {
                checkpoint_id: id.clone(),
                turn_id: id,
                checkpoint_type: "verification_success".into(),
                vector: vector.map(|it| it.numbers),
                timestamp: Timestamp::now(),
                files: json!(packet.files_changed),
                metadata: json!({"evidence": evidence}),
            })?;
            Ok(())
        })
        .await
    }

    /// Keeps why it was refused.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn remember_refused(
        &self,
        packet: &BatonPacket,
        defect: &Defect,
    ) -> Result<(), Error> {
        self.remember(packet, TurnStatus::Failed, async {
            let vector = self.workspace.embed(passage(packet)).await?;
            let id = self.keep(packet, TurnStatus::Failed, vector)?;
            let path = defect.paths.first().map(ToString::to_string).unwrap_or_default();
            let text = format!("{}\n{}", defect.summary, defect.detail);
            let vector = self.workspace.embed(Passage { path, text }).await?;
            self.workspace.store().put_defect(&DefectRow {
                defect_id: id.clone(),
                turn_id: id,
                defect_type: kind_word(defect.kind),
                vector: vector.map(|it| it.numbers),
                severity: severity(defect.kind).to_owned(),
                description: defect.summary.clone(),
                is_resolved: false,
                timestamp: Timestamp::now(),
                metadata: json!({
                    "suggested_fix": defect.suggestion,
                    "paths": defect.paths,
                    "tests": defect.tests,
                }),
            })?;
            Ok(())
        })
        .await
    }

    /// Keeps that a person was asked about a task that was given up.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn remember_escalation(
        &self,
        task: &str,
        round: u32,
        defect: &Defect,
    ) -> Result<(), Error> {
        if !self.workspace.config().remember {
            return Ok(());
        }
        let (run, store) = (&self.run.id().0, self.workspace.store());
        store.put_escalation(&EscalationRow {
            escalation_id: name_of(&[run, &self.mark(), task, &round.to_string()]),
            run_id: run.clone(),
            task_id: task.to_owned(),
            turn: round,
            defect_id: store.last_defect(run, task)?,
            timestamp: Timestamp::now(),
            is_resolved: false,
            metadata: json!({"defect": defect.summary}),
        })?;
        Ok(())
    }

    /// Once for each turn and what became of it.
    async fn remember(
        &self,
        packet: &BatonPacket,
        status: TurnStatus,
        work: impl Future<Output = Result<(), Error>>,
    ) -> Result<(), Error> {
        match self.workspace.config().remember {
            true => self.step("remember", &(packet, status), work).await,
            false => Ok(()),
        }
    }

    fn keep(
        &self,
        packet: &BatonPacket,
        status: TurnStatus,
        vector: Option<Vector>,
    ) -> Result<String, Error> {
        let metadata = &packet.metadata;
        let id = name_of(&[&metadata.run, &self.mark(), &metadata.turn.to_string()]);
        self.workspace.store().put_turn(&TurnRow {
            turn_id: id.clone(),
            agent_role: metadata.agent.clone(),
            content: cut(&packet.response, FULL_TOKENS),
            form: Form::Full,
            vector,
            run_id: metadata.run.clone(),
            task_id: metadata.task.clone(),
            turn_number: metadata.turn,
            status,
            timestamp: Timestamp::now(),
            files_changed: json!(packet.files_changed),
            roadmap_chunk: shortened(metadata.subject.trim(), SUBJECT_CHARS),
            metadata: json!({
                "part": metadata.part,
                "summary": packet.summary,
                "verification_hints": packet.verification_hints,
            }),
        })?;
        Ok(id)
    }

    /// What is known from before about what is looked for, as a model is told it. Asked again in the same run, it is the same.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn recall(&self, focus: &Focus) -> Result<Vec<String>, Error> {
        let config = self.workspace.config();
        // What a cassette holds is found again by the same words.
        if !config.remember || config.models.cassette.is_some() {
            return Ok(Vec::new());
        }
        let found = async {
            let found = self.recollect(focus).await?;
            if !found.summaries.is_empty() {
                self.emit(Event::Recalled { memories: found.summaries.clone() })?;
            }
            Ok(found)
        };
        Ok(self.step("recall", focus, found).await?.told)
    }

    async fn recollect(&self, focus: &Focus) -> Result<Recollection, Error> {
        if self.workspace.store().turns(0, 1)?.is_empty() {
            return Ok(Recollection::default());
        }
        let query = self.workspace.embed_query(&focus.query).await?;
        let (cx, focus) = (self.clone(), focus.clone());
        // Thousands of rows are read, and files.
        blocking(move || cx.look_through(&focus, query.as_ref())).await?
    }

    fn look_through(&self, focus: &Focus, query: Option<&Vector>) -> Result<Recollection, Error> {
        let store = self.workspace.store();
        let turns = store.turns(0, LOOKED_THROUGH)?;
        let open = store.open_defects()?;
        let open: BTreeMap<&str, &DefectRow> =
            open.iter().map(|it| (it.turn_id.as_str(), it)).collect();
        let mut likely: Vec<Likely<'_>> = turns
            .iter()
            // A conversation has its own turns; and what is built beside it must not depend on who was quicker.
            .filter(|it| it.run_id != self.run.id().0 || it.metadata["part"] != self.plan_part())
            .filter_map(|turn| {
                let defect = open.get(turn.turn_id.as_str()).copied();
                let is_of_use = match turn.status {
                    TurnStatus::Pending => false,
                    TurnStatus::Passed => true,
                    // What was solved later is told by the turn that solved it.
                    TurnStatus::Failed => defect.is_some(),
                };
                let files: Hashes = serde_json::from_value(turn.files_changed.clone()).ok()?;
                let score = score(turn, query, focus, &files);
                (is_of_use && ALIKE <= score).then_some(Likely { turn, defect, files, score })
            })
            .collect();
        likely.sort_by(|a, b| b.score.total_cmp(&a.score));
        let snapshot = self.snapshot();
        let share = Tokens(RECALL.0 / RECALLED);
        let found = likely.iter().take(CHECKED).filter_map(|it| it.told(&snapshot, share));
        let (told, summaries) = found.take(RECALLED).unzip();
        Ok(Recollection { told, summaries })
    }
}

fn name_of(parts: &[&str]) -> String {
    ContentHash::of(parts.join("\0").as_bytes()).hex()[..16].to_owned()
}

fn passage(packet: &BatonPacket) -> Passage {
    let path = packet.files_changed.keys().next().map(ToString::to_string).unwrap_or_default();
    Passage { path, text: format!("{}\n{}", packet.metadata.subject, packet.summary) }
}

/// How bad a refusal is, in the words of the table.
fn severity(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::Secret | DefectKind::BadPath => "critical",
        DefectKind::Syntax
        | DefectKind::TestStillFails
        | DefectKind::TestBroke
        | DefectKind::Timeout
        | DefectKind::Rejected => "high",
        DefectKind::MalformedReply
        | DefectKind::EmptyPatch
        | DefectKind::AnchorMissing
        | DefectKind::AnchorAmbiguous
        | DefectKind::Lint
        | DefectKind::Diagnostic
        | DefectKind::WeakTest
        | DefectKind::Command
        | DefectKind::OutOfScope
        | DefectKind::Incoherent => "medium",
        DefectKind::Format | DefectKind::Feedback => "low",
    }
}

fn kind_word(kind: DefectKind) -> String {
    json!(kind).as_str().unwrap_or_default().to_owned()
}

/// The files of a turn, as it found them and as it left them.
type Hashes = BTreeMap<RelPath, FileHashes>;

/// How much a turn has to do with what is looked for.
fn score(turn: &TurnRow, query: Option<&Vector>, focus: &Focus, files: &Hashes) -> f32 {
    let alike = match (query, &turn.vector) {
        (Some(query), Some(vector)) if query.embedder == vector.embedder => {
            query.numbers.iter().zip(&vector.numbers).map(|(a, b)| a * b).sum()
        }
        // Nothing but files to compare.
        _ => ALIKE - SHARED_FILE,
    };
    let is_shared = focus.show.iter().chain(&focus.boost).any(|path| files.contains_key(path));
    alike + if is_shared { SHARED_FILE } else { 0.0 }
}

/// A turn that may be told again.
struct Likely<'a> {
    turn: &'a TurnRow,
    /// Why it was refused.
    defect: Option<&'a DefectRow>,
    files: Hashes,
    score: f32,
}

impl Likely<'_> {
    /// As a model and a person are told it; `None` where nothing of what it was about is there any more.
    fn told(&self, snapshot: &Snapshot, cap: Tokens) -> Option<(String, MemorySummary)> {
        let TurnRow { turn_id, agent_role, run_id, timestamp, content, roadmap_chunk, .. } =
            self.turn;
        let files = present(&self.files, snapshot)?;
        let run = RunId(run_id.clone());
        let date = timestamp.strftime("%Y-%m-%d");
        let became = if self.defect.is_some() { "refused" } else { "passed" };
        let title = format!(
            "From memory: {agent_role} in run {} of {date}, {became}; its files are {files}",
            run.short()
        );
        let mut text = format!("To be done: {roadmap_chunk}\n");
        if let Some(defect) = self.defect {
            text.push_str(&format!("Refused because: {}\n", defect.description));
        }
        text.push_str(content);
        let summary = MemorySummary {
            turn: turn_id.clone(),
            run,
            agent: agent_role.clone(),
            passed: self.defect.is_none(),
            subject: roadmap_chunk.clone(),
            files,
            score: self.score,
        };
        Some((Fragment::data(title, text, cap).render(), summary))
    }
}

/// The files of a turn as they are now; `None` where none is there, or nobody knows which they were.
fn present(files: &Hashes, snapshot: &Snapshot) -> Option<String> {
    let (mut as_left, mut as_before, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for (path, FileHashes { before, after }) in files {
        let now = snapshot.read(path).ok().map(|text| ContentHash::of(text.as_bytes()));
        match now {
            // That a file is gone as it was left is nothing to go on from.
            None => {}
            now if now == *after => as_left.push(path.as_str()),
            now if now == *before => as_before.push(path.as_str()),
            Some(_) => changed.push(path.as_str()),
        }
    }
    let told = [
        ("as it left them", as_left),
        ("as they were before it", as_before),
        ("changed since", changed),
    ];
    let told = told.iter().filter(|(_, paths)| !paths.is_empty());
    let told: Vec<String> = told.map(|(how, paths)| format!("{how} ({})", listed(paths))).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn listed(paths: &[&str]) -> String {
    const SHOWN: usize = 5;
    let mut text = paths.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if SHOWN < paths.len() {
        text.push_str(&format!(" and {} more", paths.len() - SHOWN));
    }
    text
}

/// A text to find again.
struct Passage {
    path: String,
    text: String,
}

impl Passage {
    /// By the embedder of the index; `None` where there is none, it is away, or it knows no word of it. May block.
    fn vector(&self, embedder: &Arc<dyn Embedder>) -> Option<Vector> {
        embedder.ready().ok()?;
        let text = Text::Chunk {
            path: &self.path,
            qualified: "",
            signature: "",
            doc: &self.text,
            body: "",
        };
        let mut numbers = vec![0.0; embedder.dim()];
        embedder.embed(text, &mut numbers).ok()?;
        vector(embedder, numbers)
    }
}

fn vector(embedder: &Arc<dyn Embedder>, numbers: Vec<f32>) -> Option<Vector> {
    let says_something = numbers.iter().any(|it| *it != 0.0);
    says_something.then(|| Vector { embedder: embedder.id().to_owned(), numbers })
}

impl Workspace {
    /// By the embedder of the index.
    async fn embed(&self, passage: Passage) -> Result<Option<Vector>, Error> {
        let Some(embedder) = self.embedder() else { return Ok(None) };
        blocking(move || passage.vector(&embedder)).await
    }

    async fn embed_query(&self, text: &str) -> Result<Option<Vector>, Error> {
        let Some(embedder) = self.embedder() else { return Ok(None) };
        let text = text.to_owned();
        blocking(move || vector(&embedder, embedder.query(&text).ok()?)).await
    }
}

#[cfg(test)]
mod tests;
