//! One question asked by several processes, which share its work or the links of its graph.
//!
//! Every process loads the same data and comes to the same shared work in the same order ([`crate::crew::Crew`]). One
//! of them, process 0, hands pieces out as they are finished (`desk`), so that uneven pieces balance, and keeps what is
//! finished on disk where it is told to (`store`). All that travels does so over `timely` ([`Link`]); results are put
//! in the order of the pieces, so that nothing depends on who did what, or when.
//!
//! Where they share links, the same tie carries parcels in rounds, from every process to every process ([`crate::part::Exchange`]).
//!
//! The traffic is neither encrypted nor authenticated: it belongs on a private network.

mod desk;
mod hosts;
mod link;
mod parcels;
mod sockets;
mod store;

pub use hosts::{Hosts, HostsError};
pub use link::{Link, Plan, Tale, peak_memory};
