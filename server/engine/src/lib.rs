//! The protocol-free core: a workspace, the runs in it, and the stages that take a request to a verified, accepted change.
//!
//! Its API is plain data: byte offsets, workspace-relative paths, patches, events. It knows no protocol, no terminal, and
//! reads neither environment nor clock settings; the binary hands it a [`Config`].
#![allow(
    clippy::result_large_err,
    reason = "a defect is the ordinary other outcome of a stage, made once for each attempt"
)]

mod adapt;
mod agents;
mod complexity;
mod config;
mod cx;
mod debate;
mod editor;
mod error;
mod event;
mod ledger;
mod meaning;
mod memory;
mod packet;
mod plan;
mod replies;
mod request;
mod run;
mod stages;
mod vectors;
mod workflows;
mod workspace;

pub use config::{CommitConfig, Config, Debating, When};
pub use debate::{
    Challenge, Mitigation, Rejection, Risk, Severity as RiskSeverity, Turn, Voice, Vote,
};
pub use editor::{Attached, BoxFuture, Editor, EditorChange};
pub use error::Error;
pub use event::{
    Answer, Attempt, DebateCost, Event, Failure, HitSummary, ItemEnd, ItemState, MemorySummary,
    Outcome, Question, QuestionId, QuestionKind, Spent, Stage, StageState, TaskState,
};
pub use meaning::{EmbedderChoice, RerankerChoice, SearchConfig, parse_fusion};
pub use packet::{BatonPacket, FileHashes, PacketMetadata};
pub use plan::{Analysis, Extent, Plan, Structure, Task as PlanTask, TaskRole};
pub use request::{Change, Request, Review, Selection};
pub use run::{Run, RunId};
pub use stages::retrieve::{ContextPack, ContextPart};
pub use stages::verify::Proposal;
pub use vectors::{EngineChoice, QdrantConfig};
pub use workflows::{ALL as WORKFLOWS, Workflow};
pub use workspace::{
    Code, IndexReport, Indexing, Like, Patience, Record, RunSummary, SearchResult, Searched,
    Symbol, SymbolQuery, SymbolResult, Uncommitted, Unsettled, Workspace,
};

pub use index::{Hit, Kept, Query, Stats as IndexStats, Updated};
pub use mcp::{
    Answer as ToolAnswer, Call as ToolCall, Consent, Decision, Error as NoToolAnswer,
    Offered as OfferedTool, Outcome as ToolOutcome, Policy as ToolPolicy, Progress as ToolProgress,
    ServerTools, Tools,
};
pub use models::{Healths, ModelName, Money, Tier};
pub use sandbox::Level as SandboxLevel;
pub use store::{
    By, CallStore, CheckpointRow, CostRow, DefectRow, EscalationRow, Forget, Form as MemoryForm,
    RunState, TurnRow, TurnStatus,
};
pub use syntax::ChunkKind;
pub use tools::code::{
    ActionName, CodeSymbol, CodeSymbols, FileFindings, FilePlaces, Findings, Part, Place, Places,
    Said, SaidBy,
};
