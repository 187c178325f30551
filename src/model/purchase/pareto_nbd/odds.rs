//! The odds of having dropped out, by the cheaper of two forms.
//!
//! With `v = α + τ` and `h = β − α` the integral over the time τ of the dropout,
//! `∫ v^−(r+x) (v + h)^−(s+1) dτ`, is a series in `h/v`:
//!
//! `Σ C_j (−h)^j ∫ v^−(r+x+s+1+j) dτ`, with `C_j = (s+1)_j/j!`,
//!
//! of which only `1/(r+x+s+j)` depends on the frequency. It is summed without a difference of large
//! numbers. Where `|h|` is below 0.024, 0.078 or 0.185 of `α + t_x`, and `s` at most 3, its first 12,
//! 18 or 28 terms leave less than 1e-16; elsewhere the [integral](ln_power_integral) is taken by
//! quadrature, in a hundred nanoseconds more. The logarithm of either is exact to
//! 1e-13, absolute or relative.

use crate::numeric::elementary;
use crate::numeric::power::ln_power_integral;

use super::ParetoNbdParameters;

/// The most terms of the series.
const TERMS: usize = 28;
/// The largest `s` for which the series is as short as that.
const LARGEST_S: f64 = 3.0;
/// Up to which `|h|/(α + t_x)` so many terms suffice: the first omitted one is less than 2⁻⁵⁶.
const ENOUGH: [(f64, usize); 3] = [(0.023_6, 12), (0.077_6, 18), (0.185, TERMS)];

/// What customers of one frequency have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Purchases {
    /// Shape of the gamma posterior of the purchase rate, `r + x`.
    pub(super) shape: f64,
    /// `C_j/(r + x + s + j)`, as many as were asked for.
    terms: [f64; TERMS],
}

impl Purchases {
    /// For customers of any times.
    pub(super) fn new(p: &ParetoNbdParameters, frequency: u32) -> Self {
        Self::with_terms(p, frequency, TERMS)
    }

    /// For customers of these times.
    pub(super) fn at(p: &ParetoNbdParameters, frequency: u32, times: &Times) -> Self {
        Self::with_terms(p, frequency, times.terms(p).unwrap_or(0))
    }

    fn with_terms(p: &ParetoNbdParameters, frequency: u32, count: usize) -> Self {
        let shape = p.r + f64::from(frequency);
        let mut terms = [0.0; TERMS];
        let mut ways = 1.0;
        for (j, term) in terms.iter_mut().take(count).enumerate() {
            let j = j as f64;
            *term = ways / (shape + p.s + j);
            ways *= (p.s + 1.0 + j) / (j + 1.0);
        }
        Self { shape, terms }
    }

    /// Log-odds of having dropped out; `−∞` right after a purchase.
    pub(super) fn ln_odds_dead(&self, p: &ParetoNbdParameters, times: &Times) -> f64 {
        match times.terms(p) {
            Some(12) => self.by_series::<12>(p, times),
            Some(18) => self.by_series::<18>(p, times),
            Some(_) => self.by_series::<TERMS>(p, times),
            None => self.by_quadrature(p, times),
        }
    }

    fn by_series<const COUNT: usize>(&self, p: &ParetoNbdParameters, times: &Times) -> f64 {
        // P(w) = Σ terms·w^j at the later w, and its difference quotient between the two.
        let (mut value, mut slope) = (0.0, 0.0);
        for term in self.terms[..COUNT].iter().rev() {
            slope = slope * times.early + value;
            value = value * times.late + term;
        }
        let power = self.shape + p.s;
        // 1 − (v₀/v₁)^power, and each term with a power of its own in place of it.
        let fallen = -(-power * times.ln_silence).exp_m1();
        let rise = times.step * slope;
        let sum = fallen * (value + rise) + (1.0 - fallen) * rise;
        (times.scale * sum).ln() + (power + 1.0) * times.ln_silence + (p.s + 1.0) * times.ln_between
    }

    fn by_quadrature(&self, p: &ParetoNbdParameters, times: &Times) -> f64 {
        let &Times { recency, age, .. } = times;
        let silence = age - recency;
        let (rates, dropout) = ((p.alpha, self.shape), (p.beta, p.s + 1.0));
        (p.s / (p.beta + age)).ln()
            + self.shape * (silence / (p.alpha + recency)).ln_1p()
            + (p.s + 1.0) * (silence / (p.beta + recency)).ln_1p()
            + ln_power_integral(rates, dropout, recency, age)
    }
}

/// What customers of one recency and age have in common.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Times {
    pub(super) recency: f64,
    pub(super) age: f64,
    /// `ln((α + T)/(α + t_x))`.
    ln_silence: f64,
    /// `ln((β + T)/(α + T))`.
    ln_between: f64,
    /// `s (α + t_x)/(β + T)`.
    scale: f64,
    /// `−h/v` at the recency and at the age, and the first less the second.
    early: f64,
    late: f64,
    step: f64,
}

impl Times {
    #[inline]
    pub(super) fn new(p: &ParetoNbdParameters, recency: f64, age: f64) -> Self {
        let (silence, gap) = (age - recency, p.beta - p.alpha);
        let (start, end) = (p.alpha + recency, p.alpha + age);
        let by = 1.0 / (start * end);
        Self {
            recency,
            age,
            ln_silence: elementary::ln_one_plus(silence / start),
            ln_between: elementary::ln_one_plus(gap.abs() / (p.alpha.min(p.beta) + age))
                .copysign(gap),
            scale: p.s * start / (p.beta + age),
            early: -gap * (end * by),
            late: -gap * (start * by),
            step: -gap * (silence * by),
        }
    }

    /// How many terms of the series suffice, if any number does.
    fn terms(&self, p: &ParetoNbdParameters) -> Option<usize> {
        let enough = ENOUGH.iter().find(|(most, _)| self.early.abs() <= *most);
        enough.filter(|_| p.s <= LARGEST_S).map(|&(_, count)| count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::testing::{absolute_or_relative, agrees};
    use crate::quantity::TimeUnit;

    /// Parameters, customer and log-odds.
    type Row = ([f64; 4], (u32, f64, f64), f64);

    /// r, α, s, β; x, `t_x`, T; and the log-odds by quadrature with 60 digits (mpmath 1.3), on both
    /// sides of each limit and for either sign of β − α.
    #[rustfmt::skip]
    #[allow(
        clippy::excessive_precision,
        clippy::unreadable_literal,
        reason = "reference values as they were computed, to 17 digits"
    )]
    const ODDS: &[Row] = &[
    ([0.553, 10.578, 0.05, 10.827391159], (0, 0.0, 38.86), -2.0757361515088858),
    ([0.02, 10.578, 0.05, 10.909908559], (7, 3.5, 400.0), 18.873762908953578),
    ([4.0, 10.578, 0.05, 11.418480441], (40, 25.0, 25.125), -8.5937254937592766),
    ([0.553, 10.578, 0.05, 13.757038579], (2, 30.43, 38.86), -4.4885981345231383),
    ([0.553, 10.578, 0.05, 13.763403021], (2, 30.43, 38.86), -4.4887318246281089),
    ([0.553, 10.578, 0.05, 12.53297307], (0, 0.0, 38.86), -2.16350626125298),
    ([0.02, 10.578, 0.05, 13.17982557], (7, 3.5, 400.0), 18.738260808036957),
    ([4.0, 10.578, 0.05, 17.16651193], (40, 25.0, 25.125), -8.7400601277200697),
    ([4.0, 10.578, 0.05, 9.739198841], (40, 25.0, 25.125), -8.5465941937756358),
    ([0.553, 10.578, 0.05, 9.609243411], (2, 30.43, 38.86), -4.3974102540576107),
    ([0.553, 10.578, 0.05, 9.757968053], (0, 0.0, 38.86), -2.0151319900740906),
    ([0.02, 10.578, 0.05, 9.486639653], (7, 3.5, 400.0), 18.968986390452988),
    ([0.553, 10.578, 0.05, 9.756326347], (0, 0.0, 38.86), -2.015035128204343),
    ([0.02, 10.578, 0.05, 9.484454747], (7, 3.5, 400.0), 18.969139680504992),
    ([4.0, 10.578, 0.05, 4.00265193], (40, 25.0, 25.125), -8.3664401612298759),
    ([0.553, 10.578, 0.05, 2.98393352], (2, 30.43, 38.86), -4.2318024944059985),
    ([0.553, 10.578, 0.606, 11.544821011], (2, 30.43, 38.86), -1.8907350590436141),
    ([0.553, 10.578, 0.606, 10.827890441], (0, 0.0, 38.86), 0.93512346741203004),
    ([0.02, 10.578, 0.606, 10.910573041], (7, 3.5, 400.0), 23.157004856067034),
    ([4.0, 10.578, 0.606, 13.336091947], (40, 25.0, 25.125), -6.149176536446943),
    ([4.0, 10.578, 0.606, 13.341613653], (40, 25.0, 25.125), -6.1493204775908543),
    ([0.553, 10.578, 0.606, 18.15689352], (2, 30.43, 38.86), -2.0337385786614869),
    ([0.553, 10.578, 0.606, 12.53688693], (0, 0.0, 38.86), 0.80691813799838515),
    ([0.02, 10.578, 0.606, 13.18503443], (7, 3.5, 400.0), 22.950614422030104),
    ([0.553, 10.578, 0.606, 10.328608841], (0, 0.0, 38.86), 0.97613510613277465),
    ([0.02, 10.578, 0.606, 10.246091441], (7, 3.5, 400.0), 23.223048757825639),
    ([4.0, 10.578, 0.606, 9.737519559], (40, 25.0, 25.125), -6.0506645200555001),
    ([0.553, 10.578, 0.606, 7.398961421], (2, 30.43, 38.86), -1.7893484449892029),
    ([0.553, 10.578, 0.606, 7.392596979], (2, 30.43, 38.86), -1.7891846070526477),
    ([0.553, 10.578, 0.606, 8.62302693], (0, 0.0, 38.86), 1.1316201215003446),
    ([0.02, 10.578, 0.606, 7.97617443], (7, 3.5, 400.0), 23.473399665049664),
    ([4.0, 10.578, 0.606, 3.98948807], (40, 25.0, 25.125), -5.8699029264454571),
    ([4.0, 10.578, 3.0, 11.416801159], (40, 25.0, 25.125), -4.4941463124603199),
    ([0.553, 10.578, 3.0, 11.546756589], (2, 30.43, 38.86), -0.043093386755519577),
    ([0.553, 10.578, 3.0, 11.398031947], (0, 0.0, 38.86), 5.1204221264537934),
    ([0.02, 10.578, 3.0, 11.669360347], (7, 3.5, 400.0), 32.326887662159796),
    ([0.553, 10.578, 3.0, 11.399673653], (0, 0.0, 38.86), 5.1200680607505499),
    ([0.02, 10.578, 3.0, 11.671545253], (7, 3.5, 400.0), 32.326377706986114),
    ([4.0, 10.578, 3.0, 17.15334807], (40, 25.0, 25.125), -4.6409207482268554),
    ([0.553, 10.578, 3.0, 18.17206648], (2, 30.43, 38.86), -0.21890794602333061),
    ([0.553, 10.578, 3.0, 9.611178989], (2, 30.43, 38.86), 0.014409710801552419),
    ([0.553, 10.578, 3.0, 10.328109559], (0, 0.0, 38.86), 5.3648018027851515),
    ([0.02, 10.578, 3.0, 10.245426959], (7, 3.5, 400.0), 32.675479065029249),
    ([4.0, 10.578, 3.0, 7.819908053], (40, 25.0, 25.125), -4.3897563580796765),
    ([4.0, 10.578, 3.0, 7.814386347], (40, 25.0, 25.125), -4.3895874284458234),
    ([0.553, 10.578, 3.0, 2.99910648], (2, 30.43, 38.86), 0.23857335695632521),
    ([0.553, 10.578, 3.0, 8.61911307], (0, 0.0, 38.86), 5.8234030341395131),
    ([0.02, 10.578, 3.0, 7.97096557], (7, 3.5, 400.0), 33.312655391637983),
    ([0.553, 10.578, 3.5, 10.827391159], (0, 0.0, 38.86), 6.0342190212601018),
    ([0.02, 10.578, 3.5, 10.909908559], (7, 3.5, 400.0), 34.289960583586148),
    ([4.0, 10.578, 3.5, 11.418480441], (40, 25.0, 25.125), -4.3391616880143335),
    ([0.553, 10.578, 3.5, 13.757038579], (2, 30.43, 38.86), 0.10016264169386288),
    ([0.553, 10.578, 3.5, 13.763403021], (2, 30.43, 38.86), 0.099982023854119255),
    ([0.553, 10.578, 3.5, 12.53297307], (0, 0.0, 38.86), 5.6223644870197651),
    ([0.02, 10.578, 3.5, 13.17982557], (7, 3.5, 400.0), 33.705311557124909),
    ([4.0, 10.578, 3.5, 17.16651193], (40, 25.0, 25.125), -4.486323053337563),
    ([4.0, 10.578, 3.5, 9.739198841], (40, 25.0, 25.125), -4.2917372593333032),
    ([0.553, 10.578, 3.5, 9.609243411], (2, 30.43, 38.86), 0.22495870636324443),
    ([0.553, 10.578, 3.5, 9.757968053], (0, 0.0, 38.86), 6.3337672639160792),
    ([0.02, 10.578, 3.5, 9.486639653], (7, 3.5, 400.0), 34.704571332897991),
    ([0.553, 10.578, 3.5, 9.756326347], (0, 0.0, 38.86), 6.334256257805692),
    ([0.02, 10.578, 3.5, 9.484454747], (7, 3.5, 400.0), 34.705241353454242),
    ([4.0, 10.578, 3.5, 4.00265193], (40, 25.0, 25.125), -4.1103260721967316),
    ([0.553, 10.578, 3.5, 2.98393352], (2, 30.43, 38.86), 0.46059546863029257),
    ([0.553, 10.578, 0.606, 10.578], (2, 30.43, 38.86), -1.8679958885271892),
    ([0.553, 10.578, 0.606, 11.669], (0, 0.0, 1e-09), -23.681076882673947),
    ([0.553, 10.578, 0.606, 11.669], (5000, 700.0, 720.0), 129.79870287500715),
    ([1e-09, 10.578, 1e-09, 11.669], (0, 0.0, 720.0), -19.302958411881193),
    ([0.553, 10.578, 0.606, 11.669], (29, 700.0, 700.0000001), -23.186584201082415),
    ([0.243, 0.001, 0.606, 0.00101], (3, 0.0001, 10000.0), 59.811470320823168),
    ];

    fn parameters([r, alpha, s, beta]: [f64; 4]) -> ParetoNbdParameters {
        ParetoNbdParameters {
            unit: TimeUnit::Week,
            r,
            alpha,
            s,
            beta,
        }
    }

    #[test]
    fn every_region_is_exact_to_its_edge() {
        let mut used = [0; 4];
        let rows = ODDS
            .iter()
            .map(|&(p, (frequency, recency, age), expected)| {
                let parameters = parameters(p);
                let times = Times::new(&parameters, recency, age);
                used[match times.terms(&parameters) {
                    Some(12) => 0,
                    Some(18) => 1,
                    Some(_) => 2,
                    None => 3,
                }] += 1;
                let had = Purchases::at(&parameters, frequency, &times);
                (p, had.ln_odds_dead(&parameters, &times), expected)
            });
        agrees(rows, absolute_or_relative(1e-13));
        assert!(used.iter().all(|&times| times >= 5), "{used:?}");
    }

    #[test]
    fn both_forms_agree_wherever_the_series_is_taken() {
        let recencies = [0.0, 0.4, 7.0, 30.0, 200.0];
        let silences = [1e-9, 1e-3, 0.5, 11.0, 300.0, 1e5];
        for (s, beta) in [(1e-6, 10.4), (0.606, 11.669), (1.0, 8.9), (3.0, 12.2)] {
            let p = parameters([0.553, 10.578, s, beta]);
            let rows = recencies.iter().flat_map(|&recency| {
                silences.iter().flat_map(move |&silence| {
                    let times = Times::new(&p, recency, recency + silence);
                    assert!(times.terms(&p).is_some());
                    [0, 1, 4, 60, 3000].map(|frequency| {
                        let had = Purchases::new(&p, frequency);
                        let series = had.ln_odds_dead(&p, &times);
                        let quadrature = had.by_quadrature(&p, &times);
                        ([s, beta, recency, silence], series, quadrature)
                    })
                })
            });
            agrees(rows, absolute_or_relative(2e-13));
        }
    }

    #[test]
    fn right_after_a_purchase_nobody_has_dropped_out() {
        for beta in [11.669, 1000.0] {
            let p = parameters([0.553, 10.578, 0.606, beta]);
            let times = Times::new(&p, 5.0, 5.0);
            let odds = Purchases::new(&p, 3).ln_odds_dead(&p, &times);
            assert!(odds == f64::NEG_INFINITY, "{odds}");
        }
    }
}
