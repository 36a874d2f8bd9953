//! How an analysis tells how far it has come, without knowing to whom.

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::crew::{self, Crew};

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

/// Into so many pieces work is cut that processes share: enough to balance, whoever shares it.
const PIECES: usize = 64;

/// What `work` gives for each of `0..count`, in their order: side by side on the threads at hand, shared with other processes
/// where there are any. The observer hears of each.
pub fn spread<T: Serialize + DeserializeOwned + Send>(
    observer: &dyn Observer,
    count: usize,
    work: &(impl Fn(usize) -> T + Sync),
) -> Vec<T> {
    let Some(crew) = observer.crew() else {
        let one = |at| {
            let own = work(at);
            observer.done();
            own
        };
        return (0..count).into_par_iter().map(one).collect();
    };
    let each = count.div_ceil(PIECES).max(1);
    let piece = |piece: usize| -> Vec<T> {
        (piece * each..count.min((piece + 1) * each)).into_par_iter().map(work).collect()
    };
    let done = || (0..each).for_each(|_| observer.done());
    crew::share(crew, count.div_ceil(each), &piece, &done).into_iter().flatten().collect()
}
