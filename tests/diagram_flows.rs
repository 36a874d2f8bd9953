//! Views of energy, routes and deals on economies small enough to check by hand.

mod common;

use common::{graph, view};
use linchpin::analysis::ron_options;
use linchpin::diagram::chart::{Estimate, Mark, Plot, Point, Scale};
use linchpin::diagram::view::Draw;
use linchpin::diagram::{Fill, Flow, Line, Picture, Shape, layout};
use linchpin::graph::Graph;

/// Two grids feed a site, which a cloud runs and a lab rents a part of; two makers feed a grid.
const ENERGY: &str = r#"(
    format: 1, name: "energy", as_of: "2026-07-01",
    kinds: { "maker": (), "grid": (), "site": (), "cloud": (), "lab": () },
    products: {
        "electricity": (name: "Electricity", needed_by: { "site": Essential, "grid": Essential }),
        "cloud-compute": (name: "Compute", unit: "MW", needed_by: { "lab": Essential }),
        "chip": (name: "Chip", needed_by: { "cloud": Essential }),
    },
    entities: {
        "dam": (name: "Dam", kind: "maker"), "north": (name: "North", kind: "grid"), "south": (name: "South", kind: "grid"),
        "hall": (name: "Hall", kind: "site"), "cloud": (name: "Cloud", kind: "cloud"), "lab": (name: "Lab", kind: "lab"),
        "fab": (name: "Fab", kind: "maker"),
    },
    relations: {
        "r1": Supplies(from: "north", to: "hall", product: "electricity", share_of_need: Percent(60), assumed: "t"),
        "r2": Supplies(from: "south", to: "hall", product: "electricity", share_of_need: Percent(30), assumed: "t"),
        "r3": Supplies(from: "dam", to: "north", product: "electricity", share_of_need: Percent(50), assumed: "t"),
        "r4": Hosts(from: "hall", to: "cloud", power: Mw(200), status: Delivered, since: "2026-01", assumed: "t"),
        "r5": Hosts(from: "hall", to: "lab", power: Mw(80), status: Delivered, since: "2026-01", assumed: "t"),
        "r6": Hosts(from: "hall", to: "cloud", power: Mw(900), status: Announced, since: "2026-01", assumed: "t"),
        "r7": Supplies(from: "cloud", to: "lab", product: "cloud-compute", share_of_need: Percent(70), assumed: "t"),
        "r8": Supplies(from: "fab", to: "cloud", product: "chip", share_of_need: Percent(90), assumed: "t"),
    },
)"#;

/// A lab on two clouds, both on one foundry; a parent that pays.
const ROUTES: &str = r#"(
    format: 1, name: "routes", as_of: "2026-07-01",
    kinds: { "maker": (tier: 0), "foundry": (tier: 1), "cloud": (tier: 2), "lab": (tier: 3), "holding": () },
    products: {
        "tool": (name: "Tool", needed_by: { "foundry": Essential }),
        "chip": (name: "Chip", needed_by: { "cloud": Essential }),
        "compute": (name: "Compute", needed_by: { "lab": Essential }),
    },
    entities: {
        "tools": (name: "Tools", kind: "maker"), "fab": (name: "Fab", kind: "foundry"),
        "one": (name: "One", kind: "cloud"), "two": (name: "Two", kind: "cloud"), "lab": (name: "Lab", kind: "lab"),
        "parent": (name: "Parent", kind: "holding"),
    },
    relations: {
        "r1": Supplies(from: "tools", to: "fab", product: "tool", share_of_need: Percent(80), assumed: "t"),
        "r2": Supplies(from: "fab", to: "one", product: "chip", share_of_need: Percent(100), assumed: "t"),
        "r3": Supplies(from: "fab", to: "two", product: "chip", share_of_need: Percent(50), assumed: "t"),
        "r4": Supplies(from: "one", to: "lab", product: "compute", share_of_need: Percent(60), assumed: "t"),
        "r5": Supplies(from: "two", to: "lab", product: "compute", share_of_need: Percent(40), assumed: "t"),
        "r6": Commits(from: "lab", to: "one", product: "compute", spend: AtLeast(Usd(100e9)), term: Years(10),
            status: Signed, since: "2026-04-20", assumed: "t"),
        "r7": Invests(from: "parent", to: "lab", amount: Usd(5e9), status: Signed, since: "2025-01-01", assumed: "t"),
        "r8": Invests(from: "parent", to: "lab", amount: UpTo(Usd(20e9)), status: Announced, since: "2026-04-21", assumed: "t"),
        "r9": Invests(from: "parent", to: "lab", amount: Usd(1e9), part_of: "r7", status: Signed, since: "2025-01-01", assumed: "t"),
    },
)"#;

fn draw(graph: &Graph, question: &str) -> linchpin::diagram::Figure {
    let draw: Draw = ron_options().from_str(question).expect("the view is well-formed");
    draw.figure(&view(graph)).expect("a figure")
}

fn picture(graph: &Graph, question: &str) -> Picture {
    draw(graph, question).into_picture().expect("a picture")
}

fn label<'p>(picture: &'p Picture, from: &str, to: &str) -> &'p str {
    let edge = picture.edges.iter().find(|edge| edge.from.ends_with(from) && edge.to.ends_with(to));
    &edge.unwrap_or_else(|| panic!("{from} to {to} in {:?}", picture.edges)).label
}

#[test]
fn megawatts_flow_as_the_shares_say() {
    let graph = graph(ENERGY);
    let flow = picture(&graph, "EnergyFlow()");
    // the announced 900 MW do not count; 60 and 30 % of 200, and half of the first
    assert_eq!(label(&flow, ":north", ":hall"), "120 MW");
    assert_eq!(label(&flow, ":south", ":hall"), "60 MW");
    assert_eq!(label(&flow, ":dam", ":north"), "60 MW");
    assert_eq!(label(&flow, ":hall", ":cloud"), "200 MW");
    assert_eq!(label(&flow, ":hall", ":lab"), "80 MW");
    assert_eq!(label(&flow, ":cloud", ":lab"), "70 %");
    assert!(flow.caption[0].contains("1 site with 200 MW"), "{}", flow.caption[0]);
    assert!(flow.caption[0].contains("For 20 MW (10 %) no grid is known"), "{}", flow.caption[0]);
    let columns: Vec<usize> = flow.nodes.iter().map(|node| node.tier).collect();
    assert_eq!(columns, [0, 1, 1, 2, 3, 4]);
    assert!(!flow.nodes.iter().any(|node| node.label == "Fab"));
    let beside = picture(&graph, r#"EnergyFlow(beside: "chip")"#);
    assert_eq!(label(&beside, ":fab", ":cloud"), "90 %");
    let fab = beside.nodes.iter().find(|node| node.label == "Fab").expect("the maker");
    assert!(fab.tier == 2 && fab.detail.is_empty(), "{fab:?}");
}

#[test]
fn routes_carry_the_products_of_their_shares() {
    let graph = graph(ROUTES);
    let routes = picture(&graph, r#"Routes(of: "lab", to: "tools")"#);
    // 0.6 over one, 0.4 times 0.5 over two, all of it times 0.8: 0.48 and 0.16 of 0.64
    let node = |label: &str| routes.nodes.iter().find(|node| node.label == label).expect("a node");
    assert_eq!(node("One").detail, ["passes 75 %"]);
    assert_eq!(node("Two").detail, ["passes 25 %"]);
    assert_eq!((node("Fab").shape, node("Fab").thick), (Shape::Octagon, true));
    assert_eq!(node("Lab").fill, Fill::Focus);
    assert_eq!(node("Tools").shape, Shape::Hexagon);
    assert_eq!(label(&routes, "fab", "two"), "50 %");
    assert_eq!(label(&routes, "one", "lab"), "Compute 60 %");
    assert!(routes.edges.iter().all(|edge| edge.line == Line::Solid && edge.flow == Flow::Supply));
    assert!(routes.caption[0].contains("64.0 %"), "{}", routes.caption[0]);
}

/// Only the heat and the kind of lines change between the two.
#[test]
fn boxes_stand_at_the_same_places_before_and_after_a_shock() {
    let graph = graph(ROUTES);
    let before = picture(&graph, r#"ShockHeat(fail: ["tools=0.37"], before: true)"#);
    let after = picture(&graph, r#"ShockHeat(fail: ["tools=0.37"])"#);
    let places = |picture: &Picture| -> Vec<layout::geometry::Rect> {
        layout::place(picture).nodes.iter().map(|node| node.rect).collect()
    };
    assert_eq!(places(&before), places(&after));
    assert!(before.nodes.iter().all(|node| node.fill == Fill::Heat(0)));
    assert!(after.nodes.iter().any(|node| node.fill == Fill::Heat(3)), "37 % and less");
    assert!(before.edges.iter().all(|edge| edge.flow == Flow::Supply));
    assert!(after.edges.iter().any(|edge| edge.flow == Flow::Loss));
}

#[test]
fn deals_stand_on_their_days_with_their_terms() {
    let graph = graph(ROUTES);
    let chart = draw(&graph, "DealTimeline()").into_chart().expect("a chart");
    let Plot::Axes(axes) = &chart.plot else { panic!("axes") };
    let Scale::Categories(rows) = &axes.y.scale else { panic!("rows") };
    let rows: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(rows, ["Parent → Lab", "Lab → One", "Parent → Lab"], "the tranche is left out");
    let points: Vec<&Point> = (axes.marks.iter())
        .map(|mark| match mark {
            Mark::Point(point) => point,
            other => panic!("{other:?}"),
        })
        .collect();
    let x = |at: usize| points[at].x.expect("a day");
    assert_eq!(x(0), Estimate::exact(2025.0));
    // 109 days before the 20th of April; ten years go beyond the axis, which ends eight after the day
    assert!((x(1).at - (2026.0 + 109.0 / 365.0)).abs() < 1e-9 && x(1).high == 2035.0, "{:?}", x(1));
    assert_eq!(points[1].label, "≥ $100bn");
    assert_eq!(points[2].fill, Fill::Neutral, "announced");
    assert!(chart.caption[0].contains("3 deals of $125bn"), "{}", chart.caption[0]);
}
