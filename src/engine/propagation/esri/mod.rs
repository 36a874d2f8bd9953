//! The generalised Leontief cascade of a firm's failure over a supply network, and the economic systemic risk
//! index made of it.
//!
//! `W_ij` is what supplier i sells to customer j; firm i makes the product of its sector `p_i`; an input of sector k
//! is essential to a customer, adds to its output, or has no short-term effect. With losses `d` downstream and `u`
//! upstream (0: works as normal, 1: stopped), shocks `ψ`, sales `s_out`, purchases `s_in` and `Π_jk` what j buys
//! of sector k,
//!
//! ```text
//! d_j(t+1) = min(1, max(ψ_j, max over essential k of Σ_{i: p_i = k} W_ij/Π_jk σ_i(t) d_i(t), Σ_{i: adds} W_ij/s_in_j σ_i(t) d_i(t)))
//! u_i(t+1) = min(1, max(ψ_i, Σ_j W_ij/s_out_i u_j(t)))
//! σ_i(t)   = min(1, s_out_i / Σ_{l sells in the market of i} s_out_l (1 - d_l(t)))
//! ```
//!
//! all firms at once, from `d(0) = ψ` and `u(0) = ψ`. σ is what of a supplier's loss its rivals cannot make up for.
//! The two channels do not mix; a firm's loss is the larger of the two, and the index of a shock is the mean loss
//! weighted by sales (or by any other weight).
//!
//! Where revenue and costs are known beside the links, they are the denominators, so that sales to and purchases
//! from outside the network soften the cascade.
//!
//! Source: Diem, Borsos, Reisch, Kertész, Thurner, "Quantifying firm-level economic systemic risk from nation-wide
//! supply networks", Scientific Reports 12, 7719, 2022; update and stop rules as in the authors' published software
//! (GLcascade and fastcascade 0.9.3).
//!
//! ```
//! # use linchpin_engine as linchpin;
//! use linchpin::propagation::esri::{Class, Firms, Mode, run_all};
//!
//! // 0 sells to 1, which sells to 2; every input is essential
//! let sector = [0, 1, 2];
//! let firms = Firms { links: &[(0, 1, 5.0), (1, 2, 5.0)], sector: &sector, ..Firms::default() };
//! let system = firms.freeze(|_, _| Some(Class::Essential), Mode::Converged(Default::default())).unwrap();
//! let all = run_all(&system, Mode::Converged(Default::default()));
//! // all of the sales are lost if the first fails, and as much if the second does
//! assert_eq!((all[0].index[0].both, all[1].index[0].both), (1.0, 1.0));
//! ```

mod cascade;
mod channel;
mod firms;
mod lanes;
mod leap;
#[cfg(feature = "cluster")]
mod parts;
mod reached;
mod run;
mod system;
mod trace;

pub use firms::{Class, Firms, FirmsError};
pub use run::{Index, Outcome, Shock, Summary, run, run_all, run_as, run_many, run_many_as};
pub use system::{Input, Offer, Supply, System, SystemError, Want};
pub use trace::{Binding, Cause, Trace, trace};

/// How long a cascade goes on, and which of two market tests it uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// To the fixed point.
    Converged(Converged),
    /// As the published software does, step for step.
    Compatible(Compatible),
}

/// How a cascade is carried. The results are the same bits, whichever way; the time is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carry {
    /// Losses are pushed along the links of those who lose: quicker while these are few.
    Pushed,
    /// Everyone gathers from its own links; many cascades side by side.
    Gathered,
    /// Pushed while it is small, then gathered.
    #[default]
    Both,
}

/// Goes on until no loss moves. A market counts as gone where next to nothing of its first size is left, and
/// who fails in it is then not replaced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Converged {
    /// Largest change of a loss in one step at which it has settled.
    pub tolerance: f64,
    /// Steps after which it gives up and says so.
    pub most_steps: u32,
}

impl Default for Converged {
    fn default() -> Self {
        Self { tolerance: 1e-10, most_steps: 100_000 }
    }
}

/// Stops as the published software does: with the default tolerance of 0.01 it stands far from the fixed point
/// where a network is closely knit, so that its numbers are those of a stop rule. A market counts as gone at a
/// remaining size of 1e-10 in the unit of the links and is then taken as of size 1, so that results depend on the unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compatible {
    /// Tolerance of the stop rule.
    pub eps: f64,
    /// What is compared with it.
    pub stop: Stop,
}

/// What decides that a compatible cascade stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// No loss grew by more than eps in a step.
    #[default]
    Step,
    /// The total loss, by the first weight, grew by no more than the factor 1 + eps.
    Loss,
}

/// Steps after which a compatible cascade gives up, which the published software never does.
const MOST_COMPATIBLE_STEPS: u32 = 100_000;

impl Mode {
    /// Whether the total loss decides that it stops.
    fn stops_by_loss(self) -> bool {
        matches!(self, Self::Compatible(compatible) if compatible.stop == Stop::Loss)
    }

    /// Steps after which it gives up.
    fn most_steps(self) -> u32 {
        match self {
            Self::Converged(converged) => converged.most_steps,
            Self::Compatible(_) => MOST_COMPATIBLE_STEPS,
        }
    }
}
