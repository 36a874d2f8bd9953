//! What must hold for every figure, whatever it shows.
#![allow(dead_code)]

use std::process::{Command, Stdio};

use linchpin::diagram::layout::Placed;
use linchpin::diagram::layout::geometry::{Point, Rect};
use linchpin::diagram::text::{self, Weight};
use linchpin::diagram::{Layout, Picture};
use proptest::prelude::*;

fn inside(outer: &Rect, inner: &Rect) -> bool {
    let slack = 0.01;
    inner.x >= outer.x - slack
        && inner.y >= outer.y - slack
        && inner.right() <= outer.right() + slack
        && inner.bottom() <= outer.bottom() + slack
}

/// What must hold for every figure.
pub fn check(picture: &Picture, placed: &Placed) -> Result<(), TestCaseError> {
    let canvas = Rect { x: 0.0, y: 0.0, width: placed.width, height: placed.height };
    for (i, node) in placed.nodes.iter().enumerate() {
        prop_assert!(inside(&canvas, &node.rect), "{:?} outside {canvas:?}", node.rect);
        for other in &placed.nodes[i + 1..] {
            prop_assert!(!node.rect.overlaps(&other.rect), "{:?} on {:?}", node.rect, other.rect);
        }
        if let Some(tier) = placed.tiers.get(picture.nodes[node.index].tier) {
            prop_assert!(inside(&tier.rect, &node.rect), "{:?} outside its tier {:?}", node.rect, tier.rect);
        }
    }
    for (i, tier) in placed.tiers.iter().enumerate() {
        prop_assert!(placed.tiers[i + 1..].iter().all(|other| !tier.rect.overlaps(&other.rect)));
    }
    let labels: Vec<Rect> =
        placed.edges.iter().filter_map(|edge| edge.label.as_ref()).map(|label| label.rect).collect();
    for (i, label) in labels.iter().enumerate() {
        prop_assert!(inside(&canvas, label));
        prop_assert!(labels[i + 1..].iter().all(|other| !label.overlaps(other)), "labels overlap");
        prop_assert!(placed.nodes.iter().all(|node| !label.overlaps(&node.rect)), "a label covers a box");
    }
    for edge in &placed.edges {
        for point in edge.curve.samples(3.0) {
            prop_assert!(point.x.is_finite() && point.y.is_finite());
            prop_assert!(
                point.x >= 0.0 && point.x <= placed.width && point.y >= 0.0 && point.y <= placed.height
            );
            if picture.layout != Layout::Circle {
                let through = placed.nodes.iter().find(|node| node.rect.grown(-1.0).contains(point));
                // Slanted outlines stand back from their rectangles, so an edge may enter its own.
                if let Some(node) = through {
                    let id = &picture.nodes[node.index].id;
                    let ends = &picture.edges[edge.index];
                    prop_assert!(
                        *id == ends.from || *id == ends.to,
                        "{} -> {} runs through {id} {:?} at {point:?}: {:?}",
                        ends.from,
                        ends.to,
                        node.rect,
                        edge.curve
                    );
                }
            }
        }
    }
    Ok(())
}

/// The texts of an SVG document of ours with the room that they take.
pub fn texts(svg: &str) -> Vec<(String, Rect)> {
    let mut found = Vec::new();
    for part in svg.split("<text ").skip(1) {
        let (head, rest) = part.split_once('>').expect("a tag");
        let (raw, _) = rest.split_once("</text>").expect("an end");
        let plain = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let plain = plain.replace("&#39;", "'").replace("&amp;", "&");
        let number = |name: &str| -> Option<f64> {
            let (_, after) = head.split_once(&format!("{name}=\""))?;
            after.split_once('"')?.0.parse().ok()
        };
        let (x, y) = (number("x").expect("x"), number("y").expect("y"));
        let size = number("font-size").expect("a size");
        let weight = if head.contains("font-weight=\"bold\"") { Weight::Bold } else { Weight::Regular };
        let width = text::width(&plain, size, weight);
        let left = if head.contains("text-anchor=\"middle\"") { x - width / 2.0 } else { x };
        // from the height of a capital to the base line: descenders may touch the line below
        let middle = Point::new(left + width / 2.0, y - size * 0.36);
        found.push((plain, Rect::around(middle, width, size * 0.7)));
    }
    found
}

/// The texts of an SVG document that cover each other or leave the canvas.
pub fn clashes(svg: &str) -> Vec<String> {
    let attribute = |name: &str| -> f64 {
        let (_, after) = svg.split_once(&format!(" {name}=\"")).expect("a canvas");
        after.split_once('"').expect("a value").0.parse().expect("a number")
    };
    let canvas = Rect { x: 0.0, y: 0.0, width: attribute("width"), height: attribute("height") };
    let texts = texts(svg);
    let mut found = Vec::new();
    for (at, (text, rect)) in texts.iter().enumerate() {
        if !inside(&canvas, rect) {
            found.push(format!("{text:?} leaves the canvas"));
        }
        for (other, with) in &texts[at + 1..] {
            if rect.grown(-0.3).overlaps(with) {
                found.push(format!("{text:?} covers {other:?}"));
            }
        }
    }
    found
}

/// Runs `dot`, unless it is absent; gives what it printed.
pub fn graphviz(dot: &[u8], format: &str) -> Option<(bool, Vec<u8>, String)> {
    use std::io::Write;
    let spawned = Command::new("dot")
        .arg(format!("-T{format}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: the program `dot` (Graphviz) is not on the PATH");
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = dot.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&text));
    let output = child.wait_with_output().expect("dot ran");
    writer.join().expect("a thread").expect("dot read its input");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.success(), output.stdout, complaints))
}
