//! One direction of contagion in compressed rows, both ways round: by source for small fronts, by target for large.

/// What one step of one channel adds up: each target has rows, each row is a sum over sources, and the largest
/// row is the target's loss.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    /// Rows of target `t` are `row_start[t]..row_start[t + 1]`.
    row_start: Vec<u32>,
    /// The target of each row.
    target: Vec<u32>,
    by_source: Sparse,
    by_row: Sparse,
    /// Links of target `t` are `link_start[t]..link_start[t + 1]` of `by_row`, …
    link_start: Vec<u32>,
    /// … with the rank of the source of each, marked by [`FIRST`] where a row begins.
    marked: Vec<u32>,
    /// Ranks of the sources: those with most links come first, so that what is gathered most often lies close together.
    rank: Vec<u32>,
}

/// Marks the first link of a row. Ranks of sources are below it.
pub(super) const FIRST: u32 = 1 << 31;

/// A matrix in compressed rows.
#[derive(Clone, Debug)]
struct Sparse {
    start: Vec<u32>,
    at: Vec<u32>,
    factor: Vec<f64>,
}

impl Sparse {
    /// From entries in the order of their rows.
    fn new(rows: usize, entries: &[(u32, u32, f64)]) -> Self {
        let mut start = vec![0u32; rows + 1];
        for (row, ..) in entries {
            start[*row as usize + 1] += 1;
        }
        for row in 0..rows {
            start[row + 1] += start[row];
        }
        Self {
            start,
            at: entries.iter().map(|(_, at, _)| *at).collect(),
            factor: entries.iter().map(|(.., factor)| *factor).collect(),
        }
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.start[row] as usize..self.start[row + 1] as usize
    }

    fn row(&self, row: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.range(row);
        self.at[range.clone()].iter().copied().zip(self.factor[range].iter().copied())
    }
}

impl Channel {
    /// From links (target, slot, source, factor); the links of one target and slot make a row.
    pub fn new(targets: usize, sources: usize, mut links: Vec<(u32, u32, u32, f64)>) -> Self {
        links.sort_by_key(|(target, slot, source, _)| (*target, *slot, *source));
        let mut row_start = vec![0u32; targets + 1];
        let mut target = Vec::new();
        let mut last = None;
        let mut entries: Vec<(u32, u32, f64)> = Vec::with_capacity(links.len());
        for (to, slot, source, factor) in links {
            if last != Some((to, slot)) {
                last = Some((to, slot));
                row_start[to as usize + 1] += 1;
                target.push(to);
            }
            entries.push((target.len() as u32 - 1, source, factor));
        }
        for at in 0..targets {
            row_start[at + 1] += row_start[at];
        }
        let by_row = Sparse::new(target.len(), &entries);
        let link_start = row_start.iter().map(|row| by_row.start[*row as usize]).collect();
        let mut entries: Vec<_> =
            entries.into_iter().map(|(row, source, factor)| (source, row, factor)).collect();
        entries.sort_by_key(|(source, row, _)| (*source, *row));
        let by_source = Sparse::new(sources, &entries);
        let mut ranked: Vec<u32> = (0..sources as u32).collect();
        ranked.sort_by_key(|source| std::cmp::Reverse(by_source.range(*source as usize).len()));
        let mut rank = vec![0u32; sources];
        for (place, source) in ranked.into_iter().enumerate() {
            rank[source as usize] = place as u32;
        }
        let mut marked: Vec<u32> = by_row.at.iter().map(|source| rank[*source as usize]).collect();
        for row in 0..target.len() {
            marked[by_row.start[row] as usize] |= FIRST;
        }
        Self { row_start, target, by_source, by_row, link_start, marked, rank }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// How many links there are.
    pub fn links(&self) -> usize {
        self.by_row.at.len()
    }

    /// How many links a source has.
    pub fn links_of(&self, source: usize) -> usize {
        self.by_source.range(source).len()
    }

    /// The source of each link.
    #[cfg(feature = "cluster")]
    pub fn sources(&self) -> impl Iterator<Item = u32> + '_ {
        self.by_row.at.iter().copied()
    }

    /// The target of a row.
    pub fn target(&self, row: u32) -> u32 {
        self.target[row as usize]
    }

    /// The rows and factors of a source.
    pub fn of_source(&self, source: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.by_source.row(source)
    }

    /// The rows of a target.
    pub fn rows_of(&self, target: usize) -> std::ops::Range<usize> {
        self.row_start[target] as usize..self.row_start[target + 1] as usize
    }

    /// The sources and factors of a row.
    pub fn of_row(&self, row: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.by_row.row(row)
    }

    /// The place of a source in the list of what each passes on, as [`Channel::worst`] and [`Channel::gathered`] read it.
    pub fn rank(&self, source: usize) -> usize {
        self.rank[source] as usize
    }

    /// Links in the order in which targets gather them: where those of each target begin, the rank of each link's
    /// source, marked by [`FIRST`] where a row begins, and its factor.
    pub fn gathered(&self) -> (&[u32], &[u32], &[f64]) {
        (&self.link_start, &self.marked, &self.by_row.factor)
    }

    /// All rows of a target together, from what each source passes on. Cost: about two nanoseconds a link.
    pub fn sum(&self, target: usize, passed: &[f64]) -> f64 {
        let range = self.link_start[target] as usize..self.link_start[target + 1] as usize;
        let (sources, factors) = (&self.by_row.at[range.clone()], &self.by_row.factor[range]);
        let mut sum = 0.0;
        // rows are short: nothing is to be called for one that the compiler might not inline
        for link in 0..sources.len().min(factors.len()) {
            sum += factors[link] * passed[sources[link] as usize];
        }
        sum
    }

    /// The largest row of a target, from what each source passes on, by rank.
    pub fn worst(&self, target: usize, passed: &[f64]) -> f64 {
        let range = self.link_start[target] as usize..self.link_start[target + 1] as usize;
        let links = self.marked[range.clone()].iter().zip(&self.by_row.factor[range]);
        // rows are short: a mark and two choices are quicker than a loop for each. Nothing is negative, so that the
        // sum on its way is never larger than at the end of its row
        let (mut worst, mut sum): (f64, f64) = (0.0, 0.0);
        for (marked, factor) in links {
            sum = if marked & FIRST != 0 { 0.0 } else { sum };
            sum += factor * passed[(marked & !FIRST) as usize];
            worst = if sum > worst { sum } else { worst };
        }
        worst
    }
}
