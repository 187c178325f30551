//! R² of every subset of the components in one pass, and its increment averaged over all orderings.
//!
//! Lindeman, Merenda & Gold (1980), *Introduction to Bivariate and Multivariate Analysis*, 119–127;
//! the increments are the Shapley value of the game in which a set of components earns its R²
//! (Lipovetsky & Conklin 2001, *Applied Stochastic Models in Business and Industry* 17(4), 319–330,
//! <https://doi.org/10.1002/asmb.446>).

/// The most components: 2¹² = 4096 subsets.
pub(super) const MOST: usize = 12;

/// Room for all subsets of some components, to be used again for other correlations of them.
pub(super) struct Subsets {
    components: usize,
    /// One matrix a depth: what is left of the correlations once the components above are taken out.
    left: Vec<f64>,
    /// R² of each subset; component `j` is in it if bit `j` is set.
    r_squared: Vec<f64>,
    /// `|S|!(p − 1 − |S|)!/p!`: the share of orderings in which a component comes right after `S`.
    chance: [f64; MOST],
}

/// What a pass over the subsets needs besides the matrices.
struct Pass<'a> {
    components: usize,
    r_squared: &'a mut [f64],
    smallest_pivot: f64,
}

impl Subsets {
    /// For 1 to [`MOST`] components.
    pub(super) fn of(components: usize) -> Self {
        let size = components + 1;
        let mut chance = [0.0; MOST];
        let mut orderings = components as f64; // p·C(p − 1, s)
        for (s, slot) in chance.iter_mut().enumerate().take(components) {
            *slot = 1.0 / orderings;
            orderings *= (components - 1 - s) as f64 / (s + 1) as f64;
        }
        Self {
            components,
            left: vec![0.0; size * size * components.max(1)],
            r_squared: vec![0.0; 1 << components],
            chance,
        }
    }

    /// Reads the correlations of the components, and of these with the outcome, whose place is the
    /// last; returns the smallest share of variance that a component had left beside those before
    /// it. Where that is near 0, the answers are of no use.
    pub(super) fn fill(&mut self, correlation: impl Fn(usize, usize) -> f64) -> f64 {
        let size = self.components + 1;
        for i in 0..size {
            for j in i..size {
                self.left[i * size + j] = correlation(i, j);
            }
        }
        let mut pass = Pass {
            components: self.components,
            r_squared: &mut self.r_squared,
            smallest_pivot: f64::INFINITY,
        };
        pass.descend(&mut self.left, 0, 0, 0.0);
        pass.smallest_pivot
    }

    /// R² of all components.
    pub(super) fn whole(&self) -> f64 {
        self.r_squared[self.r_squared.len() - 1]
    }

    /// R² of one component alone.
    pub(super) fn alone(&self, component: usize) -> f64 {
        self.r_squared[1 << component]
    }

    /// What a component adds to all others.
    pub(super) fn last(&self, component: usize) -> f64 {
        let all = self.r_squared.len() - 1;
        (self.r_squared[all] - self.r_squared[all ^ (1 << component)]).max(0.0) // rounding only
    }

    /// The average increments, one a component; they sum to R².
    pub(super) fn shares(&self, shares: &mut [f64]) {
        shares.fill(0.0);
        let all = self.r_squared.len() - 1;
        for (subset, &without) in self.r_squared.iter().enumerate().take(all) {
            let chance = self.chance[subset.count_ones() as usize];
            let mut rest = all ^ subset;
            while rest > 0 {
                let component = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                shares[component] += chance * (self.r_squared[subset | (1 << component)] - without);
            }
        }
        for share in shares {
            *share = share.max(0.0); // below 0 by rounding alone
        }
    }
}

impl Pass<'_> {
    /// Adds each component from `first` on to the subset, then to that the components after it.
    ///
    /// Taking component `i` out of the correlations of those after it is one step of a Cholesky
    /// factorisation. A subset whose last component is `i` leaves `p − 1 − i` others, and there are
    /// `2^i` of them: all of them together cost about three steps a subset, however many components
    /// there are.
    fn descend(&mut self, left: &mut [f64], first: usize, subset: usize, explained: f64) {
        let size = self.components + 1;
        let (here, below) = left.split_at_mut(size * size);
        for i in first..self.components {
            let row = &here[i * size..(i + 1) * size];
            let pivot = row[i];
            self.smallest_pivot = self.smallest_pivot.min(pivot);
            let with = subset | (1 << i);
            let reached = explained + row[size - 1] * row[size - 1] / pivot;
            self.r_squared[with] = reached;
            if i + 1 == self.components {
                return;
            }
            for a in i + 1..self.components {
                let factor = row[a] / pivot;
                let from = &here[a * size + a..(a + 1) * size];
                let to = &mut below[a * size + a..(a + 1) * size];
                for ((to, from), taken) in to.iter_mut().zip(from).zip(&row[a..]) {
                    *to = from - factor * taken;
                }
            }
            self.descend(below, i + 1, with, reached);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chances_of_all_subsets_before_a_component_sum_to_one() {
        for p in 1..=MOST {
            let subsets = Subsets::of(p);
            let mut count = 1.0; // C(p − 1, s)
            let mut sum = 0.0;
            for s in 0..p {
                sum += count * subsets.chance[s];
                count *= (p - 1 - s) as f64 / (s + 1) as f64;
            }
            assert!((sum - 1.0_f64).abs() < 1e-14, "{p}");
        }
    }

    #[test]
    fn uncorrelated_components_explain_their_squares() {
        let mut subsets = Subsets::of(MOST);
        let r = |i: usize| 0.02 * (i + 1) as f64;
        let pivot = subsets.fill(|i, j| match (i, j) {
            (i, j) if i == j => 1.0,
            (i, MOST) => r(i),
            _ => 0.0,
        });
        let mut shares = [0.0; MOST];
        subsets.shares(&mut shares);
        for (i, share) in shares.into_iter().enumerate() {
            assert!((share - r(i) * r(i)).abs() < 1e-14);
            assert!((subsets.last(i) - r(i) * r(i)).abs() < 1e-15);
            assert!((subsets.alone(i) - r(i) * r(i)).abs() < 1e-16);
        }
        assert!((pivot - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_smallest_pivot_tells_of_a_component_that_another_determines() {
        let mut subsets = Subsets::of(2);
        let close = 1.0 - 1e-9;
        let pivot = subsets.fill(|i, j| {
            if i == j {
                1.0
            } else if j == 2 {
                0.5
            } else {
                close
            }
        });
        assert!(pivot < 1e-8);
    }
}
