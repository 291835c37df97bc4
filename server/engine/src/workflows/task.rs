//! The task as a model is told it: the request, the selection or diagnostic, the failing tests, how the project tests. It
//! holds no context.

mod layout;

use base::{Defect, FileChange, Patch, RelPath, Tokens};
use serde::{Deserialize, Serialize};
use vfs::Snapshot;

use crate::adapt::Focus;
use crate::agents::fragment::Fragment;
use crate::agents::{self, Agent};
use crate::cx::Cx;
use crate::packet::{BatonPacket, PacketMetadata};
use crate::plan::{AgreedPlan, Task as PlanTask, TaskRole};
use crate::request::{Request, Selection};
use crate::stages::baseline::{Baseline, FailingTest};
use crate::stages::generate::Draft;
use crate::stages::verify::{NewTests, Scope, selected};
use layout::{Layout, layout};

/// At most so many failing tests are shown; the first ones of a long list rarely have another cause than the rest.
const SHOWN_TESTS: usize = 5;
/// Lines of a change that are looked for.
const QUERY_LINES: usize = 40;
/// Files of the workspace that an architect is told of.
const LISTED_FILES: usize = 200;

/// What is to be done, with the code that it is about as that was when the run began.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    title: String,
    /// The same in the words of whoever wants it.
    #[serde(default)]
    subject: String,
    fragments: Vec<(String, String)>,
    /// Lines of the places that are named.
    #[serde(default)]
    named_lines: usize,
    focus: Focus,
    /// What the tests that come with it have to show.
    #[serde(default)]
    tests: NewTests,
    /// What may change.
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    kind: Kind,
}

/// Who does it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// An agent that edits.
    #[default]
    Edit,
    /// One that answers.
    Explain,
    /// One that looks for what is wrong.
    Review,
    /// One that runs commands.
    Commands,
    /// One that says what is to be built.
    Plan,
    /// One that says what is to be planned.
    Roadmap,
}

impl Task {
    /// To repair a diagnostic, failing tests, or what the request says.
    pub(crate) fn fix(request: &Request, before: &Baseline, snapshot: &Snapshot) -> Task {
        let mut task = Task::new("Repair the problem described here.", request, snapshot);
        for test in before.failing_targets().iter().take(SHOWN_TESTS) {
            task.add_test(test, snapshot);
        }
        let more = before.targets.len().saturating_sub(SHOWN_TESTS);
        if more > 0 {
            task.title.push_str(&format!(" {more} more tests fail."));
        }
        task
    }

    /// To write what the request says.
    pub(crate) fn implement(request: &Request, snapshot: &Snapshot) -> Task {
        Task::new(
            "Write what is asked for here. The existing tests must go on passing.",
            request,
            snapshot,
        )
    }

    /// To write the same otherwise.
    pub(crate) fn refactor(request: &Request, snapshot: &Snapshot) -> Task {
        Task::new(
            "Change how this code is written, and nothing of what it does: every caller and every test sees the same. Tests \
             change only where a name does.",
            request,
            snapshot,
        )
    }

    /// To say something about code, in it or beside it.
    pub(crate) fn document(request: &Request, snapshot: &Snapshot) -> Task {
        // A cursor stands for the definition that it is in.
        let request = &Request { selection: selected(request, snapshot), ..request.clone() };
        let mut task = Task::new(
            "Document the code that is described here, in the way that the project does: comments, docstrings or pages of \
             text. Say what a reader does not see: what for, in what units, what can go wrong. The code itself stays as it is, \
             token by token; an edit that changes it is refused.",
            request,
            snapshot,
        );
        task.scope = Scope::Documentation;
        task
    }

    /// To answer a question.
    pub(crate) fn explain(request: &Request, snapshot: &Snapshot) -> Task {
        let title = match request.text.trim() {
            "" => "What does this code do, and how?",
            _ => "Answer this.",
        };
        Task { kind: Kind::Explain, ..Task::new(title, request, snapshot) }
    }

    /// To say what is wrong.
    pub(crate) fn review(request: &Request, snapshot: &Snapshot) -> Task {
        let title = match (&request.change, &request.selection) {
            (Some(_), _) => "Review the lines that this change adds or changes.",
            (None, Some(_)) => "Review this code.",
            (None, None) => "Review the code that this is about.",
        };
        let mut task = Task { kind: Kind::Review, ..Task::new(title, request, snapshot) };
        if let Some(change) = &request.change {
            task.focus.show.extend(change.patch.files());
            let diff = base::unified(&change.patch);
            task.focus.query.push_str(&format!(" {}", added(&change.patch)));
            task.fragments.push(("The change".into(), diff));
        }
        task
    }

    /// To say what is to be built for `text`, in the words of a request or of an item of a roadmap.
    pub(crate) fn plan(request: &Request, text: &str, snapshot: &Snapshot) -> Task {
        let request = &Request { text: text.to_owned(), ..request.clone() };
        let mut task = Task::new("Plan what is asked for here.", request, snapshot);
        let mut paths: Vec<&str> = snapshot.files().map(|file| file.path.as_str()).collect();
        let n_more = paths.len().saturating_sub(LISTED_FILES);
        paths.truncate(LISTED_FILES);
        let more = if n_more == 0 { String::new() } else { format!("\nand {n_more} more") };
        let listed = match paths.is_empty() {
            true => "none".to_owned(),
            false => format!("{}{more}", paths.join("\n")),
        };
        task.fragments.push(("The files that are there".into(), listed));
        Task { kind: Kind::Plan, ..task }
    }

    /// To say what a goal comes to.
    pub(crate) fn roadmap(request: &Request, snapshot: &Snapshot) -> Task {
        let plan = Task::plan(request, &request.text, snapshot);
        Task { title: "Make a roadmap of this goal.".into(), kind: Kind::Roadmap, ..plan }
    }

    /// A task of a plan.
    pub(crate) fn of_plan(
        plan: &AgreedPlan,
        part: &PlanTask,
        before: &Baseline,
        snapshot: &Snapshot,
    ) -> Task {
        let files = part.paths();
        let names: Vec<&str> = files.iter().map(RelPath::as_str).collect();
        let title =
            format!("Do this task of a plan. Change these files alone: {}.", names.join(", "));
        let mut task = Task {
            scope: Scope::Files(files.clone()),
            subject: part.instruction.trim().to_owned(),
            ..Task::empty(&title)
        };
        task.fragments.push(("The task".into(), part.instruction.trim().to_owned()));
        let summary = plan.plan().analysis.summary.trim();
        if !summary.is_empty() {
            task.fragments.push(("The plan in short".into(), summary.to_owned()));
        }
        if !part.acceptance.is_empty() {
            let list: Vec<String> = part.acceptance.iter().map(|it| format!("- {it}")).collect();
            task.fragments.push(("What has to hold afterwards".into(), list.join("\n")));
        }
        let purposes = plan.plan().structure.files.iter();
        let purposes: Vec<String> =
            purposes.map(|(path, purpose)| format!("{path}: {purpose}")).collect();
        if !purposes.is_empty() {
            task.fragments.push(("What the plan's files are for".into(), purposes.join("\n")));
        }
        task.focus.query = format!("{} {}", part.instruction, names.join(" "));
        // What it goes on from, as it is by now.
        let earlier = plan.before(part).flat_map(PlanTask::paths);
        task.focus.show = files.iter().cloned().chain(earlier).collect();
        task.focus.boost = files;
        match part.role {
            TaskRole::Tester => task.asking(NewTests::Alone, before, snapshot),
            TaskRole::Coder => task,
            TaskRole::Cli => Task { kind: Kind::Commands, ..task },
        }
    }

    /// To mend what the tasks of a plan have come to together.
    pub(crate) fn mend(
        plan: &AgreedPlan,
        all: &Patch,
        defect: &Defect,
        snapshot: &Snapshot,
    ) -> Task {
        let title = "The tasks of a plan are done, each for itself. Together they were refused, for the reason that follows. \
                     Change what has to be different.";
        let mut task = Task::empty(title);
        let summary = plan.plan().analysis.summary.trim();
        if !summary.is_empty() {
            task.fragments.push(("The plan in short".into(), summary.to_owned()));
        }
        task.fragments.push((defect.summary.clone(), defect.detail.clone()));
        task.focus.query = format!("{} {}", defect.summary, defect.detail);
        let there = |path: &RelPath| snapshot.contains(path);
        task.focus.show = defect.paths.iter().cloned().chain(all.files()).filter(there).collect();
        task.focus.boost.clone_from(&defect.paths);
        task
    }

    fn empty(title: &str) -> Task {
        Task {
            title: title.to_owned(),
            subject: String::new(),
            fragments: Vec::new(),
            named_lines: 0,
            focus: Focus::default(),
            tests: NewTests::Unasked,
            scope: Scope::All,
            kind: Kind::Edit,
        }
    }

    /// To write tests of what the request selects or names.
    pub(crate) fn test(request: &Request, before: &Baseline, snapshot: &Snapshot) -> Task {
        // A cursor stands for the definition that it is in.
        let request = &Request { selection: selected(request, snapshot), ..request.clone() };
        Task::new("Write tests of the code that is described here.", request, snapshot).asking(
            NewTests::Alone,
            before,
            snapshot,
        )
    }

    /// The same, with a test of the change.
    pub(crate) fn with_tests(
        mut self,
        tests: NewTests,
        before: &Baseline,
        snapshot: &Snapshot,
    ) -> Task {
        self.title.push_str(match tests {
            NewTests::OfRepair => {
                " Add a test too, under a name of its own: one that fails as long as the problem is there, and passes now."
            }
            _ => " Add a test too, under a name of its own: one that says what the new code does.",
        });
        self.title.push_str(
            " Small faults are put into the lines that you change; the test has to fail with one of them.",
        );
        self.asking(tests, before, snapshot)
    }

    fn asking(mut self, tests: NewTests, before: &Baseline, snapshot: &Snapshot) -> Task {
        self.tests = tests;
        let Layout { text, example } = layout(before, self.focus.boost.first(), snapshot);
        self.fragments.push(("How the project tests".into(), text));
        self.focus.show.extend(example);
        self
    }

    fn new(title: &str, request: &Request, snapshot: &Snapshot) -> Task {
        let mut task = Task::empty(title);
        if !request.text.trim().is_empty() {
            task.subject.clone_from(&request.text);
            task.focus.query.push_str(&request.text);
            task.fragments.push(("The request".into(), request.text.clone()));
        }
        if let Some(diagnostic) = &request.diagnostic {
            let source = if diagnostic.source.is_empty() { "a tool" } else { &diagnostic.source };
            let place =
                format!("A finding of {source} in {} line {}", diagnostic.path, diagnostic.line);
            task.subject.push_str(&format!(" {}", diagnostic.message));
            task.fragments.push((place, diagnostic.message.clone()));
            task.focus.query.push_str(&format!(" {}", diagnostic.message));
            task.add_region(&diagnostic.path, diagnostic.range, snapshot);
        }
        if let Some(Selection { path, range }) = &request.selection {
            task.add_region(path, *range, snapshot);
        }
        task
    }

    /// The lines of a region, and the file among those that retrieval prefers.
    fn add_region(&mut self, path: &RelPath, range: base::ByteRange, snapshot: &Snapshot) {
        self.focus.boost.push(path.clone());
        self.focus.show.push(path.clone());
        let Ok(text) = snapshot.read(path) else { return };
        let start = text.floor_char_boundary(range.start);
        let end = text.floor_char_boundary(range.end.max(range.start));
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let last = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let line = text[..first].matches('\n').count() + 1;
        self.focus.query.push_str(&format!(" {}", &text[first..last]));
        self.named_lines += text[first..last].lines().count();
        self.fragments.push((
            format!("The part of {path} in question, from line {line}"),
            text[first..last].to_owned(),
        ));
    }

    fn add_test(&mut self, test: &FailingTest, snapshot: &Snapshot) {
        self.fragments.push((format!("The failing test {}", test.id), test.message.clone()));
        self.focus.query.push_str(&format!(" {} {}", test.id, test.message));
        if let Some(source) = test.source(snapshot) {
            self.focus.query.push_str(&format!(" {source}"));
            self.fragments.push((format!("The source of {}", test.id), source));
        }
        // A file that the failure's trace names is where the cause or its caller is.
        self.focus.boost.extend(test.mentioned(snapshot));
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// A reply to it, as it is handed on.
    pub(crate) fn packet(&self, cx: &Cx, turn: u32, draft: &Draft) -> BatonPacket {
        let metadata = self.packet_metadata(cx, turn);
        BatonPacket::new(&draft.reply, &draft.prose, draft.patch.as_ref().ok(), metadata)
    }

    pub(crate) fn packet_metadata(&self, cx: &Cx, turn: u32) -> PacketMetadata {
        let subject = match self.subject.trim() {
            "" => &self.title,
            subject => subject,
        };
        PacketMetadata {
            agent: self.agent().name.to_owned(),
            run: cx.run.id().0.clone(),
            part: cx.plan_part().to_owned(),
            task: cx.task_id().to_owned(),
            turn,
            subject: subject.to_owned(),
        }
    }

    /// Who writes it.
    pub(crate) fn agent(&self) -> Agent {
        match self.kind {
            Kind::Explain => agents::EXPLAINER,
            Kind::Review => agents::VALIDATOR,
            Kind::Commands => agents::CLI,
            Kind::Plan => agents::ARCHITECT,
            Kind::Roadmap => agents::ORCHESTRATOR,
            Kind::Edit if self.tests == NewTests::Alone => agents::TESTER,
            Kind::Edit => agents::CODER,
        }
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn tests(&self) -> NewTests {
        self.tests
    }

    pub(crate) fn named_lines(&self) -> usize {
        self.named_lines
    }

    pub(crate) fn focus(&self) -> &Focus {
        &self.focus
    }

    /// The task as text, within about `cap` tokens, shared evenly by its parts.
    pub(crate) fn render(&self, cap: Tokens) -> String {
        let share = Tokens(cap.0 / self.fragments.len().max(1));
        let parts = self.fragments.iter();
        let parts: Vec<String> = parts
            .map(|(title, text)| Fragment::data(title.as_str(), text.as_str(), share).render())
            .collect();
        format!("{}\n\n{}", self.title, parts.join("\n"))
    }
}

/// What a change adds, as far as it is of use to a search.
fn added(patch: &Patch) -> String {
    let diff = base::unified(patch);
    let lines = diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++"));
    lines.take(QUERY_LINES).map(|line| &line[1..]).collect::<Vec<_>>().join(" ")
}

/// Files of tests that are kept, as they are now, within about `cap` tokens in all.
pub(crate) fn render_kept(kept: &Patch, cap: Tokens) -> Vec<String> {
    let share = Tokens(cap.0 / kept.changes().len().max(1));
    let part = |change: &FileChange| {
        let text = change.new_text()?;
        Some(Fragment::data(change.path().as_str(), text, share).render())
    };
    kept.changes().iter().filter_map(part).collect()
}

/// A refusal as the coder is told it.
pub(crate) fn render_defect(defect: &Defect, cap: Tokens) -> String {
    let text = format!("{}\n\n{}", defect.summary, defect.detail);
    Fragment::data("Why it was refused", text.trim(), cap).render()
}
