//! Structural path analysis: which ways a loss takes, in a linear model `x = s + A x`.
//!
//! The loss of a target is the sum over all ways from a shock to it, each worth the product of the coefficients on the
//! way times the shock. Ways are followed from the target upstream. All ways on from a node together are worth the
//! product so far times the loss of that node, which is known: what falls below the threshold is left out with its
//! exact worth, so ways and remainder add up to the whole.
//!
//! Reference: J. Defourny, E. Thorbecke, Structural path analysis and multiplier decomposition within a social accounting
//! matrix framework, The Economic Journal 94, 111, 1984.

/// A way from where the loss begins to the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Nodes, from the shock to the target.
    pub nodes: Vec<usize>,
    /// Ids of the terms between them, as the model numbers them.
    pub terms: Vec<usize>,
    /// Its part of the target's loss.
    pub part: f64,
}

/// Ways, and what they leave out.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// The ways, those that carry most first.
    pub paths: Vec<Path>,
    /// Worth of all ways that were left out, 0 or more.
    pub remainder: f64,
    /// Whether the cap on steps ended the search.
    pub capped: bool,
}

/// All ways worth at least `least` from shocks to a target.
///
/// `terms(i)` gives the terms of `x_i` (id, node, coefficient of 0 or more); `outside[i]` is `s_i`; `whole[i]` is `x_i`, which
/// must solve the system. Cost: at most `steps` terms looked at.
pub fn paths(
    target: usize,
    terms: impl Fn(usize) -> Vec<(usize, usize, f64)>,
    outside: &[f64],
    whole: &[f64],
    least: f64,
    steps: usize,
) -> Paths {
    let mut found = Paths { paths: Vec::new(), remainder: 0.0, capped: false };
    let mut open = vec![(vec![target], Vec::new(), 1.0)];
    let of = |values: &[f64], node: usize| values.get(node).copied().unwrap_or(0.0);
    let mut looked_at = 0;
    while let Some((nodes, ids, product)) = open.pop() {
        let Some(node) = nodes.last().copied() else { continue };
        let begins = product * of(outside, node);
        if begins >= least {
            let mut path = Path { nodes: nodes.clone(), terms: ids.clone(), part: begins };
            path.nodes.reverse();
            path.terms.reverse();
            found.paths.push(path);
        } else {
            found.remainder += begins;
        }
        for (id, supplier, part) in terms(node) {
            let (product, worth) = (product * part, product * part * of(whole, supplier));
            looked_at += 1;
            found.capped |= looked_at > steps && worth >= least;
            if worth < least || looked_at > steps {
                found.remainder += worth;
                continue;
            }
            let (mut nodes, mut ids) = (nodes.clone(), ids.clone());
            nodes.push(supplier);
            ids.push(id);
            open.push((nodes, ids, product));
        }
    }
    found.paths.sort_by(|a, b| {
        let rounded = |path: &Path| (path.part * 1e12).round();
        rounded(b).total_cmp(&rounded(a)).then(a.nodes.cmp(&b.nodes)).then(a.terms.cmp(&b.terms))
    });
    found
}
