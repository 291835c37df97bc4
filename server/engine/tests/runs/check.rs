//! What the tests share: a workspace with a scripted model, and the log of a run as text.

use std::path::Path;
use std::time::Duration;

use base::{AbsPathBuf, Tokens};
use engine::{CommitConfig, Config, Event, Request, Run, Workspace};
use expect_test::Expect;
use fixture::{Fixture, Scripted, ScriptedModel, TempWorkspace};
use tempfile::TempDir;

/// Longer than anything here takes on a loaded machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) files: TempWorkspace,
    pub(crate) model: ScriptedModel,
    data: TempDir,
}

impl World {
    /// Files, and the model's replies in order as `//- reply coder`.
    pub(crate) async fn new(text: &str) -> World {
        let fixture = Fixture::parse(text);
        let replies = fixture.script();
        World::scripted(&fixture, replies).await
    }

    pub(crate) async fn with_replies(text: &str, replies: Vec<Scripted>) -> World {
        World::scripted(&Fixture::parse(text), replies).await
    }

    /// A model whose reply depends on the request.
    pub(crate) async fn with_script(text: &str, script: fixture::Script) -> World {
        World {
            files: TempWorkspace::new(&Fixture::parse(text)).unwrap(),
            model: ScriptedModel::start_with(script).await,
            data: TempDir::new().unwrap(),
        }
    }

    /// The replies of the fixture by who is asked, in no certain order.
    pub(crate) async fn by_agent(fixture: &Fixture) -> World {
        World {
            files: TempWorkspace::new(fixture).unwrap(),
            model: ScriptedModel::start_with(fixture.script_by_agent()).await,
            data: TempDir::new().unwrap(),
        }
    }

    async fn scripted(fixture: &Fixture, replies: Vec<Scripted>) -> World {
        World {
            files: TempWorkspace::new(fixture).unwrap(),
            model: ScriptedModel::start(replies).await,
            data: TempDir::new().unwrap(),
        }
    }

    /// Where the workspaces keep what is theirs.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Opens the workspace, as each process does for itself.
    pub(crate) async fn open(&self) -> Workspace {
        self.open_with(Some("scripted/model".parse().unwrap())).await
    }

    /// The same, with this model chosen in the settings.
    pub(crate) async fn open_with(&self, model: Option<models::ModelName>) -> Workspace {
        self.open_as(self.config(model)).await
    }

    /// Settings that can be changed before [`World::open_as`].
    pub(crate) fn config(&self, model: Option<models::ModelName>) -> Config {
        let mut models = models::Config::new(|_| None);
        models.default = model;
        models.keyring = false;
        models.retry.attempts = 1;
        models.cooldown.first_ms = 1;
        models.providers =
            vec![models::ProviderConfig::open_ai("scripted", &self.model.base_url())];
        Config {
            models,
            sandbox: sandbox::Setting::Auto,
            attempts: 2,
            context: Tokens(2_500),
            choices: tools::Choices::default(),
            generate_tests: false,
            coherence: engine::When::Never,
            remember: true,
            debate: engine::Debating {
                when: engine::When::Auto,
                threshold: 0.7,
                confidence: 0.3,
                cycles: 2,
                tokens: 60_000,
            },
            limits: sandbox::Limits::default(),
            commit: CommitConfig { model_message: true },
            search: engine::SearchConfig::usual(),
            tool_servers: Vec::new(),
            data_dir: self.data.path().to_path_buf(),
            calls_dir: self.data.path().to_path_buf(),
            // No helper: the sandbox finds that nothing may run, and says so.
            helper: "/nonexistent/baton".into(),
        }
    }

    pub(crate) async fn open_as(&self, config: Config) -> Workspace {
        Workspace::open(self.root(), config).await.unwrap()
    }

    pub(crate) fn root(&self) -> AbsPathBuf {
        AbsPathBuf::try_from(self.files.path().canonicalize().unwrap()).unwrap()
    }
}

/// Runs a request on a fixture to its end and compares the log; the proposal is accepted.
pub(crate) async fn check_run(text: &str, request: Request, expect: Expect) {
    let world = World::new(text).await;
    let workspace = world.open().await;
    let run = workspace.start(request).unwrap();
    finish(&run).await;
    expect.assert_eq(&log(&run.events(0)));
}

/// Waits for the end of a run.
pub(crate) async fn finish(run: &Run) {
    tokio::time::timeout(DEADLINE, run.finished()).await.expect("the run ends");
}

/// Waits until the run asks.
pub(crate) async fn asked(run: &Run) -> engine::Question {
    let mut cursor = 0;
    let ask = async {
        loop {
            run.next(&mut cursor).await.expect("the run asks before it ends");
            if let Some(question) = run.pending() {
                return question;
            }
        }
    };
    tokio::time::timeout(DEADLINE, ask).await.expect("the run asks")
}

/// The log in lines, without what differs from run to run.
pub(crate) fn log(events: &[Event]) -> String {
    events.iter().filter_map(line).map(|line| line + "\n").collect()
}

fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { workflow, .. } => format!("started {workflow}"),
        Event::Resumed => "resumed".into(),
        Event::Stage { stage, state, attempt, note } => {
            format!("{} {attempt} {state:?}: {note}", stage.as_str())
        }
        Event::Hits { hits, .. } => {
            let mut paths: Vec<&str> = hits.iter().map(|hit| hit.path.as_str()).collect();
            paths.dedup();
            format!("hits {}", paths.join(" "))
        }
        // Why there is no answer depends on what this machine has.
        Event::Check { check, .. } => match &check.after {
            base::Verdict::NoAnswer(_) => format!("check {}: no answer", check.name),
            verdict => format!("check {}: {verdict:?}", check.name),
        },
        Event::Refused { attempt, defect } => {
            format!("refused {attempt} {:?}: {}", defect.kind, defect.summary)
        }
        Event::BestAttempt { attempt } => {
            let names: Vec<&str> =
                attempt.evidence.checks.iter().map(|it| it.name.as_str()).collect();
            format!("best attempt {} after {}", attempt.number, names.join(", "))
        }
        Event::Notice { message } => format!("notice: {message}"),
        Event::Recalled { memories } => {
            let subjects: Vec<&str> = memories.iter().map(|it| it.subject.as_str()).collect();
            format!("recalled {}", subjects.join("; "))
        }
        Event::Roadmap { items } => format!("roadmap: {}", items.join(", ")),
        Event::Item { number, state, note } => format!("item {number} {state:?}: {note}"),
        Event::Planned { plan } => {
            let tasks: Vec<String> = plan
                .tasks
                .iter()
                .map(|it| format!("{} {} after {:?}", it.id, it.role.as_str(), it.depends_on))
                .collect();
            format!("planned {}", tasks.join(", "))
        }
        Event::Task { id, state, note, .. } => format!("task {id} {state:?}: {note}"),
        Event::InTask { task, what } => format!("  [{task}] {}", line(what)?),
        Event::Debate { turn } => format!("debate: {turn}"),
        Event::Debated { cost } => {
            format!(
                "debated: {} calls, {} revisions, {:?}",
                cost.spent.calls, cost.revisions, cost.changed
            )
        }
        Event::Escalated { what, defect } => format!("escalated {what}: {}", defect.summary),
        Event::Proposed { proposal } => {
            let stat = proposal.patch().stat();
            let files: Vec<String> = stat
                .iter()
                .map(|file| format!("{} -{} +{}", file.path, file.removed, file.added))
                .collect();
            format!("proposed {} \"{}\"", files.join(" "), proposal.message().trim_end())
        }
        Event::Ask { question } => format!("ask: {}", question.text),
        Event::Answered { answer, .. } => format!("answered: {answer:?}"),
        Event::Applied { files, hunks, conflicts } => {
            format!(
                "applied {} files, {} hunks, {} conflicts",
                files.len(),
                hunks.len(),
                conflicts.len()
            )
        }
        Event::Committed { subject, .. } => format!("committed {subject}"),
        Event::Finished { outcome } => format!("finished {outcome:?}"),
        Event::Progress { .. }
        | Event::Text { .. }
        | Event::Thinking { .. }
        | Event::Complexity { .. }
        | Event::Reply { .. }
        | Event::Usage { .. } => {
            return None;
        }
    })
}
