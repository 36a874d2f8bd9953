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

impl Ask {
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
        let mut answer = self.run_observed(view, observer)?;
        let ask = |graph: &Graph| self.run_bare(&View { graph, scope: view.scope.clone() }, &Unobserved);
        uncertainty::add(how, (view.graph, &view.scope), &mut answer, &ask, observer)?;
        answer.fill_rests(self.card().rests);
        Ok(answer)
    }
}
