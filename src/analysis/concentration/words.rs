//! Concentration in sentences, and what to mind about it.

use super::subject::Row;
use super::{By, Concentration, Side};
use crate::answer::{Answer, Cell, FindingBuilder, Table};

/// Markets that get a sentence each where all are asked for.
const TOLD: usize = 3;

impl Concentration {
    /// The headline of each market, and what the tables beside it say of the first.
    pub(super) fn findings(&self, rows: &[Row], answer: &mut Answer) {
        let tables = std::mem::take(&mut answer.tables);
        let table = |name: &str| tables.iter().find(|table| table.name == name);
        let mut findings = Vec::new();
        if let (Some(main), Some(family)) = (table("concentration"), table("family")) {
            for (at, row) in rows.iter().enumerate().take(if rows.len() > 1 { TOLD } else { 1 }) {
                findings.push(self.headline(main, family, at, row));
            }
        }
        if let [row] = rows {
            let told = [
                table("thresholds").and_then(|table| self.flip(table)),
                table("leave-one-out").and_then(|table| exit(table, row)),
                table("theil").and_then(|table| between(table, row)),
                table("disclosure").map(disclosed),
            ];
            findings.extend(told.into_iter().flatten().map(FindingBuilder::done));
        }
        if let Some(table) = table("merger") {
            findings.extend((0..table.rows.len()).take(TOLD).map(|at| merger(table, at).done()));
        }
        if let Some(table) = table("mhhi").filter(|table| !table.rows.is_empty()) {
            findings.push(common(table).done());
        }
        if let Some(finding) = table("dependence").and_then(hostage) {
            findings.push(finding.done());
        }
        answer.tables = tables;
        answer.findings = findings;
    }

    fn headline(&self, main: &Table, family: &Table, at: usize, row: &Row) -> crate::answer::Finding {
        let (noun, known) = match (self.side, self.by) {
            (_, By::Country | By::Production) => ("countries", "placed"),
            (_, By::Owner) => ("owners", "known"),
            (Side::Buyers, _) => ("customers", "known"),
            (Side::Supply, _) if self.of.is_some() => ("suppliers", "known"),
            (Side::Supply, _) => ("vendors", "known"),
        };
        let whole = if self.side == Side::Buyers || self.of.is_some() { "whole" } else { "market" };
        FindingBuilder::new(format!("{} ({}): HHI ", row.subject.name, row.subject.about))
            .range(main, at, "hhi_low", "hhi_high")
            .words(" of 10,000 (")
            .range(family, at, "hhi_low_unit", "hhi_high_unit")
            .words(" of 1), with ")
            .cell(main, at, "coverage")
            .words(format!(" of the {whole} {known}; as concentrated as "))
            .range(main, at, "effective_low", "effective_high")
            .words(format!(" equal {noun}. The largest, "))
            .cell(main, at, "top")
            .words(", holds ")
            .cell(main, at, "cr1")
            .words(format!("; under {}: ", self.preset.name()))
            .cell(main, at, "label")
            .words(".")
            .done()
    }

    /// The nearest threshold.
    fn flip(&self, table: &Table) -> Option<FindingBuilder> {
        if (0..table.rows.len()).any(|at| table.number(at, "flip_change").is_none()) {
            return None;
        }
        let nearest = (0..table.rows.len())
            .filter_map(|at| Some((table.number(at, "flip_change")?, at)))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?
            .1;
        Some(
            FindingBuilder::new("At least ")
                .cell(table, nearest, "flip_change")
                .words(" of the whole would have to change hands for the label to become \"")
                .cell(table, nearest, "flips_to")
                .words("\"."),
        )
    }

    /// What the reader must know.
    pub(super) fn caveats(&self, rows: &[Row], answer: &mut Answer) {
        answer.caveat("preset", self.preset.describe(), None);
        self.say_rest(rows, answer);
        let count = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
        let mut say = |code: &str, count: usize, text: &str| {
            if count > 0 {
                answer.caveat(code, text.replace("{}", &count.to_string()), Some(count));
            }
        };
        say(
            "groups-opened",
            count(|row| row.holders.opened),
            "{} groups are listed beside members of theirs: a member's share is taken as a part of its group's and counted \
             once.",
        );
        say(
            "group-too-small",
            count(|row| row.holders.contradicted),
            "{} groups hold less than their listed members do; the members count, the group does not.",
        );
        say(
            "inferred-shares",
            count(|row| row.subject.inferred),
            "{} shares are worked out from sales beside vendors whose share is stated.",
        );
        say(
            "loose-bound",
            rows.iter().filter(|row| !row.bounds.tight).count(),
            "The upper HHI is a safe bound, not the exact maximum, where many shares are ranges, where ranges stand beside a \
             cap on unlisted firms, or where the split between countries is open.",
        );
        let unplaced = count(|row| row.holders.unplaced);
        match self.by {
            By::Country => say(
                "unknown-seat",
                unplaced,
                "{} vendors have no known seat: they count as many small ones at the least and as part of the largest \
                 country at the most. Seats say where firms are registered, not where they produce.",
            ),
            By::Production => {
                say(
                    "unknown-production",
                    unplaced,
                    "{} vendors have no known place for all or some of their production; it stays unknown, and the seat is \
                     not put in its place.",
                );
                say(
                    "assumed-production",
                    count(|row| row.holders.assumed),
                    "{} vendors produce in several countries in unknown parts: equal parts are printed, and the range covers \
                     every split.",
                );
            }
            By::Entity | By::Owner => {}
        }
        let aside = rows.iter().flat_map(|row| &row.holders.all).filter(|holder| holder.aside).count();
        say(
            "groups-aside",
            aside,
            "{} groups of customers may hold those that are named: they are shown, and left to the unknown rest.",
        );
        if self.gini {
            let text = "The Gini coefficient measures inequality, not concentration: two equal firms give 0.";
            answer.caveat("gini", text, None);
        }
        if self.mhhi.is_some() {
            let text = "The modified HHI is not bounded by 10,000, has no thresholds that any authority uses, and is unstable \
                        where owners are dispersed: read the weights (--table lambda) and the coverage, not the total. Only \
                        direct stakes count.";
            answer.caveat("mhhi", text, None);
        }
        if !self.merge.is_empty() {
            answer.caveat("merger-rule", self.preset.merger_rule(), None);
        }
        if let [row] = rows
            && !row.subject.others.is_empty()
            && self.period.is_none()
        {
            let text = format!("Other surveys of this market: {}.", row.subject.others.join("; "));
            answer.caveat("other-surveys", text, Some(row.subject.others.len()));
        }
        if self.side == Side::Buyers {
            let text = "Customers below 10 % of revenue need not be disclosed (ASC 280-10-50-42), so most ties below that are \
                        missing here.";
            answer.caveat("disclosure", text, None);
        }
    }

    fn say_rest(&self, rows: &[Row], answer: &mut Answer) {
        let partial = rows.iter().filter(|row| row.bounds.coverage < 1.0 - 1e-9).count();
        if partial == 0 {
            return;
        }
        let upper = match (self.by, self.largest_unlisted) {
            (By::Country | By::Production, _) => {
                "the upper takes it as part of the largest country, as nothing says that it is elsewhere"
                    .to_string()
            }
            (_, Some(cap)) => {
                format!(
                    "the upper takes it as firms of {cap} of the market each, the most that was said of them"
                )
            }
            _ => "the upper takes it as one unlisted firm".to_string(),
        };
        let text = format!(
            "Where the shares do not add up to the whole, the lower HHI takes the rest as many small firms and {upper}."
        );
        answer.caveat("coverage", text, Some(partial));
    }
}

/// Who props up diversity.
fn exit(table: &Table, row: &Row) -> Option<FindingBuilder> {
    let first = (0..table.rows.len()).find(|at| table.number(*at, "hhi_after").is_some())?;
    if table.number(first, "change")? <= 0.0 {
        return None;
    }
    let finding = FindingBuilder::new(format!(
        "{}: the exit that would concentrate it most is that of ",
        row.subject.name
    ))
    .cell(table, first, "leaves")
    .words(
        ": if the others took its place in proportion to their shares, the HHI of those known would go from ",
    )
    .cell(table, first, "hhi_before")
    .words(" to ")
    .cell(table, first, "hhi_after");
    let limited = table.number(first, "unserved_capacity").is_some();
    Some(match limited {
        true => finding
            .words("; with their spare capacity as known, ")
            .cell(table, first, "unserved_capacity")
            .words(" would go unserved."),
        false => finding.words("."),
    })
}

/// Whether inequality runs between countries.
fn between(table: &Table, row: &Row) -> Option<FindingBuilder> {
    table.number(0, "between_share")?;
    if row.known.len() < 3 {
        return None;
    }
    Some(
        FindingBuilder::new("")
            .cell(table, 0, "between_share")
            .words(" of the inequality between the known firms (Theil) is between countries of seat, the rest within them."),
    )
}

fn disclosed(table: &Table) -> FindingBuilder {
    FindingBuilder::new("")
        .range(table, 0, "customers_at_least", "customers_at_most")
        .words(" customers reach the 10 % of revenue from which US rules have them disclosed; those that are sure hold ")
        .cell(table, 0, "their_share")
        .words(".")
}

fn merger(table: &Table, at: usize) -> FindingBuilder {
    let names = match table.cell(at, "parties") {
        Some(Cell::Items(parties)) => parties.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    FindingBuilder::new(format!("A merger of {}", names.join(" and ")))
        .words(" in ")
        .cell(table, at, "market")
        .words(" would raise the HHI by ")
        .range(table, at, "delta_low", "delta_high")
        .words(" to ")
        .range(table, at, "post_low", "post_high")
        .words(", with a combined share of ")
        .cell(table, at, "combined_share")
        .words("; under ")
        .cell(table, at, "preset")
        .words(" (")
        .cell(table, at, "dated")
        .words("): ")
        .cell(table, at, "verdict")
        .words(".")
}

fn common(table: &Table) -> FindingBuilder {
    FindingBuilder::new("Common ownership in ")
        .cell(table, 0, "market")
        .words(": modified HHI ")
        .cell(table, 0, "mhhi")
        .words(" (")
        .cell(table, 0, "mhhi_block")
        .words(" if unnamed owners are one) against an HHI of ")
        .cell(table, 0, "hhi")
        .words(", with the owners of ")
        .cell(table, 0, "ownership_coverage")
        .words(" of the market named.")
}

/// The most uneven tie.
fn hostage(table: &Table) -> Option<FindingBuilder> {
    let gap = |at: usize| table.number(at, "imbalance").map(f64::abs);
    let most = (0..table.rows.len())
        .filter(|at| gap(*at).is_some())
        .max_by(|a, b| gap(*a).unwrap_or(0.0).total_cmp(&gap(*b).unwrap_or(0.0)).then(b.cmp(a)))?;
    if table.cell(most, "hostage") == Some(&Cell::text("neither")) {
        return None;
    }
    Some(
        FindingBuilder::new("The most uneven tie: ")
            .cell(table, most, "supplier")
            .words(" covers ")
            .cell(table, most, "share_of_need")
            .words(" of what ")
            .cell(table, most, "customer")
            .words(" needs of ")
            .cell(table, most, "product")
            .words(", and gets ")
            .cell(table, most, "share_of_revenue")
            .words(" of its revenue from it: the hostage is the ")
            .cell(table, most, "hostage")
            .words("."),
    )
}
