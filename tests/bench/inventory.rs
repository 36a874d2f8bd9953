//! How long a year of shocks in time takes on a synthetic supply network, on one thread.
//!
//! ```text
//! cargo bench --no-default-features --bench inventory              # 10,000 firms, 100,000 links, 365 days
//! cargo bench --no-default-features --bench inventory -- --firms 1000 --links 8000 --days 730 --seed 3
//! ```

use std::time::Instant;

use linchpin::propagation::inventory::{
    Chain, ChainBuilder, Event, Fade, Hit, Rationing, Settings, Split, Summary, simulate,
};

/// A small counter-based generator (SplitMix64): the same network on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A position below `n`; small ones more often, so that some suppliers have many customers.
    fn skewed(&mut self, n: usize) -> usize {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((unit * unit * n as f64) as usize).min(n - 1)
    }

    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

/// Firms in 40 sectors with so many links; each supplier sells two thirds of its output to firms.
fn network(firms: usize, links: usize, seed: u64) -> Chain {
    const SECTORS: usize = 40;
    let mut draw = Draw(seed);
    let mut suppliers: Vec<Vec<(usize, f64)>> = vec![Vec::new(); firms];
    let mut sold = vec![0.0; firms];
    let mut made = 0;
    while made < links {
        let (from, to) = (draw.skewed(firms), (draw.next() % firms as u64) as usize);
        if from != to && !suppliers[to].iter().any(|(known, _)| *known == from) {
            let flow = 0.1 + draw.unit();
            suppliers[to].push((from, flow));
            sold[from] += flow;
            made += 1;
        }
    }
    let mut builder = ChainBuilder::default();
    for row in &mut suppliers {
        builder.firm();
        row.sort_by_key(|(supplier, _)| (supplier % SECTORS, *supplier));
        for input in row.chunk_by(|a, b| a.0 % SECTORS == b.0 % SECTORS) {
            let all: f64 = input.iter().map(|(_, flow)| flow).sum();
            builder.input(15.0, None);
            for (supplier, flow) in input {
                builder.link(*supplier, flow / all, flow / sold[*supplier] * 2.0 / 3.0);
            }
        }
    }
    builder.build().expect("the network is sound")
}

fn option(name: &str, usual: u64) -> u64 {
    let words: Vec<String> = std::env::args().collect();
    let at = words.iter().position(|word| word == name);
    at.and_then(|at| words.get(at + 1)).and_then(|word| word.parse().ok()).unwrap_or(usual)
}

fn main() {
    let (firms, links) = (option("--firms", 10_000) as usize, option("--links", 100_000) as usize);
    let (days, seed) = (option("--days", 365) as usize, option("--seed", 1));
    let chain = network(firms, links, seed);
    println!("{firms} firms, {} links, {} inputs, {days} days", chain.links(), chain.inputs());
    let events: Vec<Event> = (0..firms / 100)
        .map(|at| Event {
            hit: Hit::Capacity(at * 97 % firms),
            size: 0.5,
            start: 5.0,
            days: Some(30.0),
            fade: Fade::Linear(30.0),
        })
        .collect();
    let ario = Settings::ario(0.8, 60.0, Split::ByCapacity);
    for (name, settings) in [
        ("ario", ario),
        ("inoue-todo, proportional", Settings::inoue_todo(Rationing::Proportional)),
        ("inoue-todo, smallest first", Settings::inoue_todo(Rationing::SmallestFirst)),
    ] {
        let mut summary = Summary::new(vec![1.0; chain.firms()], days);
        let start = Instant::now();
        simulate(&chain, &settings, &events, days, |day| summary.see(&day));
        let took = start.elapsed();
        let (_, ending, total) = summary.finish();
        let least = total.iter().copied().fold(1.0, f64::min);
        println!("{name}: {:.2} s; least output {least:.4}, {ending:?}", took.as_secs_f64());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("peak memory {}", peak.trim_start_matches("VmHWM:").trim());
    }
}
