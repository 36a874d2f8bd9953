//! How long the failure of every firm of a synthetic supply network takes, one thread and two.
//!
//! ```text
//! cargo bench --no-default-features --bench esri                     # 10,000 firms, 100,000 links, 40 sectors
//! cargo bench --no-default-features --bench esri -- --firms 1000 --links 8000 --sectors 20 --seed 3 --eps 1e-4
//! cargo bench --no-default-features --bench esri -- --converged --eps 1e-10   # to the fixed point
//! cargo bench --no-default-features --bench esri -- --write DIR      # writes the network as a dataset and stops
//! cargo bench --no-default-features --bench esri -- --firms 1000000 --links 10000000 --sectors 100 --write DIR
//! cargo bench --no-default-features --bench esri -- --read DIR       # times the network of a folder
//! cargo bench --no-default-features --bench esri -- --failures 100   # not every firm: so many, spread over all
//! cargo bench --no-default-features --bench esri -- --memory        # what the machine's memory gives, no cascade
//! ```
//!
//! To compare with another program, write the network to a folder and give both the same files: `nodes.csv` (id, sector),
//! `edges.csv` (supplier, customer, weight), `essentiality.csv` (supplier_sector, customer_sector, class: 0 none, 1 adds,
//! 2 essential). Build the other program for the machine at hand and run both on one idle core, in turn and more than
//! once: what else the machine does moves either by a tenth and more. The mean index and the mean number of steps, which
//! are printed too, have to agree before times mean anything.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use linchpin::observer::Unobserved;
use linchpin::propagation::esri::{Class, Compatible, Converged, Firms, Mode, Shock, Stop, run_many};

/// A network as its files have it.
struct Network {
    sector: Vec<u32>,
    links: Vec<(u32, u32, f64)>,
    /// Class by supplier's and customer's sector.
    class: Vec<Vec<Option<Class>>>,
}

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

    /// Above 0 and below 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A heavy tail: at least 1, above x with the chance x^-a.
    fn pareto(&mut self, a: f64) -> f64 {
        self.unit().powf(-1.0 / a)
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A position, by running sums of propensities.
    fn pick(&mut self, sums: &[f64]) -> usize {
        let at = self.unit() * sums.last().copied().unwrap_or(0.0);
        sums.partition_point(|sum| *sum <= at).min(sums.len() - 1)
    }
}

/// Firms that sell and buy with heavy-tailed propensities; sectors of unequal size; six inputs of ten add up and four
/// are essential.
fn generate(firms: usize, links: usize, sectors: usize, seed: u64) -> Network {
    let mut draw = Draw(seed);
    let running = |values: &[f64]| {
        let mut sum = 0.0;
        values
            .iter()
            .map(|value| {
                sum += value;
                sum
            })
            .collect::<Vec<f64>>()
    };
    let sizes: Vec<f64> = (1..=sectors).map(|k| (k as f64).powf(-0.8)).collect();
    let sizes = running(&sizes);
    let sector = (0..firms).map(|i| if i < sectors { i } else { draw.pick(&sizes) } as u32).collect();
    let sells: Vec<f64> = (0..firms).map(|_| draw.pareto(1.35)).collect();
    let buys: Vec<f64> = (0..firms).map(|_| draw.pareto(1.6)).collect();
    let (by_sells, by_buys) = (running(&sells), running(&buys));
    let mut all = std::collections::BTreeMap::new();
    while all.len() < links.min(firms * (firms - 1) / 2) {
        let (i, j) = (draw.pick(&by_sells), draw.pick(&by_buys));
        let value = (3.0 + 1.5 * draw.normal()).exp() * (sells[i] * buys[j]).sqrt();
        if i != j {
            all.entry((i as u32, j as u32)).or_insert(((value * 1000.0).round() / 1000.0).max(2.0));
        }
    }
    let class = (0..sectors)
        .map(|_| {
            (0..sectors)
                .map(|_| Some(if draw.unit() < 0.6 { Class::Adds } else { Class::Essential }))
                .collect()
        })
        .collect();
    Network { sector, links: all.into_iter().map(|((i, j), value)| (i, j, value)).collect(), class }
}

fn write(network: &Network, folder: &Path) {
    let mut nodes = String::from("id,sector\n");
    let mut edges = String::from("supplier,customer,weight\n");
    let mut classes = String::from("supplier_sector,customer_sector,class\n");
    for (firm, sector) in network.sector.iter().enumerate() {
        let _ = writeln!(nodes, "{firm},{:03}", sector + 1);
    }
    for (i, j, value) in &network.links {
        let _ = writeln!(edges, "{i},{j},{value}");
    }
    for (k, row) in network.class.iter().enumerate() {
        for (l, class) in row.iter().enumerate() {
            let class = match class {
                Some(Class::Essential) => 2,
                Some(Class::Adds) => 1,
                _ => 0,
            };
            let _ = writeln!(classes, "{:03},{:03},{class}", k + 1, l + 1);
        }
    }
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let dataset = "(format: 1, name: \"network\", title: \"A synthetic supply network\", as_of: \"2026-01-01\", tables: [\n    \
                   Entities(file: \"nodes.csv\"), Supplies(file: \"edges.csv\"), Essentiality(file: \"essentiality.csv\"),\n])\n"
        .to_string();
    for (name, text) in
        [("nodes.csv", nodes), ("edges.csv", edges), ("essentiality.csv", classes), ("network.ron", dataset)]
    {
        std::fs::write(folder.join(name), text).expect("the folder is writable");
    }
}

fn read(folder: &Path) -> Network {
    let rows = |name: &str| {
        let mut reader = csv::Reader::from_path(folder.join(name)).expect("the file is there");
        let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_string).collect());
        rows.collect::<Vec<Vec<String>>>()
    };
    let nodes = rows("nodes.csv");
    let mut names: Vec<&str> = nodes.iter().map(|row| row[1].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let at = |name: &str| names.binary_search(&name).ok();
    let mut class = vec![vec![None; names.len()]; names.len()];
    for row in rows("essentiality.csv") {
        if let (Some(k), Some(l)) = (at(&row[0]), at(&row[1])) {
            class[k][l] = [Class::None, Class::Adds, Class::Essential]
                .get(row[2].parse::<usize>().expect("0, 1 or 2"))
                .copied();
        }
    }
    let whole = |text: &String| text.parse::<u32>().expect("ids are numbers from 0");
    let links = rows("edges.csv");
    let links = links.iter().map(|row| (whole(&row[0]), whole(&row[1]), row[2].parse().expect("a weight")));
    let sector = nodes.iter().map(|row| at(&row[1]).expect("known") as u32).collect();
    Network { sector, links: links.collect(), class }
}

/// Largest memory that this process has had, in MiB; where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// What bounds a wide step: lines of eight numbers taken at random from tables of some sizes, and memory read in order.
fn memory() {
    #[derive(Clone, Copy)]
    #[repr(align(64))]
    struct Line([f64; 8]);
    let say = |what: &str, bytes: f64, seconds: f64, lines: usize| {
        println!("{what}: {:.2} GB/s, {:.2} ns a line", bytes / seconds / 1e9, 1e9 * seconds / lines as f64);
    };
    const TAKES: usize = 4_000_000;
    let mut draw = Draw(1);
    for firms in [1_000, 10_000, 100_000, 1_000_000] {
        let table = vec![Line([1.0; 8]); firms];
        let order: Vec<u32> = (0..TAKES).map(|_| (draw.next() % firms as u64) as u32).collect();
        let mut sum = [0.0; 8];
        let spent = processor();
        for at in &order {
            for (sum, value) in sum.iter_mut().zip(&table[*at as usize].0) {
                *sum += value;
            }
        }
        let seconds = spent.zip(processor()).map_or(f64::NAN, |(from, to)| to - from);
        assert_eq!(sum[0], TAKES as f64);
        say(&format!("{firms} lines, at random"), (TAKES * 68) as f64, seconds, TAKES);
    }
    let table = vec![Line([1.0; 8]); 2 * TAKES];
    let mut sum = [0.0; 8];
    let spent = processor();
    for line in &table {
        for (sum, value) in sum.iter_mut().zip(&line.0) {
            *sum += value;
        }
    }
    let seconds = spent.zip(processor()).map_or(f64::NAN, |(from, to)| to - from);
    assert_eq!(sum[7], (2 * TAKES) as f64);
    say("in order", (2 * TAKES * 64) as f64, seconds, 2 * TAKES);
}

/// Processor time of this process in seconds, all threads together; where the system tells. Beside other work it says more than
/// the clock on the wall.
fn processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let times: Vec<f64> =
        text.rsplit(')').next()?.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    // user and system time, in hundredths; the state before them is a letter
    Some((times.get(10)? + times.get(11)?) / 100.0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--memory") {
        return memory();
    }
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let whole = |name: &str, otherwise: usize| {
        option(name).map_or(otherwise, |text| text.parse().expect("a whole number"))
    };
    let eps: f64 = option("--eps").map_or(1e-2, |text| text.parse().expect("a number"));
    let network = match option("--read") {
        Some(folder) => read(Path::new(&folder)),
        None => generate(
            whole("--firms", 10_000),
            whole("--links", 100_000),
            whole("--sectors", 40),
            whole("--seed", 7) as u64,
        ),
    };
    if let Some(folder) = option("--write") {
        write(&network, Path::new(&folder));
        return;
    }
    let mode = match arguments.iter().any(|argument| argument == "--converged") {
        true => Mode::Converged(Converged { tolerance: eps, ..Converged::default() }),
        false => Mode::Compatible(Compatible { eps, stop: Stop::Step }),
    };
    let firms = Firms { links: &network.links, sector: &network.sector, market: true, ..Firms::default() };
    let begun = Instant::now();
    let class = |k: u32, l: u32| network.class.get(k as usize)?.get(l as usize).copied().flatten();
    let system = firms.freeze(class, mode).expect("the network is sound");
    println!(
        "{} firms, {} links, eps {eps}; frozen in {:.3} s",
        system.firms(),
        network.links.len(),
        begun.elapsed().as_secs_f64()
    );
    let failures = whole("--failures", system.firms()).clamp(1, system.firms());
    // spread over the firms
    let failure = |at: usize| Shock::failure((at * (system.firms() - 1) / (failures - 1).max(1)) as u32);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (begun, spent) = (Instant::now(), processor());
        let all = pool.install(|| run_many(&system, failures, failure, mode, &Unobserved));
        let seconds = begun.elapsed().as_secs_f64();
        let mean = |value: &dyn Fn(usize) -> f64| (0..all.len()).map(value).sum::<f64>() / all.len() as f64;
        println!(
            "threads {threads}: {:.3} s, {:.4} ms a firm, {:.4} ms of processor; mean steps {:.4}, mean index {:.9}; peak memory {:.1} MiB",
            seconds,
            1e3 * seconds / all.len() as f64,
            1e3 * spent.zip(processor()).map_or(f64::NAN, |(from, to)| to - from) / all.len() as f64,
            mean(&|at| f64::from(all[at].1.steps)),
            mean(&|at| all[at].1.index[0].both),
            peak_memory().unwrap_or(f64::NAN),
        );
    }
}
