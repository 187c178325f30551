//! The log-likelihood where dropout's clock races, as for the Gompertz. What customers of one path
//! share, the clocks at the beginning of each step, is computed once.

use crate::numeric::chunks::{Grain, INTEGRAL, add_each, fold, for_each_mut};
use crate::numeric::special::ln_one_plus;
use crate::numeric::stretch::Stretch;

use super::super::super::sample::{Rising, rising_table};
use super::super::clock::{Clock, Law, Piece, Risen, STEEPEST};
use super::rule::gone;
use super::{Data, Row, Track};

/// Where the clocks stand at some time, and how that changes with the parameters.
#[derive(Debug, Clone, PartialEq)]
struct State {
    time: f64,
    clock: Clock,
    /// Since the first purchase.
    risen: Risen,
    /// Slopes of `ln(α + A)` in `ln α` and of `ln(β + B)` in `ln β`, and what they lack of 1.
    alpha_share: f64,
    alpha_rest: f64,
    beta_share: f64,
    beta_rest: f64,
    /// Slope of `ln(β + B)` in `ln b`.
    by_b: f64,
    /// Slopes of `ln(α + A)` in the effects on purchase, then of `ln(β + B)` in those on dropout.
    by_effects: Vec<f64>,
}

impl State {
    fn new(effects: usize) -> Self {
        Self {
            time: 0.0,
            clock: Clock {
                alpha: 1.0,
                beta: 1.0,
            },
            risen: Risen::default(),
            alpha_share: 1.0,
            alpha_rest: 0.0,
            beta_share: 1.0,
            beta_rest: 0.0,
            by_b: 0.0,
            by_effects: vec![0.0; effects],
        }
    }

    /// Takes on another state without new memory.
    fn copy(&mut self, other: &Self) {
        let mut by_effects = std::mem::take(&mut self.by_effects);
        by_effects.copy_from_slice(&other.by_effects);
        *self = Self {
            by_effects,
            ..Self {
                by_effects: Vec::new(),
                ..*other
            }
        };
    }

    /// Moves on within a step with these covariates.
    fn advance(&mut self, b: f64, time: f64, purchase: &[f64], dropout: &[f64]) {
        let risen = Risen {
            ln_alpha: ln_one_plus(time / self.clock.alpha),
            ln_beta: self.clock.risen(b, time).ln_beta,
        };
        let next = self.clock.after(b, time);
        let alpha_share = self.clock.alpha / next.alpha;
        let alpha_rest = time / next.alpha;
        let (beta_share, beta_rest) = ((-risen.ln_beta).exp(), -(-risen.ln_beta).exp_m1());
        if b > 0.0 {
            self.by_b = self.by_b * beta_share + b * self.time * beta_rest + time / next.beta;
        }
        let (of_purchase, of_dropout) = self.by_effects.split_at_mut(purchase.len());
        for (slope, z) in of_purchase.iter_mut().zip(purchase) {
            *slope = *slope * alpha_share + z * alpha_rest;
        }
        for (slope, w) in of_dropout.iter_mut().zip(dropout) {
            *slope = *slope * beta_share + w * beta_rest;
        }
        self.alpha_rest += self.alpha_share * alpha_rest;
        self.alpha_share *= alpha_share;
        self.beta_rest += self.beta_share * beta_rest;
        self.beta_share *= beta_share;
        self.risen = self.risen.and(risen);
        self.clock = next;
        self.time += time;
    }
}

/// The log-likelihood of a sample.
pub(in super::super) struct Racing<'a> {
    data: &'a Data,
    rising: Vec<Rising>,
    /// For each track, the state at the beginning of each step, and the predictors there.
    begun: Vec<Vec<(State, Piece)>>,
    of_paths: Grain,
    of_customers: Grain,
}

/// Room to work on one customer after the other.
struct Space {
    silent: Vec<Silent>,
    now: State,
    slopes: Slopes,
}

impl Space {
    fn new(effects: usize) -> Self {
        Self {
            silent: Vec::new(),
            now: State::new(effects),
            slopes: Slopes {
                r: 0.0,
                alpha_share: 0.0,
                alpha_rest: 0.0,
                b: 0.0,
                s: 0.0,
                beta: 0.0,
                effects: vec![0.0; effects],
            },
        }
    }
}

/// A silent piece of one customer.
#[derive(Debug, Clone, PartialEq)]
struct Silent {
    /// Where the clocks stand before.
    state: State,
    step: usize,
    /// The integral over it.
    gone: Stretch,
    /// Logarithm of the weight of a dropout in it.
    ln: f64,
}

/// What one customer adds to the gradient.
#[derive(Debug, Clone, PartialEq)]
struct Slopes {
    r: f64,
    alpha_share: f64,
    alpha_rest: f64,
    b: f64,
    s: f64,
    beta: f64,
    effects: Vec<f64>,
}

impl<'a> Racing<'a> {
    pub(super) fn new(data: &'a Data) -> Self {
        let effects = data.effects.0 + data.effects.1;
        let blank = Piece {
            from: 0.0,
            to: 0.0,
            ln_purchase: 0.0,
            ln_dropout: 0.0,
        };
        let begun = data.tracks.iter().map(|track| {
            let steps = track.from.len() - 1;
            vec![(State::new(effects), blank); steps]
        });
        let begun: Vec<_> = begun.collect();
        Self {
            data,
            rising: Vec::with_capacity(data.frequencies.len()),
            of_paths: data.grain(1),
            // Each silent step has an integral to it.
            of_customers: data.grain(INTEGRAL),
            begun,
        }
    }

    /// The log-likelihood and its gradient, in the logarithms of the parameters of the base and in
    /// the effects as they are; `−∞` where a predictor is beyond reason.
    pub(super) fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let data = self.data;
        let base: Vec<f64> = x[..data.own].iter().map(|x| x.exp()).collect();
        let law = data.places.law(&base);
        rising_table(law.r, 0, &data.frequencies, &mut self.rising);
        let effects = x[data.own..].split_at(data.effects.0);
        let begun = for_each_mut(&mut self.begun, self.of_paths, |from, part| {
            let mut tracks = data.tracks[from..].iter().zip(part);
            let all = tracks.all(|(track, begun)| begin(&law, data, track, effects, begun));
            if all { Ok(()) } else { Err(BeyondReason) }
        });
        if let Err(BeyondReason) = begun {
            gradient.fill(0.0);
            return f64::NEG_INFINITY;
        }
        let sums = fold(
            &data.rows,
            self.of_customers,
            |rows| self.sums(&law, x, rows),
            |sums, more| add_each(sums, &more),
        );
        gradient.copy_from_slice(&sums[1..]);
        sums[0]
    }

    /// The log-likelihood of some customers, and then its gradient.
    fn sums(&self, law: &Law, place: &[f64], rows: &[Row]) -> Vec<f64> {
        let data = self.data;
        let mut space = Space::new(data.effects.0 + data.effects.1);
        let mut sums = vec![0.0; 1 + place.len()];
        let (value, gradient) = sums.split_at_mut(1);
        for row in rows {
            let ln = self.add(&mut space, law, place, row);
            value[0] += row.weight * ln;
            let slopes = &space.slopes;
            let x = f64::from(data.frequencies[row.frequency]);
            gradient[0] += row.weight * law.r * slopes.r;
            gradient[1] += row.weight * (law.r * slopes.alpha_rest - x * slopes.alpha_share);
            if let Some((s, beta)) = data.places.dropout {
                gradient[s] += row.weight * law.s * slopes.s;
                gradient[beta] += row.weight * slopes.beta;
            }
            if let Some(b) = data.places.b {
                gradient[b] += row.weight * slopes.b;
            }
            for (sum, slope) in gradient[data.own..].iter_mut().zip(&slopes.effects) {
                *sum += row.weight * slope;
            }
        }
        sums
    }

    /// One customer's log-likelihood; its slopes are left in the space.
    fn add(&self, space: &mut Space, law: &Law, place: &[f64], row: &Row) -> f64 {
        let data = self.data;
        let (ln_alpha, effects) = (place[1], &place[data.own..data.own + data.effects.0]);
        let Space {
            silent,
            now,
            slopes,
        } = space;
        let track = &data.tracks[row.track];
        let begun = &self.begun[row.track];
        let (purchase, dropout) = data.effects;
        let x = f64::from(data.frequencies[row.frequency]);
        let shape = law.r + x;
        let covariates = |step: usize| {
            (
                &track.purchase[step * purchase..(step + 1) * purchase],
                &track.dropout[step * dropout..(step + 1) * dropout],
            )
        };
        let first = track.place(row.recency);
        now.copy(&begun[first].0);
        let (z, w) = covariates(first);
        now.advance(law.b, row.recency - track.from[first], z, w);
        let last = now.risen;
        let since = |risen: Risen| {
            -shape * (risen.ln_alpha - last.ln_alpha) - law.s * (risen.ln_beta - last.ln_beta)
        };
        let mut count = 0;
        let mut step = first;
        loop {
            let to = track.from[step + 1].min(row.age);
            let len = to - now.time.max(track.from[step]);
            let (z, w) = covariates(step);
            if len > 0.0 {
                if now.clock.beta.is_finite() {
                    let gone = gone(law, shape, now.clock, len);
                    let ln = since(now.risen) + (law.s / now.clock.beta).ln() + gone.ln;
                    if let Some(place) = silent.get_mut(count) {
                        place.state.copy(now);
                        (place.step, place.gone, place.ln) = (step, gone, ln);
                    } else {
                        let state = now.clone();
                        silent.push(Silent {
                            state,
                            step,
                            gone,
                            ln,
                        });
                    }
                    count += 1;
                }
                now.advance(law.b, len, z, w);
            }
            if track.from[step + 1] >= row.age {
                break;
            }
            step += 1;
            now.copy(&begun[step].0);
        }
        let alive = since(now.risen);
        let silent = &silent[..count];
        let highest = silent.iter().fold(alive, |h, piece| piece.ln.max(h));
        let weight = |ln: f64| (ln - highest).exp();
        let total = weight(alive) + silent.iter().map(|piece| weight(piece.ln)).sum::<f64>();

        slopes.begin(weight(alive) / total, law, shape, now, purchase);
        for piece in silent {
            let share = weight(piece.ln) / total;
            if share > 0.0 {
                slopes.add(share, law, shape, piece, covariates(piece.step));
            }
        }
        let rise = self.rising[row.frequency];
        slopes.r += rise.slope;
        for (slope, sum) in slopes.effects.iter_mut().zip(&row.sums) {
            *slope += sum;
        }
        let factors: f64 = effects.iter().zip(&row.sums).map(|(e, sum)| e * sum).sum();
        rise.ln - x * ln_alpha - shape * last.ln_alpha - law.s * last.ln_beta
            + factors
            + highest
            + total.ln()
    }
}

impl Slopes {
    /// Those of a customer who is alive, with this share.
    fn begin(&mut self, share: f64, law: &Law, shape: f64, now: &State, purchase: usize) {
        self.r = -share * now.risen.ln_alpha;
        self.alpha_share = share * now.alpha_share;
        self.alpha_rest = share * now.alpha_rest;
        self.b = -share * law.s * now.by_b;
        self.s = -share * now.risen.ln_beta;
        self.beta = share * law.s * now.beta_rest;
        for (i, (slope, by)) in self.effects.iter_mut().zip(&now.by_effects).enumerate() {
            let exponent = if i < purchase { shape } else { law.s };
            *slope = -share * exponent * by;
        }
    }

    /// Adds those of one who dropped out in this piece.
    fn add(
        &mut self,
        share: f64,
        law: &Law,
        shape: f64,
        Silent { state, gone, .. }: &Silent,
        (purchase, dropout): (&[f64], &[f64]),
    ) {
        let of_clock = (law.s + 1.0) * gone.beta_risen - 1.0;
        self.r -= share * (state.risen.ln_alpha + gone.ln_alpha);
        self.alpha_share += share * state.alpha_share * gone.alpha_share;
        self.alpha_rest += share * (state.alpha_rest + state.alpha_share * gone.alpha_risen);
        self.s += share * (1.0 / law.s - state.risen.ln_beta - gone.ln_beta);
        self.beta += share * (law.s * state.beta_rest + state.beta_share * of_clock);
        if law.b > 0.0 {
            self.b += share
                * (of_clock * (state.by_b - 1.0 - law.b * state.time) - law.s * state.by_b
                    + law.b * (gone.time - (law.s + 1.0) * gone.by_b));
        }
        let (of_purchase, of_dropout) = self.effects.split_at_mut(purchase.len());
        let (by_purchase, by_dropout) = state.by_effects.split_at(purchase.len());
        for ((slope, by), z) in of_purchase.iter_mut().zip(by_purchase).zip(purchase) {
            *slope -= share * shape * (by * gone.alpha_share + z * gone.alpha_risen);
        }
        for ((slope, by), w) in of_dropout.iter_mut().zip(by_dropout).zip(dropout) {
            *slope += share * (of_clock * (by - w) - law.s * by);
        }
    }
}

/// Why a place has no likelihood: a predictor is beyond reason.
struct BeyondReason;

/// Fills in the state at the beginning of each step of a track, unless a predictor is beyond reason.
fn begin(
    law: &Law,
    data: &Data,
    track: &Track,
    effects: (&[f64], &[f64]),
    begun: &mut [(State, Piece)],
) -> bool {
    let (purchase, dropout) = data.effects;
    let predictor = |effects: &[f64], row: &[f64]| -> f64 {
        effects.iter().zip(row).map(|(effect, z)| effect * z).sum()
    };
    for step in 0..begun.len() {
        let z = &track.purchase[step * purchase..(step + 1) * purchase];
        let w = &track.dropout[step * dropout..(step + 1) * dropout];
        let piece = Piece {
            from: track.from[step],
            to: track.from[step + 1],
            ln_purchase: predictor(effects.0, z),
            ln_dropout: predictor(effects.1, w),
        };
        // Written so that NaN fails it.
        if !(piece.ln_purchase.abs() <= STEEPEST && piece.ln_dropout.abs() <= STEEPEST) {
            return false;
        }
        let (done, rest) = begun.split_at_mut(step);
        let (state, here) = &mut rest[0];
        *here = piece;
        match done.last() {
            None => {
                let by_effects = purchase + dropout;
                *state = State {
                    clock: Clock::first(law, &piece),
                    ..State::new(by_effects)
                };
            }
            Some((before, last)) => {
                state.copy(before);
                let z = &track.purchase[(step - 1) * purchase..step * purchase];
                let w = &track.dropout[(step - 1) * dropout..step * dropout];
                state.advance(law.b, last.to - last.from, z, w);
                state.clock = state.clock.turned(last, &piece);
                state.time = piece.from;
            }
        }
    }
    true
}
