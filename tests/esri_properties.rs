//! The cascade of firm failures on random networks: against a dense version of its formulas, and what must hold whatever the
//! network.

mod oracle;

use linchpin::observer::Unobserved;
use linchpin::propagation::esri::{
    Carry, Class, Compatible, Converged, Firms, FirmsError, Input, Mode, Offer, Outcome, Shock, Stop, Supply,
    System, SystemError, Want, run, run_all, run_as, run_many_as, trace,
};
use oracle::esri::{Economy, Gone};
use proptest::prelude::*;

const MODE: Mode = Mode::Converged(Converged { tolerance: 1e-12, most_steps: 20_000 });

/// A network with self-loops, isolated firms and firms that sell or buy nothing, as they fall.
fn economy(firms: usize, sectors: usize) -> impl Strategy<Value = Economy> {
    let row = prop::collection::vec(prop_oneof![3 => Just(0.0), 1 => 0.1f64..100.0], firms);
    (
        prop::collection::vec(row, firms),
        prop::collection::vec(0..sectors, firms),
        prop::collection::vec(prop::collection::vec(0u8..3, sectors), sectors),
        any::<bool>(),
    )
        .prop_map(|(w, sector, class, market)| Economy { w, sector, class, market })
        .prop_filter("someone sells something", |economy| {
            economy.w.iter().flatten().any(|value| *value > 0.0)
        })
}

/// Losses of half of the firms or fewer.
fn losses(firms: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![2 => Just(0.0), 1 => 0.0f64..=1.0, 1 => Just(1.0)], firms)
}

fn freeze_in(economy: &Economy, mode: Mode) -> System {
    let links: Vec<(u32, u32, f64)> = economy
        .w
        .iter()
        .enumerate()
        .flat_map(|(i, row)| row.iter().enumerate().map(move |(j, value)| (i as u32, j as u32, *value)))
        .filter(|(.., value)| *value > 0.0)
        .collect();
    let sector: Vec<u32> = economy.sector.iter().map(|sector| *sector as u32).collect();
    let firms = Firms { links: &links, sector: &sector, market: economy.market, ..Firms::default() };
    let class = |k: u32, l: u32| {
        Some([Class::None, Class::Adds, Class::Essential][usize::from(economy.class[k as usize][l as usize])])
    };
    firms.freeze(class, mode).unwrap()
}

fn freeze(economy: &Economy) -> System {
    freeze_in(economy, MODE)
}

fn shock(down: &[f64], up: &[f64]) -> Shock {
    let list = |losses: &[f64]| losses.iter().enumerate().map(|(at, loss)| (at as u32, *loss)).collect();
    Shock { downstream: list(down), upstream: list(up) }
}

fn all(outcome: &Outcome) -> impl Iterator<Item = f64> + '_ {
    outcome.downstream.iter().chain(&outcome.upstream).copied()
}

fn farthest(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>) -> f64 {
    a.zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Step for step what the formulas say.
    #[test]
    fn the_dense_version_agrees(economy in economy(9, 3), down in losses(9), up in losses(9), eps in 1e-9f64..0.1) {
        let mode = Mode::Compatible(Compatible { eps, stop: Stop::Step });
        let outcome = run(&freeze_in(&economy, mode), &shock(&down, &up), mode);
        let (hd, hu) = economy.after(&down, &up, outcome.summary.steps, Gone::Published);
        prop_assert!(farthest(all(&outcome).map(|loss| 1.0 - loss), hd.into_iter().chain(hu)) < 1e-11);
    }

    /// At the end the fixed point to which plain steps creep, and not another one.
    #[test]
    fn the_end_is_that_of_plain_steps(economy in economy(9, 3), down in losses(9), up in losses(9)) {
        let outcome = run(&freeze(&economy), &shock(&down, &up), MODE);
        prop_assert!(outcome.summary.settled);
        let level = |losses: &[f64]| losses.iter().map(|loss| 1.0 - loss).collect::<Vec<f64>>();
        let (hd, hu) = (level(&outcome.downstream), level(&outcome.upstream));
        let (nd, nu) = economy.step(&hd, &hu, &down, &up, Gone::Relative);
        let moved = farthest(nd.iter().chain(&nu).copied(), hd.iter().chain(&hu).copied());
        prop_assert!(moved <= 2e-12, "still moves by {moved:e}");
        let (ed, eu, still) = economy.end(&down, &up, 4_000);
        for (found, plain) in hd.iter().chain(&hu).zip(ed.iter().chain(&eu)) {
            // plain steps come from above; where they have not ended the end lies below them
            prop_assert!(*found <= plain + 1e-9);
            prop_assert!(!still || (found - plain).abs() < 1e-8, "{found} and {plain}");
        }
    }

    /// Losses lie between the shock and 1, and without a shock there is none.
    #[test]
    fn losses_are_shares(economy in economy(9, 3), down in losses(9), up in losses(9)) {
        let system = freeze(&economy);
        let outcome = run(&system, &shock(&down, &up), MODE);
        for (loss, least) in all(&outcome).zip(down.iter().chain(&up)) {
            prop_assert!((*least..=1.0).contains(&loss));
        }
        for index in &outcome.summary.index {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&index.both));
            prop_assert!(index.both + 1e-12 >= index.downstream.max(index.upstream));
        }
        let calm = run(&system, &shock(&[0.0; 9], &[0.0; 9]), MODE);
        prop_assert!(all(&calm).all(|loss| loss == 0.0));
        prop_assert_eq!((calm.summary.steps, calm.summary.residual), (1, 0.0));
    }

    /// Names do not matter.
    #[test]
    fn relabelling_permutes(
        economy in economy(8, 3), down in losses(8), order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let moved = Economy {
            w: order.iter().map(|i| order.iter().map(|j| economy.w[*i][*j]).collect()).collect(),
            sector: order.iter().map(|i| economy.sector[*i]).collect(),
            ..economy.clone()
        };
        let moved_down: Vec<f64> = order.iter().map(|i| down[*i]).collect();
        let first = run(&freeze(&economy), &shock(&down, &down), MODE);
        let second = run(&freeze(&moved), &shock(&moved_down, &moved_down), MODE);
        let carried = order.iter().map(|i| first.downstream[*i]).chain(order.iter().map(|i| first.upstream[*i]));
        // either may end a step later than the other
        prop_assert!(farthest(carried, all(&second)) < 1e-9);
    }

    /// The unit of money does not matter.
    #[test]
    fn scaling_all_money_changes_nothing(economy in economy(8, 3), down in losses(8), unit in -9i32..9) {
        let scale = 10f64.powi(unit);
        let scaled = Economy {
            w: economy.w.iter().map(|row| row.iter().map(|value| value * scale).collect()).collect(),
            ..economy.clone()
        };
        let first = run(&freeze(&economy), &shock(&down, &down), MODE);
        let second = run(&freeze(&scaled), &shock(&down, &down), MODE);
        prop_assert!(farthest(all(&first), all(&second)) < 1e-9);
    }

    /// A larger shock loses no less, anywhere.
    #[test]
    fn losses_grow_with_the_shock(economy in economy(8, 3), down in losses(8), more in losses(8)) {
        let larger: Vec<f64> = down.iter().zip(&more).map(|(a, b)| a.max(*b)).collect();
        let system = freeze(&economy);
        let (small, large) = (run(&system, &shock(&down, &down), MODE), run(&system, &shock(&larger, &larger), MODE));
        if large.summary.settled {
            prop_assert!(all(&small).zip(all(&large)).all(|(small, large)| small <= large + 1e-8));
        }
    }

    /// Where nobody is replaced more is lost.
    #[test]
    fn without_replacement_losses_are_an_upper_bound(economy in economy(8, 3), down in losses(8)) {
        let with = run(&freeze(&Economy { market: true, ..economy.clone() }), &shock(&down, &down), MODE);
        let without = run(&freeze(&Economy { market: false, ..economy }), &shock(&down, &down), MODE);
        if without.summary.settled {
            prop_assert!(all(&with).zip(all(&without)).all(|(with, without)| with <= without + 1e-8));
        }
    }

    /// What comes through suppliers and customers adds up to the loss, where the shock itself is not larger.
    #[test]
    fn parts_add_up_to_losses(economy in economy(9, 3), down in losses(9)) {
        let mode = Mode::Converged(Converged { tolerance: 1e-13, most_steps: 20_000 });
        let traced = trace(&freeze(&economy), &shock(&down, &down), mode);
        if traced.outcome.summary.settled {
            for firm in 0..9 {
                let sum = |parts: &[linchpin::propagation::esri::Cause]| parts.iter().map(|cause| cause.part).sum::<f64>();
                if let Some(binding) = &traced.binding[firm] {
                    prop_assert!((sum(&binding.suppliers).min(1.0) - traced.outcome.downstream[firm]).abs() < 1e-9);
                    prop_assert!(traced.first_downstream[firm].is_some());
                }
                if !traced.customers[firm].is_empty() {
                    prop_assert!((sum(&traced.customers[firm]).min(1.0) - traced.outcome.upstream[firm]).abs() < 1e-9);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Large fronts gather and small ones push: both are what the formulas say, and neither threads nor what a workspace did
    /// before change a bit.
    #[test]
    fn every_failure_agrees_with_the_dense_version(economy in economy(40, 4)) {
        let mode = Mode::Compatible(Compatible { eps: 1e-3, stop: Stop::Step });
        let system = freeze_in(&economy, mode);
        let threads = |count| rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
        let one = threads(1).install(|| run_all(&system, mode));
        let three = threads(3).install(|| run_all(&system, mode));
        prop_assert_eq!(&one, &three);
        for firm in 0..40 {
            let outcome = run(&system, &Shock::failure(firm as u32), mode);
            prop_assert_eq!(&outcome.summary, &one[firm]);
            let mut psi = vec![0.0; 40];
            psi[firm] = 1.0;
            let (hd, hu) = economy.after(&psi, &psi, outcome.summary.steps, Gone::Published);
            prop_assert!(farthest(all(&outcome).map(|loss| 1.0 - loss), hd.into_iter().chain(hu)) < 1e-11);
        }
    }
}

/// The modes and stop rules.
const MODES: [Mode; 4] = [
    Mode::Converged(Converged { tolerance: 1e-10, most_steps: 400 }),
    Mode::Converged(Converged { tolerance: 1e-3, most_steps: 5 }),
    Mode::Compatible(Compatible { eps: 1e-3, stop: Stop::Step }),
    Mode::Compatible(Compatible { eps: 1e-4, stop: Stop::Loss }),
];

/// However shocks are carried, where they end and what they amount to are the same bits.
fn ways_agree(system: &System, mode: Mode, shocks: &[Shock]) {
    // as text numbers are told apart by every bit
    let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
    let pushed: Vec<Outcome> =
        shocks.iter().map(|shock| run_as(system, shock, mode, Carry::Pushed)).collect();
    for carry in [Carry::Gathered, Carry::Both] {
        for (pushed, shock) in pushed.iter().zip(shocks) {
            assert_eq!(
                text(&run_as(system, shock, mode, carry)),
                text(pushed),
                "{mode:?} {carry:?} {shock:?}"
            );
        }
    }
    let alone: Vec<_> = pushed.into_iter().map(|outcome| outcome.summary).enumerate().collect();
    for carry in [Carry::Pushed, Carry::Gathered, Carry::Both] {
        let many = run_many_as(system, shocks.len(), |at| shocks[at].clone(), mode, carry, &Unobserved);
        assert_eq!(text(&many), text(&alone), "{mode:?} {carry:?}");
    }
}

/// Firms with several offers or none, some of no size; markets with and without sellers outside, some so small that they are gone
/// by the published rule; links that stand twice, firms that sell nearly all to each other.
fn input(firms: usize) -> impl Strategy<Value = Input> {
    let of = move || 0..firms as u32;
    let offer = (of(), prop::option::of(0u32..5), prop_oneof![1 => Just(0.0), 5 => 0.1f64..9.0]);
    let supply = (any::<prop::sample::Index>(), of(), 0u32..3, 0.0f64..0.7);
    (
        prop::collection::vec(offer, firms..2 * firms),
        prop::collection::vec(prop_oneof![Just(0.0), 0.0f64..5.0], 5),
        prop_oneof![Just(1.0), Just(1e-11), Just(1e-12)],
        prop::collection::vec(supply, firms..5 * firms),
        prop::collection::vec((of(), of(), 0.1f64..9.0), firms..4 * firms),
        prop_oneof![Just(1.0), 0.9f64..1.0],
        prop::collection::vec(0.1f64..9.0, firms),
    )
        .prop_map(move |(mut offers, markets, unit, supplies, wants, inside, weights)| {
            offers.sort_by_key(|(firm, ..)| *firm);
            let mut sold = vec![0.0; firms];
            wants.iter().for_each(|(supplier, _, value)| sold[*supplier as usize] += value);
            let offer = |(firm, market, size): &(u32, Option<u32>, f64)| Offer {
                firm: *firm,
                market: *market,
                size: size * unit,
            };
            let want = |(supplier, customer, value): &(u32, u32, f64)| Want {
                supplier: *supplier,
                customer: *customer,
                factor: inside * value / sold[*supplier as usize],
            };
            Input {
                firms,
                markets: markets.iter().map(|outside| outside * unit).collect(),
                supplies: supplies
                    .iter()
                    .map(|(offer, customer, slot, factor)| Supply {
                        offer: offer.index(offers.len()) as u32,
                        customer: *customer,
                        slot: *slot,
                        factor: *factor,
                    })
                    .collect(),
                offers: offers.iter().map(offer).collect(),
                wants: wants.iter().map(want).collect(),
                weights: vec![weights, vec![1.0; firms]],
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_it_is_carried_does_not_change_a_bit(
        input in input(150), shocks in prop::collection::vec((0u32..150, 0u32..150, 0.01f64..=1.0, any::<bool>()), 1..12),
    ) {
        let system = System::new(input).unwrap();
        // in no order, and one firm twice
        let shock = |(first, second, part, whole): &(u32, u32, f64, bool)| {
            let most = if *whole { 1.0 } else { part / 2.0 };
            Shock::of(vec![(*first, most), (*second, *part), (*first, part / 3.0)])
        };
        let shocks: Vec<Shock> = shocks.iter().map(shock).collect();
        for mode in MODES {
            ways_agree(&system, mode, &shocks);
        }
    }
}

/// However it is carried, and whoever travels beside it, a cascade is the same, bit for bit: where it creeps and is solved, where the
/// total loss stops it, and where a market is gone and the published rule lets a loss fall.
#[test]
fn whoever_travels_beside_it_does_not_change_a_bit() {
    // each firm buys of three others, alone in its sector or with one more, and all sell nearly all to each other
    let n = 24u32;
    let links: Vec<(u32, u32, f64)> = (0..n)
        .flat_map(|i| [1, 5, 11].map(|gap| (i, (i + gap) % n, 1e-10 * f64::from(1 + (i * gap) % 7))))
        .collect();
    let sector: Vec<u32> = (0..n).map(|i| if i < 8 { i } else { 8 + i % 8 }).collect();
    let firms = Firms { links: &links, sector: &sector, market: true, ..Firms::default() };
    let class =
        |from: u32, to: u32| Some(if (from + to).is_multiple_of(3) { Class::Essential } else { Class::Adds });
    let shock = |at| Shock::of(vec![(at, if at.is_multiple_of(2) { 1.0 } else { 0.4 }), (3, 0.05)]);
    // more than lie side by side, so that places are taken again
    let shocks: Vec<Shock> = (0..12).map(shock).collect();
    for mode in MODES {
        ways_agree(&firms.freeze(class, mode).unwrap(), mode, &shocks);
    }
}

/// A monopolist whose product everyone needs: where it fails its market is gone.
fn monopoly(scale: f64, mode: Mode) -> f64 {
    let links = [(0, 1, 4.0 * scale), (0, 2, 4.0 * scale), (1, 2, 2.0 * scale), (2, 1, 2.0 * scale)];
    let sector = [0, 1, 1];
    let firms = Firms { links: &links, sector: &sector, market: true, ..Firms::default() };
    let system = firms.freeze(|_, _| Some(Class::Essential), mode).unwrap();
    run(&system, &Shock::failure(0), mode).summary.index[0].downstream
}

#[test]
fn the_published_rule_for_a_market_that_is_gone_depends_on_the_unit_and_ours_does_not() {
    let published = Mode::Compatible(Compatible { eps: 1e-6, stop: Stop::Step });
    assert_eq!(monopoly(1.0, published), 1.0);
    // sales of 8e-6 against a market that is taken as 1
    assert!(monopoly(1e-6, published) < 0.7);
    for scale in [1.0, 1e-6, 1e-12, 1e12] {
        assert_eq!(monopoly(scale, MODE), 1.0);
    }
}

#[test]
fn what_makes_no_network_is_an_error_and_not_a_number() {
    let freeze = |links: &[(u32, u32, f64)]| {
        let firms = Firms { links, sector: &[0, 0], market: true, ..Firms::default() };
        firms.freeze(|_, _| Some(Class::Adds), MODE).map(|_| ())
    };
    let system = |error| Err(FirmsError::System(error));
    assert_eq!(freeze(&[]), system(SystemError::NoLinks));
    assert_eq!(freeze(&[(0, 1, 0.0)]), system(SystemError::NoLinks));
    assert_eq!(freeze(&[(0, 2, 1.0)]), system(SystemError::OutOfRange { what: "an end of a link" }));
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(freeze(&[(0, 1, value)]), system(SystemError::BadNumber { what: "the value of a link" }));
    }
    let firms = Firms { links: &[(0, 1, 1.0)], sector: &[0, 1], ..Firms::default() };
    let nothing = firms.freeze(|_, _| None, MODE).map(|_| ());
    assert_eq!(nothing, Err(FirmsError::NoClass { supplier: 0, customer: 1 }));
}

#[test]
fn a_circle_that_sells_all_to_itself_ends_at_its_largest_shock() {
    // everyone has a customer, nobody sells outside: any equal loss above the shock would be a fixed point too
    let n = 40;
    let mut links: Vec<(u32, u32, f64)> = (0..n).map(|i| (i, (i + 1) % n, 100.0)).collect();
    links.extend((0..n).map(|i| ((i + 1) % n, i, 99.0)));
    let sector = vec![0; n as usize];
    let firms = Firms { links: &links, sector: &sector, ..Firms::default() };
    let system = firms.freeze(|_, _| Some(Class::None), MODE).unwrap();
    let shock = Shock { upstream: vec![(0, 0.25), (7, 0.5), (8, 0.1)], ..Shock::default() };
    let outcome = run(&system, &shock, MODE);
    assert!(outcome.summary.settled && outcome.summary.steps < 200, "{} steps", outcome.summary.steps);
    assert!(outcome.upstream.iter().all(|loss| (loss - 0.5).abs() < 1e-10), "{:?}", outcome.upstream);
    // a way out lets the loss fall off with the distance: a walk between two ends, one held and one free
    let line: Vec<(u32, u32, f64)> = (1..n - 1).flat_map(|i| [(i, i - 1, 1.0), (i, i + 1, 1.0)]).collect();
    let firms = Firms { links: &line, sector: &sector, ..Firms::default() };
    let system = firms.freeze(|_, _| Some(Class::None), MODE).unwrap();
    let outcome = run(&system, &Shock::failure(0), MODE);
    for (firm, loss) in outcome.upstream.iter().enumerate() {
        let expected = 1.0 - firm as f64 / f64::from(n - 1);
        assert!((loss - expected).abs() < 1e-10, "{firm}: {loss} and {expected}");
    }
}

#[test]
fn a_chain_by_hand() {
    // 0 sells 6 to 1 and 2 to 2, 1 sells 4 to 2; 1 needs 0's product, for 2 inputs add up
    let links = [(0, 1, 6.0), (0, 2, 2.0), (1, 2, 4.0)];
    let sector = [0, 1, 2];
    let firms = Firms { links: &links, sector: &sector, ..Firms::default() };
    let class = |_, customer| Some(if customer == 1 { Class::Essential } else { Class::Adds });
    let system = firms.freeze(class, MODE).unwrap();
    let half = run(&system, &Shock::of(vec![(0, 0.5)]), MODE);
    assert_eq!(half.downstream, [0.5, 0.5, 0.5]);
    assert_eq!(half.upstream, [0.5, 0.0, 0.0]);
    assert_eq!(half.summary.index[0].both, 0.5);
    // 2 fails: 1 loses all its sales, 0 a quarter at first and then all
    let last = run(&system, &Shock::failure(2), MODE);
    assert_eq!(last.upstream, [1.0, 1.0, 1.0]);
    assert_eq!(last.downstream, [0.0, 0.0, 1.0]);
    let traced = trace(&system, &Shock::failure(2), MODE);
    assert_eq!(traced.first_upstream, [Some(1), Some(1), Some(0)]);
    assert_eq!(
        traced.customers[0].iter().map(|cause| (cause.firm, cause.part)).collect::<Vec<_>>(),
        [(1, 0.75), (2, 0.25)]
    );
}
