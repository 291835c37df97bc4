//! An index with a Qdrant server, over its real gRPC wire: against the stand-in in `stand_in`, and what needs no control
//! over the server also against a real one, where `QDRANT_URL` (and `QDRANT_API_KEY`) name it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests: they set up folders and servers of their own"
)]

mod away;
mod refused;
mod same;
mod stand_in;
mod world;
