//! Work that several processes share, as an analysis sees it.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Several processes that all ask the same question of the same data and share its work.
pub trait Crew: Sync {
    /// Does pieces `0..pieces`, each on one member, and gives the results of all in their order to every member.
    /// `done` is called as pieces are done, on the member that shows how far the work has come.
    ///
    /// Every member calls it with the same number of pieces and work that gives the same bytes everywhere.
    fn share(&self, pieces: usize, work: &dyn Fn(usize) -> Vec<u8>, done: &dyn Fn()) -> Vec<Vec<u8>>;
}

/// The results of pieces of work that a crew shares, in their order.
///
/// They travel as JSON; numbers that have to arrive as they left go as their [`bits`]. What cannot be read, as when an earlier
/// run kept it in another form, is worked out here.
pub fn share<T: Serialize + DeserializeOwned>(
    crew: &dyn Crew,
    pieces: usize,
    work: &dyn Fn(usize) -> T,
    done: &dyn Fn(),
) -> Vec<T> {
    let bytes = |piece| serde_json::to_vec(&work(piece)).unwrap_or_default();
    let all = crew.share(pieces, &bytes, done);
    let read =
        |(piece, bytes): (usize, &Vec<u8>)| serde_json::from_slice(bytes).unwrap_or_else(|_| work(piece));
    all.iter().enumerate().map(read).collect()
}

/// Numbers as their bits, NaN and infinity among them.
pub fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// The numbers of such bits.
pub fn numbers(bits: &[u64]) -> Vec<f64> {
    bits.iter().map(|bits| f64::from_bits(*bits)).collect()
}
