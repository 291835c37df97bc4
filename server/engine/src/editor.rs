//! The port by which accepted text reaches files that an editor has open. A front implements it; only the engine calls it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base::{RelPath, TextEdits};

/// A boxed future, so that the port is usable as a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An editor that holds files open.
pub trait Editor: Send + Sync {
    /// Whether this editor has the file open now.
    fn has_open(&self, path: &RelPath) -> bool;

    /// Makes the changes in the editor's buffers.
    ///
    /// Returns when the editor has answered. What it says is a hint at most: the engine looks at the text that the editor
    /// reports afterwards. `Err` holds the editor's reason for a refusal, if it gave one.
    fn apply<'a>(
        &'a self,
        label: &'a str,
        files: Vec<EditorChange>,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// A change of one open file.
#[derive(Debug, Clone)]
pub struct EditorChange {
    /// The file.
    pub path: RelPath,
    /// The version of the buffer that `edits` was made for.
    pub version: i32,
    /// The buffer's text at that version.
    pub old: Arc<str>,
    /// What changes; offsets are bytes in `old`.
    pub edits: TextEdits,
}

/// The editors attached to one workspace.
#[derive(Default)]
pub(crate) struct Editors {
    /// Guards the list; filled by `attach`, released by dropping [`Attached`].
    list: Arc<Mutex<Vec<Arc<dyn Editor>>>>,
}

impl Editors {
    pub(crate) fn attach(&self, editor: Arc<dyn Editor>) -> Attached {
        self.lock().push(editor.clone());
        Attached { list: Arc::downgrade(&self.list), editor }
    }

    /// The editor that has the file open, if any.
    pub(crate) fn holding(&self, path: &RelPath) -> Option<Arc<dyn Editor>> {
        // The list is copied out first: `has_open` is the front's code and may take its own locks.
        let editors: Vec<_> = self.lock().clone();
        editors.into_iter().find(|editor| editor.has_open(path))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<dyn Editor>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps an editor attached; dropping it detaches.
pub struct Attached {
    list: Weak<Mutex<Vec<Arc<dyn Editor>>>>,
    editor: Arc<dyn Editor>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(list) = self.list.upgrade() {
            list.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|other| !Arc::ptr_eq(other, &self.editor));
        }
    }
}
