//! A thing between those it draws on and those that draw on it, in the characters of a terminal.

/// Lines on a side at most; the rest is counted.
const MOST: usize = 6;
/// Columns for the lines between names, both sides and the blanks around the thing.
const BETWEEN: usize = 22;
/// Names narrower than this say nothing.
const NARROW: usize = 12;

/// What stands to the left and to the right of a thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    /// The thing.
    pub name: String,
    /// Whom it draws on, most important first.
    pub from: Vec<String>,
    /// Who draws on it, most important first.
    pub to: Vec<String>,
}

impl Sketch {
    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    /// The lines, none wider than `width`; nothing where there is no room.
    pub fn text(&self, width: usize) -> String {
        let name = cut(&self.name, width / 4);
        let sides = [shown(&self.from), shown(&self.to)];
        let wish = |side: &[String]| side.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let room = width.saturating_sub(name.chars().count() + BETWEEN);
        let [left, right] = [wish(&sides[0]), wish(&sides[1])];
        // what one side does not need the other may have
        let left_width = left.min((room / 2).max(room.saturating_sub(right)));
        let right_width = right.min(room.saturating_sub(left_width));
        if (left_width < left && left_width < NARROW) || (right_width < right && right_width < NARROW) {
            return String::new();
        }
        let rows = sides[0].len().max(sides[1].len()).max(1);
        let middle = (rows - 1) / 2;
        let first = |side: &[String]| (rows - side.len()) / 2;
        let mut out = String::new();
        for row in 0..rows {
            let text = |side: &[String]| row.checked_sub(first(side)).and_then(|at| side.get(at)).cloned();
            let join = |side: &[String], item_is_left: bool| {
                let ends = first(side)..first(side) + side.len();
                let (top, low) = (ends.start.min(middle), (ends.end.max(1) - 1).max(middle));
                let (item, thing) = (ends.contains(&row), row == middle);
                let (left, right) = if item_is_left { (item, thing) } else { (thing, item) };
                corner(row > top && row <= low, row >= top && row < low, left, right)
            };
            let mut line = String::new();
            match text(&sides[0]) {
                Some(item) => line.push_str(&format!("{:>left_width$} ──", cut(&item, left_width))),
                None => line.push_str(&" ".repeat(left_width + 3)),
            }
            if sides[0].is_empty() {
                line = String::new();
            } else {
                line.push(join(&sides[0], true));
            }
            let thing = format!(" {name} ");
            match (row == middle, sides[0].is_empty(), sides[1].is_empty()) {
                (false, ..) => {
                    let tails = [3, 3].iter().zip([&sides[0], &sides[1]]);
                    let tails: usize = tails.filter(|(_, side)| !side.is_empty()).map(|(tail, _)| tail).sum();
                    line.push_str(&" ".repeat(thing.chars().count() + tails));
                }
                (true, no_left, no_right) => {
                    line.push_str(if no_left { "" } else { "──▶" });
                    line.push_str(&thing);
                    line.push_str(if no_right { "" } else { "───" });
                }
            }
            if !sides[1].is_empty() {
                line.push(join(&sides[1], false));
                if let Some(item) = text(&sides[1]) {
                    line.push_str(&format!("──▶ {}", cut(&item, right_width)));
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// The first lines of a side, the rest counted.
fn shown(side: &[String]) -> Vec<String> {
    if side.len() <= MOST {
        return side.to_vec();
    }
    let mut shown: Vec<String> = side.iter().take(MOST - 1).cloned().collect();
    shown.push(format!("{} more", side.len() - shown.len()));
    shown
}

/// The text within a width, what is cut marked.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The line of a box drawing that goes in these directions.
fn corner(up: bool, down: bool, left: bool, right: bool) -> char {
    match (up, down, left, right) {
        (true, true, true, true) => '┼',
        (true, true, true, false) => '┤',
        (true, true, false, true) => '├',
        (true, true, false, false) => '│',
        (true, false, true, true) => '┴',
        (false, true, true, true) => '┬',
        (true, false, true, false) => '┘',
        (true, false, false, true) => '└',
        (false, true, true, false) => '┐',
        (false, true, false, true) => '┌',
        (false, false, false, false) => ' ',
        (false, false, ..) => '─',
        (_, _, false, false) => '│',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(from: &[&str], to: &[&str]) -> Sketch {
        let owned = |side: &[&str]| side.iter().map(|text| text.to_string()).collect();
        Sketch { name: "TSMC".to_string(), from: owned(from), to: owned(to) }
    }

    #[test]
    fn lines_meet_at_the_thing() {
        let text = sketch(&["ASML 100 %", "Linde 40 %", "JSR"], &["Nvidia", "AMD"]).text(80);
        let expected = "\
ASML 100 % ──┐            ┌──▶ Nvidia
Linde 40 % ──┼──▶ TSMC ───┴──▶ AMD
       JSR ──┘
";
        // the two customers stand beside the first two suppliers
        assert_eq!(text, expected);
        assert_eq!(sketch(&["A"], &[]).text(80), "A ─────▶ TSMC\n");
        assert_eq!(sketch(&[], &["B"]).text(80), " TSMC ──────▶ B\n");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = "x".repeat(100);
        let many: Vec<&str> = vec![&long; 20];
        for width in [60, 80, 120] {
            let text = sketch(&many, &many).text(width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert!(text.contains("15 more"), "{text}");
        }
        assert_eq!(sketch(&many, &many).text(30), "");
    }
}
