//! How an analysis tells how far it has come, without knowing to whom.

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
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn begin(&self, _pieces: usize) {}

    fn done(&self) {}
}
