//! A network of which several processes hold a part of the links each gives the answers of the whole, byte for byte. Processes are
//! threads here; how they are tied by the program is tested in `cluster.rs`.

use std::fmt::Write as _;
use std::fs;

use linchpin::analysis::Shock;
use linchpin::analysis::{
    Ask, CascadeMode, Concentration, ContagionVariant, EssentialityRule, Exposure, Failure, Finals,
    MarketRule, Model, StopRule, SystemicRisk,
};

#[path = "common/parts.rs"]
mod parts;

use parts::{Folder, Numbers};

/// What a made-up network is like.
#[derive(Clone, Copy)]
struct Law {
    firms: usize,
    links: usize,
    /// Whether some firms say what they receive and spend in all.
    totals: bool,
    /// Firms at the end that sell to each other in a ring and to nobody else.
    ring: usize,
}

fn network(name: &str, seed: u64, law: Law) -> Folder {
    let folder = std::env::temp_dir().join(format!("linchpin-parts-{name}-{seed}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut random = Numbers(seed);
    let mut nodes = String::from("id,sector,weight,revenue,costs\n");
    for firm in 0..law.firms {
        let open = firm + law.ring < law.firms;
        let total = |random: &mut Numbers| match law.totals && open && random.below(3) > 0 {
            true => random.below(6_000).to_string(),
            false => String::new(),
        };
        let (revenue, costs) = (total(&mut random), total(&mut random));
        writeln!(nodes, "f{firm},s{},{},{revenue},{costs}", random.below(5), random.below(50)).unwrap();
    }
    let mut edges = String::from("supplier,buyer,weight\n");
    let open = law.firms - law.ring;
    for _ in 0..law.links {
        // a pair may come twice, and its amounts add up
        let (supplier, buyer) = (random.below(open), random.below(open));
        if supplier != buyer {
            writeln!(edges, "f{supplier},f{buyer},{}.{}", random.below(900), 1 + random.below(9)).unwrap();
        }
    }
    for at in 0..law.ring {
        let (supplier, buyer) = (open + at, open + (at + 1) % law.ring);
        writeln!(edges, "f{supplier},f{buyer},{}", 5 + at).unwrap();
    }
    let mut classes = String::from("supplier_sector,customer_sector,class\n");
    for pair in 0..25 {
        writeln!(classes, "s{},s{},{}", pair / 5, pair % 5, random.below(3)).unwrap();
    }
    let facts = r#"(format: 1, name: "made up", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv"),
        Essentiality(file: "essentiality.csv")])"#;
    for (file, text) in [
        ("nodes.csv", &nodes),
        ("edges.csv", &edges),
        ("essentiality.csv", &classes),
        ("facts.ron", &facts.to_string()),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    Folder(folder)
}

fn same(folder: &Folder, asks: &[Ask]) {
    parts::same(&folder.0, asks);
}

fn failures() -> Vec<Ask> {
    let (converged, compatible) = (Some(CascadeMode::Converged), Some(CascadeMode::Compatible));
    let all = [
        SystemicRisk { mode: converged, ..SystemicRisk::default() },
        SystemicRisk { mode: compatible, ..SystemicRisk::default() },
        SystemicRisk { mode: compatible, stop: Some(StopRule::Loss), ..SystemicRisk::default() },
        SystemicRisk { market: Some(MarketRule::Nobody), ..SystemicRisk::default() },
        SystemicRisk {
            essentiality: Some(EssentialityRule::AllLeontief),
            sample: Some(7),
            ..SystemicRisk::default()
        },
        SystemicRisk {
            finals: Some(Finals::RevenueCosts),
            weight: Some("weight".into()),
            ..SystemicRisk::default()
        },
    ];
    all.into_iter().map(Ask::SystemicRisk).collect()
}

#[test]
fn failures_of_firms() {
    for seed in 1..4 {
        same(&network("failures", seed, Law { firms: 40, links: 130, totals: true, ring: 0 }), &failures());
    }
    // a closely knit network whose cascades creep and are solved
    let knit = network("knit", 9, Law { firms: 12, links: 120, totals: false, ring: 0 });
    let converged =
        SystemicRisk { essentiality: Some(EssentialityRule::AllLinear), ..SystemicRisk::default() };
    same(&knit, &[Ask::SystemicRisk(converged)]);
}

#[test]
fn more_processes_than_firms_with_links() {
    same(&network("few", 5, Law { firms: 6, links: 4, totals: false, ring: 0 }), &failures()[..2]);
}

#[test]
fn money_that_ends_at_one_firm() {
    let to = |key: &str| Ask::Exposure(Exposure { to: Some(key.into()), ..Exposure::default() });
    for (seed, law) in [
        (1, Law { firms: 60, links: 150, totals: true, ring: 0 }),
        (2, Law { firms: 60, links: 100, totals: false, ring: 0 }),
        (3, Law { firms: 50, links: 120, totals: false, ring: 7 }),
        (4, Law { firms: 30, links: 300, totals: false, ring: 3 }),
    ] {
        let folder = network("exposure", seed, law);
        same(&folder, &[to("f0"), to("f3"), to(&format!("f{}", law.firms - 1))]);
    }
}

#[test]
fn sectors_and_thresholds() {
    let sectors = Ask::Concentration(Concentration { all: true, ..Concentration::default() });
    let threshold = |share: f64| {
        let fail = vec!["f1".parse::<Failure>().unwrap(), "f2".parse().unwrap(), "f4".parse().unwrap()];
        Ask::Shock(Shock { model: Model::LinearThreshold, fail, threshold: Some(share), ..Shock::default() })
    };
    for seed in 1..4 {
        let folder = network("rest", seed, Law { firms: 60, links: 150, totals: seed == 2, ring: 4 });
        same(&folder, &[sectors.clone(), threshold(0.05), threshold(0.3), threshold(0.9)]);
    }
}

#[test]
fn tiers_of_the_chain() {
    use linchpin::analysis::{Basis, Tiers};

    let few = Tiers { most: 3, ..Tiers::default() };
    let asks = [Ask::Tiers(Tiers { basis: Some(Basis::Cost), ..Tiers::default() }), Ask::Tiers(few)];
    for (seed, law) in [
        (1, Law { firms: 60, links: 150, totals: true, ring: 0 }),
        // many components, and firms without links
        (2, Law { firms: 90, links: 45, totals: false, ring: 4 }),
        (3, Law { firms: 70, links: 75, totals: true, ring: 9 }),
        (4, Law { firms: 25, links: 300, totals: false, ring: 2 }),
    ] {
        same(&network("tiers", seed, law), &asks);
    }
    // pairs, long chains, one of them with a shortcut, and rings one after the other
    let folder = network("chains", 5, Law { firms: 80, links: 1, totals: false, ring: 0 });
    let mut edges = String::from("supplier,buyer,weight\n");
    for at in 0..4 {
        writeln!(edges, "f{},f{},{}", 2 * at, 2 * at + 1, 3 + at).unwrap();
    }
    for at in (10..29).chain(30..49) {
        writeln!(edges, "f{at},f{},{}", at + 1, 1 + at % 7).unwrap();
    }
    edges.push_str("f30,f45,2.5\n");
    for ring in 0..5 {
        let first = 50 + 4 * ring;
        for at in 0..4 {
            writeln!(edges, "f{},f{},{}", first + at, first + (at + 1) % 4, 2 + at).unwrap();
        }
        if ring > 0 {
            writeln!(edges, "f{},f{first},1.5", first - 2).unwrap();
        }
    }
    fs::write(folder.0.join("edges.csv"), edges).unwrap();
    same(&folder, &asks);
}

#[test]
fn needs_are_not_shared() {
    use linchpin::analysis::{Basis, Tiers};

    let tiers = Tiers { basis: Some(Basis::Function), ..Tiers::default() };
    assert!(Ask::Tiers(tiers).shares_links().unwrap_err().contains("cost basis"));
}

#[test]
fn shares_of_cost_that_add_up_to_slightly_more_than_all() {
    let folder = network("shares", 3, Law { firms: 20, links: 40, totals: false, ring: 0 });
    let edges =
        "supplier,buyer,weight\nf1,f2,0.4\nf3,f2,0.60001\nf2,f4,0.5\nf4,f1,0.25\nf5,f4,0.5\nf2,f5,0.7\n";
    fs::write(folder.0.join("edges.csv"), edges).unwrap();
    let facts = r#"(format: 1, name: "shares", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv", weight: ShareOfCost)])"#;
    fs::write(folder.0.join("facts.ron"), facts).unwrap();
    let to = |key: &str| Ask::Exposure(Exposure { to: Some(key.into()), ..Exposure::default() });
    same(&folder, &[to("f1"), to("f3"), to("f5")]);
}

/// Banks that lend to each other, some of them without equity.
fn banks(seed: u64, banks: usize, loans: usize, size: usize) -> Folder {
    let folder = std::env::temp_dir().join(format!("linchpin-banks-{seed}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut random = Numbers(seed);
    let mut nodes = String::from("bank,equity\n");
    for bank in 0..banks {
        let equity = if random.below(8) == 0 { String::new() } else { (40 + random.below(60)).to_string() };
        writeln!(nodes, "b{bank},{equity}").unwrap();
    }
    let mut exposures = String::from("lender,borrower,exposure\n");
    for _ in 0..loans {
        let (lender, borrower) = (random.below(banks), random.below(banks));
        if lender != borrower {
            writeln!(exposures, "b{lender},b{borrower},{}.5", random.below(size)).unwrap();
        }
    }
    let facts = r#"(format: 1, name: "banks", tables: [Entities(file: "banks.csv"), Exposures(file: "exposures.csv")])"#;
    for (file, text) in
        [("banks.csv", &nodes), ("exposures.csv", &exposures), ("facts.ron", &facts.to_string())]
    {
        fs::write(folder.join(file), text).unwrap();
    }
    Folder(folder)
}

#[test]
fn losses_of_equity() {
    let ask = |variant: ContagionVariant| {
        let fail = vec!["b0=0.4".parse::<Failure>().unwrap(), "b5".parse().unwrap()];
        Ask::Shock(Shock { model: Model::DebtRank, fail, variant: Some(variant), ..Shock::default() })
    };
    let variants = [ContagionVariant::MultiHit, ContagionVariant::SingleHit, ContagionVariant::Threshold];
    for (seed, count, loans, size) in [(1, 20, 70, 20), (2, 40, 60, 90), (3, 12, 90, 40), (4, 30, 20, 100)] {
        same(&banks(seed, count, loans, size), &variants.map(ask));
    }
}
