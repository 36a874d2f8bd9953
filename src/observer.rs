//! How an analysis tells how far it has come, without knowing to whom.

/// Hears how far a long analysis has come. Called from several threads; what it does changes no answer.
pub trait Observer: Sync {
    /// So many pieces of work lie ahead.
    fn begin(&self, pieces: usize);

    /// One more piece is done.
    fn done(&self);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn begin(&self, _pieces: usize) {}

    fn done(&self) {}
}
