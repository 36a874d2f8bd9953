//! What explains a cascade: who is first hit when, which input binds, and through which suppliers and customers
//! each loss comes.

use super::cascade::Workspace;
use super::run::{Outcome, Shock, carry};
use super::system::System;
use super::{Carry, Mode};

/// A cascade with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Where it ends.
    pub outcome: Outcome,
    /// Step in which each firm first loses anything downstream; 0 for the shock.
    pub first_downstream: Vec<Option<u32>>,
    /// The same upstream.
    pub first_upstream: Vec<Option<u32>>,
    /// What binds each firm downstream; `None` where nothing or only the shock itself does.
    pub binding: Vec<Option<Binding>>,
    /// Parts of its upstream loss by customer, largest first, empty where only the shock itself counts.
    pub customers: Vec<Vec<Cause>>,
}

/// The worst slot of a firm.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The slot, as the input numbered it.
    pub slot: u32,
    /// Parts of the loss by direct supplier, largest first.
    pub suppliers: Vec<Cause>,
}

/// A neighbour's part in a loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cause {
    /// The supplier or customer.
    pub firm: u32,
    /// Its part of the loss, 0 to 1; the parts add up to it.
    pub part: f64,
}

/// A loss below this is rounding.
const NOTICEABLE: f64 = 1e-12;

/// Carries a shock and explains where it ends: the losses of the last step but one, passed on once more, split over
/// those who pass them on.
///
/// Cost: a cascade, with all firms looked at in every step.
pub fn trace(system: &System, shock: &Shock, mode: Mode) -> Trace {
    let n = system.firms();
    let mut workspace = Workspace::new(system, Carry::Both);
    let mut first_downstream = vec![None; n];
    let mut first_upstream = vec![None; n];
    for (list, shocks) in [(&mut first_downstream, &shock.downstream), (&mut first_upstream, &shock.upstream)]
    {
        for (firm, loss) in shocks {
            if let (Some(first), true) = (list.get_mut(*firm as usize), *loss > 0.0) {
                *first = Some(0);
            }
        }
    }
    let summary = carry(system, shock, mode, &mut workspace, |step, state| {
        for (first, loss) in
            [(&mut first_downstream, &state.down.loss), (&mut first_upstream, &state.up.loss)]
        {
            for (first, loss) in first.iter_mut().zip(loss) {
                if first.is_none() && *loss > NOTICEABLE {
                    *first = Some(step);
                }
            }
        }
    });
    let passed = workspace.passed_down(system, mode);
    let Workspace { down, up, .. } = workspace;
    let above = |loss: f64, shocks: &[(u32, f64)], firm: usize| {
        let shock =
            shocks.iter().filter(|(at, _)| *at as usize == firm).fold(0.0, |most: f64, (_, l)| most.max(*l));
        loss > NOTICEABLE && loss > shock + NOTICEABLE
    };
    let causes =
        |row: usize, channel: &super::channel::Channel, passed: &[f64], firm_of: &dyn Fn(u32) -> u32| {
            let parts = channel.of_row(row).map(|(source, factor)| Cause {
                firm: firm_of(source),
                part: factor * passed[source as usize],
            });
            let mut parts: Vec<Cause> = parts.filter(|cause| cause.part > NOTICEABLE).collect();
            parts.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.firm.cmp(&b.firm)));
            parts
        };
    let binding = (0..n).map(|firm| {
        if !above(down.loss[firm], &shock.downstream, firm) {
            return None;
        }
        let sum = |row: usize| {
            system.downstream.of_row(row).map(|(at, factor)| factor * passed[at as usize]).sum::<f64>()
        };
        let mut worst: Option<(f64, usize)> = None;
        for row in system.downstream.rows_of(firm) {
            let sum = sum(row);
            if worst.is_none_or(|(most, _)| sum > most + NOTICEABLE) {
                worst = Some((sum, row));
            }
        }
        let (_, row) = worst.filter(|(sum, _)| *sum > NOTICEABLE)?;
        let firm_of = |offer: u32| system.offers[offer as usize].firm;
        Some(Binding {
            slot: system.slot(row),
            suppliers: causes(row, &system.downstream, &passed, &firm_of),
        })
    });
    let binding = binding.collect();
    let customers = (0..n).map(|firm| {
        let rows = system.upstream.rows_of(firm).filter(|_| above(up.loss[firm], &shock.upstream, firm));
        rows.flat_map(|row| causes(row, &system.upstream, &up.loss, &|at| at)).collect()
    });
    let customers = customers.collect();
    let outcome = Outcome { downstream: down.loss, upstream: up.loss, summary };
    Trace { outcome, first_downstream, first_upstream, binding, customers }
}
