//! How long a year of shocks in time takes on a synthetic supply network, on one thread.
//!
//! ```text
//! cargo bench --no-default-features --bench inventory              # 10,000 firms, 100,000 links, 365 days
//! cargo bench --no-default-features --bench inventory -- --firms 1000 --links 8000 --days 730 --seed 3
//! ```
//!
//! `--table DIR` runs the table of `tests/bench/peers/` in place of a synthetic network, with its own parameters, and writes
//! what each industry makes on each day beside it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
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

fn text_option(name: &str) -> Option<String> {
    let words: Vec<String> = std::env::args().collect();
    words.iter().position(|word| word == name).and_then(|at| words.get(at + 1)).cloned()
}

/// The industries of a table with their outputs and the products that they make, and its chain.
fn read_table(dir: &Path, days: f64) -> (Vec<f64>, Chain) {
    let rows = |file: &str| csv::Reader::from_path(dir.join(file)).expect("the table is there");
    let (mut output, mut product) = (Vec::new(), Vec::new());
    for row in rows("industries.csv").deserialize() {
        let (_, made, of): (String, f64, u32) = row.expect("industry, output_per_day, product");
        output.push(made);
        product.push(of);
    }
    let mut inputs: Vec<BTreeMap<u32, Vec<(usize, f64)>>> = vec![BTreeMap::new(); output.len()];
    for row in rows("flows_per_day.csv").deserialize() {
        let (from, to, flow): (usize, usize, f64) = row.expect("from, to, value");
        inputs[to].entry(product[from]).or_default().push((from, flow));
    }
    let mut builder = ChainBuilder::default();
    for suppliers in &inputs {
        builder.firm();
        for suppliers in suppliers.values() {
            let all: f64 = suppliers.iter().map(|(_, flow)| flow).sum();
            builder.input(days, None);
            for (supplier, flow) in suppliers {
                builder.link(*supplier, flow / all, flow / output[*supplier]);
            }
        }
    }
    (output, builder.build().expect("the table is sound"))
}

/// A table of another program's run: half of the first industry's capacity is gone for 30 days and comes back over 30.
fn run_table(dir: &Path, days: usize) {
    let begin = seconds();
    let (output, chain) = read_table(dir, 90.0);
    println!("read {} industries, {} links in {:.2} s", output.len(), chain.links(), seconds() - begin);
    let size = |day: usize, event: &Event| (event.strength(day) * 0.5 * 1e6).round() / 1e6;
    // the other program applies a stated loss from the day after, one day longer, and rounds it while it fades
    let whole =
        Event { hit: Hit::Capacity(0), size: 0.5, start: 6.0, days: Some(31.0), fade: Fade::Linear(30.0) };
    let daily = (0..days).map(|day| Event {
        size: size(day, &whole),
        start: day as f64,
        days: Some(1.0),
        fade: Fade::Step,
        ..whole
    });
    let events: Vec<Event> = daily.filter(|event| event.size > 0.0).collect();
    let mut made: Vec<Vec<f64>> = Vec::with_capacity(days);
    let begin = seconds();
    simulate(&chain, &Settings::ario(0.8, 60.0, Split::ByCapacity), &events, days, |day| {
        made.push(day.output.to_vec());
    });
    println!("seconds {}", seconds() - begin);
    let mut writer = csv::Writer::from_path(dir.join("linchpin.csv")).expect("the folder can be written");
    for row in &made {
        writer
            .serialize(row.iter().zip(&output).map(|(part, all)| part * all).collect::<Vec<_>>())
            .expect("written");
    }
    writer.flush().expect("written");
}

/// Seconds for which this thread was on a processor, where the system says (Linux), else seconds by the clock: what else
/// runs on the machine must not count.
fn seconds() -> f64 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = BEGIN.get_or_init(Instant::now);
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on = said.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    on.map_or(begin.elapsed().as_secs_f64(), |nanoseconds| nanoseconds * 1e-9)
}

/// Peak memory of the process so far, where the system says.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_string())
}

fn main() {
    if let Some(dir) = text_option("--table") {
        run_table(Path::new(&dir), option("--days", 365) as usize);
        peak().into_iter().for_each(|peak| println!("peak memory {peak}"));
        return;
    }
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
        let start = seconds();
        simulate(&chain, &settings, &events, days, |day| summary.see(&day));
        let took = seconds() - start;
        let (_, ending, total) = summary.finish();
        let least = total.iter().copied().fold(1.0, f64::min);
        println!("{name}: {took:.2} s; least output {least:.4}, {ending:?}");
    }
    peak().into_iter().for_each(|peak| println!("peak memory {peak}"));
}
