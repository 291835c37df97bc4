//! Translates between the Model Context Protocol and the engine, nothing else.
