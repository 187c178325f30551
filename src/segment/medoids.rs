//! k-medoids: the few customers whose likes the others are.
//!
//! Kaufman & Rousseeuw (1990), *Finding Groups in Data*, <https://doi.org/10.1002/9780470316801>, for
//! the greedy start and for large numbers by samples; Schubert & Rousseeuw (2021), "Fast and eager
//! k-medoids clustering", *Information Systems* 101, 101804,
//! <https://doi.org/10.1016/j.is.2021.101804>, for the exchanges; Rousseeuw (1987), "Silhouettes",
//! *Journal of Computational and Applied Mathematics* 20, 53–65,
//! <https://doi.org/10.1016/0377-0427(87)90125-7>.

/// Rounds of exchanges after which the search is given up; it settles in a few.
const ROUNDS: usize = 200;

/// Distances of points that count several times.
#[derive(Debug)]
pub(super) struct Points {
    weights: Vec<f64>,
    distances: Vec<f64>,
}

/// The nearest medoid of a point, by its place in the list, and how far it and the second one are.
#[derive(Debug, Clone, Copy)]
struct Near {
    medoid: usize,
    first: f64,
    second: f64,
}

impl Points {
    pub(super) fn new(weights: Vec<f64>, distance: impl Fn(usize, usize) -> f64) -> Self {
        let n = weights.len();
        let mut distances = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..i {
                let apart = distance(i, j);
                distances[i * n + j] = apart;
                distances[j * n + i] = apart;
            }
        }
        Self { weights, distances }
    }

    /// The distances of all points from one.
    fn row(&self, point: usize) -> &[f64] {
        let n = self.weights.len();
        self.distances
            .get(point * n..(point + 1) * n)
            .unwrap_or(&[])
    }

    /// The start: each medoid where it helps most (BUILD).
    fn build(&self, k: usize) -> Vec<usize> {
        let n = self.weights.len();
        let mut medoids = Vec::with_capacity(k);
        let mut nearest = vec![2.0; n]; // farther than any distance
        while medoids.len() < k.min(n) {
            let gain = |point: usize| -> f64 {
                let near = nearest.iter().zip(self.row(point));
                near.zip(&self.weights)
                    .map(|((near, apart), weight)| weight * (near - apart).max(0.0))
                    .sum()
            };
            let mut best: Option<(usize, f64)> = None;
            for point in (0..n).filter(|point| !medoids.contains(point)) {
                let gain = gain(point);
                if best.is_none_or(|(_, most)| gain > most) {
                    best = Some((point, gain));
                }
            }
            let Some((point, _)) = best else { break };
            for (near, apart) in nearest.iter_mut().zip(self.row(point)) {
                *near = near.min(*apart);
            }
            medoids.push(point);
        }
        medoids
    }

    fn near(&self, medoids: &[usize]) -> Vec<Near> {
        let near = |point: usize| {
            let mut near = Near {
                medoid: 0,
                first: f64::INFINITY,
                second: f64::INFINITY,
            };
            let row = self.row(point);
            for (place, &medoid) in medoids.iter().enumerate() {
                let apart = row.get(medoid).copied().unwrap_or(f64::INFINITY);
                if apart < near.first {
                    near = Near {
                        medoid: place,
                        first: apart,
                        second: near.first,
                    };
                } else {
                    near.second = near.second.min(apart);
                }
            }
            near
        };
        (0..self.weights.len()).map(near).collect()
    }

    /// `k` medoids that no exchange of one of them for another point improves; fewer if there are
    /// fewer points.
    pub(super) fn medoids(&self, k: usize) -> Vec<usize> {
        let mut medoids = self.build(k);
        let n = self.weights.len();
        if medoids.len() < 2 || medoids.len() >= n {
            // One medoid: the start is the best there is.
            return medoids;
        }
        let mut near = self.near(&medoids);
        for _ in 0..ROUNDS {
            let mut moved = false;
            for point in 0..n {
                if medoids.contains(&point) {
                    continue;
                }
                let (place, change) = self.best_exchange(point, medoids.len(), &near);
                if change < -1e-12 {
                    if let Some(medoid) = medoids.get_mut(place) {
                        *medoid = point;
                        moved = true;
                        near = self.near(&medoids);
                    }
                }
            }
            if !moved {
                break;
            }
        }
        medoids
    }

    /// For which medoid a point is best exchanged, and by how much of the mean cost that changes it.
    fn best_exchange(&self, point: usize, k: usize, near: &[Near]) -> (usize, f64) {
        let mut removed = vec![0.0; k];
        let (mut added, mut total) = (0.0, 0.0);
        for ((near, apart), weight) in near.iter().zip(self.row(point)).zip(&self.weights) {
            total += weight;
            let Some(removed) = removed.get_mut(near.medoid) else {
                continue;
            };
            if *apart < near.first {
                // Whoever leaves, this point comes over.
                added += weight * (apart - near.first);
            } else {
                *removed += weight * (apart.min(near.second) - near.first);
            }
        }
        let mut best = (0, f64::INFINITY);
        for (place, removed) in removed.into_iter().enumerate() {
            if removed < best.1 {
                best = (place, removed);
            }
        }
        (best.0, (best.1 + added) / total)
    }

    /// The mean silhouette of each cluster and of all points: how much closer they are to their own
    /// cluster than to the next one, from −1 to 1; a point alone in its cluster has 0.
    pub(super) fn silhouettes(&self, clusters: &[usize], k: usize) -> (Vec<f64>, f64) {
        let mut sizes = vec![0.0; k];
        for (cluster, weight) in clusters.iter().zip(&self.weights) {
            if let Some(size) = sizes.get_mut(*cluster) {
                *size += weight;
            }
        }
        let mut sums = vec![0.0; k];
        let mut to = vec![0.0; k];
        for (point, (&own, &weight)) in clusters.iter().zip(&self.weights).enumerate() {
            to.fill(0.0);
            for ((cluster, apart), weight) in
                clusters.iter().zip(self.row(point)).zip(&self.weights)
            {
                if let Some(to) = to.get_mut(*cluster) {
                    *to += weight * apart;
                }
            }
            let (mut inside, mut outside) = (None, f64::INFINITY);
            for (cluster, (sum, size)) in to.iter().zip(&sizes).enumerate() {
                if cluster == own {
                    inside = (*size > 1.0).then(|| sum / (size - 1.0));
                } else if *size > 0.0 {
                    outside = outside.min(sum / size);
                }
            }
            let most = inside.unwrap_or(0.0).max(outside);
            let silhouette = match inside {
                Some(inside) if most > 0.0 && most.is_finite() => (outside - inside) / most,
                _ => 0.0,
            };
            if let Some(sum) = sums.get_mut(own) {
                *sum += weight * silhouette;
            }
        }
        let all = sums.iter().sum::<f64>() / self.weights.iter().sum::<f64>();
        let means = sums.into_iter().zip(sizes);
        let mean = |(sum, size): (f64, f64)| if size > 0.0 { sum / size } else { 0.0 };
        (means.map(mean).collect(), all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(points: &Points, medoids: &[usize]) -> f64 {
        let near = points.near(medoids);
        near.iter()
            .zip(&points.weights)
            .map(|(near, w)| w * near.first)
            .sum()
    }

    #[test]
    fn no_set_of_medoids_of_a_small_line_is_better() {
        let places = [0.0_f64, 0.02, 0.05, 0.4, 0.44, 0.45, 0.7, 0.9, 0.95];
        let weights = vec![1.0, 5.0, 1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 1.0];
        let points = Points::new(weights, |i, j| (places[i] - places[j]).abs());
        let found = cost(&points, &points.medoids(3));
        let mut best = f64::INFINITY;
        for a in 0..places.len() {
            for b in 0..a {
                for c in 0..b {
                    best = best.min(cost(&points, &[a, b, c]));
                }
            }
        }
        assert!((found - best).abs() < 1e-12, "{found} {best}");
    }

    #[test]
    fn a_point_that_counts_twice_is_two_points() {
        let places = [0.0_f64, 0.1, 0.6, 0.8];
        let twice = [0.0_f64, 0.1, 0.1, 0.6, 0.6, 0.6, 0.8];
        let weighted = Points::new(vec![1.0, 2.0, 3.0, 1.0], move |i, j| {
            (places[i] - places[j]).abs()
        });
        let plain = Points::new(vec![1.0; 7], move |i, j| (twice[i] - twice[j]).abs());
        let (_, ours) = weighted.silhouettes(&[0, 0, 1, 1], 2);
        let (_, theirs) = plain.silhouettes(&[0, 0, 0, 1, 1, 1, 1], 2);
        assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
    }
}
