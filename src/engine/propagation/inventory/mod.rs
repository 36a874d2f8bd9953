//! Shocks in time: stocks, rationing, reordering and recovery, day by day. One kernel for the adaptive models with
//! inventories (ARIO: Hallegatte, Risk Analysis 28, 2008, and 34, 2014; at the level of firms: Henriet, Hallegatte,
//! Tabourier, J. Econ. Dyn. Control 36, 2012; Inoue, Todo, Nature Sustainability 2, 2019).
//!
//! All amounts are relative to the normal day, so units of money drop out. Firm i makes `x_i` of its normal output (1 at
//! first), keeps `T_k` days of normal use of each input k, wants `s_k` of them, and gives supplier l of the input a part
//! `m_l` of it; `w_l` is the part of the supplier's output that goes there, `y_i` the part that goes to final demand.
//! One day:
//!
//! ```text
//! demand          D_i = Σ over its customers w_l o_l + y_i
//! overproduction  α_i += (α_max - α_i) (D_i - x_i) / D_i / τ_α  where D ≠ x, back to 1 at 1/τ_α where D = x; at least 1
//! capacity        c_i = α_i (1 - δ_i)
//! input limit     by tolerance: x_i = min(D, c) · min over k of min(1, T_k / (s_k ψ min(D, c))), at most T_k
//!                 by cover:     x_i = min(D, c, min over k of T_k)
//! rationing       g_l of o_l, by one of four rules; T_k += Σ m_l g_l - x_i, never below 0
//! orders          by class:    o_k = x_i + (s_k min(D, c) - T_k)+ / τ, split by m_l, or by m_l c_l
//!                 by supplier: o_l = (x_i + (s_k x_i - T_l) / τ)+
//! ```
//!
//! What nobody can store (electricity, hosting, compute; s = 0) is used as it is made: a firm orders of it what it would make
//! with its other inputs, and output is limited to the part of the last order that arrived. A shortage of it tells the day after,
//! and ends with its cause: it is not ordered less because there was less of it.
//!
//! An input that is important with weight d, not essential, lowers the limit by d times its own shortage, and such losses
//! add. Several shocks on one thing multiply what is left. The unknown supplier delivers what is ordered from it, at most
//! its normal part.
//!
//! Cost: O(links) a day and in memory, with a sort of each supplier's customers where the smallest relative order goes
//! first; nothing is allocated in a day.

mod chain;
mod events;
mod ration;
mod run;
mod settings;
mod summary;

pub use chain::{Chain, ChainBuilder, ChainError};
pub use events::{Event, Fade, Hit};
pub use run::{Day, simulate};
pub use settings::{Filling, Limit, Overproduction, Rationing, Settings, Split, Stocks};
pub use summary::{Course, Ending, HIT, Summary};
