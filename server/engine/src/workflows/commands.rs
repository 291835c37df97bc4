//! Tasks that are done by commands of a model: asked for, permitted, run in the sandbox, and what they leave is proved like any edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Defect, DefectKind, Patch, RelPath, Tokens, visible_line};
use jiff::Timestamp;
use sandbox::{End, Level};
use serde_json::json;
use tools::shell;

use crate::agents;
use crate::agents::fragment::cut;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Event, Question, QuestionId, QuestionKind, Stage, StageState};
use crate::packet::{BatonPacket, shortened};
use crate::replies::{Command, Commands};
use crate::request::Review;
use crate::run::plural;
use crate::stages::baseline::{Baseline, base_view};
use crate::stages::verify::{
    Asked, Candidate, NewTests, Proposal, TASK, Verified, is_looked_at, verify,
};
use crate::workflows::begin::{Begun, begin};
use crate::workflows::task::{Task, render_defect};

/// Cap of what commands have written, in a defect.
const OUTPUT: Tokens = Tokens(1_000);
/// Commands that are longer as they are shown are not run: nobody reads so much before saying yes.
const SHOWN_CHARS: usize = 4_000;
/// The same for why one is run.
const WHY_CHARS: usize = 200;

const ONCE: &str = "Run them";
const FOR_RUN: &str = "Run all of this run";
const ALWAYS: &str = "Always run exactly these here";
const NO: &str = "No";
/// How the ids of the questions begin.
const QUESTION: &str = "commands-";

/// `files`: what comes back.
///
/// # Errors
/// As an edit's: [`Error::AttemptsExhausted`] when nothing passes.
pub(super) async fn proved(
    cx: &Cx,
    task: &Task,
    files: &[RelPath],
    before: &Baseline,
) -> Result<Proposal, Error> {
    let level = cx.workspace.sandbox().level();
    if !matches!(level, Level::Full | Level::Container) {
        let summary = format!("commands need the whole sandbox; it is {level}");
        let last = Box::new(Defect::new(DefectKind::Command, &summary, "", ""));
        return Err(Error::AttemptsExhausted { attempts: 0, last });
    }
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
        let made = match unfit(&commands) {
            Some(summary) => Err(Defect::new(DefectKind::Command, &summary, "", "")),
            None if permitted(cx, &commands, attempt).await? => {
                cx.step("ran", &(&commands, attempt), ran(cx, &commands, files)).await?
            }
            None => Err(Defect::new(
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
                let text = is_looked_at(cx).then(|| task.render(TASK));
                let asked = text.as_deref();
                let asked = asked.map(|task| Asked {
                    task,
                    packet: &packet,
                    may_refuse: attempt < attempts,
                });
                let candidate =
                    Candidate { patch: &patch, message: None, tests, scope, attempt, asked };
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

/// Why commands are not run, whoever agrees to them.
fn unfit(commands: &[Command]) -> Option<String> {
    if let Some(empty) = commands.iter().position(|command| command.argv.is_empty()) {
        return Some(format!("command {} is empty", empty + 1));
    }
    let chars = shown(commands).chars().count();
    let is_long = SHOWN_CHARS < chars;
    is_long.then(|| {
        format!(
            "the commands are too long to be looked at: {chars} characters of at most {SHOWN_CHARS}"
        )
    })
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
    let snapshot = cx.snapshot();
    let mut view = base_view(cx);
    let mut old: BTreeMap<RelPath, Arc<str>> = BTreeMap::new();
    for path in files {
        match snapshot.read(path) {
            // What the commands see is what their work is compared with, whatever the user types meanwhile.
            Ok(text) => {
                view.files.insert(path.clone(), Some(text.as_bytes().to_vec()));
                old.insert(path.clone(), text);
            }
            Err(_) if !snapshot.contains(path) => {}
            Err(error) => return refused(format!("{path} cannot be changed: {error}"), ""),
        }
    }
    let argvs: Vec<Vec<String>> = commands.iter().map(|command| command.argv.clone()).collect();
    let (root, limits) = (cx.workspace.root(), cx.workspace.config().limits);
    let wanted = shell::Commands { root, view, commands: &argvs, files, limits };
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
    if let Some((path, why)) = ran.refused.first_key_value() {
        return refused(
            format!("what the commands make of {path} cannot be taken: {why}"),
            &output,
        );
    }
    let mut texts: BTreeMap<RelPath, String> = BTreeMap::new();
    for (path, bytes) in ran.files {
        match String::from_utf8(bytes) {
            Ok(text) => texts.insert(path, text),
            Err(_) => return refused(format!("{path} is no text in UTF-8"), &output),
        };
    }
    let steps = files.iter().map(|path| (path.clone(), old.get(path).cloned(), texts.remove(path)));
    let patch = Patch::between(steps);
    if patch.is_empty() {
        return refused("the commands leave the task's files as they were".into(), &output);
    }
    Ok(Ok(patch))
}

/// Whether they may be run: said once, for all of the run, or for good. Asked for once, also where another answer comes later.
async fn permitted(cx: &Cx, commands: &[Command], attempt: u32) -> Result<bool, Error> {
    if cx.request().review == Review::AcceptAll {
        return Ok(true);
    }
    let decide = async {
        let is_for_run = |event: &Event| {
            matches!(event, Event::Answered { id, answer: Answer::Choose { choice } }
                if id.0.starts_with(QUESTION) && choice == FOR_RUN)
        };
        let store = cx.workspace.store();
        let mut is_known = true;
        for command in commands {
            is_known &= store.choice(&remembered(command)?)?.as_deref() == Some(ALWAYS);
        }
        if is_known || cx.run.events(0).iter().any(is_for_run) {
            return Ok(true);
        }
        let shown = shown(commands);
        let id = base::ContentHash::of(shown.as_bytes()).short();
        let question = Question {
            id: QuestionId(format!("{QUESTION}{}{id}-{attempt}", cx.mark())),
            kind: QuestionKind::Choice,
            text: format!("Run these commands in the sandbox, without network?\n{shown}"),
            choices: [ONCE, FOR_RUN, ALWAYS, NO].map(str::to_owned).to_vec(),
        };
        let Answer::Choose { choice } = cx.run.ask(question).await? else { return Ok(false) };
        if choice == ALWAYS {
            for command in commands {
                store.put_choice(&remembered(command)?, ALWAYS, Timestamp::now())?;
            }
        }
        Ok(choice != NO)
    };
    cx.step("permitted", &(commands, attempt), decide).await
}

/// A line for each, set off from what Baton says itself.
fn shown(commands: &[Command]) -> String {
    let line = |command: &Command| {
        let why = shortened(&visible_line(command.why.trim()), WHY_CHARS);
        format!("  {}  # {why}", shell::shown(&command.argv))
    };
    commands.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// By what it is found again: every word of it, because what a program does is said by its arguments.
fn remembered(command: &Command) -> Result<String, Error> {
    let argv = serde_json::to_vec(&command.argv).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(format!("command {}", base::ContentHash::of(&argv)))
}
