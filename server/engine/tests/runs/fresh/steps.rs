//! What may happen to a workspace, chosen by chance, with questions that its answer depends on.

use std::collections::BTreeMap;

use fixture::Random;

use crate::fresh::texts;
use crate::fresh::tree::{BRANCHES, Tree};

/// In every text that is typed and not saved, and nowhere else.
pub(super) const UNSAVED: &str = "neverwritten";

/// Buffers that are open at once.
const MAX_OPEN: usize = 3;

#[derive(Debug, Clone)]
pub(super) enum Step {
    Edit {
        path: String,
        text: String,
    },
    Create {
        path: String,
        text: String,
    },
    Delete {
        path: String,
    },
    Rename {
        from: String,
        to: String,
    },
    /// What was changed on disk is committed before, or is lost.
    Switch {
        branch: &'static str,
        is_committed: bool,
    },
    Type {
        path: String,
        text: String,
    },
    Close {
        path: String,
    },
}

impl Step {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Step::Edit { .. } => "edit",
            Step::Create { .. } => "create",
            Step::Delete { .. } => "delete",
            Step::Rename { .. } => "rename",
            Step::Switch { .. } => "branch switch",
            Step::Type { .. } => "typed, not saved",
            Step::Close { .. } => "closed unsaved",
        }
    }
}

pub(super) struct Steps {
    random: Random,
    branch: usize,
}

impl Steps {
    pub(super) fn new(seed: u64) -> Steps {
        Steps { random: Random::new(seed), branch: 0 }
    }

    /// The step, and what to ask for it, the most telling first.
    pub(super) fn next(
        &mut self,
        number: usize,
        tree: &Tree,
        open: &BTreeMap<String, (i32, String)>,
    ) -> (Step, Vec<String>) {
        let files = tree.files();
        // What is typed over a file hides what happens to it on disk.
        let shown: Vec<&String> = files.iter().filter(|path| !open.contains_key(*path)).collect();
        let path = shown[self.random.below(shown.len())].clone();
        let mark = format!("mark_{number}");
        match self.random.below(16) {
            0..=4 => {
                let text = self.edited(&path, &tree.read(&path), &mark);
                (Step::Edit { path: path.clone(), text }, vec![mark, path])
            }
            5..=6 => {
                let path = texts::path(10_000 + number, &mut self.random);
                let text = texts::definition(&path, &mark, &mut self.random);
                (Step::Create { path: path.clone(), text }, vec![mark, path])
            }
            7..=8 => (Step::Delete { path: path.clone() }, vec![path]),
            9..=10 => {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path.as_str()));
                let to = match self.random.below(3) {
                    0 => format!("new_{number}/{folder}/{name}").replace("//", "/"),
                    1 => format!("{folder}/{mark}.{}", name.rsplit('.').next().unwrap_or("txt")),
                    // In the place of another file.
                    _ => shown[self.random.below(shown.len())].clone(),
                };
                let to = to.trim_start_matches('/').to_owned();
                let questions = vec![to.clone(), path.clone()];
                (Step::Rename { from: path, to }, questions)
            }
            11..=12 => {
                self.branch = (self.branch + 1 + self.random.below(2)) % BRANCHES.len();
                let branch = BRANCHES[self.branch];
                let is_committed = self.random.below(2) == 0;
                (Step::Switch { branch, is_committed }, vec![format!("only_{branch}"), path])
            }
            13 if !open.is_empty() => {
                let at = self.random.below(open.len());
                let path = open.keys().nth(at).expect("it is one of them").clone();
                (Step::Close { path: path.clone() }, vec![UNSAVED.to_owned(), path])
            }
            _ => {
                let path = match open.len() {
                    MAX_OPEN => open.keys().nth(self.random.below(MAX_OPEN)).cloned(),
                    _ => None,
                };
                let path = path.unwrap_or_else(|| match self.random.below(4) {
                    0 => texts::path(20_000 + number, &mut self.random),
                    _ => shown[self.random.below(shown.len())].clone(),
                });
                let before = open.get(&path).map(|(_, text)| text.clone());
                let is_there = files.contains(&path);
                let before = before.or_else(|| is_there.then(|| tree.read(&path)));
                let text = before.unwrap_or_default();
                let name = format!("{UNSAVED}{number}");
                let text = text + &texts::definition(&path, &name, &mut self.random);
                (Step::Type { path: path.clone(), text }, vec![name, path])
            }
        }
    }

    /// `text` with a new definition, and often without some of its lines or with all others.
    fn edited(&mut self, path: &str, text: &str, mark: &str) -> String {
        let added = texts::definition(path, mark, &mut self.random);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        match self.random.below(4) {
            0 => return texts::text(path, &mut self.random) + &added,
            1 => {
                let at = self.random.below(lines.len());
                lines.drain(at..(at + 3).min(lines.len()));
            }
            2 => lines.insert(self.random.below(lines.len()), added.as_str()),
            _ => {}
        }
        let text: String = lines.concat();
        if text.contains(mark) { text } else { text + &added }
    }
}
