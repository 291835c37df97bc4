//! Translates between the Language Server Protocol and the engine, nothing else.
