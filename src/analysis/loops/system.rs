//! All loops at once: the matrix of elasticities, its spectral radius, what drives it, and long-run effects.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::model::{Link, Model};
use crate::structure::{Dominant, Unsettled, dominant, long_run, strong};

/// Which of its possible sizes each elasticity takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Points,
    LowEnds,
    HighEnds,
    /// High ends, and every sign taken as plus: no choice within the ranges has a larger spectral radius.
    Bound,
}

impl Case {
    pub const ALL: [Self; 4] = [Self::Points, Self::LowEnds, Self::HighEnds, Self::Bound];

    pub fn describe(self) -> &'static str {
        match self {
            Self::Points => "as printed",
            Self::LowEnds => "all at the low end",
            Self::HighEnds => "all at the high end",
            Self::Bound => "bound: high ends, all signs plus",
        }
    }

    /// The signed entry of a link; `None` where its elasticity is unknown or has no such end.
    fn entry(self, link: &Link) -> Option<f64> {
        let size = link.size?;
        match self {
            Self::Points => Some(link.sign * size.point),
            Self::LowEnds => Some(link.sign * size.low),
            Self::HighEnds => size.high.map(|high| link.sign * high),
            Self::Bound => size.high,
        }
    }
}

/// Components with more variables than this are not solved: their cost grows with the third power.
pub const MOST_VARIABLES: usize = 600;

/// The spectral radius of one case.
#[derive(Clone, Debug)]
pub struct Solved {
    pub case: Case,
    /// `None`: nothing feeds back, all eigenvalues are 0.
    pub dominant: Option<(Dominant, Vec<usize>)>,
}

impl Solved {
    pub fn radius(&self) -> f64 {
        self.dominant.as_ref().map_or(0.0, |(dominant, _)| dominant.radius)
    }
}

/// Why a case is not solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSolved {
    /// An elasticity has no such end.
    Open,
    /// A component has too many variables.
    Large,
    /// The eigenvalues did not settle.
    Unsettled,
}

/// Solves all cases in parallel, those with the same entries once.
pub fn solve_all(model: &Model) -> Vec<(Case, Result<Solved, NotSolved>)> {
    let entries = |case: Case| model.links.iter().map(|link| case.entry(link)).collect::<Vec<_>>();
    let all: Vec<(Case, Vec<Option<f64>>)> =
        Case::ALL.into_iter().map(|case| (case, entries(case))).collect();
    let first = |own: &[Option<f64>]| all.iter().position(|(_, other)| other == own);
    let mut distinct: Vec<usize> = all.iter().filter_map(|(_, own)| first(own)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let solved: BTreeMap<usize, Result<Solved, NotSolved>> =
        distinct.into_par_iter().map(|at| (at, solve(model, all[at].0))).collect();
    all.iter()
        .filter_map(|(case, own)| {
            let found = solved.get(&first(own)?)?.clone();
            Some((*case, found.map(|solved| Solved { case: *case, ..solved })))
        })
        .collect()
}

/// Solves a case: eigenvalues exist component by component, so each strongly connected one is solved by itself.
fn solve(model: &Model, case: Case) -> Result<Solved, NotSolved> {
    if model.links.iter().any(|link| link.size.is_some() && case.entry(link).is_none()) {
        return Err(NotSolved::Open);
    }
    let mut best: Option<(Dominant, Vec<usize>)> = None;
    for members in strong(&model.graph) {
        if members.len() > MOST_VARIABLES {
            return Err(NotSolved::Large);
        }
        let found = dominant(&matrix(model, case, &members)).map_err(|Unsettled| NotSolved::Unsettled)?;
        if let Some(found) = found
            && best.as_ref().is_none_or(|(best, _)| found.radius > best.radius)
        {
            best = Some((found, members));
        }
    }
    Ok(Solved { case, dominant: best })
}

/// `J[effect][cause]` over some variables; parallel links add up.
fn matrix(model: &Model, case: Case, members: &[usize]) -> Vec<Vec<f64>> {
    let mut local = vec![None; model.variables.len()];
    for (at, member) in members.iter().enumerate() {
        local[*member] = Some(at);
    }
    let mut rows = vec![vec![0.0; members.len()]; members.len()];
    for link in &model.links {
        if let (Some(effect), Some(cause), Some(entry)) =
            (local[link.effect], local[link.cause], case.entry(link))
        {
            rows[effect][cause] += entry;
        }
    }
    rows
}

/// Elasticity of the spectral radius to each link; `None` where the link is unknown, or the radius has no derivative.
/// 0 for links outside the dominant component.
pub fn drives(model: &Model, solved: &Solved) -> Vec<Option<f64>> {
    let Some((dominant, members)) = &solved.dominant else { return vec![None; model.links.len()] };
    let at = |variable: usize| members.binary_search(&variable).ok();
    let drive = |link: &Link| {
        let entry = solved.case.entry(link)?;
        match (at(link.effect), at(link.cause)) {
            (Some(effect), Some(cause)) => dominant.elasticity(effect, cause, entry),
            _ => Some(0.0),
        }
    };
    model.links.iter().map(drive).collect()
}

/// `(I - J)^-1` at the points: the long-run effect on each variable (row) of a lasting push of 1 on each (column).
/// `None` where the radius is 1 or more, where there is no such limit, or where there are too many variables.
pub fn multipliers(model: &Model, solved: &Solved) -> Option<Vec<Vec<f64>>> {
    let all: Vec<usize> = (0..model.variables.len()).collect();
    let fits = solved.radius() < 1.0 && all.len() <= MOST_VARIABLES;
    fits.then(|| long_run(&matrix(model, Case::Points, &all))).flatten()
}
