//! The log-likelihood where both clocks run evenly within a step, as for the Pareto/NBD.
//!
//! What a step's covariates make of the rates is computed once for each distinct row of covariates,
//! where the clocks stand once for each path. Customers add what they see of their silent pieces; how
//! it changes with the effects is gathered backwards along the path, once for all its customers, and
//! so costs the same for many effects as for few.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::numeric::chunks::{Grain, add_each, fold};
use crate::numeric::panel::{LANES, Lanes, degree, panels};
use crate::numeric::special::ln_one_plus;

use super::super::super::sample::{Rising, rising_table};
use super::super::clock::{Clock, Law, STEEPEST};
use super::rule::gone;
use super::{Data, Row, Track};

/// The log-likelihood of a sample.
pub(in super::super) struct Even<'a> {
    data: &'a Data,
    purchase: Speeds<'a>,
    dropout: Speeds<'a>,
    rising: Vec<Rising>,
    grain: Grain,
}

/// How fast a clock runs under each distinct row of covariates.
struct Speeds<'a> {
    rows: Vec<&'a [f64]>,
    /// For each track and step the place of its row.
    places: Vec<Vec<u32>>,
    /// `e^predictor`, divided by where the clock stands at first.
    by_row: Vec<f64>,
}

impl<'a> Speeds<'a> {
    fn new(tracks: &'a [Track], width: usize, of: impl Fn(&'a Track) -> &'a [f64]) -> Self {
        let state = DefaultHashBuilder::default();
        let hash = |row: &[f64]| {
            let mut hasher = state.build_hasher();
            for z in row {
                hasher.write_u64(z.to_bits());
            }
            hasher.finish()
        };
        let alike = |a: &[f64], b: &[f64]| {
            let mut pairs = a.iter().zip(b);
            pairs.all(|(a, b)| a.to_bits() == b.to_bits())
        };
        let mut rows: Vec<&[f64]> = Vec::new();
        let mut known: HashTable<u32> = HashTable::new();
        let mut place = |row: &'a [f64]| -> u32 {
            let key = hash(row);
            if let Some(&place) = known.find(key, |&i| alike(rows[i as usize], row)) {
                return place;
            }
            // Fewer rows than fit a memory of 64 GB.
            let place = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            rows.push(row);
            known.insert_unique(key, place, |&i| hash(rows[i as usize]));
            place
        };
        let places = tracks.iter().map(|track| {
            let steps = 0..track.from.len() - 1;
            let rows = steps.map(|step| &of(track)[step * width..(step + 1) * width]);
            rows.map(&mut place).collect()
        });
        let places = places.collect();
        Self {
            by_row: vec![0.0; rows.len()],
            rows,
            places,
        }
    }

    /// Sets the speeds, unless a predictor is beyond reason.
    fn set(&mut self, effects: &[f64], ln_first: f64) -> bool {
        for (speed, row) in self.by_row.iter_mut().zip(&self.rows) {
            let terms = effects.iter().zip(*row).map(|(effect, z)| effect * z);
            let predictor: f64 = terms.sum();
            if !(-STEEPEST..=STEEPEST).contains(&predictor) {
                return false;
            }
            *speed = (predictor - ln_first).exp();
        }
        true
    }
}

/// The log-likelihood of some customers, and its gradient.
struct Sums {
    value: f64,
    gradient: Vec<f64>,
}

impl Sums {
    fn add(&mut self, more: &Self) {
        self.value += more.value;
        add_each(&mut self.gradient, &more.gradient);
    }
}

impl<'a> Even<'a> {
    pub(super) fn new(data: &'a Data) -> Self {
        let (purchase, dropout) = data.effects;
        Self {
            data,
            // A step takes about as long as a row of a model without covariates.
            grain: data.grain(1),
            purchase: Speeds::new(&data.tracks, purchase, |track| &track.purchase),
            dropout: Speeds::new(&data.tracks, dropout, |track| &track.dropout),
            rising: Vec::with_capacity(data.frequencies.len()),
        }
    }

    pub(super) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let data = self.data;
        let base: Vec<f64> = x[..data.own].iter().map(|x| x.exp()).collect();
        let law = data.places.law(&base);
        let (of_purchase, of_dropout) = x[data.own..].split_at(data.effects.0);
        let ln_beta = data
            .places
            .dropout
            .map_or(f64::INFINITY, |(_, beta)| x[beta]);
        gradient.fill(0.0);
        if !(self.purchase.set(of_purchase, x[1]) && self.dropout.set(of_dropout, ln_beta)) {
            return f64::NEG_INFINITY;
        }
        rising_table(law.r, 0, &data.frequencies, &mut self.rising);
        let part = |rows: &[Row]| self.part(&law, x, rows);
        let sums = fold(&data.rows, self.grain, part, |sums, more| sums.add(&more));
        gradient.copy_from_slice(&sums.gradient);
        sums.value
    }

    /// What some customers add.
    fn part(&self, law: &Law, x: &[f64], rows: &[Row]) -> Sums {
        let data = self.data;
        let mut sums = Sums {
            value: 0.0,
            gradient: vec![0.0; x.len()],
        };
        let mut walk = Walk {
            law: *law,
            from: &[],
            steps: Vec::new(),
        };
        for rows in rows.chunk_by(|a, b| a.track == b.track) {
            let track = rows[0].track;
            self.begin(&mut walk, track, rows);
            for row in rows {
                let frequency = f64::from(data.frequencies[row.frequency]);
                let seen = walk.see(row, law.r + frequency, data.places.dropout.is_some());
                let rise = self.rising[row.frequency];
                let (own, effects) = sums.gradient.split_at_mut(data.own);
                let factors = x[data.own..].iter().zip(&row.sums);
                let factors: f64 = factors.map(|(effect, sum)| effect * sum).sum();
                let of_rate = rise.ln - frequency * x[1] + factors;
                sums.value += row.weight * (of_rate + seen.ln);
                own[0] += row.weight * law.r * (rise.slope + seen.r);
                own[1] += row.weight
                    * (law.r * seen.alpha_rest - frequency * seen.alpha_share + seen.alpha_own);
                if let Some((s, beta)) = data.places.dropout {
                    own[s] += row.weight * law.s * seen.s;
                    own[beta] += row.weight * (law.s * seen.beta_rest + seen.beta_own);
                }
                for (slope, sum) in effects.iter_mut().zip(&row.sums) {
                    *slope += row.weight * sum;
                }
            }
            self.gather(&walk, track, &mut sums.gradient[data.own..]);
        }
        sums
    }

    /// Follows the clocks along a track as far as these customers of it go.
    fn begin(&self, walk: &mut Walk<'a>, track: usize, rows: &[Row]) {
        let (mut recency, mut age) = (f64::INFINITY, 0.0_f64);
        for row in rows {
            recency = recency.min(row.recency);
            age = age.max(row.age);
        }
        walk.from = &self.data.tracks[track].from;
        walk.steps.clear();
        let (first, last) = (walk.place(recency), walk.place(age));
        let speeds = self.purchase.places[track]
            .iter()
            .zip(&self.dropout.places[track]);
        let (mut a, mut b) = (0.0, 0.0);
        for (i, (&z, &w)) in speeds.enumerate().take(last + 1) {
            let mut step = Step {
                len: 0.0,
                a,
                b,
                speed_a: self.purchase.by_row[z as usize],
                speed_b: self.dropout.by_row[w as usize],
                middle: Middle::default(),
                fresh: Pull::default(),
                pull: Pull::default(),
            };
            if i < last {
                step.len = walk.from[i + 1] - walk.from[i];
                if i > first {
                    step.middle = step.piece(0.0, step.len);
                }
                a += step.speed_a * step.len;
                b += step.speed_b * step.len;
            }
            walk.steps.push(step);
        }
    }

    /// Turns what pulls at the clocks into slopes in the effects.
    fn gather(&self, walk: &Walk<'_>, track: usize, slopes: &mut [f64]) {
        let (of_purchase, of_dropout) = slopes.split_at_mut(self.data.effects.0);
        let places = self.purchase.places[track]
            .iter()
            .zip(&self.dropout.places[track]);
        let (mut later_a, mut later_b) = (0.0, 0.0);
        for (step, (&z, &w)) in walk.steps.iter().zip(places).rev() {
            let by_a = step.pull.own_a + step.speed_a * step.len * later_a;
            let by_b = step.pull.own_b + step.speed_b * step.len * later_b;
            for (slope, z) in of_purchase.iter_mut().zip(self.purchase.rows[z as usize]) {
                *slope += by_a * z;
            }
            for (slope, w) in of_dropout.iter_mut().zip(self.dropout.rows[w as usize]) {
                *slope += by_b * w;
            }
            later_a += step.pull.before_a;
            later_b += step.pull.before_b;
        }
    }
}

/// One track as its customers see it.
struct Walk<'a> {
    law: Law,
    /// Where each step begins.
    from: &'a [f64],
    steps: Vec<Step>,
}

/// A step of a track. `a` and `b` are `A/α` and `B/β`.
#[derive(Debug, Clone, Copy)]
struct Step {
    len: f64,
    /// At its beginning.
    a: f64,
    b: f64,
    speed_a: f64,
    speed_b: f64,
    /// The whole step as a silent piece.
    middle: Middle,
    /// What the present customer pulls here, in units of its weights.
    fresh: Pull,
    /// What all customers pull.
    pull: Pull,
}

/// How the log-likelihood changes with where the clocks stand here.
#[derive(Debug, Clone, Copy, Default)]
struct Pull {
    /// As the clocks rise by 1 before this step.
    before_a: f64,
    before_b: f64,
    /// With the logarithm of the speeds in this step.
    own_a: f64,
    own_b: f64,
}

/// Where the clocks stand at some time within a step.
#[derive(Debug, Clone, Copy, Default)]
struct Stand {
    a: f64,
    b: f64,
    /// `1/(1 + a)`.
    share_a: f64,
    share_b: f64,
    /// `ln(1 + a)`.
    ln_a: f64,
    ln_b: f64,
    /// What of `a` came in this step.
    own_a: f64,
    own_b: f64,
}

/// The middle of a silent piece.
#[derive(Debug, Clone, Copy, Default)]
struct Middle {
    stand: Stand,
    /// How far `1 + a` rises from here to the end of the piece, relative to itself.
    p: f64,
    q: f64,
}

/// A dropout in a silent piece, seen from where the clocks stand at some time in it.
struct Gone {
    stand: Stand,
    amount: f64,
    /// Means of the logarithms of how far the clocks have risen since.
    ln_a: f64,
    ln_b: f64,
    /// The slopes in `ln(1 + a)` that this adds.
    by_a: f64,
    by_b: f64,
}

/// One customer's log-likelihood without what depends on the purchases alone, and its slopes.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    ln: f64,
    total: f64,
    r: f64,
    alpha_rest: f64,
    alpha_share: f64,
    alpha_own: f64,
    s: f64,
    beta_rest: f64,
    beta_own: f64,
}

impl Step {
    /// Where the clocks stand this long after the step began.
    fn stand(&self, time: f64) -> Stand {
        let (own_a, own_b) = (self.speed_a * time, self.speed_b * time);
        let (a, b) = (self.a + own_a, self.b + own_b);
        Stand {
            a,
            b,
            share_a: 1.0 / (1.0 + a),
            share_b: 1.0 / (1.0 + b),
            ln_a: ln_one_plus(a),
            ln_b: ln_one_plus(b),
            own_a,
            own_b,
        }
    }

    /// The middle of a piece that begins this long after the step did.
    fn piece(&self, after: f64, len: f64) -> Middle {
        let half = 0.5 * len;
        let stand = self.stand(after + half);
        Middle {
            stand,
            p: self.speed_a * half * stand.share_a,
            q: self.speed_b * half * stand.share_b,
        }
    }
}

impl Walk<'_> {
    /// The step that a time belongs to.
    fn place(&self, time: f64) -> usize {
        let steps = &self.from[..self.from.len() - 1];
        steps
            .partition_point(|&from| from <= time)
            .saturating_sub(1)
    }

    /// One customer; what it pulls is added to the steps.
    fn see(&mut self, row: &Row, shape: f64, drops_out: bool) -> Seen {
        let (first, last) = (self.place(row.recency), self.place(row.age));
        let since = row.recency - self.from[first];
        let purchase = self.steps[first].stand(since);
        let end = self.steps[last].stand(row.age - self.from[last]);
        for step in &mut self.steps[first..=last] {
            step.fresh = Pull::default();
        }
        let mut seen = Seen::default();
        // Weights are relative to where the silence begins, where one of a dropout is not far from 1.
        let mut origin = end;
        if drops_out && row.recency < row.age {
            origin = purchase;
            let whole = self.steps[first].middle;
            let until = row.age.min(self.from[first + 1]);
            self.steps[first].middle = self.steps[first].piece(since, until - row.recency);
            // The last step may have just begun.
            let mut count = last + 1 - first;
            let of_last = self.steps[last].middle;
            if last > first {
                let len = row.age - self.from[last];
                if len > 0.0 {
                    self.steps[last].middle = self.steps[last].piece(0.0, len);
                } else {
                    count -= 1;
                }
            }
            self.silent(row, shape, &purchase, first..first + count, &mut seen);
            if last > first {
                self.steps[last].middle = of_last;
            }
            self.steps[first].middle = whole;
        }
        let law = &self.law;
        let weight = (-shape * (end.ln_a - origin.ln_a) - law.s * (end.ln_b - origin.ln_b)).exp();
        seen.total += weight;
        seen.r -= weight * end.ln_a;
        seen.alpha_rest += weight * end.a * end.share_a;
        seen.alpha_share += weight * end.share_a;
        seen.s -= weight * end.ln_b;
        seen.beta_rest += weight * end.b * end.share_b;
        let fresh = &mut self.steps[last].fresh;
        let (before_a, before_b) = (-shape * weight * end.share_a, -law.s * weight * end.share_b);
        fresh.before_a += before_a;
        fresh.before_b += before_b;
        fresh.own_a += before_a * end.own_a;
        fresh.own_b += before_b * end.own_b;

        let part = 1.0 / seen.total;
        for step in &mut self.steps[first..=last] {
            let (pull, fresh) = (&mut step.pull, &step.fresh);
            let part = row.weight * part;
            pull.before_a += part * fresh.before_a;
            pull.before_b += part * fresh.before_b;
            pull.own_a += part * fresh.own_a;
            pull.own_b += part * fresh.own_b;
        }
        let until = -shape * origin.ln_a - law.s * origin.ln_b;
        seen.over(part, until)
    }

    /// Adds a dropout in each of the pieces.
    fn silent(
        &mut self,
        row: &Row,
        shape: f64,
        purchase: &Stand,
        pieces: std::ops::Range<usize>,
        seen: &mut Seen,
    ) {
        let law = self.law;
        let mut begin = pieces.start;
        while begin < pieces.end {
            let some = begin..pieces.end.min(begin + LANES);
            let (mut p, mut q): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
            for (i, step) in self.steps[some.clone()].iter().enumerate() {
                (p[i], q[i]) = (step.middle.p, step.middle.q);
            }
            let dropout = law.s + 1.0;
            if let Some(degree) = degree(shape, dropout, &p, &q) {
                let found = panels(shape, dropout, &p, &q, degree);
                for (i, step) in self.steps[some.clone()].iter_mut().enumerate() {
                    let gone = Gone {
                        stand: step.middle.stand,
                        amount: law.s * q[i] * found.whole[i],
                        ln_a: found.ln_p[i],
                        ln_b: found.ln_q[i],
                        by_a: found.by_p[i],
                        by_b: found.by_q[i],
                    };
                    step.fresh = seen.add(&gone, &law, shape, purchase);
                }
            } else {
                for place in some.clone() {
                    let gone = self.long(row, shape, place);
                    self.steps[place].fresh = seen.add(&gone, &law, shape, purchase);
                }
            }
            begin = some.end;
        }
    }

    /// A dropout in a piece too long for a series, seen from its beginning.
    fn long(&self, row: &Row, shape: f64, place: usize) -> Gone {
        let (law, step) = (&self.law, &self.steps[place]);
        let begin = row.recency.max(self.from[place]);
        let stand = step.stand(begin - self.from[place]);
        let clock = Clock {
            alpha: (1.0 + stand.a) / step.speed_a,
            beta: (1.0 + stand.b) / step.speed_b,
        };
        let len = row.age.min(self.from[place + 1]) - begin;
        let gone = gone(law, shape, clock, len);
        Gone {
            stand,
            amount: law.s / clock.beta * gone.ln.exp(),
            ln_a: gone.ln_alpha,
            ln_b: gone.ln_beta,
            by_a: shape * gone.alpha_risen,
            by_b: (law.s + 1.0) * gone.beta_risen,
        }
    }
}

impl Seen {
    /// Adds a dropout in one piece: what it pulls there.
    fn add(&mut self, gone: &Gone, law: &Law, shape: f64, purchase: &Stand) -> Pull {
        let stand = &gone.stand;
        let ln = -shape * (stand.ln_a - purchase.ln_a) - law.s * (stand.ln_b - purchase.ln_b);
        let weight = ln.exp() * gone.amount;
        self.total += weight;
        self.r -= weight * (stand.ln_a + gone.ln_a);
        self.alpha_rest += weight * stand.a * stand.share_a;
        self.alpha_share += weight * stand.share_a;
        self.alpha_own += weight * gone.by_a * stand.share_a;
        self.s += weight * (1.0 / law.s - stand.ln_b - gone.ln_b);
        self.beta_rest += weight * stand.b * stand.share_b;
        self.beta_own += weight * (gone.by_b - 1.0) * stand.share_b;
        let before_a = weight * (gone.by_a - shape) * stand.share_a;
        let before_b = weight * (gone.by_b - 1.0 - law.s) * stand.share_b;
        Pull {
            before_a,
            before_b,
            own_a: before_a * stand.own_a - weight * gone.by_a,
            own_b: before_b * stand.own_b + weight * (1.0 - gone.by_b),
        }
    }

    /// With the weights in parts of their total, which count from this logarithm.
    fn over(self, part: f64, until: f64) -> Self {
        Self {
            ln: until + self.total.ln(),
            total: self.total,
            r: part * self.r,
            alpha_rest: part * self.alpha_rest,
            alpha_share: part * self.alpha_share,
            alpha_own: part * self.alpha_own,
            s: part * self.s,
            beta_rest: part * self.beta_rest,
            beta_own: part * self.beta_own,
        }
    }
}
