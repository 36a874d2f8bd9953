//! Pictures of the kinds that views make, large enough to show what goes wrong.
//!
//! Names are real, numbers are made up: they test drawing, not supply chains.

use linchpin::diagram::{Edge, Fill, Flow, Layout, LegendItem, Line, Mark, Node, Picture, Shape, Tier};

/// Every sample with the name of its file.
pub fn all() -> Vec<(&'static str, Picture)> {
    vec![
        ("supply-map", supply_map()),
        ("neighbourhood", neighbourhood()),
        ("pair", pair()),
        ("pair-with-cloud", pair_with_cloud()),
        ("loop", flywheel()),
    ]
}

fn mark(shape: Shape, fill: Fill, thick: bool, dashed: bool) -> Mark {
    Mark::Node { shape, fill, thick, dashed }
}

fn stroke(flow: Flow, line: Line, weight: f64) -> Mark {
    Mark::Edge { flow, line, weight }
}

fn caption() -> Vec<String> {
    vec![
        "As of 2026-09-30. Width of an edge = share of the buyer's spend; shares above 5 % are printed."
            .into(),
        "Source: data/ai.ron sha256 1a2b3c4d; linchpin 0.1.0. Sample numbers.".into(),
    ]
}

/// 47 nodes in eight tiers; edges within tiers, over several tiers and backwards.
pub fn supply_map() -> Picture {
    let mut picture = Picture::new("What frontier AI labs depend on, eight tiers upstream", Layout::Tiers);
    picture.caption = caption();
    let tiers = [
        "Materials",
        "Equipment",
        "Foundry and memory",
        "Chips",
        "Systems",
        "Data centres",
        "Clouds",
        "Labs",
    ];
    picture.tiers = tiers.map(Tier::new).into();
    let names: [&[&str]; 8] = [
        &["Zeiss SMT", "Trumpf", "Shin-Etsu Chemical", "SUMCO", "JSR", "Air Liquide", "7 others (Σ 11 %)"],
        &["ASML", "Applied Materials", "Lam Research", "Tokyo Electron", "KLA", "Lasertec"],
        &["TSMC", "Samsung Foundry", "SK hynix", "Micron", "Intel Foundry"],
        &["NVIDIA", "AMD", "Broadcom", "Marvell", "Google TPU", "AWS Trainium"],
        &["Foxconn", "Quanta", "Supermicro", "Dell", "Arista", "Vertiv", "Celestica"],
        &["Equinix", "Crusoe", "Dominion Energy", "GE Vernova", "Constellation"],
        &["Microsoft Azure", "Amazon Web Services", "Google Cloud", "Oracle Cloud", "CoreWeave"],
        &["OpenAI", "Anthropic", "Google DeepMind", "Meta AI", "xAI", "Mistral AI"],
    ];
    for (tier, names) in names.iter().enumerate() {
        for name in *names {
            let mut node = Node::new(name.to_lowercase(), *name, tier);
            node.fill = Fill::Kind(tier as u8 % 7);
            match *name {
                "TSMC" | "ASML" | "Zeiss SMT" => {
                    node.shape = Shape::Octagon;
                    node.thick = true;
                    node.fill = Fill::Heat(if *name == "TSMC" { 4 } else { 3 });
                    node.detail.push(match *name {
                        "TSMC" => "stop loss 82 %".into(),
                        "ASML" => "stop loss 79 %".into(),
                        _ => "stop loss 71 %".into(),
                    });
                }
                "NVIDIA" => {
                    node.thick = true;
                    node.detail.push("stop loss 61 %".into());
                }
                "7 others (Σ 11 %)" => {
                    node.fill = Fill::Group;
                    node.dashed = true;
                }
                "Dominion Energy" | "GE Vernova" | "Constellation" => node.shape = Shape::Hexagon,
                "Anthropic" => node.fill = Fill::Focus,
                _ => {}
            }
            picture.nodes.push(node);
        }
    }
    let supply = [
        ("Zeiss SMT", "ASML", 0.45),
        ("Trumpf", "ASML", 0.18),
        ("Shin-Etsu Chemical", "TSMC", 0.22),
        ("Shin-Etsu Chemical", "Samsung Foundry", 0.2),
        ("SUMCO", "TSMC", 0.18),
        ("SUMCO", "SK hynix", 0.16),
        ("SUMCO", "Micron", 0.14),
        ("JSR", "TSMC", 0.08),
        ("JSR", "Tokyo Electron", 0.03),
        ("Air Liquide", "Applied Materials", 0.03),
        ("Air Liquide", "Micron", 0.04),
        ("7 others (Σ 11 %)", "Lam Research", 0.11),
        ("7 others (Σ 11 %)", "Tokyo Electron", 0.1),
        ("ASML", "TSMC", 0.34),
        ("ASML", "Samsung Foundry", 0.28),
        ("ASML", "SK hynix", 0.2),
        ("ASML", "Micron", 0.12),
        ("ASML", "Intel Foundry", 0.3),
        ("Applied Materials", "TSMC", 0.19),
        ("Applied Materials", "Samsung Foundry", 0.17),
        ("Applied Materials", "Intel Foundry", 0.15),
        ("Lam Research", "SK hynix", 0.24),
        ("Lam Research", "Micron", 0.21),
        ("Lam Research", "TSMC", 0.1),
        ("Tokyo Electron", "TSMC", 0.12),
        ("Tokyo Electron", "Samsung Foundry", 0.11),
        ("KLA", "TSMC", 0.06),
        ("KLA", "Intel Foundry", 0.05),
        ("Lasertec", "TSMC", 0.02),
        ("TSMC", "NVIDIA", 0.9),
        ("TSMC", "AMD", 0.88),
        ("TSMC", "Broadcom", 0.7),
        ("TSMC", "Marvell", 0.65),
        ("TSMC", "Google TPU", 0.6),
        ("TSMC", "AWS Trainium", 0.75),
        ("SK hynix", "NVIDIA", 0.5),
        ("SK hynix", "AMD", 0.2),
        ("Micron", "NVIDIA", 0.12),
        ("Samsung Foundry", "AMD", 0.1),
        ("Micron", "Supermicro", 0.05),
        ("NVIDIA", "Foxconn", 0.62),
        ("NVIDIA", "Quanta", 0.55),
        ("NVIDIA", "Supermicro", 0.6),
        ("NVIDIA", "Dell", 0.5),
        ("AMD", "Dell", 0.12),
        ("AMD", "Supermicro", 0.15),
        ("Broadcom", "Arista", 0.4),
        ("Broadcom", "Celestica", 0.3),
        ("Marvell", "AWS Trainium", 0.2),
        ("Broadcom", "Google TPU", 0.45),
        ("Google TPU", "Celestica", 0.35),
        ("Google TPU", "Google Cloud", 0.5),
        ("AWS Trainium", "Amazon Web Services", 0.3),
        ("NVIDIA", "CoreWeave", 0.7),
        ("Foxconn", "Microsoft Azure", 0.3),
        ("Foxconn", "Amazon Web Services", 0.2),
        ("Foxconn", "Oracle Cloud", 0.3),
        ("Quanta", "Google Cloud", 0.2),
        ("Quanta", "Microsoft Azure", 0.2),
        ("Supermicro", "CoreWeave", 0.2),
        ("Dell", "CoreWeave", 0.4),
        ("Dell", "xAI", 0.35),
        ("Arista", "Microsoft Azure", 0.1),
        ("Vertiv", "Equinix", 0.2),
        ("Vertiv", "Crusoe", 0.25),
        ("Celestica", "Google Cloud", 0.15),
        ("Equinix", "Oracle Cloud", 0.1),
        ("Crusoe", "Oracle Cloud", 0.35),
        ("Microsoft Azure", "OpenAI", 0.55),
        ("Oracle Cloud", "OpenAI", 0.25),
        ("CoreWeave", "OpenAI", 0.12),
        ("Amazon Web Services", "Anthropic", 0.6),
        ("Google Cloud", "Anthropic", 0.35),
        ("Google Cloud", "Google DeepMind", 0.95),
        ("Microsoft Azure", "Mistral AI", 0.4),
        ("CoreWeave", "Meta AI", 0.2),
        ("Oracle Cloud", "xAI", 0.15),
        ("CoreWeave", "Mistral AI", 0.2),
        ("Foxconn", "Meta AI", 0.3),
        ("Zeiss SMT", "KLA", 0.05),
    ];
    for (from, to, weight) in supply {
        picture.edges.push(share(from, to, weight, Flow::Supply));
    }
    for (from, to, weight) in [
        ("Dominion Energy", "Amazon Web Services", 0.22),
        ("GE Vernova", "Crusoe", 0.2),
        ("Constellation", "Microsoft Azure", 0.18),
        ("Dominion Energy", "Equinix", 0.3),
    ] {
        picture.edges.push(share(from, to, weight, Flow::Power));
    }
    for (from, to, label) in [
        ("NVIDIA", "OpenAI", "$30bn"),
        ("OpenAI", "AMD", "warrants"),
        ("Microsoft Azure", "Constellation", "PPA"),
        ("Samsung Foundry", "ASML", "1.6 %"),
        ("NVIDIA", "CoreWeave", "$2bn"),
    ] {
        let mut edge = Edge::new(from.to_lowercase(), to.to_lowercase(), Flow::Capital);
        edge.label = label.into();
        edge.line = if label == "warrants" { Line::Dotted } else { Line::Solid };
        picture.edges.push(edge);
    }
    picture.legend = vec![
        LegendItem::new(
            mark(Shape::Octagon, Fill::Heat(3), true, false),
            "octagon: chokepoint, on every route",
        ),
        LegendItem::new(mark(Shape::Rounded, Fill::Heat(4), false, false), "loss to the labs 80 % or more"),
        LegendItem::new(mark(Shape::Rounded, Fill::Focus, false, false), "focus"),
        LegendItem::new(mark(Shape::Hexagon, Fill::Kind(5), false, false), "power"),
        LegendItem::new(
            mark(Shape::Rounded, Fill::Group, false, true),
            "dashed border: several folded into one",
        ),
        LegendItem::new(stroke(Flow::Supply, Line::Solid, 0.5), "supply, width by share"),
        LegendItem::new(stroke(Flow::Supply, Line::Dashed, 0.1), "dashed: inferred"),
        LegendItem::new(stroke(Flow::Capital, Line::Solid, 0.0), "capital"),
        LegendItem::new(stroke(Flow::Capital, Line::Dotted, 0.0), "dotted: announced"),
        LegendItem::new(stroke(Flow::Power, Line::Solid, 0.2), "electricity"),
    ];
    picture
}

fn share(from: &str, to: &str, weight: f64, flow: Flow) -> Edge {
    let mut edge = Edge::new(from.to_lowercase(), to.to_lowercase(), flow);
    edge.weight = weight;
    if weight > 0.05 {
        edge.label = format!("{:.0} %", weight * 100.0);
    }
    if weight < 0.05 {
        edge.line = Line::Dashed;
    }
    edge
}

/// One company, its suppliers, owners and customers.
pub fn neighbourhood() -> Picture {
    let mut picture = Picture::new("TSMC: who stands next to it", Layout::Tiers);
    picture.caption = caption();
    picture.tiers = ["Suppliers", "Focus", "Customers"].map(Tier::new).into();
    let mut focus = Node::new("tsmc", "Taiwan Semiconductor Manufacturing Company", 1);
    focus.fill = Fill::Focus;
    focus.shape = Shape::Octagon;
    focus.thick = true;
    focus.detail = vec!["share of leading edge 92 %".into(), "stop loss 82 %".into()];
    picture.nodes.push(focus);
    for (i, (name, weight)) in [
        ("ASML Holding", 0.34),
        ("Applied Materials", 0.19),
        ("Tokyo Electron", 0.12),
        ("Lam Research", 0.10),
        ("KLA", 0.06),
        ("Shin-Etsu Chemical", 0.05),
        ("JSR", 0.03),
        ("Taipower", 0.04),
    ]
    .into_iter()
    .enumerate()
    {
        let mut node = Node::new(format!("s{i}"), name, 0);
        node.fill = Fill::Kind(if name == "Taipower" { 3 } else { 0 });
        node.shape = if name == "Taipower" { Shape::Hexagon } else { Shape::Rounded };
        let flow = if name == "Taipower" { Flow::Power } else { Flow::Supply };
        picture.nodes.push(node);
        let mut edge = share(&format!("s{i}"), "tsmc", weight, flow);
        edge.label = format!("{:.0} %", weight * 100.0);
        picture.edges.push(edge);
    }
    for (i, (name, weight)) in [
        ("NVIDIA", 0.9),
        ("Apple", 0.95),
        ("AMD", 0.88),
        ("Broadcom", 0.7),
        ("Qualcomm", 0.6),
        ("MediaTek", 0.8),
    ]
    .into_iter()
    .enumerate()
    {
        let mut node = Node::new(format!("c{i}"), name, 2);
        node.fill = Fill::Kind(1);
        picture.nodes.push(node);
        picture.edges.push(share("tsmc", &format!("c{i}"), weight, Flow::Supply));
    }
    let mut back = Edge::new("c1", "tsmc", Flow::Capital);
    back.label = "prepayment $2.5bn".into();
    picture.edges.push(back);
    let mut stake = Edge::new("tsmc", "s0", Flow::Ownership);
    stake.label = "sold 2015".into();
    stake.line = Line::Dotted;
    picture.edges.push(stake);
    picture.legend = vec![
        LegendItem::new(stroke(Flow::Supply, Line::Solid, 0.5), "supply, width = share of the buyer's spend"),
        LegendItem::new(stroke(Flow::Supply, Line::Dashed, 0.0), "inferred"),
        LegendItem::new(stroke(Flow::Power, Line::Solid, 0.1), "electricity"),
        LegendItem::new(stroke(Flow::Capital, Line::Solid, 0.0), "capital"),
        LegendItem::new(stroke(Flow::Ownership, Line::Dotted, 0.0), "ownership, past"),
    ];
    picture
}

fn gear(from: &str, to: &str, flow: Flow, weight: f64, line: Line, label: &str) -> Edge {
    Edge { label: label.into(), weight, line, ..Edge::new(from, to, flow) }
}

fn gears_legend() -> Vec<LegendItem> {
    vec![
        LegendItem::new(stroke(Flow::Capital, Line::Solid, 0.3), "money"),
        LegendItem::new(stroke(Flow::Compute, Line::Solid, 0.3), "computing power"),
        LegendItem::new(stroke(Flow::Ownership, Line::Solid, 0.0), "ownership"),
        LegendItem::new(stroke(Flow::Capital, Line::Dotted, 0.3), "dotted: committed, not yet paid"),
    ]
}

/// Two parties: money one way, computing power the other.
pub fn pair() -> Picture {
    let mut picture = Picture::new("Interlocking gears: Amazon (AWS) and Anthropic", Layout::Pair);
    picture.caption = caption();
    picture.tiers = ["Capital side", "Compute side"].map(Tier::new).into();
    let mut amazon = Node::new("aws", "Amazon / Amazon Web Services", 0);
    amazon.fill = Fill::Kind(1);
    amazon.detail = vec!["cloud revenue $129bn".into()];
    let mut anthropic = Node::new("anthropic", "Anthropic", 1);
    anthropic.fill = Fill::Focus;
    anthropic.detail = vec!["exit takes 24 months".into(), "leverage 20 x".into()];
    picture.nodes = vec![amazon, anthropic];
    picture.edges = vec![
        gear("aws", "anthropic", Flow::Capital, 0.05, Line::Solid, "investment $5bn (2026)"),
        gear("aws", "anthropic", Flow::Compute, 0.6, Line::Solid, "Trainium capacity, up to 5 GW"),
        gear("anthropic", "aws", Flow::Capital, 1.0, Line::Dotted, "commitment $100bn over ten years"),
        gear("aws", "anthropic", Flow::Ownership, 0.0, Line::Solid, "minority stake"),
    ];
    picture.legend = gears_legend();
    picture
}

/// The same with an owned cloud in between.
pub fn pair_with_cloud() -> Picture {
    let mut picture = Picture::new("Interlocking gears with a third party in between", Layout::Pair);
    picture.caption = caption();
    picture.tiers = ["Investor", "Owned cloud", "Laboratory"].map(Tier::new).into();
    picture.nodes = vec![
        Node { fill: Fill::Kind(1), ..Node::new("amazon", "Amazon.com, Inc.", 0) },
        Node { fill: Fill::Kind(0), shape: Shape::Cylinder, ..Node::new("aws", "Amazon Web Services", 1) },
        Node { fill: Fill::Focus, ..Node::new("anthropic", "Anthropic", 2) },
    ];
    picture.edges = vec![
        gear("amazon", "anthropic", Flow::Capital, 0.05, Line::Solid, "investment $5bn (2026)"),
        gear("amazon", "aws", Flow::Ownership, 0.5, Line::Solid, "owns 100 %"),
        gear("aws", "anthropic", Flow::Compute, 0.6, Line::Solid, "Trainium capacity"),
        gear("anthropic", "aws", Flow::Capital, 1.0, Line::Dotted, "commitment $100bn"),
        gear("aws", "amazon", Flow::Capital, 0.4, Line::Solid, "segment profit"),
    ];
    picture.legend = gears_legend();
    picture
}

/// A loop of seven with two chords.
pub fn flywheel() -> Picture {
    let mut picture = Picture::new("The flywheel: how $100bn goes round", Layout::Circle);
    picture.caption = caption();
    let names = [
        "NVIDIA",
        "CoreWeave",
        "OpenAI",
        "Oracle Cloud Infrastructure",
        "Crusoe",
        "Private credit funds",
        "Blue Owl",
    ];
    for (i, name) in names.into_iter().enumerate() {
        let mut node = Node::new(format!("n{i}"), name, 0);
        node.fill = if i == 2 { Fill::Focus } else { Fill::Kind(i as u8) };
        node.detail = vec![format!("keeps {} %", 12 + i)];
        if i == 0 {
            node.shape = Shape::Octagon;
            node.thick = true;
        }
        picture.nodes.push(node);
    }
    let labels = [
        "$6bn backstop",
        "$22bn contract",
        "$300bn contract",
        "$15bn lease",
        "$11bn loan",
        "$3bn",
        "$7bn chips",
    ];
    for (i, label) in labels.into_iter().enumerate() {
        let flow = if i == 1 || i == 3 { Flow::Compute } else { Flow::Capital };
        picture.edges.push(gear(
            &format!("n{i}"),
            &format!("n{}", (i + 1) % 7),
            flow,
            0.1 + i as f64 / 10.0,
            Line::Solid,
            label,
        ));
    }
    picture.edges.push(gear("n0", "n2", Flow::Capital, 0.3, Line::Dotted, "up to $100bn"));
    picture.edges.push(gear("n3", "n0", Flow::Capital, 0.4, Line::Solid, "$40bn chips"));
    picture.edges.push(gear("n2", "n0", Flow::Ownership, 0.0, Line::Solid, "warrants"));
    picture.edges.push(gear("n5", "n5", Flow::Loss, 0.1, Line::Dashed, "rollover"));
    picture.legend = gears_legend();
    picture
}
