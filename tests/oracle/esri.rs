//! The generalised Leontief cascade, dense and step by step from its formulas, in levels of function.

/// What an input is to its customer: 0 no effect, 1 adds, 2 essential.
pub type ClassOf = Vec<Vec<u8>>;

/// When nothing is left of a market whose rivals could take the place of who fails.
#[derive(Clone, Copy, Debug)]
pub enum Gone {
    /// Next to nothing of its first size is left: who fails with its whole market is not replaced.
    Relative,
    /// At most 1e-10 is left, whatever the unit; the market then counts as 1, as in the published software.
    Published,
}

/// Firms that each sell the product of their sector.
#[derive(Clone, Debug)]
pub struct Economy {
    /// `w[i][j]` is what i sells to j.
    pub w: Vec<Vec<f64>>,
    pub sector: Vec<usize>,
    /// By supplier's and customer's sector.
    pub class: ClassOf,
    /// Whether firms of a sector replace each other.
    pub market: bool,
}

impl Economy {
    fn sales(&self) -> Vec<f64> {
        self.w.iter().map(|row| row.iter().sum()).collect()
    }

    /// One step of both channels from levels `hd` and `hu`.
    pub fn step(
        &self,
        hd: &[f64],
        hu: &[f64],
        psi_d: &[f64],
        psi_u: &[f64],
        gone: Gone,
    ) -> (Vec<f64>, Vec<f64>) {
        let n = self.w.len();
        let m = self.class.len();
        let sales = self.sales();
        let left: Vec<f64> =
            (0..m).map(|g| (0..n).filter(|l| self.sector[*l] == g).map(|l| sales[l] * hd[l]).sum()).collect();
        let whole: Vec<f64> =
            (0..m).map(|g| (0..n).filter(|l| self.sector[*l] == g).map(|l| sales[l]).sum()).collect();
        let sigma = |i: usize| {
            let g = self.sector[i];
            match gone {
                _ if !self.market => 1.0,
                Gone::Relative if left[g] <= 1e-12 * whole[g] => 1.0,
                Gone::Published if left[g] <= 1e-10 => f64::min(1.0, sales[i]),
                _ => f64::min(1.0, sales[i] / left[g]),
            }
        };
        let mut down = vec![0.0; n];
        for j in 0..n {
            let bought: f64 = (0..n).map(|i| self.w[i][j]).sum();
            let (mut leontief, mut linear): (f64, f64) = (1.0, 1.0);
            for k in 0..m {
                let sellers = || (0..n).filter(|i| self.sector[*i] == k && self.w[*i][j] > 0.0);
                let of_sector: f64 = sellers().map(|i| self.w[i][j]).sum();
                match self.class[k][self.sector[j]] {
                    2 => {
                        let lost: f64 =
                            sellers().map(|i| self.w[i][j] / of_sector * sigma(i) * (1.0 - hd[i])).sum();
                        leontief = leontief.min(1.0 - lost);
                    }
                    1 => {
                        linear -=
                            sellers().map(|i| self.w[i][j] / bought * sigma(i) * (1.0 - hd[i])).sum::<f64>()
                    }
                    _ => {}
                }
            }
            down[j] = f64::max(0.0, (1.0 - psi_d[j]).min(linear).min(leontief));
        }
        let up = (0..n).map(|i| {
            let lost: f64 =
                (0..n).filter(|j| self.w[i][*j] > 0.0).map(|j| self.w[i][j] / sales[i] * (1.0 - hu[j])).sum();
            f64::max(0.0, (1.0 - psi_u[i]).min(1.0 - lost))
        });
        (down, up.collect())
    }

    /// Levels after so many steps from the shocked state.
    pub fn after(&self, psi_d: &[f64], psi_u: &[f64], steps: u32, gone: Gone) -> (Vec<f64>, Vec<f64>) {
        let level = |psi: &[f64]| psi.iter().map(|loss| 1.0 - loss).collect::<Vec<f64>>();
        let (mut hd, mut hu) = (level(psi_d), level(psi_u));
        for _ in 0..steps {
            (hd, hu) = self.step(&hd, &hu, psi_d, psi_u, gone);
        }
        (hd, hu)
    }

    /// Levels after so many plain steps, and whether nothing moves any more.
    pub fn end(&self, psi_d: &[f64], psi_u: &[f64], most: u32) -> (Vec<f64>, Vec<f64>, bool) {
        let (mut hd, mut hu) = self.after(psi_d, psi_u, 1, Gone::Relative);
        for _ in 0..most {
            let (nd, nu) = self.step(&hd, &hu, psi_d, psi_u, Gone::Relative);
            let still = nd == hd && nu == hu;
            (hd, hu) = (nd, nu);
            if still {
                return (hd, hu, true);
            }
        }
        (hd, hu, false)
    }
}
