//! Workflows are functions that call stages; this is their registry and what they share.

mod begin;
mod build;
mod commands;
mod document;
mod explain;
mod fix;
mod implement;
mod mission;
mod planned;
mod propose;
mod refactor;
mod review;
mod task;
mod test;
mod verify;

use crate::cx::Cx;
use crate::editor::BoxFuture;
use crate::error::Error;
use crate::event::Outcome;
use crate::request::Request;

/// A workflow: a name, a line for people, and the function.
pub struct Workflow {
    /// What requests call it.
    pub name: &'static str,
    /// One line for lists.
    pub doc: &'static str,
    /// Whether it asks a model.
    pub(crate) asks: bool,
    /// Why a request cannot be served, if so.
    pub(crate) refuses: fn(&Request) -> Option<String>,
    pub(crate) run: for<'a> fn(&'a Cx) -> BoxFuture<'a, Result<Outcome, Error>>,
}

/// Every workflow, sorted by name.
pub const ALL: &[&Workflow] = &[
    &document::DOCUMENT,
    &explain::EXPLAIN,
    &fix::FIX,
    &implement::IMPLEMENT,
    &mission::MISSION,
    &refactor::REFACTOR,
    &review::REVIEW,
    &test::TEST,
    &verify::VERIFY,
];

pub(crate) fn find(name: &str) -> Result<&'static Workflow, Error> {
    ALL.iter().copied().find(|workflow| workflow.name == name).ok_or_else(|| {
        Error::UnknownWorkflow {
            name: name.into(),
            known: ALL.iter().map(|workflow| workflow.name).collect::<Vec<_>>().join(", "),
        }
    })
}

impl Workflow {
    pub(crate) fn accepts(&self, request: &Request) -> Result<(), Error> {
        (self.refuses)(request).map_or(Ok(()), |why| Err(Error::BadRequest(why)))
    }
}

impl std::fmt::Debug for Workflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workflow").field("name", &self.name).finish_non_exhaustive()
    }
}
