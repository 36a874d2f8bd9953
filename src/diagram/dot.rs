//! A picture as DOT, the golden form: sorted, quoted, the same bytes every time.
//!
//! Built with graphviz-rust's typed syntax tree. Node ids are neutral (`n17`); names occur only in
//! quoted labels. Opens in Graphviz 2.43 and newer without warnings.

use std::collections::BTreeMap;

use graphviz_rust::dot_structures::{
    Attribute, Edge as DotEdge, EdgeTy, Graph, GraphAttributes, Id, Node as DotNode, NodeId, Stmt, Subgraph,
    Vertex,
};
use graphviz_rust::printer::{DotPrinter, PrinterContext};

use super::layout::sorted_edges;
use super::palette;
use super::picture::{Edge, Fill, Layout, Line, Mark, Node, Picture, Shape};
use super::quote::{escape_xml, quote};
use super::text::{self, Weight};

/// The DOT text of a picture that has no [`problems`](super::check::problems).
pub fn dot(picture: &Picture) -> String {
    let mut nodes: Vec<&Node> = picture.nodes.iter().collect();
    if picture.layout != Layout::Circle {
        nodes.sort_by(|a, b| a.id.cmp(&b.id));
    }
    let names: BTreeMap<&str, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.id.as_str(), place)).collect();
    let mut stmts = defaults(picture);
    if picture.layout == Layout::Circle {
        stmts.extend(nodes.iter().enumerate().map(|(place, node)| node_stmt(place, node)));
    } else {
        stmts.extend(tiers(picture, &nodes));
    }
    for index in sorted_edges(picture) {
        let edge = &picture.edges[index];
        if let (Some(&from), Some(&to)) = (names.get(edge.from.as_str()), names.get(edge.to.as_str())) {
            stmts.push(edge_stmt(picture, edge, (from, nodes[from]), (to, nodes[to])));
        }
    }
    stmts.extend(legend(picture));
    let graph = Graph::DiGraph { id: plain("linchpin"), strict: false, stmts };
    let mut text = graph.print(PrinterContext::default().with_semi());
    text.push('\n');
    text
}

fn plain(text: &str) -> Id {
    Id::Plain(text.to_string())
}

/// An attribute whose value is a bare word or a number of our own.
fn bare(name: &str, value: impl ToString) -> Attribute {
    Attribute(plain(name), plain(&value.to_string()))
}

/// An attribute whose value is foreign text or needs quotes.
fn quoted(name: &str, value: &str) -> Attribute {
    Attribute(plain(name), Id::Escaped(quote(value)))
}

fn defaults(picture: &Picture) -> Vec<Stmt> {
    let words: Vec<&str> =
        [picture.title.as_str()].into_iter().chain(picture.caption.iter().map(String::as_str)).collect();
    let mut graph = vec![
        quoted("fontname", "DejaVu Sans"),
        bare("fontsize", 9),
        quoted("label", &words.join("\n")),
        bare("labelloc", "b"),
        bare("outputorder", "edgesfirst"),
        bare("pad", "0.15"),
    ];
    match picture.layout {
        Layout::Circle => graph.extend([bare("layout", "circo"), bare("mindist", "0.9")]),
        layout => {
            let (ranks, nodes) = if layout == Layout::Pair { ("2.6", "0.5") } else { ("0.55", "0.1") };
            graph.extend([
                bare("newrank", true),
                bare("nodesep", nodes),
                bare("rankdir", "LR"),
                bare("ranksep", ranks),
            ]);
        }
    }
    let node = vec![
        quoted("color", palette::INK),
        quoted("fontname", "DejaVu Sans"),
        bare("fontsize", 9),
        bare("height", ".25"),
        quoted("margin", "0.08,0.03"),
        bare("shape", "box"),
    ];
    let edge = vec![bare("arrowsize", ".6"), quoted("fontname", "DejaVu Sans"), bare("fontsize", 9)];
    [GraphAttributes::Graph(graph), GraphAttributes::Node(node), GraphAttributes::Edge(edge)]
        .map(Stmt::GAttribute)
        .into()
}

/// A cluster per tier. An invisible node in each and a chain through them keep tiers apart and in
/// order even where no edge does.
fn tiers(picture: &Picture, nodes: &[&Node]) -> Vec<Stmt> {
    let mut stmts = Vec::new();
    for (index, tier) in picture.tiers.iter().enumerate() {
        let mut inside: Vec<Stmt> = vec![
            Stmt::Attribute(quoted("label", &tier.title)),
            Stmt::Attribute(bare("labelloc", "t")),
            Stmt::Attribute(quoted("color", palette::TIER_BORDER)),
            Stmt::Attribute(quoted("bgcolor", palette::TIER_GROUND)),
            Stmt::Attribute(bare("style", "rounded")),
            Stmt::Attribute(bare("rank", "same")),
        ];
        let anchor = vec![
            quoted("label", ""),
            bare("height", 0),
            bare("style", "invis"),
            bare("width", 0),
            bare("shape", "point"),
        ];
        inside.push(Stmt::Node(DotNode::new(NodeId(plain(&format!("t{index}")), None), anchor)));
        let here = nodes.iter().enumerate().filter(|(_, node)| node.tier == index);
        inside.extend(here.map(|(place, node)| node_stmt(place, node)));
        stmts.push(Stmt::Subgraph(Subgraph { id: plain(&format!("cluster_t{index}")), stmts: inside }));
    }
    for right in 1..picture.tiers.len() {
        let ends = [right - 1, right].map(|tier| Vertex::N(NodeId(plain(&format!("t{tier}")), None)));
        let [from, to] = ends;
        let attributes = vec![bare("style", "invis"), bare("weight", 10)];
        stmts.push(Stmt::Edge(DotEdge { ty: EdgeTy::Pair(from, to), attributes }));
    }
    stmts
}

fn node_stmt(place: usize, node: &Node) -> Stmt {
    let label: Vec<String> = [&node.label]
        .into_iter()
        .chain(&node.detail)
        .flat_map(|line| text::wrap(line, 120.0, 3, text::SIZE, Weight::Regular))
        .collect();
    let mark = palette::mark(node.fill).map_or(String::new(), |mark| format!("{} ", mark.letter()));
    let mut attributes = vec![quoted("label", &format!("{mark}{}", label.join("\n")))];
    let (shape, mut style) = match node.shape {
        Shape::Box => ("box", vec!["filled"]),
        Shape::Rounded => ("box", vec!["filled", "rounded"]),
        Shape::Octagon => ("octagon", vec!["filled"]),
        Shape::Ellipse => ("ellipse", vec!["filled"]),
        Shape::Hexagon => ("hexagon", vec!["filled"]),
        Shape::Cylinder => ("cylinder", vec!["filled"]),
    };
    if node.dashed {
        style.push("dashed");
    }
    attributes.push(bare("shape", shape));
    attributes.push(quoted("style", &style.join(",")));
    attributes.push(quoted("fillcolor", palette::ground(node.fill)));
    attributes.push(quoted("fontcolor", palette::text_on(node.fill)));
    if node.thick {
        attributes.push(bare("penwidth", "2.6"));
    }
    if let Some(tooltip) = &node.tooltip {
        attributes.push(quoted("tooltip", tooltip));
    }
    if let Some(url) = &node.url {
        attributes.push(quoted("URL", url));
    }
    Stmt::Node(DotNode::new(NodeId(plain(&format!("n{place}")), None), attributes))
}

fn edge_stmt(picture: &Picture, edge: &Edge, from: (usize, &Node), to: (usize, &Node)) -> Stmt {
    let mut attributes = Vec::new();
    let free = picture.layout != Layout::Circle && from.1.tier >= to.1.tier;
    if !edge.label.is_empty() {
        attributes.push(quoted("label", &edge.label));
    }
    attributes.push(bare("penwidth", format!("{:.2}", edge.width())));
    let colour = palette::stroke(edge.flow);
    attributes.push(quoted("color", colour));
    attributes.push(quoted("fontcolor", colour));
    attributes.push(bare("arrowhead", palette::dot_head(palette::head(edge.flow))));
    if edge.line != Line::Solid {
        attributes.push(bare("style", palette::dot_line(edge.line)));
    }
    if free {
        attributes.push(bare("constraint", false));
    }
    if let Some(tooltip) = &edge.tooltip {
        attributes.push(quoted("tooltip", tooltip));
    }
    let ends = [from.0, to.0].map(|place| Vertex::N(NodeId(plain(&format!("n{place}")), None)));
    let [from, to] = ends;
    Stmt::Edge(DotEdge { ty: EdgeTy::Pair(from, to), attributes })
}

fn legend(picture: &Picture) -> Option<Stmt> {
    if picture.legend.is_empty() {
        return None;
    }
    let rows: Vec<String> = picture
        .legend
        .iter()
        .map(|item| {
            let text = escape_xml(&item.text).replace('\n', "<BR/>");
            format!("<TR>{}<TD ALIGN=\"LEFT\">{text}</TD></TR>", sample(item.mark))
        })
        .collect();
    let table = format!(
        "<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"2\" CELLPADDING=\"1\">{}</TABLE>>",
        rows.concat()
    );
    let key = DotNode::new(
        NodeId(plain("legend"), None),
        vec![Attribute(plain("label"), Id::Html(table)), bare("shape", "plain")],
    );
    let stmts = vec![
        Stmt::Attribute(quoted("label", "Legend")),
        Stmt::Attribute(bare("labelloc", "t")),
        Stmt::Attribute(quoted("color", palette::TIER_BORDER)),
        Stmt::Node(key),
    ];
    Some(Stmt::Subgraph(Subgraph { id: plain("cluster_legend"), stmts }))
}

/// The first cell of a legend row. Tables have no octagons, so outlines are told in words.
fn sample(mark: Mark) -> String {
    match mark {
        Mark::Note => "<TD></TD>".to_string(),
        Mark::Node { shape, fill, thick, dashed } => {
            let ground = palette::ground(fill);
            let ink = palette::text_on(fill);
            let border = if thick { 2 } else { 1 };
            let style = if dashed { " STYLE=\"dashed\"" } else { "" };
            let word = match (shape, fill) {
                (Shape::Octagon, _) => "octagon",
                (Shape::Ellipse, _) => "ellipse",
                (Shape::Hexagon, _) => "hexagon",
                (Shape::Cylinder, _) => "cylinder",
                (_, Fill::Group) => "group",
                _ => " ",
            };
            let mark = palette::mark(fill).map_or(word.to_string(), |mark| mark.letter().to_string());
            format!(
                "<TD BGCOLOR=\"{ground}\" BORDER=\"{border}\" COLOR=\"{}\"{style}><FONT COLOR=\"{ink}\">{mark}</FONT></TD>",
                palette::INK
            )
        }
        Mark::Edge { flow, line, weight } => {
            let stroke = match line {
                Line::Solid => "───",
                Line::Dashed => "─ ─",
                Line::Dotted => "· · ·",
            };
            let head = match palette::head(flow) {
                palette::Head::Triangle => "▶",
                palette::Head::OpenTriangle => "▷",
                palette::Head::Vee => "➤",
                palette::Head::Diamond => "◆",
                palette::Head::Dot => "●",
                palette::Head::Bar => "┤",
                // a bare ">" would end the text
                palette::Head::Open => "&gt;",
            };
            let arrow = format!("<FONT COLOR=\"{}\">{stroke}{head}</FONT>", palette::stroke(flow));
            if weight > 0.5 { format!("<TD><B>{arrow}</B></TD>") } else { format!("<TD>{arrow}</TD>") }
        }
    }
}
