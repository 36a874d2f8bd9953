//! Contrast of every colour against what it stands on (WCAG 2.2), and that nothing rests on colour alone.

use linchpin::diagram::palette::{self, INK, KINDS, PAPER, SOFT_INK, TIER_GROUND};
use linchpin::diagram::{Fill, Flow, Line};

/// Relative luminance, WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour in hexadecimal");
        let part = f64::from(value) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// Contrast ratio, WCAG 2.2: 1 to 21.
fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const FLOWS: [Flow; 7] =
    [Flow::Supply, Flow::Capital, Flow::Compute, Flow::Ownership, Flow::Power, Flow::Loss, Flow::Neutral];

fn fills() -> Vec<Fill> {
    let kinds = (0..KINDS).map(Fill::Kind);
    kinds.chain((0..5).map(Fill::Heat)).chain([Fill::Neutral, Fill::Focus, Fill::Group]).collect()
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    assert!((contrast("#000000", "#FFFFFF") - 21.0).abs() < 1e-9);
    // #767676 is the lightest grey that passes 4.5 on white
    assert!((contrast("#777777", "#FFFFFF") - 4.48).abs() < 0.005);
    assert!(contrast("#767676", "#FFFFFF") >= 4.5);
}

/// 1.4.3: small text 4.5 to 1.
#[test]
fn text_can_be_read_on_every_ground() {
    for fill in fills() {
        let ratio = contrast(palette::text_on(fill), palette::ground(fill));
        assert!(ratio >= 4.5, "{fill:?}: {ratio:.2}");
    }
    for ground in [PAPER, TIER_GROUND] {
        for ink in [INK, SOFT_INK, "#000000"] {
            assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}");
        }
        for flow in FLOWS {
            let ratio = contrast(palette::label(flow), ground);
            assert!(ratio >= 4.5, "label of {flow:?} on {ground}: {ratio:.2}");
        }
    }
}

/// 1.4.11: what carries meaning 3 to 1 against what is beside it. Grounds of boxes need not, as all have a border of ink.
#[test]
fn lines_and_borders_can_be_seen() {
    for flow in FLOWS {
        for ground in [PAPER, TIER_GROUND] {
            let ratio = contrast(palette::stroke(flow), ground);
            assert!(ratio >= 3.0, "{flow:?} on {ground}: {ratio:.2}");
        }
    }
    assert!(contrast(INK, PAPER) >= 3.0 && contrast(INK, TIER_GROUND) >= 3.0);
    for style in 0..6 {
        assert!(contrast(palette::series(style), PAPER) >= 3.0, "series {style}");
    }
}

/// 1.4.1: as many kinds as one picture colours have a mark of their own, in every format.
#[test]
fn kinds_are_told_apart_without_colour() {
    let marks: Vec<_> = (0..7).map(|kind| palette::mark(Fill::Kind(kind)).expect("a mark")).collect();
    let letters: std::collections::BTreeSet<char> = marks.iter().map(|mark| mark.letter()).collect();
    assert_eq!(letters.len(), marks.len());
    for fill in [Fill::Neutral, Fill::Focus, Fill::Group, Fill::Hue(0), Fill::Heat(0)] {
        assert_eq!(palette::mark(fill), None, "{fill:?} is told by form or text");
    }
}

/// Heat grows darker bin by bin, so that it survives a grey print; each step can be told from the next.
#[test]
fn heat_is_a_scale_without_colour_too() {
    for bin in 0..4 {
        let ratio = contrast(palette::ground(Fill::Heat(bin)), palette::ground(Fill::Heat(bin + 1)));
        let (a, b) = (palette::ground(Fill::Heat(bin)), palette::ground(Fill::Heat(bin + 1)));
        assert!(luminance(a) > luminance(b), "bin {bin}");
        assert!(ratio >= 1.25, "bins {bin} and {}: {ratio:.2}", bin + 1);
    }
}

/// 1.4.1: flows differ by their heads, firmness by its dashes.
#[test]
fn nothing_about_a_line_rests_on_colour_alone() {
    for (at, flow) in FLOWS.iter().enumerate() {
        for other in &FLOWS[at + 1..] {
            assert_ne!(palette::head(*flow), palette::head(*other), "{flow:?} and {other:?}");
        }
    }
    let dashes = [Line::Solid, Line::Dashed, Line::Dotted].map(|line| palette::dashes(line, 2.0));
    assert!(dashes[0] != dashes[1] && dashes[1] != dashes[2] && dashes[0] != dashes[2]);
}
