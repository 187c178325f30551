//! What a fit minimises, and the searches for its minimum: on parts of the customers first, by Newton's
//! method where the model knows its Hessian, and by one that learns it where not.

use crate::numeric::linear::Symmetric;
use crate::numeric::minimise::{Limits, Minimum, Point, minimise};
use crate::numeric::newton::descend;

use super::super::fit::FitOptions;
use super::super::parameter::BOUND;
use super::ridge::Pull;
use super::{Coarse, LogLikelihood};

/// The searches end where no component of the gradient per customer exceeds this; Newton steps take the
/// best of them further.
const SEARCH: f64 = 1e-7;
/// A search that knows its Hessian ends as soon as less than this part of a standard error is left in
/// any direction: what Newton steps then add, no statistic could tell.
const NEAR: f64 = 1e-3;
/// The same ends of a search of a part, which is a start and no more.
const COARSE_SEARCH: f64 = 1e-4;
const COARSE_NEAR: f64 = 0.1;
/// Step of the central differences of the gradient.
const STEP: f64 = 1e-4;
/// A coarse search that went further than this from its start follows a limit that the whole may not
/// have.
const ASTRAY: f64 = 3.0;

impl<'a> Coarse<'a> {
    /// The part of a likelihood and its customers.
    pub(crate) fn of<L: LogLikelihood>((likelihood, customers): &'a mut (L, f64)) -> Self {
        Self {
            likelihood,
            customers: *customers,
        }
    }

    /// Where the starts lead on this part of so many customers in all, and after how many evaluations.
    /// The starts themselves, if the part says nothing at all.
    pub(super) fn ends(
        self,
        starts: Vec<Vec<f64>>,
        pull: &Pull,
        all: f64,
        options: &FitOptions,
    ) -> (Vec<Vec<f64>>, u32) {
        let mut part = Objective {
            likelihood: self.likelihood,
            pull,
            // The ridge counts as much beside a part as beside the whole.
            ridge: self.customers / all,
            customers: self.customers,
            evaluations: 0,
        };
        let search = part.search_until(&starts, options.iterations, COARSE_SEARCH, COARSE_NEAR);
        let ends = search.ends.into_iter().zip(&starts);
        // A part that says nothing about a parameter lets it run off.
        let lead = ends.filter(|(end, _)| !end.joined && end.point.value.is_finite());
        let lead = lead.map(|(end, start)| {
            let mut ways = end.point.x.iter().zip(start);
            if ways.any(|(x, from)| (x - from).abs() > ASTRAY) {
                start.clone()
            } else {
                end.point.x
            }
        });
        let lead: Vec<_> = lead.collect();
        (
            if lead.is_empty() { starts } else { lead },
            part.evaluations,
        )
    }
}

/// What is minimised: the log-likelihood per customer with the ridge, turned over.
pub(super) struct Objective<'a> {
    pub(super) likelihood: &'a mut dyn LogLikelihood,
    pub(super) pull: &'a Pull,
    /// How much of the ridge counts.
    pub(super) ridge: f64,
    pub(super) customers: f64,
    pub(super) evaluations: u32,
}

/// Where the searches from all starts ended.
pub(super) struct Search {
    pub(super) best: Minimum,
    pub(super) ends: Vec<Minimum>,
    /// The Hessian at the best, if the model has one of its own.
    pub(super) hessian: Option<Symmetric>,
}

impl Objective<'_> {
    pub(super) fn at(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.evaluations += 1;
        let value = self.likelihood.evaluate(x, gradient);
        self.turned(x, value, gradient)
    }

    /// Value, gradient and Hessian, if the model has one of its own.
    fn curved(&mut self, x: &[f64], gradient: &mut [f64], hessian: &mut Symmetric) -> f64 {
        self.evaluations += 1;
        let value = self.likelihood.curved(x, gradient, hessian);
        hessian.scale(-1.0 / self.customers);
        let stiffness = 2.0 * self.ridge * self.pull.strength().unwrap_or(0.0) / self.customers;
        for i in 0..x.len() {
            hessian.set(i, i, hessian.at(i, i) + stiffness);
        }
        self.turned(x, value, gradient)
    }

    fn turned(&self, x: &[f64], value: f64, gradient: &mut [f64]) -> f64 {
        self.pull.add_gradient(x, self.ridge, gradient);
        for g in gradient.iter_mut() {
            *g = -*g / self.customers;
        }
        (self.ridge * self.pull.penalty(x) - value) / self.customers
    }

    pub(super) fn point(&mut self, x: Vec<f64>) -> Point {
        Point::at(&mut |x, gradient| self.at(x, gradient), x)
    }

    /// Searches from every start; a search that comes near the end of an earlier one stops there. The
    /// best end, and all of them.
    pub(super) fn search(&mut self, starts: &[Vec<f64>], options: &FitOptions) -> Search {
        self.search_until(starts, options.iterations, SEARCH, NEAR)
    }

    /// The end of a search with the last digits, and the Hessian: that of the model, or the observed
    /// information.
    pub(super) fn finished(
        &mut self,
        end: Point,
        hessian: Option<Symmetric>,
    ) -> (Point, Symmetric) {
        if let Some(hessian) = hessian {
            return (end, hessian);
        }
        let hessian = self.information(&end.x);
        (self.polish(end, &hessian), hessian)
    }

    fn search_until(
        &mut self,
        starts: &[Vec<f64>],
        iterations: u32,
        gradient: f64,
        near: f64,
    ) -> Search {
        let limits = Limits {
            bound: BOUND,
            step: 3.0,
            gradient,
            iterations,
        };
        let mut found = Search {
            best: Minimum {
                point: Point {
                    x: Vec::new(),
                    value: f64::INFINITY,
                    gradient: vec![f64::NAN],
                },
                iterations: 0,
                joined: false,
            },
            ends: Vec::with_capacity(starts.len()),
            hessian: None,
        };
        let is_curved = self.likelihood.is_curved();
        for start in starts {
            let (end, hessian) = if is_curved {
                let near = near * near / self.customers;
                let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| self.curved(x, g, h);
                let (end, hessian) = descend(&mut f, start, limits, near, &found.ends);
                (end, Some(hessian))
            } else {
                let mut f = |x: &[f64], g: &mut [f64]| self.at(x, g);
                (minimise(&mut f, start, limits, &found.ends), None)
            };
            if !end.joined && end.point.value < found.best.point.value {
                found.best.clone_from(&end);
                found.hessian = hessian;
            }
            found.ends.push(end);
        }
        found
    }

    /// The observed information per customer: central differences of the exact gradient.
    fn information(&mut self, x: &[f64]) -> Symmetric {
        let n = x.len();
        let mut beside = |i: usize, step: f64| {
            let mut moved = x.to_vec();
            moved[i] += step;
            self.point(moved).gradient
        };
        let rows: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let (ahead, behind) = (beside(i, STEP), beside(i, -STEP));
                let differences = ahead.iter().zip(&behind).map(|(a, b)| a - b);
                differences.map(|d| d / (2.0 * STEP)).collect()
            })
            .collect();
        let mut hessian = Symmetric::zeros(n);
        for (i, row) in rows.iter().enumerate() {
            for (j, cell) in row.iter().enumerate().take(i + 1) {
                hessian.set(i, j, 0.5 * (cell + rows[j][i]));
            }
        }
        hessian
    }

    /// Newton steps with a fixed Hessian, as long as each shrinks the gradient.
    fn polish(&mut self, mut point: Point, hessian: &Symmetric) -> Point {
        let Some(factor) = hessian.cholesky() else {
            return point;
        };
        for _ in 0..4 {
            let step = factor.solve(&point.gradient);
            if step.iter().any(|s| s.abs() > 0.1) {
                break; // far from quadratic: a limit of the model
            }
            let moved = point.x.iter().zip(&step);
            let moved = moved.map(|(x, s)| (x - s).clamp(-BOUND, BOUND)).collect();
            let next = self.point(moved);
            // The value may rise by its own rounding.
            if next.free_gradient(BOUND) >= point.free_gradient(BOUND)
                || next.value > point.value + 1e-13 * point.value.abs()
            {
                break;
            }
            point = next;
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ends on a part with this log-likelihood per customer.
    fn ends(
        starts: &[[f64; 2]],
        mut likelihood: impl FnMut(&[f64], &mut [f64]) -> f64,
    ) -> (Vec<Vec<f64>>, u32) {
        let part = Coarse {
            likelihood: &mut |x: &[f64], gradient: &mut [f64]| {
                let value = 10.0 * likelihood(x, gradient);
                for g in gradient.iter_mut() {
                    *g *= 10.0;
                }
                value
            },
            customers: 10.0,
        };
        let starts = starts.iter().map(|start| start.to_vec()).collect();
        part.ends(starts, &Pull::none(), 1_000.0, &FitOptions::default())
    }

    #[test]
    fn a_search_of_a_part_leads_to_its_optimum() {
        let (ends, evaluations) = ends(&[[0.0, 0.0], [1.5, 1.0]], |x, gradient| {
            gradient.copy_from_slice(&[1.0 - x[0], 2.0 * (0.5 - x[1])]);
            -0.5 * (1.0 - x[0]).powi(2) - (0.5 - x[1]).powi(2)
        });
        // The second search meets the first, and is dropped.
        let [end] = &ends[..] else {
            panic!("{ends:?}");
        };
        assert!((end[0] - 1.0).abs() < 1e-3 && (end[1] - 0.5).abs() < 1e-3);
        assert!(evaluations > 2);
    }

    #[test]
    fn a_search_that_goes_astray_on_its_part_is_begun_anew_on_the_whole() {
        // Of the second parameter the part knows only that more is better.
        let (ends, evaluations) = ends(&[[0.0, 0.25], [1.5, 12.0]], |x, gradient| {
            gradient.copy_from_slice(&[1.0 - x[0], 1e-3]);
            1e-3 * x[1] - 0.5 * (1.0 - x[0]).powi(2)
        });
        // The first went further than ASTRAY; the second had less of a way to the bound of the search,
        // where it met the first.
        assert_eq!(ends, [[0.0, 0.25]]);
        assert!(evaluations > 2);
    }

    #[test]
    fn a_part_that_says_nothing_leaves_the_starts() {
        let starts = [[0.0, 0.25], [1.5, 12.0]];
        let (ends, _) = ends(&starts, |_, gradient| {
            gradient.fill(f64::NAN);
            f64::NAN
        });
        assert_eq!(ends, starts);
    }
}
