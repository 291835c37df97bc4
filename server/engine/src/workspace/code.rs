//! Questions about code, by address: what the workspace's language servers say of it, or names where no server can. Addresses are
//! found through the index where it is up to date, else in the files themselves. Nothing is edited: an edit is a patch.

use std::time::Duration;

use base::{Patch, RelPath};
use tokio_util::sync::CancellationToken;
use tools::code::{
    ActionName, Address, Code as Asked, CodeSymbols, FileFindings, Named, Part, Places, Said,
    Target,
};

use crate::error::Error;
use crate::workspace::Workspace;
use crate::workspace::indexing::blocking;

/// With so many definitions of one name the index may not have told all.
const MOST: usize = 500;

/// The workspace's code as it is now, to be asked about. Dropping a question ends it.
pub struct Code {
    workspace: Workspace,
    asked: Asked,
}

impl Workspace {
    /// Its code as it is now. Language servers start with the first question that needs them, in the sandbox. `time`: how long
    /// a question may take.
    ///
    /// # Errors
    /// [`Error::Workspace`] if the folder cannot be walked.
    pub async fn code(&self, time: Duration) -> Result<Code, Error> {
        let vfs = self.vfs().clone();
        // A file that was written a moment ago counts.
        blocking(move || vfs.refresh()).await??;
        let asked = Asked {
            servers: self.servers().clone(),
            root: self.root().clone(),
            snapshot: self.vfs().snapshot(),
            time,
        };
        Ok(Code { workspace: self.clone(), asked })
    }
}

impl Code {
    /// What a server shows of a name.
    ///
    /// # Errors
    /// [`Error::BadRequest`]: the address means nothing, or several things.
    pub async fn hover(&self, address: &str) -> Result<Said<String>, Error> {
        Ok(self.asked.hover(&self.named(address).await?).await)
    }

    /// Where a name is defined.
    ///
    /// # Errors
    /// As [`Code::hover`].
    pub async fn definitions(&self, address: &str, part: Part) -> Result<Said<Places>, Error> {
        Ok(self.asked.definitions(&self.named(address).await?, part).await)
    }

    /// Where a name is used, and where it is defined.
    ///
    /// # Errors
    /// As [`Code::hover`].
    pub async fn references(&self, address: &str, part: Part) -> Result<Said<Places>, Error> {
        Ok(self.asked.references(&self.named(address).await?, part).await)
    }

    /// Where what is named is implemented.
    ///
    /// # Errors
    /// As [`Code::hover`].
    pub async fn implementations(&self, address: &str, part: Part) -> Result<Said<Places>, Error> {
        Ok(self.asked.implementations(&self.named(address).await?, part).await)
    }

    /// What is changed if a name becomes `new` everywhere.
    ///
    /// # Errors
    /// As [`Code::hover`].
    pub async fn rename(&self, address: &str, new: &str) -> Result<Said<Patch>, Error> {
        let new = new.trim();
        if new.is_empty() || new.contains(char::is_whitespace) {
            return Err(Error::BadRequest(format!("`{new}` is no name")));
        }
        Ok(self.asked.rename(&self.named(address).await?, new).await)
    }

    /// The edits that a server offers for a place.
    ///
    /// # Errors
    /// As [`Code::hover`].
    pub async fn actions(&self, address: &str) -> Result<Said<Vec<ActionName>>, Error> {
        Ok(self.asked.actions(&self.target(address).await?).await)
    }

    /// What one of them changes. `which`: its number, its title, or the beginning of that.
    ///
    /// # Errors
    /// As [`Code::hover`]; none is called so.
    pub async fn action(&self, address: &str, which: &str) -> Result<Said<Patch>, Error> {
        let target = self.target(address).await?;
        self.asked.action(&target, which).await.map_err(refused)
    }

    /// What a file defines, at most `limit`.
    ///
    /// # Errors
    /// [`Error::BadRequest`]: there is no such file.
    pub async fn symbols(&self, path: &RelPath, limit: usize) -> Result<Said<CodeSymbols>, Error> {
        self.asked.symbols(path, limit).await.map_err(refused)
    }

    /// What is called like `query` in the workspace, as the server of the file `path` understands it, at most `limit`.
    ///
    /// # Errors
    /// As [`Code::symbols`].
    pub async fn find(
        &self,
        query: &str,
        path: &RelPath,
        limit: usize,
    ) -> Result<Said<CodeSymbols>, Error> {
        self.asked.find(query, path, limit).await.map_err(refused)
    }

    /// What servers find in files, at most `limit` for each server.
    ///
    /// # Errors
    /// As [`Code::symbols`].
    pub async fn diagnostics(
        &self,
        files: &[RelPath],
        limit: usize,
    ) -> Result<Vec<FileFindings>, Error> {
        self.asked.diagnostics(files, limit).await.map_err(refused)
    }

    /// A file as a server formats it; an empty patch where that is as it is.
    ///
    /// # Errors
    /// As [`Code::symbols`].
    pub async fn formatted(&self, path: &RelPath) -> Result<Said<Patch>, Error> {
        self.asked.formatted(path).await.map_err(refused)
    }

    async fn named(&self, address: &str) -> Result<Named, Error> {
        Named::of(self.target(address).await?).map_err(refused)
    }

    async fn target(&self, address: &str) -> Result<Target, Error> {
        let address = Address::parse(address).map_err(refused)?;
        let (snapshot, index) = (self.asked.snapshot.clone(), self.workspace.inner.index.clone());
        let cancel = CancellationToken::new();
        // Whoever does not wait for it stops it.
        let _stops = cancel.clone().drop_guard();
        let look = move || {
            let is_ready = index.state() == (Some(snapshot.revision()), true);
            let files = address.own_name().filter(|_| is_ready).and_then(|own| {
                let hits = index.symbols(own, MOST);
                let is_all =
                    hits.len() < MOST || hits.last().is_some_and(|hit| hit.chunk.name != own);
                let mut files: Vec<RelPath> = hits
                    .into_iter()
                    .filter(|hit| hit.chunk.name == own)
                    .map(|hit| hit.path)
                    .collect();
                files.sort();
                files.dedup();
                is_all.then_some(files)
            });
            address.resolve(&snapshot, files.as_deref(), &cancel)
        };
        blocking(look).await?.map_err(refused)
    }
}

fn refused(error: tools::Error) -> Error {
    Error::BadRequest(error.to_string())
}
