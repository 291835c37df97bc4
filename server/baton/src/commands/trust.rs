//! `baton trust`: the user's word that this workspace's file may name commands. It is kept outside of the workspace.

use jiff::Timestamp;
use serde_json::json;
use store::Store;

use crate::config::WORKSPACE_FILE;
use crate::exit::Exit;
use crate::options::Trust;
use crate::render::safe::safe_line;
use crate::session::Session;

/// Gives or takes back the trust.
///
/// # Errors
/// Those of the store; output that cannot be written.
pub(crate) fn trust(session: &mut Session, trust: &Trust) -> anyhow::Result<Exit> {
    let root = session.root()?;
    let store = Store::open(&session.outside.data_dir(&root)?)?;
    if trust.revoke {
        store.distrust(root.as_str())?;
    } else {
        store.trust(root.as_str(), Timestamp::now())?;
    }
    let trusted = store.is_trusted(root.as_str())?;
    session.out.object(&json!({"root": root, "trusted": trusted}))?;
    let root = safe_line(root.as_str());
    session.out.result(&if trusted {
        format!("{root} is trusted: the commands in its {WORKSPACE_FILE} are used")
    } else {
        format!("{root} is not trusted: the commands in its {WORKSPACE_FILE} are not used")
    })?;
    Ok(Exit::Done)
}
