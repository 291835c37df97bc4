//! Turns the arguments of `baton.run.start` into a request: URIs into paths, positions into bytes. Starts nothing.

use base::{ByteRange, RelPath, Text};
use engine::{ModelName, Request, Review, Selection};
use tower_lsp::gen_lsp_types::Uri;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::documents::Documents;
use crate::session::{Opened, Session};
use lsp::convert;

use super::arguments::Start;

/// The request that `wanted` describes.
///
/// # Errors
/// `InvalidParams` for a file that is none of ours or cannot be read and for a malformed model name, `ContentModified`
/// for positions in a text that is no longer there.
pub(super) async fn request(session: &Session, opened: &Opened, wanted: Start) -> Result<Request> {
    let mut request = Request::new(&wanted.workflow, &wanted.text, "lsp");
    request.tests = wanted.tests;
    request.with_tests = wanted.with_tests;
    request.commit = wanted.commit;
    request.review = Review::Ask;
    if let Some(name) = &wanted.model {
        let model: ModelName = name
            .parse()
            .map_err(|error| Error::invalid_params(format!("model `{name}`: {error}")))?;
        request.model = Some(model);
    }
    let Some(uri) = &wanted.uri else {
        if wanted.range.is_some() || wanted.diagnostic.is_some() {
            return Err(Error::invalid_params("`range` and `diagnostic` need the `uri` of a file"));
        }
        return Ok(request);
    };
    let (path, text) = read(session, opened, uri, wanted.version).await?;
    let encoding = session.features().encoding;
    request.diagnostic = wanted.diagnostic.as_ref().map(|diagnostic| {
        convert::diagnostic_from_proto(path.clone(), &text, diagnostic, encoding)
    });
    let range = match (wanted.range, &request.diagnostic) {
        (Some(range), _) => Some(convert::range_from_proto(&text, range, encoding)),
        (None, Some(_)) => None,
        (None, None) => Some(ByteRange::new(0, text.len_bytes())),
    };
    request.selection = range.map(|range| Selection { path, range });
    Ok(request)
}

/// The file and its text as the message found it.
async fn read(
    session: &Session,
    opened: &Opened,
    uri: &Uri,
    version: Option<i32>,
) -> Result<(RelPath, Text)> {
    let path =
        session.documents.path_of(uri).map_err(|error| Error::invalid_params(error.to_string()))?;
    let snapshot = Documents::snapshot_at_dispatch();
    let snapshot = snapshot.unwrap_or_else(|| opened.workspace.vfs().snapshot());
    let now = snapshot.meta(&path).and_then(|meta| meta.buffer_version);
    if let (Some(then), Some(now)) = (version, now)
        && then != now
    {
        let message = format!(
            "{path} has changed since: its version was {then} and is {now}; ask for the action again"
        );
        return Err(Error { message: message.into(), ..Error::new(ErrorCode::ContentModified) });
    }
    let file = path.clone();
    let read = tokio::task::spawn_blocking(move || snapshot.read(&file)).await;
    match read {
        Ok(Ok(text)) => Ok((path, Text::new(&text))),
        Ok(Err(error)) => Err(Error::invalid_params(error.to_string())),
        Err(_) => Err(Error::internal_error()),
    }
}
