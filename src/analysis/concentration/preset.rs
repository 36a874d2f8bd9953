//! Named, dated thresholds.

use serde::{Deserialize, Serialize};

use super::Bounds;

/// What is said where the bounds fall in two bands.
pub(super) const UNDETERMINED: &str = "undetermined";
const A_HOLDER: &str = "a holder of 10 % or more";
const NO_HOLDER: &str = "no holder of 10 % or more";

/// Thresholds of an authority, by name and date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(try_from = "String", into = "String")]
pub enum Preset {
    /// US Merger Guidelines of December 2023: 1,000 and 1,800
    #[default]
    #[cfg_attr(feature = "cli", value(name = "us-2023"))]
    Us2023,
    /// US Horizontal Merger Guidelines of 2010: 1,500 and 2,500
    #[cfg_attr(feature = "cli", value(name = "us-2010"))]
    Us2010,
    /// EU horizontal merger guidelines of 2004: 1,000 and 2,000
    #[cfg_attr(feature = "cli", value(name = "eu-horizontal"))]
    EuHorizontal,
    /// Import concentration above 0.4 on the scale 0 to 1 (European Commission, SWD(2021) 352)
    #[cfg_attr(feature = "cli", value(name = "import-0.4"))]
    Import04,
    /// A share of 10 % or more, as US accounting rules have customers disclosed (ASC 280-10-50-42)
    #[cfg_attr(feature = "cli", value(name = "asc280-10"))]
    Asc28010,
}

impl TryFrom<String> for Preset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|preset| preset.name() == text);
        let names: Vec<_> = Self::ALL.iter().map(|preset| preset.name()).collect();
        known.copied().ok_or_else(|| format!("there is no preset {text:?}; there is {}", names.join(", ")))
    }
}

impl From<Preset> for String {
    fn from(preset: Preset) -> Self {
        preset.name().to_string()
    }
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 5] =
        [Self::Us2023, Self::Us2010, Self::EuHorizontal, Self::Import04, Self::Asc28010];

    /// Name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Us2023 => "us-2023",
            Self::Us2010 => "us-2010",
            Self::EuHorizontal => "eu-horizontal",
            Self::Import04 => "import-0.4",
            Self::Asc28010 => "asc280-10",
        }
    }

    /// What the thresholds are and where they come from.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Us2023 => {
                "us-2023: HHI 1,000 to 1,800 moderately, above 1,800 highly concentrated (US Department of Justice and \
                 Federal Trade Commission, Merger Guidelines, December 2023)."
            }
            Self::Us2010 => {
                "us-2010: HHI 1,500 to 2,500 moderately, above 2,500 highly concentrated (US Horizontal Merger \
                 Guidelines, 2010; replaced in 2023)."
            }
            Self::EuHorizontal => {
                "eu-horizontal: HHI below 1,000 rarely of concern; 1,000 to 2,000 and above 2,000 by the change that a \
                 merger brings (European Commission, horizontal merger guidelines, 2004)."
            }
            Self::Import04 => {
                "import-0.4: HHI above 0.4 (4,000) counts as concentrated (European Commission, strategic dependencies, \
                 SWD(2021) 352)."
            }
            Self::Asc28010 => {
                "asc280-10: a single holder of 10 % or more, as US accounting rules have customers disclosed \
                 (ASC 280-10-50-42)."
            }
        }
    }

    /// The bands on the scale 0 to 10,000: upper end (included) and label. Empty where the preset is not about the HHI.
    pub fn bands(self) -> &'static [(f64, &'static str)] {
        const TOP: f64 = f64::INFINITY;
        match self {
            Self::Us2023 => &[
                (1000.0, "unconcentrated"),
                (1800.0, "moderately concentrated"),
                (TOP, "highly concentrated"),
            ],
            Self::Us2010 => &[
                (1500.0, "unconcentrated"),
                (2500.0, "moderately concentrated"),
                (TOP, "highly concentrated"),
            ],
            Self::EuHorizontal => &[
                (1000.0, "rarely of concern"),
                (2000.0, "moderately concentrated"),
                (TOP, "highly concentrated"),
            ],
            Self::Import04 => &[(4000.0, "diversified"), (TOP, "concentrated")],
            Self::Asc28010 => &[],
        }
    }

    /// When the thresholds were set, as year and month.
    pub fn dated(self) -> &'static str {
        match self {
            Self::Us2023 => "2023-12",
            Self::Us2010 => "2010-08",
            Self::EuHorizontal => "2004-02",
            Self::Import04 => "2021-05",
            Self::Asc28010 => "1997-06",
        }
    }

    /// The thresholds that part the bands, smallest first, with the labels below and above: on the HHI, or for
    /// `asc280-10` on the largest share.
    pub fn edges(self) -> Vec<(f64, &'static str, &'static str)> {
        if self == Self::Asc28010 {
            return vec![(0.1, NO_HOLDER, A_HOLDER)];
        }
        self.bands().windows(2).map(|pair| (pair[0].0, pair[0].1, pair[1].1)).collect()
    }

    /// What the authority presumes of a merger: HHI after it (0 to 10,000), rise of the HHI by it and combined share
    /// (0 to 1). `None` where the preset has no rule for mergers.
    pub fn merger(self, post: f64, delta: f64, share: f64) -> Option<&'static str> {
        match self {
            Self::Us2023 if delta > 100.0 && (post > 1800.0 || share > 0.3) => {
                Some("presumed to lessen competition")
            }
            Self::Us2023 => Some("no structural presumption"),
            Self::Us2010 if post <= 1500.0 || delta < 100.0 => Some("unlikely to have adverse effects"),
            Self::Us2010 if post > 2500.0 && delta > 200.0 => Some("presumed to enhance market power"),
            Self::Us2010 => Some("raises significant concerns"),
            Self::EuHorizontal => {
                let free = match post {
                    post if post < 1000.0 => true,
                    post if post <= 2000.0 => delta < 250.0,
                    _ => delta < 150.0,
                };
                Some(if free { "unlikely to raise concerns" } else { "outside the safe harbour" })
            }
            Self::Import04 | Self::Asc28010 => None,
        }
    }

    /// The rule behind [`Preset::merger`], in words.
    pub fn merger_rule(self) -> &'static str {
        match self {
            Self::Us2023 => {
                "us-2023 (December 2023): presumed to lessen competition where the HHI rises by more than 100 and is above \
                 1,800 after it, or the combined share is above 30 %."
            }
            Self::Us2010 => {
                "us-2010 (August 2010, replaced in 2023): presumed to enhance market power where the HHI rises by more than \
                 200 to above 2,500; concerns from a rise of 100 in a market above 1,500."
            }
            Self::EuHorizontal => {
                "eu-horizontal (February 2004): unlikely to raise concerns below 1,000; to 2,000 with a rise below 250; \
                 above 2,000 with a rise below 150."
            }
            Self::Import04 | Self::Asc28010 => "This preset has no rule for mergers.",
        }
    }

    /// The band in which both bounds fall, or `undetermined`.
    pub fn label(self, bounds: &Bounds) -> &'static str {
        if self == Self::Asc28010 {
            return match (bounds.largest_low >= 0.1, bounds.largest_high >= 0.1) {
                (true, _) => A_HOLDER,
                (false, false) => NO_HOLDER,
                (false, true) => UNDETERMINED,
            };
        }
        let band = |hhi: f64| self.bands().iter().find(|(upper, _)| hhi * 1e4 <= upper * (1.0 + 1e-12));
        match (band(bounds.hhi_low), band(bounds.hhi_high)) {
            (Some(low), Some(high)) if low == high => low.1,
            _ => UNDETERMINED,
        }
    }
}
