//! How segments by needs are found.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::super::medoids::Points;
use super::{
    NeedsClusterPolicy, NeedsClusters, NeedsSegment, Roots, SegmentError, distance, nearest, roots,
};
use crate::numeric::random::RandomStream;
use crate::scorer::ScoreError;
use crate::summary::{CustomerSummary, PreferenceEvidence};

/// Distinct needs, each with the number of customers who have them, in an order of their own.
struct Population {
    categories: Vec<SmolStr>,
    needs: Vec<(Roots, u64)>,
    customers: u64,
    unknown: u64,
    not_modelled: u64,
}

impl Population {
    fn of<C: Borrow<CustomerSummary>>(
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let mut places: BTreeMap<SmolStr, u32> = BTreeMap::new();
        let (mut rows, mut unknown, mut not_modelled) = (Vec::new(), 0, 0);
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_err() {
                not_modelled += 1;
                continue;
            }
            let likes = customer.preferences().map_err(|reason| {
                let customer = customer.customer().clone();
                ScoreError::Unreadable { customer, reason }
            })?;
            let amounts = likes.into_iter().flat_map(PreferenceEvidence::counts);
            let amounts = amounts.map(|count| {
                let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
                let place = places.entry(SmolStr::new(count.category)).or_insert(next);
                (*place, count.slow)
            });
            match roots(amounts.collect::<Vec<_>>().into_iter()) {
                Some(roots) => rows.push(roots),
                None => unknown += 1,
            }
        }
        // Places in the order of names, so that the order of the customers does not matter.
        let mut rank = vec![0; places.len()];
        for (new, old) in (0_u32..).zip(places.values()) {
            if let Some(rank) = rank.get_mut(*old as usize) {
                *rank = new;
            }
        }
        for row in &mut rows {
            for (place, _) in row.iter_mut() {
                *place = rank.get(*place as usize).copied().unwrap_or_default();
            }
            row.sort_by_key(|(place, _)| *place);
        }
        let order = |a: &Roots, b: &Roots| {
            let bits = |(place, root): &(u32, f64)| (*place, root.to_bits());
            a.iter().map(bits).cmp(b.iter().map(bits))
        };
        rows.sort_by(order);
        let customers = rows.len() as u64;
        let mut needs: Vec<(Roots, u64)> = Vec::new();
        for row in rows {
            match needs.last_mut() {
                Some((last, count)) if *last == row => *count += 1,
                _ => needs.push((row, 1)),
            }
        }
        Ok(Self {
            categories: places.into_keys().collect(),
            needs,
            customers,
            unknown,
            not_modelled,
        })
    }

    /// All of them if they are few, or else customers drawn with replacement; those with the same
    /// needs count together. `always` are among them, and at least so many `distinct` ones.
    fn sample(
        &self,
        many: usize,
        distinct: usize,
        random: &mut RandomStream,
        always: &[usize],
    ) -> (Vec<usize>, Vec<f64>) {
        if self.needs.len() <= many {
            let weights = self.needs.iter().map(|(_, count)| *count as f64);
            return ((0..self.needs.len()).collect(), weights.collect());
        }
        let mut up_to = 0;
        let ends: Vec<u64> = self
            .needs
            .iter()
            .map(|(_, count)| {
                up_to += count;
                up_to
            })
            .collect();
        let mut drawn: BTreeMap<usize, f64> = always.iter().map(|&place| (place, 1.0)).collect();
        for _ in 0..many {
            let at = random.uniform() * self.customers as f64;
            let place = ends.partition_point(|end| *end as f64 <= at);
            *drawn.entry(place.min(ends.len() - 1)).or_default() += 1.0;
        }
        // Where nearly everybody is alike, others are found by looking for them.
        while drawn.len() < distinct.min(ends.len()) {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 0 to the number of distinct needs"
            )]
            let from = (random.uniform() * ends.len() as f64) as usize;
            let next = (from..ends.len()).chain(0..from);
            if let Some(place) = next.into_iter().find(|place| !drawn.contains_key(place)) {
                drawn.insert(place, 1.0);
            }
        }
        drawn.into_iter().unzip()
    }

    fn roots(&self, place: usize) -> &[(u32, f64)] {
        self.needs.get(place).map_or(&[], |(roots, _)| roots)
    }

    fn points(&self, places: &[usize], weights: Vec<f64>) -> Points {
        let roots: Vec<&[(u32, f64)]> = places.iter().map(|&place| self.roots(place)).collect();
        let of = |n: usize| roots.get(n).copied().unwrap_or(&[]);
        Points::new(weights, |i, j| distance(of(i), of(j)))
    }

    /// The cost of all customers under some medoids, and how many each has.
    fn assigned(&self, medoids: &[usize]) -> (f64, Vec<u64>) {
        let roots: Vec<Roots> = medoids.iter().map(|&m| self.roots(m).to_vec()).collect();
        let (mut cost, mut sizes) = (0.0, vec![0; medoids.len()]);
        for (row, count) in &self.needs {
            if let Some((place, apart, _)) = nearest(row, roots.iter()) {
                cost += *count as f64 * apart;
                if let Some(size) = sizes.get_mut(place) {
                    *size += count;
                }
            }
        }
        (cost, sizes)
    }

    fn best_medoids(&self, policy: &NeedsClusterPolicy) -> Vec<usize> {
        let mut best: Option<(f64, Vec<usize>)> = None;
        let all_at_once = self.needs.len() <= policy.sample();
        for stream in 0..policy.samples() as u64 {
            let mut random = RandomStream::new(policy.seed(), stream);
            let before = best.as_ref().map_or(&[][..], |(_, medoids)| medoids);
            let (places, weights) =
                self.sample(policy.sample(), policy.segments(), &mut random, before);
            let found = self.points(&places, weights).medoids(policy.segments());
            let found = found.iter().filter_map(|&n| places.get(n).copied());
            let found: Vec<usize> = found.collect();
            let (cost, _) = self.assigned(&found);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, found));
            }
            if all_at_once {
                break;
            }
        }
        best.map_or_else(Vec::new, |(_, medoids)| medoids)
    }
}

impl NeedsClusters {
    /// The segments of a population, in whatever order it comes.
    ///
    /// Customers with the same shares are one point that counts several times. Up to
    /// [`sample`](NeedsClusterPolicy::sample) distinct ones are compared all with all; of more, samples are
    /// drawn (CLARA), each searched for medoids, and those kept by which all customers are closest to
    /// their medoid. A segment with too few customers is dissolved: its customers go to the nearest
    /// of those left, the smallest segment first.
    ///
    /// # Cost
    ///
    /// For samples of `m` distinct customers, `k` segments and `r` rounds of exchanges:
    /// `O(samples · m²)` distances, each of as many steps as the two customers have categories, and
    /// `O(samples · (k + r) · m²)` additions; `O((samples + d) · n · k)` distances to assign `n`
    /// distinct customers, of `d` segments that are dissolved; and `O(n log n)` to sort them. So it
    /// is linear in the population but for the sorting. Memory of 8 bytes for each of `m²` pairs, 8 MB
    /// by default.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] with fewer distinct needs than segments, or fewer customers than
    /// a segment must have; [`SegmentError::Score`] if the preferences of somebody who permits segments cannot be read.
    pub fn fit<C: Borrow<CustomerSummary>>(
        customers: impl IntoIterator<Item = C>,
        policy: &NeedsClusterPolicy,
    ) -> Result<Self, SegmentError> {
        let population = Population::of(customers)?;
        let too_few = |of, needed, found| {
            let what = "segments by needs";
            SegmentError::NotIdentified {
                what,
                needed,
                of,
                found,
            }
        };
        let distinct = population.needs.len();
        if distinct < policy.segments() {
            let of = "customers with different needs";
            return Err(too_few(of, policy.segments(), distinct));
        }
        if population.customers < policy.least_customers() {
            let needed = usize::try_from(policy.least_customers()).unwrap_or(usize::MAX);
            let found = usize::try_from(population.customers).unwrap_or(usize::MAX);
            return Err(too_few("customers with known needs", needed, found));
        }
        let mut medoids = population.best_medoids(policy);
        if medoids.len() < policy.segments() {
            let of = "customers with different needs in a sample";
            return Err(too_few(of, policy.segments(), medoids.len()));
        }
        let (_, mut sizes) = population.assigned(&medoids);
        let mut dissolved = 0;
        while let Some((place, size)) = smallest(&sizes) {
            if size >= policy.least_customers() || medoids.len() < 2 {
                break;
            }
            medoids.remove(place);
            dissolved += 1;
            (_, sizes) = population.assigned(&medoids);
        }
        let mut order: Vec<(u64, usize)> = sizes.into_iter().zip(medoids).collect();
        order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(population.segments(&order, dissolved, policy))
    }
}

fn smallest(sizes: &[u64]) -> Option<(usize, u64)> {
    let sizes = sizes.iter().copied().enumerate();
    sizes.min_by_key(|(_, size)| *size)
}

impl Population {
    /// The segments of these medoids, given with how many customers they have.
    fn segments(
        self,
        order: &[(u64, usize)],
        dissolved: u64,
        policy: &NeedsClusterPolicy,
    ) -> NeedsClusters {
        let medoids: Vec<Roots> = order.iter().map(|&(_, m)| self.roots(m).to_vec()).collect();
        let mut random = RandomStream::new(policy.seed(), policy.samples() as u64);
        let (places, weights) = self.sample(policy.sample(), medoids.len(), &mut random, &[]);
        let own = |place: &usize| {
            nearest(self.roots(*place), medoids.iter()).map_or(0, |(medoid, ..)| medoid)
        };
        let clusters: Vec<usize> = places.iter().map(own).collect();
        let points = self.points(&places, weights);
        let (each, all) = points.silhouettes(&clusters, medoids.len());
        let several = medoids.len() > 1;
        let segments = medoids.into_iter().zip(order).zip(each);
        let segments = segments.map(|((medoid, (customers, _)), silhouette)| NeedsSegment {
            medoid,
            customers: *customers,
            silhouette: several.then_some(silhouette),
        });
        NeedsClusters {
            segments: segments.collect(),
            silhouette: several.then_some(all),
            categories: self.categories,
            unknown: self.unknown,
            not_modelled: self.not_modelled,
            dissolved,
        }
    }
}
