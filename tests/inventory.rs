//! The day-by-day kernel against other programs' runs on the same synthetic economies, and what must hold on any.

use std::collections::BTreeMap;
use std::path::PathBuf;

use linchpin::propagation::inventory::{
    Chain, ChainBuilder, Ending, Event, Fade, Filling, HIT, Hit, Limit, Overproduction, Rationing, Settings,
    Split, Stocks, Summary, simulate,
};
use proptest::prelude::*;

fn table(path: &str) -> Vec<BTreeMap<String, String>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// An economy in money a day: flows by supplier and customer and what each supplier makes; the rest goes to final demand.
#[derive(Clone, Debug)]
struct Economy {
    names: Vec<String>,
    output: Vec<f64>,
    /// Class of what each makes.
    class: Vec<String>,
    flows: Vec<(usize, usize, f64)>,
    /// The class that nobody can store.
    fleeting: Option<&'static str>,
}

impl Economy {
    fn chain(&self, days: f64) -> Chain {
        let mut builder = ChainBuilder::default();
        for customer in 0..self.names.len() {
            builder.firm();
            let mut inputs: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
            for (supplier, to, flow) in
                self.flows.iter().filter(|(_, to, flow)| *to == customer && *flow > 0.0)
            {
                assert_eq!(*to, customer);
                inputs.entry(&self.class[*supplier]).or_default().push((*supplier, *flow));
            }
            for (class, suppliers) in &inputs {
                let all: f64 = suppliers.iter().map(|(_, flow)| flow).sum();
                builder.input(if self.fleeting == Some(*class) { 0.0 } else { days }, None);
                for (supplier, flow) in suppliers {
                    builder.link(*supplier, flow / all, flow / self.output[*supplier]);
                }
            }
        }
        builder.build().unwrap()
    }

    fn at(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap()
    }
}

fn ario() -> Economy {
    let industries = table("ario/industries.csv");
    let names: Vec<String> = industries.iter().map(|row| row["industry"].clone()).collect();
    let at = |name: &str| names.iter().position(|known| known == name).unwrap();
    let flows = table("ario/flows_per_day.csv");
    Economy {
        output: industries.iter().map(|row| number(row, "output_per_day")).collect(),
        class: industries.iter().map(|row| row["product"].clone()).collect(),
        flows: flows.iter().map(|row| (at(&row["from"]), at(&row["to"]), number(row, "value"))).collect(),
        names,
        fleeting: None,
    }
}

fn firms() -> Economy {
    let firms = table("firm/firms.csv");
    let names: Vec<String> = firms.iter().map(|row| row["id"].clone()).collect();
    let at = |name: &str| names.iter().position(|known| known == name).unwrap();
    let edges = table("firm/edges.csv");
    let edge = |row: &BTreeMap<String, String>| {
        (at(&row["supplier"]), at(&row["customer"]), number(row, "value_per_day"))
    };
    Economy {
        output: firms.iter().map(|row| number(row, "production_per_day")).collect(),
        class: firms.iter().map(|row| row["sector"].clone()).collect(),
        flows: edges.iter().map(edge).collect(),
        names,
        fleeting: None,
    }
}

/// The losses of capacity of one run, day by day as BoARIO applies them. Its event windows differ by kind: an event on day
/// 5 that lasts 30 days holds in full on days 6 to 37 where a loss of capacity is stated (such losses it rounds to
/// six digits while they fade), on days 5 to 36 where a loss of capital is.
fn losses(run: &serde_json::Value, economy: &Economy) -> Vec<Event> {
    let mut events = Vec::new();
    for event in run["events"].as_array().unwrap() {
        let [occurrence, duration, fade] =
            ["occurrence", "duration", "recovery_tau"].map(|key| event[key].as_f64().unwrap());
        let stated = event["kind"] == "arbitrary";
        let start = if stated { occurrence + 1.0 } else { occurrence };
        for (name, loss) in event["loss"].as_object().unwrap() {
            let whole = Event {
                hit: Hit::Capacity(economy.at(name)),
                size: loss.as_f64().unwrap(),
                start,
                days: Some(duration + 1.0),
                fade: Fade::Linear(fade),
            };
            if !stated {
                events.push(whole);
                continue;
            }
            for day in 0..365 {
                let size = (whole.strength(day) * whole.size * 1e6).round() / 1e6;
                let one = Event { size, start: day as f64, days: Some(1.0), fade: Fade::Step, ..whole };
                events.extend((size > 0.0).then_some(one));
            }
        }
    }
    events
}

fn run(chain: &Chain, settings: &Settings, events: &[Event], days: usize) -> (Vec<Vec<f64>>, Ending) {
    let mut outputs = Vec::new();
    let mut summary = Summary::new(vec![1.0; chain.firms()], days);
    simulate(chain, settings, events, days, |day| {
        outputs.push(day.output.to_vec());
        summary.see(&day);
    });
    (outputs, summary.finish().1)
}

#[test]
fn sectors_agree_with_boario() {
    let economy = ario();
    let text = std::fs::read_to_string(
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ario/summary.json"),
    );
    let runs: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
    for (name, facts) in runs.as_object().unwrap() {
        let of = |key: &str| facts[key].as_f64().unwrap();
        let split = if facts["order"] == "alt" { Split::ByCapacity } else { Split::Fixed };
        let settings = Settings::ario(of("psi"), of("tau_inv"), split);
        let chain = economy.chain(of("inventory_days"));
        let (outputs, ending) = run(&chain, &settings, &losses(facts, &economy), 365);
        let (mut worst, mut late): (f64, f64) = (0.0, 0.0);
        for row in table(&format!("ario/run_{name}.csv")) {
            let (step, at) = (number(&row, "step") as usize, economy.at(&row["industry"]));
            let expected = number(&row, "production");
            let off = (outputs[step][at] * economy.output[at] / expected - 1.0).abs();
            match name.as_str() {
                // collapse: only the first hundred days are comparable
                "alt10_short" if step > 100 => {}
                // near its end this run comes so close to rest that BoARIO leaves stocks as they are wherever what
                // arrives and what is used differ by less than 1e-8 of the unit of money; this kernel does not
                "alt10_fast" if step > 200 => late = late.max(off),
                _ => worst = worst.max(off),
            }
        }
        let tolerance = if name == "alt10_short" { 1e-8 } else { 1e-10 };
        assert!(worst < tolerance, "{name}: {worst:e}");
        assert!(late < 2e-5, "{name} after day 200: {late:e}");
        let expected = if name == "alt10_short" { Ending::Collapsed } else { Ending::Recovered };
        assert_eq!(ending, expected, "{name}");
    }
}

#[test]
fn firms_agree_with_the_program_of_the_firm_level_model() {
    let economy = firms();
    let chain = economy.chain(15.0);
    for (name, rule) in [
        ("R0", Rationing::Proportional),
        ("R2", Rationing::SmallestFirst),
        ("R3", Rationing::SmallestFirstFinalLast),
        ("recover", Rationing::SmallestFirst),
    ] {
        let mut events = Vec::new();
        for row in table("firm/shock.csv") {
            let loss = number(&row, "capacity_lost_from_day_0");
            let (hit, start) = (Hit::Capacity(economy.at(&row["id"])), 0.0);
            // the loss falls by 1/30 of capacity a day
            let (days, fade) = match name {
                "recover" => (Some(0.0), Fade::Linear(loss * 30.0)),
                _ => (None, Fade::Step),
            };
            events.push(Event { hit, size: loss, start, days, fade });
        }
        let (outputs, _) = run(&chain, &Settings::inoue_todo(rule), &events, 120);
        let mut worst: f64 = 0.0;
        for row in table(&format!("firm/run_{name}.csv")).iter().filter(|row| row["day"] != "-1") {
            let (day, at) = (number(row, "day") as usize, economy.at(&row["id"]));
            worst = worst.max((outputs[day][at] - number(row, "production") / economy.output[at]).abs());
        }
        assert!(worst < 1e-9, "{name}: {worst:e}");
    }
}

#[test]
fn a_cut_of_five_percent_recovers_and_one_of_ten_ends_it_all_where_stocks_are_short() {
    let short = ario().chain(10.0);
    let cut =
        |size| Event { hit: Hit::Capacity(6), size, start: 5.0, days: Some(30.0), fade: Fade::Linear(30.0) };
    let end = |chain: &Chain, psi, tau, size| {
        let settings = Settings::ario(psi, tau, Split::ByCapacity);
        run(chain, &settings, &[cut(size)], 730).1
    };
    assert_eq!(end(&short, 0.8, 60.0, 0.05), Ending::Recovered);
    assert_eq!(end(&short, 0.8, 60.0, 0.1), Ending::Collapsed);
    // what it hangs on: longer stocks, faster restocking or more tolerance, each by itself, and the same cut passes
    assert_eq!(end(&ario().chain(30.0), 0.8, 60.0, 0.1), Ending::Recovered);
    assert_eq!(end(&short, 0.8, 10.0, 0.1), Ending::Recovered);
    assert_eq!(end(&short, 0.5, 60.0, 0.1), Ending::Recovered);
}

/// Every set of rules that the settings allow.
fn all_settings() -> Vec<Settings> {
    let mut all = Vec::new();
    for rationing in Rationing::ALL {
        for filling in [Filling::Level, Filling::Rounds] {
            all.push(Settings { filling, ..Settings::inoue_todo(rationing) });
            for orders in [Split::Fixed, Split::ByCapacity] {
                all.push(Settings { rationing, filling, ..Settings::ario(0.8, 20.0, orders) });
                let overproduction = Some(Overproduction { most: 1.1, days: 30.0 });
                all.push(Settings {
                    limit: Limit::Cover,
                    stocks: Stocks::Class,
                    orders,
                    restoration: 10.0,
                    rationing,
                    filling,
                    overproduction,
                });
            }
        }
    }
    all
}

/// A small economy whose flows balance: what a firm makes is sold.
fn economies() -> impl Strategy<Value = (Economy, f64)> {
    (3_usize..8).prop_flat_map(|n| {
        let flows = prop::collection::vec((0..n, 0..n, 0.1_f64..5.0), n..3 * n);
        let demand = prop::collection::vec(0.5_f64..9.0, n);
        let classes = prop::collection::vec(0_u8..3, n);
        (flows, demand, classes, 1.0_f64..20.0, any::<bool>()).prop_map(
            move |(flows, demand, classes, days, fleeting)| {
                let mut merged: BTreeMap<(usize, usize), f64> = BTreeMap::new();
                for (from, to, flow) in flows {
                    *merged.entry((from, to)).or_default() += flow;
                }
                let sold = |at: usize| {
                    merged.iter().filter(|((from, _), _)| *from == at).map(|(_, f)| f).sum::<f64>()
                };
                let output: Vec<f64> = (0..n).map(|at| sold(at) + demand[at]).collect();
                let economy = Economy {
                    names: (0..n).map(|at| at.to_string()).collect(),
                    output,
                    class: classes.iter().map(u8::to_string).collect(),
                    flows: merged.iter().map(|((from, to), flow)| (*from, *to, *flow)).collect(),
                    fleeting: fleeting.then_some("0"),
                };
                (economy, days)
            },
        )
    })
}

fn shocks(firms: usize) -> Vec<Event> {
    let event = |hit, size, start, days, fade| Event { hit, size, start, days, fade };
    vec![
        event(Hit::Capacity(0), 0.7, 3.0, Some(12.0), Fade::Linear(10.0)),
        event(Hit::Capacity(firms - 1), 0.4, 8.0, Some(5.0), Fade::Exponential(4.0)),
        event(Hit::Link(0), 1.0, 6.0, Some(9.0), Fade::Step),
        event(Hit::Demand(1), -0.5, 10.0, Some(10.0), Fade::Logistic(8.0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn without_a_shock_everything_stays_at_one((economy, days) in economies()) {
        let chain = economy.chain(days);
        for settings in all_settings() {
            let (outputs, ending) = run(&chain, &settings, &[], 400);
            for output in outputs.iter().flatten() {
                prop_assert!((output - 1.0).abs() < 1e-9, "{settings:?}: {output}");
            }
            prop_assert_eq!(ending, Ending::Untouched);
        }
    }

    #[test]
    fn what_is_shared_out_is_what_was_made_and_stocks_stay_above_zero((economy, days) in economies()) {
        let chain = economy.chain(days);
        let events = shocks(chain.firms());
        for settings in all_settings() {
            let mut wrong = None;
            // what is on stock in the evening: what was there, what came, less what was used
            let mut evening: Option<Vec<f64>> = None;
            simulate(&chain, &settings, &events, 80, |day| {
                if let Some(evening) = &evening {
                    for (input, (there, kept)) in day.cover.iter().zip(evening).enumerate() {
                        if (there - kept).abs() > 1e-9 * kept.abs().max(1.0) {
                            wrong = Some(format!("day {} input {input}: {there} on stock, {kept} kept", day.number));
                        }
                    }
                }
                let mut kept = day.cover.to_vec();
                for firm in 0..chain.firms() {
                    // of what is used as it is made there is no stock
                    for input in chain.inputs_of(firm).filter(|input| chain.target(*input) > 0.0) {
                        let came: f64 = chain.links_of(input).map(|l| chain.part(l) * day.delivered[l]).sum();
                        kept[input] += came - day.output[firm];
                    }
                }
                evening = Some(kept);
                for firm in 0..chain.firms() {
                    let links = chain.customers_of(firm).iter().map(|link| *link as usize);
                    // a cut link loses what was sent over it, so it is left out of the balance
                    let sent: f64 = links
                        .clone()
                        .filter(|link| *link != 0)
                        .map(|link| chain.sold(link) * day.delivered[link])
                        .sum();
                    let all = sent + day.consumed[firm];
                    let exact = links.clone().all(|link| link != 0);
                    if all > day.output[firm] + 1e-9 || (exact && all < day.output[firm] - 1e-9) {
                        wrong = Some(format!("day {} firm {firm}: {all} of {}", day.number, day.output[firm]));
                    }
                    if day.output[firm] > day.capacity[firm] + 1e-12 || day.output[firm] < 0.0 {
                        wrong = Some(format!("day {} firm {firm} makes {}", day.number, day.output[firm]));
                    }
                }
                if day.cover.iter().any(|cover| *cover < 0.0 || !cover.is_finite()) {
                    wrong = Some(format!("day {}: {:?}", day.number, day.cover));
                }
            });
            prop_assert!(wrong.is_none(), "{settings:?}: {wrong:?}");
        }
    }

    #[test]
    fn neither_names_nor_the_unit_of_money_matter((economy, days) in economies(), power in -20_i32..20) {
        let n = economy.names.len();
        // powers of two scale without rounding, so the outcome has the same bits
        let scale = 2.0_f64.powi(power);
        let mut scaled = economy.clone();
        scaled.output.iter_mut().for_each(|output| *output *= scale);
        scaled.flows.iter_mut().for_each(|(_, _, flow)| *flow *= scale);
        let turn = |at: usize| (at + 2) % n;
        let mut turned = economy.clone();
        for at in 0..n {
            turned.output[turn(at)] = economy.output[at];
            turned.class[turn(at)] = economy.class[at].clone();
        }
        turned.flows = economy.flows.iter().map(|(from, to, flow)| (turn(*from), turn(*to), *flow)).collect();
        let cut = |firm, size, start| Event {
            hit: Hit::Capacity(firm), size, start, days: Some(12.0), fade: Fade::Linear(10.0),
        };
        let events = [cut(0, 0.7, 3.0), cut(n - 1, 0.4, 9.0)];
        let moved = [cut(turn(0), 0.7, 3.0), cut(turn(n - 1), 0.4, 9.0)];
        for settings in all_settings() {
            let (one, _) = run(&economy.chain(days), &settings, &events, 40);
            prop_assert_eq!(&one, &run(&scaled.chain(days), &settings, &events, 40).0);
            if settings.filling == Filling::Rounds {
                continue;
            }
            // sums in another order differ by rounding, which long stocks restored fast amplify day by day
            let (one, _) = run(&economy.chain(days.min(6.0)), &settings, &events, 15);
            let (other, _) = run(&turned.chain(days.min(6.0)), &settings, &moved, 15);
            for (day, (a, b)) in one.iter().zip(&other).enumerate() {
                for at in 0..n {
                    prop_assert!((a[at] - b[turn(at)]).abs() < 1e-6, "{settings:?} day {day}");
                }
            }
        }
    }
}

#[test]
fn nobody_is_hit_before_the_stock_runs_out() {
    // 1 sells all to 2, 2 all to final demand; 2 keeps ten days of it and works until they are gone
    let mut builder = ChainBuilder::default();
    builder.firm().firm().input(10.0, None).link(0, 1.0, 1.0);
    let chain = builder.build().unwrap();
    let stop = Event { hit: Hit::Capacity(0), size: 1.0, start: 4.0, days: Some(30.0), fade: Fade::Step };
    let mut summary = Summary::new(vec![1.0; 2], 200);
    simulate(&chain, &Settings::inoue_todo(Rationing::Proportional), &[stop], 200, |day| summary.see(&day));
    let (courses, ..) = summary.finish();
    assert_eq!(courses[0].first_hit, Some(4));
    // what was delivered on day 3 is used on day 4: ten days of stock carry days 4 to 13
    assert_eq!(courses[1].first_hit, Some(14));
    assert!(courses[1].trough < HIT);
}

#[test]
fn a_shortage_of_what_nobody_can_store_tells_the_day_after_and_ends_with_its_cause() {
    // a utility sells to a site, which also lives on a stock of ten days, and the site to final demand
    let mut builder = ChainBuilder::default();
    builder.firm().firm();
    builder.firm().input(0.0, None).link(0, 1.0, 1.0).input(10.0, None).link(1, 1.0, 1.0);
    let chain = builder.build().unwrap();
    let short = Event { hit: Hit::Capacity(0), size: 0.4, start: 4.0, days: Some(10.0), fade: Fade::Step };
    for settings in all_settings() {
        let (outputs, ending) = run(&chain, &settings, &[short], 400);
        for (day, output) in outputs.iter().enumerate().take(5) {
            assert_eq!(output[2], 1.0, "{settings:?} day {day}");
        }
        for (day, output) in outputs.iter().enumerate().take(15).skip(5) {
            // overproduction lifts what is left of the utility by at most a tenth
            let most = if settings.overproduction.is_some() { 0.6 * 1.25 } else { 0.6 };
            assert!(
                output[2] > 0.6 - 1e-9 && output[2] < most + 1e-9,
                "{settings:?} day {day}: {}",
                output[2]
            );
        }
        assert!((outputs[15][2] - 1.0).abs() < 1e-9, "{settings:?}: {}", outputs[15][2]);
        assert_eq!(ending, Ending::Recovered, "{settings:?}");
    }
}

#[test]
fn two_shocks_at_once_multiply_what_is_left() {
    let mut builder = ChainBuilder::default();
    builder.firm();
    let chain = builder.build().unwrap();
    let cut = |size| Event { hit: Hit::Capacity(0), size, start: 1.0, days: Some(1.0), fade: Fade::Step };
    let (outputs, _) = run(&chain, &Settings::inoue_todo(Rationing::Proportional), &[cut(0.5), cut(0.2)], 3);
    assert_eq!(outputs.concat(), [1.0, 0.5 * 0.8, 1.0]);
}

#[test]
fn a_chain_that_makes_no_sense_is_refused() {
    let build = |part: f64, target: f64, supplier: usize| {
        let mut builder = ChainBuilder::default();
        builder.firm().input(target, None).link(supplier, part, 0.5);
        builder.build().map_err(|error| error.to_string())
    };
    assert!(build(1.0, 5.0, 0).is_ok());
    assert_eq!(build(1.0, 5.0, 3).unwrap_err(), "supplier 3 of 1 firms");
    assert!(build(1.0, 0.5, 0).unwrap_err().contains("at least 1 day"));
    assert!(build(f64::NAN, 5.0, 0).unwrap_err().contains("above 0"));
}
