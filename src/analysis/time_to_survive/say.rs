//! Times to survive in tables and words.

use super::super::disruption::Economy;
use super::super::trail::{Trail, entity_cell, say_weights};
use super::super::{Analysis, View};
use super::{ERRORS, Stop, TimeToSurvive};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::network::Network;
use crate::order::Arrange;

/// The answer; stops are in the order of their impact.
pub(super) fn answer(
    params: &TimeToSurvive,
    view: &View<'_>,
    network: &Network,
    economy: &Economy,
    watched: usize,
    stops: &[Stop],
) -> Answer {
    let kinds = &view.graph.facts().kinds;
    let kind = kinds.iter().find(|kind| kind.key == params.watch).map_or("", |kind| kind.name.as_str());
    let asked = format!(
        "If one entity stops, how long do all {watched} of kind {kind} keep working, and what do they lose until it is back?"
    );
    let mut answer = Answer::new(TimeToSurvive::CARD.name, format!("Time to survive: {kind}"), asked);
    let ranks: Vec<Vec<f64>> = (0..ERRORS.len()).map(|at| ranks(stops, at)).collect();
    answer.tables.push(table(view, stops, &ranks));
    answer.tables.push(errors(stops, &ranks));
    say(view, kind, stops, &mut answer);
    caveats(params, view, network, economy, &mut answer);
    answer
}

fn table(view: &View<'_>, stops: &[Stop], ranks: &[Vec<f64>]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who stops"),
        Column::new("kind", Unit::Text, "Its kind"),
        Column::new(
            "time_to_survive",
            Unit::Days,
            "Days over which all who are watched keep normal output; empty without bound",
        ),
        Column::new("time_to_recover", Unit::Days, "Days until it is back, as assumed"),
        Column::new("exposed", Unit::Text, "Whether the time to survive is the shorter"),
        Column::new(
            "impact",
            Unit::Days,
            "Least output lost until it is back, in days of one's normal output, summed over who is watched",
        ),
        Column::new("risk_exposure_index", Unit::Share, "Impact over the largest impact, 0 to 1"),
        Column::new("reached", Unit::Count, "How many who are watched hang on it"),
        Column::new("impact_half", Unit::Days, "The same impact if it is back in half the time"),
        Column::new("impact_double", Unit::Days, "The same impact if it takes twice the time"),
        Column::new("rank", Unit::Number, "Place by impact, 1 for the largest; ties share the mean"),
        Column::new("rank_half", Unit::Number, "Place if all are back in half the time"),
        Column::new("rank_double", Unit::Number, "Place if all take twice the time"),
    ];
    let mut table = Table::new("time-to-survive", "Every stop that reaches someone who is watched", columns);
    let largest = stops.iter().map(|stop| stop.impact[1]).fold(0.0, f64::max);
    for (at, stop) in stops.iter().enumerate() {
        let rank = |error: usize| Cell::number(ranks.get(error).and_then(|ranks| ranks.get(at)).copied());
        table.rows.push(vec![
            entity_cell(view.graph, stop.entity),
            Cell::text(view.graph.kind_of(stop.entity)),
            Cell::number(stop.tts),
            Cell::Number(stop.ttr),
            Cell::text(if stop.is_exposed(1.0) { "yes" } else { "no" }),
            Cell::Number(stop.impact[1]),
            Cell::Number(if largest > 0.0 { stop.impact[1] / largest } else { 0.0 }),
            Cell::Number(stop.reached as f64),
            Cell::Number(stop.impact[0]),
            Cell::Number(stop.impact[2]),
            rank(1),
            rank(0),
            rank(2),
        ]);
    }
    table
}

/// How an error in the times to recover changes the list.
fn errors(stops: &[Stop], ranks: &[Vec<f64>]) -> Table {
    let columns = vec![
        Column::new(
            "times_to_recover",
            Unit::Ratio,
            "All times to recover, as a multiple of what is assumed",
        ),
        Column::new("exposed", Unit::Count, "How many stops are exposed"),
        Column::new("largest_impact", Unit::Days, "Largest impact, in days of one's normal output"),
        Column::new(
            "rank_correlation",
            Unit::Number,
            "Spearman's correlation of the places by impact with those as assumed, -1 to 1; empty where all tie",
        ),
        Column::new(
            "of_first_ten",
            Unit::Count,
            "How many of the ten first as assumed are among the ten first",
        ),
    ];
    let mut table = Table::new("errors", "If the times to recover are wrong", columns);
    for (at, error) in ERRORS.iter().enumerate() {
        let (Some(base), Some(own)) = (ranks.get(1), ranks.get(at)) else { continue };
        let first = |ranks: &[f64], stop: usize| ranks.get(stop).is_some_and(|rank| *rank <= 10.0);
        let both = (0..stops.len()).filter(|stop| first(base, *stop) && first(own, *stop)).count();
        table.rows.push(vec![
            Cell::Number(*error),
            Cell::Number(stops.iter().filter(|stop| stop.is_exposed(*error)).count() as f64),
            Cell::Number(stops.iter().filter_map(|stop| stop.impact.get(at)).copied().fold(0.0, f64::max)),
            Cell::number(correlation(base, own)),
            Cell::Number(both as f64),
        ]);
    }
    table
}

/// Places by impact, 1 for the largest; those that tie share the mean of their places.
fn ranks(stops: &[Stop], error: usize) -> Vec<f64> {
    let impact = |at: &usize| {
        stops.get(*at).and_then(|stop| stop.impact.get(error)).map_or(0.0, |v| (v * 1e6).round())
    };
    let mut order: Vec<usize> = (0..stops.len()).collect();
    order.arrange(|a, b| impact(b).total_cmp(&impact(a)).then(a.cmp(b)));
    let mut ranks = vec![0.0; stops.len()];
    let mut before = 0;
    for same in order.chunk_by(|a, b| impact(a) == impact(b)) {
        let mean = before as f64 + (same.len() + 1) as f64 / 2.0;
        same.iter().for_each(|at| ranks[*at] = mean);
        before += same.len();
    }
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum::<f64>();
    let (ab, aa, bb) = (sum(&|a, b| a * b), sum(&|a, _| a * a), sum(&|_, b| b * b));
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

fn say(view: &View<'_>, kind: &str, stops: &[Stop], answer: &mut Answer) {
    let (table, errors) = (answer.tables[0].clone(), answer.tables[1].clone());
    if errors.rows.len() == ERRORS.len() {
        let finding = FindingBuilder::default()
            .cell(&errors, 1, "exposed")
            .words(format!(" stops are exposed: some of kind {kind} lose output before who stops is back. If all are back in half the time it is "))
            .cell(&errors, 0, "exposed")
            .words(", if they take twice the time ")
            .cell(&errors, 2, "exposed")
            .words("; the order of impacts then correlates with ")
            .cell(&errors, 0, "rank_correlation")
            .words(" and ")
            .cell(&errors, 2, "rank_correlation")
            .words(".");
        answer.findings.push(finding.done());
    }
    for (at, stop) in stops.iter().enumerate().take(3).filter(|(_, stop)| stop.is_exposed(1.0)) {
        let name = &view.graph.entity(stop.entity).name;
        let finding = FindingBuilder::new(format!("Without {name} all keep working for "))
            .cell(&table, at, "time_to_survive")
            .words(" of ")
            .cell(&table, at, "time_to_recover")
            .words("; until it is back they lose at least ")
            .cell(&table, at, "impact")
            .words(" of one's normal output.");
        answer.findings.push(finding.done());
    }
}

fn caveats(
    params: &TimeToSurvive,
    view: &View<'_>,
    network: &Network,
    economy: &Economy,
    answer: &mut Answer,
) {
    let text = format!(
        "Times to recover are assumptions: {} days{}.",
        params.ttr,
        params.ttr_of.iter().map(|of| format!(", {of}")).collect::<String>()
    );
    answer.caveat("assumed-recovery", text, None);
    let [asked, dataset, general] = economy.stocks;
    let text = format!(
        "Of {} inputs, the stock of {dataset} is in the dataset, of {asked} in the question, of {general} the general assumption \
         of {} days; what is stored at all is kept for two days at least.",
        asked + dataset + general,
        params.stock_days
    );
    answer.caveat("assumed-stocks", text, Some(asked + general));
    if !params.durable.is_empty() {
        let text = format!("Taken to last longer than the run: {}.", params.durable.join(", "));
        answer.caveat("durable", text, Some(params.durable.len()));
    }
    let allocation = match params.flex {
        Some(flex) => {
            let [stated, equal] = economy.sold;
            let text = format!(
                "Of {} ties, the supplier's part of output is stated for {stated}; for {equal} it is an equal part of the rest.",
                stated + equal
            );
            answer.caveat("assumed-sales", text, Some(equal));
            format!("suppliers serve whom it is best to serve, at most {flex} times normal")
        }
        None => "suppliers serve all customers alike".to_string(),
    };
    let text = format!(
        "The horizon is taken as one, so late output counts for early demand; {allocation}: times are upper bounds, impacts lower \
         bounds. The unknown part of a need goes on as normal; important inputs do not bind."
    );
    answer.caveat("optimistic", text, None);
    say_weights(answer, network, network.rungs(|row| row.binds()));
    let mut trail = Trail::default();
    for row in network.rows().iter().filter(|row| row.binds()) {
        network.suppliers(row).iter().for_each(|link| trail.link(network, row, link));
    }
    trail.finish(view, answer);
}
