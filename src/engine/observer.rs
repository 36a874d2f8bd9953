//! How an analysis tells how far it has come, without knowing to whom.

use rayon::prelude::*;

#[cfg(feature = "cluster")]
use crate::crew;
use crate::crew::Crew;
#[cfg(feature = "cluster")]
use crate::travel::Travel;

/// Hears how far a long analysis has come. Called from several threads; what it does changes no answer.
pub trait Observer: Sync {
    /// So many pieces of work lie ahead.
    fn begin(&self, pieces: usize);

    /// One more piece is done.
    fn done(&self);

    /// So many more rows of a bulk table are read.
    fn read(&self, _rows: usize) {}

    /// Whether the work is to end with what is there. Once it says so it says so for ever.
    fn stopped(&self) -> bool {
        false
    }

    /// Other processes that share the work, where there are any.
    fn crew(&self) -> Option<&dyn Crew> {
        None
    }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn begin(&self, _pieces: usize) {}

    fn done(&self) {}
}

/// What a piece of work may give: with the feature `cluster` what can travel, without it anything.
#[cfg(feature = "cluster")]
pub trait Piece: Travel + Send {}
#[cfg(feature = "cluster")]
impl<T: Travel + Send> Piece for T {}

/// What a piece of work may give: with the feature `cluster` what can travel, without it anything.
#[cfg(not(feature = "cluster"))]
pub trait Piece: Send {}
#[cfg(not(feature = "cluster"))]
impl<T: Send> Piece for T {}

/// Into so many pieces work is cut that processes share: enough to balance, whoever shares it.
#[cfg(feature = "cluster")]
const PIECES: usize = 64;

/// What `work` gives for each of `0..count`, in their order: side by side on the threads at hand, shared with other processes
/// where there are any. The observer hears of each.
pub fn spread<T: Piece>(
    observer: &dyn Observer,
    count: usize,
    work: &(impl Fn(usize) -> T + Sync),
) -> Vec<T> {
    #[cfg(feature = "cluster")]
    if let Some(crew) = observer.crew() {
        let each = count.div_ceil(PIECES).max(1);
        let piece = |piece: usize| -> Vec<T> {
            (piece * each..count.min((piece + 1) * each)).into_par_iter().map(work).collect()
        };
        let done = || (0..each).for_each(|_| observer.done());
        return crew::share(crew, count.div_ceil(each), &piece, &done).into_iter().flatten().collect();
    }
    let one = |at| {
        let own = work(at);
        observer.done();
        own
    };
    (0..count).into_par_iter().map(one).collect()
}
