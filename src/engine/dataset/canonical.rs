//! The content of a dataset as one number, independent of how it is written.

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use sha2::{Digest, Sha256};

use crate::model::{EntityId, Facts, Link, LinkKind};
use crate::part::{Numbers, Part};

/// Bytes that are hashed at once.
const BLOCK: usize = 1 << 16;

/// Blocks that may wait to be hashed.
const WAITING: usize = 16;

/// Records from which on hashing goes beside writing: fewer are done before a thread has begun.
const MANY: usize = 10_000;

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

/// Bytes that go to a thread that hashes them.
struct Queue(SyncSender<Vec<u8>>);

impl Write for Queue {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
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
        if self.relations.len() + self.entities.len() < MANY {
            self.write(&mut sink);
        } else {
            let (sender, blocks) = sync_channel::<Vec<u8>>(WAITING);
            thread::scope(|scope| {
                let hash = &mut sink.0;
                scope.spawn(move || blocks.iter().for_each(|block| hash.update(block)));
                self.write(Queue(sender));
            });
        }
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

    /// Writes the canonical content.
    fn write(&self, sink: impl Write) {
        let mut buffer = BufWriter::with_capacity(BLOCK, sink);
        let written = serde_json::to_writer(&mut buffer, self).map_err(io::Error::from);
        let written = written.and_then(|()| buffer.flush());
        debug_assert!(written.is_ok(), "facts are always written: {written:?}");
    }
}

impl Facts {
    /// Whether processes that share the links have read the same of those that run between their parts: each such link is with the
    /// process of its supplier and with that of its customer. All call it. Cost: a few nanoseconds a link.
    pub fn ends_agree(&self, part: &Part) -> bool {
        let mut sum = 0u64;
        for link in &self.links {
            let (supplier, customer) = (part.holds(link.from.index()), part.holds(link.to.index()));
            let own = mixed(link);
            sum =
                sum.wrapping_add(if customer { own } else { 0 }).wrapping_sub(if supplier { own } else { 0 });
        }
        let told = part.tell(&sum.to_le_bytes());
        told.iter().filter_map(|bytes| Numbers(bytes).word()).fold(0, u64::wrapping_add) == 0
    }
}

/// A link as a number in which every bit hangs on all of it.
fn mixed(link: &Link) -> u64 {
    // the steps of splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
    let mix = |bits: u64| {
        let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    let ends = u64::from(link.from.0) << 32 | u64::from(link.to.0);
    mix(mix(ends).wrapping_add(link.weight.to_bits()).wrapping_add(link.kind as u64))
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
