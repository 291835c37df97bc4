//! The only crate that opens an outbound socket for models: providers, streaming, replay.
