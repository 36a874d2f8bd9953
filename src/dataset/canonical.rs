//! The content of a dataset as one number, independent of how it is written.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::model::{EntityId, Facts, Link, LinkKind};
use crate::part::{Numbers, Part};

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
    /// places where they are written, and a digest of the links of bulk tables. Splitting files, reordering records, comments
    /// and blanks do not change it.
    pub fn content_hash(&self) -> String {
        self.content_hash_in(&Part::default())
    }

    /// The same where processes share the links: the hash of the whole. All processes call it.
    pub fn content_hash_in(&self, part: &Part) -> String {
        let mut sink = Sink(Sha256::new());
        let written = serde_json::to_writer(&mut sink, &self);
        debug_assert!(written.is_ok(), "facts are always written: {written:?}");
        let own = digest(self.links.iter().filter(|link| part.holds(link.to.index())));
        let told = part.tell(&own.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>());
        let mut all = [0u64; 4];
        for bytes in &told {
            let mut words = Numbers(bytes);
            all.iter_mut().for_each(|sum| *sum = sum.wrapping_add(words.word().unwrap_or(0)));
        }
        if all != [0; 4] {
            all.iter().for_each(|word| sink.0.update(word.to_le_bytes()));
        }
        sink.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The sum of the SHA-256 of each customer's links of a sort, as four numbers that wrap around: processes that each know some
/// customers can add up theirs.
fn digest<'l>(links: impl Iterator<Item = &'l Link>) -> [u64; 4] {
    let mut sum = [0u64; 4];
    let mut add = |row: Sha256| {
        for (sum, word) in sum.iter_mut().zip(row.finalize().chunks_exact(8)) {
            *sum = sum.wrapping_add(Numbers(word).word().unwrap_or(0));
        }
    };
    let mut row: Option<((LinkKind, EntityId), Sha256)> = None;
    for link in links {
        let key = (link.kind, link.to);
        if row.as_ref().is_none_or(|(begun, _)| *begun != key) {
            let mut begun = Sha256::new();
            begun.update([link.kind as u8]);
            begun.update(link.to.0.to_le_bytes());
            if let Some((_, done)) = row.replace((key, begun)) {
                add(done);
            }
        }
        if let Some((_, row)) = &mut row {
            row.update(link.from.0.to_le_bytes());
            row.update(link.weight.to_bits().to_le_bytes());
        }
    }
    row.into_iter().for_each(|(_, done)| add(done));
    sum
}
