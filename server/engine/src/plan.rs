//! What is to be built, as an architect says it: the analysis, the files, and tasks with what each of them waits for. Data; it
//! asks nobody and builds nothing.

use std::collections::{BTreeMap, BTreeSet};

use base::RelPath;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More tasks than these are no plan that a person can look at.
const MAX_TASKS: usize = 40;
/// A longer plan is not seen whole by those who judge it.
const MAX_TOKENS: usize = 6_000;
/// More faults help nobody.
const MAX_FAULTS: usize = 20;
/// Characters of a task's name.
const MAX_ID: usize = 40;

/// A plan, as it was said or edited. What may be built is an [`AgreedPlan`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// What the request comes to.
    pub analysis: Analysis,
    /// Where things are to lie.
    pub structure: Structure,
    /// What is to be done.
    pub tasks: Vec<Task>,
}

/// What a request comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// The parts that it needs.
    pub components: Vec<String>,
    /// What it uses of others: packages, services.
    pub dependencies: Vec<String>,
    /// In a word or two: `library`, `command line`, `REST service`.
    pub architecture_type: String,
    /// How much it is.
    pub complexity: Extent,
    /// In a sentence or two.
    pub summary: String,
}

/// How much a request is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// A function or two.
    Simple,
    /// A few files.
    #[default]
    Moderate,
    /// More than that.
    Complex,
}

/// Where things are to lie.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Structure {
    /// Each file that is written or changed, with what it is for.
    pub files: BTreeMap<String, String>,
    /// What a file uses of the others.
    #[serde(default)]
    pub imports: BTreeMap<String, Vec<String>>,
    /// Where it starts, if it is a program.
    #[serde(default)]
    pub entry_point: Option<String>,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// Names it within the plan: letters, digits, `-` and `_`.
    pub id: String,
    /// Who does it.
    pub role: TaskRole,
    /// What is to be done.
    pub instruction: String,
    /// The files that it writes; it may read all of them.
    #[serde(default)]
    pub files: Vec<String>,
    /// What has to hold afterwards, a sentence for each.
    #[serde(default)]
    pub acceptance: Vec<String>,
    /// The tasks that have to be done before.
    #[serde(default)]
    pub depends_on: Vec<String>,
}

/// Who does a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskRole {
    /// Writes code.
    Coder,
    /// Runs commands in the sandbox.
    Cli,
    /// Writes tests.
    Tester,
}

/// A plan that can be built: its paths lie in the workspace, nothing waits for itself, and of two tasks that write the same file
/// one waits for the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Plan", into = "Plan")]
pub(crate) struct AgreedPlan {
    plan: Plan,
    /// Of each task in `plan.tasks`: the tasks that it waits for, directly or not, in an order in which they can be done.
    before: Vec<Vec<usize>>,
    /// All tasks, in an order in which they can be done. It is the same for the same plan.
    order: Vec<usize>,
}

/// Why a plan cannot be built, a line for each fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub(crate) struct Faults(
    /// Never empty.
    pub(crate) Vec<String>,
);

impl AgreedPlan {
    /// # Errors
    /// [`Faults`], all that were found.
    pub(crate) fn new(plan: Plan) -> Result<AgreedPlan, Faults> {
        let mut faults = faults_of_parts(&plan);
        // Of a plan that is too large nothing more is said, nor of one with so many faults.
        if MAX_TASKS < plan.tasks.len() || MAX_FAULTS <= faults.len() {
            return Err(Faults(faults));
        }
        let ids: BTreeMap<&str, usize> =
            plan.tasks.iter().enumerate().map(|(idx, task)| (task.id.as_str(), idx)).collect();
        let mut graph: DiGraph<usize, ()> = DiGraph::new();
        let nodes: Vec<NodeIndex> = (0..plan.tasks.len()).map(|idx| graph.add_node(idx)).collect();
        for (idx, task) in plan.tasks.iter().enumerate() {
            for other in &task.depends_on {
                match ids.get(other.as_str()) {
                    Some(before) => {
                        graph.update_edge(nodes[*before], nodes[idx], ());
                    }
                    None => {
                        faults.push(format!(
                            "task `{}` waits for `{other}`, which there is not",
                            task.id
                        ));
                    }
                }
            }
        }
        // Whatever waits for itself has no order, so that nothing more can be said of the plan.
        let Ok(sorted) = toposort(&graph, None) else {
            faults.extend(circles(&plan, &graph));
            return Err(Faults(faults));
        };
        let position: BTreeMap<NodeIndex, usize> =
            sorted.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let before: Vec<Vec<usize>> = nodes
            .iter()
            .map(|node| {
                let backward = Reversed(&graph);
                let mut search = Dfs::new(backward, *node);
                let mut found: Vec<NodeIndex> = Vec::new();
                while let Some(next) = search.next(backward) {
                    if next != *node {
                        found.push(next);
                    }
                }
                found.sort_unstable_by_key(|node| position[node]);
                found.into_iter().map(|node| graph[node]).collect()
            })
            .collect();
        faults.extend(shared_files(&plan, &before));
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let order = sorted.into_iter().map(|node| graph[node]).collect();
        Ok(AgreedPlan { plan, before, order })
    }

    /// As it was said.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its tasks, each after those that it waits for.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Task> {
        self.order.iter().map(|idx| &self.plan.tasks[*idx])
    }

    /// What has to be done before `task`, in an order in which that can be done.
    pub(crate) fn before(&self, task: &Task) -> impl Iterator<Item = &Task> {
        let idx = self.plan.tasks.iter().position(|it| it.id == task.id);
        let before = idx.map_or(&[][..], |idx| self.before[idx].as_slice());
        before.iter().map(|idx| &self.plan.tasks[*idx])
    }
}

impl Plan {
    /// Whether it can be built.
    ///
    /// # Errors
    /// In words, all that is wrong.
    pub fn check(&self) -> Result<(), String> {
        AgreedPlan::new(self.clone()).map(|_| ()).map_err(|faults| faults.to_string())
    }
}

impl TryFrom<Plan> for AgreedPlan {
    type Error = Faults;

    fn try_from(plan: Plan) -> Result<AgreedPlan, Faults> {
        AgreedPlan::new(plan)
    }
}

impl From<AgreedPlan> for Plan {
    fn from(agreed: AgreedPlan) -> Plan {
        agreed.plan
    }
}

impl Task {
    /// The files that it writes.
    pub(crate) fn paths(&self) -> Vec<RelPath> {
        self.files.iter().filter_map(|path| RelPath::parse(path).ok()).collect()
    }
}

impl TaskRole {
    /// The word in a plan.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskRole::Coder => "coder",
            TaskRole::Cli => "cli",
            TaskRole::Tester => "tester",
        }
    }
}

/// What is wrong with each part, whatever the others are.
fn faults_of_parts(plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    if plan.tasks.is_empty() {
        faults.push("it has no tasks".to_owned());
    }
    if MAX_TASKS < plan.tasks.len() {
        return vec![format!("it has {} tasks; {MAX_TASKS} at most", plan.tasks.len())];
    }
    let tokens = serde_json::to_string_pretty(plan).map_or(0, |text| models::count_tokens(&text).0);
    if MAX_TOKENS < tokens {
        // Whoever judges it has to see all of it.
        return vec![format!("it is {tokens} tokens long; {MAX_TOKENS} at most")];
    }
    let structure = &plan.structure;
    let imports =
        structure.imports.iter().flat_map(|(path, used)| std::iter::once(path).chain(used));
    let named = structure.files.keys().chain(imports).chain(&structure.entry_point);
    let named: BTreeSet<&str> = named.map(String::as_str).collect();
    faults.extend(named.into_iter().filter_map(fault_of_path));
    let mut seen = BTreeSet::new();
    for task in &plan.tasks {
        let Task { id, files, instruction, .. } = task;
        let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        if id.is_empty() || MAX_ID < id.len() || !id.chars().all(is_plain) {
            faults.push(format!(
                "`{}` is no name of a task: 1 to {MAX_ID} letters, digits, `-` and `_`",
                id.escape_debug()
            ));
        }
        if !seen.insert(id) {
            faults.push(format!("two tasks are called `{id}`"));
        }
        if instruction.trim().is_empty() {
            faults.push(format!("task `{id}` has no instruction"));
        }
        if files.is_empty() {
            faults.push(format!("task `{id}` writes no file"));
        }
        let wrong = files.iter().filter_map(|path| fault_of_path(path));
        faults.extend(wrong.map(|fault| format!("task `{id}`: {fault}")));
    }
    faults.truncate(MAX_FAULTS);
    faults
}

fn fault_of_path(path: &str) -> Option<String> {
    match RelPath::parse(path) {
        Err(error) => Some(error.to_string()),
        Ok(path) if path.is_git_dir() => {
            Some(format!("`{path}` is inside the repository's own folder"))
        }
        Ok(path) if tools::probes::is_of_settings(&path) => {
            Some(format!("`{path}` is of Baton's own settings, which no plan changes"))
        }
        // Two spellings of a file would be two files here.
        Ok(normal) if normal.as_str() != path => Some(format!("`{path}` is written `{normal}`")),
        Ok(_) => None,
    }
}

fn circles(plan: &Plan, graph: &DiGraph<usize, ()>) -> Vec<String> {
    let of_one = |node: NodeIndex| graph.contains_edge(node, node);
    let circles = tarjan_scc(graph).into_iter().filter(|it| 1 < it.len() || of_one(it[0]));
    circles
        .map(|nodes| {
            let mut ids: Vec<&str> =
                nodes.iter().map(|node| plan.tasks[graph[*node]].id.as_str()).collect();
            ids.sort_unstable();
            match ids.as_slice() {
                [id] => format!("task `{id}` waits for itself"),
                ids => format!("these tasks wait for each other: {}", ids.join(", ")),
            }
        })
        .collect()
}

/// Files that two tasks might write at one time.
fn shared_files(plan: &Plan, before: &[Vec<usize>]) -> Vec<String> {
    let mut writers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (idx, task) in plan.tasks.iter().enumerate() {
        for path in &task.files {
            let of_path = writers.entry(path).or_default();
            if of_path.last() != Some(&idx) {
                of_path.push(idx);
            }
        }
    }
    let mut faults = Vec::new();
    for (path, tasks) in writers {
        let pairs = tasks
            .iter()
            .enumerate()
            .flat_map(|(at, a)| tasks[at + 1..].iter().map(move |b| (a, b)));
        for (a, b) in pairs {
            if MAX_FAULTS <= faults.len() {
                return faults;
            }
            if !before[*a].contains(b) && !before[*b].contains(a) {
                let (a, b) = (&plan.tasks[*a].id, &plan.tasks[*b].id);
                faults.push(format!(
                    "`{a}` and `{b}` both write `{path}`, and neither waits for the other"
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests;
