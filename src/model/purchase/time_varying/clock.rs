//! The clocks of purchases and dropout under covariates that change with time.
//!
//! A customer buys at the rate `λ·e^(γ'z)` and drops out at `μ·e^(η'w)`, or for the Gompertz at
//! `η·e^(η'w)·b·e^(bu)`. Purchases have then made way `A(u) = ∫ e^(γ'z)` and dropout `B(u)`. On a
//! piece where covariates are constant only two numbers of all that count: where the clocks stand as
//! measured by their present speed.

use super::{CovariatePath, TimeVaryingError};

/// Parameters of a base model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Law {
    pub(super) r: f64,
    pub(super) alpha: f64,
    /// 0 for dropout at a steady rate.
    pub(super) b: f64,
    pub(super) s: f64,
    /// Where the clock of dropout stands at first in units of time: `β`, for the Gompertz `β/b`;
    /// infinite without dropout.
    pub(super) beta: f64,
}

/// A stretch of time on which both predictors are constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub(super) from: f64,
    /// May be infinite.
    pub(super) to: f64,
    /// `γ'z`, the logarithm of the speed of purchases.
    pub(super) ln_purchase: f64,
    /// `η'w`, that of dropout.
    pub(super) ln_dropout: f64,
}

/// Where the clocks stand, in units of time of the present piece: `(α + A)/A'` and `(β + B)/B'`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clock {
    pub(super) alpha: f64,
    pub(super) beta: f64,
}

/// How far both clocks have risen over some time, as the logarithm of the ratio.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Risen {
    pub(super) ln_alpha: f64,
    pub(super) ln_beta: f64,
}

impl Risen {
    pub(super) fn and(self, more: Self) -> Self {
        Self {
            ln_alpha: self.ln_alpha + more.ln_alpha,
            ln_beta: self.ln_beta + more.ln_beta,
        }
    }
}

impl Clock {
    /// At the first purchase.
    pub(super) fn first(law: &Law, piece: &Piece) -> Self {
        Self {
            alpha: law.alpha * (-piece.ln_purchase).exp(),
            beta: law.beta * (-piece.ln_dropout).exp(),
        }
    }

    /// At the turn from one piece to the next.
    pub(super) fn turned(self, before: &Piece, next: &Piece) -> Self {
        Self {
            alpha: self.alpha * (before.ln_purchase - next.ln_purchase).exp(),
            beta: self.beta * (before.ln_dropout - next.ln_dropout).exp(),
        }
    }

    /// After a further time within a piece.
    pub(super) fn after(self, b: f64, time: f64) -> Self {
        let beta = if b == 0.0 {
            self.beta + time
        } else if self.beta.is_finite() {
            self.beta * (-b * time).exp() - (-b * time).exp_m1() / b
        } else {
            self.beta
        };
        Self {
            alpha: self.alpha + time,
            beta,
        }
    }

    /// How far the clocks rise over a further time within a piece.
    pub(super) fn risen(&self, b: f64, time: f64) -> Risen {
        Risen {
            ln_alpha: (time / self.alpha).ln_1p(),
            ln_beta: self.ln_beta(b, time),
        }
    }

    fn ln_beta(&self, b: f64, time: f64) -> f64 {
        /// Beyond this the 1 makes no difference.
        const LARGE: f64 = 300.0;
        let raced = b * time;
        if self.beta.is_infinite() {
            0.0
        } else if b == 0.0 {
            (time / self.beta).ln_1p()
        } else if raced < LARGE {
            (raced.exp_m1() / b / self.beta).ln_1p()
        } else {
            raced - b.ln() - self.beta.ln()
        }
    }
}

/// Which covariates of a path act, with their effects.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Acting<'a> {
    /// Places of the covariates in a row, and their effects on purchasing.
    pub(super) purchase: Vec<(usize, f64)>,
    /// The same for dropout.
    pub(super) dropout: Vec<(usize, f64)>,
    pub(super) path: &'a CovariatePath,
}

/// The largest a predictor may be in size.
pub(super) const STEEPEST: f64 = 100.0;

impl Acting<'_> {
    /// The pieces of the path; neighbours that do not differ are one.
    pub(super) fn pieces(&self) -> Result<Vec<Piece>, TimeVaryingError> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (from, row) in self.path.steps() {
            let ln_purchase = predictor("purchase", from, &self.purchase, row)?;
            let ln_dropout = predictor("dropout", from, &self.dropout, row)?;
            if let Some(last) = pieces.last_mut() {
                let equal = last.ln_purchase.to_bits() == ln_purchase.to_bits()
                    && last.ln_dropout.to_bits() == ln_dropout.to_bits();
                if equal {
                    continue;
                }
                last.to = from;
            }
            pieces.push(Piece {
                from,
                to: f64::INFINITY,
                ln_purchase,
                ln_dropout,
            });
        }
        if let Some(last) = pieces.last_mut() {
            last.to = self.path.shared().until;
        }
        Ok(pieces)
    }

    /// `Σ γ'z` over the repeat purchases.
    pub(super) fn of_purchases(&self, sums: &[f64]) -> f64 {
        let terms = self.purchase.iter();
        terms.map(|&(place, effect)| effect * sums[place]).sum()
    }
}

/// The sum of effects times covariates, within reason.
fn predictor(
    on: &'static str,
    from: f64,
    acting: &[(usize, f64)],
    row: &[f64],
) -> Result<f64, TimeVaryingError> {
    let terms = acting.iter().map(|&(place, effect)| effect * row[place]);
    // One way to write nothing.
    let found = terms.sum::<f64>() + 0.0;
    if (-STEEPEST..=STEEPEST).contains(&found) {
        Ok(found)
    } else {
        Err(TimeVaryingError::Predictor { on, from, found })
    }
}
