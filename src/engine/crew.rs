//! Work that several processes share, as an analysis sees it.

#[cfg(feature = "cluster")]
use crate::travel::{Travel, read, written};

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
/// What cannot be read, as when an earlier run kept it in another form, is worked out here.
#[cfg(feature = "cluster")]
pub fn share<T: Travel>(
    crew: &dyn Crew,
    pieces: usize,
    work: &dyn Fn(usize) -> T,
    done: &dyn Fn(),
) -> Vec<T> {
    let all = crew.share(pieces, &|piece| written(&work(piece)).into_bytes(), done);
    let heard = |(piece, bytes): (usize, &Vec<u8>)| {
        std::str::from_utf8(bytes).ok().and_then(read).unwrap_or_else(|| work(piece))
    };
    all.iter().enumerate().map(heard).collect()
}
