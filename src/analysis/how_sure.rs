//! Any question, with how sure the numbers of its answer are.

use super::{AnalysisError, Ask, Observer, Unobserved, View};
use crate::answer::Answer;
use crate::graph::Graph;
use crate::uncertainty::{self, Uncertainty, UncertaintyError};

impl From<UncertaintyError> for AnalysisError {
    fn from(error: UncertaintyError) -> Self {
        Self::Invalid { parameter: error.option, reason: error.reason }
    }
}

/// Hears how far work has come and lets nobody share it: what asks questions side by side would come to shared work in any
/// order.
struct Alone<'o>(&'o dyn Observer);

impl Observer for Alone<'_> {
    fn begin(&self, pieces: usize) {
        self.0.begin(pieces);
    }

    fn done(&self) {
        self.0.done();
    }

    fn stopped(&self) -> bool {
        self.0.stopped()
    }
}

impl Ask {
    /// Whether several processes can share the work of the answer itself, and not only of how sure it is.
    pub fn shares(&self) -> bool {
        matches!(self, Self::SystemicRisk(_) | Self::Compare(_))
    }

    /// Answers it, and says how sure the numbers are where that is asked.
    ///
    /// # Errors
    /// As the analysis says; options that make no sense.
    pub fn run_how_sure(
        &self,
        view: &View<'_>,
        how: &Uncertainty,
        observer: &dyn Observer,
    ) -> Result<Answer, AnalysisError> {
        how.check()?;
        let mut answer = match self.shares() {
            true => self.run_observed(view, observer)?,
            false => self.run_observed(view, &Alone(observer))?,
        };
        let ask = |graph: &Graph| self.run_bare(&View { graph, scope: view.scope.clone() }, &Unobserved);
        uncertainty::add(how, (view.graph, &view.scope), &mut answer, &ask, observer)?;
        answer.fill_rests(self.card().rests);
        Ok(answer)
    }
}
