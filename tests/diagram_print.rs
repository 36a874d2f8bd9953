//! Figures for print: images at a chosen resolution, pages with text that other software reads back, fonts embedded,
//! characters that no font shows told.
#![cfg(feature = "render")]

use std::process::Command;

use linchpin::diagram::{Edge, Engine, Flow, Format, Layout, Node, Picture, Tier, Warning, render};

fn picture(name: &str) -> Picture {
    let mut picture = Picture::new("Who makes the chips", Layout::Tiers);
    picture.tiers = vec![Tier::new("Foundry"), Tier::new("Chips")];
    picture.nodes = vec![Node::new("maker", name, 0), Node::new("user", "Customer", 1)];
    let mut edge = Edge::new("maker", "user", Flow::Supply);
    (edge.label, edge.weight) = ("90 %".to_string(), 0.9);
    picture.edges.push(edge);
    picture
}

/// Four bytes of a PNG file as a number.
fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[test]
fn an_image_has_the_resolution_that_was_asked_for() {
    let image = |dpi| {
        let drawn = render(&picture("Maker"), Format::Png { dpi }, Engine::Embedded).expect("an image");
        drawn.bytes
    };
    let (single, double) = (image(72), image(144));
    // width and height stand in the first chunk
    for at in [16, 20] {
        assert!(number(&double, at).abs_diff(2 * number(&single, at)) <= 1);
    }
    for (bytes, dpi) in [(single, 72.0), (double, 144.0)] {
        let at = bytes.windows(4).position(|window| window == b"pHYs").expect("the size in print");
        // pixels to the metre, both ways, and that it is metres
        let expected = (dpi / 0.0254_f64).round() as u32;
        assert_eq!((number(&bytes, at + 4), number(&bytes, at + 8), bytes[at + 12]), (expected, expected, 1));
    }
}

#[test]
fn an_image_that_is_too_large_is_refused() {
    let drawn = render(&picture("Maker"), Format::Png { dpi: u16::MAX }, Engine::Embedded);
    let error = drawn.expect_err("more pixels than an image may have");
    assert!(error.to_string().contains("pixels"), "{error}");
}

#[test]
fn a_page_has_real_text_and_its_own_fonts() {
    let bytes = render(&picture("Maker"), Format::Pdf, Engine::Embedded).expect("a page").bytes;
    assert_eq!(bytes, render(&picture("Maker"), Format::Pdf, Engine::Embedded).expect("a page").bytes);
    assert!(bytes.starts_with(b"%PDF-"));
    assert!(bytes.windows(10).any(|window| window == b"/FontFile2"));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("figure.pdf");
    std::fs::write(&path, &bytes).expect("written");
    let Ok(output) = Command::new("pdftotext").arg(&path).arg("-").output() else {
        println!("pdftotext is not installed: the text of the page is not read");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    for part in ["Who makes the chips", "Maker", "Customer", "90 %"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn characters_that_no_font_shows_are_told() {
    // private characters are in no font
    for format in [Format::PNG, Format::Pdf] {
        let drawn = render(&picture("Maker \u{10ff00}"), format, Engine::Embedded).expect("a figure");
        assert!(
            drawn.warnings.contains(&Warning::MissingGlyphs("\u{10ff00}".to_string())),
            "{:?}",
            drawn.warnings
        );
        let plain = render(&picture("Maker"), format, Engine::Embedded).expect("a figure");
        assert!(!plain.warnings.iter().any(|warning| matches!(warning, Warning::MissingGlyphs(_))));
    }
}

#[test]
fn chinese_is_shown_by_a_font_of_the_machine_or_told() {
    let name = "台積電";
    let drawn = render(&picture(name), Format::Pdf, Engine::Embedded).expect("a page");
    let told = drawn.warnings.iter().find_map(|warning| match warning {
        Warning::MissingGlyphs(characters) => Some(characters.clone()),
        _ => None,
    });
    match told {
        // each once, in their order
        Some(characters) => assert!(name.chars().all(|c| characters.contains(c)), "{characters}"),
        None => {
            let fonts = drawn.bytes.windows(9).filter(|window| window == b"/FontFile").count();
            assert!(fonts >= 3, "a font beside the linked ones is embedded");
        }
    }
}
