//! How long a network lasts without some of its makers, and what it loses until they are back: two linear programmes.
//!
//! Makers i with capacity `c_i` a day, goods g with stock `s_g`, final demand `d_g` a day and a loss of `f_g` for each
//! unit short, recipes r (a maker, what it makes `v_rg`, what it takes `u_rg`) run `y_r` times over a horizon t:
//!
//! ```text
//! balance of g   Σ over recipes of (v_rg - u_rg) y_r + s_g ≥ d_g t - l_g
//! capacity of i  Σ over its recipes of y_r ≤ c_i t
//! impact         least Σ f_g l_g at t = time to recover
//! survival       most t with l = 0
//! ```
//!
//! All over the horizon at once: what is made late counts for early demand, so both are optimistic; and makers allocate
//! as is best for the whole. The time to survive is at least the time to recover exactly where the impact is 0.
//!
//! Simchi-Levi, Schmidt, Wei, Zhang, Combs, Ge, Gusikhin, Sanders, Zhang: "Identifying Risks and Mitigating Disruptions in the
//! Automotive Supply Chain", Interfaces 45(5), 375-390, 2015, with bills of materials. Solved by `microlp` (simplex).

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Solution, SolveOutcome, Variable};

/// Makers, goods and recipes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operations {
    /// Most that each maker makes in a day, 0 or more.
    pub capacity: Vec<f64>,
    /// The goods.
    pub goods: Vec<Good>,
    /// What can be made of what.
    pub recipes: Vec<Recipe>,
}

/// Something that is made, stocked, used and sold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Good {
    /// On stock at first, 0 or more.
    pub stock: f64,
    /// Final demand a day, 0 or more.
    pub demand: f64,
    /// Loss for each unit of final demand that is not met, 0 or more.
    pub loss: f64,
}

/// A maker makes goods from goods; one run takes one unit of its capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Who makes them.
    pub maker: usize,
    /// What a run makes: goods and quantities.
    pub makes: Vec<(usize, f64)>,
    /// What a run takes: goods and quantities.
    pub takes: Vec<(usize, f64)>,
}

/// Why a programme has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// A recipe names a maker or good that is not there.
    #[error("a recipe names a maker or a good that is not there")]
    Unknown,
    /// The solver gave up.
    #[error("the linear programme was not solved: {0}")]
    Failed(String),
}

/// Times above this are without bound.
pub const LONGEST: f64 = 1e6;

impl Operations {
    /// Least loss over a horizon of `days` with the makers in `out` out of action, in units of the losses; and the units
    /// of each good that are short (one of several ways where they tie).
    ///
    /// Cost: one linear programme with a variable for each recipe and each good in demand.
    ///
    /// # Errors
    /// Recipes that name what is not there, and what the solver reports.
    pub fn impact(&self, out: &[usize], days: f64) -> Result<(f64, Vec<f64>), SolveError> {
        self.check()?;
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let made = self.made(&mut problem);
        let short: Vec<Option<Variable>> = self
            .goods
            .iter()
            .map(|good| (good.demand > 0.0).then(|| problem.add_var(good.loss, (0.0, good.demand * days))))
            .collect();
        self.balance(&mut problem, &made, |good, row| {
            if let Some(short) = short.get(good).copied().flatten() {
                row.add(short, 1.0);
            }
            self.goods.get(good).map_or(0.0, |good| good.demand * days - good.stock)
        });
        self.limit(&mut problem, &made, out, |_, capacity| capacity * days);
        let solution = solve(&problem)?;
        let units = short.iter().map(|short| short.map_or(0.0, |short| solution.var_value(short))).collect();
        Ok((solution.objective(), units))
    }

    /// Longest time in days over which all final demand is met with the makers in `out` out of action; `None` where that is
    /// without bound.
    ///
    /// Cost and errors as [`Operations::impact`].
    ///
    /// # Errors
    /// Recipes that name what is not there, and what the solver reports.
    pub fn survival(&self, out: &[usize]) -> Result<Option<f64>, SolveError> {
        self.check()?;
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let time = problem.add_var(1.0, (0.0, LONGEST));
        let made = self.made(&mut problem);
        self.balance(&mut problem, &made, |good, row| {
            let good = self.goods.get(good).copied().unwrap_or_default();
            row.add(time, -good.demand);
            -good.stock
        });
        self.limit(&mut problem, &made, out, |row, capacity| {
            row.add(time, -capacity);
            0.0
        });
        let solution = solve(&problem)?;
        Ok(Some(solution.objective()).filter(|days| *days < LONGEST * (1.0 - 1e-9)))
    }

    fn check(&self) -> Result<(), SolveError> {
        let known = |recipe: &Recipe| {
            let mut goods = recipe.makes.iter().chain(&recipe.takes);
            recipe.maker < self.capacity.len() && goods.all(|(good, _)| *good < self.goods.len())
        };
        if self.recipes.iter().all(known) { Ok(()) } else { Err(SolveError::Unknown) }
    }

    fn made(&self, problem: &mut Problem) -> Vec<Variable> {
        self.recipes.iter().map(|_| problem.add_var(0.0, (0.0, f64::INFINITY))).collect()
    }

    /// What is made less what is used, for each good; `rest` adds other variables and gives the least that it may be.
    fn balance(
        &self,
        problem: &mut Problem,
        made: &[Variable],
        mut rest: impl FnMut(usize, &mut LinearExpr) -> f64,
    ) {
        let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); self.goods.len()];
        for (recipe, variable) in self.recipes.iter().zip(made) {
            let takes = recipe.takes.iter().map(|(good, quantity)| (*good, -quantity));
            let mut changes: Vec<(usize, f64)> = recipe.makes.iter().copied().chain(takes).collect();
            changes.sort_by_key(|(good, _)| *good);
            // a variable stands once in a row
            for same in changes.chunk_by(|a, b| a.0 == b.0) {
                let change: f64 = same.iter().map(|(_, quantity)| quantity).sum();
                if let Some(row) = same.first().and_then(|(good, _)| rows.get_mut(*good)) {
                    row.push((*variable, change));
                }
            }
        }
        for (good, row) in rows.into_iter().enumerate() {
            let mut expression = LinearExpr::empty();
            row.into_iter().for_each(|(variable, factor)| expression.add(variable, factor));
            let least = rest(good, &mut expression);
            problem.add_constraint(expression, ComparisonOp::Ge, least);
        }
    }

    /// What each maker makes, at most.
    fn limit(
        &self,
        problem: &mut Problem,
        made: &[Variable],
        out: &[usize],
        mut most: impl FnMut(&mut LinearExpr, f64) -> f64,
    ) {
        let mut rows: Vec<LinearExpr> = self.capacity.iter().map(|_| LinearExpr::empty()).collect();
        for (recipe, variable) in self.recipes.iter().zip(made) {
            if let Some(row) = rows.get_mut(recipe.maker) {
                row.add(*variable, 1.0);
            }
        }
        for (maker, mut row) in rows.into_iter().enumerate() {
            let capacity = if out.contains(&maker) { 0.0 } else { self.capacity[maker] };
            let bound = most(&mut row, capacity);
            problem.add_constraint(row, ComparisonOp::Le, bound);
        }
    }
}

fn solve(problem: &Problem) -> Result<Solution, SolveError> {
    match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => Ok(solution),
        Ok(SolveOutcome::Interrupted(_)) => Err(SolveError::Failed("interrupted".to_string())),
        Err(error) => Err(SolveError::Failed(error.to_string())),
    }
}
