//! Second phase of a commit: the branch moves, then the index follows.
//! Does not touch the work tree, and never drops what the person has staged.

use std::path::Path;

use base::RelPath;
use git2::{Delta, DiffDelta, ErrorCode, Index, IndexEntry, IndexTime, Oid};
use serde::{Deserialize, Serialize};

use super::{Git, Prepared, commit::three_way};
use crate::Error;

/// What [`Git::finish_commit`] did beside moving the branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Paths whose staged text was left exactly as it was, and why: the commit's change is not part of it, so it now
    /// shows as staged for removal.
    pub kept_staged: Vec<(RelPath, String)>,
}

impl Git {
    /// Moves the branch to a prepared commit, if it still is where it was, and lets the index follow.
    ///
    /// A path of which nothing was staged follows the commit. A path with something staged keeps it, with the commit's
    /// change added; where both touch the same lines it stays as it was and is named in the result. May be called again
    /// after it was interrupted: what is done is not done twice.
    ///
    /// # Errors
    /// `Moved`: the branch is elsewhere, or HEAD is on another one; prepare again. `IndexLocked`: the branch has moved,
    /// the index not yet; call again. `Git`: the repository cannot be read or written.
    pub fn finish_commit(&self, prepared: &Prepared) -> Result<Finished, Error> {
        let err = |err| Error::git("cannot read the prepared commit", err);
        let oid = Oid::from_str(&prepared.oid).map_err(err)?;
        let commit = self.repo.find_commit(oid).map_err(err)?;
        let parent = match &prepared.parent {
            Some(parent) => {
                Some(self.repo.find_commit(Oid::from_str(parent).map_err(err)?).map_err(err)?)
            }
            None => None,
        };
        let subject = prepared.subject.as_str();
        let log = if parent.is_none() {
            format!("commit (initial): {subject}")
        } else {
            format!("commit: {subject}")
        };
        if self.move_branch(
            &prepared.reference,
            oid,
            parent.as_ref().map(git2::Commit::id),
            &log,
        )? == Move::Passed
        {
            // Somebody has committed on top since: the index is theirs.
            return Ok(Finished::default());
        }

        let old_tree = self.tree_of(parent.as_ref())?;
        let new_tree = self.tree_of(Some(&commit))?;
        let diff =
            self.repo.diff_tree_to_tree(Some(&old_tree), Some(&new_tree), None).map_err(err)?;
        let err = |err| Error::git("cannot write the git index", err);
        let mut index = self.repo.index().map_err(err)?;
        index.read(true).map_err(err)?;
        let mut finished = Finished::default();
        for delta in diff.deltas() {
            self.follow(&mut index, &delta, &mut finished)?;
        }
        index.write().map_err(err)?;
        Ok(finished)
    }

    fn move_branch(
        &self,
        reference: &str,
        oid: Oid,
        parent: Option<Oid>,
        log: &str,
    ) -> Result<Move, Error> {
        let moved = || Error::Moved {
            branch: reference.strip_prefix("refs/heads/").unwrap_or(reference).to_owned(),
        };
        if self.head_ref()? != reference {
            return Err(moved());
        }
        let now = match self.repo.refname_to_id(reference) {
            Ok(now) => Some(now),
            Err(err) if err.code() == ErrorCode::NotFound => None,
            Err(err) => return Err(Error::git("cannot read the branch", err)),
        };
        match now {
            Some(now) if now == oid => return Ok(Move::Done),
            Some(now) if self.repo.graph_descendant_of(now, oid).unwrap_or(false) => {
                return Ok(Move::Passed);
            }
            now if now != parent => return Err(moved()),
            _ => {}
        }
        // The check above only makes a good message: these two compare and swap under the reference's lock.
        let res = match parent {
            Some(parent) => self.repo.reference_matching(reference, oid, true, parent, log),
            None => self.repo.reference(reference, oid, false, log),
        };
        match res {
            Ok(_) => Ok(Move::Done),
            Err(err) if matches!(err.code(), ErrorCode::Modified | ErrorCode::Exists) => {
                Err(moved())
            }
            Err(err) => Err(Error::git("cannot move the branch", err)),
        }
    }

    fn follow(
        &self,
        index: &mut Index,
        delta: &DiffDelta<'_>,
        finished: &mut Finished,
    ) -> Result<(), Error> {
        let err = |err| Error::git("cannot write the git index", err);
        let (old, new) = (delta.old_file(), delta.new_file());
        let file = if delta.status() == Delta::Deleted { &old } else { &new };
        let Some(in_repo) = file.path().and_then(Path::to_str) else {
            return Ok(());
        };
        let Some(path) =
            in_repo.strip_prefix(&self.prefix).and_then(|path| RelPath::parse(path).ok())
        else {
            return Ok(());
        };
        let staged = index.get_path(Path::new(in_repo), 0);
        let old_id = Some(old.id()).filter(|id| !id.is_zero());
        let staged_id = staged.as_ref().map(|entry| entry.id);
        if staged_id == old_id {
            match delta.status() {
                Delta::Deleted => index.remove(Path::new(in_repo), 0).map_err(err)?,
                _ => {
                    let mode = staged.as_ref().map_or(u32::from(new.mode()), |entry| entry.mode);
                    index.add(&entry(in_repo, new.id(), mode, staged.as_ref())).map_err(err)?;
                }
            }
            return Ok(());
        }
        if delta.status() != Delta::Deleted && staged_id == Some(new.id()) {
            return Ok(());
        }
        let mut keep = |why: &str| finished.kept_staged.push((path.clone(), why.to_owned()));
        match (delta.status(), old_id, staged) {
            (Delta::Deleted, _, Some(_)) => {
                keep("you have staged another text of the file that the commit removes")
            }
            (Delta::Deleted, _, None) => {}
            (_, _, None) => keep("you have staged its removal"),
            (_, None, Some(_)) => {
                keep("you have staged another text of the file that the commit adds")
            }
            (_, Some(old_id), Some(staged)) => {
                let merged = self.text_of(&path, old_id).and_then(|old| {
                    let (new, onto) =
                        (self.text_of(&path, new.id())?, self.text_of(&path, staged.id)?);
                    Ok(three_way(&path, &old, &new, &onto))
                });
                match merged {
                    Ok(Ok(text)) => {
                        let id = self.repo.blob(text.as_bytes()).map_err(err)?;
                        index.add(&entry(in_repo, id, staged.mode, Some(&staged))).map_err(err)?;
                    }
                    Ok(Err(why)) => keep(&why),
                    Err(Error::Unsupported { reason, .. }) => keep(&reason),
                    Err(err) => return Err(err),
                }
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    /// The branch is at the commit.
    Done,
    /// The branch is beyond the commit.
    Passed,
}

/// An entry without file times, so that git reads the file before it calls it unchanged. Flags that the person has set on
/// the path (assume unchanged, skip work tree) stay.
fn entry(in_repo: &str, id: Oid, mode: u32, like: Option<&IndexEntry>) -> IndexEntry {
    /// The low bits hold the length of the name, which libgit2 fills in.
    const NAME_BITS: u16 = 0x0fff;
    /// `git add -N`: the entry is only a promise; with a text it no longer is.
    const INTENT_TO_ADD: u16 = 1 << 13;
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: like.map_or(0, |entry| entry.flags & !NAME_BITS),
        flags_extended: like.map_or(0, |entry| entry.flags_extended & !INTENT_TO_ADD),
        path: in_repo.as_bytes().to_vec(),
    }
}
