//! Tests of language detection and of the language data.
