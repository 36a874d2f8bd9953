//! The input-output table of a graph: its own, or what its payments make of one.

use crate::analysis::shock::stakes::revenue;
use crate::analysis::trail::Trail;
use crate::analysis::{AnalysisError, View};
use crate::matrix::{Solved, Sparse};
use crate::model::{EntityId, LinkKind, RelationId, SectorAccount};
use crate::network::{CostNetwork, Flows, Layer, Network};
use crate::part::Part;
use crate::propagation::input_output::InputOutput;
use crate::propagation::spectral::{Radius, spectral_radius, spectral_radius_in};
use crate::structure::{Digraph, Edge, strong_in};

/// Years over which a sum paid once is spread, where payments make the table.
pub(super) const SPREAD: f64 = 4.0;
/// Years of a commitment that states no term.
pub(super) const TERM: f64 = 7.0;

/// The spectral radius of a matrix of which every process has the entries in the rows and columns of its own entities.
fn radius(part: &Part, matrix: &Sparse) -> Radius {
    if part.is_whole() {
        return spectral_radius(matrix);
    }
    let edge = |from: usize| matrix.row(from).map(move |(to, _)| Edge { from, to, weight: 1.0 });
    let graph = Digraph::new(matrix.len(), (0..matrix.len()).flat_map(edge).collect());
    spectral_radius_in(part, matrix, &strong_in(part, &graph))
}

/// An input-output table over all entities; those that take no part have output 0. Where processes share the links, each has the
/// deliveries from and to its own entities, and the sums of all.
pub(super) struct Economy {
    pub io: InputOutput,
    pub final_demand: Vec<f64>,
    pub value_added: Vec<f64>,
    /// Resilience per day; empty where the table gives none.
    pub resilience: Vec<f64>,
    pub radius: Radius,
    /// Whether it is a table of the dataset, in a unit that nobody says; otherwise payments in dollars a year.
    pub tabled: bool,
    /// Payments whose size nobody states.
    pub unpriced: usize,
    /// Entities of which more is known to be spent than sold.
    pub spenders: usize,
    /// Input coefficients of the whole chain from shares of cost, where there is no table: who sells to i, by row of
    /// the supplier, and their spectral radius.
    pub cost: Option<(Sparse, Radius)>,
    /// Payments with a record: payer, receiver and record.
    payments: Vec<(EntityId, EntityId, RelationId)>,
    members: Vec<EntityId>,
}

impl Economy {
    /// Reads the table of sectors, or the payments of the scope where there is none.
    ///
    /// # Errors
    /// Neither, or inputs that together exceed output so that no demand can be met.
    pub fn build(view: &View<'_>) -> Result<Self, AnalysisError> {
        Self::read(view).sound()
    }

    fn read(view: &View<'_>) -> Self {
        match view.graph.facts().sectors.is_empty() {
            false => Self::of_table(view),
            true => Self::of_payments(view),
        }
    }

    /// Whether there is anything in it, and whether demand can be met.
    fn sound(self) -> Result<Self, AnalysisError> {
        let economy = self;
        if economy.members.is_empty() {
            let text = "neither a table of sectors nor payments with a price are in the dataset and scope";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        if economy.radius.below_one() == Some(false) {
            let text = format!(
                "the table cannot meet any demand: the spectral radius of its input coefficients is {:.6}, and 1 is too much (Hawkins \
                 and Simon)",
                economy.radius.value()
            );
            return Err(AnalysisError::NoData(text));
        }
        Ok(economy)
    }

    /// The same with the input coefficients of the whole chain, where there is no table: shares of cost by product,
    /// which reach further than the payments that state an amount.
    ///
    /// # Errors
    /// As [`Economy::build`].
    pub fn with_chain(view: &View<'_>) -> Result<(Self, Network), AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let mut economy = Self::read(view);
        if !economy.tabled {
            let cost = CostNetwork::build(view.graph, &view.scope, &network);
            let links = view.graph.entity_ids().flat_map(|id| cost.of(id).iter().map(move |link| (id, link)));
            let shares = links.map(|(buyer, link)| (link.supplier.index(), buyer.index(), link.share));
            let shares = Sparse::new(view.graph.len(), shares.collect::<Vec<_>>());
            let part = view.graph.part();
            let radius = radius(part, &shares);
            if radius.below_one() == Some(false) {
                let text =
                    "what is spent circulates without end: shares of cost in a circle add up to the whole";
                return Err(AnalysisError::NoData(text.to_string()));
            }
            economy.cost = part.any(shares.entries() > 0).then_some((shares, radius));
        }
        if economy.cost.is_none() {
            economy = economy.sound()?;
        }
        Ok((economy, network))
    }

    /// Change of output for a change of final demand, by the coefficients of the whole chain where there are any.
    pub fn leontief(&self, demand: &[f64]) -> Solved {
        match &self.cost {
            Some((shares, _)) => shares.solve_in(self.io.part(), demand, None),
            None => self.io.leontief(demand),
        }
    }

    /// Largest part of its output that anybody spends on inputs.
    pub fn largest_column_sum(&self) -> f64 {
        match &self.cost {
            Some((shares, _)) => shares.largest_column_sum(self.io.part()),
            None => self.io.largest_column_sum(),
        }
    }

    /// Output of an entity, where losses can be held against it: of the table, its stated revenue, or for payments alone
    /// what passes it.
    pub fn normal(&self, view: &View<'_>, id: EntityId) -> Option<f64> {
        let known = self.cost.is_none() || revenue(view, id).is_some();
        self.output_of(id).filter(|_| known)
    }

    /// Records of the payments and ties between entities that change.
    pub fn trail(&self, view: &View<'_>, changes: impl Fn(EntityId) -> bool) -> Trail {
        let mut trail = Trail::default();
        if self.tabled {
            return trail;
        }
        if self.cost.is_some() {
            let network = Network::build(view.graph, &view.scope);
            let cost = CostNetwork::build(view.graph, &view.scope, &network);
            for buyer in view.graph.entity_ids().filter(|id| changes(*id)) {
                for link in cost.of(buyer).iter().filter(|link| changes(link.supplier)) {
                    trail.cost(&cost, buyer, link);
                }
            }
            return trail;
        }
        let known = self.payments.iter().filter(|(from, to, _)| changes(*from) && changes(*to));
        known.for_each(|(.., relation)| trail.relation(*relation));
        trail
    }

    /// Output of an entity; `None` where nothing is known of it.
    pub fn output_of(&self, id: EntityId) -> Option<f64> {
        self.io.output().get(id.index()).copied().filter(|output| *output > 0.0)
    }

    /// Those that take part, in the order of their keys.
    pub fn members(&self) -> &[EntityId] {
        &self.members
    }

    fn of_table(view: &View<'_>) -> Self {
        let facts = view.graph.facts();
        let n = view.graph.len();
        let column = |value: &dyn Fn(&SectorAccount) -> f64| {
            let mut all = vec![0.0; n];
            for sector in &facts.sectors {
                if let Some(slot) = all.get_mut(sector.entity.index()) {
                    *slot = value(sector);
                }
            }
            all
        };
        let links = facts.links.iter().filter(|link| link.kind == LinkKind::Amount);
        let deliveries: Vec<_> =
            links.map(|link| (link.from.index(), link.to.index(), link.weight)).collect();
        let (mut sold, mut bought) = (vec![0.0; n], vec![0.0; n]);
        for (from, to, z) in &deliveries {
            if let Some(slot) = sold.get_mut(*from) {
                *slot += z;
            }
            if let Some(slot) = bought.get_mut(*to) {
                *slot += z;
            }
        }
        let part = view.graph.part();
        part.complete(&mut sold);
        part.complete(&mut bought);
        let of = |sums: &[f64], s: &SectorAccount| sums.get(s.entity.index()).copied().unwrap_or(0.0);
        let output = column(&|sector| sector.gross_output);
        let io = InputOutput::new_in(part, output, &deliveries);
        let demand = |s: &SectorAccount| s.final_demand.unwrap_or(s.gross_output - of(&sold, s));
        let added = |s: &SectorAccount| s.value_added.unwrap_or(s.gross_output - of(&bought, s));
        let own = |at: usize| {
            io.interdependency().row(at).find(|(column, _)| *column == at).map_or(0.0, |(_, v)| v)
        };
        // a stated time means: the time in which a sector by itself falls to 1 %
        let pace = |s: &SectorAccount| {
            let of_days = |days: f64| 100.0_f64.ln() / (days * (1.0 - own(s.entity.index())));
            s.resilience_per_day.or(s.days_to_one_percent.map(of_days))
        };
        let paced = facts.sectors.iter().all(|sector| pace(sector).is_some());
        let resilience = if paced { column(&|sector| pace(sector).unwrap_or(0.0)) } else { Vec::new() };
        Self {
            final_demand: column(&demand),
            value_added: column(&added),
            resilience,
            radius: radius(part, io.technical()),
            tabled: true,
            unpriced: 0,
            spenders: 0,
            cost: None,
            payments: Vec::new(),
            members: facts.sectors.iter().map(|sector| sector.entity).collect(),
            io,
        }
    }

    /// Purchases are deliveries the other way. Output is what an entity sells, the stated revenue beyond known
    /// purchases included, or what it spends, where that is more.
    fn of_payments(view: &View<'_>) -> Self {
        let part = view.graph.part();
        let mut flows = Flows::collect(view.graph, &view.scope, SPREAD, TERM, false);
        let n = view.graph.len();
        let (mut sold, mut bought) = (vec![0.0; n], vec![0.0; n]);
        let (mut deliveries, mut payments) = (Vec::new(), Vec::new());
        for payment in
            flows.payments.iter().filter(|p| matches!(p.layer, Layer::Product(_) | Layer::Unspecified))
        {
            deliveries.push((payment.to.index(), payment.from.index(), payment.amount));
            payments.extend(payment.relation.map(|relation| (payment.from, payment.to, relation)));
            if let Some(slot) = sold.get_mut(payment.to.index()) {
                *slot += payment.amount;
            }
            if let Some(slot) = bought.get_mut(payment.from.index()) {
                *slot += payment.amount;
            }
        }
        [&mut sold, &mut bought, &mut flows.inflow].into_iter().for_each(|sums| part.complete(sums));
        let all: Vec<f64> = sold.iter().zip(&flows.inflow).map(|(sold, inflow)| sold + inflow).collect();
        let output: Vec<f64> = all.iter().zip(&bought).map(|(all, bought)| all.max(*bought)).collect();
        let known = (0..n).filter(|at| sold.get(*at) > Some(&0.0) || bought.get(*at) > Some(&0.0));
        let members = known.map(EntityId::new).collect();
        let spenders = all.iter().zip(&bought).filter(|(all, bought)| bought > all).count();
        let final_demand = output.iter().zip(&sold).map(|(x, sold)| x - sold).collect();
        let value_added = output.iter().zip(&bought).map(|(x, bought)| x - bought).collect();
        let io = InputOutput::new_in(part, output, &deliveries);
        Self {
            final_demand,
            value_added,
            resilience: Vec::new(),
            radius: radius(part, io.technical()),
            tabled: false,
            unpriced: flows.unpriced,
            spenders,
            cost: None,
            payments,
            members,
            io,
        }
    }
}
