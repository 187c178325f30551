//! What a sample tells of the parameters at a maximum, and which of them ran to a limit.

use crate::numeric::linear::{Symmetric, complement};
use crate::numeric::minimise::Point;

use super::super::parameter::BOUND;
use super::super::report::Boundary;
use super::objective::Objective;
use super::{Limit, NO_LOSS};

/// Information about a combination of parameters below which its standard error exceeds a factor
/// of e^30 and means nothing.
const NO_INFORMATION: f64 = 1e-3;
/// This close to the end of the box a parameter has run to a limit.
const EDGE: f64 = 0.01;
/// How far towards a limit, on the log scale, the likelihood must be flat.
const FAR: f64 = 5.0;

/// What the data tell of the parameters at the optimum.
pub(super) struct Known {
    /// Parameters that have not run to a limit.
    pub(super) free: Vec<bool>,
    /// Covariance on the scale of the search. Along a limit there is none; across it there is, so that
    /// what stays identified there, such as `r/α` as both grow, keeps its variance.
    pub(super) covariance: Symmetric,
    /// Smallest eigenvalue of the information across the limits, per customer.
    pub(super) curvature: f64,
    pub(super) boundaries: Vec<Boundary>,
}

/// Tells a limit of the model, which has a name, from parameters that the data do not identify: an
/// error with the curvature.
pub(super) fn identify(
    objective: &mut Objective<'_>,
    point: &Point,
    hessian: &Symmetric,
    customers: f64,
    limits: &[Limit<'_>],
) -> Result<Known, f64> {
    let n = point.x.len();
    let mut reached: Vec<&Limit<'_>> = Vec::new();
    let mut free = vec![true; n];
    loop {
        let directions: Vec<Vec<f64>> = reached.iter().map(|limit| limit.directions(n)).collect();
        let directions: Vec<&[f64]> = directions.iter().map(Vec::as_slice).collect();
        let across = complement(&directions, n);
        let information = hessian.seen_along(&across);
        let curvature = if across.is_empty() {
            0.0
        } else {
            information.smallest_eigenvalue()
        };
        let is_at_edge = (0..n).any(|i| free[i] && point.x[i].abs() > BOUND - EDGE);
        if across.is_empty() || (!is_at_edge && curvature * customers >= NO_INFORMATION) {
            let factor = information.scaled(customers).cholesky().ok_or(curvature)?;
            let mut boundaries: Vec<Boundary> = reached.iter().map(|l| l.boundary).collect();
            // Two ways may lead to one boundary, such as a → 0 and b → ∞.
            boundaries.dedup();
            return Ok(Known {
                free,
                covariance: factor.inverse().spread_over(&across, n),
                curvature,
                boundaries,
            });
        }
        // First a limit of parameters that are all free still, then one that takes at least one
        // more: two limits may share a parameter. And first one on whose side they are: the
        // likelihood may be as flat towards both.
        let mut towards = |shared: bool, this_side: bool| {
            limits.iter().find(|limit| {
                let mut moving = (0..n).filter(|&i| limit.of(i) != 0.0);
                let is_open = if shared {
                    moving.any(|i| free[i])
                } else {
                    moving.all(|i| free[i])
                };
                is_open
                    && limit.has_on_its_side(&point.x) == this_side
                    && is_flat_towards(objective, point, limit, customers)
            })
        };
        let ways = [(false, true), (false, false), (true, true), (true, false)];
        let next = ways
            .into_iter()
            .find_map(|(shared, side)| towards(shared, side));
        let limit = next.ok_or(curvature)?;
        for (i, free) in free.iter_mut().enumerate() {
            *free &= limit.of(i) == 0.0;
        }
        reached.push(limit);
    }
}

/// Whether the likelihood is flat over a factor of e^5 towards the limit: ahead, or behind as far as
/// the box ends before that.
fn is_flat_towards(
    objective: &mut Objective<'_>,
    point: &Point,
    limit: &Limit<'_>,
    customers: f64,
) -> bool {
    let ahead = point
        .x
        .iter()
        .zip(limit.towards)
        .filter(|&(_, &d)| d != 0.0)
        .map(|(x, &d)| (BOUND.copysign(d) - x) / d)
        .fold(FAR, f64::min);
    [ahead, ahead - FAR].iter().all(|way| {
        let moved = point.x.iter().enumerate();
        let moved = moved.map(|(i, x)| x + way * limit.of(i)).collect();
        let moved = objective.point(moved);
        (moved.value - point.value) * customers < NO_LOSS
    })
}
