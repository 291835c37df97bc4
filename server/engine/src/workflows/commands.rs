//! Tasks that are done by commands of a model: asked for, permitted, run in the sandbox, and what they leave is proved like any edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Defect, DefectKind, Patch, RelPath, Tokens};
use jiff::Timestamp;
use sandbox::{End, Level};
use serde_json::json;
use tools::shell;

use crate::agents;
use crate::agents::fragment::cut;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Event, Question, QuestionId, QuestionKind, Stage, StageState};
use crate::packet::BatonPacket;
use crate::replies::{Command, Commands};
use crate::request::Review;
use crate::run::plural;
use crate::stages::baseline::{Baseline, base_view};
use crate::stages::verify::{Candidate, NewTests, Proposal, Verified, verify};
use crate::workflows::begin::{Begun, begin};
use crate::workflows::task::{Task, render_defect};

/// Cap of what commands have written, in a defect.
const OUTPUT: Tokens = Tokens(1_000);

const ONCE: &str = "Run them";
const FOR_RUN: &str = "Run all of this run";
const ALWAYS: &str = "Always run these programs here";
const NO: &str = "No";

/// `outer`: where a person is asked. `files`: what comes back.
///
/// # Errors
/// As an edit's: [`Error::AttemptsExhausted`] when nothing passes.
pub(super) async fn proved(
    outer: &Cx,
    cx: &Cx,
    task: &Task,
    files: &[RelPath],
    before: &Baseline,
) -> Result<Proposal, Error> {
    let attempts = cx.workspace.config().attempts.max(1);
    let Begun { mut talk, .. } = begin(cx, task).await?;
    for attempt in 1.. {
        let asked = async {
            let begins = |model: &str| {
                cx.stage(Stage::Generate, StageState::Running, attempt, model.to_owned())
            };
            let told = cx.ask_for::<Commands>(&talk, begins).await;
            let (state, note) = match &told {
                Ok(told) => (StageState::Done, plural(told.value.commands.len(), "command")),
                Err(error) => (StageState::Failed, error.to_string()),
            };
            cx.stage(Stage::Generate, state, attempt, note)?;
            Ok(told?.value)
        };
        let commands = cx.step("commands", &talk.messages, asked).await?;
        let said = serde_json::to_string(&commands).map_err(|e| Error::Internal(e.to_string()))?;
        talk.replied(said.clone());
        let commands = commands.commands;
        let made = match permitted(outer, &commands, attempt).await? {
            true => cx.step("ran", &(&commands, attempt), ran(cx, &commands, files)).await?,
            false => Err(Defect::new(
                DefectKind::Feedback,
                "the person does not want these commands run",
                "",
                "do it by other commands",
            )),
        };
        let why: Vec<&str> = commands.iter().map(|it| it.why.as_str()).collect();
        let metadata = task.packet_metadata(cx, attempt);
        let packet = BatonPacket::new(&said, &why.join("\n"), made.as_ref().ok(), metadata);
        cx.remember_said(&packet).await?;
        let defect = match made {
            Err(defect) => defect,
            Ok(patch) => {
                let (tests, scope) = (NewTests::Unasked, task.scope());
                let candidate = Candidate { patch: &patch, message: None, tests, scope, attempt };
                let proof = verify(cx, candidate, before);
                match cx.step("verify", &(&patch, attempt), proof).await? {
                    Verified::Passed(proposal) => {
                        cx.remember_passed(&packet, &proposal.evidence_line()).await?;
                        return Ok(proposal);
                    }
                    Verified::Refused { defect, .. } => defect,
                }
            }
        };
        cx.remember_refused(&packet, &defect).await?;
        cx.step("refuse", &(attempt, &defect), async {
            cx.emit(Event::Refused { attempt, defect: defect.clone() })
        })
        .await?;
        if attempts <= attempt {
            return Err(Error::AttemptsExhausted { attempts, last: Box::new(defect) });
        }
        let prompt = cx.prompt(agents::RERUN)?;
        let defect = render_defect(&defect, prompt.front.context);
        talk.tell(prompt, &json!({"defect": defect}))?;
    }
    Err(Error::Internal("commands were asked for for ever".into()))
}

/// The change that the commands make of the named files; or why there is none.
async fn ran(
    cx: &Cx,
    commands: &[Command],
    files: &[RelPath],
) -> Result<Result<Patch, Defect>, Error> {
    let refused = |summary: String, detail: &str| {
        Ok(Err(Defect::new(DefectKind::Command, &summary, detail, "")))
    };
    let sandbox = cx.workspace.sandbox();
    if !matches!(sandbox.level(), Level::Full | Level::Container) {
        return refused(format!("commands need the whole sandbox; it is {}", sandbox.level()), "");
    }
    if let Some(empty) = commands.iter().position(|command| command.argv.is_empty()) {
        return refused(format!("command {} is empty", empty + 1), "");
    }
    let argvs: Vec<Vec<String>> = commands.iter().map(|command| command.argv.clone()).collect();
    let (root, limits) = (cx.workspace.root(), cx.workspace.config().limits);
    let wanted = shell::Commands { root, view: base_view(cx), commands: &argvs, files, limits };
    let ran = match shell::run(sandbox, &wanted, cx.cancel()).await {
        Ok(ran) => ran,
        Err(sandbox::Error::NotFound(program)) => {
            return refused(format!("`{program}` is not there"), "");
        }
        Err(error) => return Err(error.into()),
    };
    cx.check()?;
    let output = cut(&ran.output, OUTPUT);
    if ran.end != End::Exit(0) {
        return refused(format!("a command failed: {:?}", ran.end), &output);
    }
    let snapshot = cx.snapshot();
    let mut texts: BTreeMap<RelPath, String> = BTreeMap::new();
    for (path, bytes) in ran.files {
        match String::from_utf8(bytes) {
            Ok(text) => texts.insert(path, text),
            Err(_) => return refused(format!("{path} is no text in UTF-8"), &output),
        };
    }
    let steps = files.iter().map(|path| {
        let old: Option<Arc<str>> = snapshot.read(path).ok();
        (path.clone(), old, texts.remove(path))
    });
    let patch = Patch::between(steps);
    if patch.is_empty() {
        return refused("the commands leave the task's files as they were".into(), &output);
    }
    Ok(Ok(patch))
}

/// Whether they may be run: said once, for all of the run, or for good.
async fn permitted(cx: &Cx, commands: &[Command], attempt: u32) -> Result<bool, Error> {
    if cx.request().review == Review::AcceptAll {
        return Ok(true);
    }
    let is_for_run = |event: &Event| matches!(event, Event::Answered { answer: Answer::Choose { choice }, .. } if choice == FOR_RUN);
    let programs: Vec<&str> =
        commands.iter().filter_map(|it| it.argv.first()).map(String::as_str).collect();
    let store = cx.workspace.store();
    let mut is_known = true;
    for program in &programs {
        is_known &= store.choice(&remembered(program))?.as_deref() == Some(ALWAYS);
    }
    if is_known || cx.run.events(0).iter().any(is_for_run) {
        return Ok(true);
    }
    let shown: Vec<String> =
        commands.iter().map(|it| format!("`{}` ({})", it.argv.join(" "), it.why.trim())).collect();
    let shown = shown.join("; ");
    let id = base::ContentHash::of(shown.as_bytes()).short();
    let question = Question {
        id: QuestionId(format!("commands-{id}-{attempt}")),
        kind: QuestionKind::Choice,
        text: format!("Run these commands in the sandbox, without network? {shown}"),
        choices: [ONCE, FOR_RUN, ALWAYS, NO].map(str::to_owned).to_vec(),
    };
    let answer = cx.step("permitted", &(&shown, attempt), cx.run.ask(question)).await?;
    let Answer::Choose { choice } = answer else { return Ok(false) };
    if choice == ALWAYS {
        for program in programs {
            store.put_choice(&remembered(program), ALWAYS, Timestamp::now())?;
        }
    }
    Ok(choice != NO)
}

fn remembered(program: &str) -> String {
    format!("command {program}")
}
