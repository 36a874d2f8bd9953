//! The gallery: every view on the datasets that come with the program, with what to read in it.

use super::{Draw, VIEWS, ViewCard, ViewError};
use crate::analysis::ron_options;

/// One figure of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// The name of its file, without the ending.
    pub file: &'static str,
    /// The view in RON, as a saved query writes it.
    pub view: &'static str,
    /// The dataset that it is drawn from, where it is not the flagship.
    pub graph: Option<&'static str>,
    /// What to read in it.
    pub read: &'static str,
}

impl Exhibit {
    /// The view that it is.
    ///
    /// # Errors
    /// The text is no view: an error in this list.
    pub fn draw(&self) -> Result<Draw, ViewError> {
        ron_options().from_str(self.view).map_err(|error| ViewError::Invalid {
            parameter: "gallery",
            reason: format!("{}: {error}", self.file),
        })
    }
}

/// A heading of the gallery and the figures under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hall {
    /// The heading.
    pub title: &'static str,
    /// Its figures.
    pub exhibits: &'static [Exhibit],
}

/// A figure of the flagship.
const fn of(file: &'static str, view: &'static str, read: &'static str) -> Exhibit {
    Exhibit { file, view, graph: None, read }
}

/// All figures, in the order in which they are best read.
pub const GALLERY: &[Hall] = &[
    Hall {
        title: "Who hangs on whom",
        exhibits: &[
            of(
                "supply-map",
                "SupplyMap()",
                "Goods run from left to right, from materials to models. Look for the boxes from which thick lines fan \
                 out: what they make has few other makers. \"Hits\" counts who loses function if the box stops.",
            ),
            of(
                "supply-map-anthropic",
                r#"SupplyMap(focus: "anthropic")"#,
                "The same around one lab. Stop loss is what the lab loses if the box stops, at any distance: the far \
                 left is worth more than the clouds that the lab pays, since the clouds stand in for each other and \
                 the makers of their chips do not.",
            ),
            of(
                "neighbourhood",
                r#"Neighbourhood(of: "openai")"#,
                "Every tie of one entity, with the amount as its source states it: goods, money, ownership and sites. \
                 Dotted lines are announced and not signed; lines with long dashes run back upstream.",
            ),
            of(
                "neighbourhood-others",
                r#"Neighbourhood(of: "anthropic", top: 6, others: true)"#,
                "The same of another lab with fewer names: those left out stand as one dashed box in each column, and their ties are added up.",
            ),
            of(
                "routes",
                r#"Routes(of: "anthropic", to: "asml")"#,
                "Why, drawn. A line's width is the part of the loss that runs along it. An octagon would stand on every route; where there is none, the routes \
                 part after one end and meet before the other, and a second cloud or chip leads to the same maker.",
            ),
            of(
                "exposure-heat",
                "ExposureHeat()",
                "A row that is dark from end to end is a supplier that no lab can do without.",
            ),
        ],
    },
    Hall {
        title: "Capital and compute",
        exhibits: &[
            of(
                "pair",
                r#"Pair(a: "anthropic", b: "amazon")"#,
                "The gears of a deal: money in one direction, compute in the other, and the ownership that ties them. \
                 Compare the thick line of the commitment with the thin ones of the capital.",
            ),
            of(
                "capital-inversion",
                "CapitalInversion()",
                "How many dollars are promised for each that is put in. To the right of the dashed line the deal is \
                 inverted: the one who receives capital promises more than it receives.",
            ),
            of(
                "dependence-plane",
                "DependencePlane()",
                "A point is a customer and its provider. To the right the customer depends, at the top the provider \
                 does; the strip below holds pairs of which only one side is known.",
            ),
            of(
                "roof",
                "Roof()",
                "Each bar is all compute of a lab, cut by who owns the provider. The longest part is its one roof.",
            ),
            of(
                "money-flow",
                r#"MoneyFlow(of: ["openai", "anthropic"])"#,
                "Ribbons are dollars a year. The labs receive equity on the right of the figure and pay the same groups \
                 on the left of it.",
            ),
            of(
                "spend-landing",
                r#"SpendLanding(of: "anthropic")"#,
                "The interface on the left, the server farm on the right. Dashed blue stays with the cloud that is paid; the rest goes on to makers of chips, \
                 servers, power and memory whom the lab never pays.",
            ),
            of(
                "deal-timeline",
                r#"DealTimeline(of: ["openai", "anthropic"])"#,
                "Read downwards: equity first, then promises many times as large. White marks are announced and not signed; a line to the right is the term, \
                 where somebody says one.",
            ),
            of(
                "stack-series",
                r#"StackSeries(over: "2023..2026", ties: true)"#,
                "How much of what a stack takes in it supplies itself. A rising line is a stack that closes; a whisker \
                 is what unknown suppliers could add.",
            ),
        ],
    },
    Hall {
        title: "Energy",
        exhibits: &[
            of(
                "energy-flow",
                "EnergyFlow()",
                "From who makes the power over the grid to the site, and on to who computes. Width is megawatts as far as the sites, then the share of \
                 the user's compute.",
            ),
            of(
                "infrastructure-map",
                r#"EnergyFlow(beside: "ai-accelerator")"#,
                "The same with the chips: two chains, energy and silicon, that meet at those who run the sites.",
            ),
        ],
    },
    Hall {
        title: "Concentration",
        exhibits: &[of(
            "hhi-bars",
            "HhiBars()",
            "Bars end at the least that the index can be, whiskers at the most. A hatched bar crosses a threshold \
             between its bounds: the market cannot be classed on what is known.",
        )],
    },
    Hall {
        title: "Through time",
        exhibits: &[
            of(
                "what-changed",
                r#"WhatChanged(old: (as_of: "2026-04-19"), new: (as_of: "2026-07-01"), focus: "anthropic", top: 14)"#,
                "One lab before and after a day: what is new is solid and has a plus, what is gone is dashed. Money and \
                 commitments come from the same groups.",
            ),
            of(
                "through-time",
                r#"ThroughTime(over: "2025..2026 by quarter", ask: LockIn(customer: "anthropic"), column: "committed_low")"#,
                "The least that a lab had promised to each provider by each quarter. A step is a deal; a line that \
                 begins late is a first promise.",
            ),
        ],
    },
    Hall {
        title: "How sure a number is",
        exhibits: &[of(
            "tornado",
            r#"Tornado(ask: Exposure(of: "anthropic"), number: "tsmc:stop_loss")"#,
            "How far one number lies apart with each fact settled at the ends of what its sources allow, widest on top: the first bar is the fact to check \
             first. The line is what it counts as; a bar to one side only is a \"more than\" or an \"up to\".",
        )],
    },
    Hall {
        title: "Shocks",
        exhibits: &[
            of(
                "shock-before",
                r#"ShockHeat(fail: ["tsmc=0.5"], before: true)"#,
                "The map before the shock. Each box stands where it stands in the next figure, so that only the heat changes.",
            ),
            of(
                "shock-after",
                r#"ShockHeat(fail: ["tsmc=0.5"])"#,
                "Who loses how much, in five bins with the number in the box, and along which product the shortage \
                 runs. Dashed lines stand on assumed shares.",
            ),
            of(
                "disruption-heat",
                r#"DisruptionHeat(fail: ["tsmc"], days: 56)"#,
                "The same in time: stocks delay the loss, and orders that pile up prolong it after the cause is gone.",
            ),
            of(
                "disruption-panels",
                r#"DisruptionPanels(ask: Disruption(fail: ["tsmc"], days: 56, back_over: 28), top: 6)"#,
                "Three things of each: output falls on the day on which the scarcest stock touches the ground, and what is left unserved is what those \
                 downstream will lack. Read a row from right to left to see why.",
            ),
            of(
                "disruption-variants",
                r#"DisruptionPanels(
                    ask: Compare(
                        ask: Disruption(),
                        variants: [
                            (scenario: (title: "four weeks", shocks: [(on: Entity("tsmc"), what: CapacityLoss(1), days: 28)])),
                            (scenario: (title: "eight weeks", shocks: [(on: Entity("tsmc"), what: CapacityLoss(1), days: 56)])),
                            (scenario: (title: "half of it for half a year", shocks: [(on: Entity("tsmc"), what: CapacityLoss(0.5), days: 182)])),
                        ],
                    ),
                    kinds: ["lab"], top: 6,
                )"#,
                "The same of three outages, one line each, told apart by letter and dashes. Compare where the lines part: until then stocks decide, \
                 afterwards the outage does.",
            ),
        ],
    },
    Hall {
        title: "Feedback",
        exhibits: &[Exhibit {
            graph: Some("aws-flywheel"),
            ..of(
                "causal-loops",
                "CausalLoops()",
                "R marks loops that reinforce a push, B loops that damp it; a box names the loops that run through it. \
                 Follow R1 around: each link says its sign, its elasticity and its delay.",
            )
        }],
    },
];

/// All figures without their headings.
pub fn exhibits() -> impl Iterator<Item = &'static Exhibit> {
    GALLERY.iter().flat_map(|hall| hall.exhibits)
}

/// The page of the gallery in Markdown: `commands` are the lines that draw the figures, in their order.
///
/// Nothing in it depends on the dataset, but what the commands say.
///
/// # Errors
/// An exhibit is no view.
pub fn page(commands: &[String]) -> Result<String, ViewError> {
    let mut text = String::from(
        "# Gallery\n\nEvery view, drawn from the datasets that come with the program. `linchpin gallery -o docs/gallery` draws \
         all of them again; each\ncaption ends with the day, the hash of the dataset and the command that draws it. Text is 7 pt \
         or larger on A4.\n",
    );
    let mut commands = commands.iter();
    for hall in GALLERY {
        text.push_str(&format!("\n## {}\n", hall.title));
        for exhibit in hall.exhibits {
            let ViewCard { title, shows, .. } = exhibit.draw()?.card();
            let (file, read) = (exhibit.file, exhibit.read);
            let command = commands.next().map_or("", String::as_str);
            text.push_str(&format!(
                "\n### {title}\n\n{shows}\n\n![{title}]({file}.svg)\n\n{read}\n\n    {command}\n"
            ));
        }
    }
    Ok(text)
}

/// The views that have no figure in the gallery.
pub fn absent() -> Vec<&'static str> {
    let shown: Vec<&str> =
        exhibits().filter_map(|exhibit| exhibit.draw().ok()).map(|draw| draw.card().name).collect();
    VIEWS.iter().map(|card| card.name).filter(|name| !shown.contains(name)).collect()
}
