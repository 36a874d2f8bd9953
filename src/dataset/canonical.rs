//! The content of a dataset as one number, independent of how it is written.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::model::Facts;

/// Bytes that go into a hash.
struct Sink(Sha256);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Facts {
    /// SHA-256 of the canonical content, in hex: all lists as JSON in the order of their keys, without the
    /// places where they are written. Splitting files, reordering records, comments and blanks do not change it.
    pub fn content_hash(&self) -> String {
        let mut sink = Sink(Sha256::new());
        let written = serde_json::to_writer(&mut sink, self);
        debug_assert!(written.is_ok(), "facts are always written: {written:?}");
        sink.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
